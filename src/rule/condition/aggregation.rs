//! Old aggregations (`| count() by x > 5`, `| near y`): the correlation rule to write instead.
//!
//! The text is for people: what the old notation leaves open is shown as a blank to fill in.

use super::token::{Token, TokenKind, Tokens};
use std::fmt::Write as _;

/// The help for what follows the `|` of a condition.
pub(super) fn correlation_for(aggregation: &str, timeframe: Option<&str>) -> String {
    let spaced = with_blanks_around_comparisons(aggregation);
    let tokens: Vec<Token<'_>> = Tokens::new(&spaced).collect();
    let timespan = timeframe
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .unwrap_or("<timespan, for example 5m>");
    match tokens.first().map(|token| token.text) {
        Some("near") => near(&tokens, timespan),
        Some(function) => counted(function, &tokens, timespan),
        None => "remove the `|`".to_owned(),
    }
}

/// So that `>5` gives two tokens.
fn with_blanks_around_comparisons(aggregation: &str) -> String {
    let is_sign = |character: char| "<>=!".contains(character);
    let mut spaced = String::with_capacity(aggregation.len() + 2);
    let mut previous = false;
    for character in aggregation.chars() {
        if is_sign(character) != previous {
            spaced.push(' ');
        }
        previous = is_sign(character);
        spaced.push(character);
    }
    spaced
}

fn near(tokens: &[Token<'_>], timespan: &str) -> String {
    let mut help = head();
    help.push_str("      type: temporal\n      rules:\n        - <name of this rule>\n");
    let names = tokens.iter().skip(1).filter(|token| {
        token.kind == TokenKind::Word && !matches!(token.text, "and" | "not" | "or" | "within")
    });
    for token in names.take(LISTED) {
        let _ = writeln!(
            help,
            "        - <name of a rule with the detection {}>",
            token.text
        );
    }
    let _ = write!(
        help,
        "      group-by: [<field, for example Computer>]\n      timespan: {timespan}"
    );
    help
}

/// How many names the help lists at most.
const LISTED: usize = 10;

const UNDECIDED: &str = "<event_count, value_count, value_sum, value_avg or value_percentile>";

fn counted(function: &str, tokens: &[Token<'_>], timespan: &str) -> String {
    let words: Vec<&str> = tokens.iter().skip(1).take(3).map(|token| token.text).collect();
    let (kind, argument) = match (function, words.as_slice()) {
        ("count", ["(", ")", ..]) => ("event_count", None),
        ("count", ["(", field, ")"]) => ("value_count", Some(*field)),
        ("sum", ["(", field, ")"]) => ("value_sum", Some(*field)),
        ("avg", ["(", field, ")"]) => ("value_avg", Some(*field)),
        (_, ["(", field, ")"]) => (UNDECIDED, Some(*field)),
        _ => (UNDECIDED, None),
    };
    let mut help = head();
    let _ = writeln!(help, "      type: {kind}\n      rules: [<name of this rule>]");
    let by: Vec<&str> = tokens
        .iter()
        .skip_while(|token| token.text != "by")
        .skip(1)
        .take_while(|token| token.kind == TokenKind::Word && operator(token.text).is_none())
        .map(|token| token.text.trim_matches(','))
        .filter(|name| !name.is_empty())
        .take(LISTED)
        .collect();
    if !by.is_empty() {
        let _ = writeln!(help, "      group-by: [{}]", by.join(", "));
    }
    let _ = writeln!(help, "      timespan: {timespan}\n      condition:");
    if let Some(field) = argument {
        let _ = writeln!(help, "        field: {field}");
    }
    let comparison = tokens
        .iter()
        .zip(tokens.iter().skip(1))
        .find_map(|(sign, value)| operator(sign.text).map(|name| (name, value.text)));
    let (name, value) = comparison.unwrap_or(("gte", "<number>"));
    let _ = write!(help, "        {name}: {value}");
    help
}

fn operator(sign: &str) -> Option<&'static str> {
    Some(match sign {
        ">" => "gt",
        ">=" => "gte",
        "<" => "lt",
        "<=" => "lte",
        "=" | "==" => "eq",
        "!=" => "neq",
        _ => return None,
    })
}

fn head() -> String {
    "end the condition before the `|`, give the rule a `name`, and add a correlation rule:\n    \
     ---\n    title: <title>\n    correlation:\n"
        .to_owned()
}

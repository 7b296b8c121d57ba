//! Tests of the condition parser.

use super::super::{ConditionNode, Quantity, Selector, Spanned};
use super::{Context, NESTING_LIMIT, Subject, names, parse_text};
use crate::diagnostic::{Code, Diagnostics, Result, SourceId, Span};
use proptest::prelude::*;

fn locate(start: usize, end: usize) -> Span {
    Span {
        source: SourceId(0),
        start: u32::try_from(start).unwrap(),
        end: u32::try_from(end).unwrap(),
    }
}

const CONTEXT: Context<'_> = Context {
    subject: Subject::Detections,
    timeframe: Some("5m"),
};

fn parse(text: &str) -> (Result<ConditionNode>, Diagnostics) {
    let mut diagnostics = Vec::new();
    let parsed = parse_text(text, CONTEXT, &locate, &mut diagnostics);
    (parsed, diagnostics)
}

/// The tree with every group written out.
fn explicit(node: &ConditionNode) -> String {
    let join = |parts: &[ConditionNode], operator: &str| {
        let parts: Vec<_> = parts.iter().map(explicit).collect();
        format!("({})", parts.join(operator))
    };
    match node {
        ConditionNode::And(parts) => join(parts, " & "),
        ConditionNode::Or(parts) => join(parts, " | "),
        ConditionNode::Not(inner) => format!("!{}", explicit(inner)),
        ConditionNode::Identifier(name) => name.value.clone(),
        ConditionNode::Selector(selector) => format!("[{selector}]"),
    }
}

/// The title of the error with the piece of the text that it points at, and the help.
fn fault(text: &str) -> String {
    let error = parse(text).0.unwrap_err();
    let span = error.span().unwrap();
    format!(
        "{}: {} at `{}`\nhelp: {}",
        error.code.name,
        error.title,
        &text[span.start as usize..span.end as usize],
        error.help.unwrap()
    )
}

#[test]
fn operators_bind_in_their_order() {
    for (text, tree) in [
        ("a or b and not c or d", "(a | (b & !c) | d)"),
        ("not a and b", "(!a & b)"),
        ("not (a and b)", "!(a & b)"),
        ("(a or b) and c", "((a | b) & c)"),
        ("((a))", "a"),
        ("not not a", "!!a"),
        ("not 1 of f_* and all of them", "(![1 of f_*] & [all of them])"),
        ("any of s* or 3 of s*", "([1 of s*] | [3 of s*])"),
        ("a and(b)or(c)", "((a & b) | c)"),
        (
            "not_filter and sel-1 and android",
            "(not_filter & sel-1 & android)",
        ),
        ("all and 1 or of", "((all & 1) | of)"),
        ("\ta\n  and\u{a0}b ", "(a & b)"),
    ] {
        let (parsed, diagnostics) = parse(text);
        assert_eq!(explicit(&parsed.unwrap()), tree, "{text}");
        assert!(diagnostics.is_empty(), "{text}");
    }
}

#[test]
fn spans_cover_the_token() {
    let text = "a and (1 of  x_* or bcd)";
    let ConditionNode::And(parts) = parse(text).0.unwrap() else {
        panic!("no chain")
    };
    let ConditionNode::Or(parts) = &parts[1] else {
        panic!("no group")
    };
    let (ConditionNode::Selector(selector), ConditionNode::Identifier(name)) = (&parts[0], &parts[1]) else {
        panic!("other parts")
    };
    assert_eq!(selector.span, locate(7, 16));
    assert_eq!(name.span, locate(20, 23));
}

#[test]
fn upper_case_is_accepted_with_a_warning() {
    let (parsed, diagnostics) = parse("A AND NOT ALL OF THEM OR any of b*");
    assert_eq!(explicit(&parsed.unwrap()), "((A & ![all of them]) | [1 of b*])");
    let words: Vec<_> = diagnostics
        .iter()
        .map(|warning| warning.help.clone().unwrap())
        .collect();
    assert_eq!(
        words,
        [
            "write `and`",
            "write `not`",
            "write `all`",
            "write `of`",
            "write `them`",
            "write `or`"
        ]
    );
    assert!(
        diagnostics
            .iter()
            .all(|warning| warning.code == Code::UPPERCASE_OPERATOR)
    );
}

#[test]
fn extended_conditions_have_either_case() {
    let mut diagnostics = Vec::new();
    let context = Context {
        subject: Subject::Rules,
        timeframe: None,
    };
    let parsed = parse_text("a AND NOT b", context, &locate, &mut diagnostics);
    assert_eq!(
        (explicit(&parsed.unwrap()), diagnostics),
        ("(a & !b)".to_owned(), Vec::new())
    );
}

#[test]
fn names_come_once_in_order_of_mention() {
    let root = parse("b and not (a or b) and 1 of x* or c").0.unwrap();
    let found: Vec<_> = names(&root).into_iter().map(|name| name.value).collect();
    assert_eq!(found, ["b", "a", "c"]);
}

#[test]
fn deep_nesting_is_an_error() {
    for text in [
        "(".repeat(30_000),
        "not ".repeat(50_000) + "a",
        "(not ".repeat(20_000),
        "(".repeat(30_000) + "a" + &")".repeat(30_000),
    ] {
        assert_eq!(parse(&text).0.unwrap_err().code, Code::CONDITION_TOO_DEEP);
    }
    let deep = |levels: usize| "(".repeat(levels) + "a" + &")".repeat(levels);
    assert_eq!(explicit(&parse(&deep(NESTING_LIMIT)).0.unwrap()), "a");
    assert_eq!(
        parse(&deep(NESTING_LIMIT + 1)).0.unwrap_err().code,
        Code::CONDITION_TOO_DEEP
    );
    let alternating =
        "(a and (a or ".repeat(NESTING_LIMIT / 2 - 1) + "b" + &"))".repeat(NESTING_LIMIT / 2 - 1);
    assert!(parse(&alternating).0.is_ok());
}

#[test]
fn a_long_chain_is_flat() {
    let ConditionNode::Or(parts) = parse(&vec!["a"; 100_000].join(" or ")).0.unwrap() else {
        panic!("no chain")
    };
    assert_eq!(parts.len(), 100_000);
}

#[test]
fn faults_point_at_the_token() {
    let shown: Vec<_> = [
        "",
        "a and",
        "a and or b",
        "a b",
        "a adn b",
        "a not b",
        "a && b",
        "a || b",
        "(a",
        "a)",
        "()",
        "a (b)",
        "1 of",
        "0 of x*",
        "99999999999 of x*",
        "sel of them",
        "1 of (a, b)",
        "| count() > 5",
    ]
    .map(|text| format!("{text}\n{}", fault(text)))
    .into();
    insta::assert_snapshot!(shown.join("\n\n"), @"

    condition-syntax: condition is empty at ``
    help: name a detection

    a and
    condition-syntax: expected a detection name at the end of the condition at ``
    help: write what follows `and`, or remove `and`

    a and or b
    condition-syntax: expected a detection name, found `or` at `or`
    help: remove the operator, or write what it combines

    a b
    condition-syntax: operator missing before `b` at `b`
    help: write `and` or `or` between the two

    a adn b
    condition-syntax: operator missing before `adn` at `adn`
    help: did you mean `and`?

    a not b
    condition-syntax: operator missing before `not` at `not`
    help: write `and not` or `or not`

    a && b
    condition-syntax: operator missing before `&&` at `&&`
    help: write `and`

    a || b
    condition-syntax: `||` is not an operator of conditions at `||`
    help: write `or`

    (a
    condition-syntax: parenthesis is never closed at `(`
    help: add the closing parenthesis

    a)
    condition-syntax: closing parenthesis without an opening one at `)`
    help: remove it

    ()
    condition-syntax: expected a detection name, found `)` at `)`
    help: remove the empty parentheses, or write what belongs before the closing one

    a (b)
    condition-syntax: operator missing before `(` at `(`
    help: write `and` or `or` between the two

    1 of
    condition-syntax: expected `them` or a pattern after `of` at ``
    help: add `them`, or a pattern of detection names such as `selection_*`

    0 of x*
    condition-syntax: `0 of` asks for nothing at `0`
    help: write `1`, `all`, `any` or another whole number above 0 before `of`

    99999999999 of x*
    condition-syntax: quantity is too large at `99999999999`
    help: write `1`, `all`, `any` or another whole number above 0 before `of`

    sel of them
    condition-syntax: expected a quantity before `of`, found `sel` at `sel`
    help: write `1`, `all`, `any` or another whole number above 0 before `of`

    1 of (a, b)
    condition-syntax: expected `them` or a pattern after `of` at `(`
    help: write a pattern with `*` instead, or the names with `or` between them

    | count() > 5
    condition-syntax: expected a detection name, found `|` at `|`
    help: write the condition before the `|`
    ");
}

#[test]
fn aggregations_show_the_correlation_to_write() {
    let shown: Vec<_> = [
        "selection | count() by Computer, User >= 10",
        "sel | count(TargetUser) by src > 5",
        "sel | sum(bytes) > 1000",
        "a | near b and not c",
        "sel | max(x) > 3",
        "sel | count(distinct x)>3",
        "sel | count()by x>3",
        "sel | ",
    ]
    .map(|text| format!("{text}\n{}", fault(text)))
    .into();
    insta::assert_snapshot!(shown.join("\n\n"), @"
    selection | count() by Computer, User >= 10
    aggregation-condition: condition uses an aggregation, which Sigma no longer has at `| count() by Computer, User >= 10`
    help: end the condition before the `|`, give the rule a `name`, and add a correlation rule:
        ---
        title: <title>
        correlation:
          type: event_count
          rules: [<name of this rule>]
          group-by: [Computer, User]
          timespan: 5m
          condition:
            gte: 10

    sel | count(TargetUser) by src > 5
    aggregation-condition: condition uses an aggregation, which Sigma no longer has at `| count(TargetUser) by src > 5`
    help: end the condition before the `|`, give the rule a `name`, and add a correlation rule:
        ---
        title: <title>
        correlation:
          type: value_count
          rules: [<name of this rule>]
          group-by: [src]
          timespan: 5m
          condition:
            field: TargetUser
            gt: 5

    sel | sum(bytes) > 1000
    aggregation-condition: condition uses an aggregation, which Sigma no longer has at `| sum(bytes) > 1000`
    help: end the condition before the `|`, give the rule a `name`, and add a correlation rule:
        ---
        title: <title>
        correlation:
          type: value_sum
          rules: [<name of this rule>]
          timespan: 5m
          condition:
            field: bytes
            gt: 1000

    a | near b and not c
    aggregation-condition: condition uses an aggregation, which Sigma no longer has at `| near b and not c`
    help: end the condition before the `|`, give the rule a `name`, and add a correlation rule:
        ---
        title: <title>
        correlation:
          type: temporal
          rules:
            - <name of this rule>
            - <name of a rule with the detection b>
            - <name of a rule with the detection c>
          group-by: [<field, for example Computer>]
          timespan: 5m

    sel | max(x) > 3
    aggregation-condition: condition uses an aggregation, which Sigma no longer has at `| max(x) > 3`
    help: end the condition before the `|`, give the rule a `name`, and add a correlation rule:
        ---
        title: <title>
        correlation:
          type: <event_count, value_count, value_sum, value_avg or value_percentile>
          rules: [<name of this rule>]
          timespan: 5m
          condition:
            field: x
            gt: 3

    sel | count(distinct x)>3
    aggregation-condition: condition uses an aggregation, which Sigma no longer has at `| count(distinct x)>3`
    help: end the condition before the `|`, give the rule a `name`, and add a correlation rule:
        ---
        title: <title>
        correlation:
          type: <event_count, value_count, value_sum, value_avg or value_percentile>
          rules: [<name of this rule>]
          timespan: 5m
          condition:
            gt: 3

    sel | count()by x>3
    aggregation-condition: condition uses an aggregation, which Sigma no longer has at `| count()by x>3`
    help: end the condition before the `|`, give the rule a `name`, and add a correlation rule:
        ---
        title: <title>
        correlation:
          type: event_count
          rules: [<name of this rule>]
          group-by: [x]
          timespan: 5m
          condition:
            gt: 3

    sel | 
    aggregation-condition: condition uses an aggregation, which Sigma no longer has at `|`
    help: remove the `|`
    ");
}

fn without_spans(node: ConditionNode) -> ConditionNode {
    match node {
        ConditionNode::And(parts) => ConditionNode::And(parts.into_iter().map(without_spans).collect()),
        ConditionNode::Or(parts) => ConditionNode::Or(parts.into_iter().map(without_spans).collect()),
        ConditionNode::Not(inner) => ConditionNode::Not(Box::new(without_spans(*inner))),
        ConditionNode::Identifier(name) => identifier(name.value),
        ConditionNode::Selector(selector) => ConditionNode::Selector(Selector {
            span: Span::default(),
            ..selector
        }),
    }
}

fn identifier(value: String) -> ConditionNode {
    let span = Span::default();
    ConditionNode::Identifier(Spanned { value, span })
}

fn tree() -> impl Strategy<Value = ConditionNode> {
    let quantity = prop_oneof![Just(Quantity::All), (1_u32..5).prop_map(Quantity::AtLeast)];
    let pattern = prop::option::of("[a-z_]{1,3}\\*");
    let leaf = prop_oneof![
        "[a-z_][a-z0-9_*.-]{0,6}"
            .prop_filter("operator", |name| !matches!(name.as_str(), "and" | "or" | "not"))
            .prop_map(identifier),
        (quantity, pattern).prop_map(|(quantity, pattern)| {
            let span = Span::default();
            ConditionNode::Selector(Selector {
                quantity,
                pattern,
                span,
            })
        }),
    ];
    leaf.prop_recursive(6, 60, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(ConditionNode::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(ConditionNode::Or),
            inner.prop_map(|node| ConditionNode::Not(Box::new(node))),
        ]
    })
}

proptest! {
    #[test]
    fn printing_and_parsing_gives_the_same_tree(node in tree()) {
        let text = node.to_string();
        let parsed = without_spans(parse(&text).0.unwrap());
        prop_assert_eq!(parsed, node, "{}", text);
    }

    #[test]
    fn any_text_parses_or_fails_within_itself(text in "(?:\\PC|\\s|and |or |not |[()|]| of |1 of | near | count|a ){0,40}") {
        let (parsed, _) = parse(&text);
        if let Err(error) = parsed {
            let span = error.span().unwrap();
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
            prop_assert!(error.help.is_some());
        }
    }
}

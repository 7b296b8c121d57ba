//! Expressions as text for people: on one line ([`Display`](fmt::Display)) or as an indented tree ([`Expr::tree`]).
//!
//! Close to how a rule writes things, and no query language: nothing reads it again.

use std::fmt::{self, Write};

use crate::lower::{Expr, Keyword, Predicate, Test};
use crate::normalize::{Pattern, PatternPart, Relation, TimePart};
use crate::rule::Operator;

/// A predicate as text: `Image matches "*\\cmd.exe"`.
#[must_use]
pub fn describe_predicate(predicate: &Predicate) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_predicate(&mut text, predicate);
    text
}

/// A keyword test as text: `any value matches "*mimikatz*"`.
#[must_use]
pub fn describe_keyword(keyword: &Keyword) -> String {
    let mut text = String::from("any value");
    let _ = write_test(&mut text, &keyword.test);
    text
}

impl fmt::Display for Expr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => write_parts(formatter, parts, "and", "true"),
            Self::Or(parts) => write_parts(formatter, parts, "or", "false"),
            Self::Not(body) => write!(formatter, "not {}", Enclosed(body)),
            Self::Total(body) => write!(formatter, "total {}", Enclosed(body)),
            Self::Predicate(predicate) => write_predicate(formatter, predicate),
            Self::Keyword(keyword) => formatter.write_str(&describe_keyword(keyword)),
            Self::Const(value) => write!(formatter, "{value}"),
        }
    }
}

impl Expr {
    /// The expression as an indented tree, a node on each line, the last without a line break.
    #[must_use]
    pub fn tree(&self) -> String {
        let mut text = String::new();
        let mut pending = vec![(self, 0)];
        while let Some((expr, depth)) = pending.pop() {
            if !text.is_empty() {
                text.push('\n');
            }
            let _ = write!(text, "{:1$}", "", depth * 2);
            match expr {
                Self::And(_) => text.push_str("all of"),
                Self::Or(_) => text.push_str("any of"),
                Self::Not(_) => text.push_str("not"),
                Self::Total(_) => text.push_str("total"),
                leaf @ (Self::Predicate(_) | Self::Keyword(_) | Self::Const(_)) => {
                    let _ = write!(text, "{leaf}");
                }
            }
            pending.extend(expr.children().iter().rev().map(|child| (child, depth + 1)));
        }
        text
    }
}

/// In parentheses if it has several parts.
struct Enclosed<'a>(&'a Expr);

impl fmt::Display for Enclosed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expr::And(_) | Expr::Or(_) => write!(formatter, "({})", self.0),
            Expr::Not(_) | Expr::Total(_) | Expr::Predicate(_) | Expr::Keyword(_) | Expr::Const(_) => {
                write!(formatter, "{}", self.0)
            }
        }
    }
}

fn write_parts(formatter: &mut fmt::Formatter<'_>, parts: &[Expr], word: &str, empty: &str) -> fmt::Result {
    if parts.is_empty() {
        return formatter.write_str(empty);
    }
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            write!(formatter, " {word} ")?;
        }
        write!(formatter, "{}", Enclosed(part))?;
    }
    Ok(())
}

fn write_predicate(output: &mut impl Write, predicate: &Predicate) -> fmt::Result {
    write_plain(output, &predicate.column.name)?;
    write_test(output, &predicate.test)
}

/// What follows the subject, with a blank before it.
fn write_test(output: &mut impl Write, test: &Test) -> fmt::Result {
    match test {
        Test::Equals(pattern) => {
            output.write_str(" matches ")?;
            write_pattern(output, pattern)
        }
        Test::AnyOf(patterns) => write_patterns(output, "any of", patterns),
        Test::AllOf(patterns) => write_patterns(output, "all of", patterns),
        Test::Number(operator, number) => write!(output, " {} {}", symbol(*operator), number.text),
        Test::Bool(value) => write!(output, " = {value}"),
        Test::Regex(regex) => {
            output.write_str(" matches regex /")?;
            write_plain(output, &regex.source)?;
            output.write_char('/')?;
            let flags = [
                (regex.flags.ignore_case, 'i'),
                (regex.flags.multi_line, 'm'),
                (regex.flags.dot_all, 's'),
            ];
            flags
                .into_iter()
                .filter(|(set, _)| *set)
                .try_for_each(|(_, flag)| output.write_char(flag))
        }
        Test::Cidr(network) => write!(output, " in network {network}"),
        Test::HasValue => output.write_str(" has a value"),
        Test::Exists => output.write_str(" exists"),
        Test::FieldReference {
            other,
            relation,
            cased,
        } => {
            let relation = match relation {
                Relation::Equals => "equals",
                Relation::StartsWith => "starts with",
                Relation::EndsWith => "ends with",
                Relation::Contains => "contains",
            };
            write!(output, " {relation} field ")?;
            write_plain(output, &other.name)?;
            output.write_str(if *cased { " (cased)" } else { "" })
        }
        Test::TimePart(part, operator, number) => {
            let part = match part {
                TimePart::Minute => "minute",
                TimePart::Hour => "hour",
                TimePart::Day => "day",
                TimePart::Week => "week",
                TimePart::Month => "month",
                TimePart::Year => "year",
            };
            write!(output, " has {part} {} {}", symbol(*operator), number.text)
        }
        Test::QueryExpression(text) => {
            output.write_str(" in query expression ")?;
            write_plain(output, text)
        }
    }
}

fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "=",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
    }
}

fn write_patterns(output: &mut impl Write, words: &str, patterns: &[Pattern]) -> fmt::Result {
    write!(output, " matches {words} ")?;
    for (index, pattern) in patterns.iter().enumerate() {
        if index > 0 {
            output.write_str(", ")?;
        }
        write_pattern(output, pattern)?;
    }
    Ok(())
}

/// In quotes, with Sigma's wildcards; a backslash stands before a wildcard's character that is meant literally, and is
/// doubled before a wildcard.
fn write_pattern(output: &mut impl Write, pattern: &Pattern) -> fmt::Result {
    output.write_char('"')?;
    let mut parts = pattern.parts.iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            PatternPart::AnyOne => output.write_char('?')?,
            PatternPart::AnyRun => output.write_char('*')?,
            PatternPart::Literal(text) => write_literal(output, text, parts.peek().is_some())?,
        }
    }
    output.write_str(if pattern.cased { "\" (cased)" } else { "\"" })
}

fn write_literal(output: &mut impl Write, text: &str, before_wildcard: bool) -> fmt::Result {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' | '?' => write!(output, "\\{character}")?,
            '\\' => {
                let ambiguous = match characters.peek() {
                    Some(next) => matches!(next, '*' | '?' | '\\'),
                    None => before_wildcard,
                };
                output.write_str(if ambiguous { "\\\\" } else { "\\" })?;
            }
            other => write_character(output, other)?,
        }
    }
    Ok(())
}

/// Text of a rule or event on one line: control characters are spelled, so that they reach no terminal.
pub(crate) fn write_plain(output: &mut impl Write, text: &str) -> fmt::Result {
    text.chars()
        .try_for_each(|character| write_character(output, character))
}

fn write_character(output: &mut impl Write, character: char) -> fmt::Result {
    let directs_text = matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if character.is_control() || directs_text {
        write!(output, "{}", character.escape_default())
    } else {
        output.write_char(character)
    }
}

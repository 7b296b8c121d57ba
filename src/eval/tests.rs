mod meaning;
mod properties;
mod streams;

use ipnet::IpNet;
use serde_json::Value;

use crate::diagnostic::Span;
use crate::eval::{Event, Matcher};
use crate::lower::{Expr, Keyword, LeafId, Predicate, Test};
use crate::normalize::*;
use crate::regex::{Flags, Form, Regex};
use crate::rule::Operator;
use crate::source::Number;

const fn shared_between_threads<T: Send + Sync>() {}
const _: () = shared_between_threads::<Matcher>();

/// A pattern written as the specification does, without escapes: every `*` and `?` is a wildcard.
fn pattern(text: &str) -> Pattern {
    let mut parts = Vec::new();
    for character in text.chars() {
        match (character, parts.last_mut()) {
            ('*', Some(PatternPart::AnyRun)) => {}
            ('*', _) => parts.push(PatternPart::AnyRun),
            ('?', _) => parts.push(PatternPart::AnyOne),
            (other, Some(PatternPart::Literal(literal))) => literal.push(other),
            (other, _) => parts.push(PatternPart::Literal(other.to_string())),
        }
    }
    Pattern { parts, cased: false }
}

fn equals(text: &str) -> Test {
    Test::Equals(pattern(text))
}

fn cased(text: &str) -> Test {
    Test::Equals(Pattern {
        cased: true,
        ..pattern(text)
    })
}

fn number(text: &str) -> Number {
    let integer = text.parse().ok();
    Number {
        text: text.to_owned(),
        integer,
        float: text.parse().unwrap(),
    }
}

fn compare(operator: Operator, text: &str) -> Test {
    Test::Number(operator, number(text))
}

fn cidr(text: &str) -> Test {
    Test::Cidr(text.parse::<IpNet>().unwrap())
}

fn regular(text: &str, flags: Flags) -> Test {
    let tree = regex_syntax::ast::parse::Parser::new().parse(text).unwrap();
    Test::Regex(Regex {
        source: text.to_owned(),
        flags,
        form: Form::Regular {
            text: text.to_owned(),
            tree: Box::new(tree),
        },
    })
}

fn irregular(text: &str, flags: Flags) -> Test {
    Test::Regex(Regex::parse(text, flags).unwrap())
}

fn reference(other: &str, relation: Relation, cased: bool) -> Test {
    Test::FieldReference {
        other: Column::unknown(other),
        relation,
        cased,
    }
}

fn time_part(part: TimePart, operator: Operator, text: &str) -> Test {
    Test::TimePart(part, operator, number(text))
}

fn on(field: &str, test: Test) -> Expr {
    Expr::Predicate(Predicate {
        leaf: LeafId(0),
        item: ItemId(0),
        column: Column::unknown(field),
        test,
        span: Span::default(),
    })
}

fn keyword(test: Test) -> Expr {
    Expr::Keyword(Keyword {
        leaf: LeafId(0),
        item: ItemId(0),
        test,
        span: Span::default(),
    })
}

fn event(json: &str) -> Event {
    Event::from_value(serde_json::from_str::<Value>(json).unwrap()).unwrap()
}

fn matches(expr: &Expr, json: &str) -> bool {
    Matcher::compile(expr).unwrap().matches(&event(json)).unwrap()
}

/// Each line: the test of field `f`, the event, whether it holds.
fn check(table: Vec<(Test, &str, bool)>) {
    for (test, json, expected) in table {
        let expr = on("f", test);
        assert_eq!(matches(&expr, json), expected, "{expr} on {json}");
        assert_eq!(
            matches(&expr.clone().negate(), json),
            !expected,
            "not {expr} on {json}"
        );
    }
}

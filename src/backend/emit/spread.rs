//! Spreads leaves with several values into leaves with one value each, in the form that the column's class asks for.
//!
//! A number on a column of text becomes text, a text that is a number on a column of numbers becomes a number, a boolean
//! on a column of text becomes the word. The meaning stays; `print` puts values of one form together again.

use crate::backend::language::Language;
use crate::lower::{Expr, Keyword, Predicate, Test};
use crate::normalize::{Pattern, Shape};
use crate::rule::Operator;
use crate::source::Number;

/// The expression with leaves of one value each.
pub(super) fn spread(language: &Language, expr: &Expr) -> Expr {
    match expr {
        Expr::And(items) => Expr::And(items.iter().map(|item| spread(language, item)).collect()),
        Expr::Or(items) => {
            let mut spread_items = Vec::with_capacity(items.len());
            for item in items {
                match spread(language, item) {
                    Expr::Or(inner) => spread_items.extend(inner),
                    other @ (Expr::And(_)
                    | Expr::Not(_)
                    | Expr::Total(_)
                    | Expr::Predicate(_)
                    | Expr::Keyword(_)
                    | Expr::Const(_)) => spread_items.push(other),
                }
            }
            Expr::Or(spread_items)
        }
        Expr::Not(body) => Expr::Not(Box::new(spread(language, body))),
        Expr::Total(body) => Expr::Total(Box::new(spread(language, body))),
        Expr::Predicate(predicate) => spread_predicate(language, predicate),
        Expr::Keyword(keyword) => spread_keyword(keyword),
        Expr::Const(value) => Expr::Const(*value),
    }
}

fn spread_predicate(language: &Language, predicate: &Predicate) -> Expr {
    let class = language.class_of(predicate.column.kind.as_deref());
    let one = |pattern: &Pattern| with_test(predicate, pattern_test(class, pattern));
    match &predicate.test {
        Test::Equals(pattern) => one(pattern),
        Test::AnyOf(patterns) => single(patterns.iter().map(one).collect(), Expr::Or),
        Test::AllOf(patterns) => single(patterns.iter().map(one).collect(), Expr::And),
        Test::Number(Operator::Equal, number) if class != "number" => {
            let texts = number_texts(number);
            let tests = texts
                .into_iter()
                .map(|text| with_test(predicate, Test::Equals(Pattern::literal(&text))));
            single(tests.collect(), Expr::Or)
        }
        Test::Bool(value) if class != "bool" => {
            let word = if *value { "true" } else { "false" };
            with_test(predicate, Test::Equals(Pattern::literal(word)))
        }
        Test::Number(..)
        | Test::Bool(_)
        | Test::Regex(_)
        | Test::Cidr(_)
        | Test::HasValue
        | Test::Exists
        | Test::FieldReference { .. }
        | Test::TimePart(..)
        | Test::QueryExpression(_) => Expr::Predicate(predicate.clone()),
    }
}

/// Source text and canonical form, as an event's text may hold either.
fn number_texts(number: &Number) -> Vec<String> {
    let canonical = number.canonical();
    if canonical == number.text {
        vec![canonical]
    } else {
        vec![number.text.clone(), canonical]
    }
}

/// What a pattern asks of a column that does not hold text.
fn pattern_test(class: &str, pattern: &Pattern) -> Test {
    match (class, pattern.shape()) {
        (_, Shape::Any) => Test::HasValue,
        ("number", Shape::Exact(text)) => match plain_number(text) {
            Some(number) => Test::Number(Operator::Equal, number),
            None => Test::Equals(pattern.clone()),
        },
        ("bool", Shape::Exact(text)) if text.eq_ignore_ascii_case("true") => Test::Bool(true),
        ("bool", Shape::Exact(text)) if text.eq_ignore_ascii_case("false") => Test::Bool(false),
        (
            _,
            Shape::Empty
            | Shape::Exact(_)
            | Shape::StartsWith(_)
            | Shape::EndsWith(_)
            | Shape::Contains(_)
            | Shape::Other,
        ) => Test::Equals(pattern.clone()),
    }
}

/// A text that a column of numbers would show in just this form.
fn plain_number(text: &str) -> Option<Number> {
    let integer: i128 = text.parse().ok()?;
    #[allow(clippy::cast_precision_loss)]
    let number = Number {
        text: text.to_owned(),
        integer: Some(integer),
        float: integer as f64,
    };
    (number.canonical() == text).then_some(number)
}

fn spread_keyword(keyword: &Keyword) -> Expr {
    let one = |pattern: &Pattern| {
        Expr::Keyword(Keyword {
            test: Test::Equals(pattern.clone()),
            ..keyword_shell(keyword)
        })
    };
    match &keyword.test {
        Test::AnyOf(patterns) => single(patterns.iter().map(one).collect(), Expr::Or),
        Test::AllOf(patterns) => single(patterns.iter().map(one).collect(), Expr::And),
        Test::Equals(_)
        | Test::Number(..)
        | Test::Bool(_)
        | Test::Regex(_)
        | Test::Cidr(_)
        | Test::HasValue
        | Test::Exists
        | Test::FieldReference { .. }
        | Test::TimePart(..)
        | Test::QueryExpression(_) => Expr::Keyword(keyword.clone()),
    }
}

fn keyword_shell(keyword: &Keyword) -> Keyword {
    Keyword {
        leaf: keyword.leaf,
        item: keyword.item,
        test: Test::HasValue,
        span: keyword.span,
    }
}

fn with_test(predicate: &Predicate, test: Test) -> Expr {
    Expr::Predicate(Predicate {
        leaf: predicate.leaf,
        item: predicate.item,
        column: predicate.column.clone(),
        test,
        span: predicate.span,
    })
}

/// A group, or its only member.
fn single(mut items: Vec<Expr>, group: fn(Vec<Expr>) -> Expr) -> Expr {
    match (items.len(), items.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            items.extend(last);
            group(items)
        }
    }
}

//! What an early stage can say of a conjunct that only a later stage says exactly: a superset, never less.
//!
//! `sup(and)` is the `and` of the members that have one; `sup(or)` needs one of each member; `sup(not a)` is `not sub(a)`,
//! and `sub` is the dual. A leaf that the stage cannot say becomes the closest wider one that it can say. Weakened copies
//! are not accounted for and give no notes.

use crate::backend::emit::facts;
use crate::backend::emit::required::{self, Required};
use crate::backend::emit::say;
use crate::backend::emit::stages::{refusal, sayable};
use crate::backend::language::{Language, Stage};
use crate::lower::{Expr, Keyword, LeafId, Predicate, Test};
use crate::normalize::{Column, Pattern, PatternPart};

/// An expression that a stage can say and that holds wherever the given one holds; `None` if there is none but "always".
pub(super) fn superset(language: &Language, stage: &Stage, expr: &Expr, under_not: bool) -> Option<Expr> {
    match expr {
        Expr::And(items) => some_of(items, Expr::And, |item| {
            superset(language, stage, item, under_not)
        }),
        Expr::Or(items) => {
            all_of(items, Expr::Or, |item| superset(language, stage, item, under_not)).map(without_covered)
        }
        Expr::Not(body) => subset(language, stage, body, true).map(|body| Expr::Not(Box::new(body))),
        Expr::Total(body) => superset(language, stage, body, under_not),
        Expr::Predicate(predicate) => {
            if refusal(language, stage, predicate, under_not).is_none() {
                return Some(added(expr));
            }
            let required = || required_texts(&predicate.test, &|test| with_test(predicate, test));
            let by_text = required().and_then(|texts| superset(language, stage, &texts, under_not));
            let simpler = || {
                wider(predicate)
                    .into_iter()
                    .find(|candidate| refusal(language, stage, candidate, under_not).is_none())
                    .map(Expr::Predicate)
            };
            by_text.or_else(simpler)
        }
        Expr::Keyword(keyword) => {
            if say::keyword(stage, keyword).is_ok() {
                return Some(added(expr));
            }
            let required = || required_texts(&keyword.test, &|test| keyword_with_test(keyword, test));
            let by_text = required().and_then(|texts| superset(language, stage, &texts, under_not));
            let simpler = || {
                wider_keywords(keyword)
                    .into_iter()
                    .find(|candidate| say::keyword(stage, candidate).is_ok())
                    .map(Expr::Keyword)
            };
            by_text.or_else(simpler)
        }
        Expr::Const(_) => sayable(language, stage, expr, under_not).then(|| expr.clone()),
    }
}

/// An expression that a stage can say and that holds only where the given one holds; `None` if there is none but "never".
fn subset(language: &Language, stage: &Stage, expr: &Expr, under_not: bool) -> Option<Expr> {
    match expr {
        Expr::And(items) => all_of(items, Expr::And, |item| subset(language, stage, item, under_not)),
        Expr::Or(items) => some_of(items, Expr::Or, |item| subset(language, stage, item, under_not)),
        Expr::Not(body) => superset(language, stage, body, true).map(|body| Expr::Not(Box::new(body))),
        Expr::Total(body) => subset(language, stage, body, under_not),
        Expr::Predicate(_) | Expr::Keyword(_) | Expr::Const(_) => {
            sayable(language, stage, expr, under_not).then(|| added(expr))
        }
    }
}

fn some_of(
    items: &[Expr],
    group: fn(Vec<Expr>) -> Expr,
    part: impl Fn(&Expr) -> Option<Expr>,
) -> Option<Expr> {
    let mut parts = Vec::new();
    for item in items {
        push_new(&mut parts, part(item));
    }
    grouped(parts, group)
}

fn all_of(
    items: &[Expr],
    group: fn(Vec<Expr>) -> Expr,
    part: impl Fn(&Expr) -> Option<Expr>,
) -> Option<Expr> {
    let mut parts = Vec::with_capacity(items.len());
    for item in items {
        let part = part(item)?;
        push_new(&mut parts, Some(part));
    }
    grouped(parts, group).or_else(|| Some(group(Vec::new())))
}

fn push_new(parts: &mut Vec<Expr>, part: Option<Expr>) {
    parts.extend(part.filter(|part| !parts.iter().any(|known| same(known, part))));
}

fn grouped(mut parts: Vec<Expr>, group: fn(Vec<Expr>) -> Expr) -> Option<Expr> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(group(parts)),
    }
}

/// Without the tests that "has a value" of the same column covers.
fn without_covered(expr: Expr) -> Expr {
    let Expr::Or(mut items) = expr else { return expr };
    let covering = |item: &Expr| match item {
        Expr::Predicate(predicate) if predicate.test == Test::HasValue => Some(predicate.column.clone()),
        Expr::Predicate(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Not(_)
        | Expr::Total(_)
        | Expr::Keyword(_)
        | Expr::Const(_) => None,
    };
    let covered: Vec<Column> = items.iter().filter_map(covering).collect();
    items.retain(|item| match item {
        Expr::Predicate(predicate) => {
            let needs_value = wider(predicate).iter().any(|wide| wide.test == Test::HasValue);
            !needs_value || !covered.contains(&predicate.column)
        }
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Total(_) | Expr::Keyword(_) | Expr::Const(_) => {
            true
        }
    });
    match (items.len(), items.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            items.extend(last);
            Expr::Or(items)
        }
    }
}

/// Whether two leaves ask the same, whatever values of the rule they come from.
pub(super) fn same(left: &Expr, right: &Expr) -> bool {
    match (left, right) {
        (Expr::Predicate(left), Expr::Predicate(right)) => {
            left.column == right.column && left.test == right.test && right.leaf == LeafId::ADDED
        }
        (Expr::Keyword(left), Expr::Keyword(right)) => left.test == right.test && right.leaf == LeafId::ADDED,
        _ => false,
    }
}

/// A copy that is not accounted for: the exact leaf stands in a later stage.
fn added(expr: &Expr) -> Expr {
    match expr {
        Expr::Predicate(predicate) => Expr::Predicate(Predicate {
            leaf: LeafId::ADDED,
            ..predicate.clone()
        }),
        Expr::Keyword(keyword) => Expr::Keyword(Keyword {
            leaf: LeafId::ADDED,
            ..keyword.clone()
        }),
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Total(_) | Expr::Const(_) => expr.clone(),
    }
}

/// Wider tests of the same column, from the closest to the widest.
fn wider(predicate: &Predicate) -> Vec<Predicate> {
    let with = |test: Test| Predicate {
        leaf: LeafId::ADDED,
        test,
        ..predicate.clone()
    };
    let mut candidates = Vec::new();
    let mut accepts_empty = true;
    match &predicate.test {
        Test::Equals(pattern) => {
            candidates.extend(
                wider_patterns(pattern)
                    .into_iter()
                    .map(|wide| with(Test::Equals(wide))),
            );
            accepts_empty = facts::accepts_empty(pattern);
        }
        Test::Regex(regex) => accepts_empty = facts::regex_accepts_empty(regex),
        Test::Number(..) | Test::Bool(_) | Test::Cidr(_) | Test::TimePart(..) => accepts_empty = false,
        Test::AnyOf(_)
        | Test::AllOf(_)
        | Test::HasValue
        | Test::Exists
        | Test::FieldReference { .. }
        | Test::QueryExpression(_) => {}
    }
    if !accepts_empty {
        candidates.push(with(Test::HasValue));
    }
    candidates
}

fn wider_keywords(keyword: &Keyword) -> Vec<Keyword> {
    let Test::Equals(pattern) = &keyword.test else {
        return Vec::new();
    };
    let with = |pattern| Keyword {
        leaf: LeafId::ADDED,
        item: keyword.item,
        test: Test::Equals(pattern),
        span: keyword.span,
    };
    wider_patterns(pattern).into_iter().map(with).collect()
}

/// The texts that a regular expression cannot do without, as tests of the same operand.
fn required_texts(test: &Test, leaf: &dyn Fn(Test) -> Expr) -> Option<Expr> {
    let Test::Regex(regex) = test else { return None };
    Some(required_expr(required::of(regex)?, leaf))
}

fn required_expr(required: Required, leaf: &dyn Fn(Test) -> Expr) -> Expr {
    let each = |parts: Vec<Required>| parts.into_iter().map(|part| required_expr(part, leaf)).collect();
    match required {
        Required::Text(text) => leaf(Test::Equals(Pattern::from_parts([
            PatternPart::AnyRun,
            PatternPart::Literal(text),
            PatternPart::AnyRun,
        ]))),
        Required::All(parts) => Expr::And(each(parts)),
        Required::Any(parts) => Expr::Or(each(parts)),
    }
}

fn with_test(predicate: &Predicate, test: Test) -> Expr {
    Expr::Predicate(Predicate {
        leaf: LeafId::ADDED,
        test,
        ..predicate.clone()
    })
}

fn keyword_with_test(keyword: &Keyword, test: Test) -> Expr {
    Expr::Keyword(Keyword {
        leaf: LeafId::ADDED,
        item: keyword.item,
        test,
        span: keyword.span,
    })
}

/// Without case; then `?` as `*`; then literal wildcard characters as `*`.
fn wider_patterns(pattern: &Pattern) -> Vec<Pattern> {
    let any_case = Pattern {
        parts: pattern.parts.clone(),
        cased: false,
    };
    let runs: Vec<PatternPart> = any_case
        .parts
        .iter()
        .map(|part| match part {
            PatternPart::AnyOne => PatternPart::AnyRun,
            PatternPart::Literal(_) | PatternPart::AnyRun => part.clone(),
        })
        .collect();
    let mut opened = Vec::new();
    for part in &runs {
        match part {
            PatternPart::Literal(text) => {
                for (index, piece) in text.split(['*', '?']).enumerate() {
                    if index > 0 {
                        opened.push(PatternPart::AnyRun);
                    }
                    opened.push(PatternPart::Literal(piece.to_owned()));
                }
            }
            PatternPart::AnyOne | PatternPart::AnyRun => opened.push(part.clone()),
        }
    }
    vec![any_case, Pattern::from_parts(runs), Pattern::from_parts(opened)]
}

//! Divides an expression among the stages of a language.
//!
//! Each conjunct of the root goes exactly to the first stage that can say it; a stage before that gets a superset of it,
//! where there is one. So an early stage never excludes an event that the whole keeps.

use crate::backend::emit::facts;
use crate::backend::emit::forms::Refused;
use crate::backend::emit::say::{self, StageNulls};
use crate::backend::emit::spread::spread;
use crate::backend::emit::unsupported;
use crate::backend::language::{Language, Stage};
use crate::diagnostic::{Diagnostics, Span};
use crate::lower::null_policy::{self, NullTable, Policy};
use crate::lower::{Expr, Keyword, LeafId, Predicate, Test};
use crate::normalize::{Pattern, PatternPart};

/// The expression of each stage, null-safe; `None` for a stage with nothing to say.
pub(super) fn divide(
    language: &Language,
    expr: &Expr,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Option<Expr>>> {
    let mut texts: Vec<Vec<Expr>> = language.stages.iter().map(|_| Vec::new()).collect();
    let before = diagnostics.len();
    for conjunct in conjuncts(spread(language, expr)) {
        let exact = language
            .stages
            .iter()
            .position(|stage| sayable(language, stage, &conjunct, false));
        let Some(exact) = exact else {
            report(language, &conjunct, diagnostics);
            continue;
        };
        for (stage, text) in language.stages.iter().zip(texts.iter_mut()).take(exact) {
            text.extend(superset(language, stage, &conjunct, false));
        }
        if let Some(text) = texts.get_mut(exact) {
            text.push(conjunct);
        }
    }
    if diagnostics.len() > before {
        return None;
    }
    let null_safe = |(stage, mut conjuncts): (&Stage, Vec<Expr>)| {
        let expr = match conjuncts.len() {
            0 => return None,
            1 => conjuncts.pop()?,
            _ => Expr::And(conjuncts),
        };
        Some(null_policy::apply(expr, &StageNulls { language, stage }))
    };
    Some(language.stages.iter().zip(texts).map(null_safe).collect())
}

/// The conjuncts of the root; nested conjunctions are flattened.
fn conjuncts(expr: Expr) -> Vec<Expr> {
    match expr {
        Expr::And(items) => items.into_iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

/// Whether a stage can say all of an expression. Under a negation a leaf that may be null for present values needs
/// `total`.
fn sayable(language: &Language, stage: &Stage, expr: &Expr, under_not: bool) -> bool {
    match expr {
        Expr::And(items) | Expr::Or(items) => {
            items.iter().all(|item| sayable(language, stage, item, under_not))
        }
        Expr::Not(body) => sayable(language, stage, body, true),
        Expr::Total(body) => sayable(language, stage, body, under_not),
        Expr::Predicate(predicate) => refusal(language, stage, predicate, under_not).is_none(),
        Expr::Keyword(keyword) => say::keyword(stage, keyword).is_ok(),
        Expr::Const(value) => stage.find(if *value { "always" } else { "never" }).is_some(),
    }
}

/// Why a stage cannot say a leaf.
fn refusal(language: &Language, stage: &Stage, predicate: &Predicate, under_not: bool) -> Option<Refused> {
    if let Err(refused) = say::predicate(language, stage, predicate) {
        return Some(refused);
    }
    let nulls = StageNulls { language, stage };
    (under_not && !nulls.has_total() && nulls.policy(predicate) == Policy::SomeNull)
        .then(|| Refused::construct("the negation of a test that may have no result"))
}

/// One diagnostic for each leaf that the last stage cannot say.
fn report(language: &Language, expr: &Expr, diagnostics: &mut Diagnostics) {
    let Some(stage) = language.stages.last() else {
        return;
    };
    report_leaves(language, stage, expr, false, diagnostics);
}

fn report_leaves(
    language: &Language,
    stage: &Stage,
    expr: &Expr,
    under_not: bool,
    diagnostics: &mut Diagnostics,
) {
    match expr {
        Expr::And(items) | Expr::Or(items) => {
            for item in items {
                report_leaves(language, stage, item, under_not, diagnostics);
            }
        }
        Expr::Not(body) => report_leaves(language, stage, body, true, diagnostics),
        Expr::Total(body) => report_leaves(language, stage, body, under_not, diagnostics),
        Expr::Predicate(predicate) => {
            if let Some(refused) = refusal(language, stage, predicate, under_not) {
                push(language, &refused, predicate.span, diagnostics);
            }
        }
        Expr::Keyword(keyword) => {
            if let Err(refused) = say::keyword(stage, keyword) {
                push(language, &refused, keyword.span, diagnostics);
            }
        }
        Expr::Const(_) => push(
            language,
            &Refused::construct("a condition that is always or never true"),
            Span::default(),
            diagnostics,
        ),
    }
}

fn push(language: &Language, refused: &Refused, span: Span, diagnostics: &mut Diagnostics) {
    let diagnostic = *unsupported(language, refused, span);
    if diagnostics.last() != Some(&diagnostic) {
        diagnostics.push(diagnostic);
    }
}

/// An expression that a stage can say and that holds wherever the given one holds; `None` if there is none but "always".
fn superset(language: &Language, stage: &Stage, expr: &Expr, under_not: bool) -> Option<Expr> {
    match expr {
        Expr::And(items) => some_of(items, Expr::And, |item| {
            superset(language, stage, item, under_not)
        }),
        Expr::Or(items) => all_of(items, Expr::Or, |item| superset(language, stage, item, under_not)),
        Expr::Not(body) => subset(language, stage, body, true).map(|body| Expr::Not(Box::new(body))),
        Expr::Total(body) => superset(language, stage, body, under_not),
        Expr::Predicate(predicate) => {
            if refusal(language, stage, predicate, under_not).is_none() {
                return Some(added(expr));
            }
            wider(predicate)
                .into_iter()
                .find(|candidate| refusal(language, stage, candidate, under_not).is_none())
                .map(Expr::Predicate)
        }
        Expr::Keyword(keyword) => wider_keyword(keyword)
            .into_iter()
            .find(|candidate| say::keyword(stage, candidate).is_ok())
            .map(Expr::Keyword),
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
    let mut parts: Vec<Expr> = items.iter().filter_map(part).collect();
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(group(parts)),
    }
}

fn all_of(
    items: &[Expr],
    group: fn(Vec<Expr>) -> Expr,
    part: impl Fn(&Expr) -> Option<Expr>,
) -> Option<Expr> {
    items.iter().map(part).collect::<Option<Vec<_>>>().map(group)
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

fn wider_keyword(keyword: &Keyword) -> Vec<Keyword> {
    let with = |test: Test| Keyword {
        leaf: LeafId::ADDED,
        item: keyword.item,
        test,
        span: keyword.span,
    };
    let mut candidates = vec![with(keyword.test.clone())];
    if let Test::Equals(pattern) = &keyword.test {
        candidates.extend(
            wider_patterns(pattern)
                .into_iter()
                .map(|wide| with(Test::Equals(wide))),
        );
    }
    candidates
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

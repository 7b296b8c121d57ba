//! Divides an expression among the stages of a language.
//!
//! Each conjunct of the root goes exactly to the first stage that can say it; a stage before that gets a superset of it
//! (`superset`), where there is one. So an early stage never excludes an event that the whole keeps. Every step looks at
//! each leaf once for each stage: the time is linear in the expression.

use crate::backend::emit::field;
use crate::backend::emit::forms::Refused;
use crate::backend::emit::say::{self, StageNulls};
use crate::backend::emit::spread::spread;
use crate::backend::emit::superset::{same, superset};
use crate::backend::emit::unsupported;
use crate::backend::language::{Language, Stage};
use crate::diagnostic::{Diagnostics, Span};
use crate::lower::null_policy::{self, NullTable, Policy};
use crate::lower::{Expr, Predicate, Test};

/// Where the exact conjuncts go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    /// Each to the first stage that can say it.
    Divided,
    /// All to the last stage, as its text must tell by itself whether a rule holds.
    InLast,
}

/// The expression of each stage, null-safe; `None` for a stage with nothing to say.
pub(super) fn divide(
    language: &Language,
    expr: &Expr,
    whole: Whole,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Option<Expr>>> {
    let mut texts: Vec<Vec<Expr>> = language.stages.iter().map(|_| Vec::new()).collect();
    let before = diagnostics.len();
    let last = language.stages.len().saturating_sub(1);
    let conjuncts = conjuncts(spread(language, expr));
    let conjuncts = match whole {
        Whole::Divided => conjuncts
            .into_iter()
            .flat_map(|one| exclusions(language, one))
            .collect(),
        Whole::InLast => conjuncts,
    };
    for conjunct in conjuncts {
        let says = |stage: &Stage| sayable(language, stage, &conjunct, false);
        let exact = match whole {
            Whole::Divided => language.stages.iter().position(says),
            Whole::InLast => language.stages.last().filter(|stage| says(stage)).map(|_| last),
        };
        let Some(exact) = exact else {
            report(language, &conjunct, diagnostics);
            continue;
        };
        for (stage, text) in language.stages.iter().zip(texts.iter_mut()).take(exact) {
            let wider = superset(language, stage, &conjunct, false);
            text.extend(wider.filter(|wider| !text.iter().any(|known| same(known, wider))));
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
        Expr::Or(_)
        | Expr::Not(_)
        | Expr::Total(_)
        | Expr::Predicate(_)
        | Expr::Keyword(_)
        | Expr::Const(_) => vec![expr],
    }
}

/// `not (a or b)` as `not a` and `not b` where they are for different stages, so that one exclusion that only a later stage
/// can say does not take the others along.
fn exclusions(language: &Language, conjunct: Expr) -> Vec<Expr> {
    let Expr::Not(body) = conjunct else {
        return vec![conjunct];
    };
    let Expr::Or(items) = *body else {
        return vec![Expr::Not(body)];
    };
    let mut groups: Vec<(Option<usize>, Vec<Expr>)> = Vec::new();
    for item in items {
        let mut stages = language.stages.iter();
        let stage = stages.position(|stage| sayable(language, stage, &item, true));
        match groups.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, members)) => members.push(item),
            None => groups.push((stage, vec![item])),
        }
    }
    let excluded = |(_, mut members): (Option<usize>, Vec<Expr>)| {
        let body = match (members.len(), members.pop()) {
            (1, Some(only)) => only,
            (_, last) => {
                members.extend(last);
                Expr::Or(members)
            }
        };
        Expr::Not(Box::new(body))
    };
    groups.into_iter().map(excluded).collect()
}

/// Whether a stage can say all of an expression. Under a negation a leaf that may be null for present values needs
/// `total`.
pub(super) fn sayable(language: &Language, stage: &Stage, expr: &Expr, under_not: bool) -> bool {
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
pub(super) fn refusal(
    language: &Language,
    stage: &Stage,
    predicate: &Predicate,
    under_not: bool,
) -> Option<Refused> {
    if let Some(refused) = say::refusal(language, stage, predicate) {
        return Some(refused);
    }
    let other = match &predicate.test {
        Test::FieldReference { other, .. } => Some(other),
        Test::Equals(_)
        | Test::AnyOf(_)
        | Test::AllOf(_)
        | Test::Number(..)
        | Test::Bool(_)
        | Test::Regex(_)
        | Test::Cidr(_)
        | Test::HasValue
        | Test::Exists
        | Test::TimePart(..)
        | Test::QueryExpression(_) => None,
    };
    let mut columns = std::iter::once(&predicate.column).chain(other);
    if let Some(refused) = columns.find_map(|column| field::refusal(stage, column)) {
        return Some(refused);
    }
    let nulls = StageNulls { language, stage };
    let matters = (under_not && !nulls.has_total()) || !nulls.is_kleene();
    let lost = matters && nulls.policy(predicate) == Policy::SomeNull && !nulls.null_from_operand(predicate);
    lost.then(|| Refused::construct("the negation of a test that may have no result"))
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

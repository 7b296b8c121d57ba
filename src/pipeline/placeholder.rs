//! The one place where placeholders meet the reading of values.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Result, Span, collect};
use crate::normalize::{Pattern, PatternPart, Pending, PendingPart, Value};
use crate::pipeline::text;
use crate::rule::Modifier;
use crate::source::Number;

/// How many values one may become.
const LIMIT: usize = 1_000;

/// The modifiers that [`finish`] applies, or that say nothing of a single value.
const FINISHED: &[Modifier] = &[
    Modifier::Contains,
    Modifier::StartsWith,
    Modifier::EndsWith,
    Modifier::Cased,
    Modifier::Expand,
    Modifier::All,
    Modifier::Not,
];

/// What is put in for a placeholder.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Replacement {
    /// A number: a value that is nothing but the placeholder becomes a number, any other holds its text.
    Number(Number),
    /// A string with its wildcards.
    Pattern(Pattern),
    /// A wildcard.
    AnyRun,
}

/// Puts replacements in for placeholders; one for which `lookup` gives `None` stays. Values without placeholders are
/// finished: their remaining modifiers are applied. `None` after an error in `diagnostics`.
pub(super) fn resolve_placeholders(
    pending: &Pending,
    lookup: &dyn Fn(&str) -> Option<Vec<Replacement>>,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Value>> {
    collect(resolve(pending, lookup, span), diagnostics)
}

fn resolve(
    pending: &Pending,
    lookup: &dyn Fn(&str) -> Option<Vec<Replacement>>,
    span: Span,
) -> Result<Vec<Value>> {
    if let ([PendingPart::Placeholder(name)], []) = (pending.parts.as_slice(), pending.modifiers.as_slice())
        && let Some(replacements) = lookup(name)
        && replacements
            .iter()
            .all(|replacement| matches!(replacement, Replacement::Number(_)))
    {
        let number = |replacement| match replacement {
            Replacement::Number(number) => Some(Value::Number(number)),
            Replacement::Pattern(_) | Replacement::AnyRun => None,
        };
        return Ok(replacements.into_iter().filter_map(number).collect());
    }
    let mut alternatives: Vec<Vec<PendingPart>> = vec![Vec::new()];
    for part in &pending.parts {
        let replacements = match part {
            PendingPart::Placeholder(name) => lookup(name),
            PendingPart::Literal(_) | PendingPart::AnyOne | PendingPart::AnyRun => None,
        };
        let choices: Vec<Vec<PendingPart>> = match replacements {
            None => vec![vec![part.clone()]],
            Some(replacements) => replacements.iter().map(parts).collect(),
        };
        if alternatives.len().saturating_mul(choices.len()) > LIMIT {
            let title = format!("placeholders turn one value into more than {LIMIT}");
            return Err(Box::new(Diagnostic::error(
                Code::TOO_MANY_ALTERNATIVES,
                title,
                span,
            )));
        }
        alternatives = alternatives
            .iter()
            .flat_map(|start| {
                choices
                    .iter()
                    .map(|choice| start.iter().chain(choice).cloned().collect())
            })
            .collect();
    }
    alternatives
        .into_iter()
        .map(|parts| finish(pending, parts, span))
        .collect()
}

fn parts(replacement: &Replacement) -> Vec<PendingPart> {
    match replacement {
        Replacement::AnyRun => vec![PendingPart::AnyRun],
        Replacement::Number(number) => vec![PendingPart::Literal(number.text.clone())],
        Replacement::Pattern(pattern) => pattern
            .parts
            .iter()
            .map(|part| match part {
                PatternPart::Literal(text) => PendingPart::Literal(text.clone()),
                PatternPart::AnyOne => PendingPart::AnyOne,
                PatternPart::AnyRun => PendingPart::AnyRun,
            })
            .collect(),
    }
}

/// Finishes a value whose modifiers only add wildcards; others are an error until the reading of values is asked.
fn finish(pending: &Pending, parts: Vec<PendingPart>, span: Span) -> Result<Value> {
    let mut pattern_parts = Vec::with_capacity(parts.len() + 2);
    for part in &parts {
        pattern_parts.push(match part {
            PendingPart::Literal(text) => PatternPart::Literal(text.clone()),
            PendingPart::AnyOne => PatternPart::AnyOne,
            PendingPart::AnyRun => PatternPart::AnyRun,
            PendingPart::Placeholder(_) => {
                return Ok(Value::Pending(Pending {
                    parts,
                    modifiers: pending.modifiers.clone(),
                    keyword: pending.keyword,
                }));
            }
        });
    }
    let mut cased = false;
    let (mut before, mut after) = (pending.keyword, pending.keyword);
    for modifier in &pending.modifiers {
        let modifier = modifier.value;
        before |= matches!(modifier, Modifier::Contains | Modifier::EndsWith);
        after |= matches!(modifier, Modifier::Contains | Modifier::StartsWith);
        cased |= modifier == Modifier::Cased;
        if !FINISHED.contains(&modifier) {
            let name = modifier.names().first().copied().unwrap_or_default();
            let title = format!("placeholders under the modifier `{name}` are not supported yet");
            let diagnostic = Diagnostic::error(Code::UNRESOLVED_PLACEHOLDER, title, span);
            return Err(Box::new(diagnostic));
        }
    }
    let pattern: Pattern = text::join(
        before
            .then_some(PatternPart::AnyRun)
            .into_iter()
            .chain(pattern_parts)
            .chain(after.then_some(PatternPart::AnyRun)),
        cased,
    );
    Ok(Value::Pattern(pattern))
}

//! `windash`: dashes that begin a flag stand for each of the five that Windows tools accept.

use crate::diagnostic::{Result, Span};
use crate::normalize::{Pattern, PatternPart};
use crate::rule::{Modifier, Spanned};

use super::apply::{MAX_ALTERNATIVES, too_many};
use super::{Plan, Step, StepKind, cannot_follow};

/// Hyphen, slash, en dash, em dash, horizontal bar.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

pub(super) fn next(plan: Plan, modifier: &Spanned<Modifier>, before: &[Modifier]) -> Result<Plan> {
    let mut steps = match plan {
        Plan::Plain => Vec::new(),
        Plan::Text(steps) if !steps.iter().any(|step| step.kind.is_encoding()) => steps,
        Plan::Text(_)
        | Plan::Regex(..)
        | Plan::Network
        | Plan::Compare(_)
        | Plan::Time(..)
        | Plan::Exists
        | Plan::FieldReference(_) => {
            return Err(cannot_follow(
                modifier,
                before,
                &[Modifier::Contains, Modifier::StartsWith, Modifier::EndsWith],
            ));
        }
    };
    steps.push(Step::new(StepKind::WindowsDash, modifier));
    Ok(Plan::Text(steps))
}

/// All combinations of dashes, the written ones first.
pub(super) fn apply(patterns: &[Pattern], span: Span) -> Result<Vec<Pattern>> {
    let mut results = Vec::new();
    for pattern in patterns {
        let mut alternatives = vec![Pattern::default()];
        for (index, part) in pattern.parts.iter().enumerate() {
            let PatternPart::Literal(text) = part else {
                for alternative in &mut alternatives {
                    alternative.push(part.clone());
                }
                continue;
            };
            let before_any_one = pattern.parts.get(index.saturating_add(1)) == Some(&PatternPart::AnyOne);
            expand(text, before_any_one, &mut alternatives, span)?;
        }
        results.append(&mut alternatives);
        if results.len() > MAX_ALTERNATIVES {
            return Err(too_many(span));
        }
    }
    Ok(results)
}

fn expand(text: &str, before_any_one: bool, alternatives: &mut Vec<Pattern>, span: Span) -> Result<()> {
    let mut previous = None;
    let mut characters = text.chars().peekable();
    let mut plain = String::new();
    while let Some(next) = characters.next() {
        let follower = characters
            .peek()
            .copied()
            .or_else(|| before_any_one.then_some('?'));
        if DASHES.contains(&next) && begins_flag(previous, follower) {
            append(alternatives, &plain);
            plain.clear();
            let others = DASHES.iter().filter(|dash| **dash != next);
            let variants: Vec<char> = std::iter::once(next).chain(others.copied()).collect();
            if alternatives.len() * variants.len() > MAX_ALTERNATIVES {
                return Err(too_many(span));
            }
            *alternatives = alternatives
                .iter()
                .flat_map(|alternative| {
                    variants.iter().map(|dash| {
                        let mut alternative = alternative.clone();
                        alternative.push_literal(dash.encode_utf8(&mut [0; 4]));
                        alternative
                    })
                })
                .collect();
        } else {
            plain.push(next);
        }
        previous = Some(next);
    }
    append(alternatives, &plain);
    Ok(())
}

/// Not inside a word, and before what a flag is made of: a word character, or the `?` that asks for help.
fn begins_flag(previous: Option<char>, follower: Option<char>) -> bool {
    let word = |character: char| character.is_alphanumeric() || character == '_';
    !previous.is_some_and(word) && follower.is_some_and(|next| word(next) || next == '?')
}

fn append(alternatives: &mut [Pattern], text: &str) {
    for alternative in alternatives {
        alternative.push_literal(text);
    }
}

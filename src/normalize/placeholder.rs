//! Placeholders: values with `expand`, before and after a pipeline resolves them.
//!
//! A value with placeholders becomes a [`Pending`]: its parts, and all modifiers but `expand`, `all` and `neq`, wherever
//! they stood. [`resolve_placeholders`] fills in what is known and applies the modifiers once nothing is open.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, collect};
use crate::normalize::{Pattern, PatternPart, Pending, PendingPart, Value};
use crate::rule::{Modifier, Spanned};
use crate::source::Number;

use super::modifier::{self, Input, MAX_ALTERNATIVES};

/// What a placeholder is replaced by.
#[derive(Clone, Debug, PartialEq)]
pub enum Replacement {
    /// Text that stands for itself, also within a regular expression.
    Text(String),
    /// A number: a value that is nothing but the placeholder becomes a number, any other holds its text.
    Number(Number),
    /// A string with wildcards (`read` gives it for a variable that is written as in a rule).
    Pattern(Pattern),
    /// The wildcard `*`: any run.
    AnyRun,
}

/// Fills placeholders of a value in and gives the values that it stands for.
///
/// `resolve` gives the replacements of a placeholder by its name, or `None` to leave it open. Several placeholders with
/// several replacements give all combinations, in the order of the replacements, the last placeholder changing fastest;
/// at most 1,000. A value in which a placeholder stays open is a [`Value::Pending`] again.
///
/// The values are alternatives of the one value: a caller whose item links its values by `all` decides whether each
/// must match (pySigma's `value_placeholders`) or wraps them in [`Value::Alternatives`].
///
/// `None` means that at least one error was pushed, at `span`.
pub fn resolve_placeholders(
    pending: &Pending,
    resolve: &dyn Fn(&str) -> Option<Vec<Replacement>>,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Value>> {
    let raw = is_raw(&pending.modifiers);
    let mut rows: Vec<Vec<Filled>> = vec![Vec::new()];
    for part in &pending.parts {
        let choices = match part {
            PendingPart::Placeholder(name) => match resolve(name) {
                Some(replacements) if replacements.is_empty() => {
                    diagnostics.push(
                        Diagnostic::error(
                            Code::EMPTY_VALUE_LIST,
                            format!("placeholder `{name}` has no value"),
                            span,
                        )
                        .with_help("give the variable at least one value"),
                    );
                    return None;
                }
                Some(replacements) => replacements
                    .into_iter()
                    .map(|replacement| fill(replacement, raw))
                    .collect(),
                None => vec![Filled::Parts(vec![part.clone()])],
            },
            PendingPart::Literal(_) | PendingPart::AnyOne | PendingPart::AnyRun => {
                vec![Filled::Parts(vec![part.clone()])]
            }
        };
        if rows.len().saturating_mul(choices.len()) > MAX_ALTERNATIVES {
            diagnostics.push(*modifier::too_many(span));
            return None;
        }
        rows = product(rows, &choices);
    }
    let chain = collect(
        modifier::compile(&pending.modifiers, pending.keyword),
        diagnostics,
    )?;
    let expected = rows.len();
    let values: Vec<_> = rows
        .into_iter()
        .filter_map(|row| {
            let value = finish(row, pending, &chain, span, diagnostics);
            collect(value, diagnostics)
        })
        .collect();
    (values.len() == expected).then_some(values)
}

/// A part whose placeholder was filled in.
#[derive(Clone)]
enum Filled {
    Parts(Vec<PendingPart>),
    Number(Number),
}

fn fill(replacement: Replacement, raw: bool) -> Filled {
    let pattern = match replacement {
        Replacement::Number(number) => return Filled::Number(number),
        Replacement::Text(text) => Pattern::literal(&text),
        Replacement::Pattern(pattern) => pattern,
        Replacement::AnyRun => Pattern::from_parts([PatternPart::AnyRun]),
    };
    let parts = pattern.parts.into_iter().map(|part| match part {
        PatternPart::Literal(text) if raw => PendingPart::Literal(regex_syntax::escape(&text)),
        PatternPart::AnyOne if raw => PendingPart::Literal("(?s:.)".to_owned()),
        PatternPart::AnyRun if raw => PendingPart::Literal("(?s:.*)".to_owned()),
        PatternPart::Literal(text) => PendingPart::Literal(text),
        PatternPart::AnyOne => PendingPart::AnyOne,
        PatternPart::AnyRun => PendingPart::AnyRun,
    });
    Filled::Parts(parts.collect())
}

fn product(rows: Vec<Vec<Filled>>, choices: &[Filled]) -> Vec<Vec<Filled>> {
    rows.iter()
        .flat_map(|row| {
            choices.iter().map(|choice| {
                let mut row = row.clone();
                row.push(choice.clone());
                row
            })
        })
        .collect()
}

fn finish(
    row: Vec<Filled>,
    pending: &Pending,
    chain: &modifier::Chain,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> crate::diagnostic::Result<Value> {
    if let [Filled::Number(number)] = row.as_slice() {
        let input = Input::Number(std::borrow::Cow::Borrowed(number));
        return modifier::apply(chain, &input, span, None, diagnostics);
    }
    let parts = row.into_iter().flat_map(|filled| match filled {
        Filled::Parts(parts) => parts,
        Filled::Number(number) => vec![PendingPart::Literal(number.text)],
    });
    match closed(parts.clone()) {
        Some(pattern) => modifier::apply(chain, &Input::Resolved(pattern), span, None, diagnostics),
        None => Ok(Value::Pending(Pending {
            parts: parts.collect(),
            modifiers: pending.modifiers.clone(),
            keyword: pending.keyword,
        })),
    }
}

/// The string of parts without a placeholder.
fn closed(parts: impl Iterator<Item = PendingPart>) -> Option<Pattern> {
    let mut pattern = Pattern::default();
    for part in parts {
        match part {
            PendingPart::Literal(text) => pattern.push_literal(&text),
            PendingPart::AnyOne => pattern.push(PatternPart::AnyOne),
            PendingPart::AnyRun => pattern.push(PatternPart::AnyRun),
            PendingPart::Placeholder(_) => return None,
        }
    }
    Some(pattern)
}

/// Whether the value's text is that of a regular expression.
fn is_raw(modifiers: &[Spanned<Modifier>]) -> bool {
    modifiers.iter().any(|modifier| modifier.value == Modifier::Regex)
}

/// A text value of an item with `expand`.
pub(super) enum Expanded {
    /// It has placeholders.
    Pending(Pending),
    /// It has none: the string that it is, `\%` being read.
    Plain(Pattern),
}

/// Reads a text value of an item with `expand`.
pub(super) fn read(text: &str, modifiers: &[Spanned<Modifier>], keyword: bool) -> Expanded {
    let parts = if is_raw(modifiers) {
        read_raw(text)
    } else {
        read_string(text)
    };
    match closed(parts.iter().cloned()) {
        Some(pattern) => Expanded::Plain(pattern),
        None => Expanded::Pending(Pending {
            parts,
            modifiers: modifiers
                .iter()
                .filter(|modifier| {
                    !matches!(modifier.value, Modifier::Expand | Modifier::All | Modifier::Not)
                })
                .cloned()
                .collect(),
            keyword,
        }),
    }
}

/// Sigma's escapes and wildcards as in `pattern::read`, with `%name%` and `\%` besides.
fn read_string(text: &str) -> Vec<PendingPart> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some((name, after)) = placeholder(rest) {
            flush(&mut literal, &mut parts);
            parts.push(PendingPart::Placeholder(name.to_owned()));
            rest = after;
            continue;
        }
        rest = rest.get(next.len_utf8()..).unwrap_or_default();
        match next {
            '*' | '?' => {
                flush(&mut literal, &mut parts);
                parts.push(if next == '*' {
                    PendingPart::AnyRun
                } else {
                    PendingPart::AnyOne
                });
            }
            '\\' => match rest.chars().next() {
                Some(escaped @ ('*' | '?' | '\\' | '%')) => {
                    literal.push(escaped);
                    rest = rest.get(1..).unwrap_or_default();
                }
                _ => literal.push('\\'),
            },
            other => literal.push(other),
        }
    }
    flush(&mut literal, &mut parts);
    parts
}

/// Raw text of a regular expression, whose escapes (`\%` among them) stay.
fn read_raw(text: &str) -> Vec<PendingPart> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some((name, after)) = placeholder(rest) {
            flush(&mut literal, &mut parts);
            parts.push(PendingPart::Placeholder(name.to_owned()));
            rest = after;
            continue;
        }
        let mut taken = rest.chars().take(if next == '\\' { 2 } else { 1 });
        let length = taken.by_ref().map(char::len_utf8).sum();
        literal.push_str(rest.get(..length).unwrap_or_default());
        rest = rest.get(length..).unwrap_or_default();
    }
    flush(&mut literal, &mut parts);
    parts
}

fn flush(literal: &mut String, parts: &mut Vec<PendingPart>) {
    if !literal.is_empty() {
        parts.push(PendingPart::Literal(std::mem::take(literal)));
    }
}

/// `%name%` at the start of a text, with what follows; names are words.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('%')?.split_once('%')?;
    let word = !name.is_empty() && name.chars().all(|next| next.is_alphanumeric() || next == '_');
    word.then_some((name, after))
}

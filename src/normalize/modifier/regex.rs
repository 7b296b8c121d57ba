//! `re` with its flags.

use crate::diagnostic::{Code, Diagnostic, Result, Span};
use crate::normalize::Value;
use crate::regex::{Anchors, Flags, Regex, RegexError, RegexErrorKind};
use crate::rule::{Modifier, Spanned};
use crate::source::TextPlaces;

use super::apply::cannot_take;
use super::{Input, Plan, cannot_follow};

pub(super) fn next(plan: Plan, modifier: &Spanned<Modifier>, before: &[Modifier]) -> Result<Plan> {
    match (plan, modifier.value) {
        (Plan::Plain, Modifier::Regex) => Ok(Plan::Regex(Flags::default(), Anchors::default())),
        (Plan::Regex(mut flags, anchors), flag) if flag != Modifier::Regex => {
            flags.ignore_case |= flag == Modifier::RegexIgnoreCase;
            flags.multi_line |= flag == Modifier::RegexMultiLine;
            flags.dot_all |= flag == Modifier::RegexDotAll;
            Ok(Plan::Regex(flags, anchors))
        }
        (_, Modifier::Regex) => Err(cannot_follow(modifier, before, &[])),
        _ => Err(cannot_follow(modifier, before, &[Modifier::Regex])),
    }
}

pub(super) fn apply(
    flags: Flags,
    anchors: Anchors,
    input: &Input<'_>,
    span: Span,
    places: Option<&TextPlaces>,
) -> Result<Value> {
    let source = input.text().ok_or_else(|| {
        cannot_take(
            "`re`",
            input,
            span,
            "write the regular expression as text, in quotes",
        )
    })?;
    Regex::parse_anchored(source, flags, anchors)
        .map(Value::Regex)
        .map_err(|error| fault(&error, source, span, places))
}

/// The error of a pattern that cannot be read, at the part concerned; in words, where that part is not to be pointed at.
fn fault(error: &RegexError, source: &str, span: Span, places: Option<&TextPlaces>) -> Box<Diagnostic> {
    let exact = places
        .map(|places| places.span(error.range.start, error.range.end))
        .filter(|place| *place != span);
    let part = source
        .get(error.range.clone())
        .filter(|part| exact.is_none() && !part.is_empty() && part.len() < source.len());
    let place = part.map_or_else(String::new, |part| format!(" at `{part}`"));
    let (code, kind, help) = match error.kind {
        RegexErrorKind::Invalid => (
            Code::INVALID_REGEX,
            "invalid regular expression",
            "write it in the syntax of PCRE; `\\` before a character takes its special meaning away",
        ),
        RegexErrorKind::Unsupported => (
            Code::UNSUPPORTED_REGEX,
            "unsupported regular expression",
            "write it without this construct",
        ),
        RegexErrorKind::TooLarge => (
            Code::UNSUPPORTED_REGEX,
            "regular expression above a limit",
            "write a shorter one",
        ),
    };
    let title = format!("{kind}: {}{place}", error.message);
    Box::new(Diagnostic::error(code, title, exact.unwrap_or(span)).with_help(help))
}

//! `base64`, `base64offset` and the encodings in UTF-16: a string becomes bytes, bytes become text again.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::diagnostic::{Code, Diagnostic, Result, Span};
use crate::normalize::Pattern;
use crate::rule::{Modifier, Spanned};

use super::apply::{MAX_ALTERNATIVES, too_many};
use super::{Plan, Step, StepKind, cannot_follow};

pub(super) fn next(
    kind: StepKind,
    plan: Plan,
    modifier: &Spanned<Modifier>,
    before: &[Modifier],
) -> Result<Plan> {
    let mut steps = match plan {
        Plan::Plain => Vec::new(),
        Plan::Text(steps) if may_follow(kind, steps.last().map(|step| step.kind)) => steps,
        Plan::Text(_)
        | Plan::Regex(..)
        | Plan::Network
        | Plan::Compare(_)
        | Plan::Time(..)
        | Plan::Exists
        | Plan::FieldReference(_) => {
            let mut allowed = vec![Modifier::WindowsDash, Modifier::Base64];
            if !kind.gives_bytes() {
                allowed.extend([Modifier::Utf16Le, Modifier::Utf16Be, Modifier::Utf16]);
            }
            return Err(cannot_follow(modifier, before, &allowed));
        }
    };
    let charset = steps.pop_if(|step| step.kind.gives_bytes());
    steps.push(Step {
        charset: charset.map(|step| step.kind),
        ..Step::new(kind, modifier)
    });
    Ok(Plan::Text(steps))
}

/// Wildcards cannot be encoded, and pieces of Base64 are no text to encode again.
fn may_follow(kind: StepKind, last: Option<StepKind>) -> bool {
    match last {
        None | Some(StepKind::WindowsDash | StepKind::Base64) => true,
        Some(StepKind::Utf16Le | StepKind::Utf16Be | StepKind::Utf16) => !kind.gives_bytes(),
        Some(StepKind::Contains | StepKind::StartsWith | StepKind::EndsWith | StepKind::Base64Offset) => {
            false
        }
    }
}

/// Encodes each string in Base64.
pub(super) fn apply(step: &Step, patterns: &[Pattern], span: Span) -> Result<Vec<Pattern>> {
    let mut results = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        let text = pattern.as_literal().ok_or_else(|| {
            Box::new(
                Diagnostic::error(
                    Code::INVALID_MODIFIER_VALUE,
                    "wildcard in a value that is encoded",
                    span,
                )
                .with_label(step.span, "encodes the value")
                .with_help("escape the wildcard with `\\` if it stands for itself"),
            )
        })?;
        let bytes = bytes(text, step.charset);
        if step.kind == StepKind::Base64Offset {
            results.extend(offsets(&bytes, span)?);
        } else {
            results.push(Pattern::literal(&STANDARD.encode(&bytes)));
        }
    }
    if results.len() > MAX_ALTERNATIVES {
        return Err(too_many(span));
    }
    Ok(results)
}

/// The bytes of a text in UTF-8, or in an encoding of UTF-16.
fn bytes(text: &str, charset: Option<StepKind>) -> Cow<'_, [u8]> {
    match charset {
        Some(StepKind::Utf16Be) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Some(StepKind::Utf16) => std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect(),
        Some(_) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        None => Cow::Borrowed(text.as_bytes()),
    }
}

/// The value in Base64 at each of the three offsets within a group of three bytes, without the characters that
/// depend on what stands before and after it.
fn offsets(bytes: &[u8], span: Span) -> Result<Vec<Pattern>> {
    let mut results = Vec::with_capacity(3);
    for offset in 0..3_usize {
        let mut shifted = vec![0; offset];
        shifted.extend_from_slice(bytes);
        let encoded = STANDARD.encode(&shifted);
        // A character holds six bits: the first that begins within the value, the last that ends within it.
        let start = (offset * 8).div_ceil(6);
        let end = shifted.len() * 8 / 6;
        match encoded.get(start..end) {
            Some(text) if !text.is_empty() => results.push(Pattern::literal(text)),
            _ => {
                return Err(Box::new(
                    Diagnostic::error(
                        Code::INVALID_MODIFIER_VALUE,
                        "value too short to be recognised in Base64 at every offset",
                        span,
                    )
                    .with_help("write at least two bytes"),
                ));
            }
        }
    }
    Ok(results)
}

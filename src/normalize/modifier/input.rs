//! A value as modifiers take it.

use std::borrow::Cow;

use crate::normalize::{Pattern, PatternPart, pattern};
use crate::rule::RawScalar;
use crate::source::Number;

/// A value before its modifiers are applied.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::normalize) enum Input<'a> {
    /// Text with Sigma's escapes still in it.
    Raw(&'a str),
    /// A string whose placeholders were resolved; for regular expressions one literal of raw text.
    Resolved(Pattern),
    /// A number.
    Number(Cow<'a, Number>),
    /// A boolean.
    Bool(bool),
    /// Null.
    Null,
}

impl<'a> From<&'a RawScalar> for Input<'a> {
    fn from(scalar: &'a RawScalar) -> Self {
        match scalar {
            RawScalar::Text(text) => Self::Raw(text),
            RawScalar::Number(number) => Self::Number(Cow::Borrowed(number)),
            RawScalar::Bool(value) => Self::Bool(*value),
            RawScalar::Null => Self::Null,
        }
    }
}

impl Input<'_> {
    /// The value as a string pattern; numbers are taken as their text.
    pub(super) fn pattern(&self) -> Option<Pattern> {
        match self {
            Self::Raw(text) => Some(pattern::read(text)),
            Self::Resolved(pattern) => Some(pattern.clone()),
            Self::Number(number) => Some(Pattern::literal(&number.text)),
            Self::Bool(_) | Self::Null => None,
        }
    }

    /// The value as text that is not read as a pattern; numbers are taken as their text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Raw(text) => Some(text),
            Self::Resolved(pattern) => pattern.as_literal(),
            Self::Number(number) => Some(&number.text),
            Self::Bool(_) | Self::Null => None,
        }
    }

    /// What the value is, for messages.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Resolved(pattern) if pattern.parts.contains(&PatternPart::AnyRun) => "text with wildcards",
            Self::Raw(_) | Self::Resolved(_) => "text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Null => "null",
        }
    }
}

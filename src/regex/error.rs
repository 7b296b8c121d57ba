//! Why a regular expression of a rule cannot be read.

use std::fmt;
use std::ops::Range;

/// What kind of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegexErrorKind {
    /// PCRE refuses the expression as well.
    Invalid,
    /// PCRE reads it, or its versions differ about it, and it is not carried over.
    Unsupported,
    /// Above a limit.
    TooLarge,
}

/// Why a regular expression cannot be read, and which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexError {
    /// What is wrong: no full stop.
    pub message: String,
    /// The part concerned, as a byte range of the source.
    pub range: Range<usize>,
    /// What kind of fault it is.
    pub kind: RegexErrorKind,
}

impl RegexError {
    pub(super) fn invalid(message: impl Into<String>, range: Range<usize>) -> Self {
        Self::new(RegexErrorKind::Invalid, message, range)
    }

    pub(super) fn unsupported(message: impl Into<String>, range: Range<usize>) -> Self {
        Self::new(RegexErrorKind::Unsupported, message, range)
    }

    pub(super) fn too_large(message: impl Into<String>, range: Range<usize>) -> Self {
        Self::new(RegexErrorKind::TooLarge, message, range)
    }

    fn new(kind: RegexErrorKind, message: impl Into<String>, range: Range<usize>) -> Self {
        Self {
            message: message.into(),
            range,
            kind,
        }
    }
}

impl fmt::Display for RegexError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for RegexError {}

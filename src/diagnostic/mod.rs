//! How every stage says what is wrong.
//!
//! A [`Diagnostic`] is a value: built once where the fault is found, printed last. It names a stable
//! [`Code`], says what is wrong (title), where (labels with byte spans) and what to do (help).
//! Stages push into [`Diagnostics`] and go on; text and JSON are printers at the end of the way.

mod code;
pub mod render;
mod span;

pub use code::{CODES, Code};
pub use span::{Source, SourceId, SourceMap, Span};

/// How bad a finding is. Ordered: `Note < Warning < Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing: an approximation that the query states, or a skipped document.
    Note,
    /// Should be looked at; does not stand between a rule and its query.
    Warning,
    /// The rule fails.
    Error,
}

/// One place that a diagnostic points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What stands there; may be empty for the primary place.
    pub text: String,
}

/// What is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable for ever.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// What is wrong: no full stop, no second person, no "error:".
    pub title: String,
    /// The primary place first; none only where no source text exists (an empty folder).
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// The rule concerned: its `id`, else its title, where known.
    pub rule: Option<String>,
}

impl Diagnostic {
    /// An error with its primary place.
    #[must_use]
    pub fn error(code: Code, title: impl Into<String>, span: Span) -> Self {
        Self::new(code, Severity::Error, title, span)
    }

    /// A warning with its primary place.
    #[must_use]
    pub fn warning(code: Code, title: impl Into<String>, span: Span) -> Self {
        Self::new(code, Severity::Warning, title, span)
    }

    /// A note with its primary place.
    #[must_use]
    pub fn note(code: Code, title: impl Into<String>, span: Span) -> Self {
        Self::new(code, Severity::Note, title, span)
    }

    /// An error without any source text to point at.
    #[must_use]
    pub fn global(code: Code, title: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            title: title.into(),
            labels: Vec::new(),
            help: None,
            rule: None,
        }
    }

    fn new(code: Code, severity: Severity, title: impl Into<String>, span: Span) -> Self {
        Self {
            code,
            severity,
            title: title.into(),
            labels: vec![Label {
                span,
                text: String::new(),
            }],
            help: None,
            rule: None,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a further place with what stands there.
    #[must_use]
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// The primary place.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// The findings of a stage, in the order in which they were made.
pub type Diagnostics = Vec<Diagnostic>;

/// A step that fails with one diagnostic; boxed, since the way without fault is the usual one.
pub type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// Pushes the diagnostic of a failed step and gives `None`, so that a stage goes on with the next part.
pub fn collect<T>(result: Result<T>, diagnostics: &mut Diagnostics) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            None
        }
    }
}

/// The candidate that `word` was probably meant to be, for "did you mean" helps.
#[must_use]
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The distance takes quadratic time, and rules are hostile.
    if word.len() > 64 {
        return None;
    }
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let other_length = other.chars().count();
            let limit = 1 + candidate.chars().count().min(length) / 4;
            // Texts are at least as far apart as their lengths: most candidates cost no more than that.
            if length.abs_diff(other_length) > limit {
                return None;
            }
            Some((strsim::damerau_levenshtein(&lower, &other), candidate))
                .filter(|(distance, _)| *distance <= limit)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

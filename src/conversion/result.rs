//! What comes out of a conversion.

use crate::backend::emit::Query;
use crate::diagnostic::{Diagnostics, Severity, Span};

/// One query of a rule.
#[derive(Clone, Debug)]
pub struct ConvertedQuery {
    /// The condition's name, if the rule has several.
    pub name: Option<String>,
    /// The query with its notes.
    pub query: Query,
}

/// What became of one document.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Index in [`Collection::rules`](crate::collection::Collection::rules); `None` for a document that could not be read.
    pub index: Option<usize>,
    /// The rule's `id`, where it has one.
    pub rule_id: Option<String>,
    /// The rule's title; empty if it has none.
    pub title: String,
    /// The document.
    pub span: Span,
    /// Its queries; none if it failed.
    pub queries: Vec<ConvertedQuery>,
    /// Errors, warnings and notes on it.
    pub diagnostics: Diagnostics,
}

impl Outcome {
    /// Whether the rule failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// The outcomes of a run, in order of path, then of document.
#[derive(Clone, Debug, Default)]
pub struct Conversion {
    /// One for each document that asks for a query, and for each that failed.
    pub outcomes: Vec<Outcome>,
    /// Findings that concern no single document.
    pub diagnostics: Diagnostics,
}

impl Conversion {
    /// All queries, in order.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        self.outcomes
            .iter()
            .flat_map(|outcome| outcome.queries.iter().map(|converted| &converted.query))
    }

    /// How many rules were converted.
    #[must_use]
    pub fn converted(&self) -> usize {
        self.outcomes
            .iter()
            .filter(|outcome| !outcome.queries.is_empty())
            .count()
    }

    /// How many rules failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.failed()).count()
    }
}

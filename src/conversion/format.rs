//! The formats that every target has: the query's text, and JSON lines.

use serde::Serialize;

use crate::backend::emit::Note;
use crate::conversion::{ConvertedQuery, Outcome};
use crate::diagnostic::{Code, Diagnostic, Severity, SourceMap};
use crate::templates::Target;

/// A format that `convert` can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The text of the query.
    Query,
    /// One JSON object per query or failed rule.
    Json,
}

impl Format {
    /// All formats.
    pub const ALL: &'static [Self] = &[Self::Query, Self::Json];

    /// By which it is chosen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Json => "json",
        }
    }

    /// What it is, in one line.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::Query => "the text of each query, a blank line between two",
            Self::Json => "one JSON object on a line for each query and each failed rule",
        }
    }

    /// The format of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// The extension of files in this format.
    #[must_use]
    pub fn extension(self, target: &Target) -> &str {
        match self {
            Self::Query => &target.extension,
            Self::Json => "json",
        }
    }
}

#[derive(Serialize)]
struct QueryRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_id: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    target: &'a str,
    language: &'a str,
    query: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tables: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<NoteRecord<'a>>,
}

#[derive(Serialize)]
struct NoteRecord<'a> {
    code: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

#[derive(Serialize)]
struct FailureRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    code: &'static str,
    error: &'a str,
}

/// A query as one JSON object, without a line break (DESIGN, contracts).
#[must_use]
pub fn query_json(
    outcome: &Outcome,
    converted: &ConvertedQuery,
    target: &Target,
    sources: &SourceMap,
) -> String {
    let place = sources.locate(outcome.span);
    let line_of = |span| sources.locate(span).map(|(_, line, _)| line);
    let query = &converted.query;
    let record = QueryRecord {
        rule_id: outcome.rule_id.as_deref(),
        title: &outcome.title,
        file: place.map(|(file, _, _)| file),
        line: place.map(|(_, line, _)| line),
        name: converted.name.as_deref(),
        target: &target.name,
        language: &target.language,
        query: &query.text,
        tables: query.tables.iter().map(AsRef::as_ref).collect(),
        fields: &query.fields,
        notes: query
            .notes
            .iter()
            .map(|note| NoteRecord {
                code: &note.code,
                text: &note.text,
                line: line_of(note.span),
            })
            .collect(),
    };
    serde_json::to_string(&record).unwrap_or_default()
}

/// A failed rule as one JSON object: its first error.
#[must_use]
pub fn failure_json(outcome: &Outcome, sources: &SourceMap) -> Option<String> {
    let error = outcome
        .diagnostics
        .iter()
        .find(|finding| finding.severity == Severity::Error)?;
    let place = error.span().and_then(|span| sources.locate(span));
    let record = FailureRecord {
        rule_id: outcome.rule_id.as_deref(),
        file: place.map(|(file, _, _)| file),
        line: place.map(|(_, line, _)| line),
        column: place.map(|(_, _, column)| column),
        code: error.code.id,
        error: &error.title,
    };
    serde_json::to_string(&record).ok()
}

/// The notes of an outcome's queries as diagnostics: one for each code, which says how often it occurs. The JSON format
/// has each note with its line.
#[must_use]
pub fn notes(outcome: &Outcome) -> Vec<Diagnostic> {
    let mut codes: Vec<(&Note, usize)> = Vec::new();
    for note in outcome
        .queries
        .iter()
        .flat_map(|converted| &converted.query.notes)
    {
        match codes
            .iter_mut()
            .find(|(known, _)| known.code == note.code && known.text == note.text)
        {
            Some((_, count)) => *count += 1,
            None => codes.push((note, 1)),
        }
    }
    codes
        .into_iter()
        .map(|(note, count)| {
            let places = if count > 1 {
                format!(", {count} places")
            } else {
                String::new()
            };
            let title = format!("{} ({}{places})", note.text, note.code);
            let mut diagnostic = Diagnostic::note(Code::APPROXIMATION, title, note.span);
            diagnostic.rule.clone_from(&outcome.rule_id);
            diagnostic
        })
        .collect()
}

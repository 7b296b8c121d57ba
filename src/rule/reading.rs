//! From the YAML documents of a source to typed documents.

use std::ops::Range;
use std::sync::Arc;

use super::attributes::misspelt;
use super::metadata::{self, Sections};
use super::reader::{Reader, is_null};
use super::{DetectionRule, Document, Metadata, collection, correlation, detection, filter, log_source};
use crate::diagnostic::{Code, Diagnostics, Source, Span};
use crate::source::{Entry, Node, NodeValue};

/// What a source holds.
#[derive(Debug, Default)]
pub struct Reading {
    /// The documents without an error, in the order of the source.
    pub documents: Vec<Document>,
    /// The Sigma documents with an error, in the order of the source.
    pub failed: Vec<FailedDocument>,
    /// Documents that are not Sigma's. Whether that is a fault depends on how the file was found.
    pub unrecognised: Vec<Span>,
}

/// A document that an error stands in the way of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedDocument {
    /// Its id, else its title, where it has one.
    pub rule: Option<String>,
    /// The whole document.
    pub span: Span,
    /// Its findings, as indices of the diagnostics that [`read`] pushed to. They may point into another document:
    /// that of an `action: global`.
    pub findings: Range<usize>,
}

/// What kind of document the sections make.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Detection,
    Correlation,
    Filter,
}

/// Types the documents of a source. A mapping with `detection`, `correlation`, `filter` or `action` is Sigma's;
/// findings go to `diagnostics` with the rule that they concern.
pub fn read(source: &Source, roots: Vec<Node>, diagnostics: &mut Diagnostics) -> Reading {
    let mut reading = Reading::default();
    let roots = collection::expand(roots, diagnostics, &mut reading.failed);
    reading.documents.reserve(roots.len());
    for root in roots {
        document(source, root, diagnostics, &mut reading);
    }
    reading.failed.sort_by_key(|failed| failed.span);
    reading
}

/// What to call a raw document: its id, else its title.
pub(super) fn label(root: &Node) -> Option<String> {
    let text = |key| root.get(key).and_then(Node::text).filter(|text| !text.is_empty());
    text("id").or_else(|| text("title")).map(str::to_owned)
}

fn document(source: &Source, root: Node, diagnostics: &mut Diagnostics, reading: &mut Reading) {
    let span = root.span;
    let first = diagnostics.len();
    let mut reader = Reader::new(source, diagnostics);
    if is_null(&root) {
        // A `---` with nothing after it.
        return;
    }
    let kind = kind(&mut reader, &root);
    if kind.is_none() && !reader.failed {
        reading.unrecognised.push(span);
        return;
    }
    let raw_label = if reader.failed { label(&root) } else { None };
    let (rule, document) = match (kind, root.value) {
        (Some(kind), NodeValue::Mapping(entries)) => typed(&mut reader, kind, entries, span),
        (_, NodeValue::Mapping(_) | NodeValue::Sequence(_) | NodeValue::Scalar(_)) => (raw_label, None),
    };
    for diagnostic in diagnostics.iter_mut().skip(first) {
        diagnostic.rule.clone_from(&rule);
    }
    match document {
        Some(document) => reading.documents.push(document),
        None => reading.failed.push(FailedDocument {
            rule,
            span,
            findings: first..diagnostics.len(),
        }),
    }
}

/// The kind of a document; `None` without an error where it is not Sigma's.
fn kind(reader: &mut Reader<'_>, root: &Node) -> Option<Kind> {
    const KINDS: [(&str, Kind); 3] = [
        ("correlation", Kind::Correlation),
        ("filter", Kind::Filter),
        ("detection", Kind::Detection),
    ];
    let entries = root.mapping()?;
    let mut found: Option<(&Entry, &str, Kind)> = None;
    for (key, kind) in KINDS {
        let Some(entry) = entries.iter().find(|entry| entry.key.text() == Some(key)) else {
            continue;
        };
        if let Some((_, other, other_kind)) = found {
            let code = match other_kind {
                Kind::Correlation => Code::INVALID_CORRELATION,
                Kind::Filter | Kind::Detection => Code::INVALID_FILTER,
            };
            let title = format!("document holds both `{other}` and `{key}`");
            let help = format!("move `{key}` into a document of its own, after a line `---`");
            reader.error(code, title, entry.key.span, help);
            return None;
        }
        found = Some((entry, key, kind));
    }
    if found.is_none() {
        misspelt_kind(reader, entries, root.get("logsource").is_some());
    }
    found.map(|(_, _, kind)| kind)
}

/// Reports a key that was meant to make the document Sigma's; other files have keys like these too, so the
/// document must show another mark of Sigma.
fn misspelt_kind(reader: &mut Reader<'_>, entries: &[Entry], has_log_source: bool) {
    for entry in entries {
        let (Some(key), true) = (entry.key.text(), entry.value.mapping().is_some()) else {
            continue;
        };
        let known: &[&str] = match (has_log_source, entry.value.get("timespan")) {
            (true, _) => &["detection", "filter"],
            (false, Some(_)) => &["correlation"],
            (false, None) => continue,
        };
        if let Some(meant) = misspelt(key, known.iter().copied()) {
            let title = format!("unknown attribute `{key}`");
            let help = format!("did you mean `{meant}`?");
            reader.error(Code::MISSPELT_ATTRIBUTE, title, entry.key.span, help);
            return;
        }
    }
}

/// Reads the sections of a document; gives its label too, also where it fails.
fn typed(
    reader: &mut Reader<'_>,
    kind: Kind,
    entries: Vec<Entry>,
    span: Span,
) -> (Option<String>, Option<Document>) {
    let sections: &[&str] = match kind {
        Kind::Detection => &["logsource", "detection"],
        Kind::Correlation => &["correlation", "generate"],
        Kind::Filter => &["logsource", "filter"],
    };
    let (metadata, sections) = metadata::read(reader, entries, span, sections);
    let name = metadata
        .id
        .as_ref()
        .map_or(metadata.title.as_str(), |id| id.value.as_str());
    let name = (!name.is_empty()).then(|| name.to_owned());
    let document = match kind {
        Kind::Detection => detection_rule(reader, metadata, sections).map(Document::Detection),
        Kind::Correlation => correlation::read(reader, metadata, sections).map(Document::Correlation),
        Kind::Filter => filter::read(reader, metadata, sections).map(Document::Filter),
    };
    (name, document.filter(|_| !reader.failed))
}

fn detection_rule(
    reader: &mut Reader<'_>,
    metadata: Metadata,
    mut sections: Sections,
) -> Option<DetectionRule> {
    let log_source = sections.log_source(reader);
    let section = sections.take("detection")?;
    let section = detection::read(reader, section, sections.outer_condition)?;
    Some(DetectionRule {
        metadata: Arc::new(metadata),
        log_source: log_source?,
        detections: section.detections,
        conditions: section.conditions,
    })
}

impl Sections {
    /// The log source, which detection rules and filters must have.
    pub(super) fn log_source(&mut self, reader: &mut Reader<'_>) -> Option<super::LogSource> {
        match self.take("logsource") {
            Some(entry) => log_source::read(reader, entry.value),
            None => {
                if !self.misspelt.contains(&"logsource") {
                    log_source::missing(reader, self.start);
                }
                None
            }
        }
    }
}

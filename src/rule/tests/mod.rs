//! Tests of reading whole documents.

mod corpus;
mod correlations;
mod documents;
mod random;
mod sections;

use super::{Reading, read};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, SourceMap};
use std::fmt::Write as _;

/// Reads a text.
fn read_text(text: &str) -> (Reading, Diagnostics) {
    let source = SourceMap::new().add("rule.yml", text);
    let mut diagnostics = Vec::new();
    let documents = crate::source::read(&source, &crate::source::Limits::default(), &mut diagnostics);
    let roots = documents.into_iter().map(|document| document.root).collect();
    let reading = read(&source, roots, &mut diagnostics);
    (reading, diagnostics)
}

/// The findings of a text, each with the piece of the text that it points at.
fn findings(text: &str) -> String {
    let (_, diagnostics) = read_text(text);
    let mut shown = String::new();
    for diagnostic in &diagnostics {
        show(&mut shown, text, diagnostic);
    }
    shown
}

fn show(shown: &mut String, text: &str, diagnostic: &Diagnostic) {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    writeln!(
        shown,
        "{severity}[{}]: {}",
        diagnostic.code.name, diagnostic.title
    )
    .unwrap();
    for label in &diagnostic.labels {
        let piece = &text[label.span.start as usize..label.span.end as usize];
        let line = text[..label.span.start as usize].matches('\n').count() + 1;
        let piece = piece.lines().next().unwrap_or_default();
        writeln!(shown, "  {line}: `{piece}` {}", label.text).unwrap();
    }
    if let Some(help) = &diagnostic.help {
        writeln!(shown, "  help: {help}").unwrap();
    }
}

/// A rule with the given section `detection`, indented by four.
fn rule_with(detection: &str) -> String {
    format!("title: T\nlogsource:\n    product: windows\ndetection:\n{detection}")
}

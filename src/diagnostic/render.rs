//! Printers of diagnostics for people and machines.
//!
//! [`text`] shows a diagnostic with a window on its sources, [`location`] gives the place as numbers. What
//! is printed may come from hostile files: control characters are shown, never sent, and long lines are cut.

mod escape;
mod window;

use super::{Diagnostic, Severity, SourceMap};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// The place of a diagnostic, for printers that show no source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// The start of the primary place; none if the diagnostic has no place in `sources`.
#[must_use]
pub fn location<'a>(diagnostic: &Diagnostic, sources: &'a SourceMap) -> Option<Location<'a>> {
    let (file, line, column) = sources.locate(diagnostic.span()?)?;
    Some(Location { file, line, column })
}

/// A diagnostic for people: title, the lines that its labels point at, help. Ends without a line break.
/// With `color`, terminal escape codes of its own, and only these, are in it.
#[must_use]
pub fn text(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = level
        .primary_title(escape::short(&diagnostic.title, 500))
        .id(diagnostic.code.id)
        .elements([] as [annotate_snippets::Padding; 0]);
    let mut origins = Vec::new();
    for window in window::windows(diagnostic, sources) {
        let annotations = window.marks.into_iter().map(|mark| {
            let kind = if mark.primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let annotation = kind.span(mark.start..mark.end);
            if mark.text.is_empty() {
                annotation
            } else {
                annotation.label(mark.text)
            }
        });
        let snippet = Snippet::source(window.text)
            .line_start(window.first_line)
            .path(format!("{PLACE}{}{PLACE}", origins.len()))
            .annotations(annotations);
        group = group.element(snippet);
        origins.push(format!("{}:{}:{}", window.file, window.line, window.column));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(escape::lines(help, 2000)));
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    with_origins(&renderer.render(&[group]), &origins)
}

/// Around the number of a window, where its file and position come. Escaped text has no such character.
const PLACE: char = '\x01';

/// Puts in the files and positions. The renderer counts columns in the text that it shows, which is not the file's
/// where a line is cut or has escaped characters.
fn with_origins(output: &str, origins: &[String]) -> String {
    let mut parts = output.split(PLACE);
    let mut result = parts.next().unwrap_or_default().to_owned();
    while let (Some(number), Some(rest)) = (parts.next(), parts.next()) {
        let origin = number.parse().ok().and_then(|number: usize| origins.get(number));
        result.push_str(origin.map_or("", String::as_str));
        result.push_str(
            rest.trim_start_matches(|character: char| character == ':' || character.is_ascii_digit()),
        );
    }
    result
}

#[cfg(test)]
mod tests;

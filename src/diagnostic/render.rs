//! Printers of diagnostics for people and machines.
//!
//! [`text`] shows a diagnostic with a window on its sources, [`location`] gives the place as numbers. What
//! is printed may come from hostile files: control characters are shown, never sent, and long lines are cut.

mod escape;
mod window;

use super::{Diagnostic, Severity, SourceMap};
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

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
    for window in window::windows(diagnostic, sources) {
        let origin = Origin::path(window.file)
            .line(window.line)
            .char_column(window.column);
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
            .annotations(annotations);
        group = group.element(origin).element(snippet);
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(escape::lines(help, 2000)));
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.render(&[group])
}

#[cfg(test)]
mod tests;

//! The one YAML document of a pipeline or schema file.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Source, Span};
use crate::source::{self, Limits, Node};

/// The document of a file; faults go to `diagnostics`, those in the number of documents with `code`.
pub(super) fn read(source: &Source, code: Code, diagnostics: &mut Diagnostics) -> Option<Node> {
    let start = diagnostics.len();
    let mut documents = source::read(source, &Limits::default(), diagnostics).into_iter();
    let first = documents.next();
    let faulty = diagnostics
        .iter()
        .skip(start)
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    if faulty {
        return None;
    }
    if let Some(second) = documents.next() {
        let title = "a pipeline or schema file holds one document, and this is the second";
        let help = "remove the line `---`, or move the document into a file of its own";
        diagnostics.push(Diagnostic::error(code, title, second.root.span).with_help(help));
        return None;
    }
    if first.is_none() {
        let place = Span {
            source: source.id,
            start: 0,
            end: 0,
        };
        let help = "write a mapping such as `transformations: []`";
        diagnostics.push(Diagnostic::error(code, "the file is empty", place).with_help(help));
    }
    Some(first?.root)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::diagnostic::{Code, Diagnostics, SourceMap};

    #[test]
    fn exactly_one_document_is_read() {
        let mut sources = SourceMap::new();
        for (text, expected) in [
            ("a: 1\na: 2\n", Some(Code::DUPLICATE_KEY)),
            ("a: [", Some(Code::YAML_SYNTAX)),
            ("", Some(Code::INVALID_PIPELINE)),
            ("# nothing\n", Some(Code::INVALID_PIPELINE)),
            ("a: 1\n---\nb: 1\n", Some(Code::INVALID_PIPELINE)),
            ("---\na: 1\n", None),
        ] {
            let source = sources.add("p.yml", text);
            let mut diagnostics = Diagnostics::new();
            let document = read(&source, Code::INVALID_PIPELINE, &mut diagnostics);
            let codes: Vec<_> = diagnostics.iter().map(|finding| finding.code).collect();
            assert_eq!(codes, Vec::from_iter(expected), "{text:?}");
            assert_eq!(document.is_some(), expected.is_none(), "{text:?}");
        }
    }
}

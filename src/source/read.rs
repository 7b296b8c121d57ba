//! The documents of a stream.
//!
//! After a syntax error the parser knows nothing sure about what follows. Reading stops there and goes on at
//! the next line that starts a document (`---`), so that one error does not hide the other documents.

use super::build::Builder;
use super::{Limits, Node, fault, syntax};
use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use saphyr_parser::{Event, Parser, StrInput};

/// One document of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceDocument {
    /// Its tree.
    pub root: Node,
    /// From its `---`, or from its first node, up to the next document or the end of the text.
    pub span: Span,
}

/// Reads the documents of a source. Empty documents are skipped; one with an error is left out and the error
/// pushed. The text must not be longer than `u32::MAX` bytes; [`decode`](super::decode) sees to that.
#[must_use]
pub fn read(source: &Source, limits: &Limits, diagnostics: &mut Diagnostics) -> Vec<SourceDocument> {
    let mut documents = Vec::new();
    let mut builder = Builder::new(source, limits, diagnostics);
    let mut start = Some(0);
    while let Some(from) = start {
        start = read_from(&source.text, from, &mut builder, &mut documents);
    }
    documents
}

/// Reads documents from a byte that starts a line, up to the end or the first error; gives where to go on.
fn read_from(
    text: &str,
    from: usize,
    builder: &mut Builder<'_>,
    documents: &mut Vec<SourceDocument>,
) -> Option<usize> {
    let mut parser = Parser::new_from_str(text.get(from..)?);
    builder.marks.start_at(from);
    let (fault, at) = match documents_of(&mut parser, builder, documents)? {
        Fault::Syntax(error) => {
            let at = builder.marks.byte(error.marker());
            (
                fault::explain(error.info(), text, at, builder.depth(), |start, end| {
                    builder.span(start, end)
                }),
                at,
            )
        }
        Fault::Limit(diagnostic) => {
            let at = diagnostic.span().map_or(from, |span| span.start as usize);
            (*diagnostic, at)
        }
    };
    builder.report(fault);
    if builder.given_up() {
        return None;
    }
    syntax::next_document(text, at, from)
}

enum Fault {
    Syntax(saphyr_parser::ScanError),
    Limit(Box<Diagnostic>),
}

/// Runs the parser; gives the fault that stopped it, or none at the end.
fn documents_of<'a>(
    parser: &mut Parser<'a, StrInput<'a>>,
    builder: &mut Builder<'_>,
    documents: &mut Vec<SourceDocument>,
) -> Option<Fault> {
    let mut start = 0;
    while let Some(event) = parser.next_event() {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => return Some(Fault::Syntax(error)),
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                builder.scalar(text, style, anchor, tag.as_deref(), &span);
            }
            Event::SequenceStart(anchor, tag) => {
                if let Err(fault) = builder.start_collection(false, anchor, tag.as_deref(), &span) {
                    return Some(Fault::Limit(fault));
                }
            }
            Event::MappingStart(anchor, tag) => {
                if let Err(fault) = builder.start_collection(true, anchor, tag.as_deref(), &span) {
                    return Some(Fault::Limit(fault));
                }
            }
            Event::SequenceEnd | Event::MappingEnd => builder.end_collection(&span),
            Event::Alias(anchor) => builder.alias(anchor, &span),
            Event::DocumentStart(_) => {
                builder.start_document();
                start = builder.marks.byte(&span.start);
            }
            Event::DocumentEnd => {
                let end = builder.marks.byte(&span.start);
                if let Some(root) = builder.end_document() {
                    documents.push(SourceDocument {
                        root,
                        span: builder.span(start, end),
                    });
                }
                if builder.given_up() {
                    return None;
                }
            }
            Event::StreamEnd => return None,
            Event::StreamStart | Event::Nothing => {}
        }
    }
    None
}

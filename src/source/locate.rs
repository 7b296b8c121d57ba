//! From a byte range of a scalar's text to its place in the file.

use super::{Node, ScalarStyle};
use crate::diagnostic::{Source, Span};

/// The span in the file of the bytes `start..end` of a scalar's text.
///
/// Exact for scalars whose raw text is their content; any other scalar gives its whole span.
#[must_use]
pub fn span_inside(source: &Source, node: &Node, start: usize, end: usize) -> Span {
    let Some(scalar) = node.scalar() else {
        return node.span;
    };
    let quote = match scalar.style {
        ScalarStyle::Plain => 0,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => 1,
        ScalarStyle::Literal | ScalarStyle::Folded => return node.span,
    };
    let first = node.span.start as usize + quote;
    if source.text.get(first..first + scalar.text.len()) != Some(scalar.text.as_str()) {
        return node.span;
    }
    let offset = |byte: usize| u32::try_from(first + byte.min(scalar.text.len())).unwrap_or(u32::MAX);
    Span {
        source: node.span.source,
        start: offset(start),
        end: offset(end),
    }
}

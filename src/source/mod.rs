//! From bytes to YAML trees in which each node has its byte span.
//!
//! First stage of a rule's way. Knows YAML 1.2 (core schema) and limits, nothing of Sigma.
//!
//! [`decode`] turns bytes into a [`Source`](crate::diagnostic::Source), [`read`] a source into its
//! documents, and [`TextPlaces`] finds the parts of a scalar's text again in the file.
//! Both first steps push what is wrong and give what is right: a document with a fault is left out, the
//! others of the stream are read.

mod build;
mod decode;
mod fault;
mod inside;
mod key;
mod limits;
mod marks;
mod node;
mod read;
mod resolve;
mod syntax;
#[cfg(test)]
mod tests;

pub use decode::{Decoded, decode};
pub use inside::{TextPlaces, span_inside};
pub use limits::Limits;
pub use node::{Entry, Node, NodeValue, Number, Scalar, ScalarKind, ScalarStyle};
pub use read::{SourceDocument, read};

//! From bytes to YAML trees in which each node has its byte span.
//!
//! First stage of a rule's way. Knows YAML 1.2 (core schema) and limits, nothing of Sigma.

mod locate;
mod node;

pub use locate::span_inside;
pub use node::{Entry, Node, NodeValue, Number, Scalar, ScalarKind, ScalarStyle};

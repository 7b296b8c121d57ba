//! What a rule means: items with plain values. No modifiers left, selectors expanded, filters applied.
//!
//! Third stage of a rule's way. Knows what Sigma means, no target. [`resolve`] finds out how the documents of a run refer
//! to each other, [`normalize`] gives [`NormalRule`]s, and [`resolve_placeholders`] goes on with a value once a pipeline
//! knows its placeholders.

mod build;
mod condition;
mod graph;
mod item;
mod log_source;
mod model;
mod modifier;
pub mod pattern;
mod placeholder;
mod references;
#[cfg(test)]
mod tests;

pub use build::normalize;
pub use model::*;
pub use pattern::{Pattern, PatternPart, Shape};
pub use placeholder::{Replacement, resolve_placeholders};
pub use references::{Resolution, ResolvedReference, resolve};

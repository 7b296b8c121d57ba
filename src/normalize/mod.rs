//! What a rule means: items with plain values. No modifiers left, selectors expanded, filters applied.
//!
//! Third stage of a rule's way. Knows what Sigma means, no target. Gives [`NormalRule`]s.

mod model;
mod pattern;

pub use model::*;
pub use pattern::{Pattern, PatternPart, Shape, read};

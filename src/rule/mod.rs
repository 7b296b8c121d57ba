//! The Sigma specification, typed: detection rules, correlations, filters.
//!
//! Second stage of a rule's way. Takes YAML trees, gives [`Document`]s with parsed conditions.
//! Knows the specification (2.1.0), no target and no meaning: modifiers are recognised, not applied.

mod model;
mod modifier;

pub use model::*;
pub use modifier::Modifier;

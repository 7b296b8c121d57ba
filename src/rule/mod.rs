//! The Sigma specification, typed: detection rules, correlations, filters.
//!
//! Second stage of a rule's way. Takes YAML trees, gives [`Document`]s with parsed conditions.
//! Knows the specification (2.1.0), no target and no meaning: modifiers are recognised, not applied.

mod attributes;
mod collection;
pub mod condition;
mod correlation;
mod date;
mod detection;
mod filter;
mod item;
mod log_source;
mod metadata;
mod model;
mod modifier;
mod reader;
mod reading;
mod threshold;
mod timespan;

#[cfg(test)]
#[allow(clippy::too_many_lines, clippy::string_slice, clippy::print_stdout)] // Long by their snapshots.
mod tests;

pub use model::*;
pub use modifier::Modifier;
pub use reading::{FailedDocument, Reading, read};

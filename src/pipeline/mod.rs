//! From Sigma's names to the target's: field mappings, conditions added, tables chosen, column types looked up.
//!
//! Fourth stage of a rule's way; left out with `-p none` and by `eval`. Works on items, reads pipelines in pySigma's YAML
//! format. Knows field mappings and schemas (data files), no query syntax.

mod apply;
mod condition;
mod document;
mod expression;
mod gates;
mod history;
mod keys;
mod model;
mod place;
mod read;
mod schema;
mod schema_read;
mod subject;
#[cfg(test)]
mod tests;
mod text;
mod transform;
mod untouched;

pub use apply::{apply, apply_with_names};
pub use model::Pipeline;
pub use place::{MappedPart, Placement, Unmapped};
pub use schema::{ComputedColumn, Schema, Table};
pub use transform::transformations;

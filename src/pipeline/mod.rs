//! From Sigma's names to the target's: field mappings, conditions added, tables chosen, column types looked up.
//!
//! Fourth stage of a rule's way; left out with `-p none` and by `eval`. Works on items, reads pipelines in pySigma's YAML
//! format. Knows field mappings and schemas (data files), no query syntax.

mod schema;

pub use schema::{ComputedColumn, Schema, Table};

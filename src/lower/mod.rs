//! From items to logic: [`Expr`], pure boolean logic over typed columns.
//!
//! Knows boolean logic and null policies; no YAML, no pipeline, no query syntax. All tests are positive: `null` is
//! `Not(HasValue)`, `exists: false` is `Not(Exists)`, `neq` is `Not(…)`; so one field with several columns is an `Or` of
//! predicates everywhere, and negation comes out right by itself.

mod display;
mod expr;
mod items;
pub mod null_policy;
mod shape;
#[cfg(test)]
mod tests;

pub(crate) use display::write_plain;
pub use display::{describe_keyword, describe_predicate};
pub use expr::*;
pub use items::lower;
pub use shape::{Leaf, Leaves};

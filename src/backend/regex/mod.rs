//! Printing a parsed regular expression in the dialect of a query language, so that it matches the same strings.
//!
//! From the syntax tree, which keeps an author's spelling readable; the compiled form serves checks and classes only.
//! What a dialect cannot say exactly is refused.

mod class;
mod dialect;
mod places;
mod printer;
#[cfg(test)]
mod tests;

pub(crate) use dialect::{Dialect, DialectSettings};
pub(crate) use printer::print;

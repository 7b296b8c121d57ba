//! From a collection of rules to queries: each rule through normalize, pipeline, lower and backend, in parallel.
//!
//! The one way in for the command line and for library users.

mod capabilities;
mod compiler;
pub mod format;
mod result;

pub use capabilities::capabilities;
pub use compiler::{Compiler, Settings};
pub use result::{Conversion, ConvertedQuery, Outcome};

//! The rules of a run: files and folders read, their documents typed, references between them resolved.
//!
//! Files are read and parsed in parallel, each once; everything that follows is in order of path, then of document.

mod find;
mod load;

pub use find::{Found, find};
pub use load::{Collection, Failure, Input, Loaded, Origin};

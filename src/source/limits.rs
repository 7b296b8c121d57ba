//! How large an input may be before reading it is refused.

/// Limits on hostile or accidental size; each gives an error that names its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file; also the bytes of text that aliases may add to a document.
    pub file_bytes: usize,
    /// Collections inside one another. Above 250 the YAML scanner's own limit of 255 for `[` and `{` applies.
    pub depth: usize,
    /// Nodes that aliases may add to a document.
    pub alias_nodes: usize,
    /// Errors of one file, after which the rest of it is not read.
    pub errors: usize,
}

impl Default for Limits {
    /// 10 MB, depth 128, 10,000 nodes by aliases, 100 errors.
    fn default() -> Self {
        Self {
            file_bytes: 10_000_000,
            depth: 128,
            alias_nodes: 10_000,
            errors: 100,
        }
    }
}

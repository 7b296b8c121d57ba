//! Regular expressions of rules: read once, kept parsed with their flags.
//!
//! Shared by `normalize` (which reads them), `eval` (which runs them) and `backend` (which prints them in a
//! language's dialect). Sigma's regular expressions are PCRE without Unicode classes: `\d \w \s \b` are ASCII, `$` is
//! the end or before a final newline (DESIGN, part 4).

mod anchor;
mod class;
mod cursor;
mod error;
mod escape;
mod frame;
mod group;
mod parse;
mod scanner;
#[cfg(test)]
mod tests;

pub use anchor::is_final_anchor;
pub use error::{RegexError, RegexErrorKind};
pub use parse::Anchors;

use regex_syntax::ast::Ast;

/// Flags from modifiers (`re|i|m|s`) and from a leading `(?ims)` group that covers the whole expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// `i`
    pub ignore_case: bool,
    /// `m`
    pub multi_line: bool,
    /// `s`
    pub dot_all: bool,
}

/// A regular expression of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Regex {
    /// As written in the rule.
    pub source: String,
    /// Its flags.
    pub flags: Flags,
    /// What it is.
    pub form: Form,
}

/// What kind of expression it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// Regular in the strict sense; parsed from the text that the PCRE scanner rewrote for `regex-syntax`.
    Regular {
        /// The rewritten text, which `regex-syntax` and the `regex` crate read with PCRE's meaning.
        text: String,
        /// Its syntax tree, for printers.
        tree: Box<Ast>,
    },
    /// With look-around, back-references, atomic groups or possessive quantifiers: only for dialects that have them, and a bounded backtracking engine.
    Irregular {
        /// The construct, for messages: "look-ahead", "back-reference" …
        construct: &'static str,
        /// The rewritten text, which `fancy-regex` reads with PCRE's meaning; dialects with PCRE's syntax print `source`.
        text: String,
    },
}

//! From logic to a query's text, through templates.
//!
//! Last stage of a rule's way before artifacts. Knows query syntax through the folders under `templates/languages`;
//! knows no rule files, no modifiers, no network, and no language by name.
//!
//! `language` loads what a language can say; `emit` chooses how to say an expression with it.

pub mod emit;
pub mod language;
pub mod regex;

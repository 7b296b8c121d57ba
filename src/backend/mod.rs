//! From logic to a query's text, through templates.
//!
//! Last stage of a rule's way before artifacts. Knows query syntax through the folders under `templates/languages`;
//! knows no rule files, no modifiers, no network, and no language by name.

pub mod language;
pub mod regex;

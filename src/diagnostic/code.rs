//! The registry of diagnostic codes: stable for ever, never reused.
//!
//! Families: `SG1xx` source, `SG2xx` rule, `SG3xx` normalize, `SG4xx` pipeline, `SG5xx` backend,
//! `SG6xx` evaluation, `SG7xx` command line and collection. Each family has its own file.

mod backend;
mod collection;
mod evaluation;
mod normalize;
mod pipeline;
mod rule;
mod source;

use std::fmt;

/// A stable code with its slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// For example `SG101`.
    pub id: &'static str,
    /// For example `duplicate-key`: names the fault, never the remedy.
    pub name: &'static str,
    /// One sentence on what the fault is.
    pub summary: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id)
    }
}

/// Declares the codes of one family as associated constants of [`Code`] and lists them.
macro_rules! codes {
    ($($constant:ident = $id:literal $name:literal $summary:literal;)*) => {
        impl super::Code {
            $(#[doc = $summary] pub const $constant: super::Code =
                super::Code { id: $id, name: $name, summary: $summary };)*
        }
        pub(super) const FAMILY: &[super::Code] = &[$(super::Code::$constant),*];
    };
}
pub(crate) use codes;

/// All codes, a slice for each family, in order.
pub const CODES: &[&[Code]] = &[
    source::FAMILY,
    rule::FAMILY,
    normalize::FAMILY,
    pipeline::FAMILY,
    backend::FAMILY,
    evaluation::FAMILY,
    collection::FAMILY,
];

#[cfg(test)]
mod tests {
    use super::CODES;
    use std::collections::HashSet;

    #[test]
    fn ids_and_names_are_unique() {
        let all: Vec<_> = CODES.iter().flat_map(|family| family.iter()).collect();
        let ids: HashSet<_> = all.iter().map(|code| code.id).collect();
        let names: HashSet<_> = all.iter().map(|code| code.name).collect();
        assert_eq!(ids.len(), all.len());
        assert_eq!(names.len(), all.len());
    }
}

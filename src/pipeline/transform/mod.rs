//! The registry of transformations. Each has its own file: what it reads, what it does, its tests.

mod add_condition;
mod change_logsource;
mod drop_detection_item;
mod failure;
mod field_name_affix;
mod field_name_mapping;
mod field_name_prefix_mapping;
mod hashes_fields;
mod placeholders;
mod replace_string;
mod set_state;
#[cfg(test)]
pub(super) mod testing;

use std::fmt;

use crate::diagnostic::Diagnostics;
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;
use crate::pipeline::subject::Subject;

/// What a step does to a rule whose conditions hold.
pub(super) trait Transformation: fmt::Debug + Send + Sync {
    /// Changes the rule; an error in `diagnostics` fails it.
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, diagnostics: &mut Diagnostics);
}

/// A type of transformation.
pub(super) struct Kind {
    /// `type` of the step.
    pub(super) name: &'static str,
    /// What it does, in one line.
    pub(super) summary: &'static str,
    /// Its keys beside those of every step.
    pub(super) keys: &'static [&'static str],
    /// Reads its keys; `None` after a fault.
    pub(super) read: fn(&Keys<'_>, &mut Diagnostics) -> Option<Box<dyn Transformation>>,
}

/// All transformations, in the order of the documentation.
pub(super) const TRANSFORMATIONS: &[Kind] = &[
    field_name_mapping::KIND,
    field_name_prefix_mapping::KIND,
    field_name_affix::PREFIX,
    field_name_affix::SUFFIX,
    add_condition::KIND,
    change_logsource::KIND,
    drop_detection_item::KIND,
    replace_string::KIND,
    set_state::KIND,
    hashes_fields::KIND,
    placeholders::VALUES,
    placeholders::WILDCARDS,
    failure::RULE,
    failure::ITEM,
];

/// Transformations of pySigma 1.x that are recognised and not supported yet.
pub(super) const NOT_YET: &[&str] = &[
    "field_name_transform",
    "query_expression_placeholders",
    "add_field",
    "remove_field",
    "set_field",
    "map_string",
    "regex",
    "set_value",
    "convert_type",
    "strict_field_mapping_failure",
    "set_custom_attribute",
    "nest",
    "case",
];

/// The types of transformations with what they do, in the order of the documentation.
pub fn transformations() -> impl Iterator<Item = (&'static str, &'static str)> {
    TRANSFORMATIONS.iter().map(|kind| (kind.name, kind.summary))
}

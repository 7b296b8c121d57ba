//! Conditions on field names.

use std::sync::Arc;

use fancy_regex::Regex;

use super::state::{self, StateCondition};
use super::{Kind, regex_at_start, typed};
use crate::diagnostic::Diagnostics;
use crate::normalize::Item;
use crate::pipeline::history::History;
use crate::source::Node;

/// The conditions on field names with their keys.
pub(in crate::pipeline) const FIELD_CONDITIONS: &[Kind] = &[
    ("include_fields", &["fields", "mode"]),
    ("exclude_fields", &["fields", "mode"]),
    ("processing_item_applied", &["processing_item_id"]),
    ("processing_state", state::KEYS),
];

/// A condition on a field name.
#[derive(Debug)]
pub(in crate::pipeline) enum FieldCondition {
    /// Whether the name is (or is not) among some; a keyword, which has no name, never is.
    Among {
        names: Names,
        excluded: bool,
    },
    Applied(Arc<str>),
    State(StateCondition),
}

/// Names, plain or as regular expressions that match from the start.
#[derive(Debug)]
pub(in crate::pipeline) enum Names {
    Plain(Vec<String>),
    Regex(Vec<Regex>),
}

impl FieldCondition {
    /// Reads a condition.
    pub(in crate::pipeline) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let (kind, keys) = typed(node, FIELD_CONDITIONS, diagnostics)?;
        match kind {
            "processing_item_applied" => {
                let id = keys.required_text("processing_item_id", diagnostics)?;
                Some(Self::Applied(Arc::from(id)))
            }
            "processing_state" => StateCondition::read(&keys, diagnostics).map(Self::State),
            kind => {
                let fields = keys.required_texts("fields", diagnostics)?;
                let names = match keys.text("mode", diagnostics).unwrap_or("plain") {
                    "plain" => Names::Plain(fields.into_iter().map(|field| field.value).collect()),
                    "re" => Names::Regex(
                        fields
                            .iter()
                            .filter_map(|field| regex_at_start(&field.value, &keys, "fields", diagnostics))
                            .collect(),
                    ),
                    other => {
                        let title = format!("`mode` is `{other}`, neither `plain` nor `re`");
                        keys.fault(title, keys.span, diagnostics);
                        return None;
                    }
                };
                Some(Self::Among {
                    names,
                    excluded: kind == "exclude_fields",
                })
            }
        }
    }

    /// Whether it holds for a name; `None` for keywords. Where an item as a whole is asked about, its own record of
    /// steps counts, else that of the name.
    pub(in crate::pipeline) fn holds(
        &self,
        name: Option<&str>,
        item: Option<&Item>,
        state: &[(String, String)],
        history: &History,
    ) -> bool {
        match self {
            Self::Among { names, excluded } => {
                let among = name.is_some_and(|name| match names {
                    Names::Plain(names) => names.iter().any(|known| known == name),
                    // An expression that exceeds its limit on backtracking matches nothing.
                    Names::Regex(names) => names.iter().any(|regex| regex.is_match(name).unwrap_or(false)),
                });
                among != *excluded
            }
            Self::Applied(id) => match (item, name) {
                (Some(item), _) => item.applied.contains(id),
                (None, Some(name)) => history.name_applied(name, id),
                (None, None) => false,
            },
            Self::State(condition) => condition.holds(state),
        }
    }
}

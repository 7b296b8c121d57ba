//! Conditions on detection items.

use std::sync::Arc;

use fancy_regex::Regex;

use super::state::{self, StateCondition};
use super::{Kind, plain_value, regex_at_start, same_value, typed};
use crate::diagnostic::Diagnostics;
use crate::normalize::{Item, PatternPart, PendingPart, Value};
use crate::pipeline::keys::Keys;
use crate::pipeline::text;
use crate::source::Node;

/// The conditions on items with their keys.
pub(in crate::pipeline) const ITEM_CONDITIONS: &[Kind] = &[
    ("match_string", &["cond", "pattern", "negate"]),
    ("match_value", &["cond", "value"]),
    ("contains_wildcard", &["cond"]),
    ("is_null", &["cond"]),
    ("processing_item_applied", &["processing_item_id"]),
    ("processing_state", state::KEYS),
];

/// A condition on an item.
#[derive(Debug)]
pub(in crate::pipeline) enum ItemCondition {
    /// Whether any or all values fit a test.
    Values {
        all: bool,
        test: ValueTest,
    },
    Applied(Arc<str>),
    State(StateCondition),
}

/// A test of one value.
#[derive(Debug)]
pub(in crate::pipeline) enum ValueTest {
    /// A string whose text (`text::shown`) matches from its start; with `negated`, all but those.
    Match {
        pattern: Box<Regex>,
        negated: bool,
    },
    Equals(Value),
    Wildcard,
    Null,
}

impl ItemCondition {
    /// Reads a condition.
    pub(in crate::pipeline) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let (kind, keys) = typed(node, ITEM_CONDITIONS, diagnostics)?;
        let test = match kind {
            "processing_item_applied" => {
                let id = keys.required_text("processing_item_id", diagnostics)?;
                return Some(Self::Applied(Arc::from(id)));
            }
            "processing_state" => return StateCondition::read(&keys, diagnostics).map(Self::State),
            "match_string" => {
                let pattern = keys.required_text("pattern", diagnostics)?;
                ValueTest::Match {
                    pattern: Box::new(regex_at_start(pattern, &keys, "pattern", diagnostics)?),
                    negated: keys.flag("negate", diagnostics),
                }
            }
            "match_value" => {
                let value = keys.required("value", diagnostics)?;
                let Some(scalar) = value.scalar() else {
                    let title = format!("`value` is {}, not a single value", value.describe());
                    keys.fault(title, value.span, diagnostics);
                    return None;
                };
                ValueTest::Equals(plain_value(scalar))
            }
            "contains_wildcard" => ValueTest::Wildcard,
            _ => ValueTest::Null,
        };
        let all = quantity(&keys, diagnostics)?;
        Some(Self::Values { all, test })
    }

    /// Whether it holds.
    pub(in crate::pipeline) fn holds(&self, item: &Item, state: &[(String, String)]) -> bool {
        match self {
            Self::Values { all: true, test } => item.values.iter().all(|value| test.holds(&value.value)),
            Self::Values { all: false, test } => item.values.iter().any(|value| test.holds(&value.value)),
            Self::Applied(id) => item.applied.contains(id),
            Self::State(condition) => condition.holds(state),
        }
    }
}

fn quantity(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<bool> {
    match keys.required_text("cond", diagnostics)? {
        "all" => Some(true),
        "any" => Some(false),
        other => {
            let title = format!("`cond` is `{other}`, neither `any` nor `all`");
            keys.fault(title, keys.span, diagnostics);
            None
        }
    }
}

impl ValueTest {
    /// Whether the value fits; one with alternatives fits where any of them does.
    fn holds(&self, value: &Value) -> bool {
        if let Value::Alternatives(values) = value {
            return values.iter().any(|value| self.holds(value));
        }
        match self {
            Self::Match { pattern, negated } => {
                let matched = matches!(value, Value::Pattern(value)
                    if pattern.is_match(text::shown(value).as_str()).unwrap_or(false));
                matched != *negated
            }
            Self::Equals(expected) => same_value(value, expected),
            Self::Wildcard => has_wildcard(value),
            Self::Null => *value == Value::Null,
        }
    }
}

fn has_wildcard(value: &Value) -> bool {
    let literal = |part: &PatternPart| matches!(part, PatternPart::Literal(_));
    let wildcard = |part: &PendingPart| matches!(part, PendingPart::AnyOne | PendingPart::AnyRun);
    matches!(value, Value::Pattern(pattern) if !pattern.parts.iter().all(literal))
        || matches!(value, Value::Pending(pending) if pending.parts.iter().any(wildcard))
}

//! `processing_state`: compares a value that `set_state` has set.

use std::cmp::Ordering;

use crate::diagnostic::Diagnostics;
use crate::pipeline::keys::Keys;

/// The keys of the condition.
pub(in crate::pipeline) const KEYS: &[&str] = &["key", "val", "op"];

/// A comparison with a value of the state; false where the key is not set.
#[derive(Debug)]
pub(in crate::pipeline) struct StateCondition {
    key: String,
    value: String,
    comparison: Comparison,
}

/// The comparisons of pySigma's conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) enum Comparison {
    Equal,
    NotEqual,
    AtLeast,
    Greater,
    AtMost,
    Less,
}

impl Comparison {
    /// Reads a comparison by its name.
    pub(in crate::pipeline) fn read(name: &str) -> Option<Self> {
        Some(match name {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "gte" => Self::AtLeast,
            "gt" => Self::Greater,
            "lte" => Self::AtMost,
            "lt" => Self::Less,
            _ => return None,
        })
    }

    /// Whether it holds for an order.
    pub(in crate::pipeline) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::AtLeast => order.is_ge(),
            Self::Greater => order.is_gt(),
            Self::AtMost => order.is_le(),
            Self::Less => order.is_lt(),
        }
    }
}

impl StateCondition {
    /// Reads the condition's keys.
    pub(in crate::pipeline) fn read(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let key = keys.required_text("key", diagnostics);
        let value = keys.required_text("val", diagnostics);
        let name = keys.text("op", diagnostics).unwrap_or("eq");
        let comparison = Comparison::read(name);
        if comparison.is_none() {
            keys.fault(format!("`op` cannot be `{name}`"), keys.span, diagnostics);
        }
        Some(Self {
            key: key?.to_owned(),
            value: value?.to_owned(),
            comparison: comparison?,
        })
    }

    /// Whether it holds. A list in the state equals no single value.
    pub(in crate::pipeline) fn holds(&self, state: &[(String, String)]) -> bool {
        let mut values = state.iter().filter(|(key, _)| *key == self.key);
        match (values.next(), values.next()) {
            (None, _) => false,
            (Some((_, value)), None) => self.comparison.holds(compare(value, &self.value)),
            (Some(_), Some(_)) => self.comparison == Comparison::NotEqual,
        }
    }
}

/// Numbers compare by value, all else as text.
fn compare(left: &str, right: &str) -> Ordering {
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.total_cmp(&right),
        _ => left.cmp(right),
    }
}

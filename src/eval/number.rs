//! Numbers of events: by value without loss, and as text without allocation.

use std::cmp::Ordering;
use std::fmt::{self, Write};

use serde_json::Value;

use crate::rule::Operator;
use crate::source::Number;

/// A number by value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Quantity {
    Integer(i128),
    Float(f64),
}

impl Quantity {
    pub(super) fn of_json(number: &serde_json::Number) -> Option<Self> {
        number
            .as_i128()
            .map(Self::Integer)
            .or_else(|| number.as_f64().map(Self::Float))
    }

    pub(super) fn of_rule(number: &Number) -> Self {
        number.integer.map_or(Self::Float(number.float), Self::Integer)
    }

    /// The value of a text that is a decimal number and nothing else: no blanks, no `inf`, no hexadecimal digits.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
            return None;
        }
        if let Ok(integer) = text.parse() {
            return Some(Self::Integer(integer));
        }
        text.parse().ok().map(Self::Float)
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => Some(left.cmp(&right)),
            (Self::Float(left), Self::Float(right)) => left.partial_cmp(&right),
            (Self::Integer(left), Self::Float(right)) => compare_mixed(left, right),
            (Self::Float(left), Self::Integer(right)) => compare_mixed(right, left).map(Ordering::reverse),
        }
    }
}

/// Exact: the float is taken apart instead of rounding the integer.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn compare_mixed(integer: i128, float: f64) -> Option<Ordering> {
    // 2^127, the first float above all integers of 128 bits.
    const BOUND: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if float.is_nan() {
        None
    } else if float >= BOUND {
        Some(Ordering::Less)
    } else if float < -BOUND {
        Some(Ordering::Greater)
    } else {
        let whole = float.trunc();
        let by_fraction = 0.0_f64.partial_cmp(&(float - whole))?;
        Some(integer.cmp(&(whole as i128)).then(by_fraction))
    }
}

/// Whether an ordering satisfies a comparison.
pub(super) fn satisfies(ordering: Ordering, operator: Operator) -> bool {
    match operator {
        Operator::Equal => ordering.is_eq(),
        Operator::NotEqual => ordering.is_ne(),
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        Operator::GreaterOrEqual => ordering.is_ge(),
    }
}

/// Calls `use_text` with the text of a text, number or boolean; `None` for null, lists and objects.
pub(super) fn with_text<R>(value: &Value, use_text: impl FnOnce(&str) -> R) -> Option<R> {
    match value {
        Value::String(text) => Some(use_text(text)),
        Value::Bool(true) => Some(use_text("true")),
        Value::Bool(false) => Some(use_text("false")),
        Value::Number(number) => {
            let mut text = NumberText {
                bytes: [0; 40],
                length: 0,
            };
            write!(text, "{number}").ok()?;
            Some(use_text(text.as_str()?))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Room for any number that `serde_json` prints: at most 24 bytes.
struct NumberText {
    bytes: [u8; 40],
    length: usize,
}

impl NumberText {
    fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes.get(..self.length)?).ok()
    }
}

impl Write for NumberText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

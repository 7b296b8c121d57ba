//! One event: a JSON object whose fields are looked up by Sigma's names.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::diagnostic::{Code, Diagnostic, Result};
use crate::eval::Field;
use crate::eval::time::parse_time_value;

/// How deep values may be nested; the depth at which `serde_json` stops reading.
const DEPTH_LIMIT: usize = 128;

/// Where an event's time is looked for, in order (SEMANTICS, 1.7).
const TIME_FIELDS: &[&str] = &[
    "@timestamp",
    "timestamp",
    "UtcTime",
    "TimeCreated",
    "Event.System.TimeCreated.#attributes.SystemTime",
    "_time",
    "TimeGenerated",
    "Timestamp",
    "time",
];

/// An event: a JSON object. Integers between -2^63 and 2^64 are exact, other numbers have the precision of `f64`.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    object: Map<String, Value>,
}

impl Event {
    /// The event of a JSON object. Another value is an error, as is nesting deeper than 128 levels.
    pub fn from_value(value: Value) -> Result<Self> {
        let fault = |title: &str| Box::new(Diagnostic::global(Code::INVALID_EVENT, title));
        match value {
            Value::Object(object) => {
                if object.values().all(|value| nested_at_most(value, DEPTH_LIMIT)) {
                    Ok(Self { object })
                } else {
                    Err(fault("an event is nested more than 128 levels deep"))
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(fault("an event is not a JSON object"))
            }
        }
    }

    /// The whole object.
    #[must_use]
    pub fn object(&self) -> &Map<String, Value> {
        &self.object
    }

    /// The values of a field, as tests see them: elements of lists one by one, a `null` as itself, none if the field is
    /// absent. For repeated look-ups of one name keep a [`Field`].
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&Value> {
        Field::new(name).values(self)
    }

    /// The event's time: that of the named field, else of the first usual time field that is present (SEMANTICS,
    /// 1.7). `None` if there is no such field, or its value is no time.
    #[must_use]
    pub fn time(&self, field: Option<&str>) -> Option<Timestamp> {
        let first = |name: &str| {
            let values = self.values(name);
            // A Windows event's `TimeCreated` is an element whose attribute holds the time.
            values
                .into_iter()
                .find(|value| !value.is_null() && !value.is_object())
        };
        let value = match field {
            Some(name) => first(name),
            None => TIME_FIELDS.iter().find_map(|name| first(name)),
        };
        parse_time_value(value?)
    }

    /// Whether any text, number or boolean of the event, however deep, passes the test. Names are not tested.
    pub(super) fn any_leaf<'a>(&'a self, test: &mut dyn FnMut(&'a Value) -> bool) -> bool {
        self.object.values().any(|value| any_leaf(value, test))
    }
}

/// Recursion ends at the depth that [`Event::from_value`] allows.
fn any_leaf<'a>(value: &'a Value, test: &mut dyn FnMut(&'a Value) -> bool) -> bool {
    match value {
        Value::Array(values) => values.iter().any(|value| any_leaf(value, test)),
        Value::Object(object) => object.values().any(|value| any_leaf(value, test)),
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => test(value),
    }
}

fn nested_at_most(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(values) => depth > 0 && values.iter().all(|value| nested_at_most(value, depth - 1)),
        Value::Object(object) => depth > 0 && object.values().all(|value| nested_at_most(value, depth - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

//! A field's name, ready to be looked up in events.
//!
//! Looked for, until found: as a key; as a dotted path, through lists of objects; in a Windows event as JSON (`Event` with
//! `System`, `EventData`, `UserData`); in Winlogbeat's `winlog` object; as a name that the event writes with blanks.

use serde_json::{Map, Value};

use crate::eval::Event;

type Object = Map<String, Value>;
type ElementTest<'t, 'e> = &'t mut dyn FnMut(&'e Value) -> bool;

/// Sigma's names for parts of a Windows event's header, and Winlogbeat's. These are never names of event data.
const HEADER: &[(&str, &str)] = &[
    ("EventID", "winlog.event_id"),
    ("Provider_Name", "winlog.provider_name"),
    ("Channel", "winlog.channel"),
    ("Computer", "winlog.computer_name"),
];

/// A field's name, ready for look-ups.
#[derive(Clone, Debug)]
pub struct Field {
    name: Box<str>,
    dotted: bool,
    header: bool,
    winlogbeat: Box<str>,
}

impl Field {
    /// Makes a name ready.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let header = HEADER.iter().find(|(sigma, _)| *sigma == name);
        Self {
            name: Box::from(name),
            dotted: name.contains('.'),
            header: header.is_some(),
            winlogbeat: header.map_or_else(
                || format!("winlog.event_data.{name}").into(),
                |(_, path)| Box::from(*path),
            ),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The field's values: elements of lists one by one; none if absent.
    #[must_use]
    pub fn values<'e>(&self, event: &'e Event) -> Vec<&'e Value> {
        let mut values = Vec::new();
        self.any(event, &mut |value| {
            values.push(value);
            false
        });
        values
    }

    /// Whether any element of the field passes the test. Elements are texts, numbers, booleans, nulls and objects.
    pub(super) fn any<'e>(&self, event: &'e Event, test: ElementTest<'_, 'e>) -> bool {
        let root = event.object();
        self.in_object(root, test)
            .or_else(|| self.in_windows_event(root.get("Event")?.as_object()?, test))
            .or_else(|| in_path(root, &self.winlogbeat, test))
            .or_else(|| {
                let winlog = root.get("winlog")?.as_object()?;
                self.in_data(winlog.get("event_data")?.as_object()?, test)
                    .or_else(|| self.in_data(winlog.get("user_data")?.as_object()?, test))
            })
            .or_else(|| self.in_spaced_key(root, test))
            .unwrap_or(false)
    }

    fn in_object<'e>(&self, object: &'e Object, test: ElementTest<'_, 'e>) -> Option<bool> {
        if self.dotted {
            in_path(object, &self.name, test)
        } else {
            Some(any_element(object.get(&*self.name)?, test))
        }
    }

    fn in_windows_event<'e>(&self, event: &'e Object, test: ElementTest<'_, 'e>) -> Option<bool> {
        let system = event.get("System").and_then(Value::as_object);
        if self.header
            && let Some(hit) = system.and_then(|system| self.in_system(system, test))
        {
            return Some(hit);
        }
        let data = event.get("EventData").and_then(Value::as_object);
        if let Some(hit) = data.and_then(|data| self.in_data(data, test)) {
            return Some(hit);
        }
        let user_data = event.get("UserData").and_then(Value::as_object);
        for part in user_data.into_iter().flat_map(|data| data.values()) {
            if let Some(hit) = part.as_object().and_then(|part| self.in_data(part, test)) {
                return Some(hit);
            }
        }
        user_data
            .and_then(|data| self.in_object(data, test))
            .or_else(|| self.in_system(system?, test))
    }

    /// `Channel` is a member; `Provider_Name` is the attribute `Name` of the member `Provider`.
    fn in_system<'e>(&self, system: &'e Object, test: ElementTest<'_, 'e>) -> Option<bool> {
        if let Some(value) = system.get(&*self.name) {
            return Some(any_element(value, test));
        }
        let (member, attribute) = self.name.split_once('_')?;
        Some(any_element(
            attribute_of(system.get(member)?.as_object()?, attribute)?,
            test,
        ))
    }

    /// By name, by a name with blanks, or as a `Data` element whose attribute is the name.
    fn in_data<'e>(&self, data: &'e Object, test: ElementTest<'_, 'e>) -> Option<bool> {
        if let Some(hit) = self.in_object(data, test) {
            return Some(hit);
        }
        if let Some(hit) = self.in_spaced_key(data, test) {
            return Some(hit);
        }
        let data = data.get("Data")?;
        let elements = data.as_array().map_or(std::slice::from_ref(data), Vec::as_slice);
        let mut found = None;
        for element in elements.iter().filter_map(Value::as_object) {
            let named = attribute_of(element, "Name").and_then(Value::as_str) == Some(&*self.name);
            let Some(text) = element.get("#text").filter(|_| named) else {
                continue;
            };
            if any_element(text, test) {
                return Some(true);
            }
            found = Some(false);
        }
        found
    }

    /// Windows Defender writes `Source Name`, rules say `SourceName`.
    fn in_spaced_key<'e>(&self, object: &'e Object, test: ElementTest<'_, 'e>) -> Option<bool> {
        let (_, value) = object.iter().find(|(key, _)| {
            key.len() > self.name.len()
                && key.contains(' ')
                && key
                    .bytes()
                    .filter(|byte| *byte != b' ')
                    .eq(self.name.bytes().filter(|byte| *byte != b' '))
        })?;
        Some(any_element(value, test))
    }
}

/// An attribute of an XML element in JSON: `#attributes` as an object, or a key with `@`.
fn attribute_of<'e>(element: &'e Object, name: &str) -> Option<&'e Value> {
    match element.get("#attributes") {
        Some(attributes) => attributes.get(name),
        None => element
            .iter()
            .find(|(key, _)| key.strip_prefix('@') == Some(name))
            .map(|(_, value)| value),
    }
}

/// The whole path as a key, else its beginnings as keys. `None` if nothing is there. Recursion ends with the path's
/// last dot, or with the event's depth.
fn in_path<'e>(object: &'e Object, path: &str, test: ElementTest<'_, 'e>) -> Option<bool> {
    if let Some(value) = object.get(path) {
        return Some(any_element(value, test));
    }
    for (dot, _) in path.match_indices('.') {
        let (head, tail) = (path.get(..dot)?, path.get(dot + 1..)?);
        let found = match object.get(head) {
            Some(Value::Object(inner)) => in_path(inner, tail, test),
            Some(Value::Array(elements)) => in_elements(elements, tail, test),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn in_elements<'e>(elements: &'e [Value], path: &str, test: ElementTest<'_, 'e>) -> Option<bool> {
    let mut found = None;
    for element in elements.iter().filter_map(Value::as_object) {
        match in_path(element, path, test) {
            Some(true) => return Some(true),
            Some(false) => found = Some(false),
            None => {}
        }
    }
    found
}

/// Elements of lists one by one; an XML element with attributes counts as its text.
fn any_element<'e>(value: &'e Value, test: ElementTest<'_, 'e>) -> bool {
    match value {
        Value::Array(values) => values.iter().any(|value| any_element(value, test)),
        Value::Object(object) => match object.get("#text") {
            Some(text) => any_element(text, test),
            None => test(value),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => test(value),
    }
}

//! One item of a detection: its key with field and modifiers, and its values.

use super::attributes::nearest;
use super::reader::{Reader, is_null};
use super::{DetectionItem, Modifier, RawScalar, RawValue, Spanned};
use crate::diagnostic::Code;
use crate::source::{Entry, Node, NodeValue, Scalar, ScalarKind, TextPlaces};

pub(super) fn read(reader: &mut Reader<'_>, entry: Entry) -> Option<DetectionItem> {
    let span = entry.key.span.to(entry.value.span);
    let key = key(reader, &entry.key);
    let is_list = entry.value.sequence().is_some();
    let is_regex = key
        .as_ref()
        .is_some_and(|(_, modifiers)| modifiers.iter().any(|modifier| modifier.value == Modifier::Regex));
    let values = values(reader, entry.value, is_regex);
    let (field, modifiers) = key?;
    Some(DetectionItem {
        field,
        modifiers,
        values: values?,
        is_list,
        span,
    })
}

/// A scalar as it stands in a detection.
pub(super) fn raw_value(scalar: Scalar, span: crate::diagnostic::Span) -> RawValue {
    let value = match scalar.kind {
        ScalarKind::Text => RawScalar::Text(scalar.text),
        ScalarKind::Null => RawScalar::Null,
        ScalarKind::Bool(value) => RawScalar::Bool(value),
        ScalarKind::Integer(_) | ScalarKind::Float(_) => match scalar.number() {
            Some(number) => RawScalar::Number(number),
            None => RawScalar::Text(scalar.text),
        },
    };
    RawValue {
        value,
        span,
        places: None,
    }
}

type Key = (Option<Spanned<String>>, Vec<Spanned<Modifier>>);

/// Splits `field|modifier|…`.
fn key(reader: &mut Reader<'_>, node: &Node) -> Option<Key> {
    let Some(text) = node.text().filter(|_| !is_null(node)) else {
        let title = format!("key of a detection item is {}, not a field name", node.describe());
        reader.error(
            Code::WRONG_TYPE,
            title,
            node.span,
            "write a field name, in quotes if needed",
        );
        return None;
    };
    let places = TextPlaces::new(reader.source, node);
    let mut parts = text.split('|');
    let name = parts.next().unwrap_or_default();
    let mut position = name.len();
    let mut modifiers = Vec::new();
    let mut known = true;
    for part in parts {
        let start = position + 1;
        position = start + part.len();
        let span = places.span(start, position);
        match Modifier::from_name(part) {
            Some(value) => modifiers.push(Spanned { value, span }),
            None => {
                unknown_modifier(reader, part, span);
                known = false;
            }
        }
    }
    if name.is_empty() {
        if !text.contains('|') {
            let help = "write a field name; keywords are written as a list";
            reader.error(Code::WRONG_TYPE, "field name is empty", node.span, help);
            return None;
        }
        return known.then_some((None, modifiers));
    }
    let span = places.span(0, name.len());
    if name.ends_with(']') && name.contains('[') {
        let title = format!("field name `{name}` ends in brackets, which is reserved");
        reader.warning(
            Code::RESERVED_FIELD_NAME,
            title,
            span,
            "rename the field if the events allow it",
        );
    }
    let value = name.to_owned();
    known.then_some((Some(Spanned { value, span }), modifiers))
}

fn unknown_modifier(reader: &mut Reader<'_>, name: &str, span: crate::diagnostic::Span) {
    if name.trim().is_empty() {
        let help = "remove the `|`, or write a modifier after it";
        reader.error(Code::UNKNOWN_MODIFIER, "modifier is empty", span, help);
        return;
    }
    let names = Modifier::ALL
        .iter()
        .flat_map(|modifier| modifier.names())
        .copied();
    let help = match nearest(name.trim(), names) {
        Some(meant) => format!("did you mean `{meant}`? `sigmatic list modifiers` shows all"),
        None => "`sigmatic list modifiers` shows all".to_owned(),
    };
    reader.error(
        Code::UNKNOWN_MODIFIER,
        format!("unknown modifier `{name}`"),
        span,
        help,
    );
}

/// The values of an item; a list or mapping among them is an error.
fn values(reader: &mut Reader<'_>, node: Node, is_regex: bool) -> Option<Vec<RawValue>> {
    let span = node.span;
    let places = places(reader, &node, is_regex);
    match node.value {
        NodeValue::Scalar(scalar) => Some(vec![RawValue {
            places,
            ..raw_value(scalar, span)
        }]),
        NodeValue::Sequence(elements) if elements.is_empty() => {
            let help = "add a value, or write `null` for an absent field";
            reader.error(Code::EMPTY_VALUE_LIST, "list of values is empty", span, help);
            None
        }
        NodeValue::Sequence(elements) => {
            let count = elements.len();
            let values: Vec<_> = elements
                .into_iter()
                .filter_map(|element| value(reader, element, is_regex))
                .collect();
            (values.len() == count).then_some(values)
        }
        NodeValue::Mapping(_) => {
            let help = "write one value or a list of values; name nested fields with dots: `outer.inner`";
            reader.error(
                Code::WRONG_TYPE,
                "value of a detection item is a mapping",
                span,
                help,
            );
            None
        }
    }
}

fn value(reader: &mut Reader<'_>, node: Node, is_regex: bool) -> Option<RawValue> {
    let places = places(reader, &node, is_regex);
    let described = node.describe();
    match node.value {
        NodeValue::Scalar(scalar) => Some(RawValue {
            places,
            ..raw_value(scalar, node.span)
        }),
        NodeValue::Sequence(_) | NodeValue::Mapping(_) => {
            let title = format!("a value in a list is {described}");
            let help = "write plain values, in quotes if they hold `: ` or begin with `[`, `{` or `- `";
            reader.error(Code::WRONG_TYPE, title, node.span, help);
            None
        }
    }
}

/// Where the parts of a regular expression stand: its faults are shown at their place.
fn places(reader: &Reader<'_>, node: &Node, is_regex: bool) -> Option<Box<TextPlaces>> {
    (is_regex && node.text().is_some()).then(|| Box::new(TextPlaces::new(reader.source, node)))
}

//! The `condition` of a correlation: bounds on a number, or an extended condition over rules.

use super::attributes::nearest;
use super::condition::{Context, Subject};
use super::detection::parse_condition;
use super::reader::{Reader, into_written, is_null};
use super::{CorrelationCondition, CorrelationType, Operator, Spanned};
use crate::diagnostic::{Code, Span};
use crate::source::{Entry, Node, NodeValue, Number};

const KEYS: [&str; 8] = ["gt", "gte", "lt", "lte", "eq", "neq", "field", "percentile"];

const EXAMPLE: &str = "write for example `gte: 10` below `condition`";

/// Reads the entry `condition`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    kind: CorrelationType,
    entry: Entry,
) -> Option<CorrelationCondition> {
    let Entry { key, value: node } = entry;
    let span = node.span;
    let described = node.describe();
    match node.value {
        NodeValue::Mapping(entries) => threshold(reader, kind, entries, key.span),
        NodeValue::Scalar(scalar) => {
            let node = Node {
                span,
                value: NodeValue::Scalar(scalar),
            };
            if !kind.is_temporal() && !is_null(&node) {
                let title = format!("condition of `{}` is text, not a mapping", kind.name());
                reader.error(Code::INVALID_CORRELATION, title, span, EXAMPLE);
                return None;
            }
            let context = Context {
                subject: Subject::Rules,
                timeframe: None,
            };
            parse_condition(reader, &node, context).map(CorrelationCondition::Extended)
        }
        NodeValue::Sequence(_) => {
            let title = format!("condition of a correlation is {described}");
            reader.error(Code::WRONG_TYPE, title, span, EXAMPLE);
            None
        }
    }
}

fn operator(key: &str) -> Option<Operator> {
    Some(match key {
        "gt" => Operator::Greater,
        "gte" => Operator::GreaterOrEqual,
        "lt" => Operator::Less,
        "lte" => Operator::LessOrEqual,
        "eq" => Operator::Equal,
        "neq" => Operator::NotEqual,
        _ => return None,
    })
}

fn threshold(
    reader: &mut Reader<'_>,
    kind: CorrelationType,
    entries: Vec<Entry>,
    at: Span,
) -> Option<CorrelationCondition> {
    let failed_before = std::mem::replace(&mut reader.failed, false);
    let mut fields = Vec::new();
    let mut percentile = None;
    let mut bounds = Vec::new();
    for entry in entries {
        let key = match into_written(entry.key) {
            Ok(key) => key,
            Err(node) => {
                let title = format!("key of a condition is {}, not text", node.describe());
                reader.error(Code::WRONG_TYPE, title, node.span, EXAMPLE);
                continue;
            }
        };
        match (key.value.as_str(), operator(&key.value)) {
            (_, Some(operator)) => {
                bounds.extend(number(reader, &key.value, &entry.value).map(|number| (operator, number)));
            }
            ("field", None) => fields = read_fields(reader, kind, &key, entry.value),
            ("percentile", None) => percentile = read_percentile(reader, kind, &key, &entry.value),
            (_, None) => unknown_key(reader, &key),
        }
    }
    if !reader.failed && bounds.is_empty() {
        let title = "condition of the correlation compares with no number";
        reader.error(Code::INVALID_CORRELATION, title, at, EXAMPLE);
    }
    if !reader.failed && fields.is_empty() && kind.needs_field() {
        let title = format!("condition of `{}` names no field", kind.name());
        reader.error(
            Code::INVALID_CORRELATION,
            title,
            at,
            "add `field:` with the field whose values count",
        );
    }
    let failed = std::mem::replace(&mut reader.failed, failed_before);
    reader.failed |= failed;
    (!failed).then_some(CorrelationCondition::Threshold {
        fields,
        percentile,
        bounds,
    })
}

fn unknown_key(reader: &mut Reader<'_>, key: &Spanned<String>) {
    let title = format!("unknown key `{}` in the condition of a correlation", key.value);
    let help = match nearest(&key.value, KEYS) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("use {}", KEYS.join(", ")),
    };
    reader.error(Code::INVALID_CORRELATION, title, key.span, help);
}

fn read_fields(
    reader: &mut Reader<'_>,
    kind: CorrelationType,
    key: &Spanned<String>,
    node: Node,
) -> Vec<Spanned<String>> {
    let span = node.span;
    let name = kind.name();
    if !kind.needs_field() {
        let title = format!("condition of `{name}` takes no field");
        let help = "remove it, or use the type `value_count`";
        reader.error(Code::INVALID_CORRELATION, title, key.span, help);
        return Vec::new();
    }
    let fields = reader.texts("`field`", node).unwrap_or_default();
    if fields.len() > 1 && kind != CorrelationType::ValueCount {
        let title = format!("condition of `{name}` names several fields");
        reader.error(Code::INVALID_CORRELATION, title, span, "name one field");
    }
    fields
}

fn read_percentile(
    reader: &mut Reader<'_>,
    kind: CorrelationType,
    key: &Spanned<String>,
    node: &Node,
) -> Option<Number> {
    if kind != CorrelationType::ValuePercentile {
        let title = format!("condition of `{}` takes no percentile", kind.name());
        let help = "remove it, or use the type `value_percentile`";
        reader.error(Code::INVALID_CORRELATION, title, key.span, help);
        return None;
    }
    let number = number(reader, "percentile", node)?.value;
    if (0.0..=100.0).contains(&number.float) {
        return Some(number);
    }
    let title = format!("percentile {} is not between 0 and 100", number.text);
    reader.error(
        Code::INVALID_CORRELATION,
        title,
        node.span,
        "write a number from 0 to 100",
    );
    None
}

/// A finite number; one that is written as text counts, with a warning.
fn number(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<Spanned<Number>> {
    let scalar = node.scalar();
    let written = scalar.and_then(crate::source::Scalar::number);
    let quoted = || {
        let text = node.text()?;
        let digits = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
        Some(Number {
            text: text.to_owned(),
            integer: text.parse().ok(),
            float: text.parse().ok().filter(|_| digits)?,
        })
    };
    let number = match written {
        Some(number) => Some(number),
        None => quoted().inspect(|number| {
            let title = format!("number of `{key}` is written as text");
            let help = format!("write {} without quotes", number.text);
            reader.warning(Code::QUOTED_NUMBER, title, node.span, help);
        }),
    };
    match number.filter(|number| number.float.is_finite()) {
        Some(value) => Some(Spanned {
            value,
            span: node.span,
        }),
        None => {
            let title = format!("`{key}` is {}, not a number", node.describe());
            reader.error(Code::INVALID_CORRELATION, title, node.span, EXAMPLE);
            None
        }
    }
}

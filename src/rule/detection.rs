//! The section `detection`, and the same parts inside `filter`: named detections and conditions over them.

use super::attributes::misspelt;
use super::condition::{self, Context, Subject};
use super::reader::{Reader, into_written, is_null};
use super::{Condition, Detection, DetectionBody, DetectionEntry, DetectionItem, Spanned, item};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::source::{Entry, Node, NodeValue, ScalarKind};

const EMPTY_HELP: &str = "write the items below it, indented further than its name";

/// What the section holds.
pub(super) struct DetectionSection {
    pub(super) detections: Vec<Detection>,
    pub(super) conditions: Vec<Condition>,
}

/// Reads the section of a detection rule.
pub(super) fn read(
    reader: &mut Reader<'_>,
    section: Entry,
    outer_condition: Option<Span>,
) -> Option<DetectionSection> {
    let span = section.value.span;
    let described = section.value.describe();
    // Where nothing is written, only the key can be pointed at.
    let span = if is_null(&section.value) {
        section.key.span
    } else {
        span
    };
    let NodeValue::Mapping(entries) = section.value.value else {
        let title = format!("`detection` is {described}, not a mapping");
        let help = "write named detections and a `condition` below `detection`";
        reader.error(Code::WRONG_TYPE, title, span, help);
        return None;
    };
    read_parts(reader, entries, &section.key, outer_condition)
}

/// Reads named detections and conditions; `section` is the key that they stand under, `outer_condition` the key of a
/// condition that stands beside it.
pub(super) fn read_parts(
    reader: &mut Reader<'_>,
    entries: Vec<Entry>,
    section: &Node,
    outer_condition: Option<Span>,
) -> Option<DetectionSection> {
    let mut detections = Vec::with_capacity(entries.len());
    let mut condition = None;
    let mut timeframe = None;
    for entry in entries {
        match entry.key.text() {
            Some("condition") => condition = Some(entry),
            Some("timeframe") => {
                legacy_timeframe(reader, &entry);
                timeframe = entry.value.text().map(str::to_owned);
            }
            Some(_) | None => detections.push(detection(reader, entry)),
        }
    }
    let count = detections.len();
    let detections: Vec<Detection> = detections.into_iter().flatten().collect();
    let conditions = match condition {
        Some(entry) => conditions(reader, entry, timeframe.as_deref()),
        None => {
            missing_condition(reader, section, &detections, outer_condition);
            None
        }
    };
    if count == 0 {
        let title = format!("`{}` holds no detection", section.text().unwrap_or_default());
        reader.error(
            Code::EMPTY_DETECTION,
            title,
            section.span,
            "add a named detection beside `condition`",
        );
    }
    let complete = count > 0 && detections.len() == count;
    let conditions = conditions.filter(|_| complete)?;
    Some(DetectionSection {
        detections,
        conditions,
    })
}

fn legacy_timeframe(reader: &mut Reader<'_>, entry: &Entry) {
    let title = "`timeframe` has no meaning in a detection";
    let help = "remove it; a time window is the `timespan` of a correlation rule";
    reader.warning(Code::LEGACY_TIMEFRAME, title, entry.key.span, help);
}

fn missing_condition(
    reader: &mut Reader<'_>,
    section: &Node,
    detections: &[Detection],
    outer_condition: Option<Span>,
) {
    let section_name = section.text().unwrap_or_default();
    let near = detections
        .iter()
        .find(|detection| misspelt(&detection.name.value, ["condition"]).is_some());
    if let Some(near) = near {
        let title = format!("unknown attribute `{}` in place of a condition", near.name.value);
        reader.error(
            Code::MISSPELT_ATTRIBUTE,
            title,
            near.name.span,
            "did you mean `condition`?",
        );
        return;
    }
    let code = match section_name {
        "filter" => Code::INVALID_FILTER,
        _ => Code::MISSING_ATTRIBUTE,
    };
    let title = format!("`{section_name}` has no condition");
    reader.fail(match outer_condition {
        Some(outside) => Diagnostic::error(code, "`condition` stands at the top level", outside)
            .with_label(section.span, "it belongs in here")
            .with_help(format!(
                "move it under `{section_name}`: indent `condition` as far as the names of the detections"
            )),
        None => match inner_condition(detections) {
            Some((place, name)) => Diagnostic::error(code, title, section.span)
                .with_label(place, format!("this one belongs to `{name}`"))
                .with_help(format!("indent `condition` as far as `{name}`")),
            None => Diagnostic::error(code, title, section.span)
                .with_help("add for example `condition: selection`"),
        },
    });
}

/// A field `condition` at the end of a detection, with the detection's name: indented too far, as it seems.
fn inner_condition(detections: &[Detection]) -> Option<(Span, &str)> {
    detections.iter().find_map(|detection| {
        let DetectionBody::Map(items) = &detection.body else {
            return None;
        };
        let field = items.last()?.field.as_ref()?;
        (field.value == "condition").then_some((field.span, detection.name.value.as_str()))
    })
}

fn conditions(reader: &mut Reader<'_>, entry: Entry, timeframe: Option<&str>) -> Option<Vec<Condition>> {
    let span = entry.value.span;
    let nodes = match entry.value.value {
        NodeValue::Sequence(nodes) => nodes,
        value @ (NodeValue::Scalar(_) | NodeValue::Mapping(_)) => vec![Node { span, value }],
    };
    if nodes.is_empty() {
        reader.error(
            Code::MISSING_ATTRIBUTE,
            "list of conditions is empty",
            span,
            "add a condition",
        );
        return None;
    }
    let context = Context {
        subject: Subject::Detections,
        timeframe,
    };
    let count = nodes.len();
    let parsed: Vec<_> = nodes
        .iter()
        .filter_map(|node| parse_condition(reader, node, context))
        .collect();
    (parsed.len() == count).then_some(parsed)
}

/// Parses the condition of a node; anything but a scalar with a value is an error.
pub(super) fn parse_condition(
    reader: &mut Reader<'_>,
    node: &Node,
    context: Context<'_>,
) -> Option<Condition> {
    if node.text().is_none() || is_null(node) {
        let title = format!("condition is {}, not text", node.describe());
        reader.error(
            Code::WRONG_TYPE,
            title,
            node.span,
            "write for example `condition: selection`",
        );
        return None;
    }
    let parsed = condition::parse(reader.source, node, context, reader.diagnostics);
    reader.take(parsed)
}

fn detection(reader: &mut Reader<'_>, entry: Entry) -> Option<Detection> {
    let name = match into_written(entry.key) {
        Ok(name) => name,
        Err(node) => {
            let title = format!("name of a detection is {}, not text", node.describe());
            reader.error(
                Code::WRONG_TYPE,
                title,
                node.span,
                "write a name such as `selection`",
            );
            return None;
        }
    };
    let body = body(reader, &name, entry.value)?;
    Some(Detection { name, body })
}

fn body(reader: &mut Reader<'_>, name: &Spanned<String>, node: Node) -> Option<DetectionBody> {
    let span = node.span;
    match node.value {
        NodeValue::Scalar(scalar) if scalar.kind == ScalarKind::Null => {
            empty(reader, name, name.span);
            None
        }
        NodeValue::Scalar(scalar) => Some(DetectionBody::List(vec![DetectionEntry::Keyword(
            item::raw_value(scalar, span),
        )])),
        NodeValue::Mapping(entries) => items(reader, name, entries, span).map(DetectionBody::Map),
        NodeValue::Sequence(elements) => {
            if elements.is_empty() {
                empty(reader, name, span);
                return None;
            }
            let count = elements.len();
            let entries: Vec<_> = elements
                .into_iter()
                .filter_map(|element| list_entry(reader, name, element))
                .collect();
            (entries.len() == count).then_some(DetectionBody::List(entries))
        }
    }
}

fn list_entry(reader: &mut Reader<'_>, name: &Spanned<String>, node: Node) -> Option<DetectionEntry> {
    let span = node.span;
    match node.value {
        NodeValue::Scalar(scalar) => Some(DetectionEntry::Keyword(item::raw_value(scalar, span))),
        NodeValue::Mapping(entries) => items(reader, name, entries, span).map(DetectionEntry::Map),
        NodeValue::Sequence(_) => {
            let title = format!("detection `{}` holds a list inside a list", name.value);
            reader.error(
                Code::WRONG_TYPE,
                title,
                span,
                "write keywords or mappings as elements",
            );
            None
        }
    }
}

fn items(
    reader: &mut Reader<'_>,
    name: &Spanned<String>,
    entries: Vec<Entry>,
    span: Span,
) -> Option<Vec<DetectionItem>> {
    if entries.is_empty() {
        empty(reader, name, span);
        return None;
    }
    let count = entries.len();
    let items: Vec<_> = entries
        .into_iter()
        .filter_map(|entry| item::read(reader, entry))
        .collect();
    (items.len() == count).then_some(items)
}

fn empty(reader: &mut Reader<'_>, name: &Spanned<String>, span: Span) {
    let title = format!("detection `{}` has no item", name.value);
    reader.error(Code::EMPTY_DETECTION, title, span, EMPTY_HELP);
}

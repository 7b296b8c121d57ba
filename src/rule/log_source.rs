//! The section `logsource`.

use super::attributes::misspelt;
use super::reader::{Reader, into_written, is_null};
use super::{LogSource, Spanned};
use crate::diagnostic::{Code, Span};
use crate::source::{Entry, Node, NodeValue};

const ATTRIBUTES: [&str; 3] = ["category", "product", "service"];

const SHAPE: &str = "write `category`, `product` or `service` below `logsource`";

pub(super) fn read(reader: &mut Reader<'_>, node: Node) -> Option<LogSource> {
    let span = node.span;
    let described = node.describe();
    let NodeValue::Mapping(entries) = node.value else {
        let title = format!("`logsource` is {described}, not a mapping");
        reader.error(Code::WRONG_TYPE, title, span, SHAPE);
        return None;
    };
    let failed_before = std::mem::replace(&mut reader.failed, false);
    let mut log_source = LogSource {
        span,
        ..LogSource::default()
    };
    for entry in entries {
        attribute(reader, &mut log_source, entry);
    }
    let named = [&log_source.category, &log_source.product, &log_source.service];
    if !reader.failed && named.iter().all(|values| values.is_empty()) {
        let title = "`logsource` names no category, product or service";
        reader.error(Code::MISSING_ATTRIBUTE, title, span, SHAPE);
    }
    let failed = std::mem::replace(&mut reader.failed, failed_before);
    reader.failed |= failed;
    (!failed).then_some(log_source)
}

/// Reports a document without the section.
pub(super) fn missing(reader: &mut Reader<'_>, at: Span) {
    let title = "attribute `logsource` is missing";
    reader.error(Code::MISSING_ATTRIBUTE, title, at, SHAPE);
}

fn attribute(reader: &mut Reader<'_>, log_source: &mut LogSource, entry: Entry) {
    let key = match into_written(entry.key) {
        Ok(key) => key,
        Err(node) => {
            let title = format!("attribute name in `logsource` is {}, not text", node.describe());
            reader.error(Code::WRONG_TYPE, title, node.span, SHAPE);
            return;
        }
    };
    match key.value.as_str() {
        "category" => log_source.category = values(reader, &key.value, entry.value),
        "product" => log_source.product = values(reader, &key.value, entry.value),
        "service" => log_source.service = values(reader, &key.value, entry.value),
        _ => custom(reader, log_source, key, entry.value),
    }
}

fn values(reader: &mut Reader<'_>, key: &str, node: Node) -> Vec<Spanned<String>> {
    if is_null(&node) {
        let title = format!("`{key}` has no value");
        reader.warning(
            Code::WRONG_TYPE,
            title,
            node.span,
            "remove the attribute, or give it a value",
        );
        return Vec::new();
    }
    reader.texts(&format!("`{key}`"), node).unwrap_or_default()
}

fn custom(reader: &mut Reader<'_>, log_source: &mut LogSource, key: Spanned<String>, value: Node) {
    if let Some(meant) = misspelt(&key.value, ATTRIBUTES) {
        let title = format!("unknown attribute `{}` in `logsource`", key.value);
        let help = format!("did you mean `{meant}`?");
        reader.error(Code::MISSPELT_ATTRIBUTE, title, key.span, help);
        return;
    }
    match into_written(value) {
        Ok(text) => log_source.custom.push((key.value, text.value)),
        Err(node) => {
            let title = format!("`{}` in `logsource` is {}, not text", key.value, node.describe());
            reader.warning(
                Code::WRONG_TYPE,
                title,
                node.span,
                "write text; the attribute is left out",
            );
        }
    }
}

//! Detections and their items.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, collect};
use crate::normalize::{Column, DetectionNode, Item, ItemId, Link, NormalDetection, Value};
use crate::rule::{
    Detection, DetectionBody, DetectionEntry, DetectionItem, Modifier, RawScalar, RawValue, Spanned,
};

use super::modifier::{self, Chain, Input};
use super::placeholder::{self, Expanded};

/// Gives items their ids, from 0, in order.
#[derive(Default)]
pub(super) struct ItemIds(u32);

impl ItemIds {
    fn next(&mut self) -> ItemId {
        let id = ItemId(self.0);
        self.0 = self.0.saturating_add(1);
        id
    }
}

/// A detection in normal form; `None` if an error was pushed.
pub(super) fn detection(
    detection: &Detection,
    ids: &mut ItemIds,
    diagnostics: &mut Diagnostics,
) -> Option<NormalDetection> {
    let span = detection.name.span;
    let body = match &detection.body {
        DetectionBody::Map(items) => map(items, span, ids, diagnostics)?,
        DetectionBody::List(entries) => list(entries, span, ids, diagnostics)?,
    };
    Some(NormalDetection {
        name: detection.name.value.clone(),
        span,
        body,
    })
}

fn map(
    items: &[DetectionItem],
    span: Span,
    ids: &mut ItemIds,
    diagnostics: &mut Diagnostics,
) -> Option<DetectionNode> {
    require(items.is_empty(), span, diagnostics)?;
    let nodes: Vec<_> = items
        .iter()
        .filter_map(|item| self::item(item, ids, diagnostics))
        .map(DetectionNode::Item)
        .collect();
    (nodes.len() == items.len()).then_some(DetectionNode::All(nodes))
}

/// A list of maps and keywords; keywords that stand together are one item.
fn list(
    entries: &[DetectionEntry],
    span: Span,
    ids: &mut ItemIds,
    diagnostics: &mut Diagnostics,
) -> Option<DetectionNode> {
    require(entries.is_empty(), span, diagnostics)?;
    let mut nodes = Vec::new();
    let mut complete = true;
    let mut keywords: Vec<RawValue> = Vec::new();
    for entry in entries {
        match entry {
            DetectionEntry::Keyword(value) => keywords.push(value.clone()),
            DetectionEntry::Map(items) => {
                complete &= self::keywords(&mut keywords, &mut nodes, ids, diagnostics);
                let node = map(items, span, ids, diagnostics);
                complete &= node.is_some();
                nodes.extend(node);
            }
        }
    }
    complete &= self::keywords(&mut keywords, &mut nodes, ids, diagnostics);
    complete.then_some(DetectionNode::Any(nodes))
}

fn keywords(
    values: &mut Vec<RawValue>,
    nodes: &mut Vec<DetectionNode>,
    ids: &mut ItemIds,
    diagnostics: &mut Diagnostics,
) -> bool {
    let (Some(first), Some(last)) = (values.first(), values.last()) else {
        return true;
    };
    let raw = DetectionItem {
        field: None,
        modifiers: Vec::new(),
        span: first.span.to(last.span),
        values: std::mem::take(values),
        is_list: true,
    };
    let item = item(&raw, ids, diagnostics);
    let complete = item.is_some();
    nodes.extend(item.map(DetectionNode::Item));
    complete
}

fn require(empty: bool, span: Span, diagnostics: &mut Diagnostics) -> Option<()> {
    if empty {
        diagnostics.push(
            Diagnostic::error(Code::EMPTY_DETECTION, "detection without an item", span)
                .with_help("add an item, or remove the detection"),
        );
        return None;
    }
    Some(())
}

fn item(raw: &DetectionItem, ids: &mut ItemIds, diagnostics: &mut Diagnostics) -> Option<Item> {
    let id = ids.next();
    let has = |wanted| raw.modifiers.iter().any(|modifier| modifier.value == wanted);
    if raw.values.is_empty() {
        diagnostics.push(
            Diagnostic::error(Code::EMPTY_VALUE_LIST, "item without a value", raw.span)
                .with_help("add a value, or write `null` for an absent field"),
        );
        return None;
    }
    let chain = collect(
        modifier::compile(&raw.modifiers, raw.field.is_none()),
        diagnostics,
    )?;
    let values: Vec<_> = raw
        .values
        .iter()
        .filter_map(|value| self::value(raw, &chain, value, diagnostics))
        .collect();
    if values.len() < raw.values.len() {
        return None;
    }
    let field = raw.field.as_ref().map(|field| field.value.clone());
    Some(Item {
        id,
        columns: field.iter().map(|field| Column::unknown(field)).collect(),
        field,
        link: if has(Modifier::All) { Link::All } else { Link::Any },
        negated: has(Modifier::Not),
        values,
        span: raw.span,
        applied: Vec::new(),
    })
}

fn value(
    item: &DetectionItem,
    chain: &Chain,
    raw: &RawValue,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<Value>> {
    if raw.value == RawScalar::Null && item.is_list && item.field.is_some() {
        diagnostics.push(
            Diagnostic::warning(Code::NULL_IN_LIST, "list of values that holds null", raw.span)
                .with_help("write a second item for the absent field, so that readers see it"),
        );
    }
    let value = match &raw.value {
        RawScalar::Text(text) if chain.expand => {
            match placeholder::read(text, &item.modifiers, chain.keyword) {
                Expanded::Pending(pending) => Ok(Value::Pending(pending)),
                Expanded::Plain(pattern) => {
                    modifier::apply(chain, &Input::Resolved(pattern), raw.span, None, diagnostics)
                }
            }
        }
        RawScalar::Text(_) | RawScalar::Number(_) | RawScalar::Bool(_) | RawScalar::Null => {
            let places = raw.places.as_deref();
            modifier::apply(chain, &Input::from(&raw.value), raw.span, places, diagnostics)
        }
    };
    Some(Spanned {
        value: collect(value, diagnostics)?,
        span: raw.span,
    })
}

//! Tests of the stage, on documents that are built by hand.

// A test names the one variant that it expects and fails on all others.
#![allow(clippy::wildcard_enum_match_arm, clippy::print_stdout)]

mod conditions;
mod corpus;
mod graph;
mod modifiers;
mod placeholders;

use crate::diagnostic::{Code, Diagnostics, Severity, Span};
use crate::normalize::{DetectionNode, Item, NormalRule, Value, normalize};
use crate::rule::{
    Condition, ConditionNode, Detection, DetectionBody, DetectionEntry, DetectionItem, DetectionRule,
    LogSource, Metadata, Modifier, Quantity, RawScalar, RawValue, Selector, Spanned,
};
use crate::source::Number;

fn at<T>(value: T) -> Spanned<T> {
    Spanned {
        value,
        span: Span::default(),
    }
}

fn text(text: &str) -> RawScalar {
    RawScalar::Text(text.to_owned())
}

fn number(text: &str) -> Number {
    Number {
        text: text.to_owned(),
        integer: text.parse().ok(),
        float: text.parse().unwrap(),
    }
}

fn raw(value: RawScalar) -> RawValue {
    RawValue {
        value,
        span: Span::default(),
        places: None,
    }
}

/// `key` as in a rule: `field|modifier|…`.
fn item(key: &str, values: Vec<RawScalar>) -> DetectionItem {
    let mut parts = key.split('|');
    let field = parts.next().filter(|field| !field.is_empty());
    DetectionItem {
        field: field.map(|field| at(field.to_owned())),
        modifiers: parts.map(|name| at(Modifier::from_name(name).unwrap())).collect(),
        is_list: values.len() > 1,
        values: values.into_iter().map(raw).collect(),
        span: Span::default(),
    }
}

fn detection(name: &str, body: DetectionBody) -> Detection {
    Detection {
        name: at(name.to_owned()),
        body,
    }
}

fn plain_detection(name: &str) -> Detection {
    detection(name, DetectionBody::Map(vec![item("f", vec![text(name)])]))
}

fn condition(root: ConditionNode) -> Condition {
    Condition {
        text: String::new(),
        span: Span::default(),
        root,
    }
}

fn name(name: &str) -> ConditionNode {
    ConditionNode::Identifier(at(name.to_owned()))
}

fn of(quantity: Quantity, pattern: Option<&str>) -> ConditionNode {
    ConditionNode::Selector(Selector {
        quantity,
        pattern: pattern.map(str::to_owned),
        span: Span::default(),
    })
}

fn metadata(name: &str) -> Metadata {
    Metadata {
        title: format!("Title of {name}"),
        name: Some(at(name.to_owned())),
        ..Metadata::default()
    }
}

fn rule(detections: Vec<Detection>, conditions: Vec<ConditionNode>) -> DetectionRule {
    DetectionRule {
        metadata: metadata("rule").into(),
        log_source: LogSource::default(),
        detections,
        conditions: conditions.into_iter().map(condition).collect(),
    }
}

fn run(rule: &DetectionRule) -> (Option<NormalRule>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let rules = normalize(rule, &[], &mut diagnostics);
    assert_eq!(
        rules.is_none(),
        diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    );
    (rules.map(|mut rules| rules.remove(0)), diagnostics)
}

/// The item of a rule that has one.
fn one(item: DetectionItem) -> Result<(Item, Vec<Code>), Vec<Code>> {
    let body = DetectionBody::Map(vec![item]);
    let (rule, diagnostics) = run(&rule(vec![detection("sel", body)], vec![name("sel")]));
    let codes = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    let Some(rule) = rule else {
        return Err(codes);
    };
    match &rule.detections[0].body {
        DetectionNode::All(nodes) => match nodes.as_slice() {
            [DetectionNode::Item(item)] => Ok((item.clone(), codes)),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn values(key: &str, scalars: Vec<RawScalar>) -> Vec<Value> {
    let (item, codes) = one(item(key, scalars)).unwrap();
    assert_eq!(codes, [], "{key}");
    item.values.into_iter().map(|value| value.value).collect()
}

fn value(key: &str, scalar: RawScalar) -> Value {
    values(key, vec![scalar]).remove(0)
}

fn failure(key: &str, scalar: RawScalar) -> Code {
    let codes = one(item(key, vec![scalar])).expect_err(key);
    assert_eq!(codes.len(), 1, "{key}: {codes:?}");
    codes[0]
}

fn keyword(scalar: RawScalar) -> DetectionEntry {
    DetectionEntry::Keyword(raw(scalar))
}

//! Builds small rules for tests and takes them through steps.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostics, SourceMap, Span};
use crate::normalize::pattern;
use crate::normalize::{
    Column, DetectionNode, FieldReference, Item, ItemId, Link, Logic, NormalCondition, NormalDetection,
    NormalRule, Pattern, PatternPart, PlainLogSource, Relation, Value,
};
use crate::pipeline::{MappedPart, Pipeline, Placement, Schema, Unmapped, apply_with_names};
use crate::rule::{Metadata, Spanned};

/// An item with values.
pub(crate) fn with_values(field: &str, values: Vec<Value>) -> Item {
    let span = Span::default();
    Item {
        id: ItemId(0),
        field: Some(field.to_owned()),
        columns: vec![Column::unknown(field)],
        link: Link::Any,
        negated: false,
        values: values.into_iter().map(|value| Spanned { value, span }).collect(),
        span,
        applied: Vec::new(),
    }
}

/// An item with a string.
pub(crate) fn text(field: &str, value: &str) -> Item {
    texts(field, &[value])
}

/// An item with strings.
pub(crate) fn texts(field: &str, values: &[&str]) -> Item {
    let values = values.iter().map(|value| Value::Pattern(pattern::read(value)));
    with_values(field, values.collect())
}

/// An item that compares two fields.
pub(crate) fn reference(field: &str, other: &str) -> Item {
    let reference = FieldReference {
        columns: vec![Column::unknown(other)],
        relation: Relation::Equals,
        cased: false,
    };
    with_values(field, vec![Value::FieldReference(reference)])
}

/// A keyword.
pub(crate) fn keyword(value: &str) -> Item {
    let parts = vec![
        PatternPart::AnyRun,
        PatternPart::Literal(value.to_owned()),
        PatternPart::AnyRun,
    ];
    let mut item = with_values("", vec![Value::Pattern(Pattern { parts, cased: false })]);
    item.field = None;
    item.columns.clear();
    item
}

/// The items of a tree, in order.
pub(crate) fn items(node: &DetectionNode) -> Vec<&Item> {
    match node {
        DetectionNode::All(nodes) | DetectionNode::Any(nodes) => nodes.iter().flat_map(items).collect(),
        DetectionNode::Item(item) => vec![item],
    }
}

/// The column names of the item at a place of the first detection.
pub(crate) fn columns(rule: &NormalRule, item: usize) -> Vec<String> {
    let items = items(&rule.detections[0].body);
    items[item]
        .columns
        .iter()
        .map(|column| column.name.to_string())
        .collect()
}

/// A rule with what it is taken through.
pub(crate) struct Case {
    pub(crate) rule: NormalRule,
    names: Vec<Spanned<String>>,
    schema: Option<String>,
    /// What is asked for; else errors with a schema, and silence without.
    unmapped: Option<Unmapped>,
    table: Option<String>,
    variables: String,
}

/// What came out.
pub(crate) struct Mapped {
    pub(crate) parts: Option<Vec<MappedPart>>,
    pub(crate) diagnostics: Diagnostics,
}

impl Mapped {
    /// The rule of the only part.
    pub(crate) fn rule(&self) -> NormalRule {
        let parts = self
            .parts
            .as_ref()
            .unwrap_or_else(|| panic!("{:#?}", self.diagnostics));
        assert_eq!(parts.len(), 1);
        parts[0].rule.clone()
    }

    pub(crate) fn codes(&self) -> Vec<Code> {
        self.diagnostics
            .iter()
            .map(|diagnostic| diagnostic.code)
            .collect()
    }
}

impl Case {
    /// A map of items.
    pub(crate) fn new(items: Vec<Item>) -> Self {
        Self::tree(DetectionNode::All(
            items.into_iter().map(DetectionNode::Item).collect(),
        ))
    }

    /// One detection, which the condition names.
    pub(crate) fn tree(body: DetectionNode) -> Self {
        let span = Span::default();
        let mut next = 0;
        let mut body = body;
        number(&mut body, &mut next);
        let rule = NormalRule {
            metadata: Arc::new(Metadata {
                title: "test rule".to_owned(),
                ..Metadata::default()
            }),
            log_source: PlainLogSource {
                category: Some("test".to_owned()),
                product: Some("test".to_owned()),
                ..PlainLogSource::default()
            },
            fields: Vec::new(),
            conditions: vec![NormalCondition {
                name: None,
                root: Logic::Detection(0),
                span,
            }],
            detections: vec![NormalDetection {
                name: "selection".to_owned(),
                span,
                body,
            }],
            state: Vec::new(),
        };
        Self {
            rule,
            names: Vec::new(),
            schema: None,
            unmapped: None,
            table: None,
            variables: "{}".to_owned(),
        }
    }

    pub(crate) fn fields(mut self, names: &[&str]) -> Self {
        self.rule.fields = names.iter().map(|name| Column::unknown(name)).collect();
        self
    }

    pub(crate) fn names(mut self, names: &[&str]) -> Self {
        let span = Span::default();
        let named = |name: &&str| Spanned {
            value: (*name).to_owned(),
            span,
        };
        self.names = names.iter().map(named).collect();
        self
    }

    pub(crate) fn schema(mut self, text: &str) -> Self {
        self.schema = Some(text.to_owned());
        self
    }

    pub(crate) fn unmapped(mut self, unmapped: Unmapped) -> Self {
        self.unmapped = Some(unmapped);
        self
    }

    pub(crate) fn table(mut self, table: &str) -> Self {
        self.table = Some(table.to_owned());
        self
    }

    pub(crate) fn variables(mut self, text: &str) -> Self {
        self.variables = text.to_owned();
        self
    }

    /// Takes the rule through steps: the YAML under `transformations`.
    pub(crate) fn run(self, steps: &str) -> Mapped {
        let mut sources = SourceMap::new();
        let mut diagnostics = Diagnostics::new();
        let text = format!("name: p\nvars: {}\ntransformations:\n{steps}\n", self.variables);
        let source = sources.add("p.yml", text);
        let Some(pipeline) = Pipeline::read(&source, &mut diagnostics) else {
            return Mapped {
                parts: None,
                diagnostics,
            };
        };
        let schema = self.schema.as_ref().map(|text| {
            let source = sources.add("schema.yaml", text.as_str());
            Schema::read(&source, &mut diagnostics).unwrap()
        });
        let placement = Placement {
            schema: schema.as_ref(),
            unmapped: self.unmapped.unwrap_or(match schema {
                Some(_) => Unmapped::Error,
                None => Unmapped::Keep,
            }),
            table: self.table.as_deref(),
        };
        let parts = apply_with_names(&[&pipeline], self.rule, &self.names, &placement, &mut diagnostics);
        Mapped { parts, diagnostics }
    }
}

fn number(node: &mut DetectionNode, next: &mut u32) {
    match node {
        DetectionNode::All(nodes) | DetectionNode::Any(nodes) => {
            for node in nodes {
                number(node, next);
            }
        }
        DetectionNode::Item(item) => {
            item.id = ItemId(*next);
            *next += 1;
        }
    }
}

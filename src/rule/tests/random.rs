//! Reading any tree ends without a panic and accounts for every document.

use crate::diagnostic::{Severity, SourceMap, Span};
use crate::rule::{DetectionBody, Document, Modifier, read};
use crate::source::{Entry, Node, NodeValue, Scalar, ScalarKind, ScalarStyle};
use proptest::prelude::*;

/// Keys and texts that lead into every reader.
const WORDS: &[&str] = &[
    "title",
    "id",
    "name",
    "status",
    "date",
    "tags",
    "related",
    "fields",
    "sigma-version",
    "logsource",
    "product",
    "category",
    "categorie",
    "detection",
    "condition",
    "timeframe",
    "selection",
    "selection or x",
    "1 of sel*",
    "x | count() by y > 5",
    "Image|contains|all",
    "|all",
    "A|bad",
    "A[1]",
    "correlation",
    "type",
    "event_count",
    "value_percentile",
    "temporal",
    "temporal_ordered",
    "rules",
    "group-by",
    "timespan",
    "5m",
    "aliases",
    "gte",
    "field",
    "percentile",
    "generate",
    "filter",
    "any",
    "",
    "2024-01-01",
    "((",
    "*",
];

fn scalar() -> impl Strategy<Value = Node> {
    let kind = prop_oneof![
        6 => Just(ScalarKind::Text),
        1 => Just(ScalarKind::Null),
        1 => Just(ScalarKind::Integer(7)),
        1 => Just(ScalarKind::Float(f64::NAN)),
        1 => Just(ScalarKind::Bool(true)),
    ];
    (prop::sample::select(WORDS), kind).prop_map(|(text, kind)| {
        node(NodeValue::Scalar(Scalar {
            text: text.to_owned(),
            style: ScalarStyle::DoubleQuoted,
            kind,
        }))
    })
}

fn node(value: NodeValue) -> Node {
    Node {
        span: Span::default(),
        value,
    }
}

fn mapping(entries: Vec<(Node, Node)>) -> Node {
    let mut unique: Vec<Entry> = Vec::new();
    for (key, value) in entries {
        if unique.iter().all(|entry| entry.key.text() != key.text()) {
            unique.push(Entry { key, value });
        }
    }
    node(NodeValue::Mapping(unique))
}

fn tree() -> impl Strategy<Value = Node> {
    scalar().prop_recursive(4, 60, 8, |inner| {
        let key = prop_oneof![12 => scalar(), 1 => inner.clone()];
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(|nodes| node(NodeValue::Sequence(nodes))),
            4 => prop::collection::vec((key, inner), 0..8).prop_map(mapping),
        ]
    })
}

fn text(text: &str) -> Node {
    node(NodeValue::Scalar(Scalar {
        text: text.to_owned(),
        style: ScalarStyle::Plain,
        kind: ScalarKind::Text,
    }))
}

/// A document with one of the deciding sections and, sometimes, an action.
fn document() -> impl Strategy<Value = Node> {
    let section = prop::sample::select(&["detection", "correlation", "filter", "other"][..]);
    let action = prop::option::weighted(
        0.2,
        prop::sample::select(&["global", "reset", "repeat", "no"][..]),
    );
    (section, action, tree(), tree(), tree()).prop_map(|(section, action, first, second, mut rest)| {
        let mut entries = vec![(text(section), first), (text("logsource"), second)];
        entries.extend(action.map(|action| (text("action"), text(action))));
        if let NodeValue::Mapping(others) = &mut rest.value {
            entries.extend(others.drain(..).map(|entry| (entry.key, entry.value)));
        }
        mapping(entries)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn every_document_is_accounted_for(documents in prop::collection::vec(document(), 1..5)) {
        let count = documents.len();
        let legacy = documents.iter().any(|document| document.get("action").is_some());
        let source = SourceMap::new().add("random.yml", "");
        let mut diagnostics = Vec::new();
        let reading = read(&source, documents, &mut diagnostics);
        let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
        prop_assert!(errors >= reading.failed.len(), "{diagnostics:?}");
        prop_assert_eq!(errors == 0, reading.failed.is_empty());
        prop_assert!(diagnostics.iter().all(|found| found.help.is_some() && !found.title.ends_with('.')));
        if !legacy {
            prop_assert_eq!(reading.documents.len() + reading.failed.len() + reading.unrecognised.len(), count);
        }
    }

    #[test]
    fn keys_split_into_the_pieces_that_their_spans_show(
        field in "[A-Za-zé][A-Za-zé. -]{0,8}",
        modifiers in prop::collection::vec(prop::sample::select(Modifier::ALL), 0..4),
    ) {
        let names: Vec<_> = modifiers.iter().flat_map(|modifier| modifier.names().last()).copied().collect();
        let key = [&[field.as_str()], names.as_slice()].concat().join("|");
        let text = super::rule_with(&format!("    s:\n        '{key}': x\n    condition: s\n"));
        let (reading, diagnostics) = super::read_text(&text);
        prop_assert!(diagnostics.is_empty());
        let Some(Document::Detection(rule)) = reading.documents.first() else { panic!("no rule") };
        let DetectionBody::Map(items) = &rule.detections[0].body else { panic!("no mapping") };
        let read_field = items[0].field.as_ref().unwrap();
        let piece = |span: Span| &text[span.start as usize..span.end as usize];
        prop_assert_eq!((read_field.value.as_str(), piece(read_field.span)), (field.as_str(), field.as_str()));
        let read: Vec<_> = items[0].modifiers.iter().map(|one| (one.value, piece(one.span))).collect();
        let written: Vec<_> = modifiers.into_iter().zip(names).collect();
        prop_assert_eq!(read, written);
    }
}

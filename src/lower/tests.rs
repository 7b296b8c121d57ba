#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a rewriting that passes most nodes on"
)]

use std::sync::Arc;

use proptest::prelude::*;

use crate::diagnostic::{Code, Diagnostics, Span};
use crate::lower::{Expr, LeafId, lower};
use crate::normalize::*;
use crate::rule::{Metadata, Operator, Spanned};
use crate::source::Number;

fn text(literal: &str) -> Value {
    Value::Pattern(Pattern {
        parts: vec![PatternPart::Literal(literal.to_owned())],
        cased: false,
    })
}

fn number(value: i32) -> Number {
    Number {
        text: value.to_string(),
        integer: Some(value.into()),
        float: value.into(),
    }
}

fn item(columns: &[&str], link: Link, values: Vec<Value>) -> Item {
    Item {
        id: ItemId(7),
        field: columns.first().map(|name| (*name).to_owned()),
        columns: columns.iter().map(|name| Column::unknown(name)).collect(),
        link,
        negated: false,
        values: (0..)
            .zip(values)
            .map(|(index, value)| Spanned {
                value,
                span: Span {
                    start: index * 10 + 10,
                    end: index * 10 + 15,
                    ..Span::default()
                },
            })
            .collect(),
        span: Span {
            start: 1,
            end: 99,
            ..Span::default()
        },
        applied: Vec::new(),
    }
}

fn rule(bodies: Vec<DetectionNode>) -> NormalRule {
    NormalRule {
        metadata: Arc::new(Metadata::default()),
        log_source: PlainLogSource::default(),
        fields: Vec::new(),
        conditions: Vec::new(),
        detections: bodies
            .into_iter()
            .map(|body| NormalDetection {
                name: "selection".to_owned(),
                span: Span::default(),
                body,
            })
            .collect(),
        state: Vec::new(),
    }
}

fn run(bodies: Vec<DetectionNode>, root: Logic) -> Result<Expr, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let condition = NormalCondition {
        name: None,
        root,
        span: Span::default(),
    };
    lower(&rule(bodies), &condition, &mut diagnostics).ok_or(diagnostics)
}

fn lowered(item: Item) -> String {
    run(vec![DetectionNode::Item(item)], Logic::Detection(0))
        .unwrap()
        .to_string()
}

fn codes(item: Item) -> Vec<Code> {
    let diagnostics = run(vec![DetectionNode::Item(item)], Logic::Detection(0)).unwrap_err();
    diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn patterns_of_an_item_share_a_leaf() {
    let mixed = vec![Value::Number(number(1)), text("a"), Value::Null, text("b")];
    for (link, values, expected) in [
        (Link::Any, vec![text("a")], r#"A matches "a""#),
        (
            Link::Any,
            vec![text("a"), text("b")],
            r#"A matches any of "a", "b""#,
        ),
        (
            Link::All,
            vec![text("a"), text("b")],
            r#"A matches all of "a", "b""#,
        ),
        (
            Link::Any,
            mixed.clone(),
            r#"A = 1 or A matches any of "a", "b" or not A has a value"#,
        ),
        (
            Link::All,
            mixed,
            r#"A = 1 and A matches all of "a", "b" and not A has a value"#,
        ),
    ] {
        assert_eq!(lowered(item(&["A"], link, values)), expected);
    }
}

#[test]
fn alternatives_stay_an_or_group_under_all() {
    let values = || vec![Value::Alternatives(vec![text("-a"), text("/a")]), text("b")];
    assert_eq!(
        lowered(item(&["A"], Link::All, values())),
        r#"A matches any of "-a", "/a" and A matches "b""#
    );
    assert_eq!(
        lowered(item(&["A"], Link::Any, values())),
        r#"A matches any of "-a", "/a", "b""#
    );
    assert_eq!(
        lowered(item(&["A", "B"], Link::All, values())),
        r#"(A matches any of "-a", "/a" or B matches any of "-a", "/a") and (A matches "b" or B matches "b")"#
    );
}

#[test]
fn several_columns_are_an_or_that_negation_turns_into_an_and() {
    let two = ["A", "B"];
    let mut negated = item(&two, Link::Any, vec![text("x")]);
    negated.negated = true;
    for (item, expected) in [
        (
            item(&two, Link::Any, vec![text("x")]),
            r#"A matches "x" or B matches "x""#,
        ),
        (negated, r#"not (A matches "x" or B matches "x")"#),
        (
            item(&two, Link::Any, vec![Value::Null]),
            "not (A has a value or B has a value)",
        ),
        (
            item(&two, Link::Any, vec![Value::Exists(false)]),
            "not (A exists or B exists)",
        ),
        (
            item(&two, Link::Any, vec![Value::Exists(true)]),
            "A exists or B exists",
        ),
        (
            item(
                &two,
                Link::Any,
                vec![Value::FieldReference(FieldReference {
                    columns: vec![Column::unknown("C"), Column::unknown("D")],
                    relation: Relation::StartsWith,
                    cased: true,
                })],
            ),
            "A starts with field C (cased) or A starts with field D (cased) or B starts with field C (cased) \
             or B starts with field D (cased)",
        ),
    ] {
        assert_eq!(lowered(item), expected);
    }
}

#[test]
fn negated_comparisons_are_positive_tests_that_fail() {
    let values = vec![
        Value::Compare(Operator::NotEqual, number(3)),
        Value::TimePart(TimePart::Hour, Operator::NotEqual, number(4)),
    ];
    assert_eq!(
        lowered(item(&["A"], Link::All, values)),
        "not A = 3 and not A has hour = 4"
    );
}

#[test]
fn keywords_are_leaves_and_numbers_among_them_text() {
    let mut keywords = item(&[], Link::Any, vec![text("a"), Value::Number(number(5))]);
    assert_eq!(
        lowered(keywords.clone()),
        r#"any value matches any of "a", "*5*""#
    );
    keywords.link = Link::All;
    assert_eq!(lowered(keywords), r#"any value matches all of "a", "*5*""#);
    assert_eq!(
        codes(item(&[], Link::Any, vec![Value::Null])),
        [Code::INVALID_VALUE]
    );
}

#[test]
fn all_faults_are_reported_and_nothing_is_dropped() {
    let pending = |name: &str| {
        Value::Pending(Pending {
            parts: vec![PendingPart::Placeholder(name.to_owned())],
            modifiers: Vec::new(),
            keyword: false,
        })
    };
    let faulty = item(&["A"], Link::Any, vec![pending("x"), text("a"), pending("y")]);
    let diagnostics = run(vec![DetectionNode::Item(faulty)], Logic::Detection(0)).unwrap_err();
    let titles: Vec<_> = diagnostics.iter().map(|each| each.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "placeholder %x% is not resolved",
            "placeholder %y% is not resolved"
        ]
    );
    assert!(
        diagnostics
            .iter()
            .all(|each| each.code == Code::UNRESOLVED_PLACEHOLDER)
    );
    let mut unmapped = item(&["A"], Link::Any, vec![text("a")]);
    unmapped.columns.clear();
    assert_eq!(codes(unmapped), [Code::UNMAPPED_FIELD]);
    for empty in [DetectionNode::All(Vec::new()), DetectionNode::Any(Vec::new())] {
        assert!(run(vec![empty], Logic::Detection(0)).is_err());
    }
    assert!(run(Vec::new(), Logic::Detection(0)).is_err());
}

#[test]
fn nesting_beyond_the_limit_is_an_error() {
    let nested = |levels: usize| {
        let mut logic = Logic::Detection(0);
        for _ in 0..levels {
            logic = Logic::And(vec![logic, Logic::Detection(0)]);
        }
        logic
    };
    let body = || vec![DetectionNode::Item(item(&["A"], Link::Any, vec![text("a")]))];
    assert!(run(body(), nested(600)).is_ok());
    let diagnostics = run(body(), nested(800)).unwrap_err();
    assert_eq!(diagnostics[0].code, Code::CONDITION_TOO_DEEP);
}

fn any_logic() -> impl Strategy<Value = Logic> {
    let leaf = (0usize..3).prop_map(Logic::Detection);
    leaf.prop_recursive(6, 60, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Logic::And),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Logic::Or),
            inner.prop_map(|body| Logic::Not(Box::new(body))),
        ]
    })
}

fn count(logic: &Logic, sizes: &[usize]) -> usize {
    match logic {
        Logic::And(parts) | Logic::Or(parts) => parts.iter().map(|part| count(part, sizes)).sum(),
        Logic::Not(body) => count(body, sizes),
        Logic::Detection(index) => sizes[*index],
    }
}

proptest! {
    #[test]
    fn every_value_gives_its_leaves_counted_upwards_and_groups_are_flat(logic in any_logic()) {
        let bodies = vec![
            DetectionNode::Item(item(&["A"], Link::Any, vec![text("a"), text("b")])),
            DetectionNode::All(vec![
                DetectionNode::Item(item(&["A", "B"], Link::Any, vec![text("a")])),
                DetectionNode::Item(item(&["C"], Link::Any, vec![Value::Null])),
            ]),
            DetectionNode::Item(item(&["A", "B"], Link::All, vec![text("a"), text("b")])),
        ];
        let expected = u32::try_from(count(&logic, &[1, 3, 4])).unwrap();
        let expr = run(bodies, logic).unwrap();
        let ids: Vec<u32> = expr.leaves().map(|leaf| leaf.id().0).collect();
        prop_assert_eq!(ids, (0..expected).collect::<Vec<_>>());
        expr.walk(|node| {
            if let Expr::And(parts) = node {
                assert!(parts.len() > 1 && parts.iter().all(|part| !matches!(part, Expr::And(_))));
            }
            if let Expr::Or(parts) = node {
                assert!(parts.len() > 1 && parts.iter().all(|part| !matches!(part, Expr::Or(_))));
            }
        });
        let same = expr.clone().rewrite(&mut |node| node);
        prop_assert_eq!(&same, &expr);
        let marked = expr.clone().rewrite(&mut |node| match node {
            Expr::Predicate(mut predicate) => {
                predicate.leaf = LeafId::ADDED;
                Expr::Predicate(predicate)
            }
            other => other,
        });
        prop_assert!(marked.leaves().all(|leaf| leaf.id() == LeafId::ADDED));
    }
}

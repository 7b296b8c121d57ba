//! Random logic and random events, for properties of rewrites.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sigmatic::diagnostic::Span;
use sigmatic::lower::{Expr, Keyword, LeafId, Predicate, Test};
use sigmatic::normalize::{Column, ItemId, Pattern, PatternPart, Relation};
use sigmatic::regex::{Flags, Regex};
use sigmatic::rule::Operator;
use sigmatic::source::Number;

/// The fields of rules and events.
pub(crate) const FIELDS: [&str; 3] = ["a", "b", "c d"];

const REGEXES: [&str; 12] = [
    "abcd",
    "^ab",
    "ab$",
    "a.c",
    "(abc|bcd)e?",
    "x*",
    "a\\*b",
    "\\\\ab",
    "[ab]{2}",
    "(?!ab)b",
    "abc.*\"x",
    "\\bab\\b",
];

fn part(literals: &'static str) -> impl Strategy<Value = PatternPart> {
    prop_oneof![
        3 => literals.prop_map(PatternPart::Literal),
        1 => Just(PatternPart::AnyRun),
        1 => Just(PatternPart::AnyOne),
    ]
}

/// A pattern of literals that match a regular expression.
pub(crate) fn pattern(literals: &'static str) -> impl Strategy<Value = Pattern> + Clone {
    let parts = proptest::collection::vec(part(literals).boxed(), 0..4);
    (parts, any::<bool>())
        .prop_map(|(parts, cased)| Pattern::from_parts(parts).with_case(cased))
        .boxed()
}

fn regex() -> impl Strategy<Value = Regex> {
    (prop::sample::select(REGEXES.to_vec()), any::<bool>()).prop_map(|(source, ignore_case)| {
        let flags = Flags {
            ignore_case,
            ..Flags::default()
        };
        Regex::parse(source, flags).unwrap()
    })
}

fn number() -> impl Strategy<Value = Number> {
    (-2_i32..12).prop_map(|value| Number {
        text: value.to_string(),
        integer: Some(value.into()),
        float: value.into(),
    })
}

fn field_test(literals: &'static str) -> impl Strategy<Value = Test> {
    let relation = prop_oneof![
        Just(Relation::Equals),
        Just(Relation::StartsWith),
        Just(Relation::EndsWith),
        Just(Relation::Contains),
    ];
    prop_oneof![
        4 => pattern(literals).prop_map(Test::Equals),
        2 => proptest::collection::vec(pattern(literals), 1..4).prop_map(Test::AnyOf),
        1 => proptest::collection::vec(pattern(literals), 1..3).prop_map(Test::AllOf),
        1 => number().prop_map(|number| Test::Number(Operator::Equal, number)),
        1 => number().prop_map(|number| Test::Number(Operator::Less, number)),
        1 => number().prop_map(|number| Test::Number(Operator::GreaterOrEqual, number)),
        3 => regex().prop_map(Test::Regex),
        1 => Just(Test::HasValue),
        1 => Just(Test::Cidr("10.0.0.0/8".parse().unwrap())),
        1 => Just(Test::Cidr("2001:db8::/33".parse().unwrap())),
        1 => (prop::sample::select(FIELDS.to_vec()), relation, any::<bool>()).prop_map(
            |(other, relation, cased)| Test::FieldReference { other: Column::unknown(other), relation, cased }
        ),
    ]
}

fn keyword_test(literals: &'static str) -> impl Strategy<Value = Test> {
    let inside = |pattern: Pattern| {
        let cased = pattern.cased;
        let parts = std::iter::once(PatternPart::AnyRun)
            .chain(pattern.parts)
            .chain([PatternPart::AnyRun]);
        Pattern::from_parts(parts).with_case(cased)
    };
    prop_oneof![
        pattern(literals).prop_map(move |pattern| Test::Equals(inside(pattern))),
        regex().prop_map(Test::Regex),
    ]
}

fn leaf(literals: &'static str, kinds: &'static [Option<&'static str>]) -> impl Strategy<Value = Expr> {
    let predicate = (
        prop::sample::select(FIELDS.to_vec()),
        field_test(literals),
        prop::sample::select(kinds.to_vec()),
    )
        .prop_map(|(name, test, kind)| {
            let mut column = Column::unknown(name);
            column.kind = kind.map(Arc::from);
            Expr::Predicate(Predicate {
                leaf: LeafId(0),
                item: ItemId(0),
                column,
                test,
                span: Span::default(),
            })
        });
    let keyword = keyword_test(literals).prop_map(|test| {
        Expr::Keyword(Keyword {
            leaf: LeafId(0),
            item: ItemId(0),
            test,
            span: Span::default(),
        })
    });
    prop_oneof![8 => predicate, 1 => keyword]
}

/// Logic over [`FIELDS`] of the given schema types, each leaf with an id and an item of its own.
pub(crate) fn expr(
    literals: &'static str,
    kinds: &'static [Option<&'static str>],
) -> impl Strategy<Value = Expr> {
    let tree = leaf(literals, kinds).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Expr::And),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Expr::Or),
            inner.prop_map(|body| Expr::Not(Box::new(body))),
        ]
    });
    tree.prop_map(|mut tree| {
        let mut next = 0;
        number_leaves(&mut tree, &mut next);
        tree
    })
}

fn number_leaves(expr: &mut Expr, next: &mut u32) {
    match expr {
        Expr::And(items) | Expr::Or(items) => {
            for item in items {
                number_leaves(item, next);
            }
        }
        Expr::Not(body) | Expr::Total(body) => number_leaves(body, next),
        Expr::Predicate(predicate) => {
            predicate.leaf = LeafId(*next);
            predicate.item = ItemId(*next);
            *next += 1;
        }
        Expr::Keyword(keyword) => {
            keyword.leaf = LeafId(*next);
            keyword.item = ItemId(*next);
            *next += 1;
        }
        Expr::Const(_) => {}
    }
}

fn value(texts: &'static str) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        6 => texts.prop_map(|text| Some(json!(text))),
        1 => Just(Some(json!(""))),
        1 => Just(Some(Value::Null)),
        2 => Just(None),
        2 => (-2..12).prop_map(|number| Some(json!(number))),
        1 => proptest::collection::vec(texts, 0..3).prop_map(|texts| Some(json!(texts))),
        1 => Just(Some(json!("10.1.2.3"))),
        1 => Just(Some(json!("2001:db8::1"))),
    ]
}

/// An event with some of [`FIELDS`].
pub(crate) fn event(texts: &'static str) -> impl Strategy<Value = Value> {
    [value(texts), value(texts), value(texts)].prop_map(|values| {
        let fields = FIELDS.iter().zip(values);
        let object: Map<String, Value> = fields
            .filter_map(|(name, value)| Some(((*name).to_owned(), value?)))
            .collect();
        Value::Object(object)
    })
}

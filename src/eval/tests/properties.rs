//! The evaluator against a second one, written simply: patterns become regular expressions, logic is a fold.

#![allow(clippy::wildcard_enum_match_arm, reason = "only some variants are generated")]

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn naive_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        other => Some(other.to_string()),
    }
}

fn naive_pattern(pattern: &Pattern, text: &str) -> bool {
    let body: String = pattern
        .parts
        .iter()
        .map(|part| match part {
            PatternPart::Literal(literal) => regex::escape(literal),
            PatternPart::AnyOne => ".".to_owned(),
            PatternPart::AnyRun => ".*".to_owned(),
        })
        .collect();
    let flags = if pattern.cased { "(?s)" } else { "(?is)" };
    regex::Regex::new(&format!(r"{flags}\A(?:{body})\z"))
        .unwrap()
        .is_match(text)
}

fn naive_test(test: &Test, values: &[Value]) -> bool {
    let any = |pattern: &Pattern| {
        values
            .iter()
            .filter_map(naive_text)
            .any(|text| naive_pattern(pattern, &text))
    };
    match test {
        Test::Equals(pattern) => any(pattern),
        Test::AnyOf(patterns) => patterns.iter().any(any),
        Test::AllOf(patterns) => patterns.iter().all(any),
        Test::HasValue => values.iter().any(|value| !value.is_null()),
        Test::Exists => !values.is_empty(),
        Test::Number(Operator::Equal, wanted) => values.iter().any(|value| match value {
            Value::Number(number) => number.as_f64() == Some(wanted.float),
            Value::String(text) => *text == wanted.text,
            _ => false,
        }),
        Test::Number(operator, wanted) => values.iter().any(|value| {
            let number = match value {
                Value::Number(number) => number.as_f64(),
                Value::String(text) => text.parse().ok(),
                _ => None,
            };
            number.is_some_and(|number: f64| match operator {
                Operator::Less => number < wanted.float,
                Operator::GreaterOrEqual => number >= wanted.float,
                _ => panic!("not generated"),
            })
        }),
        Test::Bool(wanted) => values
            .iter()
            .any(|value| *value == Value::Bool(*wanted) || *value == Value::String(wanted.to_string())),
        _ => panic!("not generated"),
    }
}

fn naive(expr: &Expr, event: &Value) -> bool {
    match expr {
        Expr::And(parts) => parts.iter().all(|part| naive(part, event)),
        Expr::Or(parts) => parts.iter().any(|part| naive(part, event)),
        Expr::Not(body) => !naive(body, event),
        Expr::Total(body) => naive(body, event),
        Expr::Const(value) => *value,
        Expr::Predicate(predicate) => {
            let values = match &event[&*predicate.column.name] {
                Value::Array(values) => values.clone(),
                Value::Null if event.get(&*predicate.column.name).is_none() => Vec::new(),
                single => vec![single.clone()],
            };
            naive_test(&predicate.test, &values)
        }
        Expr::Keyword(keyword) => {
            let all: Vec<Value> = event
                .as_object()
                .unwrap()
                .values()
                .flat_map(|value| match value {
                    Value::Array(values) => values.clone(),
                    single => vec![single.clone()],
                })
                .collect();
            naive_test(&keyword.test, &all)
        }
    }
}

fn any_pattern(literals: &'static str) -> impl Strategy<Value = Pattern> + Clone {
    (literals, any::<bool>()).prop_map(|(text, cased)| Pattern {
        cased,
        ..pattern(&text)
    })
}

fn any_test(literals: &'static str) -> impl Strategy<Value = Test> {
    let patterns = prop::collection::vec(any_pattern(literals), 2..4);
    prop_oneof![
        4 => any_pattern(literals).prop_map(Test::Equals),
        2 => patterns.clone().prop_map(Test::AnyOf),
        2 => patterns.prop_map(Test::AllOf),
        1 => Just(Test::HasValue),
        1 => Just(Test::Exists),
        1 => any::<bool>().prop_map(Test::Bool),
        2 => (-3i32..12, prop_oneof![Just(Operator::Equal), Just(Operator::Less), Just(Operator::GreaterOrEqual)])
            .prop_map(|(value, operator)| compare(operator, &value.to_string())),
    ]
}

fn any_expr(literals: &'static str) -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        8 => ("[fgh]", any_test(literals)).prop_map(|(field, test)| on(&field, test)),
        1 => any_pattern(literals).prop_map(|pattern| keyword(Test::Equals(pattern))),
        1 => any::<bool>().prop_map(Expr::Const),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::Or),
            inner.clone().prop_map(|body| Expr::Not(Box::new(body))),
            inner.prop_map(|body| Expr::Total(Box::new(body))),
        ]
    })
}

fn any_scalar(texts: &'static str) -> impl Strategy<Value = Value> {
    prop_oneof![
        5 => texts.prop_map(Value::String),
        2 => (-3i32..12).prop_map(|number| json!(number)),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
    ]
}

fn any_event(texts: &'static str) -> impl Strategy<Value = Value> {
    let field = prop_oneof![
        2 => any_scalar(texts),
        1 => prop::collection::vec(any_scalar(texts), 0..3).prop_map(Value::Array),
    ];
    prop::collection::btree_map("[fgh]", field, 0..4).prop_map(|map| Value::Object(map.into_iter().collect()))
}

fn run(expr: &Expr, event: &Value) -> bool {
    let event = Event::from_value(event.clone()).unwrap();
    let matcher = Matcher::compile(expr).unwrap();
    let held = matcher.matches(&event).unwrap();
    let explained = matcher.explain(&event);
    assert_eq!(explained.outcome == crate::eval::Outcome::Held, held);
    assert!(!explained.render().is_empty() && !expr.tree().is_empty());
    held
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_naive_evaluator(
        expr in any_expr("[aAbB.*?\\\\]{0,5}"),
        event in any_event("[aAbB.\\\\\n]{0,6}|[0-9]"),
    ) {
        prop_assert_eq!(run(&expr, &event), naive(&expr, &event));
    }

    #[test]
    fn patterns_beyond_ascii_agree_with_regular_expressions(
        wanted in any_pattern("[aAäÄßẞσςΣ*?\u{212A}k]{0,6}"),
        text in "[aAäÄßẞσςΣ\u{212A}kK\n]{0,8}",
    ) {
        let expected = naive_pattern(&wanted, &text);
        prop_assert_eq!(run(&on("f", Test::Equals(wanted)), &json!({ "f": text })), expected);
    }

    #[test]
    fn logic_holds_for_any_text(
        parts in prop::collection::vec(any_expr("\\PC{0,4}"), 0..4),
        event in any_event("\\PC{0,6}"),
    ) {
        let negated = || parts.iter().map(|part| Expr::Not(Box::new(part.clone()))).collect::<Vec<_>>();
        let not = |expr| Expr::Not(Box::new(expr));
        let all = Expr::And(parts.clone());
        let any = Expr::Or(parts.clone());
        prop_assert_eq!(run(&not(all.clone()), &event), run(&Expr::Or(negated()), &event));
        prop_assert_eq!(run(&not(any.clone()), &event), run(&Expr::And(negated()), &event));
        prop_assert_eq!(run(&not(not(all.clone())), &event), run(&all, &event));
        prop_assert_eq!(run(&Expr::all(parts.clone()), &event), run(&all, &event));
        prop_assert_eq!(run(&Expr::any(parts.clone()), &event), run(&any, &event));
    }
}

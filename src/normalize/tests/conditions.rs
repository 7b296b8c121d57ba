//! Selectors, lists, filters, log sources.

use super::{
    at, condition, detection, item, keyword, metadata, name, number, of, plain_detection, rule, run, text,
};
use crate::diagnostic::{Code, Diagnostics, Span};
use crate::normalize::{DetectionNode, Link, Logic, normalize};
use crate::rule::{
    ConditionNode, DetectionBody, DetectionEntry, DetectionRule, FilterRule, FilterRules, LogSource,
    Quantity, RawScalar,
};

fn names(list: &[&str]) -> Vec<crate::rule::Detection> {
    list.iter().map(|name| plain_detection(name)).collect()
}

fn logic(detections: &[&str], root: ConditionNode) -> Result<Logic, Vec<Code>> {
    let (rule, diagnostics) = run(&rule(names(detections), vec![root]));
    rule.map(|rule| rule.conditions[0].root.clone())
        .ok_or_else(|| diagnostics.iter().map(|diagnostic| diagnostic.code).collect())
}

fn d(index: usize) -> Logic {
    Logic::Detection(index)
}

#[test]
fn selectors() {
    let all = ["sel_a", "sel_b", "_sel_c", "other"];
    let one = Quantity::AtLeast(1);
    let two = Quantity::AtLeast(2);
    assert_eq!(logic(&all, of(one, None)), Ok(Logic::Or(vec![d(0), d(1), d(3)])));
    assert_eq!(
        logic(&all, of(Quantity::All, Some("sel_*"))),
        Ok(Logic::And(vec![d(0), d(1)]))
    );
    assert_eq!(logic(&all, of(one, Some("_*"))), Ok(d(2)));
    assert_eq!(logic(&all, of(one, Some("*_b"))), Ok(d(1)));
    assert_eq!(logic(&all, of(one, Some("s*l*a"))), Ok(d(0)));
    assert_eq!(
        logic(&all, of(two, None)),
        Ok(Logic::Or(vec![
            Logic::And(vec![d(0), d(1)]),
            Logic::And(vec![d(0), d(3)]),
            Logic::And(vec![d(1), d(3)]),
        ]))
    );
    assert_eq!(logic(&all, of(one, Some("x*"))), Err(vec![Code::EMPTY_SELECTOR]));
    assert_eq!(
        logic(&all, of(Quantity::AtLeast(4), None)),
        Err(vec![Code::EMPTY_SELECTOR])
    );
    let many: Vec<String> = (0..30).map(|index| format!("d{index}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(
        logic(&many, of(Quantity::AtLeast(15), None)),
        Err(vec![Code::TOO_MANY_ALTERNATIVES])
    );
    let Ok(Logic::Or(most)) = logic(&many, of(Quantity::AtLeast(29), None)) else {
        panic!("alternatives expected");
    };
    assert_eq!(most.len(), 30);
}

#[test]
fn globs() {
    for (pattern, name, matches) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("a*a", "a", false),
        ("a*a", "aa", true),
        ("*", "", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c", false),
        ("**x", "x", true),
    ] {
        assert_eq!(
            crate::normalize::condition::glob(pattern, name),
            matches,
            "{pattern} {name}"
        );
    }
}

#[test]
fn all_errors_of_a_rule_are_collected() {
    let broken = detection("bad", DetectionBody::Map(vec![item("f|i", vec![text("a")])]));
    let (_, diagnostics) = run(&rule(
        vec![broken, plain_detection("selection")],
        vec![ConditionNode::And(vec![
            name("selektion"),
            name("bad"),
            of(Quantity::All, Some("x*")),
        ])],
    ));
    let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(
        codes,
        [
            Code::INVALID_MODIFIER_CHAIN,
            Code::UNDEFINED_DETECTION,
            Code::EMPTY_SELECTOR
        ]
    );
    assert_eq!(diagnostics[1].help.as_deref(), Some("did you mean `selection`?"));
    assert!(
        diagnostics
            .iter()
            .all(|diagnostic| diagnostic.rule.as_deref() == Some("rule"))
    );
}

#[test]
fn lists_mix_keywords_and_maps() {
    let body = DetectionBody::List(vec![
        keyword(text("a")),
        keyword(RawScalar::Number(number("1"))),
        DetectionEntry::Map(vec![item("f", vec![text("x")]), item("g", vec![text("y")])]),
        keyword(text("b")),
    ]);
    let (rule, _) = run(&rule(vec![detection("sel", body)], vec![name("sel")]));
    let DetectionNode::Any(nodes) = rule.unwrap().detections.remove(0).body else {
        panic!("alternatives expected");
    };
    let [
        DetectionNode::Item(first),
        DetectionNode::All(map),
        DetectionNode::Item(last),
    ] = nodes.as_slice()
    else {
        panic!("{nodes:?}");
    };
    assert_eq!((first.values.len(), map.len(), last.values.len()), (2, 2, 1));
    assert_eq!(
        (first.link, &first.field, first.columns.len()),
        (Link::Any, &None, 0)
    );
    assert!(first.id < last.id);
}

fn filter(rules: FilterRules, product: &str) -> FilterRule {
    FilterRule {
        metadata: metadata("filter"),
        log_source: LogSource {
            product: vec![at(product.to_owned())],
            ..LogSource::default()
        },
        rules,
        detections: names(&["selection", "x"]),
        conditions: vec![condition(ConditionNode::Not(Box::new(of(
            Quantity::AtLeast(1),
            None,
        ))))],
        span: Span::default(),
    }
}

fn on(products: &[&str], rule: DetectionRule) -> DetectionRule {
    DetectionRule {
        log_source: LogSource {
            product: products.iter().map(|product| at((*product).to_owned())).collect(),
            ..LogSource::default()
        },
        ..rule
    }
}

#[test]
fn filters_keep_to_themselves() {
    let rule = rule(
        names(&["selection", "_filter1_x"]),
        vec![of(Quantity::AtLeast(1), None), name("selection")],
    );
    let filter = filter(FilterRules::Listed(Vec::new()), "windows");
    let mut diagnostics = Diagnostics::new();
    let rules = normalize(&rule, &[&filter, &filter], &mut diagnostics).unwrap();
    let names: Vec<_> = rules[0]
        .detections
        .iter()
        .map(|detection| detection.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "selection",
            "_filter1_x",
            "_filter1_selection",
            "__filter1_x",
            "_filter2_selection",
            "_filter2_x",
        ]
    );
    let not = |a, b| Logic::Not(Box::new(Logic::Or(vec![d(a), d(b)])));
    assert_eq!(
        rules[0].conditions[0].root,
        Logic::And(vec![d(0), not(2, 3), not(4, 5)])
    );
    assert_eq!(
        rules[0].conditions[1].root,
        Logic::And(vec![d(0), not(2, 3), not(4, 5)])
    );
    assert_eq!(rules[0].conditions[1].name.as_deref(), Some("2"));
}

#[test]
fn log_source_alternatives_take_the_filters_that_cover_them() {
    let rule = on(
        &["linux", "Windows"],
        rule(names(&["selection"]), vec![name("selection")]),
    );
    let mut diagnostics = Diagnostics::new();
    let rules = normalize(&rule, &[&filter(FilterRules::Any, "windows")], &mut diagnostics).unwrap();
    let shape: Vec<_> = rules
        .iter()
        .map(|rule| (rule.log_source.product.as_deref(), rule.detections.len()))
        .collect();
    assert_eq!(shape, [(Some("linux"), 1), (Some("Windows"), 3)]);
    assert_eq!(rules[0].conditions[0].root, d(0));
    assert_eq!(rules[0].conditions[0].name, None);
}

//! Condition logic, the format's faults, and the account of items over random pipelines.

use proptest::prelude::*;

use super::transform::testing::{Case, columns, items, keyword, reference, text, texts};
use crate::diagnostic::{Code, Diagnostics, Severity, SourceMap};
use crate::normalize::{DetectionNode, Item, Link};
use crate::pipeline::Pipeline;

fn codes(text: &str) -> Vec<Code> {
    let source = SourceMap::new().add("p.yml", text);
    let mut diagnostics = Diagnostics::new();
    let pipeline = Pipeline::read(&source, &mut diagnostics);
    assert_eq!(pipeline.is_none(), !diagnostics.is_empty(), "{text}");
    diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

fn faulty() -> Vec<(String, Code)> {
    let step = |rest: &str| format!("transformations: [{{{rest}}}]");
    vec![
        ("transformation: []".to_owned(), Code::UNKNOWN_PIPELINE_KEY),
        (
            step("type: field_name_maping, mapping: {}"),
            Code::UNKNOWN_TRANSFORMATION,
        ),
        (step("type: nest, items: []"), Code::UNSUPPORTED_TRANSFORMATION),
        (
            step("type: field_name_suffix, sufix: x"),
            Code::UNKNOWN_PIPELINE_KEY,
        ),
        (step("type: field_name_suffix"), Code::INVALID_PIPELINE),
        (
            step("type: field_name_suffix, suffix: x, rule_conditions: [{type: log}]"),
            Code::UNKNOWN_TRANSFORMATION,
        ),
        (
            step(
                "type: field_name_suffix, suffix: x, rule_conditions: [{type: logsource, category: a, kind: b}]",
            ),
            Code::UNKNOWN_PIPELINE_KEY,
        ),
        (
            step("type: field_name_suffix, suffix: x, rule_cond_op: xor"),
            Code::INVALID_PIPELINE,
        ),
        (
            step(
                "type: field_name_suffix, suffix: x, rule_conditions: [{type: is_sigma_rule}], rule_cond_expr: a",
            ),
            Code::INVALID_PIPELINE,
        ),
        (
            step(
                "type: field_name_suffix, suffix: x, rule_conditions: {a: {type: is_sigma_rule}, b: {type: is_sigma_rule}}, rule_cond_expr: a",
            ),
            Code::INVALID_PIPELINE,
        ),
        (
            step("type: field_name_mapping, mapping: {A: []}"),
            Code::INVALID_PIPELINE,
        ),
        (
            step("type: add_condition, conditions: {'A|contains': x}"),
            Code::INVALID_PIPELINE,
        ),
        (
            "postprocessing: [{type: embed}]".to_owned(),
            Code::UNSUPPORTED_TRANSFORMATION,
        ),
        ("priority: high".to_owned(), Code::INVALID_PIPELINE),
        (
            "transformations: [{id: a, type: drop_detection_item}, {id: a, type: drop_detection_item}]"
                .to_owned(),
            Code::INVALID_PIPELINE,
        ),
    ]
}

#[test]
fn faults_of_the_format_are_named() {
    for (text, code) in faulty() {
        assert_eq!(codes(&text).first(), Some(&code), "{text}");
    }
    let whole = "name: x\npriority: 10\nsource: y\nvars: {a: [1, b]}\nallowed_backends: [kql]\npostprocessing: []\ntransformations: [{type: rule_failure, message: m, source: s}]\n";
    assert_eq!(codes(whole), []);
}

/// The columns after a suffix that is added under a condition.
fn fits(item: Item, condition: &str) -> bool {
    let mapped =
        Case::new(vec![item]).run(&format!("- {{type: field_name_suffix, suffix: _s, {condition}}}"));
    columns(&mapped.rule(), 0)[0].ends_with("_s")
}

#[test]
fn rule_conditions_ask_the_rule() {
    let ask = |condition: &str| fits(text("A", "x*"), condition);
    let log = |attributes: &str| format!("{{type: logsource, {attributes}}}");
    assert!(ask(&format!(
        "rule_conditions: [{}]",
        log("category: test, product: test")
    )));
    assert!(!ask(&format!(
        "rule_conditions: [{}]",
        log("category: test, service: test")
    )));
    assert!(!ask(&format!(
        "rule_cond_not: true, rule_conditions: [{}]",
        log("category: test")
    )));
    let two = format!(
        "rule_conditions: {{a: {}, b: {}}}",
        log("category: test"),
        log("category: no")
    );
    assert!(!ask(&two));
    assert!(ask(&format!("rule_cond_op: or, {two}")));
    assert!(ask(&format!("rule_cond_expr: a and not b, {two}")));
    assert!(!ask(&format!(
        "rule_cond_expr: a and not b, rule_cond_not: true, {two}"
    )));
    for (condition, holds) in [
        ("{type: contains_field, field: A}", true),
        ("{type: contains_field, field: B}", false),
        ("{type: contains_detection_item, field: A, value: 'x*'}", true),
        ("{type: contains_detection_item, field: A, value: x}", false),
        ("{type: is_sigma_rule}", true),
        ("{type: is_sigma_correlation_rule}", false),
        ("{type: rule_attribute, attribute: title, value: test rule}", true),
        (
            "{type: rule_attribute, attribute: title, value: test rule, op: ne}",
            false,
        ),
        (
            "{type: rule_attribute, attribute: level, value: low, op: gte}",
            false,
        ),
        ("{type: tag, tag: attack.t1569}", false),
        ("{type: processing_item_applied, processing_item_id: x}", false),
    ] {
        assert_eq!(
            ask(&format!("rule_conditions: [{condition}]")),
            holds,
            "{condition}"
        );
    }
}

#[test]
fn item_conditions_ask_the_values() {
    for (condition, holds) in [
        ("{type: match_string, cond: any, pattern: 'b'}", true),
        ("{type: match_string, cond: all, pattern: 'b'}", false),
        ("{type: match_string, cond: any, pattern: 'c'}", false),
        (
            "{type: match_string, cond: all, pattern: 'c', negate: true}",
            true,
        ),
        ("{type: match_value, cond: any, value: a}", true),
        ("{type: contains_wildcard, cond: any}", true),
        ("{type: contains_wildcard, cond: all}", false),
        ("{type: is_null, cond: any}", false),
    ] {
        let condition = format!("detection_item_conditions: [{condition}]");
        assert_eq!(fits(texts("A", &["a", "bc*"]), &condition), holds, "{condition}");
    }
}

#[test]
fn a_value_change_that_fits_some_columns_is_an_error() {
    let steps = |regex: &str| {
        format!(
            "- {{type: field_name_mapping, mapping: {{A: [a, b]}}}}\n\
         - {{type: replace_string, regex: {regex}, replacement: y, field_name_conditions: [{{type: include_fields, fields: [a]}}]}}"
        )
    };
    assert_eq!(
        Case::new(vec![text("A", "x")]).run(&steps("x")).codes(),
        [Code::PARTIAL_TRANSFORMATION]
    );
    assert_eq!(Case::new(vec![text("A", "x")]).run(&steps("z")).codes(), []);
}

#[test]
fn detections_that_no_condition_names_mean_nothing() {
    let mut case = Case::new(vec![text("A", "x")]);
    let mut unused = case.rule.detections[0].clone();
    unused.body = DetectionNode::Item(text("B", "x"));
    case.rule.detections.push(unused);
    let mapped = case
        .run("- {type: drop_detection_item, field_name_conditions: [{type: include_fields, fields: [B]}]}");
    assert_eq!(mapped.codes(), []);
}

fn any_item() -> impl Strategy<Value = Item> {
    let field = prop::sample::select(vec!["A", "B", "Hashes"]);
    let value = prop::sample::select(vec!["a", "*b?", "MD5=aa*", "SHA1=b,MD5=c", r"C:\\*", "\\*"]);
    let values = prop::collection::vec(value, 1..3);
    let shaped = (field, values, any::<bool>(), any::<bool>()).prop_map(|(field, values, all, negated)| {
        let mut item = texts(field, &values);
        item.link = if all { Link::All } else { Link::Any };
        item.negated = negated;
        item
    });
    prop_oneof![4 => shaped, 1 => Just(keyword("k")), 1 => Just(reference("A", "B"))]
}

fn any_tree() -> impl Strategy<Value = DetectionNode> {
    any_item()
        .prop_map(DetectionNode::Item)
        .prop_recursive(2, 8, 3, |inner| {
            let nodes = prop::collection::vec(inner, 1..4);
            (nodes, any::<bool>()).prop_map(|(nodes, all)| {
                if all {
                    DetectionNode::All(nodes)
                } else {
                    DetectionNode::Any(nodes)
                }
            })
        })
}

fn any_step() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec![
        "type: field_name_mapping, mapping: {A: [A, B], B: C, null: [M]}",
        "type: field_name_prefix_mapping, mapping: {H: [X, Y]}",
        "type: field_name_suffix, suffix: A",
        "type: add_condition, negated: true, conditions: {A: [1, 'x*'], B: null}",
        "type: drop_detection_item",
        "type: replace_string, regex: '[a-c\\\\*]+', replacement: '*\\\\\\\\'",
        "type: replace_string, regex: '', replacement: x, skip_special: true, interpret_special: true",
        "type: hashes_fields, valid_hash_algos: [MD5, SHA1], field_prefix: F",
        "type: hashes_fields, valid_hash_algos: [MD5, SHA1], field_prefix: Hashes, drop_algo_prefix: true",
        "type: wildcard_placeholders",
        "type: set_state, key: s, val: [A, B]",
    ]);
    let condition = prop::sample::select(vec![
        "",
        ", field_name_conditions: [{type: include_fields, fields: [A]}]",
        ", field_name_conditions: [{type: exclude_fields, mode: re, fields: ['[AM]']}]",
        ", field_name_conditions: [{type: processing_item_applied, processing_item_id: 'p:1'}]",
        ", detection_item_conditions: [{type: contains_wildcard, cond: any}]",
        ", rule_cond_not: true, rule_conditions: [{type: contains_field, field: B}]",
    ]);
    (kind, condition).prop_map(|(kind, condition)| format!("- {{{kind}{condition}}}\n"))
}

proptest! {
    /// Each item is still there, or was dropped with a record, or the rule failed with an error.
    #[test]
    fn every_item_is_accounted_for(tree in any_tree(), steps in prop::collection::vec(any_step(), 0..6)) {
        let case = Case::tree(tree);
        let before: Vec<_> = items(&case.rule.detections[0].body).iter().map(|item| item.id).collect();
        let text = steps.concat();
        let mapped = case.run(&text);
        let errors = mapped.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        prop_assert!(!mapped.codes().contains(&Code::INVALID_PIPELINE), "{text}");
        prop_assert_eq!(mapped.parts.is_none(), errors > 0);
        for part in mapped.parts.iter().flatten() {
            let after = items(&part.rule.detections[0].body);
            for id in &before {
                let kept = after.iter().any(|item| item.id == *id);
                let dropped = part.dropped.iter().filter(|(dropped, _)| dropped == id).count();
                prop_assert!(kept || dropped > 0, "{text}");
                // An item that `hashes_fields` took apart may be dropped in part.
                prop_assert!(!(kept && dropped > 0) || text.contains("hashes_fields"), "{text}");
            }
            for item in after {
                prop_assert!(!item.values.is_empty());
            }
        }
    }
}

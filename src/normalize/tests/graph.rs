//! References, order of correlations, circles.

use proptest::prelude::*;

use super::{at, condition, metadata, name, plain_detection, rule};
use crate::diagnostic::{Code, Diagnostics, Severity, Span};
use crate::normalize::{Resolution, resolve};
use crate::rule::{
    Alias, ConditionNode, CorrelationCondition, CorrelationRule, CorrelationType, DetectionRule, Document,
    FilterRule, FilterRules, LogSource, Timespan,
};

fn detection(label: &str) -> Document {
    Document::Detection(DetectionRule {
        metadata: metadata(label).into(),
        ..rule(vec![plain_detection("sel")], vec![name("sel")])
    })
}

fn correlation(label: &str, rules: &[&str]) -> CorrelationRule {
    CorrelationRule {
        metadata: metadata(label),
        kind: CorrelationType::Temporal,
        rules: rules.iter().map(|rule| at((*rule).to_owned())).collect(),
        group_by: Vec::new(),
        timespan: Timespan {
            text: "5m".to_owned(),
            seconds: 300,
            span: Span::default(),
        },
        aliases: Vec::new(),
        condition: CorrelationCondition::EachRule,
        generate: false,
        span: Span::default(),
    }
}

fn filter(rules: FilterRules) -> Document {
    Document::Filter(FilterRule {
        metadata: metadata("filter"),
        log_source: LogSource::default(),
        rules,
        detections: vec![plain_detection("sel")],
        conditions: vec![condition(name("sel"))],
        span: Span::default(),
    })
}

fn run(documents: &[Document]) -> (Resolution, Vec<Code>) {
    let mut diagnostics = Diagnostics::new();
    let documents: Vec<&Document> = documents.iter().collect();
    let resolution = resolve(&documents, &mut diagnostics);
    let has_error = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(resolution.failed.contains(&true), has_error);
    (
        resolution,
        diagnostics.iter().map(|diagnostic| diagnostic.code).collect(),
    )
}

#[test]
fn order_of_documents_does_not_matter() {
    let (resolution, codes) = run(&[
        Document::Correlation(correlation("top", &["middle", "a"])),
        Document::Correlation(CorrelationRule {
            generate: true,
            ..correlation("middle", &["low", "b"])
        }),
        detection("a"),
        Document::Correlation(correlation("low", &["a"])),
        detection("b"),
    ]);
    assert_eq!(codes, []);
    assert_eq!(resolution.order, [3, 1, 0]);
    assert_eq!(resolution.suppressed, [false, true, true, false, false]);
    assert_eq!(resolution.target(0, "a"), Some(2));
}

#[test]
fn circles_are_reported_once() {
    let (resolution, codes) = run(&[
        Document::Correlation(correlation("above", &["x"])),
        Document::Correlation(correlation("x", &["y", "a"])),
        Document::Correlation(correlation("y", &["x"])),
        Document::Correlation(correlation("self", &["self"])),
        detection("a"),
        Document::Correlation(correlation("sound", &["a"])),
    ]);
    assert_eq!(
        codes,
        [
            Code::CORRELATION_CYCLE,
            Code::CORRELATION_CYCLE,
            Code::UNKNOWN_REFERENCE
        ]
    );
    assert_eq!(resolution.failed, [true, true, true, true, false, false]);
    assert_eq!(resolution.order, [5]);
}

#[test]
fn references_by_id_name_and_title() {
    let mut with_id = metadata("named");
    with_id.id = Some(at("5A".to_owned()));
    let documents = |reference: &str| {
        [
            Document::Correlation(correlation("c", &[reference])),
            Document::Detection(DetectionRule {
                metadata: with_id.clone().into(),
                ..rule(vec![plain_detection("sel")], vec![name("sel")])
            }),
            detection("twin"),
            detection("twin"),
        ]
    };
    for (reference, codes) in [
        ("5a", vec![]),
        ("named", vec![]),
        ("Title of named", vec![Code::TITLE_REFERENCE]),
        ("twin", vec![Code::AMBIGUOUS_REFERENCE]),
        ("Title of twin", vec![Code::AMBIGUOUS_REFERENCE]),
        ("nmaed", vec![Code::UNKNOWN_REFERENCE]),
    ] {
        assert_eq!(run(&documents(reference)).1, codes, "{reference}");
    }
}

#[test]
fn conditions_and_aliases_name_the_rules() {
    let extended = |names: &[&str]| {
        CorrelationCondition::Extended(condition(ConditionNode::And(
            names.iter().map(|other| name(other)).collect(),
        )))
    };
    let (resolution, codes) = run(&[
        Document::Correlation(CorrelationRule {
            condition: extended(&["a", "b"]),
            ..correlation("c", &[])
        }),
        detection("a"),
        detection("b"),
    ]);
    assert_eq!(codes, []);
    let rules: Vec<_> = resolution.rules[0].iter().map(|rule| rule.document).collect();
    assert_eq!(rules, [1, 2]);
    let alias = Alias {
        name: at("user".to_owned()),
        fields: vec![(at("b".to_owned()), at("User".to_owned()))],
    };
    let (_, codes) = run(&[
        Document::Correlation(CorrelationRule {
            aliases: vec![alias],
            ..correlation("c", &["a"])
        }),
        detection("a"),
        detection("b"),
    ]);
    assert_eq!(codes, [Code::UNKNOWN_REFERENCE]);
}

#[test]
fn filters_find_their_rules() {
    let listed =
        |names: &[&str]| FilterRules::Listed(names.iter().map(|name| at((*name).to_owned())).collect());
    let (resolution, codes) = run(&[
        filter(listed(&["a"])),
        detection("a"),
        filter(FilterRules::Any),
        detection("b"),
        Document::Correlation(correlation("c", &["a"])),
    ]);
    assert_eq!(codes, []);
    assert_eq!(resolution.filters, [vec![], vec![0, 2], vec![], vec![2], vec![]]);
    let (resolution, codes) = run(&[
        filter(listed(&["c", "none"])),
        Document::Correlation(correlation("c", &["a"])),
        detection("a"),
    ]);
    assert_eq!(codes, [Code::UNKNOWN_REFERENCE; 2]);
    assert_eq!(resolution.failed, [true, false, false]);
}

#[test]
fn long_chains_need_no_stack() {
    let documents: Vec<_> = (0..20_000)
        .map(|index| Document::Correlation(correlation(&format!("c{index}"), &[&format!("c{}", index + 1)])))
        .chain([detection("c20000")])
        .collect();
    let (resolution, codes) = run(&documents);
    assert_eq!(codes, []);
    assert_eq!(resolution.order.len(), 20_000);
    assert_eq!(resolution.order[0], 19_999);
}

proptest! {
    /// Whatever refers to whatever: sound correlations come after what they refer to, the others failed.
    #[test]
    fn sorted_or_failed(edges in prop::collection::vec(prop::collection::vec(0..8_usize, 1..4), 8)) {
        let documents: Vec<_> = edges
            .iter()
            .enumerate()
            .map(|(index, targets)| {
                let targets: Vec<String> = targets.iter().map(|target| format!("c{target}")).collect();
                let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
                if index == 0 { detection("c0") } else { Document::Correlation(correlation(&format!("c{index}"), &targets)) }
            })
            .collect();
        let (resolution, _) = run(&documents);
        for (place, document) in resolution.order.iter().enumerate() {
            for target in &edges[*document] {
                prop_assert!(*target == 0 || resolution.order[..place].contains(target));
            }
        }
        for index in 1..8 {
            prop_assert!(resolution.failed[index] != resolution.order.contains(&index));
        }
    }
}

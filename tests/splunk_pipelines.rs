//! The pipelines for Splunk over the public rules, where they are at hand: what they refuse, warn of and leave alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines
)]

mod common;

use std::collections::BTreeMap;

use sigmatic::diagnostic::{Code, Diagnostic, Diagnostics, Severity, SourceMap};
use sigmatic::normalize;
use sigmatic::pipeline::{self, MappedPart, Pipeline, Placement, Unmapped};
use sigmatic::rule::Document;
use sigmatic::templates::Templates;

const NAMES: [&str; 2] = ["splunk-windows", "splunk-more"];

fn pipelines(own: Option<&str>, sources: &mut SourceMap) -> Vec<Pipeline> {
    let templates = Templates::builtin();
    let mut diagnostics = Diagnostics::new();
    let mut pipelines = Vec::new();
    for name in NAMES {
        let (path, text) = templates.named("pipelines", name).unwrap();
        pipelines.extend(Pipeline::read(&sources.add(path, text), &mut diagnostics));
    }
    if let Some(text) = own {
        pipelines.extend(Pipeline::read(&sources.add("own.yml", text), &mut diagnostics));
    }
    assert!(
        diagnostics.is_empty(),
        "{}",
        common::rendered(&diagnostics, sources)
    );
    pipelines.sort_by_key(|pipeline| pipeline.priority);
    pipelines
}

/// The parts of a rule, and what was found on its way.
fn mapped(
    rule: &Document,
    pipelines: &[Pipeline],
    unmapped: Unmapped,
) -> Option<(Option<Vec<MappedPart>>, Diagnostics)> {
    let Document::Detection(rule) = rule else {
        return None;
    };
    let placement = Placement {
        schema: None,
        unmapped,
        table: None,
    };
    let pipelines: Vec<&Pipeline> = pipelines.iter().collect();
    let rules = normalize::normalize(rule, &[], &mut Diagnostics::new())?;
    let mut diagnostics = Diagnostics::new();
    let mut parts = Some(Vec::new());
    for rule in rules {
        let made = pipeline::apply(&pipelines, rule, &placement, &mut diagnostics);
        parts = parts.zip(made).map(|(mut parts, made)| {
            parts.extend(made);
            parts
        });
    }
    Some((parts, diagnostics))
}

fn one(text: &str, own: Option<&str>) -> (Option<Vec<MappedPart>>, Diagnostics) {
    let mut sources = SourceMap::new();
    let pipelines = pipelines(own, &mut sources);
    let input = sigmatic::collection::Input::Text {
        name: "rule.yml".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let collection = sigmatic::collection::Collection::load(vec![input], false, &mut sources);
    let document = &collection.rules.first().unwrap().document;
    mapped(document, &pipelines, Unmapped::Warn).unwrap()
}

#[test]
fn the_public_rules_pass() {
    let Some(rules) = common::shared("corpus/sigmahq/rules") else {
        return;
    };
    let mut sources = SourceMap::new();
    let pipelines = pipelines(None, &mut sources);
    let collection = common::load(&[rules], &mut sources);
    let mut total = 0;
    let mut refused: Vec<String> = Vec::new();
    let mut warned: BTreeMap<String, (usize, BTreeMap<String, usize>)> = BTreeMap::new();
    for loaded in &collection.rules {
        let Some((parts, diagnostics)) = mapped(&loaded.document, &pipelines, Unmapped::Warn) else {
            continue;
        };
        total += 1;
        let Document::Detection(rule) = &loaded.document else {
            continue;
        };
        let name = |attribute: &[sigmatic::rule::Spanned<String>]| {
            attribute.first().map_or("-", |value| &value.value).to_owned()
        };
        let log_source = format!(
            "{}/{}/{}",
            name(&rule.log_source.product),
            name(&rule.log_source.category),
            name(&rule.log_source.service)
        );
        if parts.is_none() {
            let first: Option<&Diagnostic> = diagnostics
                .iter()
                .find(|finding| finding.severity == Severity::Error);
            refused.push(format!(
                "{log_source}: {}: {}",
                rule.metadata.title,
                first.unwrap().title
            ));
        } else if !diagnostics.is_empty() {
            let entry = warned.entry(log_source).or_default();
            entry.0 += 1;
            for finding in &diagnostics {
                assert!(
                    finding.code == Code::UNMAPPED_FIELD || finding.code == Code::UNMAPPED_LOG_SOURCE,
                    "{finding:?}"
                );
                *entry.1.entry(finding.title.clone()).or_default() += 1;
            }
        }
    }
    println!("{total} rules");
    for refusal in &refused {
        println!("refused: {refusal}");
    }
    for (log_source, (rules, titles)) in &warned {
        println!("warned: {log_source}: {rules} rules: {titles:?}");
    }
    let warned: usize = warned.values().map(|(rules, _)| rules).sum();
    println!("{} refused, {warned} warned", refused.len());
    assert!(total > 3_000, "{total}");
    assert!(refused.len() <= 5, "{refused:#?}");
    assert!(warned <= 285, "{warned}");
}

const RULE: &str = "title: t\nlogsource: {product: windows, service: system}\ndetection:\n  s:\n    EventID: 7045\n    Provider_Name: Service Control Manager\n  condition: s\n";

#[test]
fn windows_events_are_told_by_source_and_event_code() {
    let (parts, diagnostics) = one(RULE, None);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let parts = parts.unwrap();
    let text = format!("{:?}", parts[0].rule.detections);
    for wanted in [
        "XmlWinEventLog:System",
        "\"WinEventLog:System\"",
        "EventCode",
        "\"SourceName\"",
        "\"Name\"",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert!(!text.contains("\"EventID\", kind"), "{text}");
    assert!(parts[0].tables.is_empty());
}

#[test]
fn the_users_own_pipeline_names_the_index() {
    let own = "name: own\npriority: 60\ntransformations:\n  - {type: set_state, key: index, val: main}\n  - {type: set_state, key: index, val: [win, wineventlog], rule_conditions: [{type: logsource, product: windows}]}\n";
    let (parts, _) = one(RULE, Some(own));
    let tables: Vec<String> = parts.unwrap()[0].tables.iter().map(ToString::to_string).collect();
    assert_eq!(tables, ["win", "wineventlog"]);
    let other = RULE.replace("windows, service: system", "other");
    let (parts, diagnostics) = one(&other, Some(own));
    assert_eq!(&*parts.unwrap()[0].tables[0], "main");
    assert_eq!(diagnostics[0].code, Code::UNMAPPED_LOG_SOURCE);
}

//! The meaning of each construct: the rules of `sigma/` over the events of their tests.

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

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sigmatic::collection::{Collection, Input};
use sigmatic::diagnostic::{Severity, SourceMap};
use sigmatic::eval::{Event, RuleSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TestFile {
    rule: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    event: serde_json::Value,
    matches: bool,
    rule_id: Option<String>,
    condition: Option<String>,
}

fn test_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walk(&common::root().join("sigma"));
    files.retain(|path| path.to_string_lossy().ends_with(".test.yml"));
    files.sort();
    files
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path))
        } else {
            files.push(path)
        }
    }
    files
}

/// The cases that do not give the verdict that the test file states.
fn wrong_cases(rules: &RuleSet, test: &TestFile) -> Vec<String> {
    let mut wrong = Vec::new();
    for case in &test.cases {
        let event = Event::from_value(case.event.clone()).unwrap();
        let rule = rules
            .rules
            .iter()
            .find(|rule| case.rule_id.is_none() || rule.id == case.rule_id);
        let Some(rule) = rule else {
            wrong.push(format!("{}: no such rule", case.name));
            continue;
        };
        let verdict = match &case.condition {
            None => rule.matches(&event),
            Some(name) => {
                let condition = rule
                    .conditions
                    .iter()
                    .find(|(known, _)| known.as_ref() == Some(name));
                condition.map_or(Ok(!case.matches), |(_, matcher)| matcher.matches(&event))
            }
        };
        match verdict {
            Ok(verdict) if verdict == case.matches => {}
            Ok(verdict) => wrong.push(format!("{}: got {verdict}", case.name)),
            Err(fault) => wrong.push(format!("{}: {fault}", case.name)),
        }
    }
    wrong
}

#[test]
fn every_case_gives_its_verdict() {
    let mut faults = Vec::new();
    let mut cases = 0;
    for path in test_files() {
        let test: TestFile = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let rule = path.with_file_name(&test.rule);
        let mut sources = SourceMap::new();
        let collection = common::load(std::slice::from_ref(&rule), &mut sources);
        let mut diagnostics = Vec::new();
        let rules = RuleSet::new(&collection, &mut diagnostics);
        diagnostics.extend(
            collection
                .failures
                .iter()
                .flat_map(|failure| failure.diagnostics.clone()),
        );
        diagnostics.retain(|finding| finding.severity == Severity::Error && finding.code.id != "SG508");
        if !diagnostics.is_empty() {
            faults.push(common::rendered(&diagnostics, &sources));
        }
        cases += test.cases.len();
        faults.extend(
            wrong_cases(&rules, &test)
                .into_iter()
                .map(|wrong| format!("{}: {wrong}", common::relative(&path.to_string_lossy()))),
        );
    }
    assert!(cases > 1_000, "{cases} cases");
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// The text of a rule file with each condition of its detections negated.
fn negated(text: &str) -> Option<String> {
    let documents: Vec<serde_yaml::Value> = serde_yaml::Deserializer::from_str(text)
        .map(|document| serde_yaml::Value::deserialize(document).unwrap())
        .collect();
    let mut changed = Vec::new();
    for mut document in documents {
        if let Some(condition) = document
            .get_mut("detection")
            .and_then(|detection| detection.get_mut("condition"))
        {
            match condition {
                serde_yaml::Value::String(condition) => *condition = format!("not ({condition})"),
                serde_yaml::Value::Sequence(conditions) => {
                    for condition in conditions {
                        *condition = format!("not ({})", condition.as_str()?).into();
                    }
                }
                _ => return None,
            }
        }
        changed.push(serde_yaml::to_string(&document).unwrap());
    }
    Some(changed.join("---\n"))
}

#[test]
fn every_test_notices_a_negated_condition() {
    let mut unnoticed = Vec::new();
    for path in test_files() {
        let test: TestFile = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let text = fs::read_to_string(path.with_file_name(&test.rule)).unwrap();
        let Some(text) = negated(&text) else { continue };
        let mut sources = SourceMap::new();
        let input = Input::Text {
            name: test.rule.clone(),
            bytes: text.into_bytes(),
        };
        let collection = Collection::load(vec![input], false, &mut sources);
        let rules = RuleSet::new(&collection, &mut Vec::new());
        if wrong_cases(&rules, &test).is_empty() {
            unnoticed.push(common::relative(&path.to_string_lossy()));
        }
    }
    assert!(
        unnoticed.is_empty(),
        "no case notices the negation of:\n{}",
        unnoticed.join("\n")
    );
}

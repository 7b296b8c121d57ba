//! Rules are read by `sigmatic::source`, configuration by `serde_yaml`: both read the same tree from every rule
//! of the public corpus.

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

use proptest::prelude::*;
use serde::Deserialize;
use serde_yaml::{Mapping, Number, Value};
use sigmatic::diagnostic::{Diagnostics, SourceId};
use sigmatic::source::{Limits, Node, NodeValue, ScalarKind, decode, read};
use std::fs;
use std::path::{Path, PathBuf};

fn corpus() -> PathBuf {
    let shared = std::env::var_os("SIGMATIC_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    shared.join("corpus/sigmahq/rules")
}

fn rules(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rules(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            found.push(path);
        }
    }
}

/// The node as `serde_yaml` has it.
fn value(node: &Node) -> Value {
    match &node.value {
        NodeValue::Sequence(nodes) => Value::Sequence(nodes.iter().map(value).collect()),
        NodeValue::Mapping(entries) => {
            let mut mapping = Mapping::new();
            for entry in entries {
                assert!(mapping.insert(value(&entry.key), value(&entry.value)).is_none());
            }
            Value::Mapping(mapping)
        }
        NodeValue::Scalar(scalar) => match scalar.kind {
            ScalarKind::Null => Value::Null,
            ScalarKind::Bool(truth) => Value::Bool(truth),
            ScalarKind::Integer(integer) => match (i64::try_from(integer), u64::try_from(integer)) {
                (Ok(integer), _) => Value::Number(Number::from(integer)),
                (_, Ok(integer)) => Value::Number(Number::from(integer)),
                _ => panic!("{integer} needs 128 bits"),
            },
            ScalarKind::Float(float) => Value::Number(Number::from(float)),
            ScalarKind::Text => Value::String(scalar.text.clone()),
        },
    }
}

/// Differences, with the text of the path to each. `Mapping` compares without order, this does not.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<(String, Value, Value)>) {
    match (ours, theirs) {
        (Value::Sequence(left), Value::Sequence(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(&format!("{path}[{index}]"), left, right, found);
            }
        }
        (Value::Mapping(left), Value::Mapping(right)) if left.len() == right.len() => {
            for ((left_key, left), (right_key, right)) in left.iter().zip(right) {
                let path = format!("{path}.{}", left_key.as_str().unwrap_or("?"));
                differences(&path, left_key, right_key, found);
                differences(&path, left, right, found);
            }
        }
        _ if ours == theirs => {}
        _ => found.push((path.to_owned(), ours.clone(), theirs.clone())),
    }
}

/// The documents as `source` reads them.
fn trees(text: &str, name: &str) -> (Vec<Value>, Diagnostics) {
    let mut diagnostics = Vec::new();
    let limits = Limits::default();
    let decoded = decode(
        name,
        text.as_bytes().to_vec(),
        SourceId(0),
        &limits,
        &mut diagnostics,
    );
    let documents = read(&decoded.source, &limits, &mut diagnostics);
    (
        documents.iter().map(|document| value(&document.root)).collect(),
        diagnostics,
    )
}

fn compare(text: &str, name: &str) -> (usize, Vec<(String, Value, Value)>) {
    let (ours, diagnostics) = trees(text, name);
    assert_eq!(diagnostics, [], "{name}");
    let theirs: Vec<Value> = serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap_or_else(|error| panic!("{name}: {error}")))
        .filter(|document| !document.is_null())
        .collect();
    assert_eq!(ours.len(), theirs.len(), "{name}");
    let mut found = Vec::new();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        differences(name, ours, theirs, &mut found);
    }
    (ours.len(), found)
}

#[test]
fn every_rule_is_the_same_tree() {
    let folder = corpus();
    if !folder.is_dir() {
        println!("skipped: no rules at {}", folder.display());
        return;
    }
    let mut paths = Vec::new();
    rules(&folder, &mut paths);
    paths.sort();
    assert!(paths.len() > 3000, "{} rules", paths.len());
    let mut documents = 0;
    let mut found = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).unwrap();
        let (count, differences) = compare(&text, &path.to_string_lossy());
        documents += count;
        found.extend(differences);
    }
    assert!(documents >= paths.len());
    found.retain(|(_, ours, theirs)| !leading_zero(ours, theirs));
    assert_eq!(found, []);
}

/// A decimal number with leading zeros: text for `serde_yaml`, a number for the core schema of YAML 1.2 (10.3.2).
fn leading_zero(ours: &Value, theirs: &Value) -> bool {
    theirs.as_str().is_some_and(|text| {
        text.starts_with('0')
            && text
                .parse::<u64>()
                .is_ok_and(|number| ours.as_u64() == Some(number))
    })
}

/// Where the two differ: decimal numbers with leading zeros, and binary numbers, which the core schema does not have.
#[test]
fn the_known_differences_are_those_of_the_schema() {
    let (_, found) = compare(
        "a: 0777\nb: 0b11\nc: [yes, on, 12:30:00, 2024-01-01, 1e3, 0o17, .inf, ~]\n",
        "x",
    );
    let shown: Vec<_> = found
        .iter()
        .map(|(path, ours, theirs)| format!("{path}: {ours:?}, {theirs:?}"))
        .collect();
    assert_eq!(
        shown,
        [
            r#"x.a: Number(777), String("0777")"#,
            r#"x.b: String("0b11"), Number(3)"#
        ]
    );
}

fn yamlish() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a", "b", "key", "\u{e4}", " ", "  ", "\n", "\n  ", "\n    ", "\r\n", ": ", ":", "- ", "-", "[", "]",
        "{", "}", ", ", "'", "''", "\"", "\\n", "|\n", "|-\n", "|+\n", ">\n", "\n  x", " # c", "12", "-1",
        "1.5", "~", "true", "yes", "null", "x: y\n", "x:\n  ", "k: ", "\n- ", "\n---\n", "!!str ",
    ]);
    prop::collection::vec(part, 2..14).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    /// Each of the two refuses some texts that the other reads (`serde_yaml` is a reader of YAML 1.1); what both
    /// read is the same.
    #[test]
    fn what_both_read_is_the_same_tree(text in yamlish()) {
        let (ours, diagnostics) = trees(&text, "text");
        let theirs: Result<Vec<Value>, _> = serde_yaml::Deserializer::from_str(&text).map(Value::deserialize).collect();
        if let (true, Ok(theirs)) = (diagnostics.is_empty(), theirs) {
            let theirs: Vec<_> = theirs.into_iter().filter(|document| !document.is_null()).collect();
            let ours: Vec<_> = ours.into_iter().filter(|document| !document.is_null()).collect();
            prop_assert_eq!(ours.len(), theirs.len());
            let mut found = Vec::new();
            for (ours, theirs) in ours.iter().zip(&theirs) {
                differences("text", ours, theirs, &mut found);
            }
            found.retain(|(_, ours, theirs)| !leading_zero(ours, theirs));
            prop_assert_eq!(found, []);
        }
    }
}

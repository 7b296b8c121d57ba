//! The queries of target elastic-lucene on Apache Lucene itself: each feature rule finds the events that its tests say.
//!
//! The engine is no part of the repository: the tests are skipped, with a word, where `SIGMATIC_SHARED` (with
//! `oracles/lucene/run.sh`) or `ENGINES` (the folder with Lucene and its Java runtime) is not there. The script reads a
//! mapping and documents from files and queries from standard input, and writes the documents that each query finds.

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

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use serde_json::{Value, json};
use sigmatic::conversion::{Compiler, Settings};
use sigmatic::diagnostic::{Severity, SourceMap};
use sigmatic::templates::Templates;

#[derive(Deserialize)]
struct TestFile {
    rule: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    event: Value,
    matches: bool,
    rule_id: Option<String>,
    condition: Option<String>,
}

/// Where the index, and not the query, keeps something else than the event said.
const OF_THE_INDEX: &[(&str, &str)] = &[
    // Names with a blank are a mapping's affair.
    ("defender_blank.test.yml", "with a blank"),
    // A key with a dot and a path are one field.
    ("dotted.test.yml", "the key goes before the path"),
    // Null is not indexed; the query has a note.
    ("exists_false.test.yml", "present with null"),
    ("exists_true.test.yml", "present with null"),
    // As a keyword, 443.0 is another text than 443.
    ("number.test.yml", "the same value with a fraction of zero"),
];

/// The engine's script, if it can run.
fn engine() -> Option<PathBuf> {
    let script = common::shared("oracles/lucene/run.sh")?;
    let there =
        std::env::var_os("ENGINES").is_some_and(|folder| Path::new(&folder).join("lucene10").exists());
    if !there {
        eprintln!("skipped: Lucene is not there (set ENGINES)");
    }
    there.then_some(script)
}

/// Query id → the ids of the documents found, or what the engine says is wrong.
fn run(
    script: &Path,
    mapping: &Value,
    documents: &[(String, Value)],
    queries: &[(String, String)],
) -> BTreeMap<String, Result<BTreeSet<String>, String>> {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let number = RUNS.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("sigmatic-lucene-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let lines = |lines: Vec<Value>| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let docs = lines(
        documents
            .iter()
            .map(|(id, doc)| json!({"id": id, "doc": doc}))
            .collect(),
    );
    fs::write(folder.join("docs.ndjson"), docs).unwrap();
    fs::write(folder.join("mapping.json"), mapping.to_string()).unwrap();
    let mut child = Command::new("sh")
        .arg(script)
        .arg("--docs")
        .arg(folder.join("docs.ndjson"))
        .arg("--mapping")
        .arg(folder.join("mapping.json"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let input = lines(
        queries
            .iter()
            .map(|(id, query)| json!({"id": id, "query": query}))
            .collect(),
    );
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut found = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let hits = match record["matched"].as_array() {
            Some(ids) => Ok(ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()),
            None => Err(record["error"].to_string()),
        };
        found.insert(record["id"].as_str().unwrap().to_owned(), hits);
    }
    found
}

fn compiler(pipelines: bool, sources: &mut SourceMap) -> Compiler {
    let settings = Settings {
        target: "elastic-lucene".to_owned(),
        without_own_pipelines: !pipelines,
        ..Settings::default()
    };
    Compiler::new(&Templates::builtin(), &settings, sources).unwrap()
}

/// A test file with its queries: rule id, condition's name and text of each.
struct Feature {
    path: PathBuf,
    test: TestFile,
    queries: Vec<(Option<String>, Option<String>, String)>,
    types: BTreeMap<String, &'static str>,
}

fn features(unsaid: &mut BTreeMap<String, usize>) -> Vec<Feature> {
    let mut features = Vec::new();
    for path in common::files_below(&common::root().join("sigma"), ".test.yml") {
        let test: TestFile = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let rule = path.with_file_name(&test.rule);
        let mut sources = SourceMap::new();
        let compiler = compiler(false, &mut sources);
        let collection = common::load(std::slice::from_ref(&rule), &mut sources);
        let conversion = compiler.convert(&collection);
        let mut queries = Vec::new();
        for outcome in &conversion.outcomes {
            if let Some(error) = outcome
                .diagnostics
                .iter()
                .find(|found| found.severity == Severity::Error)
            {
                *unsaid.entry(error.title.clone()).or_default() += 1;
            }
            for converted in &outcome.queries {
                queries.push((
                    outcome.rule_id.clone(),
                    converted.name.clone(),
                    converted.query.text.clone(),
                ));
            }
        }
        let types = types(&queries, &test);
        features.push(Feature {
            path,
            test,
            queries,
            types,
        });
    }
    features
}

/// Every field of the events with the type that the queries ask for: networks are looked for on addresses, order on numbers.
fn types(
    queries: &[(Option<String>, Option<String>, String)],
    test: &TestFile,
) -> BTreeMap<String, &'static str> {
    let mut names = BTreeSet::new();
    for case in &test.cases {
        flat_names("", &case.event, &mut names);
    }
    let asked = |name: &str, pattern: &str| {
        let pattern = format!(r"{}:{pattern}", regex::escape(name));
        let pattern = regex::Regex::new(&pattern).unwrap();
        queries.iter().any(|(_, _, query)| pattern.is_match(query))
    };
    names
        .into_iter()
        .map(|name| {
            let kind = if asked(&name, "[<>]") {
                "long"
            } else if asked(&name, r#""[0-9a-fA-F.:]+/[0-9]+""#) {
                "ip"
            } else {
                "keyword"
            };
            (name, kind)
        })
        .collect()
}

fn flat_names(prefix: &str, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                flat_names(&name, member, names);
            }
        }
        _ => {
            names.insert(prefix.to_owned());
        }
    }
}

/// Features whose fields have the same types can share an index.
fn groups(features: Vec<Feature>) -> Vec<(BTreeMap<String, &'static str>, Vec<Feature>)> {
    let mut groups: Vec<(BTreeMap<String, &'static str>, Vec<Feature>)> = Vec::new();
    for feature in features {
        let fits = |types: &BTreeMap<String, &'static str>| {
            feature
                .types
                .iter()
                .all(|(name, kind)| types.get(name).is_none_or(|other| other == kind))
        };
        match groups.iter_mut().find(|(types, _)| fits(types)) {
            Some((types, members)) => {
                types.extend(feature.types.clone());
                members.push(feature);
            }
            None => groups.push((feature.types.clone(), vec![feature])),
        }
    }
    groups
}

/// Whether an index with these types takes an event: Elasticsearch refuses others. The engine's numbers are whole.
fn takes(types: &BTreeMap<String, &'static str>, prefix: &str, value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().all(|(name, member)| {
            let name = if prefix.is_empty() {
                name.clone()
            } else {
                format!("{prefix}.{name}")
            };
            takes(types, &name, member)
        }),
        Value::Array(elements) => elements.iter().all(|element| takes(types, prefix, element)),
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match types.get(prefix) {
                Some(&"long") => text.parse::<i64>().is_ok(),
                Some(&"ip") => text.parse::<std::net::IpAddr>().is_ok(),
                _ => true,
            }
        }
    }
}

#[test]
fn feature_rules_find_their_events() {
    let Some(script) = engine() else { return };
    let mut unsaid = BTreeMap::new();
    let features = features(&mut unsaid);
    let (mut checked, mut refused, mut faults) = (0, 0, Vec::new());
    for (types, members) in groups(features) {
        let fields: BTreeMap<&String, &&str> = types.iter().filter(|(_, kind)| **kind != "keyword").collect();
        let mapping = json!({"default": "keyword", "fields": fields});
        let (mut documents, mut queries) = (Vec::new(), Vec::new());
        for feature in &members {
            let name = feature.path.display();
            for (index, case) in feature.test.cases.iter().enumerate() {
                if takes(&types, "", &case.event) {
                    documents.push((format!("{name} {index}"), case.event.clone()));
                } else {
                    refused += 1;
                }
            }
            for (index, (_, _, query)) in feature.queries.iter().enumerate() {
                queries.push((format!("{name} {index}"), query.clone()));
            }
        }
        let found = run(&script, &mapping, &documents, &queries);
        for feature in &members {
            let name = feature.path.display();
            for (index, (rule_id, condition, query)) in feature.queries.iter().enumerate() {
                let hits = match &found.get(&format!("{name} {index}")) {
                    Some(Ok(hits)) => hits,
                    other => {
                        faults.push(format!("{name}: {query}: {other:?}"));
                        continue;
                    }
                };
                for (number, case) in feature.test.cases.iter().enumerate() {
                    let asked = takes(&types, "", &case.event)
                        && (case.rule_id.is_none() || case.rule_id == *rule_id)
                        && (case.condition.is_none() || case.condition == *condition);
                    let hit = hits.contains(&format!("{name} {number}"));
                    let of_the_index = OF_THE_INDEX
                        .iter()
                        .any(|(file, what)| feature.path.ends_with(file) && *what == case.name);
                    if asked && (hit != case.matches) != of_the_index {
                        faults.push(format!(
                            "{name}: {}: found {hit}\n    {query}\n    {}",
                            case.name, case.event
                        ));
                    }
                    checked += usize::from(asked);
                }
            }
        }
    }
    println!(
        "{checked} verdicts of Lucene; {refused} events that its types do not take; not said: {unsaid:#?}"
    );
    let faults: Vec<String> = faults.iter().map(|fault| common::relative(fault)).collect();
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(checked > 900, "{checked} verdicts");
}

#[test]
fn queries_of_public_rules_parse() {
    let (Some(script), Some(corpus)) = (engine(), common::shared("corpus/sigmahq/rules")) else {
        return;
    };
    let mut sources = SourceMap::new();
    let compiler = compiler(true, &mut sources);
    let collection = common::load(&[corpus], &mut sources);
    let conversion = compiler.convert(&collection);
    let mut noted = BTreeSet::new();
    let queries: Vec<(String, String)> = conversion
        .outcomes
        .iter()
        .flat_map(|outcome| outcome.queries.iter().map(move |query| (outcome, query)))
        .enumerate()
        .map(|(index, (outcome, query))| {
            let id = format!("{index} {}", outcome.title);
            if query
                .query
                .notes
                .iter()
                .any(|note| note.code == "determinized-states")
            {
                noted.insert(id.clone());
            }
            (id, query.query.text.clone())
        })
        .collect();
    let documents = [("one".to_owned(), json!({"field": "value"}))];
    let found = run(&script, &json!({"default": "keyword"}), &documents, &queries);
    let faults: Vec<String> = queries
        .iter()
        .filter_map(|(id, _)| match found.get(id) {
            Some(Ok(_)) => None,
            // The query has a note that says so.
            Some(Err(error)) if error.contains("TooComplexToDeterminize") && noted.contains(id) => None,
            other => Some(format!("{id}: {other:?}")),
        })
        .collect();
    println!("{} queries, {} faults", queries.len(), faults.len());
    assert!(queries.len() > 2_800);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

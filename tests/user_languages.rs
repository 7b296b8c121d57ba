//! A language of a user, added by four files and no Rust, held against its engine: SQLite.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use serde::Deserialize;
use serde_json::Value;
use sigmatic::backend::emit::Query;
use sigmatic::collection::Collection;
use sigmatic::diagnostic::SourceMap;
use sigmatic::eval::{Event, Matcher, RuleSet};
use sigmatic::lower::{Expr, Leaf, Test};
use sigmatic::rule::Document;

use common::templates::{changed, compiler, errors, sqlite_folder};
use sigmatic::conversion::Compiler;

#[derive(Deserialize)]
struct TestFile {
    rule: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    event: Value,
}

/// SQLite with a function REGEXP, an invalid pattern being an error.
fn engine() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("regexp", 2, flags, |arguments| {
            let Some(text) = arguments.get::<Option<String>>(1)? else {
                return Ok(None);
            };
            let pattern = regex::Regex::new(&arguments.get::<String>(0)?)
                .map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?;
            Ok(Some(pattern.is_match(&text)))
        })
        .unwrap();
    connection
}

/// The columns that an expression asks for.
fn columns(expr: &Expr, names: &mut BTreeSet<String>) {
    for leaf in expr.leaves() {
        if let Leaf::Predicate(predicate) = leaf {
            names.insert(predicate.column.name.to_string());
            if let Test::FieldReference { other, .. } = &predicate.test {
                names.insert(other.name.to_string());
            }
        }
    }
}

/// An event's value of a field as a column holds it: text, numbers as their shortest decimal text (`443.0` as `443`),
/// `true` and `false`, null where the field is null or absent. An error for several values or an object: a column holds
/// one value, and such a case is left out.
fn column_value(event: &Event, field: &str) -> Result<Option<String>, ()> {
    match event.values(field).as_slice() {
        [] | [Value::Null] => Ok(None),
        [Value::String(text)] => Ok(Some(text.clone())),
        [Value::Number(number)] => {
            let text = number.to_string();
            Ok(Some(text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)))
        }
        [Value::Bool(value)] => Ok(Some(value.to_string())),
        _ => Err(()),
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// Whether a query gives a row in a table that holds the one event; `None` if the event does not fit into columns.
fn run(query: &str, event: &Event, names: &BTreeSet<String>) -> Option<Result<bool, rusqlite::Error>> {
    let values = names
        .iter()
        .map(|name| column_value(event, name))
        .collect::<Result<Vec<_>, ()>>()
        .ok()?;
    let connection = engine();
    // A table needs a column, also where the rule asks for none.
    let mut list = vec!["_ text".to_owned()];
    list.extend(names.iter().map(|name| format!("{} text", quoted(name))));
    connection
        .execute_batch(&format!("create table events ({})", list.join(", ")))
        .unwrap();
    let places = vec!["?"; values.len()];
    let insert = format!(
        "insert into events values ({})",
        [&["null"], places.as_slice()].concat().join(", ")
    );
    connection
        .execute(&insert, rusqlite::params_from_iter(values))
        .unwrap();
    Some(connection.prepare(query).and_then(|mut query| query.exists([])))
}

/// What came of the feature rules.
#[derive(Default)]
struct Tally {
    /// Pairs of a query and an event with one verdict on both sides. A file's rules all run over all of its events.
    runs: usize,
    /// How many of them match.
    matching: usize,
    /// The cases among them, each once: file and place in it.
    cases: BTreeSet<(String, usize)>,
    left_out: Vec<String>,
    refused: BTreeMap<String, Vec<String>>,
    wrong: Vec<String>,
    noted: Vec<String>,
}

fn test_files() -> Vec<PathBuf> {
    let mut folders = vec![common::root().join("sigma/features")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(".test.yml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Each condition of each rule on its own: the evaluator's verdict against that of the engine.
fn hold_against_engine(
    compiler: &Compiler,
    test: &TestFile,
    name: &str,
    collection: &Collection,
    tally: &mut Tally,
) {
    let conversion = compiler.convert(collection);
    let ready = RuleSet::new(collection, &mut Vec::new());
    for outcome in &conversion.outcomes {
        // Correlations are told from rules before any language is asked.
        let correlation = |index: usize| matches!(collection.rules[index].document, Document::Correlation(_));
        if outcome.index.is_some_and(correlation) {
            continue;
        }
        for error in errors(&outcome.diagnostics) {
            let kind = format!("{} {}", error.code.id, error.title);
            let rules = tally.refused.entry(kind).or_default();
            if !rules.iter().any(|known| known == name) {
                rules.push(name.to_owned());
            }
        }
        let Some(index) = outcome.index.filter(|_| !outcome.queries.is_empty()) else {
            continue;
        };
        let rule = ready.rules.iter().find(|rule| rule.index == index).unwrap();
        let Document::Detection(document) = &collection.rules[index].document else {
            panic!("{name}: queries of another document");
        };
        let resolution = sigmatic::normalize::resolve(
            &collection
                .rules
                .iter()
                .map(|loaded| &loaded.document)
                .collect::<Vec<_>>(),
            &mut Vec::new(),
        );
        let filters = collection.filters_of(&resolution, index);
        let requests = compiler.requests(document, &filters, &mut Vec::new()).unwrap();
        for ((condition, matcher), converted) in rule.conditions.iter().zip(&outcome.queries) {
            assert_eq!(condition, &converted.name);
            let mut names = BTreeSet::new();
            let request = &requests.iter().find(|(name, _)| name == condition).unwrap().1;
            request
                .parts
                .iter()
                .for_each(|part| columns(&part.expr, &mut names));
            hold_condition(matcher, &converted.query, &names, test, name, tally);
        }
    }
}

/// One condition over all events of a test.
fn hold_condition(
    matcher: &Matcher,
    query: &Query,
    columns: &BTreeSet<String>,
    test: &TestFile,
    name: &str,
    tally: &mut Tally,
) {
    for (place, case) in test.cases.iter().enumerate() {
        let event = Event::from_value(case.event.clone()).unwrap();
        let wanted = matcher.matches(&event).unwrap();
        let label = format!("{name}: {}", case.name);
        match run(&query.text, &event, columns) {
            None => tally.left_out.push(label),
            Some(Ok(verdict)) if verdict == wanted => {
                tally.runs += 1;
                tally.matching += usize::from(wanted);
                tally.cases.insert((name.to_owned(), place));
            }
            Some(Ok(_)) if !query.notes.is_empty() => tally.noted.push(label),
            Some(Ok(verdict)) => tally
                .wrong
                .push(format!("{label}: got {verdict}\n    {}", query.text)),
            Some(Err(error)) => tally.wrong.push(format!("{label}: {error}\n    {}", query.text)),
        }
    }
}

fn tally(folder: &Path) -> Tally {
    let mut sources = SourceMap::new();
    let compiler = compiler(folder, "sqlite", &mut sources)
        .unwrap_or_else(|faults| panic!("{}", common::rendered(&faults, &sources)));
    let mut tally = Tally::default();
    for path in test_files() {
        let test: TestFile = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let rule = path.with_file_name(&test.rule);
        let collection = common::load(std::slice::from_ref(&rule), &mut sources);
        let name = rule.strip_prefix(common::root().join("sigma/features")).unwrap();
        hold_against_engine(&compiler, &test, &name.to_string_lossy(), &collection, &mut tally);
    }
    tally
}

#[test]
fn guards_do_where_null_cannot_be_turned_into_false() {
    let without_total = |text: &str| -> String {
        text.lines()
            .filter(|line| !line.contains("macro total("))
            .map(|line| format!("{line}\n"))
            .collect()
    };
    let not_its_kind = |text: &str| text.replace("atom: [negate, total]", "atom: [negate]");
    let folder = changed(&[
        ("languages/sqlite/where.j2", &without_total),
        ("languages/sqlite/language.yaml", &not_its_kind),
    ]);
    let tally = tally(folder.path());
    assert!(
        tally.wrong.is_empty(),
        "{} wrong:\n{}",
        tally.wrong.len(),
        tally.wrong.join("\n")
    );
    assert_refused(&tally, REFUSED);
    // A conversion that fails is guarded as it is spelled: without that these rules would be lost.
    for rule in ["modifiers/not_greater.yml", "time/not_year.yml"] {
        assert!(
            tally.cases.iter().any(|(name, _)| name == rule),
            "{rule} did not run"
        );
    }
    assert_counts(&tally);
}

#[test]
fn a_negation_without_care_for_null_is_noticed() {
    let careless = |text: &str| {
        text.replace(
            "\"*\": absent_null, has_value: two_valued, as_number: some_null, as_time: some_null",
            "\"*\": two_valued",
        )
    };
    let folder = changed(&[("languages/sqlite/language.yaml", &careless)]);
    let wrong = tally(folder.path()).wrong;
    assert!(
        wrong.iter().any(|one| one.starts_with("conditions/not")),
        "{wrong:#?}"
    );
}

#[test]
fn sqlite_gives_the_verdicts_of_the_evaluator() {
    let tally = tally(&sqlite_folder());
    assert!(
        tally.wrong.is_empty(),
        "{} wrong:\n{}",
        tally.wrong.len(),
        tally.wrong.join("\n")
    );
    assert_refused(&tally, REFUSED);
    assert_eq!(tally.left_out, LEFT_OUT);
    assert_eq!(tally.noted, NOTED);
    assert_counts(&tally);
    println!(
        "{} cases in {} runs, of which {} match; {} left out, {} noted",
        tally.cases.len(),
        tally.runs,
        tally.matching,
        tally.left_out.len(),
        tally.noted.len()
    );
}

/// What SQLite cannot say, with the rules that fail for it.
#[rustfmt::skip]
const REFUSED: &[(&str, &[&str])] = &[
    ("SG501 sqlite cannot say a keyword in any field", &[
        "selections/keyword_number.yml", "selections/keyword_wildcard.yml", "selections/keywords.yml",
        "selections/keywords_all.yml", "selections/keywords_not.yml", "selections/mixed_list.yml",
    ]),
    ("SG501 sqlite cannot say a network", &[
        "network/cidr_v4.yml", "network/cidr_v6.yml", "network/everything.yml", "network/mapped.yml",
        "network/not_internal.yml", "network/several.yml",
    ]),
    ("SG501 sqlite cannot say a regular expression in any field", &["selections/keyword_regex.yml"]),
    ("SG501 sqlite cannot say that a field exists", &["modifiers/exists_false.yml", "modifiers/exists_true.yml"]),
    ("SG507 sqlite cannot say this regular expression: back-reference", &["regex/back_reference.yml"]),
    ("SG507 sqlite cannot say this regular expression: look-ahead", &["regex/look_ahead.yml"]),
];

/// Cases in which a field has several values, for which a column has no room.
const LEFT_OUT: &[&str] = &[
    "modifiers/all.yml: different elements of a list may match different values",
    "modifiers/gt.yml: any element of a list",
    "modifiers/neq.yml: a list of which one element is the value",
    "values/list_in_event.yml: among others",
    "values/list_in_event.yml: the other is there too",
    "values/list_in_event.yml: an element that only contains it",
    "values/list_in_event.yml: the other in another case",
    "values/list_in_event.yml: an element that only contains the other",
    "values/list_in_event.yml: elements are not joined",
];

/// Cases in which the query differs from the rule as a note on it says.
const NOTED: &[&str] = &["regex/word_boundary.yml: before a letter beyond ASCII"];

/// Few cases, or few that match, would prove little.
fn assert_counts(tally: &Tally) {
    assert!(tally.cases.len() >= 900, "{} cases", tally.cases.len());
    assert!(
        tally.matching >= 300,
        "{} of {} match",
        tally.matching,
        tally.runs
    );
}

fn assert_refused(tally: &Tally, wanted: &[(&str, &[&str])]) {
    let refused: BTreeMap<&str, Vec<&str>> = tally
        .refused
        .iter()
        .map(|(kind, rules)| (kind.as_str(), rules.iter().map(String::as_str).collect()))
        .collect();
    let wanted: BTreeMap<&str, Vec<&str>> = wanted
        .iter()
        .map(|(kind, rules)| (*kind, rules.to_vec()))
        .collect();
    assert_eq!(refused, wanted);
}

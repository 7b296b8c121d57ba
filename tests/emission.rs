//! Queries of a whole: several rules in one, lists that are too long, notes under negations, parts of a log source.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod common;

use sigmatic::backend::emit::{self, Query};
use sigmatic::backend::language::Language;
use sigmatic::collection::Collection;
use sigmatic::conversion::{Compiler, Settings};
use sigmatic::diagnostic::{Diagnostics, SourceMap};
use sigmatic::rule::Document;
use sigmatic::templates::Templates;

fn rule(title: &str, detection: &str) -> String {
    let detection = detection.replace('\n', "\n    ");
    format!(
        "title: {title}\nlogsource:\n    category: test\ndetection:\n    {}\n",
        detection.trim()
    )
}

fn compiler() -> Compiler {
    let settings = Settings {
        target: "splunk".to_owned(),
        without_own_pipelines: true,
        table: Some("main".to_owned()),
        ..Settings::default()
    };
    Compiler::new(&Templates::builtin(), &settings, &mut SourceMap::new()).unwrap()
}

/// The query of a rule in the built-in language, its settings changed.
fn with_settings(old: &str, new: &str, detection: &str) -> Query {
    let mut sources = SourceMap::new();
    let folder = common::root().join("templates/languages/spl");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let texts: Vec<(String, String)> = names
        .into_iter()
        .map(|name| {
            let text = std::fs::read_to_string(folder.join(&name)).unwrap();
            (name, text.replacen(old, new, 1))
        })
        .collect();
    let files: Vec<_> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), sources.add(name, text)))
        .collect();
    let language = Language::load("spl", &files).unwrap();
    let collection = Collection::from_text("rule.yml", &rule("Test", detection), &mut sources);
    let Document::Detection(rule) = &collection.rules[0].document else {
        panic!("a detection rule expected");
    };
    let mut diagnostics = Diagnostics::new();
    let requests = compiler().requests(rule, &[], &mut diagnostics).unwrap();
    emit::emit(&language, &requests[0].1, &mut diagnostics).unwrap()
}

#[test]
fn rows_of_a_union_name_every_rule_that_they_serve() {
    let text = [
        rule("'One \"quoted\" \\'", "sel:\n  A: x\ncondition: sel"),
        rule(
            "Two",
            "sel:\n  B|re: abc+\nbad:\n  C: y\ncondition: sel and not bad",
        ),
    ]
    .join("---\n");
    let collection = Collection::from_text("rules.yml", &text, &mut SourceMap::new());
    let (_, query) = compiler().convert_union(&collection);
    assert_eq!(
        query.unwrap().text,
        "(index=main A=\"x\") OR (index=main NOT C=\"y\" B=\"*abc*\")\n\
         | eval RuleTitle=mvappend(\n    \
         if(lower(A)=\"x\", \"One \\\"quoted\\\" \\\\\", null()),\n    \
         if(NOT (isnotnull(C) AND lower(C)=\"y\") AND match(B, \"abc+\"), \"Two\", null()))\n\
         | where isnotnull(RuleTitle)"
    );
}

#[test]
fn lists_end_where_the_engine_says() {
    let detection = "sel:\n  A: [a, b, c, d, e]\ncondition: sel";
    let query = with_settings(
        "list_separator: \", \"",
        "list_separator: \", \"\n    max_list: 2",
        detection,
    );
    assert_eq!(
        query.text,
        "index=main (A IN (\"a\", \"b\") OR A IN (\"c\", \"d\") OR A=\"e\")"
    );
    assert_eq!(query.emitted[0].len(), 1);
}

#[test]
fn the_outermost_or_has_parentheses_where_the_outline_sets_text_beside_it() {
    let detection = "sel:\n  A: a\nother:\n  B: b\ncondition: sel or other";
    let query = with_settings("", "", detection);
    assert_eq!(query.text, "index=main (A=\"a\" OR B=\"b\")");
    let query = with_settings(", root: [or]}", "}", detection);
    assert_eq!(query.text, "index=main A=\"a\" OR B=\"b\"");
}

#[test]
fn a_note_turns_round_under_a_negation() {
    let texts = |detection: &str| -> Vec<String> {
        let query = with_settings("", "", detection);
        query.notes.into_iter().map(|note| note.text).collect()
    };
    let positive = texts("sel:\n  A|cidr: 10.0.0.0/8\ncondition: sel");
    assert!(positive[0].ends_with("the query matches less"), "{positive:?}");
    let negative = texts("sel:\n  A|cidr: 10.0.0.0/8\ncondition: not sel");
    assert!(negative[0].ends_with("the query matches more"), "{negative:?}");
    // What stands in a superset only gives no note: the exact test has its own.
    let weakened = texts("sel:\n  A|re: x+\ncondition: sel");
    assert!(weakened.is_empty(), "{weakened:?}");
}

#[test]
fn a_cast_that_fails_is_guarded_on_the_operand() {
    let detection = "sel:\n  A|gt: 5\n  B|re: x+\ncondition: not sel";
    assert_eq!(
        with_settings("", "", detection).text,
        "index=main\n| where NOT (isnotnull(tonumber(A)) AND isnotnull(B) AND tonumber(A)>5 AND match(B, \"x+\"))"
    );
}

#[test]
fn a_value_is_covered_by_the_presence_of_its_field() {
    let detection = "sel:\n  A|cidr: [10.0.0.0/8, '2001:db8::/32']\ncondition: sel";
    let text = with_settings("", "", detection).text;
    assert!(
        text.starts_with("index=main A=*\n| where isnotnull(A) AND ("),
        "{text}"
    );
}

//! Files with several documents, their encodings, and how files are named: which document fails, and what is reported.

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

use assert_cmd::Command;
use sigmatic::collection::{Collection, Input, find};
use sigmatic::diagnostic::{Diagnostics, Severity, SourceMap};
use sigmatic::rule::Document;
use tempfile::TempDir;

/// A rule with the given title and condition.
fn rule(title: &str, condition: &str) -> String {
    format!(
        "title: {title}\nlogsource:\n    category: process_creation\n    product: windows\ndetection:\n    selection:\n        \
         CommandLine: a\n    condition: {condition}\n"
    )
}

fn load(bytes: &[u8], sources: &mut SourceMap) -> Collection {
    let input = Input::Text {
        name: "rules.yml".to_owned(),
        bytes: bytes.to_vec(),
    };
    Collection::load(vec![input], false, sources)
}

fn titles(collection: &Collection) -> Vec<&str> {
    let mut titles = Vec::new();
    for loaded in &collection.rules {
        let Document::Detection(rule) = &loaded.document else {
            panic!("no detection rule");
        };
        titles.push(rule.metadata.title.as_str());
    }
    titles
}

/// For each failed document the codes and lines of its errors.
fn failures(collection: &Collection, sources: &SourceMap) -> Vec<Vec<(&'static str, usize)>> {
    let place = |finding: &sigmatic::diagnostic::Diagnostic| {
        assert_eq!(finding.severity, Severity::Error);
        let (_, line, _) = sources.locate(finding.span().unwrap()).unwrap();
        (finding.code.id, line)
    };
    collection
        .failures
        .iter()
        .map(|failure| failure.diagnostics.iter().map(place).collect())
        .collect()
}

#[test]
fn a_broken_document_in_the_middle_fails_alone() {
    let broken = rule("Broken", "selection and").replace("CommandLine:", "CommandLine|contians:");
    let text = [rule("First", "selection"), broken, rule("Last", "selection")].join("---\n");
    let mut sources = SourceMap::new();
    let collection = load(text.as_bytes(), &mut sources);
    assert_eq!(titles(&collection), ["First", "Last"]);
    // Line 9 is the first `---`.
    assert_eq!(
        failures(&collection, &sources),
        [[("SG203", 9 + 7), ("SG204", 9 + 8)]]
    );
    assert_eq!(collection.failures[0].rule.as_deref(), Some("Broken"));
    assert_eq!(collection.diagnostics, []);
}

#[test]
fn documents_without_a_title_keep_their_own_errors() {
    let untitled = |condition: &str| rule("", condition).replacen("title: \n", "", 1);
    let text = [untitled("("), untitled("selection"), untitled(")")].join("---\n");
    let mut sources = SourceMap::new();
    let collection = load(text.as_bytes(), &mut sources);
    assert_eq!(collection.rules.len(), 1);
    assert_eq!(
        failures(&collection, &sources),
        [[("SG204", 7)], [("SG204", 7 + 16)]]
    );
    // That a title is missing fails none.
    assert_eq!(collection.diagnostics.len(), 3);
}

#[test]
fn yaml_errors_fail_a_document_once() {
    let twice = rule("Twice", "selection") + "level: low\nlevel: high\nstatus: test\nstatus: test\n";
    let unclosed = rule("Unclosed", "'selection");
    let text = [
        rule("First", "selection"),
        twice,
        unclosed,
        rule("Last", "selection"),
    ]
    .join("---\n");
    let mut sources = SourceMap::new();
    let collection = load(text.as_bytes(), &mut sources);
    assert_eq!(titles(&collection), ["First", "Last"]);
    let failures = failures(&collection, &sources);
    assert_eq!(failures[0], [("SG102", 9 + 10), ("SG102", 9 + 12)]);
    assert_eq!(failures[1], [("SG101", 22 + 8)]);
    assert_eq!(failures.len(), 2);
}

#[test]
fn a_fault_of_a_global_document_fails_each_rule_that_it_reaches() {
    let global =
        "action: global\nlogsource:\n    product: windows\ndetection:\n    condition: selection and\n";
    let part = |title: &str| format!("title: {title}\ndetection:\n    selection:\n        CommandLine: a\n");
    let text = [global.to_owned(), part("One"), part("Two")].join("---\n");
    let mut sources = SourceMap::new();
    let collection = load(text.as_bytes(), &mut sources);
    assert_eq!(collection.rules.len(), 0);
    assert_eq!(failures(&collection, &sources), [[("SG204", 5)], [("SG204", 5)]]);
    let names: Vec<_> = collection
        .failures
        .iter()
        .map(|failure| failure.rule.as_deref())
        .collect();
    assert_eq!(names, [Some("One"), Some("Two")]);
}

#[test]
fn a_byte_order_mark_and_carriage_returns_change_nothing() {
    let text = [rule("First", "selection"), rule("Broken", "other and")].join("---\n");
    let windows = text.replace('\n', "\r\n");
    for bytes in [
        text.clone(),
        format!("\u{feff}{text}"),
        windows.clone(),
        format!("\u{feff}{windows}"),
    ] {
        let mut sources = SourceMap::new();
        let collection = load(bytes.as_bytes(), &mut sources);
        assert_eq!(titles(&collection), ["First"], "{bytes:?}");
        assert_eq!(failures(&collection, &sources), [[("SG204", 17)]], "{bytes:?}");
        let place = collection.failures[0].diagnostics[0].span().unwrap();
        assert_eq!(sources.locate(place).unwrap().2, 25, "{bytes:?}");
    }
}

#[test]
fn a_file_that_is_no_rule_is_an_error_only_if_it_was_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("values.yml");
    fs::write(&path, "replicas: 3\n").unwrap();
    let read = |path: &Path| {
        let mut sources = SourceMap::new();
        let collection = common::load(&[path.to_owned()], &mut sources);
        (failures(&collection, &sources), collection.diagnostics)
    };
    let (failed, others) = read(&path);
    assert_eq!(failed, [[("SG215", 1)]]);
    assert_eq!(others, []);
    let (failed, others) = read(folder.path());
    assert_eq!(failed, [] as [Vec<_>; 0]);
    assert_eq!(others.len(), 1);
    assert_eq!((others[0].code.id, others[0].severity), ("SG215", Severity::Note));
}

/// The names of the files found, below the folder.
fn found(folder: &Path, paths: &[PathBuf]) -> Vec<String> {
    let mut diagnostics = Diagnostics::new();
    let files = find(paths, &mut diagnostics);
    assert_eq!(diagnostics, []);
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    files.iter().map(|found| name(&found.path)).collect()
}

#[test]
fn tests_and_hidden_files_are_skipped_and_each_file_is_read_once() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("sub")).unwrap();
    for name in [
        "b.yml",
        "b.test.yml",
        "a.yaml",
        ".c.yml",
        "d.txt",
        "sigmatic.yaml",
        "sub/e.yml",
    ] {
        fs::write(root.join(name), rule(name, "selection")).unwrap();
    }
    assert_eq!(found(root, &[root.to_owned()]), ["a.yaml", "b.yml", "sub/e.yml"]);
    let twice = [
        root.join("sub/e.yml"),
        root.join("sub/./e.yml"),
        root.join("sub"),
        root.to_owned(),
        root.to_owned(),
    ];
    assert_eq!(found(root, &twice), ["sub/e.yml", "a.yaml", "b.yml"]);
}

fn sigmatic(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    let output = Command::cargo_bin("sigmatic")
        .unwrap()
        .current_dir(folder)
        .args(["convert", "-t", "sentinel", "--color", "never"])
        .args(arguments)
        .write_stdin(input)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_documents_beside_a_broken_one_convert() {
    let folder = TempDir::new().unwrap();
    let text = [
        rule("First", "selection"),
        rule("Broken", "other"),
        rule("Unread", "("),
        rule("Last", "selection"),
    ]
    .join("---\n");
    fs::write(folder.path().join("rules.yml"), &text).unwrap();
    let (status, query, report) = sigmatic(folder.path(), &["rules.yml"], "");
    assert_eq!(status, 1, "{report}");
    assert_eq!(query.matches("CommandLine").count(), 2, "{query}");
    assert!(report.contains("--> rules.yml:17:16"), "{report}");
    assert!(report.contains("--> rules.yml:26:17"), "{report}");
    assert!(report.contains("2 converted, 2 failed"), "{report}");
    // From standard input and under another spelling of its name the file is the same.
    let (status, same, report) = sigmatic(folder.path(), &["-"], &text);
    assert_eq!((status, &same), (1, &query), "{report}");
    assert!(report.contains("--> <stdin>:17:16"), "{report}");
    let (status, same, report) = sigmatic(folder.path(), &["./rules.yml", "rules.yml"], "");
    assert_eq!((status, &same), (1, &query), "{report}");
}

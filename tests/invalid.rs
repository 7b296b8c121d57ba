//! Broken rules: what must be reported, where, and how it reads.

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

use insta::{assert_snapshot, glob, with_settings};
use sigmatic::diagnostic::{Diagnostics, Severity, SourceMap};
use sigmatic::eval::RuleSet;

/// The findings on a file, in the order of the text.
fn findings(path: &Path, sources: &mut SourceMap) -> Diagnostics {
    let collection = common::load(&[path.to_owned()], sources);
    let mut diagnostics: Diagnostics = collection
        .failures
        .iter()
        .flat_map(|failure| failure.diagnostics.clone())
        .collect();
    diagnostics.extend(collection.diagnostics.clone());
    let _ = RuleSet::new(&collection, &mut diagnostics);
    // That correlations are not run yet is no fault of the file.
    diagnostics.retain(|finding| finding.code.id != "SG508");
    diagnostics.sort_by_key(|finding| (finding.span(), finding.code));
    diagnostics
}

/// A finding that the first line of a file promises.
#[derive(Debug)]
struct Expected {
    severity: String,
    code: String,
    exact: bool,
    line: usize,
    column: usize,
}

fn expected(text: &str) -> Vec<Expected> {
    let line = text
        .trim_start_matches('\u{feff}')
        .lines()
        .next()
        .unwrap()
        .trim_start_matches("# ");
    let mut list = Vec::new();
    for promise in line.split(", ") {
        let words: Vec<&str> = promise.split_whitespace().collect();
        let [
            severity @ ("error" | "warning" | "note"),
            code,
            how @ ("at" | "from"),
            place,
            ..,
        ] = words.as_slice()
        else {
            break;
        };
        let mut numbers = place
            .trim_end_matches(':')
            .split(':')
            .map(|number| number.parse().unwrap());
        list.push(Expected {
            severity: (*severity).to_owned(),
            code: (*code).to_owned(),
            exact: *how == "at",
            line: numbers.next().unwrap(),
            column: numbers.next().unwrap(),
        });
        if place.ends_with(':') {
            break;
        }
    }
    list
}

/// The rule files below a folder, in order.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn every_fault_is_reported_at_its_place() {
    let mut faults = Vec::new();
    let mut files = 0;
    // Not with `glob!`, whose state the other test shares.
    for path in &files_below(&common::root().join("tests/invalid")) {
        files += 1;
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        let wanted = expected(&text);
        assert!(!wanted.is_empty(), "{} promises nothing", path.display());
        let mut sources = SourceMap::new();
        let found = findings(path, &mut sources);
        let shown: Vec<String> = found
            .iter()
            .map(|finding| {
                let severity = match finding.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Note => "note",
                };
                let (_, line, column) = finding
                    .span()
                    .and_then(|span| sources.locate(span))
                    .unwrap_or_default();
                format!(
                    "{severity} {} at {line}:{column}: {}",
                    finding.code, finding.title
                )
            })
            .collect();
        for promise in &wanted {
            let met = found.iter().any(|finding| {
                let Some((_, line, column)) = finding.span().and_then(|span| sources.locate(span)) else {
                    return false;
                };
                let place = (line, column);
                let wanted = (promise.line, promise.column);
                finding.code.id == promise.code
                    && format!("{:?}", finding.severity).to_lowercase() == promise.severity
                    && (place == wanted || (!promise.exact && place >= wanted))
            });
            if !met {
                faults.push(format!(
                    "{}: wanted {} {} at {}:{}, got {shown:#?}",
                    common::relative(&path.to_string_lossy()),
                    promise.severity,
                    promise.code,
                    promise.line,
                    promise.column,
                ));
            }
        }
        let errors = found
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count();
        let promised = wanted
            .iter()
            .filter(|promise| promise.severity == "error")
            .count();
        if errors > promised {
            faults.push(format!(
                "{}: more errors than promised: {shown:#?}",
                path.display()
            ));
        }
    }
    assert!(files > 200, "{files} files");
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_diagnostic_reads_well() {
    let root = common::root().join("tests/invalid");
    glob!("invalid", "**/*.yml", |path| {
        let mut sources = SourceMap::new();
        let found = findings(path, &mut sources);
        let shown = common::rendered(&found, &sources);
        let folder = path.strip_prefix(&root).unwrap().parent().unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        with_settings!({
            snapshot_path => common::root().join("snapshots/invalid").join(folder),
            prepend_module_to_snapshot => false,
            snapshot_suffix => "",
            omit_expression => true,
        }, { assert_snapshot!(stem, shown) });
    });
}

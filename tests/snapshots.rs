//! Each rule of `sigma/` for each target: the rule, its queries with their notes, or why there is none.

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

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use insta::{assert_snapshot, glob, with_settings};
use sigmatic::conversion::{Compiler, Settings, format};
use sigmatic::diagnostic::SourceMap;
use sigmatic::templates::Templates;

/// A target without a place to look in has one here.
fn compiler(target: &str, sources: &mut SourceMap) -> Compiler {
    let settings = Settings {
        target: target.to_owned(),
        table: (target == "splunk").then(|| "main".to_owned()),
        ..Settings::default()
    };
    Compiler::new(&Templates::builtin(), &settings, sources).unwrap()
}

fn shown(path: &Path, target: &str) -> String {
    let mut sources = SourceMap::new();
    let compiler = compiler(target, &mut sources);
    let collection = common::load(&[path.to_owned()], &mut sources);
    let conversion = compiler.convert(&collection);
    let mut text = format!("----- rule\n{}\n", fs::read_to_string(path).unwrap().trim_end());
    for outcome in &conversion.outcomes {
        for converted in &outcome.queries {
            let name = converted
                .name
                .as_deref()
                .map(|name| format!(" {name}"))
                .unwrap_or_default();
            let _ = write!(text, "----- query{name}\n{}\n", converted.query.text);
        }
        let mut findings = outcome.diagnostics.clone();
        findings.extend(format::notes(outcome));
        if !findings.is_empty() {
            let _ = write!(
                text,
                "----- findings\n{}\n",
                common::rendered(&findings, &sources)
            );
        }
    }
    if !conversion.diagnostics.is_empty() {
        let _ = write!(
            text,
            "----- findings\n{}\n",
            common::rendered(&conversion.diagnostics, &sources)
        );
    }
    text
}

fn golden(target: &str) {
    let corpus = common::root().join("sigma");
    glob!("../sigma", "**/*.yml", |path| {
        if path.to_string_lossy().ends_with(".test.yml") {
            return;
        }
        let folder = path.strip_prefix(&corpus).unwrap().parent().unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let text = shown(path, target);
        with_settings!({
            snapshot_path => common::root().join("snapshots").join(target).join(folder),
            prepend_module_to_snapshot => false,
            snapshot_suffix => "",
            omit_expression => true,
        }, { assert_snapshot!(stem, text) });
    });
}

#[test]
fn sentinel() {
    golden("sentinel");
}

#[test]
fn splunk() {
    golden("splunk");
}

#[test]
fn elastic_lucene() {
    golden("elastic-lucene");
}

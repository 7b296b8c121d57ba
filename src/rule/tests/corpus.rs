//! The public rules read without a finding that fails one.

use super::read_text;
use crate::diagnostic::Severity;
use crate::rule::Document;
use std::path::{Path, PathBuf};

fn shared() -> PathBuf {
    std::env::var_os("SIGMATIC_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    )
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            found.push(path);
        }
    }
}

#[test]
fn every_public_rule_reads() {
    let folder = shared().join("corpus/sigmahq/rules");
    if !folder.is_dir() {
        println!("skipped: {} is absent", folder.display());
        return;
    }
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    assert!(paths.len() > 3_000, "{} files", paths.len());
    let mut faults = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        let (reading, diagnostics) = read_text(&text);
        let complete = reading.failed.is_empty() && reading.unrecognised.is_empty();
        assert!(
            complete && reading.documents.len() == 1,
            "{}: {diagnostics:?}",
            path.display()
        );
        let Some(Document::Detection(rule)) = reading.documents.first() else {
            panic!("{} is no detection rule", path.display());
        };
        assert_eq!(rule.conditions.len(), 1, "{}", path.display());
        faults.extend(diagnostics.iter().map(|found| {
            assert!(found.severity < Severity::Error);
            format!("{}: {} {}", path.display(), found.code, found.title)
        }));
    }
    assert!(
        faults.is_empty(),
        "{} findings: {:#?}",
        faults.len(),
        &faults[..faults.len().min(20)]
    );
}

//! The SQLite language of the tests, as it is and with changes.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use sigmatic::conversion::{Compiler, Settings};
use sigmatic::diagnostic::{Diagnostic, Diagnostics, Severity, SourceMap};
use sigmatic::templates::Templates;

use super::root;

pub fn sqlite_folder() -> PathBuf {
    root().join("tests/languages/sqlite")
}

pub fn compiler(folder: &Path, target: &str, sources: &mut SourceMap) -> Result<Compiler, Diagnostics> {
    let settings = Settings {
        target: target.to_owned(),
        without_own_pipelines: true,
        table: Some("events".to_owned()),
        ..Settings::default()
    };
    let templates = Templates::builtin()
        .with_directory(folder)
        .map_err(|fault| vec![*fault])?;
    Compiler::new(&templates, &settings, sources)
}

pub fn errors(findings: &[Diagnostic]) -> Vec<&Diagnostic> {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect()
}

/// A file's path in the folder, and what becomes of its text.
pub type Change<'c> = (&'c str, &'c dyn Fn(&str) -> String);

/// A copy of the SQLite language with changes.
pub fn changed(changes: &[Change<'_>]) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in [
        "languages/sqlite/language.yaml",
        "languages/sqlite/where.j2",
        "languages/sqlite/query.j2",
        "targets/sqlite.yaml",
    ] {
        let mut text = fs::read_to_string(sqlite_folder().join(file)).unwrap();
        for (_, change) in changes.iter().filter(|(changed, _)| *changed == file) {
            let before = text.clone();
            text = change(&text);
            assert_ne!(text, before, "{file} is not changed");
        }
        write(copy.path(), file, &text);
    }
    copy
}

pub fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

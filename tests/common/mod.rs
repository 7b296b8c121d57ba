//! What the tests share: places of files, and rules read the way the command line reads them.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr
)]

pub mod templates;

use std::path::{Path, PathBuf};

use sigmatic::collection::{Collection, Input, find};
use sigmatic::conversion::{Compiler, Settings};
use sigmatic::diagnostic::{Diagnostics, SourceMap, render};
use sigmatic::templates::Templates;

/// The root of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder with the public rules and engines: `SIGMATIC_SHARED`, else `shared` beside the repository.
/// `None`, with a word to the reader, where it is not there.
pub fn shared(what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SIGMATIC_SHARED")
        .map_or_else(|| root().join("../shared"), PathBuf::from)
        .join(what);
    if folder.exists() {
        Some(folder)
    } else {
        eprintln!("skipped: {what} is not there (set SIGMATIC_SHARED)");
        None
    }
}

/// Reads rules from paths.
pub fn load(paths: &[PathBuf], sources: &mut SourceMap) -> Collection {
    let mut diagnostics = Diagnostics::new();
    let inputs = find(paths, &mut diagnostics)
        .into_iter()
        .map(Input::File)
        .collect();
    let mut collection = Collection::load(inputs, false, sources);
    collection.diagnostics.extend(diagnostics);
    collection
}

/// A target as `convert -t` has it.
pub fn compiler(target: &str, sources: &mut SourceMap) -> Compiler {
    let settings = Settings {
        target: target.to_owned(),
        ..Settings::default()
    };
    match Compiler::new(&Templates::builtin(), &settings, sources) {
        Ok(compiler) => compiler,
        Err(faults) => panic!("{}", rendered(&faults, sources)),
    }
}

/// Diagnostics as people see them, without colour; paths relative to the package.
pub fn rendered(findings: &[sigmatic::diagnostic::Diagnostic], sources: &SourceMap) -> String {
    let texts: Vec<String> = findings
        .iter()
        .map(|finding| render::text(finding, sources, false).trim_end().to_owned())
        .collect();
    relative(&texts.join("\n\n"))
}

/// A text with the package's folder taken out of its paths.
pub fn relative(text: &str) -> String {
    text.replace(&format!("{}/", root().display()), "")
}

/// The files below a folder whose names end so, sorted.
pub fn files_below(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(suffix) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

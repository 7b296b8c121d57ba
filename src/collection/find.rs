//! Finds rule files: paths as given, folders walked, sorted.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// A file that may hold rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its folders below the path that was given, with `/` between them; empty for a named file.
    pub below: String,
    /// Whether the file itself was named, and not found by walking a folder.
    pub named: bool,
}

/// The files of the given paths: those in the order given, the files of each folder sorted by path, each file once.
///
/// In folders only `.yml` and `.yaml` count; hidden files, tests (`*.test.yml`) and `sigmatic.yaml` never do.
/// A path that cannot be read is a diagnostic; the others go on.
pub fn find(paths: &[PathBuf], diagnostics: &mut Diagnostics) -> Vec<Found> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut files = Vec::new();
            walk(path, &mut files, diagnostics);
            files.sort_by_cached_key(|file| shown(&file.path));
            found.extend(files.into_iter().filter(|file| seen.insert(key(&file.path))));
        } else if seen.insert(key(path)) {
            found.push(Found {
                path: path.clone(),
                below: String::new(),
                named: true,
            });
        }
    }
    found
}

/// What tells one path from another: `a.yml`, `./a.yml` and the absolute path are one file.
fn key(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn walk(root: &Path, files: &mut Vec<Found>, diagnostics: &mut Diagnostics) {
    for entry in WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(true)
        .build()
    {
        match entry {
            Err(fault) => {
                diagnostics.push(Diagnostic::global(
                    Code::UNREADABLE_FILE,
                    format!("cannot read: {fault}"),
                ));
            }
            Ok(entry) => {
                let path = entry.path();
                if entry.file_type().is_some_and(|kind| kind.is_file()) && is_rule_file(path) {
                    let below = path.parent().and_then(|folder| folder.strip_prefix(root).ok());
                    files.push(Found {
                        path: path.to_owned(),
                        below: below.map(shown).unwrap_or_default(),
                        named: false,
                    });
                }
            }
        }
    }
}

fn is_rule_file(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let test = name.ends_with(".test.yml") || name.ends_with(".test.yaml");
    yaml && !test && name != "sigmatic.yaml" && name != "sigmatic.yml"
}

/// A path as shown to people: `/` between folders on every system.
pub(super) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace('\\', "/")
    }
}

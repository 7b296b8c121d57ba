//! A user's folder, laid out like `templates/`: its files stand before the built-in ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Templates;
use crate::diagnostic::{Code, Diagnostic, Result, closest};

/// What a folder of templates may hold.
const KINDS: &[&str] = &["languages", "targets", "pipelines", "schemas", "artifacts"];

/// The most bytes of one file: far above any table of columns.
const SIZE_LIMIT: u64 = 8 * 1024 * 1024;

/// The files of a user's folder.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    /// Path relative to the folder, with `/`; path as people see it, and text.
    files: BTreeMap<String, (String, String)>,
}

impl Templates {
    /// Puts the files of a folder before those that are there: a file of the same name replaces, and languages can stand
    /// on others ([`language`](Self::language)).
    ///
    /// # Errors
    /// [`Code::UNREADABLE_TEMPLATES`] for a folder that cannot be read, that holds none of the known folders or an unknown
    /// one, and for files that are not UTF-8 or larger than 8 MiB.
    pub fn with_directory(mut self, folder: &Path) -> Result<Self> {
        self.folders.push(Directory::read(folder)?);
        Ok(self)
    }
}

impl Directory {
    fn read(folder: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        let mut kinds = 0;
        for path in entries(folder)? {
            let name = file_name(&path);
            if !path.is_dir() || name.starts_with('.') {
                continue;
            }
            if !KINDS.contains(&name.as_str()) {
                let title = format!("the folder {} is no kind of template", path.display());
                return Err(Box::new(fault(title).with_help(
                    match closest(&name, KINDS.iter().copied()) {
                        Some(close) => format!("did you mean `{close}`?"),
                        None => format!("known folders: {}", KINDS.join(", ")),
                    },
                )));
            }
            kinds += 1;
            collect(&path, &name, &mut files)?;
        }
        if kinds == 0 {
            let title = format!("the folder {} holds no templates", folder.display());
            let help = format!("it is laid out like `templates/`: {}", KINDS.join(", "));
            return Err(Box::new(fault(title).with_help(help)));
        }
        Ok(Self { files })
    }

    pub(super) fn get(&self, path: &str) -> Option<(&str, &str)> {
        let (shown, text) = self.files.get(path)?;
        Some((shown, text))
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The files whose path begins with a prefix: the rest of the path, path as people see it, and text.
    pub(super) fn under(&self, prefix: &str) -> Vec<(&str, String, &str)> {
        let files = self.files.iter().filter_map(|(path, (shown, text))| {
            Some((path.strip_prefix(prefix)?, shown.clone(), text.as_str()))
        });
        files.collect()
    }
}

/// What `extends` of a `language.yaml` says; `None` also where the file cannot be read: the loader says why.
pub(super) fn extended(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Extension {
        extends: Option<String>,
    }
    serde_yaml::from_str::<Extension>(text).ok()?.extends
}

fn fault(title: String) -> Diagnostic {
    Diagnostic::global(Code::UNREADABLE_TEMPLATES, title)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Box<Diagnostic> {
    Box::new(fault(format!("cannot read {}: {error}", path.display())))
}

/// What is in a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).and_then(|entries| {
        entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<Vec<_>>>()
    });
    let mut paths = read.map_err(|error| unreadable(folder, &error))?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Reads the template files of a folder and of the folders directly in it: a language has one.
fn collect(folder: &Path, below: &str, files: &mut BTreeMap<String, (String, String)>) -> Result<()> {
    for path in entries(folder)? {
        let relative = format!("{below}/{}", file_name(&path));
        if path.is_dir() {
            for inner in entries(&path)? {
                read_file(&inner, format!("{relative}/{}", file_name(&inner)), files)?;
            }
        } else {
            read_file(&path, relative, files)?;
        }
    }
    Ok(())
}

fn read_file(path: &Path, relative: String, files: &mut BTreeMap<String, (String, String)>) -> Result<()> {
    let known = path
        .extension()
        .is_some_and(|extension| ["yaml", "yml", "j2"].iter().any(|known| extension == *known));
    if !known {
        return Ok(());
    }
    let size = fs::metadata(path)
        .map_err(|error| unreadable(path, &error))?
        .len();
    if size > SIZE_LIMIT {
        return Err(Box::new(fault(format!(
            "{} is larger than 8 MiB",
            path.display()
        ))));
    }
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let shown = path.to_string_lossy().replace('\\', "/");
    files.insert(relative, (shown, text));
    Ok(())
}

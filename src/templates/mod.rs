//! The files under `templates/`: languages, targets, pipelines and schemas, embedded in the binary or in a user's folder.
//!
//! This module only finds files by name; what is in them is read by `backend` and `pipeline`.

mod directory;
mod target;

use std::collections::BTreeMap;

pub use target::{OptionValue, Target, TargetOption};

/// Relative path and text of each embedded file, sorted.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// A set of template files, by their path relative to `templates/`.
#[derive(Clone, Debug)]
pub struct Templates {
    files: BTreeMap<String, String>,
    /// The files of users' folders, the last folder last.
    folders: Vec<directory::Directory>,
}

/// The files of a language, one layer for each folder that has some: the built-in ones first.
#[derive(Clone, Debug, Default)]
pub struct LanguageFiles<'t> {
    /// For each layer the files: name inside the folder, name for people, and text.
    pub layers: Vec<Vec<(&'t str, String, &'t str)>>,
    /// Whether all of them are built-in.
    pub builtin: bool,
}

impl Templates {
    /// The files that the binary carries.
    #[must_use]
    pub fn builtin() -> Self {
        let files = EMBEDDED
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        Self {
            files,
            folders: Vec::new(),
        }
    }

    /// The text of a file, for example of `pipelines/sentinel.yml`.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.find(path).map(|(_, text)| text)
    }

    /// The files of a language. A user's `language.yaml` with `extends: NAME` stands on the files of that name in the
    /// layers before it, as does a folder without `language.yaml` on those of its own name; another one replaces them.
    #[must_use]
    pub fn language(&self, name: &str) -> LanguageFiles<'_> {
        let mut found = LanguageFiles {
            layers: Vec::new(),
            builtin: true,
        };
        self.add_language(name, self.folders.len(), &mut found);
        found.layers.reverse();
        found
    }

    /// Adds the layers of a language from the newest of the first `count` folders to the built-in files. Ends, as each
    /// step looks at fewer folders.
    fn add_language<'t>(&'t self, name: &str, count: usize, found: &mut LanguageFiles<'t>) {
        let folder = format!("languages/{name}/");
        let mut folders = self.folders.iter().take(count).enumerate().rev();
        let newest = folders.find_map(|(index, directory)| {
            let files = directory.under(&folder);
            (!files.is_empty()).then_some((index, files))
        });
        let Some((index, files)) = newest else {
            let files: Vec<_> = self
                .files
                .iter()
                .filter_map(|(path, text)| Some((path.strip_prefix(&folder)?, path.clone(), text.as_str())))
                .collect();
            if !files.is_empty() {
                found.layers.push(files);
            }
            return;
        };
        let settings = files.iter().find(|(file, ..)| *file == "language.yaml");
        let base = match settings {
            None => Some(name.to_owned()),
            Some((_, _, text)) => directory::extended(text),
        };
        found.builtin = false;
        found.layers.push(files);
        if let Some(base) = base {
            self.add_language(&base, index, found);
        }
    }

    /// The names of targets, sorted.
    #[must_use]
    pub fn targets(&self) -> Vec<&str> {
        self.stems("targets")
    }

    /// The names of pipelines, sorted.
    #[must_use]
    pub fn pipelines(&self) -> Vec<&str> {
        self.stems("pipelines")
    }

    /// The names of languages, sorted.
    #[must_use]
    pub fn languages(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .paths()
            .filter_map(|path| Some(path.strip_prefix("languages/")?.split_once('/')?.0))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The file of a kind (`targets`, `pipelines`, `schemas`) by its stem: path and text.
    #[must_use]
    pub fn named(&self, folder: &str, stem: &str) -> Option<(&str, &str)> {
        let paths = ["yaml", "yml"].map(|extension| format!("{folder}/{stem}.{extension}"));
        let own = self
            .folders
            .iter()
            .rev()
            .find_map(|directory| paths.iter().find_map(|path| directory.get(path)));
        own.or_else(|| paths.iter().find_map(|path| self.find(path)))
    }

    /// Path and text of a file; of a user's file the path on disk.
    fn find(&self, path: &str) -> Option<(&str, &str)> {
        let own = self
            .folders
            .iter()
            .rev()
            .find_map(|directory| directory.get(path));
        own.or_else(|| {
            let (path, text) = self.files.get_key_value(path)?;
            Some((path.as_str(), text.as_str()))
        })
    }

    fn paths(&self) -> impl Iterator<Item = &str> {
        let own = self.folders.iter().flat_map(directory::Directory::paths);
        self.files.keys().map(String::as_str).chain(own)
    }

    fn stems(&self, folder: &str) -> Vec<&str> {
        let mut stems: Vec<&str> = self
            .paths()
            .filter_map(|path| {
                let name = path.strip_prefix(folder)?.strip_prefix('/')?;
                name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))
            })
            .collect();
        stems.sort_unstable();
        stems.dedup();
        stems
    }
}

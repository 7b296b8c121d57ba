//! The files under `templates/`: languages, targets, pipelines and schemas, embedded in the binary.
//!
//! This module only finds files by name; what is in them is read by `backend` and `pipeline`.

mod target;

use std::collections::BTreeMap;

pub use target::{OptionValue, Target, TargetOption};

/// Relative path and text of each embedded file, sorted.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// A set of template files, by their path relative to `templates/`.
#[derive(Clone, Debug)]
pub struct Templates {
    files: BTreeMap<String, String>,
}

impl Templates {
    /// The files that the binary carries.
    #[must_use]
    pub fn builtin() -> Self {
        let files = EMBEDDED
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        Self { files }
    }

    /// The text of a file, for example of `pipelines/sentinel.yml`.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The files directly in a folder: name and text, sorted by name.
    pub fn in_folder<'t>(&'t self, folder: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.files.iter().filter_map(move |(path, text)| {
            let name = path.strip_prefix(folder)?.strip_prefix('/')?;
            (!name.contains('/')).then_some((name, text.as_str()))
        })
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
        self.files
            .keys()
            .filter_map(|path| path.strip_prefix("languages/")?.strip_suffix("/language.yaml"))
            .collect()
    }

    /// The file of a kind (`targets`, `pipelines`, `schemas`) by its stem: path and text.
    #[must_use]
    pub fn named(&self, folder: &str, stem: &str) -> Option<(&str, &str)> {
        ["yaml", "yml"].into_iter().find_map(|extension| {
            let (path, text) = self
                .files
                .get_key_value(&format!("{folder}/{stem}.{extension}"))?;
            Some((path.as_str(), text.as_str()))
        })
    }

    fn stems(&self, folder: &str) -> Vec<&str> {
        let prefix = format!("{folder}/");
        self.files
            .keys()
            .filter_map(|path| {
                let name = path.strip_prefix(&prefix)?;
                name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))
            })
            .collect()
    }
}

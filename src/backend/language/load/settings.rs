//! Reading `language.yaml`: one text, or several of which each changes keys of those before it.

use std::sync::Arc;

use serde_yaml::Value;

use super::{Layer, SETTINGS, invalid};
use crate::backend::language::session::span;
use crate::backend::language::settings::LanguageSettings;
use crate::diagnostic::{Code, Diagnostic, Result, Source};

/// The key that names the language on which another one stands.
const EXTENDS: &str = "extends";

/// The texts of `language.yaml` from all layers, the base first: for the places of faults.
pub(super) struct Yaml {
    texts: Vec<Arc<Source>>,
}

impl Yaml {
    /// A fault in a value, at the key of a path: in the last text that has most of it.
    pub(super) fn at_key(&self, path: &[&str], title: impl Into<String>) -> Box<Diagnostic> {
        let places = self.texts.iter().map(|source| (source, find_key(source, path)));
        let best = places.max_by_key(|(_, (depth, _))| *depth);
        match best {
            Some((source, (_, range))) => invalid(source, &range, title),
            None => Box::new(Diagnostic::global(Code::INVALID_LANGUAGE, title)),
        }
    }
}

/// How many keys of a path are there, and the place of the last of them.
fn find_key(yaml: &Source, path: &[&str]) -> (usize, std::ops::Range<usize>) {
    let mut position = 0;
    let mut range = 0..0;
    for (depth, key) in path.iter().enumerate() {
        let rest = yaml.text.get(position..).unwrap_or_default();
        let found = rest.match_indices(*key).find(|(offset, _)| {
            let before = rest.get(..*offset).unwrap_or_default().chars().next_back();
            let after = rest.get(offset + key.len()..).unwrap_or_default();
            let begins = before.is_none_or(|character| !character.is_alphanumeric() && character != '_');
            begins && after.trim_start_matches(['"', '\'']).starts_with(':')
        });
        let Some((offset, _)) = found else {
            return (depth, range);
        };
        range = position + offset..position + offset + key.len();
        position = range.end;
    }
    (path.len(), range)
}

/// The settings of a language from its layers.
pub(super) fn read(name: &str, layers: &[Layer<'_>]) -> Result<(Yaml, LanguageSettings)> {
    let texts: Vec<Arc<Source>> = layers
        .iter()
        .filter_map(|layer| layer.iter().find(|(file, _)| *file == SETTINGS))
        .map(|(_, source)| Arc::clone(source))
        .collect();
    let Some((base, changes)) = texts.split_first() else {
        return Err(Box::new(Diagnostic::global(
            Code::INVALID_LANGUAGE,
            format!("language {name} has no {SETTINGS}"),
        )));
    };
    let mut tree = parse(base)?;
    if let Some(extended) = tree.get(EXTENDS) {
        let title = format!(
            "there is no language {:?} to extend",
            extended.as_str().unwrap_or_default()
        );
        return Err(Yaml {
            texts: vec![Arc::clone(base)],
        }
        .at_key(&[EXTENDS], title));
    }
    let settings: LanguageSettings = serde_yaml::from_str(&base.text).map_err(|error| fault(base, &error))?;
    if changes.is_empty() {
        return Ok((Yaml { texts }, settings));
    }
    for change in changes {
        let mut layer = parse(change)?;
        if let Value::Mapping(keys) = &mut layer {
            keys.remove(EXTENDS);
        }
        merge(&mut tree, layer);
    }
    // Through text, since the reader names the path of a fault only there.
    let merged = serde_yaml::to_string(&tree).and_then(|text| serde_yaml::from_str(&text));
    let yaml = Yaml { texts };
    match merged {
        Ok(settings) => Ok((yaml, settings)),
        Err(error) => {
            let text = title(&error);
            let keys = text.split_once(": ").map(|(path, _)| path).unwrap_or_default();
            let keys: Vec<&str> = keys
                .split(['.', '[', ']'])
                .filter(|key| !key.is_empty())
                .collect();
            let unknown = text
                .split_once("unknown field `")
                .and_then(|(_, rest)| rest.split('`').next());
            let path: Vec<&str> = keys
                .into_iter()
                .filter(|key| key.parse::<usize>().is_err())
                .chain(unknown)
                .collect();
            Err(yaml.at_key(&path, text.as_str()))
        }
    }
}

/// Puts the keys of a mapping over those of another one, mappings inside them likewise; other values are replaced.
fn merge(base: &mut Value, change: Value) {
    match (base, change) {
        (Value::Mapping(base), Value::Mapping(change)) => {
            for (key, value) in change {
                match base.get_mut(&key) {
                    Some(known) => merge(known, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (base, change) => *base = change,
    }
}

/// The plain tree; it refuses keys that come twice, of which structures take the last.
fn parse(yaml: &Source) -> Result<Value> {
    serde_yaml::from_str(&yaml.text).map_err(|error| fault(yaml, &error))
}

fn title(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

fn fault(yaml: &Source, error: &serde_yaml::Error) -> Box<Diagnostic> {
    let range = error.location().map_or(0..0, |location| {
        let start = location.index().min(yaml.text.len());
        start..start
    });
    let title = title(error);
    let doubled = title
        .split_once("duplicate entry with key \"")
        .and_then(|(_, key)| key.strip_suffix('"'));
    let range = doubled
        .and_then(|key| second_key(yaml, key, range.start))
        .unwrap_or(range);
    Box::new(Diagnostic::error(
        Code::INVALID_LANGUAGE,
        title,
        span(yaml, &range),
    ))
}

/// The second place of a key from a position on: the reader gives the start of the mapping.
fn second_key(yaml: &Source, key: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let mut places = yaml.text.get(from..)?.match_indices(key).filter(|(offset, _)| {
        yaml.text
            .get(from + offset + key.len()..)
            .is_some_and(|after| after.starts_with(':'))
    });
    let (offset, _) = places.nth(1)?;
    Some(from + offset..from + offset + key.len())
}

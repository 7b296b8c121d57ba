//! A target: a platform with its language, its field names and its formats, as a file under `templates/targets`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::diagnostic::{Code, Diagnostic, Result, Source, Span};
use crate::pipeline::Unmapped;

/// What a target file says. Unknown keys are errors.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// By which it is chosen: `sentinel`.
    pub name: String,
    /// As people know it: `Microsoft Sentinel`.
    pub title: String,
    /// The folder under `templates/languages`.
    pub language: String,
    /// Pipelines under `templates/pipelines` that run by default, in order.
    #[serde(default)]
    pub pipelines: Vec<String>,
    /// The file under `templates/schemas`.
    #[serde(default)]
    pub schema: Option<String>,
    /// The extension of query files.
    pub extension: String,
    /// Formats that `convert` can write.
    pub formats: Vec<String>,
    /// What happens to a field that the schema does not have.
    #[serde(default)]
    pub unmapped: Unmapped,
    /// What a user may choose (`convert -O name=value`).
    #[serde(default)]
    pub options: BTreeMap<String, TargetOption>,
    /// How far the target is to be trusted: `preview` or `stable`.
    pub support: String,
    /// The oldest version of the platform that the queries run on.
    #[serde(default)]
    pub version: Option<String>,
    /// Where the facts come from.
    #[serde(default)]
    pub source: Option<String>,
}

/// A choice that a target leaves to its user.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetOption {
    /// What is chosen, for help.
    pub help: String,
    /// The value that holds where none is given.
    pub default: String,
    /// The values and what each of them changes.
    pub values: BTreeMap<String, OptionValue>,
}

/// What a value of an option changes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionValue {
    /// What the value means, for help.
    pub help: String,
    /// Schema type → class, in place of the language's.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
}

impl Target {
    /// What the chosen options change: the values in effect, by the names of their options.
    ///
    /// Errors: a sentence on an option or value that the target does not have.
    pub fn chosen(&self, options: &[(String, String)]) -> std::result::Result<Vec<&OptionValue>, String> {
        for (name, _) in options {
            if !self.options.contains_key(name) {
                let known: Vec<&str> = self.options.keys().map(String::as_str).collect();
                return Err(format!(
                    "target {:?} has no option {name:?}; its options: {}",
                    self.name,
                    ["table", "index"]
                        .into_iter()
                        .chain(known)
                        .collect::<Vec<_>>()
                        .join(", ")
                ));
            }
        }
        let mut chosen = Vec::new();
        for (name, option) in &self.options {
            let given = options.iter().rev().find(|(other, _)| other == name);
            let value = given.map_or(&option.default, |(_, value)| value);
            match option.values.get(value) {
                Some(found) => chosen.push(found),
                None => {
                    let known: Vec<&str> = option.values.keys().map(String::as_str).collect();
                    return Err(format!(
                        "option {name:?} has no value {value:?}; its values: {}",
                        known.join(", ")
                    ));
                }
            }
        }
        Ok(chosen)
    }

    /// Reads a target file.
    ///
    /// Errors: [`Code::INVALID_TARGET`] with line and column.
    pub fn read(source: &Source) -> Result<Self> {
        serde_yaml::from_str(&source.text).map_err(|fault| {
            let start = fault.location().map_or(0, |location| location.index());
            let start = u32::try_from(start).unwrap_or(u32::MAX);
            let span = Span {
                source: source.id,
                start,
                end: start,
            };
            Box::new(Diagnostic::error(Code::INVALID_TARGET, fault.to_string(), span))
        })
    }
}

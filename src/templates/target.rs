//! A target: a platform with its language, its field names and its formats, as a file under `templates/targets`.

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
    /// How far the target is to be trusted: `preview` or `stable`.
    pub support: String,
    /// The oldest version of the platform that the queries run on.
    #[serde(default)]
    pub version: Option<String>,
    /// Where the facts come from.
    #[serde(default)]
    pub source: Option<String>,
}

impl Target {
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

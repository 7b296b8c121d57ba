//! The shape of `language.yaml`: what the core must know of a language, as data.
//!
//! Unknown keys are errors; plain structures keep line and column in the reader's messages.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::{Effect, Kind, Policy};
use crate::backend::regex::DialectSettings;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LanguageSettings {
    /// Schema type → class.
    #[serde(default)]
    pub(super) types: BTreeMap<String, String>,
    pub(super) stages: Vec<String>,
    pub(super) stage: BTreeMap<String, StageSettings>,
    /// Texts of the notes that templates raise.
    #[serde(default)]
    pub(super) notes: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StageSettings {
    #[serde(default)]
    pub(super) parens: BTreeMap<Kind, Vec<Kind>>,
    #[serde(default)]
    pub(super) kinds: BTreeMap<Kind, Vec<String>>,
    #[serde(default = "comma")]
    pub(super) list_separator: String,
    pub(super) identifier: IdentifierSettings,
    pub(super) contexts: BTreeMap<String, ContextSettings>,
    #[serde(default)]
    pub(super) unless: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) absent: BTreeMap<String, BTreeMap<String, Policy>>,
    #[serde(default)]
    pub(super) empty_is_absent: Option<EmptyIsAbsent>,
    #[serde(default)]
    pub(super) operators: BTreeMap<OperatorName, String>,
    #[serde(default)]
    pub(super) notes: Vec<NoteSettings>,
    #[serde(default = "yes")]
    pub(super) kleene: bool,
    #[serde(default)]
    pub(super) max_list: Option<usize>,
    #[serde(default)]
    pub(super) max_chain: Option<usize>,
}

fn comma() -> String {
    ", ".to_owned()
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub(super) enum OperatorName {
    Eq,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifierSettings {
    pub(super) plain: String,
    #[serde(default)]
    pub(super) reserved: Vec<String>,
    pub(super) context: String,
    #[serde(default)]
    pub(super) split: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmptyIsAbsent {
    pub(super) classes: Vec<String>,
    pub(super) code: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteSettings {
    #[serde(default, rename = "macro")]
    pub(super) macro_name: Option<String>,
    #[serde(default)]
    pub(super) test: Option<String>,
    #[serde(default)]
    pub(super) class: Option<String>,
    #[serde(default)]
    pub(super) when: Option<String>,
    pub(super) code: String,
    pub(super) text: String,
    #[serde(default)]
    pub(super) effect: Effect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContextSettings {
    #[serde(default)]
    pub(super) literal: Vec<StepSettings>,
    #[serde(default)]
    pub(super) any_run: Option<String>,
    #[serde(default)]
    pub(super) any_one: Option<String>,
    #[serde(default)]
    pub(super) outer: Vec<StepSettings>,
    #[serde(default)]
    pub(super) inside: Option<String>,
    #[serde(default)]
    pub(super) open: String,
    #[serde(default)]
    pub(super) close: String,
    /// Words instead of the whole value, for fields that are indexed by words.
    #[serde(default)]
    pub(super) words: Option<WordsSettings>,
    /// The most characters of a printed value, delimiters included.
    #[serde(default)]
    pub(super) max_length: Option<usize>,
    #[serde(default)]
    pub(super) regex: Option<DialectSettings>,
    #[serde(default)]
    pub(super) shape: Option<String>,
}

/// How a value is cut into the words that an engine indexed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsSettings {
    /// A regular expression for one character of a word.
    pub(super) character: String,
    /// What stands between printed words.
    pub(super) separator: String,
    /// Whether the engine's words may be longer than those of the value on either side.
    #[serde(default)]
    pub(super) loose: bool,
}

/// A step: the word of a built-in one, or a table of characters. All keys of a table are applied in one pass.
#[derive(Debug)]
pub(super) enum StepSettings {
    Lower,
    FoldClasses,
    Table(TableSettings),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableSettings {
    #[serde(default)]
    pub(super) escape: Option<String>,
    #[serde(default)]
    pub(super) with: Option<String>,
    #[serde(default)]
    pub(super) map: BTreeMap<char, String>,
    #[serde(default)]
    pub(super) double: Option<String>,
    #[serde(default)]
    pub(super) controls: Option<String>,
    #[serde(default)]
    pub(super) refuse: Option<String>,
}

impl<'de> Deserialize<'de> for StepSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StepVisitor)
    }
}

struct StepVisitor;

impl<'de> Visitor<'de> for StepVisitor {
    type Value = StepSettings;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "`lower`, `fold_classes` or a mapping with `escape`, `map`, `double`, `controls` or `refuse`",
        )
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<StepSettings, E> {
        match word {
            "lower" => Ok(StepSettings::Lower),
            "fold_classes" => Ok(StepSettings::FoldClasses),
            other => Err(E::unknown_variant(other, &["lower", "fold_classes"])),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<StepSettings, A::Error> {
        TableSettings::deserialize(MapAccessDeserializer::new(map)).map(StepSettings::Table)
    }
}

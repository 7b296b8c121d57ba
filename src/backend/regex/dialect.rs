//! What a language's regular expressions can say and how: a dialect, as data.

use serde::Deserialize;

/// A dialect as `language.yaml` has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DialectSettings {
    pub(super) anchoring: Anchoring,
    /// Spelling of the start of the text; absent: cannot be said (or needs not, where the whole value is matched).
    #[serde(default)]
    pub(super) start: Option<String>,
    /// Spelling of the end of the text.
    #[serde(default)]
    pub(super) end: Option<String>,
    /// Spelling of PCRE's `$` without the flag `m`: the end, or before a newline that ends the text.
    #[serde(default, rename = "final")]
    pub(super) final_anchor: Option<String>,
    pub(super) case: Case,
    /// Whether `\b` and `\B` can be said.
    #[serde(default)]
    pub(super) boundaries: bool,
    /// The characters that need a backslash outside of classes.
    pub(super) meta: String,
    /// The characters that need a backslash inside of classes.
    #[serde(default = "class_meta")]
    pub(super) class_meta: String,
    /// How a literal backslash is written, where it is not `\\`.
    #[serde(default)]
    pub(super) backslash: Option<String>,
    /// How a literal backslash is written inside of classes, where it is not `\\`.
    #[serde(default)]
    pub(super) class_backslash: Option<String>,
    pub(super) controls: Controls,
    /// Whether `.` matches a newline without any flag.
    #[serde(default)]
    pub(super) dot: bool,
    /// Whether look-around and back-references can be said: such expressions are then printed as the rule has them, but
    /// for literal backslashes.
    #[serde(default)]
    pub(super) lookaround: bool,
    /// Whether general categories of Unicode (`\pL`, `\p{Lu}`) can be said.
    #[serde(default)]
    pub(super) categories: bool,
    /// The highest number of repetitions.
    #[serde(default)]
    pub(super) max_repeat: Option<u32>,
}

fn class_meta() -> String {
    "\\]^-[&~".to_owned()
}

/// What an expression is held against.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Anchoring {
    /// It is searched for.
    Search,
    /// It must match the whole value.
    Whole,
}

/// How case is ignored.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Case {
    /// By flags: `(?i)`. Then `(?s)` and `(?m)` exist too.
    Flag,
    /// By classes: `[Aa]`. There are no flags at all.
    Classes,
}

/// How control characters are written.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Controls {
    /// As they are.
    Raw,
    /// `\n \r \t`, others as `\x07`, `\x{2028}`.
    Hex,
}

/// A dialect, ready for the printer.
pub(crate) type Dialect = DialectSettings;

impl DialectSettings {
    /// Checks the settings; the error is a sentence on what is wrong with them.
    pub(crate) fn build(settings: &Self) -> Result<Self, String> {
        if settings.anchoring == Anchoring::Search && settings.start.is_none() != settings.end.is_none() {
            return Err("regex: `start` and `end` belong together".to_owned());
        }
        if settings.meta.is_empty() {
            return Err("regex: `meta` is empty".to_owned());
        }
        Ok(settings.clone())
    }
}

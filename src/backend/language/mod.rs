//! A query language as a folder of templates: loaded once, checked against a closed vocabulary, called per predicate.
//!
//! `language.yaml` says as data what the core must know (types, stages, parentheses, contexts, null policy, notes); one
//! template file per stage spells each construct as a macro; `query.j2` is the outline of a query. A fault in these files is
//! found when the language is loaded, with file, line and column. Nothing here knows rules or decides logic.
//!
//! Most macros are plain text around their arguments. These are recognised from their source, kept as text pieces and
//! written without the template engine; the others run in it, under a limit of fuel for each query.

mod context;
mod load;
mod outline;
mod pieces;
mod scan;
mod session;
mod settings;
mod stage;
pub(crate) mod steps;
#[cfg(test)]
pub(crate) mod tests;
mod vocabulary;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

pub use crate::lower::null_policy::Policy;
pub use context::ContextId;
pub use outline::{OutlineComputed, OutlinePart, OutlineQuery, OutlineRule, OutlineSpan};
pub use session::Session;
pub use stage::{Identifier, NoteRule, Parens, Stage};

/// A query language, loaded and checked.
#[derive(Debug)]
pub struct Language {
    /// Its name: the name of its folder.
    pub name: String,
    /// Its stages, in the order in which a query runs them.
    pub stages: Vec<Stage>,
    classes: BTreeMap<String, String>,
    /// Classes that an option changed.
    changed: BTreeMap<String, String>,
    notes: BTreeMap<String, String>,
    templates: session::Templates,
}

impl Language {
    /// The class of a schema type; where the type is unknown that of `*`, else `text`.
    #[must_use]
    pub fn class_of(&self, kind: Option<&str>) -> &str {
        let class = |kind: &str| self.changed.get(kind).or_else(|| self.classes.get(kind));
        kind.and_then(class)
            .or_else(|| class("*"))
            .map_or("text", String::as_str)
    }

    /// Gives schema types other classes, as an option of a target asks for.
    ///
    /// The error names a class that no type of the language has.
    pub fn change_classes<'c>(
        &mut self,
        types: impl IntoIterator<Item = (&'c String, &'c String)>,
    ) -> std::result::Result<(), String> {
        for (kind, class) in types {
            if class != "text" && !self.classes.values().any(|known| known == class) {
                return Err(class.clone());
            }
            self.changed.insert(kind.clone(), class.clone());
        }
        Ok(())
    }

    /// The text of a note that the language declares by its code.
    #[must_use]
    pub fn note_text(&self, code: &str) -> Option<&str> {
        let declared = || {
            let mut rules = self.stages.iter().flat_map(|stage| stage.notes.iter());
            rules
                .find(|rule| rule.code == code)
                .map(|rule| rule.text.as_str())
        };
        self.notes.get(code).map(String::as_str).or_else(declared)
    }

    /// Schema types with their classes, sorted.
    pub fn types(&self) -> impl Iterator<Item = (&str, &str)> {
        self.classes
            .iter()
            .map(|(kind, class)| (kind.as_str(), class.as_str()))
    }

    /// All notes that the language declares, by code; a code that several rules share has the texts of all of them.
    #[must_use]
    pub fn note_texts(&self) -> BTreeMap<&str, String> {
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        let declared = self.stages.iter().flat_map(|stage| &stage.notes);
        for (code, text) in self
            .notes
            .iter()
            .chain(declared.map(|rule| (&rule.code, &rule.text)))
        {
            let known = texts.entry(code).or_default();
            if !known.split("; ").any(|one| one == text) {
                if !known.is_empty() {
                    known.push_str("; ");
                }
                known.push_str(text);
            }
        }
        texts
    }

    /// The same language without a check of each printed value against the shape of its context: for languages whose
    /// contexts are tested.
    #[must_use]
    pub fn trusted(mut self) -> Self {
        for stage in &mut self.stages {
            stage.contexts.check_shapes = false;
        }
        self
    }

    /// The state of one query: fuel, and the notes that templates raise.
    #[must_use]
    pub fn session(&self) -> Session<'_> {
        Session::new(self)
    }
}

/// A macro of a stage: how the language spells one construct.
#[derive(Clone, Debug)]
pub struct Macro {
    /// Full name: `equals_cased_json`.
    pub name: String,
    /// The kind of its text, for parentheses.
    pub kind: Kind,
    /// What it takes, in order.
    pub parameters: Vec<Parameter>,
    /// Without class and `any_`: what `unless` and `absent` speak of.
    form: String,
    /// The values that it must not be used for.
    unless: Option<Arc<stage::Unless>>,
    /// Its text with holes, where it is no more than that.
    pieces: Option<Vec<pieces::Piece>>,
    /// Index of its template.
    template: usize,
}

/// What a macro gets for a parameter; the parameter's name says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// The spelled column, casts included.
    Field,
    /// The other column of a comparison of two.
    Other,
    /// A spelled comparison operator.
    Operator,
    /// A number as text.
    Number,
    /// Numbers.
    Numbers,
    /// The text of one operand.
    Item,
    /// The texts of all operands.
    Items,
    /// A spelled plain column name.
    Identifier,
    /// A value, printed in a context.
    Context(ContextId),
    /// Values, each printed in a context, joined with the stage's list separator.
    Contexts(ContextId),
}

/// An argument of a macro, in the order of its parameters.
#[derive(Clone, Copy, Debug)]
pub enum Argument<'a> {
    /// One text.
    Text(&'a str),
    /// Several texts.
    List(&'a [String]),
}

/// What a piece of query text is, for parentheses: as a parent or as a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A whole stage (a parent only).
    Root,
    /// Never needs parentheses by itself: a call, a bracketed text.
    Atom,
    /// An operand, an operator and an operand.
    Comparison,
    /// Operands that must all hold.
    And,
    /// Operands of which one must hold.
    Or,
    /// A negation.
    Not,
    /// Null turned into false (a parent only).
    Total,
}

/// How a query that needs a note differs from its rule. A negation turns wider and narrower round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The query matches more.
    Wider,
    /// The query matches less.
    Narrower,
    /// Both, or it cannot be said.
    #[default]
    Differs,
}

/// Why a value cannot be written at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What stands against it, as the end of a sentence.
    pub reason: String,
    /// Whether it is the dialect of regular expressions that cannot say it.
    pub dialect: bool,
}

impl Refusal {
    /// A value that cannot be written.
    pub fn value(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            dialect: false,
        }
    }

    /// A regular expression that the dialect cannot say.
    pub fn dialect(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            dialect: true,
        }
    }
}

//! Contexts: how a value is written at one kind of place, so that the language reads exactly that value.
//!
//! A context escapes the literal parts of a value, spells its wildcards, and sets the result between delimiters or as the
//! literal of another context (a pattern as a regular expression inside a string literal).

use regex::Regex;

use super::Refusal;
use super::steps::{self, Step};
use super::words::Words;
use crate::backend::regex::{self as dialect, Dialect};
use crate::normalize::{Pattern, PatternPart};

/// Names a context of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContextId(pub(super) usize);

#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) name: String,
    pub(super) literal: Vec<Step>,
    pub(super) any_run: Option<String>,
    pub(super) any_one: Option<String>,
    pub(super) outer: Vec<Step>,
    pub(super) inside: Option<usize>,
    pub(super) words: Option<Words>,
    pub(super) max_length: Option<usize>,
    pub(super) open: String,
    pub(super) close: String,
    pub(super) regex: Option<Dialect>,
    pub(super) shape: Option<Regex>,
}

/// All contexts of a stage. Never circular: checked when the language is loaded.
#[derive(Clone, Debug)]
pub(super) struct Contexts {
    pub(super) list: Vec<Context>,
    /// Whether printed values are held against their context's shape.
    pub(super) check_shapes: bool,
}

impl Contexts {
    pub(super) fn find(&self, name: &str) -> Option<ContextId> {
        self.list
            .iter()
            .position(|context| context.name == name)
            .map(ContextId)
    }

    fn get(&self, id: ContextId) -> Result<&Context, Refusal> {
        self.list
            .get(id.0)
            .ok_or_else(|| Refusal::value("the context belongs to another stage"))
    }

    /// Prints a text that stands for itself.
    pub(super) fn text(&self, id: ContextId, text: &str, out: &mut String) -> Result<(), Refusal> {
        let context = self.get(id)?;
        self.finish(context, out, |context, out| {
            steps::run(&context.literal, text, out)
        })
    }

    /// Prints a pattern; `core_only` leaves its wildcards out.
    pub(super) fn pattern(
        &self,
        id: ContextId,
        pattern: &Pattern,
        core_only: bool,
        out: &mut String,
    ) -> Result<(), Refusal> {
        let context = self.get(id)?;
        self.finish(context, out, |context, out| {
            if let Some(words) = &context.words {
                let any_run = wildcard(context.any_run.as_deref(), '*')?;
                return words.print(pattern, &context.literal, any_run, out);
            }
            for part in &pattern.parts {
                match part {
                    PatternPart::Literal(text) => steps::run(&context.literal, text, out)?,
                    PatternPart::AnyRun if core_only => {}
                    PatternPart::AnyOne if core_only => {
                        return Err(Refusal::value("a single-character wildcard stands in the value"));
                    }
                    PatternPart::AnyRun => out.push_str(wildcard(context.any_run.as_deref(), '*')?),
                    PatternPart::AnyOne => out.push_str(wildcard(context.any_one.as_deref(), '?')?),
                }
            }
            Ok(())
        })
    }

    /// Whether a pattern can be printed, told without printing it; no where that cannot be told.
    pub(super) fn surely_prints(&self, id: ContextId, pattern: &Pattern, core_only: bool) -> bool {
        let Ok(context) = self.get(id) else {
            return false;
        };
        // Where the text goes through further steps, they are taken to refuse nothing if they refuse nothing at all.
        let mut enclosing = Some(id.0);
        let mut outermost = true;
        while let Some(context) = enclosing.and_then(|index| self.list.get(index)) {
            let inner = if outermost {
                &[][..]
            } else {
                context.literal.as_slice()
            };
            if steps::can_refuse(inner) || steps::can_refuse(&context.outer) {
                return false;
            }
            outermost = false;
            enclosing = context.inside;
        }
        pattern.parts.iter().all(|part| match part {
            PatternPart::Literal(text) => !steps::may_refuse(&context.literal, text),
            PatternPart::AnyRun => core_only || context.any_run.is_some(),
            PatternPart::AnyOne => !core_only && context.any_one.is_some(),
        })
    }

    /// Prints a regular expression in the context's dialect.
    pub(super) fn regex(
        &self,
        id: ContextId,
        regex: &crate::regex::Regex,
        ignore_case_macro: bool,
        out: &mut String,
    ) -> Result<(), Refusal> {
        let context = self.get(id)?;
        let Some(language) = &context.regex else {
            return Err(Refusal::dialect("regular expressions cannot be written here"));
        };
        self.finish(context, out, |_, out| {
            dialect::print(language, regex, ignore_case_macro, out)
        })
    }

    /// Sets what `body` writes through the outer steps and between the delimiters, or into the enclosing context.
    fn finish(
        &self,
        context: &Context,
        out: &mut String,
        body: impl FnOnce(&Context, &mut String) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let start = out.len();
        if context.inside.is_none() && context.outer.is_empty() {
            out.push_str(&context.open);
            let written = body(context, out);
            if written.is_err() {
                out.truncate(start);
                return written;
            }
            out.push_str(&context.close);
            return self.check(context, start, out);
        }
        let mut inner = String::new();
        body(context, &mut inner)?;
        let mut outer = String::new();
        outer.push_str(&context.open);
        steps::run(&context.outer, &inner, &mut outer)?;
        outer.push_str(&context.close);
        let written = match context.inside {
            Some(enclosing) => self.text(ContextId(enclosing), &outer, out),
            None => {
                out.push_str(&outer);
                Ok(())
            }
        };
        if written.is_err() {
            out.truncate(start);
            return written;
        }
        self.check(context, start, out)
    }

    /// Holds the value printed from `start` on against the context's length and shape; one that does not fit is taken back.
    fn check(&self, context: &Context, start: usize, out: &mut String) -> Result<(), Refusal> {
        if let Some(most) = context.max_length {
            let length = out.get(start..).map_or(0, |printed| printed.chars().count());
            if length > most {
                out.truncate(start);
                return Err(Refusal::value(format!(
                    "written out it has {length} characters, and the engine takes {most} at most"
                )));
            }
        }
        let Some(shape) = context.shape.as_ref().filter(|_| self.check_shapes) else {
            return Ok(());
        };
        if out.get(start..).is_some_and(|printed| shape.is_match(printed)) {
            return Ok(());
        }
        out.truncate(start);
        Err(Refusal::value(format!(
            "the printed value does not have the shape of context `{}`: an escape is missing in language.yaml",
            context.name
        )))
    }
}

fn wildcard(spelling: Option<&str>, name: char) -> Result<&str, Refusal> {
    spelling.ok_or_else(|| Refusal::value(format!("the wildcard `{name}` cannot be written here")))
}

//! Calling macros: as text pieces where they are plain, else in the template engine.
//!
//! A session serves one query after the other on one thread. It captures only the templates that it calls, and anew
//! when their fuel runs low, as fuel adds up over the calls of a captured template.

use std::collections::{BTreeMap, HashMap};
use std::error::Error as _;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use minijinja::value::Serde;
use minijinja::{Captured, Environment, Error, ErrorKind, State, Value};

use super::outline::OutlineQuery;
use super::{Argument, Language, Macro, Stage, pieces};
use crate::diagnostic::{Code, Diagnostic, Result, Source, Span};

/// What the macros of one query may use up in each template: about a second of work, far above any rule.
pub(super) const FUEL: u64 = 20_000_000;

/// What a captured template starts with: enough for many queries.
pub(super) const TANK: u64 = 4 * FUEL;

/// How many texts a session keeps.
const TEXTS: usize = 1_000;

/// The template files of a language.
pub(super) struct Templates {
    pub(super) environment: Environment<'static>,
    /// Name in the engine and source.
    pub(super) files: Vec<(String, Arc<Source>)>,
    /// The macros of the outline, each with the index of its template.
    pub(super) outline: BTreeMap<String, usize>,
}

impl fmt::Debug for Templates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.files.iter().map(|(name, _)| name))
            .finish()
    }
}

/// The codes that templates raised by `note(code)`.
#[derive(Default)]
struct RaisedNotes(Vec<String>);

/// What `refuse(text)` in a template throws.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Adds the functions that templates may call.
pub(super) fn add_functions(environment: &mut Environment<'static>) {
    environment.add_function("note", |state: &mut State, code: String| {
        let raised = state.get_or_insert_extension(RaisedNotes::default());
        if !raised.0.contains(&code) {
            raised.0.push(code);
        }
        String::new()
    });
    environment.add_function("refuse", |text: String| -> std::result::Result<String, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, text.clone()).with_source(Refused(text)))
    });
}

/// The state of a query, and templates that stay captured from one query to the next.
pub struct Session<'l> {
    language: &'l Language,
    captured: Vec<Option<Loaded<'l>>>,
    /// Texts of macros that the template engine ran, by name and arguments: rules name the same members of columns again.
    texts: HashMap<String, String>,
    /// Whether any template names the function `note`.
    may_note: bool,
}

/// A captured template, with the fuel that was used up before the query.
struct Loaded<'l> {
    template: Captured<'l>,
    before: u64,
    /// Whether macros may have left something in the template's own variables.
    stateful: bool,
}

impl Loaded<'_> {
    fn consumed(&self) -> u64 {
        self.template
            .state()
            .fuel_levels()
            .map_or(0, |(consumed, _)| consumed)
    }
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("language", &self.language.name)
            .finish()
    }
}

impl<'l> Session<'l> {
    pub(super) fn new(language: &'l Language) -> Self {
        Self {
            language,
            captured: Vec::new(),
            texts: HashMap::new(),
            may_note: language
                .templates
                .files
                .iter()
                .any(|(_, source)| has_word(&source.text, "note")),
        }
    }

    /// Starts a query: full fuel, no notes.
    pub fn begin(&mut self) {
        self.take_notes();
        for place in &mut self.captured {
            if let Some(loaded) = place {
                loaded.before = loaded.consumed();
                if loaded.stateful || loaded.before + 2 * FUEL > TANK {
                    *place = None;
                }
            }
        }
    }

    /// Appends the text of a macro of a stage, called with arguments in the order of its parameters.
    ///
    /// # Errors
    /// [`Code::TEMPLATE_FAILED`] if the template fails, [`Code::UNSUPPORTED_CONSTRUCT`] if it refuses.
    pub fn call(
        &mut self,
        stage: &Stage,
        macro_: &Macro,
        arguments: &[Argument<'_>],
        out: &mut String,
    ) -> Result<()> {
        if arguments.len() != macro_.parameters.len() {
            return Err(Box::new(Diagnostic::global(
                Code::TEMPLATE_FAILED,
                format!(
                    "macro `{}` takes {} arguments and got {}",
                    macro_.name,
                    macro_.parameters.len(),
                    arguments.len()
                ),
            )));
        }
        if let Some(pieces) = &macro_.pieces {
            pieces::write(pieces, arguments, &stage.list_separator, out);
            return Ok(());
        }
        let values: Vec<Value> = arguments
            .iter()
            .zip(&macro_.parameters)
            .map(|(argument, parameter)| pieces::value(argument, *parameter, &stage.list_separator))
            .collect();
        out.push_str(&self.run(macro_.template, &macro_.name, &values)?);
        Ok(())
    }

    /// As [`call`](Self::call), for macros that are called again and again with the same arguments: those of columns.
    ///
    /// # Errors
    /// As there.
    pub fn call_again(
        &mut self,
        stage: &Stage,
        macro_: &Macro,
        arguments: &[&str],
        out: &mut String,
    ) -> Result<()> {
        let texts: Vec<Argument<'_>> = arguments.iter().copied().map(Argument::Text).collect();
        // A note is raised by the call itself, so that no call may be left out.
        if macro_.pieces.is_some() || self.may_note {
            return self.call(stage, macro_, &texts, out);
        }
        let mut key = format!("{}\0{}", macro_.template, macro_.name);
        for argument in arguments {
            key.push('\0');
            key.push_str(argument);
        }
        if let Some(text) = self.texts.get(&key) {
            out.push_str(text);
            return Ok(());
        }
        let start = out.len();
        self.call(stage, macro_, &texts, out)?;
        if self.texts.len() >= TEXTS {
            self.texts.clear();
        }
        self.texts
            .insert(key, out.get(start..).unwrap_or_default().to_owned());
        Ok(())
    }

    /// The whole query.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn query(&mut self, outline: &OutlineQuery) -> Result<String> {
        self.outline("query", Value::from(Serde(outline)))
    }

    /// The query without its projection.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn base(&mut self, outline: &OutlineQuery) -> Result<String> {
        self.outline("base", Value::from(Serde(outline)))
    }

    /// One query for several rules.
    ///
    /// # Errors
    /// As [`call`](Self::call); [`Code::UNSUPPORTED_CONSTRUCT`] if the language cannot join queries.
    pub fn union(&mut self, outlines: &[OutlineQuery]) -> Result<String> {
        self.outline("union_of", Value::from(Serde(outlines)))
    }

    fn outline(&mut self, name: &str, value: Value) -> Result<String> {
        let Some(index) = self.language.templates.outline.get(name).copied() else {
            return Err(Box::new(Diagnostic::global(
                Code::UNSUPPORTED_CONSTRUCT,
                format!("{} cannot put several rules into one query", self.language.name),
            )));
        };
        self.run(index, name, &[value])
    }

    /// The codes of the notes that templates raised since the last call, in order, without doubles.
    pub fn take_notes(&mut self) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        for loaded in self.captured.iter_mut().flatten() {
            let raised = loaded.template.with_state_mut(|state| {
                state
                    .get_extension_mut::<RaisedNotes>()
                    .map(std::mem::take)
                    .unwrap_or_default()
            });
            for code in raised.0 {
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
        }
        codes
    }

    fn run(&mut self, index: usize, name: &str, arguments: &[Value]) -> Result<String> {
        let loaded = self.captured(index)?;
        let called = loaded
            .template
            .with_state_mut(|state| state.call_macro(name, arguments));
        // The tank holds more than a query may use, so that the limit is the same whatever came before.
        let called = match called {
            Ok(_) if loaded.consumed() - loaded.before > FUEL => Err(Error::from(ErrorKind::OutOfFuel)),
            called => called,
        };
        called.map_err(|error| failure(&self.language.templates, &error))
    }

    fn captured(&mut self, index: usize) -> Result<&mut Loaded<'l>> {
        let templates = &self.language.templates;
        if self.captured.len() <= index {
            self.captured.resize_with(index + 1, || None);
        }
        let missing = || Box::new(Diagnostic::global(Code::TEMPLATE_FAILED, "a template is missing"));
        let place = self.captured.get_mut(index).ok_or_else(missing)?;
        if place.is_none() {
            let (name, source) = templates.files.get(index).ok_or_else(missing)?;
            let template = capture(templates, name).map_err(|error| failure(templates, &error))?;
            *place = Some(Loaded {
                template,
                before: 0,
                stateful: source.text.contains("namespace"),
            });
        }
        place.as_mut().ok_or_else(missing)
    }
}

/// Whether a word stands in a text by itself.
fn has_word(text: &str, word: &str) -> bool {
    let part = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(word).any(|(start, found)| {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let after = text
            .get(start + found.len()..)
            .and_then(|after| after.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

/// Runs a template so that its macros can be called.
pub(super) fn capture<'l>(templates: &'l Templates, name: &str) -> std::result::Result<Captured<'l>, Error> {
    templates.environment.get_template(name)?.render_captured(())
}

/// The diagnostic of a template's error, with its place in the template where the engine knows it.
fn failure(templates: &Templates, error: &Error) -> Box<Diagnostic> {
    let mut inner: Option<&(dyn std::error::Error + 'static)> = error.source();
    let mut deepest = error;
    while let Some(current) = inner {
        if let Some(Refused(text)) = current.downcast_ref() {
            return Box::new(Diagnostic::global(Code::UNSUPPORTED_CONSTRUCT, text.clone()));
        }
        if let Some(engine) = current.downcast_ref::<Error>() {
            deepest = engine;
        }
        inner = current.source();
    }
    let exhausted = deepest.kind() == ErrorKind::OutOfFuel;
    let title = if exhausted {
        format!("a template ran out of fuel: it did not end within {FUEL} steps")
    } else {
        format!("a template failed: {}", describe(deepest))
    };
    let mut diagnostic = match place(templates, deepest).or_else(|| place(templates, error)) {
        Some(span) => Diagnostic::error(Code::TEMPLATE_FAILED, title, span),
        None => Diagnostic::global(Code::TEMPLATE_FAILED, title),
    };
    if exhausted {
        diagnostic.help =
            Some("a loop in it runs too long: loop only over what the macro is given".to_owned());
    }
    Box::new(diagnostic)
}

/// What an error of the template engine says, without its place.
pub(super) fn describe(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

fn place(templates: &Templates, error: &Error) -> Option<Span> {
    let (_, source) = templates
        .files
        .iter()
        .find(|(name, _)| Some(name.as_str()) == error.name())?;
    Some(error_span(source, error))
}

/// The place of an error in its template: its range, else its line, else the start.
pub(super) fn error_span(source: &Source, error: &Error) -> Span {
    let range = error.range().or_else(|| line_range(&source.text, error.line()?));
    span(source, &range.unwrap_or(0..0))
}

/// The bytes of a line, counted from 1.
pub(super) fn line_range(text: &str, line: usize) -> Option<Range<usize>> {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            return Some(start..start + content.trim_end_matches('\n').len());
        }
        start += content.len();
    }
    None
}

/// A span of a byte range in a source.
pub(super) fn span(source: &Source, range: &Range<usize>) -> Span {
    Span {
        source: source.id,
        start: u32::try_from(range.start).unwrap_or(u32::MAX),
        end: u32::try_from(range.end).unwrap_or(u32::MAX),
    }
}

//! Loading a language: reading `language.yaml`, checking every template against the vocabulary, finding plain macros.

pub(super) mod environment;
mod settings;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::environment::{build_contexts, check_names, environment};
use self::settings::Yaml;
use self::stage::StageReader;
use super::scan::{self, Fault, ScannedMacro};
use super::session::{Templates, span};
use super::settings::LanguageSettings;
use super::vocabulary::{self, Slot};
use super::{Language, Parameter};
use crate::diagnostic::{Code, Diagnostic, Result, Source, closest};

const SETTINGS: &str = "language.yaml";

/// Names that `query.j2`, `correlation.j2` and the engine give to templates.
const QUERY: &str = "query";
const CORRELATION: &str = "correlation";

fn invalid(source: &Source, range: &std::ops::Range<usize>, title: impl Into<String>) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(
        Code::INVALID_LANGUAGE,
        title,
        span(source, range),
    ))
}

fn fault(source: &Source, fault: Fault) -> Box<Diagnostic> {
    invalid(source, &fault.span, fault.message)
}

/// The files of a language in one folder: name inside the folder and text.
type Layer<'f> = Vec<(&'f str, Arc<Source>)>;

impl Language {
    /// Loads a language from its files: pairs of the name inside the folder (`language.yaml`, `where.j2`, `query.j2`) and
    /// the text.
    ///
    /// # Errors
    /// [`Code::INVALID_LANGUAGE`], with file, line and column, for whatever does not follow the template contract.
    pub fn load(name: &str, files: &[(&str, Arc<Source>)]) -> Result<Self> {
        Self::load_layers(name, &[files.to_vec()])
    }

    /// Loads a language from layers, of which each changes the one before it: a key of its `language.yaml` and a macro of
    /// its templates takes the place of the key and the macro of that name.
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub fn load_layers(name: &str, layers: &[Vec<(&str, Arc<Source>)>]) -> Result<Self> {
        let (yaml, settings) = settings::read(name, layers)?;
        let files = order_files(name, &settings, layers, &yaml)?;
        let mut classes: BTreeSet<String> = settings.types.values().cloned().collect();
        classes.insert("text".to_owned());
        let mut contexts = Vec::new();
        for stage in &settings.stages {
            let Some(definition) = settings.stage.get(stage) else {
                return Err(yaml.at_key(
                    &["stages"],
                    format!("stage `{stage}` is not defined under `stage`"),
                ));
            };
            contexts.push(Arc::new(build_contexts(&yaml, stage, definition)?));
        }
        let mut templates = Templates {
            environment: environment(&settings.stages, &contexts, &files.sources)?,
            files: files.sources,
            outline: BTreeMap::new(),
        };
        let mut stages = Vec::new();
        for ((stage, contexts), files) in settings.stages.iter().zip(&contexts).zip(&files.stages) {
            let Some(definition) = settings.stage.get(stage) else {
                continue;
            };
            let reader = StageReader {
                yaml: &yaml,
                stage,
                definition,
                contexts,
                classes: &classes,
                note_texts: &settings.notes,
            };
            stages.push(reader.read(&templates, files)?);
        }
        templates.outline = read_outline(&templates.files, &files.outline)?;
        check_correlation(&templates.files, &files.correlation)?;
        for (name, source) in &templates.files {
            check_names(&templates.environment, name, source)?;
        }
        Ok(Self {
            name: name.to_owned(),
            stages,
            classes: settings.types,
            changed: BTreeMap::new(),
            notes: settings.notes,
            templates,
        })
    }
}

/// The templates of all layers.
struct Files {
    /// Name in the engine and source.
    sources: Vec<(String, Arc<Source>)>,
    /// For each stage the indices of its templates, the base first.
    stages: Vec<Vec<usize>>,
    outline: Vec<usize>,
    correlation: Vec<usize>,
}

impl Files {
    /// Adds the templates of a name from all layers.
    fn add(&mut self, wanted: &str, layers: &[Layer<'_>]) -> Vec<usize> {
        let file = format!("{wanted}.j2");
        let mut indices = Vec::new();
        for layer in layers {
            for (_, source) in layer.iter().filter(|(given, _)| *given == file) {
                // The first keeps the plain name, by which other templates import it.
                let name = match indices.len() {
                    0 => wanted.to_owned(),
                    above => format!("{wanted}+{above}"),
                };
                indices.push(self.sources.len());
                self.sources.push((name, Arc::clone(source)));
            }
        }
        indices
    }
}

/// The templates: those of each stage in order, then the outline, then correlations if there are any.
fn order_files(name: &str, settings: &LanguageSettings, layers: &[Layer<'_>], yaml: &Yaml) -> Result<Files> {
    for stage in &settings.stages {
        if stage == QUERY || stage == CORRELATION {
            return Err(yaml.at_key(&["stages"], format!("a stage cannot be called `{stage}`")));
        }
        if settings.stages.iter().filter(|other| *other == stage).count() > 1 {
            return Err(yaml.at_key(&["stages"], format!("stage `{stage}` twice")));
        }
    }
    let mut files = Files {
        sources: Vec::new(),
        stages: Vec::new(),
        outline: Vec::new(),
        correlation: Vec::new(),
    };
    for wanted in settings.stages.iter().map(String::as_str).chain([QUERY]) {
        let indices = files.add(wanted, layers);
        if indices.is_empty() {
            return Err(yaml.at_key(&["stages"], format!("language {name} has no {wanted}.j2")));
        }
        if wanted == QUERY {
            files.outline = indices;
        } else {
            files.stages.push(indices);
        }
    }
    files.correlation = files.add(CORRELATION, layers);
    for (file, source) in layers.iter().flatten() {
        let Some(stem) = file.strip_suffix(".j2") else {
            continue;
        };
        if ![QUERY, CORRELATION].contains(&stem) && !settings.stages.iter().any(|stage| stage == stem) {
            return Err(Box::new(
                Diagnostic::error(
                    Code::INVALID_LANGUAGE,
                    format!("{file} belongs to no stage"),
                    span(source, &(0..0)),
                )
                .with_help(format!("name it in `stages` of {SETTINGS}, or remove it")),
            ));
        }
    }
    if let Some(unused) = settings.stage.keys().find(|key| !settings.stages.contains(key)) {
        return Err(yaml.at_key(
            &["stage", unused],
            format!("stage `{unused}` is not named in `stages`"),
        ));
    }
    Ok(files)
}

/// The scanned macros of a template by name; none defined twice, all names known or an author's helper (`_…`).
fn scanned(source: &Source, known: impl Fn(&str) -> bool, names: &[&str]) -> Result<Vec<ScannedMacro>> {
    let found = scan::macros(&source.text).map_err(|found| fault(source, found))?;
    let mut seen = BTreeSet::new();
    for one in &found {
        if vocabulary::RESERVED.contains(&one.name.as_str()) {
            let title = format!(
                "a macro cannot be called `{}`: templates read the word themselves",
                one.name
            );
            return Err(invalid(source, &one.name_span, title));
        }
        if !seen.insert(one.name.as_str()) {
            return Err(invalid(
                source,
                &one.name_span,
                format!("macro `{}` twice", one.name),
            ));
        }
        if !one.name.starts_with('_') && !known(&one.name) {
            let mut diagnostic = invalid(
                source,
                &one.name_span,
                format!("no construct is called `{}`", one.name),
            );
            diagnostic.help = Some(match closest(&one.name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? Helpers of your own begin with `_`"),
                None => "helpers of your own begin with `_`".to_owned(),
            });
            return Err(diagnostic);
        }
    }
    Ok(found)
}

/// The macros of the outline, each with the index of the last template that defines it.
fn read_outline(sources: &[(String, Arc<Source>)], indices: &[usize]) -> Result<BTreeMap<String, usize>> {
    let mut outline = BTreeMap::new();
    let mut first = None;
    for index in indices {
        let Some((_, source)) = sources.get(*index) else {
            continue;
        };
        first = first.or(Some(source));
        let macros = one_parameter_macros(source, vocabulary::OUTLINE)?;
        outline.extend(macros.into_iter().map(|name| (name, *index)));
    }
    let missing = ["base", "query"]
        .into_iter()
        .find(|name| !outline.contains_key(*name));
    match (missing, first) {
        (Some(missing), Some(source)) => {
            Err(invalid(source, &(0..0), format!("macro `{missing}` is missing")))
        }
        _ => Ok(outline),
    }
}

fn check_correlation(sources: &[(String, Arc<Source>)], indices: &[usize]) -> Result<()> {
    for (_, source) in indices.iter().filter_map(|index| sources.get(*index)) {
        one_parameter_macros(source, vocabulary::CORRELATION)?;
    }
    Ok(())
}

/// The names of macros that the core calls, each with one parameter.
fn one_parameter_macros(source: &Source, names: &'static [&'static str]) -> Result<Vec<String>> {
    let found = scanned(source, |name| names.contains(&name), names)?;
    let mut called = Vec::new();
    for one in found.into_iter().filter(|one| !one.name.starts_with('_')) {
        if one.parameters.len() != 1 {
            let title = format!("macro `{}` takes one parameter", one.name);
            return Err(invalid(source, &one.name_span, title));
        }
        called.push(one.name);
    }
    Ok(called)
}

/// What a parameter of this name gets, if it is no context.
fn slot(name: &str) -> Option<(Slot, Parameter)> {
    Some(match name {
        "field" => (Slot::Field, Parameter::Field),
        "other" => (Slot::Other, Parameter::Other),
        "op" => (Slot::Operator, Parameter::Operator),
        "number" => (Slot::Number, Parameter::Number),
        "numbers" => (Slot::Numbers, Parameter::Numbers),
        "item" => (Slot::Item, Parameter::Item),
        "items" => (Slot::Items, Parameter::Items),
        "identifier" => (Slot::Identifier, Parameter::Identifier),
        _ => return None,
    })
}

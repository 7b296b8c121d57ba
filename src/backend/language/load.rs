//! Loading a language: reading `language.yaml`, checking every template against the vocabulary, finding plain macros.

pub(super) mod environment;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::environment::{build_contexts, check_names, environment};
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

impl Language {
    /// Loads a language from its files: pairs of the name inside the folder (`language.yaml`, `where.j2`, `query.j2`) and
    /// the text.
    ///
    /// # Errors
    /// [`Code::INVALID_LANGUAGE`], with file, line and column, for whatever does not follow the template contract.
    pub fn load(name: &str, files: &[(&str, Arc<Source>)]) -> Result<Self> {
        let Some((_, yaml)) = files.iter().find(|(file, _)| *file == SETTINGS) else {
            return Err(Box::new(Diagnostic::global(
                Code::INVALID_LANGUAGE,
                format!("language {name} has no {SETTINGS}"),
            )));
        };
        let settings = read_settings(yaml)?;
        let sources = order_files(name, &settings, files, yaml)?;
        let mut classes: BTreeSet<String> = settings.types.values().cloned().collect();
        classes.insert("text".to_owned());
        let mut contexts = Vec::new();
        for stage in &settings.stages {
            let Some(definition) = settings.stage.get(stage) else {
                return Err(at_key(
                    yaml,
                    &["stages"],
                    format!("stage `{stage}` is not defined under `stage`"),
                ));
            };
            contexts.push(Arc::new(build_contexts(yaml, stage, definition)?));
        }
        let templates = Templates {
            environment: environment(&settings.stages, &contexts, &sources)?,
            files: sources,
        };
        let mut stages = Vec::new();
        for (index, (stage, contexts)) in settings.stages.iter().zip(&contexts).enumerate() {
            let Some(definition) = settings.stage.get(stage) else {
                continue;
            };
            let reader = StageReader {
                yaml,
                stage,
                definition,
                contexts,
                classes: &classes,
            };
            stages.push(reader.read(&templates, index)?);
        }
        check_outline(&templates, QUERY, vocabulary::OUTLINE)?;
        check_outline(&templates, CORRELATION, vocabulary::CORRELATION)?;
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

fn read_settings(yaml: &Source) -> Result<LanguageSettings> {
    // Structures overwrite the value of a key that comes twice; the plain tree refuses it.
    let read =
        serde_yaml::from_str::<serde_yaml::Value>(&yaml.text).and_then(|_| serde_yaml::from_str(&yaml.text));
    read.map_err(|error| {
        let range = error.location().map_or(0..0, |location| {
            let start = location.index().min(yaml.text.len());
            start..start
        });
        let text = error.to_string();
        let title = text.split(" at line ").next().unwrap_or(&text);
        let doubled = title
            .split_once("duplicate entry with key \"")
            .and_then(|(_, key)| key.strip_suffix('"'));
        let range = doubled
            .and_then(|key| second_key(yaml, key, range.start))
            .unwrap_or(range);
        invalid(yaml, &range, title)
    })
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

/// A fault in a value of `language.yaml`, at the key of a path.
fn at_key(yaml: &Source, path: &[&str], title: impl Into<String>) -> Box<Diagnostic> {
    let mut position = 0;
    let mut range = 0..0;
    for key in path {
        let rest = yaml.text.get(position..).unwrap_or_default();
        let found = rest.match_indices(*key).find(|(offset, _)| {
            let before = rest.get(..*offset).unwrap_or_default().chars().next_back();
            let after = rest.get(offset + key.len()..).unwrap_or_default();
            let begins = before.is_none_or(|character| !character.is_alphanumeric() && character != '_');
            begins && after.trim_start_matches(['"', '\'']).starts_with(':')
        });
        let Some((offset, _)) = found else { break };
        range = position + offset..position + offset + key.len();
        position = range.end;
    }
    invalid(yaml, &range, title)
}

/// The templates: one for each stage in order, then the outline, then correlations if there are any.
fn order_files(
    name: &str,
    settings: &LanguageSettings,
    files: &[(&str, Arc<Source>)],
    yaml: &Source,
) -> Result<Vec<(String, Arc<Source>)>> {
    let mut ordered = Vec::new();
    for stage in &settings.stages {
        if stage == QUERY || stage == CORRELATION {
            return Err(at_key(
                yaml,
                &["stages"],
                format!("a stage cannot be called `{stage}`"),
            ));
        }
        if settings.stages.iter().filter(|other| *other == stage).count() > 1 {
            return Err(at_key(yaml, &["stages"], format!("stage `{stage}` twice")));
        }
    }
    for wanted in settings.stages.iter().map(String::as_str).chain([QUERY]) {
        let file = format!("{wanted}.j2");
        let Some((_, source)) = files.iter().find(|(given, _)| *given == file) else {
            return Err(at_key(
                yaml,
                &["stages"],
                format!("language {name} has no {file}"),
            ));
        };
        ordered.push((wanted.to_owned(), Arc::clone(source)));
    }
    for (file, source) in files {
        let Some(stem) = file.strip_suffix(".j2") else {
            continue;
        };
        if stem == CORRELATION {
            ordered.push((CORRELATION.to_owned(), Arc::clone(source)));
        } else if !ordered.iter().any(|(known, _)| known == stem) {
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
        return Err(at_key(
            yaml,
            &["stage", unused],
            format!("stage `{unused}` is not named in `stages`"),
        ));
    }
    Ok(ordered)
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

fn check_outline(templates: &Templates, file: &str, names: &'static [&'static str]) -> Result<()> {
    let Some((_, source)) = templates.files.iter().find(|(name, _)| name == file) else {
        return Ok(());
    };
    let found = scanned(source, |name| names.contains(&name), names)?;
    for one in found.iter().filter(|one| !one.name.starts_with('_')) {
        if one.parameters.len() != 1 {
            return Err(invalid(
                source,
                &one.name_span,
                format!("macro `{}` takes one parameter", one.name),
            ));
        }
    }
    if file == QUERY
        && let Some(missing) = ["base", "query"]
            .iter()
            .find(|name| !found.iter().any(|one| one.name == **name))
    {
        return Err(invalid(source, &(0..0), format!("macro `{missing}` is missing")));
    }
    Ok(())
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

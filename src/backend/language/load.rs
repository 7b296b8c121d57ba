//! Loading a language: reading `language.yaml`, checking every template against the vocabulary, finding plain macros.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use regex::Regex;

use super::context::{Context, ContextId, Contexts};
use super::scan::{self, Fault, ScannedMacro};
use super::session::{self, FUEL, Templates, span};
use super::settings::{ContextSettings, LanguageSettings, StageSettings};
use super::stage::{Identifier, NoteRule, Parens, Stage};
use super::steps::Step;
use super::vocabulary::{self, Slot};
use super::{Kind, Language, Macro, Parameter, pieces};
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
        Ok(Self {
            name: name.to_owned(),
            stages,
            classes: settings.types,
            notes: settings.notes,
            templates,
        })
    }
}

fn read_settings(yaml: &Source) -> Result<LanguageSettings> {
    serde_yaml::from_str(&yaml.text).map_err(|error| {
        let range = error.location().map_or(0..0, |location| {
            let start = location.index().min(yaml.text.len());
            start..start
        });
        let text = error.to_string();
        let title = text.split(" at line ").next().unwrap_or(&text);
        invalid(yaml, &range, title)
    })
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

fn build_contexts(yaml: &Source, stage: &str, definition: &StageSettings) -> Result<Contexts> {
    let names: Vec<&String> = definition.contexts.keys().collect();
    let mut list = Vec::new();
    for (name, settings) in &definition.contexts {
        let fault = |text: String| {
            at_key(
                yaml,
                &["stage", stage, "contexts", name],
                format!("context `{name}`: {text}"),
            )
        };
        if slot(name).is_some() || vocabulary::RESERVED.contains(&name.as_str()) {
            return Err(fault(
                "the name has a meaning of its own as a parameter".to_owned(),
            ));
        }
        let inside = match &settings.inside {
            None => None,
            Some(wanted) => Some(
                names
                    .iter()
                    .position(|known| *known == wanted)
                    .ok_or_else(|| fault(format!("no context `{wanted}`")))?,
            ),
        };
        list.push(build_context(name, settings, inside).map_err(fault)?);
    }
    for context in &list {
        let mut next = context.inside;
        let mut steps = 0;
        while let Some(index) = next {
            steps += 1;
            if steps > list.len() {
                let title = format!("context `{}` stands inside itself", context.name);
                return Err(at_key(yaml, &["stage", stage, "contexts", &context.name], title));
            }
            next = list.get(index).and_then(|enclosing| enclosing.inside);
        }
    }
    Ok(Contexts {
        list,
        check_shapes: true,
    })
}

fn build_context(
    name: &str,
    settings: &ContextSettings,
    inside: Option<usize>,
) -> std::result::Result<Context, String> {
    let steps = |steps: &[super::settings::StepSettings]| {
        steps
            .iter()
            .map(Step::build)
            .collect::<std::result::Result<Vec<Step>, String>>()
    };
    Ok(Context {
        name: name.to_owned(),
        literal: steps(&settings.literal)?,
        any_run: settings.any_run.clone(),
        any_one: settings.any_one.clone(),
        outer: steps(&settings.outer)?,
        inside,
        open: settings.open.clone(),
        close: settings.close.clone(),
        regex: settings
            .regex
            .as_ref()
            .map(crate::backend::regex::Dialect::build)
            .transpose()?,
        shape: settings.shape.as_deref().map(whole).transpose()?,
    })
}

/// A regular expression that a text must match as a whole.
fn whole(text: &str) -> std::result::Result<Regex, String> {
    pattern(&format!("\\A(?s:{text})\\z"))
}

fn pattern(text: &str) -> std::result::Result<Regex, String> {
    Regex::new(text).map_err(|error| format!("invalid regular expression: {error}").replace('\n', " "))
}

/// The template environment, with each context as a filter. The contexts of the first stage that has one win.
fn environment(
    stages: &[String],
    contexts: &[Arc<Contexts>],
    sources: &[(String, Arc<Source>)],
) -> Result<Environment<'static>> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(100);
    environment.set_debug(true);
    session::add_functions(&mut environment);
    for (stage, contexts) in stages.iter().zip(contexts).rev() {
        for (index, context) in contexts.list.iter().enumerate() {
            for name in [context.name.clone(), format!("{stage}_{}", context.name)] {
                let contexts = Arc::clone(contexts);
                environment.add_filter(name, move |text: String| {
                    let mut out = String::new();
                    contexts
                        .text(ContextId(index), &text, &mut out)
                        .map(|()| out)
                        .map_err(|refusal| {
                            minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, refusal.reason)
                        })
                });
            }
        }
    }
    for (name, source) in sources {
        if let Some(offset) = pieces::holds_sentinel(&source.text) {
            return Err(invalid(
                source,
                &(offset..offset + 4),
                "a character of the private use plane 15",
            ));
        }
        environment
            .add_template_owned(name.clone(), source.text.clone())
            .map_err(|error| {
                let place = session::error_span(source, &error);
                Box::new(Diagnostic::error(
                    Code::INVALID_LANGUAGE,
                    session::describe(&error),
                    place,
                ))
            })?;
    }
    for (name, source) in sources {
        check_names(&environment, name, source)?;
    }
    Ok(environment)
}

/// Names that nothing defines: the engine would find them only when the macro is called.
fn check_names(environment: &Environment<'static>, name: &str, source: &Source) -> Result<()> {
    let failed = |error: minijinja::Error| {
        let place = session::error_span(source, &error);
        Box::new(Diagnostic::error(
            Code::INVALID_LANGUAGE,
            session::describe(&error),
            place,
        ))
    };
    let template = environment.get_template(name).map_err(failed)?;
    let globals: BTreeSet<String> = environment.globals().map(|(name, _)| name.to_owned()).collect();
    let mut undeclared: Vec<String> = template.undeclared_variables(false).into_iter().collect();
    undeclared.sort();
    if let Some(unknown) = undeclared.iter().find(|name| !globals.contains(*name)) {
        let place = word_range(&source.text, unknown);
        return Err(invalid(source, &place, format!("`{unknown}` is defined nowhere")));
    }
    let mut state = environment.empty_state();
    for scanned in scan::macros(&source.text).map_err(|found| fault(source, found))? {
        for chunk in &scanned.body {
            let (scan::Chunk::Output(range) | scan::Chunk::Tag(range)) = chunk else {
                continue;
            };
            for (filter, place) in scan::filters(&source.text, range) {
                let tried = state.apply_filter(&filter, &[Value::from("")]);
                if tried.is_err_and(|error| error.kind() == minijinja::ErrorKind::UnknownFilter) {
                    return Err(invalid(source, &place, format!("unknown filter `{filter}`")));
                }
            }
        }
    }
    Ok(())
}

fn word_range(text: &str, word: &str) -> std::ops::Range<usize> {
    let inside = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word)
        .find(|(offset, _)| {
            !inside(text.get(..*offset).unwrap_or_default().chars().next_back())
                && !inside(text.get(offset + word.len()..).unwrap_or_default().chars().next())
        })
        .map_or(0..0, |(offset, _)| offset..offset + word.len())
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

struct StageReader<'a> {
    yaml: &'a Source,
    stage: &'a str,
    definition: &'a StageSettings,
    contexts: &'a Contexts,
    classes: &'a BTreeSet<String>,
}

impl StageReader<'_> {
    fn read(&self, templates: &Templates, index: usize) -> Result<Stage> {
        let macros = self.macros(templates, index)?;
        let by_name: HashMap<String, usize> = macros
            .iter()
            .enumerate()
            .map(|(index, one)| (one.name.clone(), index))
            .collect();
        let unless = self.unless()?;
        self.check_absent()?;
        Ok(Stage {
            name: self.stage.to_owned(),
            parens: Parens(self.definition.parens.clone()),
            list_separator: self.definition.list_separator.clone(),
            identifier: self.identifier()?,
            notes: self.notes()?,
            kleene: self.definition.kleene,
            max_list: self.definition.max_list,
            max_chain: self.definition.max_chain,
            contexts: self.contexts.clone(),
            macros,
            by_name,
            unless,
            absent: self.definition.absent.clone(),
            empty_is_absent: self.empty_is_absent()?,
            operators: self.definition.operators.clone(),
        })
    }

    fn fault(&self, path: &[&str], title: impl Into<String>) -> Box<Diagnostic> {
        let whole: Vec<&str> = ["stage", self.stage]
            .into_iter()
            .chain(path.iter().copied())
            .collect();
        at_key(self.yaml, &whole, title)
    }

    fn check_form(&self, path: &[&str], name: &str) -> Result<()> {
        if vocabulary::read(name, self.classes).is_some() {
            return Ok(());
        }
        Err(self.fault(path, format!("no construct is called `{name}`")))
    }

    fn check_class(&self, path: &[&str], class: &str) -> Result<()> {
        if self.classes.contains(class) {
            return Ok(());
        }
        Err(self.fault(path, format!("no type has the class `{class}`")))
    }

    fn unless(&self) -> Result<BTreeMap<String, Regex>> {
        let mut rules = BTreeMap::new();
        for (name, text) in &self.definition.unless {
            self.check_form(&["unless", name], name)?;
            let rule = pattern(text).map_err(|error| self.fault(&["unless", name], error))?;
            rules.insert(name.clone(), rule);
        }
        Ok(rules)
    }

    fn check_absent(&self) -> Result<()> {
        for (class, forms) in &self.definition.absent {
            if class != "*" {
                self.check_class(&["absent", class], class)?;
            }
            for form in forms.keys().filter(|form| *form != "*") {
                self.check_form(&["absent", class, form], form)?;
            }
        }
        Ok(())
    }

    fn empty_is_absent(&self) -> Result<Option<(BTreeSet<String>, String)>> {
        let Some(settings) = &self.definition.empty_is_absent else {
            return Ok(None);
        };
        for class in &settings.classes {
            self.check_class(&["empty_is_absent"], class)?;
        }
        Ok(Some((
            settings.classes.iter().cloned().collect(),
            settings.code.clone(),
        )))
    }

    fn identifier(&self) -> Result<Identifier> {
        let settings = &self.definition.identifier;
        let path = ["identifier"];
        let context = self
            .contexts
            .find(&settings.context)
            .ok_or_else(|| self.fault(&path, format!("no context `{}`", settings.context)))?;
        if settings.split.as_deref() == Some("") {
            return Err(self.fault(&["identifier", "split"], "`split` is empty"));
        }
        Ok(Identifier {
            plain: whole(&settings.plain).map_err(|error| self.fault(&["identifier", "plain"], error))?,
            reserved: settings.reserved.iter().cloned().collect(),
            context,
            split: settings.split.clone(),
        })
    }

    fn notes(&self) -> Result<Vec<NoteRule>> {
        let mut rules = Vec::new();
        for settings in &self.definition.notes {
            let path = ["notes"];
            let construct = settings.macro_name.as_ref().or(settings.test.as_ref());
            if let Some(name) = construct {
                self.check_form(&path, name)?;
            }
            if let Some(class) = &settings.class {
                self.check_class(&path, class)?;
            }
            let when = settings.when.as_deref().map(pattern).transpose();
            rules.push(NoteRule {
                code: settings.code.clone(),
                text: settings.text.clone(),
                effect: settings.effect,
                construct: construct.cloned(),
                class: settings.class.clone(),
                when: when.map_err(|error| self.fault(&path, error))?,
            });
        }
        Ok(rules)
    }

    /// The kinds that the language gives to macros, by full name or by form.
    fn kinds(&self) -> Result<BTreeMap<&str, Kind>> {
        let mut kinds = BTreeMap::new();
        for (kind, names) in &self.definition.kinds {
            for name in names {
                self.check_form(&["kinds"], name)?;
                if kinds.insert(name.as_str(), *kind).is_some() {
                    return Err(self.fault(&["kinds"], format!("`{name}` has two kinds")));
                }
            }
        }
        Ok(kinds)
    }

    fn macros(&self, templates: &Templates, index: usize) -> Result<Vec<Macro>> {
        let kinds = self.kinds()?;
        let Some((file, source)) = templates.files.get(index) else {
            return Ok(Vec::new());
        };
        let names: Vec<&str> = vocabulary::names().collect();
        let found = scanned(
            source,
            |name| vocabulary::read(name, self.classes).is_some(),
            &names,
        )?;
        let failed = |error: minijinja::Error| {
            let place = session::error_span(source, &error);
            Box::new(Diagnostic::error(
                Code::INVALID_LANGUAGE,
                session::describe(&error),
                place,
            ))
        };
        let mut captured = session::capture(templates, file).map_err(failed)?;
        let mut macros = Vec::new();
        for one in &found {
            let Some(name) = vocabulary::read(&one.name, self.classes) else {
                continue;
            };
            let parameters = self.parameters(source, one, name.slots)?;
            let lists: Vec<bool> = parameters
                .iter()
                .map(|parameter| *parameter == Parameter::Items)
                .collect();
            let kind = [one.name.as_str(), &name.form, &name.plain]
                .iter()
                .find_map(|key| kinds.get(*key));
            let pieces = pieces::outputs(&source.text, one, &lists).and_then(|outputs| {
                let probes = pieces::probes(&lists);
                let text = captured
                    .with_state_mut(|state| state.call_macro(&one.name, &probes))
                    .ok()?;
                pieces::cut(&text, &outputs)
            });
            macros.push(Macro {
                name: one.name.clone(),
                kind: kind.copied().unwrap_or(name.kind),
                parameters,
                form: name.plain,
                pieces,
                template: index,
            });
        }
        Ok(macros)
    }

    /// The parameters of a macro, held against what its construct gives.
    fn parameters(&self, source: &Source, one: &ScannedMacro, slots: &[Slot]) -> Result<Vec<Parameter>> {
        let mut parameters = Vec::new();
        let mut given = Vec::new();
        for (name, place) in &one.parameters {
            let plural = || {
                name.strip_suffix('s')
                    .and_then(|singular| self.contexts.find(singular))
            };
            let (slot, parameter) = if let Some(found) = slot(name) {
                found
            } else if let Some(context) = self.contexts.find(name) {
                (Slot::Value, Parameter::Context(context))
            } else if let Some(context) = plural() {
                (Slot::Values, Parameter::Contexts(context))
            } else {
                return Err(invalid(
                    source,
                    place,
                    format!("`{name}` is no slot and no context of the stage"),
                ));
            };
            given.push(slot);
            parameters.push(parameter);
        }
        // A value may be asked for in several contexts.
        given.dedup_by(|next, before| next == before && matches!(next, Slot::Value | Slot::Values));
        let wanted: Vec<Slot> = slots
            .iter()
            .copied()
            .filter(|slot| *slot != Slot::OptionalValue)
            .collect();
        let with_optional: Vec<Slot> = slots
            .iter()
            .map(|slot| {
                if *slot == Slot::OptionalValue {
                    Slot::Value
                } else {
                    *slot
                }
            })
            .collect();
        if given != wanted && given != with_optional {
            let title = format!("macro `{}` takes {}", one.name, vocabulary::signature(slots));
            return Err(invalid(source, &one.name_span, title));
        }
        Ok(parameters)
    }
}

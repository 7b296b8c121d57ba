//! Reading one stage: its macros against the vocabulary, and each name in its part of `language.yaml`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::environment::{pattern, whole};
use super::{Yaml, invalid, scanned, slot};
use crate::backend::language::context::Contexts;
use crate::backend::language::scan::ScannedMacro;
use crate::backend::language::session::{self, Templates};
use crate::backend::language::settings::StageSettings;
use crate::backend::language::stage::{Identifier, Names, NoteRule, Parens, Stage, Unless};
use crate::backend::language::vocabulary::{self, Slot};
use crate::backend::language::{Kind, Macro, Parameter, Policy, pieces};
use crate::diagnostic::{Code, Diagnostic, Result, Source};

/// What a stage is read from.
pub(super) struct StageReader<'a> {
    pub(super) yaml: &'a Yaml,
    pub(super) stage: &'a str,
    pub(super) definition: &'a StageSettings,
    pub(super) contexts: &'a Contexts,
    pub(super) classes: &'a BTreeSet<String>,
    /// Texts of notes by code, which stand before those in the stage's own list.
    pub(super) note_texts: &'a BTreeMap<String, String>,
}

impl StageReader<'_> {
    /// Reads the stage from its templates, of which a later one's macros take the place of an earlier one's.
    pub(super) fn read(&self, templates: &Templates, files: &[usize]) -> Result<Stage> {
        let mut macros: Vec<Macro> = Vec::new();
        for index in files {
            for one in self.macros(templates, *index)? {
                match macros.iter_mut().find(|known| known.name == one.name) {
                    Some(known) => *known = one,
                    None => macros.push(one),
                }
            }
        }
        let unless = self.unless()?;
        for one in &mut macros {
            one.unless = unless.get(&one.name).or_else(|| unless.get(&one.form)).cloned();
        }
        let by_name: Names<usize> = macros
            .iter()
            .enumerate()
            .map(|(index, one)| (one.name.clone(), index))
            .collect();
        let by_class = self.by_class(&macros);
        self.check_absent()?;
        let mut stage = Stage {
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
            by_class,
            patterns_two_valued: BTreeSet::new(),
            absent: self.definition.absent.clone(),
            empty_is_absent: self.empty_is_absent()?,
            operators: self.definition.operators.clone(),
        };
        let two_valued = |class: &&String| {
            vocabulary::PATTERN_FORMS
                .iter()
                .all(|form| stage.policy(class, form) == Policy::TwoValued)
        };
        stage.patterns_two_valued = self.classes.iter().filter(two_valued).cloned().collect();
        Ok(stage)
    }

    fn fault(&self, path: &[&str], title: impl Into<String>) -> Box<Diagnostic> {
        let whole: Vec<&str> = ["stage", self.stage]
            .into_iter()
            .chain(path.iter().copied())
            .collect();
        self.yaml.at_key(&whole, title)
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

    fn by_class(&self, macros: &[Macro]) -> Names<Names<usize>> {
        let of_class = |class: &String| {
            let forms = macros.iter().enumerate().filter_map(|(index, one)| {
                let form = one.name.strip_suffix(class.as_str())?.strip_suffix('_')?;
                Some((form.to_owned(), index))
            });
            (class.clone(), forms.collect())
        };
        self.classes.iter().map(of_class).collect()
    }

    fn unless(&self) -> Result<BTreeMap<String, Arc<Unless>>> {
        let mut rules = BTreeMap::new();
        for (name, text) in &self.definition.unless {
            self.check_form(&["unless", name], name)?;
            let rule = pattern(text).map_err(|error| self.fault(&["unless", name], error))?;
            rules.insert(name.clone(), Arc::new(Unless::new(rule)));
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
                text: self
                    .note_texts
                    .get(&settings.code)
                    .unwrap_or(&settings.text)
                    .clone(),
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
                unless: None,
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

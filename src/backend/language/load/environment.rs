//! Building the contexts of a stage and the template environment, where each context is a filter.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use regex::Regex;

use super::{Yaml, fault, invalid, slot};
use crate::backend::language::context::{Context, ContextId, Contexts};
use crate::backend::language::session::{self, TANK};
use crate::backend::language::settings::{ContextSettings, StageSettings, StepSettings};
use crate::backend::language::steps::Step;
use crate::backend::language::words::Words;
use crate::backend::language::{pieces, scan, vocabulary};
use crate::backend::regex::Dialect;
use crate::diagnostic::{Code, Diagnostic, Result, Source};

pub(super) fn build_contexts(yaml: &Yaml, stage: &str, definition: &StageSettings) -> Result<Contexts> {
    let names: Vec<&String> = definition.contexts.keys().collect();
    let mut list = Vec::new();
    for (name, settings) in &definition.contexts {
        let fault = |text: String| {
            yaml.at_key(
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
                return Err(yaml.at_key(&["stage", stage, "contexts", &context.name], title));
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
    let steps = |steps: &[StepSettings]| {
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
        words: settings.words.as_ref().map(Words::build).transpose()?,
        max_length: settings.max_length,
        open: settings.open.clone(),
        close: settings.close.clone(),
        regex: settings.regex.as_ref().map(Dialect::build).transpose()?,
        shape: settings.shape.as_deref().map(whole).transpose()?,
    })
}

/// A regular expression that a text must match as a whole.
pub(in crate::backend::language) fn whole(text: &str) -> std::result::Result<Regex, String> {
    pattern(&format!("\\A(?s:{text})\\z"))
}

pub(super) fn pattern(text: &str) -> std::result::Result<Regex, String> {
    Regex::new(text).map_err(|error| format!("invalid regular expression: {error}").replace('\n', " "))
}

/// The template environment, with each context as a filter. The contexts of the first stage that has one win.
pub(super) fn environment(
    stages: &[String],
    contexts: &[Arc<Contexts>],
    sources: &[(String, Arc<Source>)],
) -> Result<Environment<'static>> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(TANK));
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
    Ok(environment)
}

/// Names that nothing defines: the engine would find them only when the macro is called.
pub(super) fn check_names(environment: &Environment<'static>, name: &str, source: &Source) -> Result<()> {
    let failed = |error: minijinja::Error| {
        let place = session::error_span(source, &error);
        Box::new(Diagnostic::error(
            Code::INVALID_LANGUAGE,
            session::describe(&error),
            place,
        ))
    };
    let template = environment.get_template(name).map_err(failed)?;
    let macros = scan::macros(&source.text).map_err(|found| fault(source, found))?;
    let mut known: BTreeSet<&str> = environment.globals().map(|(name, _)| name).collect();
    known.extend(macros.iter().map(|one| one.name.as_str()));
    let mut undeclared: Vec<String> = template.undeclared_variables(false).into_iter().collect();
    undeclared.sort();
    if let Some(unknown) = undeclared.iter().find(|name| !known.contains(name.as_str())) {
        let place = word_range(&source.text, unknown);
        return Err(invalid(source, &place, format!("`{unknown}` is defined nowhere")));
    }
    let mut state = environment.empty_state();
    for one in &macros {
        for chunk in &one.body {
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

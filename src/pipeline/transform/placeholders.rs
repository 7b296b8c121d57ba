//! `value_placeholders` and `wildcard_placeholders`: resolve the placeholders of values.

use super::{Kind, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::normalize::{Link, Pending, PendingPart, Replacement, Value, resolve_placeholders};
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;

use crate::pipeline::subject::{Change, Subject};
use crate::rule::Spanned;

pub(super) const VALUES: Kind = Kind {
    name: "value_placeholders",
    summary: "Puts the values of the pipeline's variables in for placeholders.",
    keys: &["include", "exclude"],
    read: |keys, diagnostics| read(keys, Source::Variables, diagnostics),
};

pub(super) const WILDCARDS: Kind = Kind {
    name: "wildcard_placeholders",
    summary: "Puts a wildcard in for placeholders.",
    keys: &["include", "exclude"],
    read: |keys, diagnostics| read(keys, Source::Wildcard, diagnostics),
};

#[derive(Debug)]
struct Placeholders {
    include: Option<Vec<String>>,
    exclude: Vec<String>,
    source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Variables,
    Wildcard,
}

fn read(keys: &Keys<'_>, source: Source, diagnostics: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    let mut names = |key| {
        let texts = keys.texts(key, diagnostics)?;
        Some(texts.into_iter().map(|text| text.value).collect::<Vec<_>>())
    };
    let (include, exclude) = (names("include"), names("exclude"));
    if include.is_some() && exclude.is_some() {
        keys.fault(
            "`include` and `exclude` exclude each other",
            keys.span,
            diagnostics,
        );
    }
    Some(Box::new(Placeholders {
        include,
        exclude: exclude.unwrap_or_default(),
        source,
    }))
}

impl Placeholders {
    fn handles(&self, name: &str) -> bool {
        match &self.include {
            Some(include) => include.iter().any(|other| other == name),
            None => !self.exclude.iter().any(|other| other == name),
        }
    }
}

impl Transformation for Placeholders {
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, diagnostics: &mut Diagnostics) {
        let pipelines = subject.pipelines;
        let variable = |name: &str| {
            // As in pySigma, a later pipeline's variable replaces that of an earlier one.
            pipelines
                .iter()
                .rev()
                .find_map(|pipeline| pipeline.variables.get(name))
                .cloned()
        };
        let lookup = |name: &str| match self.source {
            _ if !self.handles(name) => None,
            Source::Wildcard => Some(vec![Replacement::AnyRun]),
            Source::Variables => variable(name),
        };
        subject.items(step, false, diagnostics, &mut |item, diagnostics| {
            let pending = |value: &Spanned<Value>| matches!(value.value, Value::Pending(_));
            if !item.values.iter().any(pending) {
                return Change::None;
            }
            let mut changed = false;
            let mut values = Vec::with_capacity(item.values.len());
            for value in std::mem::take(&mut item.values) {
                let Value::Pending(pending) = &value.value else {
                    values.push(value);
                    continue;
                };
                if !self.handles_any(pending) {
                    values.push(value);
                    continue;
                }
                if let Some(name) = self.unknown(pending, &|name| variable(name).is_some()) {
                    diagnostics.push(no_variable(name, value.span, step));
                    values.push(value);
                    continue;
                }
                changed = true;
                match resolve_placeholders(pending, &lookup, value.span, diagnostics) {
                    Some(resolved) => add(resolved, value.span, item.link, &mut values),
                    None => values.push(value),
                }
            }
            item.values = values;
            if changed { Change::Changed } else { Change::None }
        });
    }
}

impl Placeholders {
    fn handles_any(&self, pending: &Pending) -> bool {
        names(pending).any(|name| self.handles(name))
    }

    /// The first placeholder that is to be taken from a variable which does not exist.
    fn unknown<'pending>(
        &self,
        pending: &'pending Pending,
        exists: &dyn Fn(&str) -> bool,
    ) -> Option<&'pending str> {
        names(pending).find(|name| self.source == Source::Variables && self.handles(name) && !exists(name))
    }
}

fn names(pending: &Pending) -> impl Iterator<Item = &str> {
    pending.parts.iter().filter_map(|part| match part {
        PendingPart::Placeholder(name) => Some(name.as_str()),
        PendingPart::Literal(_) | PendingPart::AnyOne | PendingPart::AnyRun => None,
    })
}

fn no_variable(name: &str, span: Span, step: &Step) -> Diagnostic {
    let title = format!("no pipeline has the variable `{name}`");
    Diagnostic::error(Code::UNRESOLVED_PLACEHOLDER, title, span)
        .with_label(step.span, format!("asked for by `{}`", step.id))
        .with_help(format!("add `{name}` to `vars`, or leave it out by `exclude`"))
}

/// Adds the values that one has become. Under `all` they stay alternatives of one another.
fn add(mut resolved: Vec<Value>, span: Span, link: Link, values: &mut Vec<Spanned<Value>>) {
    if link == Link::All && resolved.len() > 1 {
        resolved = vec![Value::Alternatives(resolved)];
    }
    values.extend(resolved.into_iter().map(|value| Spanned { value, span }));
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::normalize::pattern;
    use crate::normalize::{Pending, PendingPart, Value};
    use crate::pipeline::transform::testing::{Case, items, with_values};

    fn pending(name: &str) -> Value {
        Value::Pending(Pending {
            parts: vec![
                PendingPart::Literal("a".to_owned()),
                PendingPart::Placeholder(name.to_owned()),
            ],
            modifiers: Vec::new(),
            keyword: false,
        })
    }

    #[test]
    fn variables_and_wildcards_are_put_in() {
        let case = || {
            Case::new(vec![with_values("A", vec![pending("x"), pending("y")])]).variables("{x: [1, '*b']}")
        };
        let mapped = case()
            .run("- {type: value_placeholders, include: [x]}\n- {type: wildcard_placeholders, exclude: [x]}");
        let rule = mapped.rule();
        let values: Vec<Value> = items(&rule.detections[0].body)[0]
            .values
            .iter()
            .map(|value| value.value.clone())
            .collect();
        let expected: Vec<Value> = ["a1", "a*b", "a*"]
            .map(|text| Value::Pattern(pattern::read(text)))
            .into();
        assert_eq!(values, expected);
        assert_eq!(
            case().run("- {type: value_placeholders}").codes()[0],
            Code::UNRESOLVED_PLACEHOLDER
        );
        assert_eq!(
            case().run("- {type: value_placeholders, include: [x]}").codes(),
            [Code::UNRESOLVED_PLACEHOLDER]
        );
    }
}

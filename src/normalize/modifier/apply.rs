//! Applies a compiled chain to a value.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Result, Span};
use crate::normalize::{Pattern, Value};
use crate::source::TextPlaces;

use super::{Chain, Input, Plan, Step, StepKind, dash, encoding, network, number, reference, regex, time};

/// Greatest number of alternatives that one value may expand to.
pub(in crate::normalize) const MAX_ALTERNATIVES: usize = 1_000;

/// Applies a chain to a value; warnings are pushed. `places` says where the parts of the value's text stand.
///
/// # Errors
/// If the chain cannot take the value.
pub(in crate::normalize) fn apply(
    chain: &Chain,
    input: &Input<'_>,
    span: Span,
    places: Option<&TextPlaces>,
    diagnostics: &mut Diagnostics,
) -> Result<Value> {
    match &chain.plan {
        Plan::Plain => plain(chain, input, span),
        Plan::Text(steps) => {
            let mut patterns = vec![input.pattern().ok_or_else(|| {
                cannot_take(
                    steps.first().map_or("a string", |step| step.kind.title()),
                    input,
                    span,
                    "write the value as text, in quotes",
                )
            })?];
            for step in steps {
                patterns = self::step(step, patterns, span)?;
            }
            Ok(strings(chain, patterns))
        }
        Plan::Regex(flags, anchors) => regex::apply(*flags, *anchors, input, span, places),
        Plan::Network => network::apply(input, span),
        Plan::Compare(operator) => number::read("a comparison", input, span, diagnostics)
            .map(|number| Value::Compare(*operator, number)),
        Plan::Time(part, operator) => time::apply(*part, *operator, input, span, diagnostics),
        Plan::Exists => exists(input, span, diagnostics),
        Plan::FieldReference(relation) => reference::apply(*relation, chain.cased, input, span),
    }
}

fn plain(chain: &Chain, input: &Input<'_>, span: Span) -> Result<Value> {
    if chain.keyword {
        let pattern = match input {
            Input::Bool(value) => Some(Pattern::literal(if *value { "true" } else { "false" })),
            Input::Raw(_) | Input::Resolved(_) | Input::Number(_) | Input::Null => input.pattern(),
        };
        return match pattern {
            Some(pattern) => Ok(strings(chain, vec![pattern])),
            None => Err(Box::new(
                Diagnostic::error(Code::INVALID_VALUE, "keyword that is null", span)
                    .with_help("write the text to look for, or a field before the value"),
            )),
        };
    }
    Ok(match input {
        Input::Number(number) => Value::Number(number.as_ref().clone()),
        Input::Bool(value) => Value::Bool(*value),
        Input::Null if chain.cased => {
            return Err(cannot_take(
                "`cased`",
                input,
                span,
                "write the value as text, in quotes",
            ));
        }
        Input::Null => Value::Null,
        Input::Raw(_) | Input::Resolved(_) => strings(chain, vec![input.pattern().unwrap_or_default()]),
    })
}

fn step(step: &Step, mut patterns: Vec<Pattern>, span: Span) -> Result<Vec<Pattern>> {
    match step.kind {
        StepKind::Contains | StepKind::StartsWith | StepKind::EndsWith => {
            for pattern in &mut patterns {
                if step.kind != StepKind::StartsWith {
                    pattern.open_start();
                }
                if step.kind != StepKind::EndsWith {
                    pattern.open_end();
                }
            }
            Ok(patterns)
        }
        StepKind::WindowsDash => dash::apply(&patterns, span),
        // An encoding in UTF-16 has become part of the step after it.
        StepKind::Utf16Le
        | StepKind::Utf16Be
        | StepKind::Utf16
        | StepKind::Base64
        | StepKind::Base64Offset => encoding::apply(step, &patterns, span),
    }
}

/// Finished strings as a value; keywords are substrings.
fn strings(chain: &Chain, patterns: Vec<Pattern>) -> Value {
    let mut values: Vec<Value> = patterns
        .into_iter()
        .map(|mut pattern| {
            if chain.keyword {
                pattern.open_start();
                pattern.open_end();
            }
            Value::Pattern(pattern.with_case(chain.cased))
        })
        .collect();
    match values.pop() {
        Some(only) if values.is_empty() => only,
        last => {
            values.extend(last);
            Value::Alternatives(values)
        }
    }
}

fn exists(input: &Input<'_>, span: Span, diagnostics: &mut Diagnostics) -> Result<Value> {
    let word = match input {
        Input::Bool(value) => return Ok(Value::Exists(*value)),
        Input::Raw(_) | Input::Resolved(_) => input.text(),
        Input::Number(_) | Input::Null => None,
    };
    let value = match word.map(str::to_ascii_lowercase).as_deref() {
        Some("yes" | "true" | "on") => true,
        Some("no" | "false" | "off") => false,
        _ => {
            return Err(cannot_take("`exists`", input, span, "write `true` or `false`"));
        }
    };
    diagnostics.push(
        Diagnostic::warning(
            Code::WORD_AS_BOOLEAN,
            format!("text that stands for `{value}`"),
            span,
        )
        .with_help(format!("write `{value}`, without quotes")),
    );
    Ok(Value::Exists(value))
}

/// The error of a value that a modifier cannot take.
pub(super) fn cannot_take(subject: &str, input: &Input<'_>, span: Span, help: &str) -> Box<Diagnostic> {
    let help = match input {
        Input::Null => format!("{help}; an absent field is found by `field: null`, without modifiers"),
        Input::Raw(_) | Input::Resolved(_) | Input::Number(_) | Input::Bool(_) => help.to_owned(),
    };
    let title = format!("{subject} cannot take {}", input.describe());
    Box::new(Diagnostic::error(Code::INVALID_MODIFIER_VALUE, title, span).with_help(help))
}

/// The error of a value that expands too far.
pub(in crate::normalize) fn too_many(span: Span) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(
            Code::TOO_MANY_ALTERNATIVES,
            format!("value that expands to more than {MAX_ALTERNATIVES} alternatives"),
            span,
        )
        .with_help("split the value into shorter ones"),
    )
}

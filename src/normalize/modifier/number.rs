//! `lt`, `lte`, `gt`, `gte`, and numbers that are written as text.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Result, Span};
use crate::rule::{Modifier, Operator, Spanned};
use crate::source::Number;

use super::apply::cannot_take;
use super::{Input, Plan, cannot_follow};

pub(super) fn next(
    operator: Operator,
    plan: Plan,
    modifier: &Spanned<Modifier>,
    before: &[Modifier],
) -> Result<Plan> {
    match plan {
        Plan::Plain => Ok(Plan::Compare(operator)),
        Plan::Time(part, Operator::Equal) => Ok(Plan::Time(part, operator)),
        Plan::Text(_)
        | Plan::Regex(..)
        | Plan::Network
        | Plan::Compare(_)
        | Plan::Time(..)
        | Plan::Exists
        | Plan::FieldReference(_) => Err(cannot_follow(
            modifier,
            before,
            &[
                Modifier::Minute,
                Modifier::Hour,
                Modifier::Day,
                Modifier::Week,
                Modifier::Month,
                Modifier::Year,
            ],
        )),
    }
}

/// The number of a value; one that is written as text is taken with a warning.
pub(super) fn read(
    subject: &str,
    input: &Input<'_>,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Result<Number> {
    let number = match input {
        Input::Number(number) => Some(number.as_ref().clone()),
        Input::Raw(_) | Input::Resolved(_) => input.text().and_then(parse),
        Input::Bool(_) | Input::Null => None,
    };
    let Some(number) = number.filter(|number| number.float.is_finite()) else {
        return Err(cannot_take(subject, input, span, "write a number"));
    };
    if matches!(input, Input::Raw(_)) {
        diagnostics.push(
            Diagnostic::warning(Code::QUOTED_NUMBER, "number that is written as text", span)
                .with_help(format!("write {} without quotes", number.text)),
        );
    }
    Ok(number)
}

/// A decimal number, as the core schema of YAML has it.
fn parse(text: &str) -> Option<Number> {
    let plain = !text.is_empty()
        && text
            .chars()
            .all(|next| next.is_ascii_digit() || matches!(next, '+' | '-' | '.' | 'e' | 'E'));
    if !plain {
        return None;
    }
    Some(Number {
        text: text.to_owned(),
        integer: text.parse().ok(),
        float: text.parse().ok()?,
    })
}

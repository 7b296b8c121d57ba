//! `minute` … `year`: a part of a timestamp, then equality or a comparison.

use std::ops::RangeInclusive;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Result, Span};
use crate::normalize::{TimePart, Value};
use crate::rule::{Modifier, Operator, Spanned};

use super::{Input, Plan, number, only_first};

pub(super) fn next(
    part: TimePart,
    plan: Plan,
    modifier: &Spanned<Modifier>,
    before: &[Modifier],
) -> Result<Plan> {
    only_first(plan, Plan::Time(part, Operator::Equal), modifier, before)
}

/// A part of a timestamp is a whole number; equality asks for one that exists.
pub(super) fn apply(
    part: TimePart,
    operator: Operator,
    input: &Input<'_>,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Result<Value> {
    let number = number::read("a part of a timestamp", input, span, diagnostics)?;
    let range = range(part);
    let fits = match operator {
        Operator::Equal => number.integer.is_some_and(|value| range.contains(&value)),
        Operator::NotEqual
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual => true,
    };
    if fits {
        return Ok(Value::TimePart(part, operator, number));
    }
    Err(Box::new(
        Diagnostic::error(
            Code::INVALID_MODIFIER_VALUE,
            format!("no timestamp has {} here", number.text),
            span,
        )
        .with_help(format!(
            "write a whole number from {} to {}",
            range.start(),
            range.end()
        )),
    ))
}

fn range(part: TimePart) -> RangeInclusive<i128> {
    match part {
        TimePart::Minute => 0..=59,
        TimePart::Hour => 0..=23,
        TimePart::Day => 1..=31,
        TimePart::Week => 1..=53,
        TimePart::Month => 1..=12,
        TimePart::Year => 0..=9999,
    }
}

//! `fieldref`: the value names a field; `contains` and the like may come before or after.

use crate::diagnostic::{Result, Span};
use crate::normalize::{Column, FieldReference, Relation, Value};
use crate::rule::{Modifier, Spanned};

use super::apply::cannot_take;
use super::{Input, Plan, StepKind, cannot_follow, string};

pub(super) fn next(plan: Plan, modifier: &Spanned<Modifier>, before: &[Modifier]) -> Result<Plan> {
    let kind = match plan {
        Plan::Plain => return Ok(Plan::FieldReference(Relation::Equals)),
        Plan::Text(steps) => match steps.as_slice() {
            [step] => Some(step.kind),
            _ => None,
        },
        Plan::Regex(..)
        | Plan::Network
        | Plan::Compare(_)
        | Plan::Time(..)
        | Plan::Exists
        | Plan::FieldReference(_) => None,
    };
    match kind {
        Some(kind @ (StepKind::Contains | StepKind::StartsWith | StepKind::EndsWith)) => {
            Ok(Plan::FieldReference(string::relation(kind)))
        }
        _ => Err(cannot_follow(
            modifier,
            before,
            &[Modifier::Contains, Modifier::StartsWith, Modifier::EndsWith],
        )),
    }
}

pub(super) fn apply(relation: Relation, cased: bool, input: &Input<'_>, span: Span) -> Result<Value> {
    let name = match input {
        Input::Raw(_) | Input::Resolved(_) => input.text().filter(|name| !name.is_empty()),
        Input::Number(_) | Input::Bool(_) | Input::Null => None,
    };
    let name = name.ok_or_else(|| cannot_take("`fieldref`", input, span, "write the name of a field"))?;
    Ok(Value::FieldReference(FieldReference {
        columns: vec![Column::unknown(name)],
        relation,
        cased,
    }))
}

//! `contains`, `startswith`, `endswith`: of strings, regular expressions and field references.

use crate::diagnostic::Result;
use crate::normalize::Relation;
use crate::rule::{Modifier, Spanned};

use super::{Plan, Step, StepKind, cannot_follow};

pub(super) fn next(
    kind: StepKind,
    plan: Plan,
    modifier: &Spanned<Modifier>,
    before: &[Modifier],
) -> Result<Plan> {
    match plan {
        Plan::Plain => Ok(Plan::Text(vec![Step::new(kind, modifier)])),
        Plan::Text(mut steps) if !steps.last().is_some_and(|step| step.kind.gives_bytes()) => {
            steps.push(Step::new(kind, modifier));
            Ok(Plan::Text(steps))
        }
        // A regular expression is searched for anyway.
        Plan::Regex(flags, mut anchors) => {
            anchors.start |= kind == StepKind::StartsWith;
            anchors.end |= kind == StepKind::EndsWith;
            Ok(Plan::Regex(flags, anchors))
        }
        Plan::FieldReference(Relation::Equals) => Ok(Plan::FieldReference(relation(kind))),
        Plan::Text(_)
        | Plan::FieldReference(_)
        | Plan::Network
        | Plan::Compare(_)
        | Plan::Time(..)
        | Plan::Exists => Err(cannot_follow(
            modifier,
            before,
            &[
                Modifier::WindowsDash,
                Modifier::Base64,
                Modifier::Base64Offset,
                Modifier::Regex,
                Modifier::FieldReference,
            ],
        )),
    }
}

/// How a field reference compares.
pub(super) fn relation(kind: StepKind) -> Relation {
    match kind {
        StepKind::StartsWith => Relation::StartsWith,
        StepKind::EndsWith => Relation::EndsWith,
        StepKind::Contains
        | StepKind::WindowsDash
        | StepKind::Utf16Le
        | StepKind::Utf16Be
        | StepKind::Utf16
        | StepKind::Base64
        | StepKind::Base64Offset => Relation::Contains,
    }
}

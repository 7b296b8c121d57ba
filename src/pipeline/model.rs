//! A pipeline that was read: steps with their conditions.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Span;
use crate::normalize::Replacement;
use crate::pipeline::condition::Conditions;
use crate::pipeline::condition::field::FieldCondition;
use crate::pipeline::condition::item::ItemCondition;
use crate::pipeline::condition::rule::RuleCondition;
use crate::pipeline::gates::Gates;
use crate::pipeline::transform::Transformation;

/// A processing pipeline in the format of pySigma 1.x
/// (<https://sigmahq-pysigma.readthedocs.io/en/latest/Processing_Pipelines.html>).
///
/// The order of several pipelines is the caller's: by [`priority`](Self::priority), the lowest first, is usual.
#[derive(Debug)]
pub struct Pipeline {
    /// `name`, else the name of its file.
    pub name: String,
    /// `priority`; 0 where it is missing.
    pub priority: i64,
    /// `allowed_backends`: the targets that it is written for; empty for any.
    pub allowed_backends: Vec<String>,
    /// `vars`: values of placeholders.
    pub(super) variables: BTreeMap<String, Vec<Replacement>>,
    /// The steps, in order.
    pub(super) steps: Vec<Step>,
    /// Which steps a log source can reach.
    pub(super) gates: Gates,
}

/// A transformation with the conditions that it depends on.
#[derive(Debug)]
pub(super) struct Step {
    /// `id`, else name of the pipeline and number of the step from 1: `sentinel:3`.
    pub(super) id: Arc<str>,
    /// Where the step stands.
    pub(super) span: Span,
    pub(super) rule_conditions: Conditions<RuleCondition>,
    pub(super) item_conditions: Conditions<ItemCondition>,
    pub(super) field_conditions: Conditions<FieldCondition>,
    pub(super) transformation: Box<dyn Transformation>,
}

impl Pipeline {
    /// How many steps it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether it has no step.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

//! Which steps touched the rule and which names they gave, for `processing_item_applied`.

use std::sync::Arc;

/// The record of one rule's way through the pipelines.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Steps whose rule conditions held.
    steps: Vec<Arc<str>>,
    /// Names with the steps that they come from.
    names: Vec<(Arc<str>, Arc<str>)>,
    /// Whether a step that asks for a log source held.
    log_source: bool,
}

impl History {
    /// Records that a step's rule conditions held.
    pub(super) fn record_rule(&mut self, step: &Arc<str>) {
        self.steps.push(Arc::clone(step));
    }

    /// Records that the rule's log source is one that a step asks for.
    pub(super) fn record_log_source(&mut self) {
        self.log_source = true;
    }

    /// Whether a step asked for the rule's log source.
    pub(super) fn log_source_known(&self) -> bool {
        self.log_source
    }

    /// Whether a step's rule conditions held.
    pub(super) fn rule_applied(&self, step: &str) -> bool {
        self.steps.iter().any(|other| &**other == step)
    }

    /// Records that a step turned `from` into `to`, which inherits the steps of `from`.
    pub(super) fn record_name(&mut self, from: &str, to: &Arc<str>, step: &Arc<str>) {
        let inherited: Vec<Arc<str>> = self
            .names
            .iter()
            .filter(|(name, _)| &**name == from)
            .map(|(_, step)| Arc::clone(step))
            .collect();
        for step in inherited.iter().chain([step]) {
            if !self.name_applied(to, step) {
                self.names.push((Arc::clone(to), Arc::clone(step)));
            }
        }
    }

    /// Whether a name comes from a step.
    pub(super) fn name_applied(&self, name: &str, step: &str) -> bool {
        self.names
            .iter()
            .any(|(other, by)| &**other == name && &**by == step)
    }
}

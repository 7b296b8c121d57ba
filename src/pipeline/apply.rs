//! Takes a rule through pipelines: steps, then placement.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Span};
use crate::normalize::{Column, DetectionNode, NormalRule, PendingPart, Value};
use crate::pipeline::Pipeline;
use crate::pipeline::condition::rule::RuleCondition;
use crate::pipeline::place::{MappedPart, Placement, place};
use crate::pipeline::subject::{NameEntry, Subject};
use crate::rule::Spanned;

/// Takes a rule through pipelines, in the order given, and looks its columns up in the schema. Gives one part for each
/// group of tables whose columns have the same types; `None` if the rule fails, with errors in `diagnostics`.
///
/// Detections that no condition names mean nothing: they are left as they are, and nothing in them is an error.
pub fn apply(
    pipelines: &[&Pipeline],
    rule: NormalRule,
    placement: &Placement<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<MappedPart>> {
    apply_with_names(pipelines, rule, &[], placement, diagnostics)
}

/// As [`apply`], and maps further names with the rule's own steps: a correlation's `group-by`, aliased and value
/// fields. Their columns are in [`MappedPart::names`], in the order given.
pub fn apply_with_names(
    pipelines: &[&Pipeline],
    mut rule: NormalRule,
    names: &[Spanned<String>],
    placement: &Placement<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<MappedPart>> {
    let start = diagnostics.len();
    let label = rule.metadata.label().to_owned();
    let entries = entries(&mut rule, names);
    let fields = entries.len() - names.len();
    let mut subject = Subject::new(rule, entries, pipelines);
    run(&mut subject, start, diagnostics);
    let parts = if failed(diagnostics, start) {
        None
    } else {
        place(subject, fields, placement, diagnostics)
    };
    for diagnostic in diagnostics.iter_mut().skip(start) {
        diagnostic.rule.get_or_insert_with(|| label.clone());
    }
    if failed(diagnostics, start) { None } else { parts }
}

fn failed(diagnostics: &Diagnostics, start: usize) -> bool {
    diagnostics
        .iter()
        .skip(start)
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// The rule's `fields`, with their places where the metadata has them, then further names.
fn entries(rule: &mut NormalRule, names: &[Spanned<String>]) -> Vec<NameEntry> {
    let written = &rule.metadata.fields;
    let fields = std::mem::take(&mut rule.fields);
    let known = written.len() == fields.len();
    let mut entries = Vec::with_capacity(fields.len() + names.len());
    for (index, column) in fields.into_iter().enumerate() {
        let place = written.get(index).filter(|_| known).map(|field| field.span);
        entries.push(NameEntry {
            span: place.unwrap_or(rule.metadata.span),
            columns: vec![column],
        });
    }
    entries.extend(names.iter().map(|name| NameEntry {
        span: name.span,
        columns: vec![Column::unknown(&name.value)],
    }));
    entries
}

/// The steps in order, up to the first that fails the rule; then what no step has resolved.
fn run(subject: &mut Subject<'_>, start: usize, diagnostics: &mut Diagnostics) {
    for pipeline in subject.pipelines {
        let mut words = pipeline.gates.words(&subject.rule.log_source);
        for (index, step) in pipeline.steps.iter().enumerate() {
            if !pipeline.gates.open(index, words) {
                continue;
            }
            let holds = step
                .rule_conditions
                .hold(|condition| condition.holds(&subject.rule, &subject.history));
            if !holds {
                continue;
            }
            subject.history.record_rule(&step.id);
            if step.rule_conditions.any(RuleCondition::is_log_source) {
                subject.history.record_log_source();
            }
            step.transformation.apply(step, subject, diagnostics);
            if std::mem::take(&mut subject.log_source_changed) {
                words = pipeline.gates.words(&subject.rule.log_source);
            }
            if failed(diagnostics, start) {
                return;
            }
        }
    }
    for (index, detection) in subject.rule.detections.iter().enumerate() {
        if subject.is_used(index) {
            unresolved(&detection.body, diagnostics);
        }
    }
}

fn unresolved(node: &DetectionNode, diagnostics: &mut Diagnostics) {
    match node {
        DetectionNode::All(nodes) | DetectionNode::Any(nodes) => {
            for node in nodes {
                unresolved(node, diagnostics);
            }
        }
        DetectionNode::Item(item) => {
            for value in &item.values {
                unresolved_value(&value.value, value.span, diagnostics);
            }
        }
    }
}

fn unresolved_value(value: &Value, span: Span, diagnostics: &mut Diagnostics) {
    if let Value::Alternatives(values) = value {
        for value in values {
            unresolved_value(value, span, diagnostics);
        }
    }
    if let Value::Pending(pending) = value {
        let names: Vec<String> = pending
            .parts
            .iter()
            .filter_map(|part| match part {
                PendingPart::Placeholder(name) => Some(format!("`{name}`")),
                PendingPart::Literal(_) | PendingPart::AnyOne | PendingPart::AnyRun => None,
            })
            .collect();
        let title = format!("no pipeline resolves the placeholder {}", names.join(", "));
        let help = "add a pipeline with `vars` and the transformation `value_placeholders`";
        diagnostics.push(Diagnostic::error(Code::UNRESOLVED_PLACEHOLDER, title, span).with_help(help));
    }
}

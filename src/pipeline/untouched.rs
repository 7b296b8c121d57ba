//! What a target without a schema can say of fields: which of them no step knows.
//!
//! Without a schema each field is kept under the name that it has after the last step, and a query for a field that
//! the events do not have is valid and finds nothing. Two things are said of it:
//!
//! * No step asks for the rule's log source: one warning for the rule, if it has an item that no step touched.
//! * The pipelines set the state `fields` to `listed`. They promise that their mappings name all fields that are known
//!   of the log source, those that keep their names too. A field that no step touched is unmapped then.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::normalize::{DetectionNode, Item};
use crate::pipeline::Unmapped;
use crate::pipeline::place::attributes;
use crate::pipeline::subject::Subject;

/// The state that says that the mappings are complete.
const LISTED: (&str, &str) = ("fields", "listed");

/// Reports what no step touched. Without pipelines all names are the caller's choice, and nothing is said.
pub(super) fn report(subject: &Subject<'_>, unmapped: Unmapped, diagnostics: &mut Diagnostics) {
    if unmapped == Unmapped::Keep || subject.pipelines.is_empty() {
        return;
    }
    let mut items = Vec::new();
    for (index, detection) in subject.rule.detections.iter().enumerate() {
        if subject.is_used(index) {
            untouched(&detection.body, &mut items);
        }
    }
    if items.is_empty() {
        return;
    }
    if !subject.history.log_source_known() {
        diagnostics.push(unknown_log_source(subject));
        return;
    }
    let listed = subject
        .rule
        .state
        .iter()
        .any(|(key, value)| (key.as_str(), value.as_str()) == LISTED);
    if listed {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for item in items {
            if let Some(field) = item.field.as_deref().filter(|field| seen.insert(field)) {
                diagnostics.push(unlisted(field, item, unmapped));
            }
        }
    }
}

/// Items of the rule itself that no step changed or confirmed.
fn untouched<'node>(node: &'node DetectionNode, items: &mut Vec<&'node Item>) {
    match node {
        DetectionNode::All(nodes) | DetectionNode::Any(nodes) => {
            for node in nodes {
                untouched(node, items);
            }
        }
        DetectionNode::Item(item) if item.applied.is_empty() => items.push(item),
        DetectionNode::Item(_) => {}
    }
}

fn unknown_log_source(subject: &Subject<'_>) -> Diagnostic {
    let log_source = &subject.rule.log_source;
    let title = format!("no pipeline knows the log source ({})", attributes(log_source));
    let mut diagnostic = Diagnostic::error(Code::UNMAPPED_LOG_SOURCE, title, log_source.span);
    diagnostic.severity = Severity::Warning;
    diagnostic.with_help(
        "the query looks in all events for the field names of the rule; add a pipeline that maps the log source, \
         or accept them by `--unmapped keep`",
    )
}

fn unlisted(field: &str, item: &Item, unmapped: Unmapped) -> Diagnostic {
    let title = format!("the field `{field}` has no known counterpart in the log source");
    let mut diagnostic = Diagnostic::error(Code::UNMAPPED_FIELD, title, item.span);
    if unmapped == Unmapped::Warn {
        diagnostic.severity = Severity::Warning;
    }
    diagnostic.with_help("map the field by a pipeline, or keep it as it is by `--unmapped keep`")
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Code, Severity};
    use crate::pipeline::Unmapped;
    use crate::pipeline::transform::testing::{Case, keyword, text};

    const KNOWN: &str = "- {type: set_state, key: fields, val: listed, rule_conditions: [{type: logsource, product: test}]}\n\
                         - {type: field_name_mapping, mapping: {A: A, B: b}}\n";

    fn case(fields: &[&str]) -> Case {
        Case::new(fields.iter().map(|field| text(field, "x")).collect()).unmapped(Unmapped::Warn)
    }

    #[test]
    fn a_log_source_that_no_step_asks_for_gets_one_warning() {
        let other = "- {type: set_state, key: a, val: b, rule_conditions: [{type: logsource, product: other}]}\n\
                     - {type: set_state, key: index, val: main}";
        let mapped = case(&["A", "B"]).run(other);
        assert_eq!(mapped.codes(), [Code::UNMAPPED_LOG_SOURCE]);
        assert_eq!(mapped.diagnostics[0].severity, Severity::Warning);
        assert!(mapped.diagnostics[0].title.contains("product `test`"));
        let words = Case::new(vec![keyword("x")]).unmapped(Unmapped::Warn).run(other);
        assert_eq!(words.codes(), [Code::UNMAPPED_LOG_SOURCE]);
        assert!(words.parts.is_some());
        assert_eq!(case(&["A"]).unmapped(Unmapped::Keep).run(other).codes(), []);
        let prefixed = format!("{other}\n- {{type: field_name_prefix, prefix: x.}}");
        assert_eq!(case(&["A"]).run(&prefixed).codes(), []);
        let asked = other.replace("product: other", "product: test");
        assert_eq!(case(&["A"]).run(&asked).codes(), []);
    }

    #[test]
    fn a_field_that_a_complete_mapping_lacks_is_unmapped() {
        assert_eq!(case(&["A", "B"]).run(KNOWN).codes(), []);
        let mapped = case(&["A", "C", "C", "D"]).run(KNOWN);
        assert_eq!(mapped.codes(), [Code::UNMAPPED_FIELD, Code::UNMAPPED_FIELD]);
        assert_eq!(mapped.diagnostics[0].severity, Severity::Warning);
        assert!(mapped.diagnostics[0].title.contains("`C`"));
        assert!(mapped.parts.is_some());
        let strict = case(&["C"]).unmapped(Unmapped::Error).run(KNOWN);
        assert_eq!(strict.diagnostics[0].severity, Severity::Error);
        assert!(strict.parts.is_none());
        assert_eq!(case(&["C"]).unmapped(Unmapped::Keep).run(KNOWN).codes(), []);
    }
}

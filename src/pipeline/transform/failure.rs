//! `rule_failure` and `detection_item_failure`: refuse what the target cannot hold.

use super::{Kind, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::pipeline::model::Step;
use crate::pipeline::subject::{Change, Subject};

pub(super) const RULE: Kind = Kind {
    name: "rule_failure",
    summary: "Refuses the rule with a message.",
    keys: &["message"],
    read: |keys, diagnostics| {
        let message = keys.required_text("message", diagnostics)?.to_owned();
        Some(Box::new(RuleFailure(message)))
    },
};

pub(super) const ITEM: Kind = Kind {
    name: "detection_item_failure",
    summary: "Refuses a rule that has such an item, with a message.",
    keys: &["message"],
    read: |keys, diagnostics| {
        let message = keys.required_text("message", diagnostics)?.to_owned();
        Some(Box::new(ItemFailure(message)))
    },
};

#[derive(Debug)]
struct RuleFailure(String);

#[derive(Debug)]
struct ItemFailure(String);

impl Transformation for RuleFailure {
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, diagnostics: &mut Diagnostics) {
        let span = subject.rule.log_source.span;
        let diagnostic = Diagnostic::error(Code::RULE_REFUSED, self.0.as_str(), span);
        diagnostics.push(diagnostic.with_label(step.span, format!("refused by `{}`", step.id)));
    }
}

impl Transformation for ItemFailure {
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, diagnostics: &mut Diagnostics) {
        let mut refused = Vec::new();
        subject.items(step, true, diagnostics, &mut |item, _| {
            refused.push(item.span);
            Change::None
        });
        for span in refused {
            let diagnostic = Diagnostic::error(Code::ITEM_REFUSED, self.0.as_str(), span);
            diagnostics.push(diagnostic.with_label(step.span, format!("refused by `{}`", step.id)));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::pipeline::transform::testing::{Case, text};

    #[test]
    fn rules_and_items_are_refused_with_the_message() {
        let mapped = Case::new(vec![text("A", "x")]).run("- {type: rule_failure, message: no such log}");
        assert_eq!(mapped.codes(), [Code::RULE_REFUSED]);
        assert_eq!(mapped.diagnostics[0].title, "no such log");
        let step = "- {type: detection_item_failure, message: no, field_name_conditions: [{type: include_fields, fields: [A]}]}";
        let mapped = Case::new(vec![text("A", "x"), text("B", "x")]).run(step);
        assert_eq!(mapped.codes(), [Code::ITEM_REFUSED]);
        assert!(mapped.parts.is_none());
        assert!(Case::new(vec![text("B", "x")]).run(step).parts.is_some());
    }
}

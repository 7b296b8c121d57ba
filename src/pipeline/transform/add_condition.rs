//! `add_condition`: requires further items, or their absence, in each condition of the rule. `field|cased` compares by case.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Kind, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::normalize::{
    Column, DetectionNode, Item, ItemValue, Link, Logic, NormalDetection, PlainLogSource, Value,
};
use crate::pipeline::condition::plain_value;
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;
use crate::pipeline::subject::Subject;
use crate::rule::Spanned;
use crate::source::{Node, Scalar, ScalarKind};

pub(super) const KIND: Kind = Kind {
    name: "add_condition",
    summary: "Requires further items in each condition of the rule; `negated`, their absence.",
    keys: &["conditions", "name", "template", "negated"],
    read,
};

/// Fields with values as in a rule: text is read with its wildcards, a list means any.
#[derive(Debug)]
struct AddCondition {
    fields: Vec<Field>,
    name: Option<String>,
    /// Whether `$category`, `$product` and `$service` in text stand for the rule's log source.
    template: bool,
    negated: bool,
    span: Span,
}

#[derive(Debug)]
struct Field {
    name: String,
    /// Whether text is compared by case.
    cased: bool,
    values: Vec<Spanned<Scalar>>,
    span: Span,
}

fn read(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    let node = keys.required("conditions", diagnostics)?;
    let Some(entries) = node.mapping().filter(|entries| !entries.is_empty()) else {
        keys.fault(
            "`conditions` is not a mapping with at least one field",
            node.span,
            diagnostics,
        );
        return None;
    };
    let mut fields = Vec::with_capacity(entries.len());
    for entry in entries {
        let written = entry.key.text().unwrap_or_default();
        let (name, cased) = match written.strip_suffix("|cased") {
            Some(name) => (name, true),
            None => (written, false),
        };
        if name.is_empty() || name.contains('|') {
            let title = format!("`{written}` is not a field name; no modifier but `cased` is supported here");
            keys.fault(title, entry.key.span, diagnostics);
        }
        fields.push(Field {
            name: name.to_owned(),
            cased,
            values: values(keys, name, &entry.value, diagnostics),
            span: entry.key.span.to(entry.value.span),
        });
    }
    Some(Box::new(AddCondition {
        fields,
        name: keys.text("name", diagnostics).map(str::to_owned),
        template: keys.flag("template", diagnostics),
        negated: keys.flag("negated", diagnostics),
        span: node.span,
    }))
}

fn values(keys: &Keys<'_>, name: &str, node: &Node, diagnostics: &mut Diagnostics) -> Vec<Spanned<Scalar>> {
    let nodes = node.sequence().unwrap_or(std::slice::from_ref(node));
    let values: Vec<Spanned<Scalar>> = nodes
        .iter()
        .filter_map(|node| {
            let value = node.scalar()?.clone();
            Some(Spanned {
                value,
                span: node.span,
            })
        })
        .collect();
    if values.is_empty() || values.len() != nodes.len() {
        let title = format!("`{name}` needs a value, or a list of values");
        keys.fault(title, node.span, diagnostics);
    }
    values
}

impl Transformation for AddCondition {
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, diagnostics: &mut Diagnostics) {
        let mut nodes = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            match self.values(field, &subject.rule.log_source) {
                Ok(values) => nodes.push(DetectionNode::Item(Item {
                    id: subject.new_item(),
                    field: Some(field.name.clone()),
                    columns: vec![Column::unknown(&field.name)],
                    link: Link::Any,
                    negated: false,
                    values,
                    span: field.span,
                    applied: vec![Arc::clone(&step.id)],
                })),
                Err(missing) => {
                    let title = format!("the log source has no {missing}, which the pipeline asks for");
                    let span = subject.rule.log_source.span;
                    let diagnostic = Diagnostic::error(Code::RULE_REFUSED, title, span);
                    diagnostics
                        .push(diagnostic.with_label(field.span, format!("asked for by `{}`", step.id)));
                }
            }
        }
        let index = subject.rule.detections.len();
        subject.rule.detections.push(NormalDetection {
            name: self.name.clone().unwrap_or_else(|| format!("_pipeline_{index}")),
            span: self.span,
            body: DetectionNode::All(nodes),
        });
        subject.use_added();
        for condition in &mut subject.rule.conditions {
            let mut added = Logic::Detection(index);
            if self.negated {
                added = Logic::Not(Box::new(added));
            }
            let root = std::mem::replace(&mut condition.root, Logic::And(Vec::new()));
            condition.root = match root {
                Logic::And(mut parts) => {
                    parts.insert(0, added);
                    Logic::And(parts)
                }
                other @ (Logic::Or(_) | Logic::Not(_) | Logic::Detection(_)) => {
                    Logic::And(vec![added, other])
                }
            };
        }
    }
}

impl AddCondition {
    fn values(&self, field: &Field, log_source: &PlainLogSource) -> Result<Vec<ItemValue>, &'static str> {
        let value = |scalar: &Spanned<Scalar>| {
            let mut plain = Cow::Borrowed(&scalar.value);
            if self.template && scalar.value.kind == ScalarKind::Text {
                plain.to_mut().text = substitute(&scalar.value.text, log_source)?;
            }
            let mut value = plain_value(&plain);
            if let Value::Pattern(pattern) = &mut value {
                pattern.cased = field.cased;
            }
            Ok(Spanned {
                value,
                span: scalar.span,
            })
        };
        field.values.iter().map(value).collect()
    }
}

/// Puts the log source's attributes in for `$category`, `${category}` and so on; `$$` is a dollar, any other dollar
/// stands for itself. The error names an attribute that the log source lacks.
fn substitute(text: &str, log_source: &PlainLogSource) -> Result<String, &'static str> {
    let attributes = [
        ("category", &log_source.category),
        ("product", &log_source.product),
        ("service", &log_source.service),
    ];
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            result.push('$');
            rest = after;
            continue;
        }
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, following) = braced.unwrap_or_else(|| {
            let end = after
                .find(|character: char| character != '_' && !character.is_ascii_alphanumeric())
                .unwrap_or(after.len());
            after.split_at_checked(end).unwrap_or((after, ""))
        });
        match attributes.iter().find(|(attribute, _)| *attribute == name) {
            Some((attribute, value)) => {
                result.push_str(value.as_deref().ok_or(*attribute)?);
                rest = following;
            }
            None => {
                result.push('$');
                rest = after;
            }
        }
    }
    result.push_str(rest);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::normalize::pattern;
    use crate::normalize::{Logic, Value};
    use crate::pipeline::transform::testing::{self, Case, items};

    #[test]
    fn a_detection_is_required_before_the_condition() {
        let mapped = Case::new(vec![testing::text("A", "x")]).run(
            "- {type: add_condition, conditions: {EventID: [1, 2], Log: '*a'}}\n\
             - {type: field_name_mapping, mapping: {EventID: id}}\n\
             - {type: add_condition, negated: true, conditions: {X: y}}",
        );
        let rule = mapped.rule();
        assert_eq!(
            rule.conditions[0].root,
            Logic::And(vec![
                Logic::Not(Box::new(Logic::Detection(2))),
                Logic::Detection(1),
                Logic::Detection(0)
            ])
        );
        assert_eq!(rule.detections[1].name, "_pipeline_1");
        let added = items(&rule.detections[1].body);
        assert_eq!(&*added[0].columns[0].name, "id");
        assert!(matches!(&added[0].values[1].value, Value::Number(number) if number.integer == Some(2)));
        assert_eq!(added[1].values[0].value, Value::Pattern(pattern::read("*a")));
        assert_ne!(added[0].id, added[1].id);
    }

    #[test]
    fn templates_use_the_log_source() {
        let step =
            |text: &str| format!("- {{type: add_condition, template: true, conditions: {{A: '{text}'}}}}");
        let mapped = Case::new(vec![testing::text("A", "x")]).run(&step("$category-${category}-$$x-$other"));
        let rule = mapped.rule();
        let added = items(&rule.detections[1].body);
        assert_eq!(
            added[0].values[0].value,
            Value::Pattern(pattern::read("test-test-$x-$other"))
        );
        let mapped = Case::new(vec![testing::text("A", "x")]).run(&step("$service"));
        assert_eq!(mapped.codes(), [Code::RULE_REFUSED]);
    }
}

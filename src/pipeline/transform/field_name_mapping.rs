//! `field_name_mapping`: gives fields the names of their columns.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Kind, Transformation};
use crate::diagnostic::Diagnostics;
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;
use crate::pipeline::subject::Subject;
use crate::source::{Node, ScalarKind};

pub(super) const KIND: Kind = Kind {
    name: "field_name_mapping",
    summary: "Gives a field the name of its column, or of several, any of which may match.",
    keys: &["mapping"],
    read,
};

/// Names with their new names. The key null stands for keywords, the value null keeps a name.
#[derive(Debug)]
struct FieldNameMapping {
    names: HashMap<String, Vec<Arc<str>>>,
    keywords: Option<Vec<Arc<str>>>,
}

fn read(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    let mut mapping = FieldNameMapping {
        names: HashMap::new(),
        keywords: None,
    };
    for (name, targets) in read_mapping(keys, diagnostics)? {
        match name {
            Some(name) => {
                mapping.names.insert(name, targets);
            }
            None => mapping.keywords = Some(targets),
        }
    }
    Some(Box::new(mapping))
}

/// A name (`None` for the null key) with its new names.
pub(super) type Entry = (Option<String>, Vec<Arc<str>>);

/// The entries of `mapping`, in order, without those that keep their name.
pub(super) fn read_mapping(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<Vec<Entry>> {
    let node = keys.required("mapping", diagnostics)?;
    let Some(entries) = node.mapping() else {
        let title = format!("`mapping` is {}, not a mapping", node.describe());
        keys.fault(title, node.span, diagnostics);
        return None;
    };
    let is_null = |node: &Node| {
        node.scalar()
            .is_some_and(|scalar| scalar.kind == ScalarKind::Null)
    };
    let mut mapping = Vec::with_capacity(entries.len());
    for entry in entries {
        if is_null(&entry.value) {
            continue;
        }
        let name = entry.key.text().unwrap_or_default();
        let targets: Vec<Arc<str>> = keys
            .texts_of(name, &entry.value, diagnostics)
            .iter()
            .map(|text| Arc::from(text.value.as_str()))
            .collect();
        if targets.is_empty() || targets.iter().any(|target| target.is_empty()) {
            let title = format!("`{name}` is mapped to no name");
            keys.fault(title, entry.value.span, diagnostics);
        }
        let name = (!is_null(&entry.key)).then(|| name.to_owned());
        mapping.push((name, targets));
    }
    Some(mapping)
}

impl Transformation for FieldNameMapping {
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, _: &mut Diagnostics) {
        subject.map_names(step, self.keywords.as_deref(), &|name| {
            self.names.get(name).cloned()
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::normalize::Value;
    use crate::pipeline::transform::testing::{Case, columns, keyword, reference, text};

    #[test]
    fn one_name_becomes_one_or_several_columns_of_one_item() {
        let mapped = Case::new(vec![text("A", "x"), text("B", "y"), text("C", "z")])
            .fields(&["A", "B", "C"])
            .run("- {type: field_name_mapping, id: m, mapping: {A: a, B: [b1, b2], C: null}}");
        let rule = mapped.rule();
        assert_eq!(columns(&rule, 0), ["a"]);
        assert_eq!(columns(&rule, 1), ["b1", "b2"]);
        assert_eq!(columns(&rule, 2), ["C"]);
        let applied: Vec<_> = rule
            .detections
            .iter()
            .flat_map(|d| super::super::testing::items(&d.body))
            .map(|item| item.applied.len())
            .collect();
        assert_eq!(applied, [1, 1, 0]);
        let fields: Vec<&str> = rule.fields.iter().map(|field| &*field.name).collect();
        assert_eq!(fields, ["a", "b1", "b2", "C"]);
    }

    #[test]
    fn references_are_mapped_and_conditions_ask_each_name() {
        let mapped = Case::new(vec![reference("A", "B")]).run(
            "- type: field_name_mapping\n  mapping: {A: a, B: b}\n  field_name_conditions: [{type: include_fields, fields: [B]}]",
        );
        let rule = mapped.rule();
        assert_eq!(columns(&rule, 0), ["A"]);
        let items = super::super::testing::items(&rule.detections[0].body);
        let Value::FieldReference(reference) = &items[0].values[0].value else {
            panic!("no reference");
        };
        assert_eq!(&*reference.columns[0].name, "b");
    }

    #[test]
    fn the_null_key_gives_keywords_columns() {
        let mapped = Case::new(vec![keyword("evil")])
            .run("- {type: field_name_mapping, mapping: {null: [Message, Raw]}}");
        assert_eq!(columns(&mapped.rule(), 0), ["Message", "Raw"]);
    }

    #[test]
    fn steps_build_on_each_other() {
        let mapped = Case::new(vec![text("A", "x")]).run(
            "- {type: field_name_mapping, id: one, mapping: {A: [a, b]}}\n\
             - {type: field_name_mapping, mapping: {a: c, b: c}}\n\
             - {type: field_name_suffix, suffix: _s, field_name_conditions: [{type: processing_item_applied, processing_item_id: one}]}",
        );
        assert_eq!(columns(&mapped.rule(), 0), ["c_s"]);
    }
}

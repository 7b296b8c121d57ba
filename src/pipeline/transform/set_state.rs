//! `set_state`: sets a value that later steps, the choice of tables and the target read.

use super::{Kind, Transformation};
use crate::diagnostic::Diagnostics;
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;
use crate::pipeline::subject::Subject;

pub(super) const KIND: Kind = Kind {
    name: "set_state",
    summary: "Sets a value by a key; `table` and `index` say where to look.",
    keys: &["key", "val"],
    read,
};

/// A key with its values: a list is kept as several entries of the state.
#[derive(Debug)]
struct SetState {
    key: String,
    values: Vec<String>,
}

fn read(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    let key = keys.required_text("key", diagnostics)?.to_owned();
    let values = keys.required_texts("val", diagnostics)?;
    let values: Vec<String> = values.into_iter().map(|text| text.value).collect();
    if values.is_empty() {
        keys.fault("`val` holds no value", keys.span, diagnostics);
        return None;
    }
    Some(Box::new(SetState { key, values }))
}

impl Transformation for SetState {
    fn apply(&self, _: &Step, subject: &mut Subject<'_>, _: &mut Diagnostics) {
        let state = &mut subject.rule.state;
        state.retain(|(key, _)| *key != self.key);
        for value in &self.values {
            state.push((self.key.clone(), value.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::pipeline::transform::testing::{Case, columns, text};

    #[test]
    fn state_is_replaced_and_compared() {
        let mapped = Case::new(vec![text("A", "x")]).run(
            "- {type: set_state, key: index, val: a}\n\
             - {type: set_state, key: index, val: [b, c]}\n\
             - {type: set_state, key: n, val: 10}\n\
             - {type: field_name_suffix, suffix: 1, rule_conditions: [{type: processing_state, key: n, val: 9, op: gt}]}\n\
             - {type: field_name_suffix, suffix: 2, rule_conditions: [{type: processing_state, key: index, val: b}]}\n\
             - {type: field_name_suffix, suffix: 3, field_name_conditions: [{type: processing_state, key: absent, val: b, op: ne}]}",
        );
        let rule = mapped.rule();
        assert_eq!(columns(&rule, 0), ["A1"]);
        let index: Vec<&str> = rule
            .state
            .iter()
            .filter(|(key, _)| key == "index")
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(index, ["b", "c"]);
    }
}

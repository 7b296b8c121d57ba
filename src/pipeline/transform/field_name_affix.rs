//! `field_name_prefix` and `field_name_suffix`: add to field names.

use std::sync::Arc;

use super::{Kind, Transformation};
use crate::diagnostic::Diagnostics;
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;
use crate::pipeline::subject::Subject;

pub(super) const PREFIX: Kind = Kind {
    name: "field_name_prefix",
    summary: "Puts a text before field names.",
    keys: &["prefix"],
    read: |keys, diagnostics| {
        let prefix = keys.required_text("prefix", diagnostics)?.to_owned();
        affix(prefix, String::new())
    },
};

pub(super) const SUFFIX: Kind = Kind {
    name: "field_name_suffix",
    summary: "Puts a text after field names.",
    keys: &["suffix"],
    read: |keys: &Keys<'_>, diagnostics| {
        let suffix = keys.required_text("suffix", diagnostics)?.to_owned();
        affix(String::new(), suffix)
    },
};

#[derive(Debug)]
struct FieldNameAffix {
    prefix: String,
    suffix: String,
}

#[allow(clippy::unnecessary_wraps)]
fn affix(prefix: String, suffix: String) -> Option<Box<dyn Transformation>> {
    Some(Box::new(FieldNameAffix { prefix, suffix }))
}

impl Transformation for FieldNameAffix {
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, _: &mut Diagnostics) {
        subject.map_names(step, None, &|name| {
            Some(vec![Arc::from(format!("{}{name}{}", self.prefix, self.suffix))])
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::pipeline::transform::testing::{Case, columns, text};

    #[test]
    fn names_get_a_prefix_and_a_suffix() {
        let mapped = Case::new(vec![text("A", "x"), text("B", "x")]).run(
            "- {type: field_name_prefix, prefix: p_}\n\
             - {type: field_name_suffix, suffix: _s, field_name_conditions: [{type: exclude_fields, mode: re, fields: ['p_[B-Z]']}]}",
        );
        assert_eq!(columns(&mapped.rule(), 0), ["p_A_s"]);
        assert_eq!(columns(&mapped.rule(), 1), ["p_B"]);
    }
}

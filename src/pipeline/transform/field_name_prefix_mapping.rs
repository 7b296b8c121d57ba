//! `field_name_prefix_mapping`: exchanges the beginnings of field names.

use std::sync::Arc;

use super::field_name_mapping::read_mapping;
use super::{Kind, Transformation};
use crate::diagnostic::Diagnostics;
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;
use crate::pipeline::subject::Subject;

pub(super) const KIND: Kind = Kind {
    name: "field_name_prefix_mapping",
    summary: "Exchanges the beginning of field names for another, or for several.",
    keys: &["mapping"],
    read,
};

/// Beginnings with their new beginnings; the first that fits is taken.
#[derive(Debug)]
struct FieldNamePrefixMapping(Vec<(String, Vec<Arc<str>>)>);

fn read(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    let mut prefixes = Vec::new();
    for (name, targets) in read_mapping(keys, diagnostics)? {
        match name {
            Some(name) => prefixes.push((name, targets)),
            None => keys.fault("null cannot begin a field name", keys.span, diagnostics),
        }
    }
    Some(Box::new(FieldNamePrefixMapping(prefixes)))
}

impl Transformation for FieldNamePrefixMapping {
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, _: &mut Diagnostics) {
        subject.map_names(step, None, &|name| {
            self.0.iter().find_map(|(prefix, targets)| {
                let rest = name.strip_prefix(prefix.as_str())?;
                Some(
                    targets
                        .iter()
                        .map(|target| Arc::from(format!("{target}{rest}")))
                        .collect(),
                )
            })
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::pipeline::transform::testing::{Case, columns, text};

    #[test]
    fn the_first_prefix_that_fits_is_exchanged() {
        let mapped = Case::new(vec![text("win.a", "x"), text("winb", "x"), text("c", "x")])
            .run("- {type: field_name_prefix_mapping, mapping: {win.: [x_, y_], win: z}}");
        assert_eq!(columns(&mapped.rule(), 0), ["x_a", "y_a"]);
        assert_eq!(columns(&mapped.rule(), 1), ["zb"]);
        assert_eq!(columns(&mapped.rule(), 2), ["c"]);
    }
}

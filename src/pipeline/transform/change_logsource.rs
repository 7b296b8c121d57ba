//! `change_logsource`: gives the rule another log source.

use super::{Kind, Transformation};
use crate::diagnostic::Diagnostics;
use crate::normalize::PlainLogSource;
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;
use crate::pipeline::subject::Subject;

pub(super) const KIND: Kind = Kind {
    name: "change_logsource",
    summary: "Gives the rule another log source; attributes that are not given are unset.",
    keys: &["category", "product", "service"],
    read,
};

#[derive(Debug)]
struct ChangeLogSource {
    category: Option<String>,
    product: Option<String>,
    service: Option<String>,
}

fn read(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    let mut attribute = |key| keys.text(key, diagnostics).map(str::to_owned);
    let change = ChangeLogSource {
        category: attribute("category"),
        product: attribute("product"),
        service: attribute("service"),
    };
    if change.category.is_none() && change.product.is_none() && change.service.is_none() {
        let title = "`change_logsource` without `category`, `product` and `service`";
        keys.fault(title, keys.span, diagnostics);
        return None;
    }
    Some(Box::new(change))
}

impl Transformation for ChangeLogSource {
    fn apply(&self, _: &Step, subject: &mut Subject<'_>, _: &mut Diagnostics) {
        subject.rule.log_source = PlainLogSource {
            category: self.category.clone(),
            product: self.product.clone(),
            service: self.service.clone(),
            custom: Vec::new(),
            span: subject.rule.log_source.span,
        };
        subject.log_source_changed = true;
    }
}

#[cfg(test)]
mod tests {
    use crate::pipeline::transform::testing::{Case, columns, text};

    #[test]
    fn later_conditions_see_the_new_log_source() {
        let mapped = Case::new(vec![text("A", "x")]).run(
            "- {type: change_logsource, product: windows, service: security}\n\
             - {type: field_name_suffix, suffix: 1, rule_conditions: [{type: logsource, service: security}]}\n\
             - {type: field_name_suffix, suffix: 2, rule_conditions: [{type: logsource, category: test}]}",
        );
        assert_eq!(columns(&mapped.rule(), 0), ["A1"]);
    }
}

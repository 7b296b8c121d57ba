//! Which log sources a filter covers: those that have each attribute that the filter names. Case does not count.

use crate::normalize::PlainLogSource;
use crate::rule::{LogSource, Spanned};

/// Whether a filter's log source covers one alternative of a rule's.
pub(super) fn covers_plain(filter: &LogSource, rule: &PlainLogSource) -> bool {
    let covers = |wanted: &[Spanned<String>], has: &Option<String>| {
        wanted.is_empty()
            || has
                .as_ref()
                .is_some_and(|has| wanted.iter().any(|wanted| wanted.value.eq_ignore_ascii_case(has)))
    };
    covers(&filter.category, &rule.category)
        && covers(&filter.product, &rule.product)
        && covers(&filter.service, &rule.service)
        && covers_custom(filter, &rule.custom)
}

/// Whether a filter's log source covers any alternative of a rule's.
pub(super) fn covers(filter: &LogSource, rule: &LogSource) -> bool {
    let covers = |wanted: &[Spanned<String>], has: &[Spanned<String>]| {
        wanted.is_empty()
            || has.iter().any(|has| {
                wanted
                    .iter()
                    .any(|wanted| wanted.value.eq_ignore_ascii_case(&has.value))
            })
    };
    covers(&filter.category, &rule.category)
        && covers(&filter.product, &rule.product)
        && covers(&filter.service, &rule.service)
        && covers_custom(filter, &rule.custom)
}

fn covers_custom(filter: &LogSource, rule: &[(String, String)]) -> bool {
    filter.custom.iter().all(|(key, wanted)| {
        rule.iter()
            .any(|(other, has)| other == key && wanted.eq_ignore_ascii_case(has))
    })
}

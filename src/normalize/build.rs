//! A detection rule with its filters in normal form.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::normalize::{Column, Logic, NormalCondition, NormalDetection, NormalRule, PlainLogSource};
use crate::rule::{Condition, Detection, DetectionRule, FilterRule, FilterRules, LogSource, Spanned};

use super::condition::{self, Scope};
use super::item::{self, ItemIds};
use super::log_source::covers_plain;

/// Greatest number of alternative log sources of a rule.
const MAX_LOG_SOURCES: usize = 1_000;

/// A rule in normal form: one for each alternative of its log source, in the order category, product, service.
///
/// `filters` are those that apply to the rule ([`resolve`](super::resolve) finds them). A filter for any rule is left
/// out of alternatives that its log source does not cover. `None` means that at least one error was pushed; all errors
/// of the rule are collected.
pub fn normalize(
    rule: &DetectionRule,
    filters: &[&FilterRule],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<NormalRule>> {
    let first = diagnostics.len();
    let result = build(rule, filters, diagnostics);
    let label = rule.metadata.label();
    for diagnostic in diagnostics.iter_mut().skip(first) {
        diagnostic.rule.get_or_insert_with(|| label.to_owned());
    }
    result
}

/// What a rule or a filter brings: detections, and conditions over their indices here.
#[derive(Clone)]
struct Body {
    detections: Vec<NormalDetection>,
    roots: Vec<Logic>,
}

fn build(
    rule: &DetectionRule,
    filters: &[&FilterRule],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<NormalRule>> {
    let mut ids = ItemIds::default();
    let own = body(&rule.detections, &rule.conditions, &mut ids, diagnostics);
    let mut additions = Vec::with_capacity(filters.len());
    for filter in filters {
        let addition = body(&filter.detections, &filter.conditions, &mut ids, diagnostics);
        additions.extend(addition.map(|addition| (*filter, addition)));
    }
    let log_sources = alternatives(&rule.log_source, diagnostics);
    let (own, log_sources) = (own?, log_sources?);
    if additions.len() < filters.len() {
        return None;
    }
    let metadata = Arc::clone(&rule.metadata);
    let fields: Vec<_> = rule
        .metadata
        .fields
        .iter()
        .map(|field| Column::unknown(&field.value))
        .collect();
    let mut own = Some(own);
    let mut left = log_sources.len();
    let rules = log_sources.into_iter().map_while(|log_source| {
        left -= 1;
        let own = if left == 0 { own.take() } else { own.clone() }?;
        let covering: Vec<_> = additions
            .iter()
            .filter(|(filter, _)| {
                filter.rules != FilterRules::Any || covers_plain(&filter.log_source, &log_source)
            })
            .map(|(_, addition)| addition)
            .collect();
        let (detections, conditions) = merge(own, &rule.conditions, &covering);
        Some(NormalRule {
            metadata: Arc::clone(&metadata),
            log_source,
            fields: fields.clone(),
            conditions,
            detections,
            state: Vec::new(),
        })
    });
    Some(rules.collect())
}

fn body(
    detections: &[Detection],
    conditions: &[Condition],
    ids: &mut ItemIds,
    diagnostics: &mut Diagnostics,
) -> Option<Body> {
    let normal: Vec<_> = detections
        .iter()
        .filter_map(|detection| item::detection(detection, ids, diagnostics))
        .collect();
    let scope = Scope {
        names: detections
            .iter()
            .map(|detection| detection.name.value.as_str())
            .collect(),
    };
    let roots: Vec<_> = conditions
        .iter()
        .filter_map(|condition| scope.expand(&condition.root, diagnostics))
        .collect();
    let whole = normal.len() == detections.len() && roots.len() == conditions.len();
    whole.then_some(Body {
        detections: normal,
        roots,
    })
}

/// The rule's detections, then those of its filters; each condition ANDed with those of the filters.
fn merge(
    own: Body,
    written: &[Condition],
    filters: &[&Body],
) -> (Vec<NormalDetection>, Vec<NormalCondition>) {
    let mut detections = own.detections;
    let mut added = Vec::new();
    for (number, filter) in (1_usize..).zip(filters) {
        let offset = detections.len();
        added.extend(filter.roots.iter().map(|root| shift(root, offset)));
        for detection in &filter.detections {
            let name = unique(&detections, &format!("_filter{number}_{}", detection.name));
            detections.push(NormalDetection {
                name,
                ..detection.clone()
            });
        }
    }
    let several = own.roots.len() > 1;
    let conditions = (1_usize..)
        .zip(own.roots.iter().zip(written))
        .map(|(number, (root, condition))| NormalCondition {
            name: several.then(|| number.to_string()),
            root: with_filters(root, &added),
            span: condition.span,
        })
        .collect();
    (detections, conditions)
}

fn with_filters(root: &Logic, added: &[Logic]) -> Logic {
    if added.is_empty() {
        return root.clone();
    }
    let mut all = match root {
        Logic::And(parts) => parts.clone(),
        Logic::Or(_) | Logic::Not(_) | Logic::Detection(_) => vec![root.clone()],
    };
    all.extend_from_slice(added);
    condition::all(all)
}

/// The same logic over detections that stand further on. Conditions are nested at most 500 deep.
fn shift(logic: &Logic, offset: usize) -> Logic {
    let each = |parts: &[Logic]| parts.iter().map(|part| shift(part, offset)).collect();
    match logic {
        Logic::And(parts) => Logic::And(each(parts)),
        Logic::Or(parts) => Logic::Or(each(parts)),
        Logic::Not(inner) => Logic::Not(Box::new(shift(inner, offset))),
        Logic::Detection(index) => Logic::Detection(index + offset),
    }
}

fn unique(taken: &[NormalDetection], name: &str) -> String {
    let mut name = name.to_owned();
    while taken.iter().any(|detection| detection.name == name) {
        name.insert(0, '_');
    }
    name
}

/// All combinations of the attributes' alternatives.
fn alternatives(log_source: &LogSource, diagnostics: &mut Diagnostics) -> Option<Vec<PlainLogSource>> {
    let count = [&log_source.category, &log_source.product, &log_source.service]
        .iter()
        .map(|values| values.len().max(1))
        .fold(1, usize::saturating_mul);
    if count > MAX_LOG_SOURCES {
        diagnostics.push(
            Diagnostic::error(
                Code::TOO_MANY_ALTERNATIVES,
                format!("log source with more than {MAX_LOG_SOURCES} combinations"),
                log_source.span,
            )
            .with_help("split the rule"),
        );
        return None;
    }
    let mut result = Vec::with_capacity(count);
    for category in options(&log_source.category) {
        for product in options(&log_source.product) {
            for service in options(&log_source.service) {
                result.push(PlainLogSource {
                    category: category.clone(),
                    product: product.clone(),
                    service,
                    custom: log_source.custom.clone(),
                    span: log_source.span,
                });
            }
        }
    }
    Some(result)
}

fn options(values: &[Spanned<String>]) -> Vec<Option<String>> {
    if values.is_empty() {
        return vec![None];
    }
    values.iter().map(|value| Some(value.value.clone())).collect()
}

//! Correlations in an order in which each comes after those that it refers to; circles are errors.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::rule::Document;

use super::references::{Resolution, ResolvedReference, label, mark, metadata};

/// Sorts the correlations (Kahn's algorithm; among those that are ready, the first document first).
pub(super) fn sort(documents: &[&Document], resolution: &mut Resolution, diagnostics: &mut Diagnostics) {
    let is_correlation = |document: usize| matches!(documents.get(document), Some(Document::Correlation(_)));
    let mut open: Vec<usize> = vec![0; documents.len()];
    let mut parents: Vec<Vec<usize>> = vec![Vec::new(); documents.len()];
    for (parent, rules) in resolution.rules.iter().enumerate() {
        for rule in rules.iter().filter(|rule| is_correlation(rule.document)) {
            if let (Some(count), Some(list)) = (open.get_mut(parent), parents.get_mut(rule.document)) {
                *count += 1;
                list.push(parent);
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..documents.len())
        .filter(|document| is_correlation(*document) && open.get(*document) == Some(&0))
        .collect();
    let mut order = Vec::new();
    while let Some(document) = ready.pop_first() {
        order.push(document);
        for parent in parents.get(document).into_iter().flatten() {
            if let Some(count) = open.get_mut(*parent) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*parent);
                }
            }
        }
    }
    let waiting: Vec<bool> = open.iter().map(|count| *count > 0).collect();
    circles(documents, resolution, &waiting, diagnostics);
    inherit_failures(documents, resolution, &order, &waiting, diagnostics);
    order.retain(|document| resolution.failed.get(*document) == Some(&false));
    resolution.order = order;
}

/// The first reference of a document that leads to one of the given documents.
fn step<'a>(resolution: &'a Resolution, document: usize, into: &[bool]) -> Option<&'a ResolvedReference> {
    resolution
        .rules
        .get(document)?
        .iter()
        .find(|rule| into.get(rule.document) == Some(&true))
}

/// Reports each circle once. From a document that waits, the way along waiting ones always ends in a circle.
fn circles(
    documents: &[&Document],
    resolution: &mut Resolution,
    waiting: &[bool],
    diagnostics: &mut Diagnostics,
) {
    let mut visited = vec![false; documents.len()];
    for start in 0..documents.len() {
        let mut way: Vec<(usize, &ResolvedReference)> = Vec::new();
        let mut document = start;
        while waiting.get(document) == Some(&true) && visited.get(document) == Some(&false) {
            mark(&mut visited, document);
            let Some(next) = step(resolution, document, waiting) else {
                break;
            };
            way.push((document, next));
            document = next.document;
        }
        let Some(entry) = way.iter().position(|(on_way, _)| *on_way == document) else {
            continue;
        };
        let circle: Vec<_> = way.drain(entry..).collect();
        let mut places = circle.iter().map(|(_, reference)| &reference.reference);
        let Some(first) = places.next() else {
            continue;
        };
        let title = if circle.len() == 1 {
            "correlation refers to itself"
        } else {
            "correlations refer to each other in a circle"
        };
        let diagnostic = places.fold(
            Diagnostic::error(Code::CORRELATION_CYCLE, title, first.span)
                .with_help("remove one of the references"),
            |diagnostic, place| diagnostic.with_label(place.span, "leads on"),
        );
        let members: Vec<usize> = circle.iter().map(|(member, _)| *member).collect();
        let from = diagnostics.len();
        diagnostics.push(diagnostic);
        if let Some(document) = documents.get(document) {
            label(metadata(document), diagnostics, from);
        }
        for member in members {
            mark(&mut resolution.failed, member);
        }
    }
}

/// A correlation over one that failed fails too: first those in order, then those that wait for a circle.
fn inherit_failures(
    documents: &[&Document],
    resolution: &mut Resolution,
    order: &[usize],
    waiting: &[bool],
    diagnostics: &mut Diagnostics,
) {
    let waits = (0..documents.len()).filter(|document| waiting.get(*document) == Some(&true));
    for document in order.iter().copied().chain(waits) {
        if resolution.failed.get(document) == Some(&true) {
            continue;
        }
        let broken =
            step(resolution, document, &resolution.failed).or_else(|| step(resolution, document, waiting));
        let Some(rule) = broken else {
            continue;
        };
        let from = diagnostics.len();
        diagnostics.push(
            Diagnostic::error(
                Code::UNKNOWN_REFERENCE,
                format!(
                    "`{}` refers to rules that do not exist, or to itself",
                    rule.reference.value
                ),
                rule.reference.span,
            )
            .with_help("correct that correlation first"),
        );
        if let Some(document) = documents.get(document) {
            label(metadata(document), diagnostics, from);
        }
        mark(&mut resolution.failed, document);
    }
}

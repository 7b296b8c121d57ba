//! The rules of a collection, ready to be run over events.

use rayon::prelude::*;

use crate::collection::Collection;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, collect};
use crate::eval::{EvaluationError, Event, Matcher};
use crate::lower;
use crate::normalize::{self, Resolution};
use crate::rule::{DetectionRule, Document, FilterRule};

/// A rule with its conditions ready to run.
#[derive(Debug)]
pub struct ReadyRule {
    /// Index in [`Collection::rules`].
    pub index: usize,
    /// `id`
    pub id: Option<String>,
    /// `title`
    pub title: String,
    /// `level`
    pub level: Option<String>,
    /// The document.
    pub span: Span,
    /// One for each condition, with the condition's name if there are several.
    pub conditions: Vec<(Option<String>, Matcher)>,
}

impl ReadyRule {
    /// Whether any condition of the rule matches the event. An error of one condition stands only if no other matches.
    pub fn matches(&self, event: &Event) -> Result<bool, EvaluationError> {
        let mut fault = None;
        for (_, matcher) in &self.conditions {
            match matcher.matches(event) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        fault.map_or(Ok(false), Err)
    }
}

/// All detection rules of a collection that can be run.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// The rules, in the order of the documents.
    pub rules: Vec<ReadyRule>,
}

impl RuleSet {
    /// Makes the rules of a collection ready, in parallel, filters applied. A rule that cannot be run is an error in
    /// `diagnostics`; the others go on.
    #[must_use]
    pub fn new(collection: &Collection, diagnostics: &mut Diagnostics) -> Self {
        let documents: Vec<&Document> = collection.rules.iter().map(|loaded| &loaded.document).collect();
        let resolution = normalize::resolve(&documents, diagnostics);
        let ready: Vec<(Option<ReadyRule>, Diagnostics)> = (0..collection.rules.len())
            .into_par_iter()
            .map(|index| {
                let mut findings = Diagnostics::new();
                (ready(collection, &resolution, index, &mut findings), findings)
            })
            .collect();
        let mut rules = Vec::with_capacity(ready.len());
        for (rule, findings) in ready {
            rules.extend(rule);
            diagnostics.extend(findings);
        }
        Self { rules }
    }

    /// The rules that match an event, in order, and what could not be decided.
    #[must_use]
    pub fn matching(&self, event: &Event) -> (Vec<&ReadyRule>, Vec<EvaluationError>) {
        let mut matched = Vec::new();
        let mut faults = Vec::new();
        for rule in &self.rules {
            match rule.matches(event) {
                Ok(true) => matched.push(rule),
                Ok(false) => {}
                Err(fault) => faults.push(fault),
            }
        }
        (matched, faults)
    }
}

fn ready(
    collection: &Collection,
    resolution: &Resolution,
    index: usize,
    diagnostics: &mut Diagnostics,
) -> Option<ReadyRule> {
    let loaded = collection.rules.get(index)?;
    if loaded.origin.auxiliary {
        return None;
    }
    match &loaded.document {
        Document::Filter(_) => None,
        Document::Correlation(rule) => {
            diagnostics.push(Diagnostic::error(
                Code::UNSUPPORTED_CORRELATION,
                "correlations cannot be run over events yet",
                rule.span,
            ));
            None
        }
        Document::Detection(rule) => {
            let filters = collection.filters_of(resolution, index);
            detection(rule, &filters, index, diagnostics)
        }
    }
}

fn detection(
    rule: &DetectionRule,
    filters: &[&FilterRule],
    index: usize,
    diagnostics: &mut Diagnostics,
) -> Option<ReadyRule> {
    // Alternatives of the log source share conditions and detections.
    let normal = normalize::normalize(rule, filters, diagnostics)?
        .into_iter()
        .next()?;
    let mut conditions = Vec::with_capacity(normal.conditions.len());
    for condition in &normal.conditions {
        let expr = lower::lower(&normal, condition, diagnostics)?;
        conditions.push((
            condition.name.clone(),
            collect(Matcher::compile(&expr), diagnostics)?,
        ));
    }
    let metadata = &rule.metadata;
    Some(ReadyRule {
        index,
        id: metadata.id.as_ref().map(|id| id.value.clone()),
        title: metadata.title.clone(),
        level: metadata.level.clone(),
        span: metadata.span,
        conditions,
    })
}

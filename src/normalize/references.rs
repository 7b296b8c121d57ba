//! References between documents: which rules correlations and filters name, and what follows from it.

use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest};
use crate::rule::{
    ConditionNode, CorrelationCondition, CorrelationRule, Document, FilterRule, FilterRules, Metadata,
    Spanned,
};

use super::{graph, log_source};

/// A reference that was resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedReference {
    /// As written: an id, a name or a title.
    pub reference: Spanned<String>,
    /// Index of the document.
    pub document: usize,
}

/// How the documents of a run refer to each other. All lists but `order` have one entry for each document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolution {
    /// For a detection rule: indices of the filters that apply to it, in the order of the documents.
    pub filters: Vec<Vec<usize>>,
    /// For a correlation: its rules in the order of the text; those of its extended condition if it lists none.
    pub rules: Vec<Vec<ResolvedReference>>,
    /// For a correlation: what its aliases and its extended condition call its rules, where `rules` spells it otherwise.
    pub names: Vec<Vec<ResolvedReference>>,
    /// Correlations, each after those that it refers to; failed ones are left out.
    pub order: Vec<usize>,
    /// Whether the document gives no query of its own, as a correlation without `generate` refers to it.
    pub suppressed: Vec<bool>,
    /// Whether the document failed: a correlation or filter whose references do not hold.
    pub failed: Vec<bool>,
}

impl Resolution {
    /// The document that a correlation means by a name: one of its rules by any spelling that it uses.
    #[must_use]
    pub fn target(&self, correlation: usize, reference: &str) -> Option<usize> {
        let rules = self.rules.get(correlation)?;
        let names = self.names.get(correlation)?;
        rules
            .iter()
            .chain(names)
            .find(|resolved| resolved.reference.value == reference)
            .map(|resolved| resolved.document)
    }
}

/// Resolves all references; each one that does not hold is an error, and its document failed.
#[must_use]
pub fn resolve(documents: &[&Document], diagnostics: &mut Diagnostics) -> Resolution {
    let index = Index::new(documents);
    let mut resolution = Resolution {
        filters: vec![Vec::new(); documents.len()],
        rules: vec![Vec::new(); documents.len()],
        names: vec![Vec::new(); documents.len()],
        order: Vec::new(),
        suppressed: vec![false; documents.len()],
        failed: vec![false; documents.len()],
    };
    for (number, document) in documents.iter().enumerate() {
        let first = diagnostics.len();
        let complete = match document {
            Document::Detection(_) => true,
            Document::Correlation(correlation) => {
                let (rules, complete) = index.correlation(correlation, diagnostics);
                let names = index.names(correlation, &rules, diagnostics);
                let complete = complete && names.is_some();
                if !correlation.generate {
                    for rule in &rules {
                        mark(&mut resolution.suppressed, rule.document);
                    }
                }
                if let Some(slot) = resolution.rules.get_mut(number) {
                    *slot = rules;
                }
                if let (Some(slot), Some(names)) = (resolution.names.get_mut(number), names) {
                    *slot = names;
                }
                complete
            }
            Document::Filter(filter) => index.filter(number, filter, &mut resolution.filters, diagnostics),
        };
        if !complete {
            mark(&mut resolution.failed, number);
        }
        label(metadata(document), diagnostics, first);
    }
    graph::sort(documents, &mut resolution, diagnostics);
    resolution
}

/// Names the rule in diagnostics that were pushed since.
pub(super) fn label(metadata: &Metadata, diagnostics: &mut Diagnostics, first: usize) {
    for diagnostic in diagnostics.iter_mut().skip(first) {
        diagnostic.rule.get_or_insert_with(|| metadata.label().to_owned());
    }
}

pub(super) fn mark(flags: &mut [bool], index: usize) {
    if let Some(flag) = flags.get_mut(index) {
        *flag = true;
    }
}

pub(super) fn metadata(document: &Document) -> &Metadata {
    match document {
        Document::Detection(rule) => &rule.metadata,
        Document::Correlation(rule) => &rule.metadata,
        Document::Filter(rule) => &rule.metadata,
    }
}

/// Rules and correlations by what they may be called.
struct Index<'a> {
    documents: &'a [&'a Document],
    ids: HashMap<String, Vec<usize>>,
    names: HashMap<&'a str, Vec<usize>>,
    titles: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(documents: &'a [&'a Document]) -> Self {
        let mut index = Self {
            documents,
            ids: HashMap::new(),
            names: HashMap::new(),
            titles: HashMap::new(),
        };
        for (number, document) in documents.iter().enumerate() {
            if matches!(document, Document::Filter(_)) {
                continue;
            }
            let metadata = metadata(document);
            if let Some(id) = &metadata.id {
                let ids = index.ids.entry(id.value.to_ascii_lowercase()).or_default();
                ids.push(number);
            }
            if let Some(name) = &metadata.name {
                index.names.entry(&name.value).or_default().push(number);
            }
            if !metadata.title.is_empty() {
                index.titles.entry(&metadata.title).or_default().push(number);
            }
        }
        index
    }

    fn find(&self, reference: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<ResolvedReference> {
        let text = reference.value.as_str();
        let by_id = self.ids.get(&text.to_ascii_lowercase());
        let by_title = self.titles.get(text);
        let found = by_id.or_else(|| self.names.get(text)).or(by_title);
        match found.map(Vec::as_slice) {
            Some([document]) => {
                if by_id.is_none() && !self.names.contains_key(text) {
                    diagnostics.push(
                        Diagnostic::warning(
                            Code::TITLE_REFERENCE,
                            "rule is referred to by its title",
                            reference.span,
                        )
                        .with_help("give the rule a `name` and refer to it by that, or by its `id`"),
                    );
                }
                Some(ResolvedReference {
                    reference: reference.clone(),
                    document: *document,
                })
            }
            Some(several) => {
                diagnostics.push(self.ambiguous(reference, several));
                None
            }
            None => {
                diagnostics.push(self.unknown(reference));
                None
            }
        }
    }

    fn ambiguous(&self, reference: &Spanned<String>, several: &[usize]) -> Diagnostic {
        let places = several.iter().filter_map(|number| self.documents.get(*number));
        places.fold(
            Diagnostic::error(
                Code::AMBIGUOUS_REFERENCE,
                format!("`{}` is the name of {} rules", reference.value, several.len()),
                reference.span,
            )
            .with_help("refer to the rule by an `id` that no other rule has"),
            |diagnostic, document| {
                let metadata = metadata(document);
                let span = match (&metadata.id, &metadata.name) {
                    (Some(id), _) if id.value.eq_ignore_ascii_case(&reference.value) => id.span,
                    (_, Some(name)) if name.value == reference.value => name.span,
                    _ => metadata.span,
                };
                diagnostic.with_label(span, "one of them")
            },
        )
    }

    fn unknown(&self, reference: &Spanned<String>) -> Diagnostic {
        let candidates = self.documents.iter().flat_map(|document| {
            let metadata = metadata(document);
            let id = metadata.id.as_ref().map(|id| id.value.as_str());
            let name = metadata.name.as_ref().map(|name| name.value.as_str());
            let is_filter = matches!(document, Document::Filter(_));
            id.into_iter().chain(name).filter(move |_| !is_filter)
        });
        let help = match closest(&reference.value, candidates) {
            Some(other) => format!("did you mean `{other}`?"),
            None => "add the rule to the files that are read, or correct its `id` or `name`".to_owned(),
        };
        Diagnostic::error(
            Code::UNKNOWN_REFERENCE,
            format!("no rule is called `{}`", reference.value),
            reference.span,
        )
        .with_help(help)
    }

    /// The rules of a correlation, and whether all references hold.
    fn correlation(
        &self,
        correlation: &CorrelationRule,
        diagnostics: &mut Diagnostics,
    ) -> (Vec<ResolvedReference>, bool) {
        let mut wanted: Vec<&Spanned<String>> = correlation.rules.iter().collect();
        if let CorrelationCondition::Extended(condition) = &correlation.condition
            && wanted.is_empty()
        {
            identifiers(&condition.root, &mut wanted);
        }
        let mut seen: Vec<&str> = Vec::new();
        wanted.retain(|reference| {
            let new = !seen.contains(&reference.value.as_str());
            seen.push(&reference.value);
            new
        });
        let rules: Vec<_> = wanted
            .iter()
            .filter_map(|reference| self.find(reference, diagnostics))
            .collect();
        let complete = rules.len() == wanted.len();
        (rules, complete)
    }

    /// What aliases and an extended condition call the rules; `None` if one is not among them.
    fn names(
        &self,
        correlation: &CorrelationRule,
        rules: &[ResolvedReference],
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<ResolvedReference>> {
        let aliases = correlation.aliases.iter().flat_map(|alias| &alias.fields);
        let mut wanted: Vec<_> = aliases.map(|(rule, _)| rule).collect();
        match &correlation.condition {
            // Without a list, the names in the condition are the rules.
            CorrelationCondition::Extended(condition) if !correlation.rules.is_empty() => {
                identifiers(&condition.root, &mut wanted);
            }
            CorrelationCondition::Extended(_)
            | CorrelationCondition::Threshold { .. }
            | CorrelationCondition::EachRule => {}
        }
        let written = |name: &Spanned<String>| {
            let listed = correlation.rules.iter().map(|rule| &rule.value);
            let found = rules.iter().map(|rule| &rule.reference.value);
            listed.chain(found).any(|other| *other == name.value)
        };
        let mut names = Vec::new();
        let mut complete = true;
        for name in wanted.into_iter().filter(|name| !written(name)) {
            let Some(found) = self.find(name, diagnostics) else {
                complete = false;
                continue;
            };
            if rules.iter().any(|rule| rule.document == found.document) {
                names.push(found);
                continue;
            }
            complete = false;
            diagnostics.push(
                Diagnostic::error(
                    Code::UNKNOWN_REFERENCE,
                    format!("`{}` is not among the rules of the correlation", name.value),
                    name.span,
                )
                .with_help("add it to `rules`"),
            );
        }
        complete.then_some(names)
    }

    /// Notes a filter at the rules that it applies to; whether all its references hold.
    fn filter(
        &self,
        number: usize,
        filter: &FilterRule,
        filters: &mut [Vec<usize>],
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let mut complete = true;
        let listed: Option<Vec<usize>> = match &filter.rules {
            FilterRules::Any => None,
            FilterRules::Listed(references) => {
                let mut targets = Vec::new();
                for reference in references {
                    match self.find(reference, diagnostics) {
                        Some(found) if self.is_correlation(found.document) => {
                            diagnostics.push(on_correlation(reference));
                            complete = false;
                        }
                        Some(found) => targets.push(found.document),
                        None => complete = false,
                    }
                }
                Some(targets)
            }
        };
        for ((index, document), slot) in self.documents.iter().enumerate().zip(filters) {
            let Document::Detection(rule) = document else {
                continue;
            };
            let applies = match &listed {
                Some(targets) => targets.contains(&index),
                None => log_source::covers(&filter.log_source, &rule.log_source),
            };
            if applies {
                slot.push(number);
            }
        }
        complete
    }

    fn is_correlation(&self, document: usize) -> bool {
        matches!(self.documents.get(document), Some(Document::Correlation(_)))
    }
}

fn on_correlation(reference: &Spanned<String>) -> Diagnostic {
    Diagnostic::error(
        Code::UNKNOWN_REFERENCE,
        format!(
            "`{}` is a correlation, which has no events to filter",
            reference.value
        ),
        reference.span,
    )
    .with_help("name the detection rules that the correlation refers to")
}

/// The names in a condition, from left to right, without recursion.
fn identifiers<'a>(root: &'a ConditionNode, names: &mut Vec<&'a Spanned<String>>) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match node {
            ConditionNode::And(nodes) | ConditionNode::Or(nodes) => open.extend(nodes.iter().rev()),
            ConditionNode::Not(inner) => open.push(inner),
            ConditionNode::Identifier(name) => names.push(name),
            ConditionNode::Selector(_) => {}
        }
    }
}

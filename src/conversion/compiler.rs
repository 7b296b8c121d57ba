//! A target made ready, and the way of each rule through the stages.

use std::sync::Arc;

use rayon::prelude::*;

use crate::backend::emit::{self, Part, Query, Request};
use crate::backend::language::{Language, Session};
use crate::collection::{Collection, Loaded};
use crate::conversion::{Conversion, ConvertedQuery, Outcome};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, SourceMap, Span, closest, collect};
use crate::lower;
use crate::normalize::{self, NormalRule, Resolution};
use crate::pipeline::{self, MappedPart, Pipeline, Placement, Schema, Unmapped};
use crate::rule::{DetectionRule, Document, FilterRule, Metadata};
use crate::templates::{Target, Templates};

/// What to convert to.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The target's name.
    pub target: String,
    /// Pipelines in addition to the target's own, in order: name and text of each.
    pub pipelines: Vec<(String, String)>,
    /// Schemas in addition to the target's own: name and text of each.
    pub schemas: Vec<(String, String)>,
    /// Whether the target's own pipelines and schema are left out.
    pub without_own_pipelines: bool,
    /// What happens to a field that has no counterpart; the target decides if not set.
    pub unmapped: Option<Unmapped>,
    /// The table (or index) to look in, whatever the pipelines say.
    pub table: Option<String>,
    /// Options that the target declares: name and value of each; of two of a name the last holds.
    pub options: Vec<(String, String)>,
}

/// A target with its language, pipelines and schema, read and checked.
#[derive(Debug)]
pub struct Compiler {
    /// The target.
    pub target: Target,
    /// Its language.
    pub language: Language,
    pipelines: Vec<Pipeline>,
    schema: Option<Schema>,
    unmapped: Unmapped,
    table: Option<String>,
}

impl Compiler {
    /// Reads a target's files; their texts are added to `sources`, so that faults can be shown.
    ///
    /// Errors: a target that does not exist ([`Code::UNKNOWN_TARGET`]), and faults of the files.
    pub fn new(
        templates: &Templates,
        settings: &Settings,
        sources: &mut SourceMap,
    ) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let compiler = Self::read(templates, settings, sources, &mut diagnostics);
        match compiler {
            Some(compiler) if diagnostics.iter().all(|fault| fault.severity < Severity::Error) => {
                Ok(compiler)
            }
            _ => Err(diagnostics),
        }
    }

    fn read(
        templates: &Templates,
        settings: &Settings,
        sources: &mut SourceMap,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let target = read_target(templates, &settings.target, sources, diagnostics)?;
        let mut language = read_language(templates, &target.language, sources, diagnostics)?;
        if let Err(title) = choose(&target, &settings.options, &mut language) {
            diagnostics.push(Diagnostic::global(Code::INVALID_OPTION, title));
            return None;
        }
        let mut pipelines = Vec::new();
        if !settings.without_own_pipelines {
            for name in &target.pipelines {
                let (path, text) = template(templates, "pipelines", name, diagnostics)?;
                pipelines.extend(Pipeline::read(&sources.add(path, text), diagnostics));
            }
        }
        for (name, text) in &settings.pipelines {
            pipelines.extend(Pipeline::read(&sources.add(name, text), diagnostics));
        }
        pipelines.sort_by_key(|pipeline| pipeline.priority);
        let mut schema = match target.schema.as_ref().filter(|_| !settings.without_own_pipelines) {
            None => None,
            Some(name) => {
                let (path, text) = template(templates, "schemas", name, diagnostics)?;
                Some(Schema::read(&sources.add(path, text), diagnostics)?)
            }
        };
        for (name, text) in &settings.schemas {
            let added = Schema::read(&sources.add(name, text), diagnostics)?;
            schema.get_or_insert_default().extend(added);
        }
        let unmapped = settings.unmapped.unwrap_or(target.unmapped);
        Some(Self {
            target,
            language,
            pipelines,
            schema,
            unmapped,
            table: settings.table.clone(),
        })
    }

    /// Converts all rules of a collection, in parallel; the outcomes are in the order of the documents.
    #[must_use]
    pub fn convert(&self, collection: &Collection) -> Conversion {
        self.convert_with(collection, &|| {})
    }

    /// As [`convert`](Self::convert), with a call after each document, for progress.
    #[must_use]
    pub fn convert_with(&self, collection: &Collection, done: &(dyn Fn() + Sync)) -> Conversion {
        let mut diagnostics = collection.diagnostics.clone();
        let documents: Vec<&Document> = collection.rules.iter().map(|loaded| &loaded.document).collect();
        let resolution = normalize::resolve(&documents, &mut diagnostics);
        let outcomes: Vec<Option<Outcome>> = (0..collection.rules.len())
            .into_par_iter()
            .map_init(
                || self.language.session(),
                |session, index| {
                    let outcome = self.outcome(session, collection, &resolution, index);
                    done();
                    outcome
                },
            )
            .collect();
        let mut conversion = Conversion {
            outcomes: outcomes.into_iter().flatten().collect(),
            diagnostics: Vec::new(),
        };
        conversion.outcomes.extend(failed_documents(collection));
        conversion.outcomes.sort_by_key(|outcome| outcome.span);
        attach(diagnostics, &mut conversion);
        conversion
    }

    /// Converts all rules of a collection into one query whose rows name their rule.
    #[must_use]
    pub fn convert_union(&self, collection: &Collection) -> (Conversion, Option<Query>) {
        let mut conversion = self.convert(collection);
        if conversion.failed() > 0 {
            return (conversion, None);
        }
        let mut requests = Vec::new();
        let mut diagnostics = Diagnostics::new();
        let documents: Vec<&Document> = collection.rules.iter().map(|loaded| &loaded.document).collect();
        let resolution = normalize::resolve(&documents, &mut Diagnostics::new());
        for (index, loaded) in collection.rules.iter().enumerate() {
            if let Document::Detection(rule) = &loaded.document
                && !loaded.origin.auxiliary
                && !suppressed(&resolution, index)
            {
                let filters = collection.filters_of(&resolution, index);
                let made = self
                    .requests(rule, &filters, &mut diagnostics)
                    .unwrap_or_default();
                requests.extend(made.into_iter().map(|(_, request)| request));
            }
        }
        let query = emit::emit_union(&self.language, &requests, &mut diagnostics);
        conversion.diagnostics.extend(
            diagnostics
                .into_iter()
                .filter(|fault| fault.severity == Severity::Error),
        );
        (conversion, query)
    }

    fn outcome(
        &self,
        session: &mut Session<'_>,
        collection: &Collection,
        resolution: &Resolution,
        index: usize,
    ) -> Option<Outcome> {
        let Loaded { document, origin } = collection.rules.get(index)?;
        if origin.auxiliary {
            return None;
        }
        let mut diagnostics = Diagnostics::new();
        let mut queries = Vec::new();
        let metadata = match document {
            Document::Filter(_) => return None,
            Document::Correlation(rule) => {
                diagnostics.push(
                    Diagnostic::error(
                        Code::UNSUPPORTED_CORRELATION,
                        "correlations cannot be compiled yet",
                        rule.span,
                    )
                    .with_help("the rules that it refers to can be converted on their own"),
                );
                &rule.metadata
            }
            Document::Detection(rule) => {
                if suppressed(resolution, index) {
                    return None;
                }
                let filters = collection.filters_of(resolution, index);
                queries = self
                    .compile_in(session, rule, &filters, &mut diagnostics)
                    .unwrap_or_default();
                &rule.metadata
            }
        };
        for diagnostic in &mut diagnostics {
            diagnostic.rule.get_or_insert_with(|| metadata.label().to_owned());
        }
        Some(Outcome {
            index: Some(index),
            rule_id: metadata.id.as_ref().map(|id| id.value.clone()),
            title: metadata.title.clone(),
            span: metadata.span,
            queries,
            diagnostics,
        })
    }

    /// Compiles one rule with the filters that apply to it: a query for each of its conditions.
    ///
    /// `None` means that at least one error was pushed; all errors of the rule are.
    pub fn compile(
        &self,
        rule: &DetectionRule,
        filters: &[&FilterRule],
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<ConvertedQuery>> {
        self.compile_in(&mut self.language.session(), rule, filters, diagnostics)
    }

    fn compile_in(
        &self,
        session: &mut Session<'_>,
        rule: &DetectionRule,
        filters: &[&FilterRule],
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<ConvertedQuery>> {
        let requests = self.requests(rule, filters, diagnostics)?;
        let mut queries = Vec::with_capacity(requests.len());
        let mut failed = false;
        for (name, request) in requests {
            match emit::emit_in(session, &self.language, &request, diagnostics) {
                None => failed = true,
                Some(query) => {
                    account(&request, &query, diagnostics);
                    queries.push(ConvertedQuery { name, query });
                }
            }
        }
        let errors = diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error);
        (!failed && !errors).then_some(queries)
    }

    /// The conditions of a rule, ready for the backend, each with its name. `None` as for [`compile`](Self::compile).
    pub fn requests<'r>(
        &self,
        rule: &'r DetectionRule,
        filters: &[&FilterRule],
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<(Option<String>, Request<'r>)>> {
        let mapped = self.map(normalize::normalize(rule, filters, diagnostics)?, diagnostics)?;
        let first = mapped.first()?;
        let mut requests = Vec::with_capacity(first.rule.conditions.len());
        for (index, condition) in first.rule.conditions.iter().enumerate() {
            let mut parts = Vec::with_capacity(mapped.len());
            for part in &mapped {
                let condition = part.rule.conditions.get(index)?;
                parts.push(lowered(part, lower::lower(&part.rule, condition, diagnostics)?));
            }
            parts.dedup_by(|next, kept| {
                kept.tables == next.tables && kept.expr == next.expr && kept.computed == next.computed
            });
            requests.push((
                condition.name.clone(),
                request(&rule.metadata, condition.span, parts),
            ));
        }
        Some(requests)
    }

    fn map(&self, rules: Vec<NormalRule>, diagnostics: &mut Diagnostics) -> Option<Vec<MappedPart>> {
        let pipelines: Vec<&Pipeline> = self.pipelines.iter().collect();
        let placement = Placement {
            schema: self.schema.as_ref(),
            unmapped: self.unmapped,
            table: self.table.as_deref(),
        };
        let mut mapped = Vec::with_capacity(rules.len());
        let mut failed = false;
        for rule in rules {
            match pipeline::apply(&pipelines, rule, &placement, diagnostics) {
                Some(parts) => mapped.extend(parts),
                None => failed = true,
            }
        }
        (!failed).then_some(mapped)
    }
}

/// Whether a document gives no query of its own, as a correlation refers to it.
fn suppressed(resolution: &Resolution, index: usize) -> bool {
    resolution.suppressed.get(index).copied().unwrap_or_default()
}

fn lowered(part: &MappedPart, expr: lower::Expr) -> Part {
    Part {
        tables: part.tables.clone(),
        time: part.time.clone(),
        computed: part
            .computed
            .iter()
            .map(|(name, computed)| (Arc::clone(name), Arc::clone(&computed.expression)))
            .collect(),
        expr,
        fields: part.rule.fields.clone(),
    }
}

fn request(metadata: &Metadata, span: Span, parts: Vec<Part>) -> Request<'_> {
    Request {
        rule_id: metadata.label(),
        title: &metadata.title,
        span,
        parts,
    }
}

/// Sees to it that each leaf was emitted: what is missing is an error, never silence.
fn account(request: &Request<'_>, query: &Query, diagnostics: &mut Diagnostics) {
    for (part, emitted) in request.parts.iter().zip(&query.emitted) {
        for leaf in part.expr.leaves().filter(|leaf| !emitted.contains(&leaf.id())) {
            let title = "a part of the rule is missing from the query";
            diagnostics.push(
                Diagnostic::error(Code::LOST_LEAF, title, leaf.span()).with_help(
                    "this is a fault of the language's templates or of sigmatic: please report it",
                ),
            );
        }
    }
}

fn failed_documents(collection: &Collection) -> impl Iterator<Item = Outcome> + '_ {
    collection.failures.iter().map(|failure| Outcome {
        index: None,
        rule_id: failure.rule.clone(),
        title: String::new(),
        span: failure.span,
        queries: Vec::new(),
        diagnostics: failure.diagnostics.clone(),
    })
}

/// Gives findings on a document to its outcome; an error there fails the rule.
fn attach(diagnostics: Diagnostics, conversion: &mut Conversion) {
    for diagnostic in diagnostics {
        let place = diagnostic.span();
        let outcome = place.and_then(|place| {
            conversion.outcomes.iter_mut().rev().find(|outcome| {
                outcome.span.source == place.source
                    && outcome.span.start <= place.start
                    && place.start <= outcome.span.end
            })
        });
        match outcome {
            Some(outcome) => {
                if diagnostic.severity == Severity::Error {
                    outcome.queries.clear();
                }
                outcome.diagnostics.push(diagnostic);
            }
            None => conversion.diagnostics.push(diagnostic),
        }
    }
}

/// Applies options to a language; the error is a sentence.
fn choose(target: &Target, options: &[(String, String)], language: &mut Language) -> Result<(), String> {
    for value in target.chosen(options)? {
        language.change_classes(&value.types).map_err(|class| {
            format!(
                "an option of target {:?} names the class {class:?}, which its language does not have",
                target.name
            )
        })?;
    }
    Ok(())
}

fn read_target(
    templates: &Templates,
    name: &str,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Option<Target> {
    let Some((path, text)) = templates.named("targets", name) else {
        let known = templates.targets();
        let mut fault = Diagnostic::global(Code::UNKNOWN_TARGET, format!("there is no target {name:?}"));
        fault.help = Some(match closest(name, known.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("known targets: {}", known.join(", ")),
        });
        diagnostics.push(fault);
        return None;
    };
    collect(Target::read(&sources.add(path, text)), diagnostics)
}

pub(super) fn read_language(
    templates: &Templates,
    name: &str,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Option<Language> {
    let files = templates.language(name);
    let mut layers = Vec::new();
    for layer in &files.layers {
        let mut added = Vec::new();
        for (file, path, text) in layer {
            added.push((*file, sources.add(path.as_str(), *text)));
        }
        layers.push(added);
    }
    let language = collect(Language::load_layers(name, &layers), diagnostics)?;
    // Builds for tests hold the printed values of the built-in languages against their shapes too.
    let trusted = files.builtin && !cfg!(debug_assertions);
    Some(if trusted { language.trusted() } else { language })
}

fn template<'t>(
    templates: &'t Templates,
    folder: &str,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Option<(&'t str, &'t str)> {
    let found = templates.named(folder, name);
    if found.is_none() {
        diagnostics.push(Diagnostic::global(
            Code::UNKNOWN_TARGET,
            format!("there is no file {name:?} among the {folder}"),
        ));
    }
    found
}

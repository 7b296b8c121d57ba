//! Writes what a conversion gave: to standard output or one file, or as one file for each query.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use sigmatic::collection::Collection;
use sigmatic::conversion::format::savedsearches::SavedSearches;
use sigmatic::conversion::format::{self, Format};
use sigmatic::conversion::{Compiler, Conversion, ConvertedQuery, Outcome};
use sigmatic::diagnostic::{Diagnostic, Label, SourceId, SourceMap};
use sigmatic::rule::Document;
use sigmatic::templates::Templates;

use super::names::{Namer, Parts};

/// What results are written with.
pub(super) struct Output<'o> {
    /// The target.
    pub compiler: &'o Compiler,
    /// The rules.
    pub collection: &'o Collection,
    /// Their texts.
    pub sources: &'o SourceMap,
    /// The format.
    pub format: Format,
}

impl Output<'_> {
    pub(super) fn saved_searches(&self) -> anyhow::Result<SavedSearches> {
        SavedSearches::new(&Templates::builtin()).map_err(|fault| anyhow::anyhow!(fault.title))
    }

    /// One stanza; a fault is added to `faults`.
    fn stanza(
        &self,
        file: &mut SavedSearches,
        outcome: &Outcome,
        converted: &ConvertedQuery,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let loaded = outcome.index.and_then(|index| self.collection.rules.get(index))?;
        let metadata = match &loaded.document {
            Document::Detection(rule) => &rule.metadata,
            Document::Correlation(rule) => &rule.metadata,
            Document::Filter(_) => return None,
        };
        match file.stanza(metadata, converted.name.as_deref(), &converted.query.text) {
            Ok(stanza) => Some(stanza),
            Err(mut fault) => {
                fault.rule.get_or_insert_with(|| metadata.label().to_owned());
                faults.push(*fault);
                None
            }
        }
    }

    /// One query in the output's format, with the line break at its end; `None` if a fault was added to `faults`.
    fn one(
        &self,
        file: &mut SavedSearches,
        outcome: &Outcome,
        converted: &ConvertedQuery,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let target = &self.compiler.target;
        match self.format {
            Format::Query => Some(format!("{}\n", converted.query.text)),
            Format::Json => Some(format!(
                "{}\n",
                format::query_json(outcome, converted, target, self.sources)
            )),
            Format::SavedSearches => self.stanza(file, outcome, converted, faults),
        }
    }

    /// All queries as one text; between two of them a blank line, save in JSON.
    pub(super) fn text(
        &self,
        conversion: &Conversion,
        faults: &mut Vec<Diagnostic>,
    ) -> anyhow::Result<String> {
        let length = conversion.queries().map(|query| query.text.len() + 2).sum();
        let mut text = String::with_capacity(length);
        let mut file = self.saved_searches()?;
        for outcome in &conversion.outcomes {
            for converted in &outcome.queries {
                let Some(one) = self.one(&mut file, outcome, converted, faults) else {
                    continue;
                };
                if !text.is_empty() && self.format != Format::Json {
                    text.push('\n');
                }
                text.push_str(&one);
            }
            if self.format == Format::Json
                && outcome.failed()
                && let Some(record) = format::failure_json(outcome, self.sources)
            {
                text.push_str(&record);
                text.push('\n');
            }
        }
        Ok(text)
    }

    /// One file for each query; a fault of a name is reported and the others are written.
    pub(super) fn to_folder(
        &self,
        conversion: &Conversion,
        folder: &Path,
        template: &str,
        faults: &mut Vec<Diagnostic>,
    ) -> anyhow::Result<()> {
        let mut namer = Namer::new(template).with_context(|| format!("invalid --name {template:?}"))?;
        let mut file = self.saved_searches()?;
        let mut counts: BTreeMap<SourceId, (usize, usize)> = BTreeMap::new();
        for outcome in &conversion.outcomes {
            counts.entry(outcome.span.source).or_default().1 += outcome.queries.len();
        }
        for outcome in &conversion.outcomes {
            for converted in &outcome.queries {
                let (index, count) = counts.entry(outcome.span.source).or_default();
                *index += 1;
                let parts = self.parts(outcome, converted, (*index, *count));
                let name = match namer.name(&parts) {
                    Ok(name) => name,
                    Err(mut fault) => {
                        fault.labels.push(Label {
                            span: outcome.span,
                            text: String::new(),
                        });
                        faults.push(*fault);
                        continue;
                    }
                };
                let Some(text) = self.one(&mut file, outcome, converted, faults) else {
                    continue;
                };
                let path = folder.join(name);
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)
                        .with_context(|| format!("cannot create {}", parent.display()))?;
                }
                write_text(Some(&path), &text)?;
            }
        }
        Ok(())
    }

    /// What the file name of a query is made of; `place` is its number in its file, and how many there are.
    fn parts<'p>(
        &'p self,
        outcome: &'p Outcome,
        converted: &'p ConvertedQuery,
        place: (usize, usize),
    ) -> Parts<'p> {
        let origin = outcome
            .index
            .and_then(|index| self.collection.rules.get(index))
            .map(|loaded| &loaded.origin);
        Parts {
            title: &outcome.title,
            id: outcome.rule_id.as_deref().unwrap_or_default(),
            name: converted.name.as_deref().unwrap_or_default(),
            stem: origin.map(|origin| origin.stem.as_str()).unwrap_or_default(),
            path: origin.map(|origin| origin.below.as_str()).unwrap_or_default(),
            target: &self.compiler.target.name,
            language: &self.compiler.target.language,
            extension: self.format.extension(&self.compiler.target),
            index: place.0,
            count: place.1,
        }
    }
}

/// Writes a text to a file, or to standard output.
pub(super) fn write_text(path: Option<&Path>, text: &str) -> anyhow::Result<()> {
    match path {
        Some(path) => fs::write(path, text).with_context(|| format!("cannot write {}", path.display())),
        None => {
            let mut stdout = io::stdout().lock();
            stdout.write_all(text.as_bytes())?;
            Ok(stdout.flush()?)
        }
    }
}

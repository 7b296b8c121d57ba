//! Reads files in parallel into typed documents.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::collection::Found;
use crate::collection::find::shown;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Source, SourceId, SourceMap, Span};
use crate::normalize::Resolution;
use crate::rule::{self, Document, FilterRule};
use crate::source::{self, Limits};

/// Something to read rules from.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file that was named or found.
    File(Found),
    /// A text that is there already: standard input, or a library user's.
    Text {
        /// As shown to people.
        name: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

/// Where a document comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The source that holds it.
    pub source: SourceId,
    /// The file's name without folders and extension.
    pub stem: String,
    /// The file's folders below the path that was given.
    pub below: String,
    /// Whether the document was read only to be referred to (`--filter`): it gives no query of its own.
    pub auxiliary: bool,
}

/// A document that was read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The typed document.
    pub document: Document,
    /// Where it comes from.
    pub origin: Origin,
}

/// A document that could not be read.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its id, else its title, where known.
    pub rule: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// Why: at least one error.
    pub diagnostics: Diagnostics,
}

/// The documents of a run, in order of path, then of document.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// The documents without an error.
    pub rules: Vec<Loaded>,
    /// The documents with one.
    pub failures: Vec<Failure>,
    /// Findings that fail no document.
    pub diagnostics: Diagnostics,
}

impl Collection {
    /// Reads all inputs; their texts are added to `sources`. Files are read and parsed in parallel.
    #[must_use]
    pub fn load(inputs: Vec<Input>, auxiliary: bool, sources: &mut SourceMap) -> Self {
        let base = sources.next_id().0;
        let files: Vec<LoadedFile> = inputs
            .into_par_iter()
            .enumerate()
            .map(|(index, input)| {
                let id = SourceId(base.saturating_add(u32::try_from(index).unwrap_or(u32::MAX)));
                load_one(input, id, auxiliary)
            })
            .collect();
        let mut collection = Self::default();
        for file in files {
            sources.push(file.source);
            collection.rules.extend(file.rules);
            collection.failures.extend(file.failures);
            collection.diagnostics.extend(file.diagnostics);
        }
        collection
    }

    /// Reads one text.
    #[must_use]
    pub fn from_text(name: &str, text: &str, sources: &mut SourceMap) -> Self {
        let input = Input::Text {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        Self::load(vec![input], false, sources)
    }

    /// Puts another collection behind this one.
    pub fn append(&mut self, other: Self) {
        self.rules.extend(other.rules);
        self.failures.extend(other.failures);
        self.diagnostics.extend(other.diagnostics);
    }

    /// The filters that apply to a document.
    #[must_use]
    pub fn filters_of(&self, resolution: &Resolution, index: usize) -> Vec<&FilterRule> {
        resolution
            .filters
            .get(index)
            .into_iter()
            .flatten()
            .filter_map(|filter| match &self.rules.get(*filter)?.document {
                Document::Filter(filter) => Some(filter),
                Document::Detection(_) | Document::Correlation(_) => None,
            })
            .collect()
    }
}

struct LoadedFile {
    source: Arc<Source>,
    rules: Vec<Loaded>,
    failures: Vec<Failure>,
    diagnostics: Diagnostics,
}

fn load_one(input: Input, id: SourceId, auxiliary: bool) -> LoadedFile {
    let limits = Limits::default();
    let mut faults = Diagnostics::new();
    let (name, bytes, stem, below, named) = match input {
        Input::Text { name, bytes } => (name, Ok(bytes), "stdin".to_owned(), String::new(), true),
        Input::File(found) => {
            let stem = found
                .path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned());
            let bytes = read_bytes(&found.path, limits.file_bytes);
            (
                shown(&found.path),
                bytes,
                stem.unwrap_or_default(),
                found.below,
                found.named,
            )
        }
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(fault) => {
            let title = format!("cannot read {name}: {fault}");
            let source = Arc::new(Source {
                id,
                name,
                text: String::new(),
            });
            let diagnostics = vec![Diagnostic::global(Code::UNREADABLE_FILE, title)];
            let failure = Failure {
                rule: None,
                span: start_of(id),
                diagnostics,
            };
            return LoadedFile {
                source,
                rules: Vec::new(),
                failures: vec![failure],
                diagnostics: faults,
            };
        }
    };
    let decoded = source::decode(&name, bytes, id, &limits, &mut faults);
    let source = Arc::new(decoded.source);
    let mut file = LoadedFile {
        source,
        rules: Vec::new(),
        failures: Vec::new(),
        diagnostics: Vec::new(),
    };
    let documents = if decoded.readable {
        source::read(&file.source, &limits, &mut faults)
    } else {
        Vec::new()
    };
    for fault in faults {
        file.fail_or_keep(fault);
    }
    let mut findings = Diagnostics::new();
    let roots = documents.into_iter().map(|document| document.root).collect();
    let reading = rule::read(&file.source, roots, &mut findings);
    let origin = Origin {
        source: id,
        stem,
        below,
        auxiliary,
    };
    file.rules
        .extend(reading.documents.into_iter().map(|document| Loaded {
            document,
            origin: origin.clone(),
        }));
    file.failures
        .extend(reading.failed.into_iter().map(|failed| Failure {
            rule: failed.rule,
            span: failed.span,
            diagnostics: Vec::new(),
        }));
    for finding in findings {
        file.assign(finding);
    }
    for span in reading.unrecognised {
        file.assign(not_a_rule(span, named));
    }
    file.failures.sort_by_key(|failure| failure.span);
    file
}

impl LoadedFile {
    /// An error of the YAML is a document that failed; anything less is kept.
    fn fail_or_keep(&mut self, fault: Diagnostic) {
        if fault.severity == Severity::Error {
            let span = fault.span().unwrap_or_else(|| start_of(self.source.id));
            self.failures.push(Failure {
                rule: None,
                span,
                diagnostics: vec![fault],
            });
        } else {
            self.diagnostics.push(fault);
        }
    }

    /// Gives a finding to the failed document in which it stands.
    fn assign(&mut self, finding: Diagnostic) {
        if finding.severity < Severity::Error {
            self.diagnostics.push(finding);
            return;
        }
        let place = finding.span().unwrap_or_default();
        let holds = |failure: &&mut Failure| {
            failure.span.start <= place.start
                && place.start <= failure.span.end
                && (failure.rule.is_none() || finding.rule.is_none() || failure.rule == finding.rule)
        };
        match self.failures.iter_mut().rev().find(holds) {
            Some(failure) => failure.diagnostics.push(finding),
            None => self.fail_or_keep(finding),
        }
    }
}

fn not_a_rule(span: Span, named: bool) -> Diagnostic {
    let title = "the document is not a Sigma rule, correlation or filter";
    let help = "a rule has `detection`, a correlation `correlation`, a filter `filter`";
    let diagnostic = if named {
        Diagnostic::error(Code::NOT_A_RULE, title, span)
    } else {
        Diagnostic::note(Code::NOT_A_RULE, title, span)
    };
    diagnostic.with_help(help)
}

fn start_of(source: SourceId) -> Span {
    Span {
        source,
        start: 0,
        end: 0,
    }
}

/// The bytes of a file, at most one more than the limit.
fn read_bytes(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let capacity = usize::try_from(size).unwrap_or(usize::MAX).min(limit) + 1;
    let mut bytes = Vec::with_capacity(capacity);
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

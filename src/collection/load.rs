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
use crate::rule::{self, Document, FailedDocument, FilterRule};
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
        collection
            .rules
            .reserve_exact(files.iter().map(|file| file.rules.len()).sum());
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

/// The bytes of an input, and what is known of it without them.
struct Opened {
    name: String,
    bytes: io::Result<Vec<u8>>,
    stem: String,
    below: String,
    named: bool,
}

fn open(input: Input, limits: &Limits) -> Opened {
    match input {
        Input::Text { name, bytes } => Opened {
            name,
            bytes: Ok(bytes),
            stem: "stdin".to_owned(),
            below: String::new(),
            named: true,
        },
        Input::File(found) => Opened {
            name: shown(&found.path),
            bytes: read_bytes(&found.path, limits.file_bytes),
            stem: found
                .path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
                .unwrap_or_default(),
            below: found.below,
            named: found.named,
        },
    }
}

fn load_one(input: Input, id: SourceId, auxiliary: bool) -> LoadedFile {
    let limits = Limits::default();
    let opened = open(input, &limits);
    let bytes = match opened.bytes {
        Ok(bytes) => bytes,
        Err(fault) => return unreadable(id, opened.name, &fault),
    };
    let mut faults = Diagnostics::new();
    let decoded = source::decode(&opened.name, bytes, id, &limits, &mut faults);
    let mut file = LoadedFile::new(decoded.source);
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
        stem: opened.stem,
        below: opened.below,
        auxiliary,
    };
    file.rules
        .extend(reading.documents.into_iter().map(|document| Loaded {
            document,
            origin: origin.clone(),
        }));
    file.assign(reading.failed, findings);
    for span in reading.unrecognised {
        let finding = not_a_rule(span, opened.named);
        if opened.named {
            file.fail(finding, span);
        } else {
            file.diagnostics.push(finding);
        }
    }
    file.failures.sort_by_key(|failure| failure.span);
    file
}

fn unreadable(id: SourceId, name: String, fault: &io::Error) -> LoadedFile {
    let title = format!("cannot read {name}: {fault}");
    let mut file = LoadedFile::new(Source {
        id,
        name,
        text: String::new(),
    });
    file.fail(Diagnostic::global(Code::UNREADABLE_FILE, title), start_of(id));
    file
}

impl LoadedFile {
    fn new(source: Source) -> Self {
        Self {
            source: Arc::new(source),
            rules: Vec::new(),
            failures: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// An error of the YAML is a document that failed, once for all errors between the same two lines `---`;
    /// anything less is kept.
    fn fail_or_keep(&mut self, fault: Diagnostic) {
        if fault.severity < Severity::Error {
            self.diagnostics.push(fault);
            return;
        }
        let span = fault.span().unwrap_or_else(|| start_of(self.source.id));
        let document = self.document_of(span);
        let known = self
            .failures
            .iter()
            .position(|failure| self.document_of(failure.span) == document);
        match known.and_then(|index| self.failures.get_mut(index)) {
            Some(failure) => failure.diagnostics.push(fault),
            None => self.fail(fault, span),
        }
    }

    fn fail(&mut self, fault: Diagnostic, span: Span) {
        self.failures.push(Failure {
            rule: None,
            span,
            diagnostics: vec![fault],
        });
    }

    /// The byte at which the YAML document around a place begins.
    fn document_of(&self, place: Span) -> u32 {
        let before = self.source.text.get(..place.start as usize).unwrap_or_default();
        let marker = before.rmatch_indices("\n---").find(|(index, found)| {
            let after = before.get(index + found.len()..).unwrap_or_default();
            after.is_empty() || after.starts_with([' ', '\t', '\r', '\n'])
        });
        marker.map_or(0, |(index, _)| u32::try_from(index + 1).unwrap_or(u32::MAX))
    }

    /// Gives the failed documents their errors; all other findings are kept beside them.
    fn assign(&mut self, failed: Vec<FailedDocument>, findings: Diagnostics) {
        let mut owners: Vec<Option<usize>> = vec![None; findings.len()];
        for failed in failed {
            let owner = self.failures.len();
            for place in owners.get_mut(failed.findings.clone()).into_iter().flatten() {
                *place = Some(owner);
            }
            self.failures.push(Failure {
                rule: failed.rule,
                span: failed.span,
                diagnostics: Vec::new(),
            });
        }
        for (finding, owner) in findings.into_iter().zip(owners) {
            let owner = owner.filter(|_| finding.severity == Severity::Error);
            match owner.and_then(|owner| self.failures.get_mut(owner)) {
                Some(failure) => failure.diagnostics.push(finding),
                None => self.diagnostics.push(finding),
            }
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

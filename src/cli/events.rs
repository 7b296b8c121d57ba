//! `sigmatic match`: rules over events.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde::Serialize;
use sigmatic::diagnostic::{Diagnostic, Diagnostics, Severity, SourceMap};
use sigmatic::eval::{self, EvaluationError, Event, ReadyRule, RuleSet};

use super::report::{self, Color};
use super::{Status, convert, inputs};

/// Events that are read before they are shared out to the threads.
const BATCH: usize = 4_096;

/// Arguments of `match`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Rule files and folders; `-` is standard input
    #[arg(required = true)]
    rules: Vec<PathBuf>,
    /// Files with events: a JSON object on each line, or JSON arrays; `-` is standard input
    #[arg(short, long, required = true, num_args = 1.., value_name = "FILE")]
    events: Vec<PathBuf>,
    /// A file or folder with filters, or with rules that are only referred to
    #[arg(long = "filter", value_name = "FILE")]
    filters: Vec<PathBuf>,
    /// Show what held and what did not, for one rule and one event
    #[arg(long)]
    explain: bool,
    /// What to write
    #[arg(short, long, value_enum, default_value_t)]
    format: Format,
    /// Only errors on standard error
    #[arg(short, long)]
    quiet: bool,
    /// When to colour messages
    #[arg(long, value_enum, default_value_t)]
    color: Color,
    /// Threads; all cores by default
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
}

const EXAMPLES: &str = "Examples:
  sigmatic match rules/ --events events.ndjson
  sigmatic match rule.yml --events event.json --explain";

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each match
    #[default]
    Text,
    /// A JSON object on a line for each event that matched
    Json,
}

#[derive(Serialize)]
struct EventRecord<'a> {
    event: usize,
    file: &'a str,
    rules: Vec<RuleRecord<'a>>,
}

#[derive(Serialize)]
struct RuleRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'a str>,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Status> {
    convert::use_threads(arguments.jobs)?;
    let mut sources = SourceMap::new();
    let color = arguments.color.on_stderr();
    let collection = inputs::load(&arguments.rules, &arguments.filters, &mut sources)?;
    if inputs::nothing_recognised(&collection) {
        inputs::tell_nothing(&arguments.rules, &collection, &sources, color, arguments.quiet)?;
        return Ok(Status::Unusable);
    }
    let mut diagnostics: Diagnostics = collection
        .failures
        .iter()
        .flat_map(|failure| failure.diagnostics.clone())
        .collect();
    diagnostics.extend(collection.diagnostics.iter().cloned());
    let rules = RuleSet::new(&collection, &mut diagnostics);
    report::diagnostics(&diagnostics, &sources, color, arguments.quiet)?;
    let broken = diagnostics
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let mut run = Run {
        rules: &rules,
        sources: &sources,
        arguments: &arguments,
        color,
        matches: 0,
        faults: 0,
    };
    if arguments.explain {
        run.explain()?;
    } else {
        for path in &arguments.events {
            run.file(path)?;
        }
        run.count()?;
    }
    Ok(if broken || run.faults > 0 {
        Status::Findings
    } else {
        Status::Clean
    })
}

struct Run<'r> {
    rules: &'r RuleSet,
    sources: &'r SourceMap,
    arguments: &'r Arguments,
    color: bool,
    matches: usize,
    faults: usize,
}

impl Run<'_> {
    /// Runs all rules over the events of a file; results are in the order of the events.
    fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        let name = path.display().to_string();
        let mut events = eval::events(open(path)?);
        let mut first = 0;
        let mut stdout = io::BufWriter::new(io::stdout().lock());
        loop {
            let mut batch = Vec::with_capacity(BATCH);
            for event in events.by_ref().take(BATCH) {
                match event {
                    Ok(event) => batch.push(Some(event)),
                    Err(fault) => {
                        self.faults += 1;
                        report::line(&format!("error[SG601]: {name}: {fault}"))?;
                        batch.push(None);
                    }
                }
            }
            if batch.is_empty() {
                return Ok(stdout.flush()?);
            }
            let results: Vec<_> = batch
                .par_iter()
                .map(|event| {
                    event
                        .as_ref()
                        .map(|event| self.rules.matching(event))
                        .unwrap_or_default()
                })
                .collect();
            for (index, (matched, faults)) in results.iter().enumerate() {
                self.undecided(faults)?;
                self.matches += matched.len();
                self.write(&mut stdout, &name, first + index, matched)?;
            }
            first += batch.len();
        }
    }

    fn write(
        &self,
        stdout: &mut impl Write,
        file: &str,
        event: usize,
        matched: &[&ReadyRule],
    ) -> io::Result<()> {
        if matched.is_empty() {
            return Ok(());
        }
        match self.arguments.format {
            Format::Text => {
                for rule in matched {
                    let level = rule.level.as_deref().unwrap_or("-");
                    let id = rule.id.as_deref().unwrap_or("-");
                    let title = rule.title.replace(char::is_control, " ");
                    writeln!(stdout, "{file}: event {event}: {title} [{level}] {id}")?;
                }
                Ok(())
            }
            Format::Json => {
                let rules = matched
                    .iter()
                    .map(|rule| RuleRecord {
                        id: rule.id.as_deref(),
                        title: &rule.title,
                        level: rule.level.as_deref(),
                    })
                    .collect();
                serde_json::to_writer(&mut *stdout, &EventRecord { event, file, rules })?;
                writeln!(stdout)
            }
        }
    }

    fn undecided(&mut self, faults: &[EvaluationError]) -> io::Result<()> {
        self.faults += faults.len();
        let findings: Vec<&Diagnostic> = faults.iter().map(|fault| &*fault.diagnostic).collect();
        report::diagnostics(findings, self.sources, self.color, self.arguments.quiet)
    }

    fn count(&self) -> io::Result<()> {
        if self.arguments.quiet {
            return Ok(());
        }
        let rules = report::thousands(self.rules.rules.len());
        report::line(&format!(
            "{} matches, {rules} rules",
            report::thousands(self.matches)
        ))
    }

    /// The conditions of the one rule as trees, with what held for the one event.
    fn explain(&mut self) -> anyhow::Result<()> {
        let [rule] = self.rules.rules.as_slice() else {
            anyhow::bail!(
                "--explain takes one rule, and the paths hold {}",
                self.rules.rules.len()
            );
        };
        let mut found: Option<Event> = None;
        for path in &self.arguments.events {
            for event in eval::events(open(path)?) {
                let event = event.with_context(|| path.display().to_string())?;
                if found.replace(event).is_some() {
                    anyhow::bail!("--explain takes one event, and the files hold several");
                }
            }
        }
        let event = found.context("--explain takes one event, and the files hold none")?;
        let mut stdout = io::stdout().lock();
        for (name, matcher) in &rule.conditions {
            if let Some(name) = name {
                writeln!(stdout, "condition {name}")?;
            }
            stdout.write_all(matcher.explain(&event).render().as_bytes())?;
        }
        Ok(())
    }
}

fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Box::new(BufReader::with_capacity(1 << 18, file)))
}

//! `sigmatic convert`: rules into queries.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sigmatic::conversion::format::{self, Format};
use sigmatic::conversion::{Compiler, Conversion, Outcome, Settings};
use sigmatic::diagnostic::{Diagnostic, Severity, SourceMap, closest};
use sigmatic::pipeline::Unmapped;
use sigmatic::rule::Metadata;
use sigmatic::templates::Templates;

use super::names;
use super::output::{Output, write_text};
use super::report::{self, Color};
use super::{Status, inputs};

/// Arguments of `convert`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Rule files and folders; `-` is standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The platform to convert for (see `list targets`)
    #[arg(short, long, default_value = "sentinel")]
    target: String,
    /// A pipeline to run after the target's own: a name of `list pipelines` or a file; `none` turns the target's own off
    #[arg(short, long = "pipeline", value_name = "PIPELINE|FILE")]
    pipelines: Vec<String>,
    /// What to write (see `list formats`)
    #[arg(short, long, default_value = "query")]
    format: String,
    /// A file or folder with filters, or with rules that are only referred to
    #[arg(long = "filter", value_name = "FILE")]
    filters: Vec<PathBuf>,
    /// The file to write instead of standard output
    #[arg(short, long, value_name = "FILE", conflicts_with = "out_dir")]
    output: Option<PathBuf>,
    /// A folder to write one file per query into
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
    /// The name of each file in `--out-dir`: a template over title, id, name, stem, path, target, language, extension, index
    #[arg(long, value_name = "TEMPLATE", default_value = names::DEFAULT, requires = "out_dir")]
    name: String,
    /// One query out of all rules; a column names the rule of each row
    #[arg(long, conflicts_with = "out_dir")]
    union: bool,
    /// A folder laid out like `templates/` that adds or changes targets, languages, pipelines and schemas
    #[arg(long = "templates", value_name = "DIR")]
    templates: Vec<PathBuf>,
    /// A setting of the target: `table=NAME` says where to look, whatever the pipelines say; others are the target's own
    #[arg(short = 'O', long = "option", value_name = "KEY=VALUE")]
    options: Vec<String>,
    /// A schema with further tables, or further columns of the target's
    #[arg(long = "schema", value_name = "FILE")]
    schemas: Vec<PathBuf>,
    /// What becomes of a field that the target does not have
    #[arg(long, value_enum)]
    unmapped: Option<UnmappedChoice>,
    /// Stop at the first rule that fails
    #[arg(long)]
    fail_fast: bool,
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
  sigmatic convert -t sentinel rules/windows
  sigmatic convert -t sentinel --out-dir queries --name '{{ path }}/{{ id }}.{{ extension }}' rules
  sigmatic convert -t sentinel -p none -O table=MyTable_CL rule.yml
  cat rule.yml | sigmatic convert -t sentinel -";

#[derive(Clone, Copy, ValueEnum)]
enum UnmappedChoice {
    /// The rule fails
    Error,
    /// The field is kept, with a warning
    Warn,
    /// The field is kept
    Keep,
}

impl From<UnmappedChoice> for Unmapped {
    fn from(choice: UnmappedChoice) -> Self {
        match choice {
            UnmappedChoice::Error => Self::Error,
            UnmappedChoice::Warn => Self::Warn,
            UnmappedChoice::Keep => Self::Keep,
        }
    }
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Status> {
    use_threads(arguments.jobs)?;
    let mut sources = SourceMap::new();
    let color = arguments.color.on_stderr();
    let templates = match inputs::templates(&arguments.templates) {
        Ok(templates) => templates,
        Err(fault) => {
            report::diagnostics([&*fault], &sources, color, arguments.quiet)?;
            return Ok(Status::Unusable);
        }
    };
    let settings = settings(&arguments, &templates)?;
    let compiler = match Compiler::new(&templates, &settings, &mut sources) {
        Ok(compiler) => compiler,
        Err(faults) => {
            report::diagnostics(&faults, &sources, color, arguments.quiet)?;
            return Ok(Status::Unusable);
        }
    };
    let format = format_of(&arguments.format, &compiler)?;
    let collection = inputs::load(&arguments.paths, &arguments.filters, &mut sources)?;
    if inputs::nothing_recognised(&collection) {
        inputs::tell_nothing(&arguments.paths, &collection, &sources, color, arguments.quiet)?;
        return Ok(Status::Unusable);
    }
    let output = Output {
        compiler: &compiler,
        collection: &collection,
        sources: &sources,
        format,
    };
    if arguments.union {
        return union(&arguments, &output, color);
    }
    let progress = progress(&arguments, collection.rules.len());
    let mut conversion = compiler.convert_with(&collection, &|| progress.inc(1));
    progress.finish_and_clear();
    if arguments.fail_fast {
        stop_at_first_failure(&mut conversion);
    }
    let mut faults = Vec::new();
    match &arguments.out_dir {
        Some(folder) => output.to_folder(&conversion, folder, &arguments.name, &mut faults)?,
        None => {
            let text = output.text(&conversion, &mut faults)?;
            write_text(arguments.output.as_deref(), &text)?;
        }
    }
    tell(&conversion, &faults, &sources, color, arguments.quiet)?;
    let failed = conversion.failed() > 0 || has_error(&conversion.diagnostics) || !faults.is_empty();
    // The process ends here, and the system takes all memory back at once: dropping it piece by piece costs more.
    std::mem::forget((conversion, collection, compiler, sources));
    Ok(if failed { Status::Findings } else { Status::Clean })
}

pub(super) fn use_threads(jobs: Option<usize>) -> anyhow::Result<()> {
    if let Some(jobs) = jobs {
        rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .build_global()
            .context("cannot start threads")?;
    }
    Ok(())
}

fn settings(arguments: &Arguments, templates: &Templates) -> anyhow::Result<Settings> {
    let mut settings = Settings {
        target: arguments.target.clone(),
        unmapped: arguments.unmapped.map(Into::into),
        ..Settings::default()
    };
    for name in &arguments.pipelines {
        if name == "none" {
            settings.without_own_pipelines = true;
        } else if let Some((path, text)) = templates.named("pipelines", name) {
            settings.pipelines.push((path.to_owned(), text.to_owned()));
        } else {
            let text = fs::read_to_string(name).with_context(|| {
                format!(
                    "there is no pipeline {name:?}: neither a built-in one ({}) nor a file that can be read",
                    templates.pipelines().join(", ")
                )
            })?;
            settings.pipelines.push((name.clone(), text));
        }
    }
    for path in &arguments.schemas {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        settings.schemas.push((path.display().to_string(), text));
    }
    for option in &arguments.options {
        match option.split_once('=') {
            Some(("table" | "index", value)) if !value.is_empty() => settings.table = Some(value.to_owned()),
            Some((key, value)) if !key.is_empty() => {
                settings.options.push((key.to_owned(), value.to_owned()))
            }
            _ => anyhow::bail!("the option {option:?} is not of the form KEY=VALUE"),
        }
    }
    Ok(settings)
}

fn format_of(name: &str, compiler: &Compiler) -> anyhow::Result<Format> {
    let known = &compiler.target.formats;
    match Format::from_name(name).filter(|format| format.fits(&compiler.target)) {
        Some(format) => Ok(format),
        None => {
            let hint = closest(name, known.iter().map(String::as_str))
                .map(|close| format!("; did you mean {close:?}?"))
                .unwrap_or_default();
            anyhow::bail!(
                "target {:?} has no format {name:?} (it has: {}){hint}",
                compiler.target.name,
                known.join(", ")
            )
        }
    }
}

fn progress(arguments: &Arguments, rules: usize) -> ProgressBar {
    if arguments.quiet || rules < 200 || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(rules as u64), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:40} {pos}/{len} rules") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn stop_at_first_failure(conversion: &mut Conversion) {
    if let Some(first) = conversion.outcomes.iter().position(Outcome::failed) {
        conversion.outcomes.truncate(first + 1);
    }
}

fn union(arguments: &Arguments, output: &Output<'_>, color: bool) -> anyhow::Result<Status> {
    let (conversion, query) = output.compiler.convert_union(output.collection);
    if let Some(query) = &query {
        let text = match output.format {
            Format::Query => format!("{}\n", query.text),
            Format::SavedSearches => {
                let metadata = Metadata {
                    title: "Sigma rules".to_owned(),
                    ..Metadata::default()
                };
                match output.saved_searches()?.stanza(&metadata, None, &query.text) {
                    Ok(stanza) => stanza,
                    Err(fault) => {
                        tell(&conversion, &[*fault], output.sources, color, arguments.quiet)?;
                        return Ok(Status::Findings);
                    }
                }
            }
            Format::Json => {
                let converted = sigmatic::conversion::ConvertedQuery {
                    name: None,
                    query: query.clone(),
                };
                let whole = Outcome {
                    index: None,
                    rule_id: None,
                    title: "union".to_owned(),
                    span: conversion
                        .outcomes
                        .first()
                        .map(|first| first.span)
                        .unwrap_or_default(),
                    queries: Vec::new(),
                    diagnostics: Vec::new(),
                };
                let target = &output.compiler.target;
                format!(
                    "{}\n",
                    format::query_json(&whole, &converted, target, output.sources)
                )
            }
        };
        write_text(arguments.output.as_deref(), &text)?;
    }
    tell(&conversion, &[], output.sources, color, arguments.quiet)?;
    Ok(if query.is_some() && !has_error(&conversion.diagnostics) {
        Status::Clean
    } else {
        Status::Findings
    })
}

fn has_error(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// Diagnostics in order of the documents, then the count.
fn tell(
    conversion: &Conversion,
    faults: &[Diagnostic],
    sources: &SourceMap,
    color: bool,
    quiet: bool,
) -> anyhow::Result<()> {
    let mut notes = 0;
    for outcome in &conversion.outcomes {
        report::diagnostics(&outcome.diagnostics, sources, color, quiet)?;
        let of_queries = format::notes(outcome);
        notes += of_queries.len();
        report::diagnostics(&of_queries, sources, color, quiet)?;
    }
    report::diagnostics(conversion.diagnostics.iter().chain(faults), sources, color, quiet)?;
    if !quiet {
        report::line(&format!(
            "{} converted, {} failed, {} {}",
            report::thousands(conversion.converted()),
            report::thousands(conversion.failed()),
            report::thousands(notes),
            if notes == 1 { "note" } else { "notes" },
        ))?;
    }
    Ok(())
}

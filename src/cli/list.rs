//! `sigmatic list`: targets, formats, pipelines, modifiers, languages, each from its registry.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sigmatic::conversion::capabilities;
use sigmatic::conversion::format::Format;
use sigmatic::diagnostic::{Diagnostic, SourceMap};
use sigmatic::rule::Modifier;
use sigmatic::templates::{Target, Templates};

use super::report::{self, Color};
use super::{Status, inputs};

/// Arguments of `list`.
#[derive(Args)]
#[command(after_help = "Example:\n  sigmatic list modifiers")]
pub(super) struct Arguments {
    /// What to list
    what: What,
    /// A folder laid out like `templates/` that adds or changes targets, languages, pipelines and schemas
    #[arg(long = "templates", value_name = "DIR")]
    templates: Vec<PathBuf>,
    /// With languages: what each of them can say, as Markdown
    #[arg(long)]
    details: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Platforms that rules are converted for
    Targets,
    /// What `convert -f` can write
    Formats,
    /// Built-in field mappings
    Pipelines,
    /// Modifiers of detection items
    Modifiers,
    /// Query languages
    Languages,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let templates = match inputs::templates(&arguments.templates) {
        Ok(templates) => templates,
        Err(fault) => return faults(&[*fault], &SourceMap::new()),
    };
    if arguments.details {
        anyhow::ensure!(
            matches!(arguments.what, What::Languages),
            "there are details of languages only: `sigmatic list languages --details`"
        );
        return details(&templates);
    }
    let rows: Vec<(String, String)> = match arguments.what {
        What::Targets => return targets(&templates),
        What::Formats => Format::ALL
            .iter()
            .map(|format| (format.name().to_owned(), format.summary().to_owned()))
            .collect(),
        What::Pipelines => plain(templates.pipelines()),
        What::Languages => plain(templates.languages()),
        What::Modifiers => Modifier::ALL
            .iter()
            .map(|modifier| (modifier.names().join(", "), modifier.summary().to_owned()))
            .collect(),
    };
    print(&rows)?;
    Ok(Status::Clean)
}

/// What each language can say.
fn details(templates: &Templates) -> anyhow::Result<Status> {
    let mut sources = SourceMap::new();
    match capabilities(templates, &mut sources) {
        Ok(text) => {
            let mut stdout = io::stdout().lock();
            stdout.write_all(text.as_bytes())?;
            stdout.flush()?;
            Ok(Status::Clean)
        }
        Err(found) => faults(&found, &sources),
    }
}

fn faults(found: &[Diagnostic], sources: &SourceMap) -> anyhow::Result<Status> {
    report::diagnostics(found, sources, Color::default().on_stderr(), false)?;
    Ok(Status::Unusable)
}

fn plain(names: Vec<&str>) -> Vec<(String, String)> {
    names
        .into_iter()
        .map(|name| (name.to_owned(), String::new()))
        .collect()
}

fn targets(templates: &Templates) -> anyhow::Result<Status> {
    let mut sources = SourceMap::new();
    let mut rows = Vec::new();
    for name in templates.targets() {
        let Some((path, text)) = templates.named("targets", name) else {
            continue;
        };
        match Target::read(&sources.add(path, text)) {
            Ok(target) => {
                let about = format!("{} ({}, {})", target.title, target.language, target.support);
                rows.push((target.name, about));
            }
            Err(fault) => return faults(&[*fault], &sources),
        }
    }
    print(&rows)?;
    Ok(Status::Clean)
}

fn print(rows: &[(String, String)]) -> io::Result<()> {
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or_default();
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    for (name, about) in rows {
        writeln!(stdout, "{}", format!("{name:width$}  {about}").trim_end())?;
    }
    stdout.flush()
}

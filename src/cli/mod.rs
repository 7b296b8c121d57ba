//! The command line: one file per command.
//!
//! stdout carries results, stderr everything for people. Exit status 0: clean; 1: findings, failed rules; 2: usage,
//! input or output, or nothing recognised among the paths.

mod completions;
mod convert;
mod events;
mod inputs;
mod list;
mod names;
mod output;
mod report;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Clean,
    Findings,
    Unusable,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Clean => 0,
            Status::Findings => 1,
            Status::Unusable => 2,
        })
    }
}

/// Compiles Sigma detection rules: the query means what the rule means, or an error says why not.
#[derive(Parser)]
#[command(name = "sigmatic", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  sigmatic convert -t sentinel rules/
  sigmatic convert -t sentinel -f json -o queries.ndjson rules/
  sigmatic match rules/ --events events.ndjson
  sigmatic list targets";

#[derive(Subcommand)]
enum Command {
    /// Turn rules into queries
    Convert(convert::Arguments),
    /// Run rules over events
    Match(events::Arguments),
    /// Show what there is to choose from
    List(list::Arguments),
    /// Print a completion script for a shell
    Completions(completions::Arguments),
}

/// Runs the command of the process's arguments.
#[must_use]
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Convert(arguments) => convert::run(arguments),
        Command::Match(arguments) => events::run(arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    };
    match outcome {
        Ok(status) => status.into(),
        Err(fault) if is_broken_pipe(&fault) => ExitCode::SUCCESS,
        Err(fault) => {
            report::failure(&fault);
            Status::Unusable.into()
        }
    }
}

/// A reader such as `head` that has seen enough is no fault.
fn is_broken_pipe(fault: &anyhow::Error) -> bool {
    fault
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

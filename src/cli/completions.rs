//! `sigmatic completions`: a completion script for a shell.

use std::io;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Status;

/// Arguments of `completions`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut super::Arguments::command(),
        "sigmatic",
        &mut script,
    );
    io::Write::write_all(&mut io::stdout().lock(), &script)?;
    Ok(Status::Clean)
}

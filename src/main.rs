//! Arguments in, exit code out.

mod cli;

use std::process::ExitCode;

/// Many small strings are made on the way of a rule; a fast allocator takes a good part of their cost away.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}

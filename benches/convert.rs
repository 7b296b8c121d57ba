//! CPU, wall time and peak memory of `sigmatic convert` for each target, as whole processes, beside a process that only
//! streams the same files through the YAML parser with the same threads.
//!
//! `cargo bench --bench convert -- FOLDER…`; without a folder the rules in `sigma/` are taken. Nothing is asserted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use rayon::prelude::*;
use saphyr_parser::{Parser, StrInput};
use wait4::Wait4;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 7;
const THREADS: &str = "2";
const STREAM: &str = "--stream";

#[derive(Clone, Copy)]
struct Figures {
    cpu: Duration,
    wall: Duration,
    peak: u64,
}

fn main() {
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if arguments.first().is_some_and(|first| first == STREAM) {
        let paths: Vec<PathBuf> = arguments.iter().skip(1).map(PathBuf::from).collect();
        println!("{}", stream(&paths));
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = if arguments.is_empty() {
        vec![root.join("sigma").display().to_string()]
    } else {
        arguments
    };
    println!(
        "{:<24}{:>12}{:>12}{:>12}{:>10}",
        "process", "CPU ms", "wall ms", "peak MB", "CPU ratio"
    );
    let this = env::current_exe().unwrap();
    let floor = median(|| {
        let mut command = Command::new(&this);
        command
            .arg(STREAM)
            .args(&folders)
            .env("RAYON_NUM_THREADS", THREADS);
        command
    });
    row("YAML events only", floor, floor);
    for target in sigmatic::templates::Templates::builtin().targets() {
        let figures = median(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_sigmatic"));
            let out = env::temp_dir().join("sigmatic-bench.out");
            command
                .args(["convert", "--quiet", "-j", THREADS, "-t", target, "-o"])
                .arg(out)
                .args(&folders);
            command
        });
        row(&format!("convert -t {target}"), figures, floor);
    }
}

fn row(name: &str, figures: Figures, floor: Figures) {
    println!(
        "{name:<24}{:>12.1}{:>12.1}{:>12.1}{:>10.2}",
        figures.cpu.as_secs_f64() * 1e3,
        figures.wall.as_secs_f64() * 1e3,
        figures.peak as f64 / 1e6,
        figures.cpu.as_secs_f64() / floor.cpu.as_secs_f64(),
    );
}

/// The run with the median CPU time, after one that does not count.
fn median(command: impl Fn() -> Command) -> Figures {
    let _ = measure(command());
    let mut runs: Vec<Figures> = (0..RUNS).map(|_| measure(command())).collect();
    runs.sort_by_key(|run| run.cpu);
    runs[RUNS / 2]
}

fn measure(mut command: Command) -> Figures {
    let start = Instant::now();
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let usage = child.wait4().unwrap().rusage;
    Figures {
        cpu: usage.utime + usage.stime,
        wall: start.elapsed(),
        peak: usage.maxrss,
    }
}

/// Reads every rule file below the paths as YAML events; gives their number.
fn stream(paths: &[PathBuf]) -> usize {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files);
    }
    files
        .par_iter()
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            Parser::new(StrInput::new(&text))
                .take_while(Result::is_ok)
                .count()
        })
        .sum()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), files);
        }
    } else if path.extension().is_some_and(|extension| extension == "yml") {
        files.push(path.to_owned());
    }
}

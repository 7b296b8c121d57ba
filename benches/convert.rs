//! CPU, wall time and peak memory of `sigmatic convert` for each target, as whole processes, beside a process that only
//! finds the same files in the same way and streams them through the YAML parser, with the same threads and allocator.
//!
//! `cargo bench --bench convert -- FOLDER…`; without a folder the rules in `sigma/` are taken. Each figure is the run
//! with the median CPU time. Runs of the two processes take turns, so that what else the machine does falls on both; the
//! ratio is the median of the ratios of neighbours. Nothing is asserted.

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

const RUNS: usize = 15;
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
    let floor = || {
        let mut command = Command::new(&this);
        command
            .arg(STREAM)
            .args(&folders)
            .env("RAYON_NUM_THREADS", THREADS);
        command
    };
    for target in sigmatic::templates::Templates::builtin().targets() {
        let out = env::temp_dir().join(format!("sigmatic-bench-{}.out", std::process::id()));
        let convert = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_sigmatic"));
            command
                .args(["convert", "--quiet", "-j", THREADS, "-t", target, "-o"])
                .arg(&out)
                .args(&folders);
            command
        };
        // The first pair fills the caches of the system and does not count.
        let pairs: Vec<(Figures, Figures)> = (0..=RUNS)
            .map(|_| (measure(floor()), measure(convert())))
            .skip(1)
            .collect();
        let _ = fs::remove_file(out);
        row("YAML events only", &pairs, |pair| pair.0);
        row(&format!("convert -t {target}"), &pairs, |pair| pair.1);
    }
}

fn row(name: &str, pairs: &[(Figures, Figures)], side: impl Fn(&(Figures, Figures)) -> Figures) {
    let mut figures: Vec<Figures> = pairs.iter().map(&side).collect();
    figures.sort_by_key(|run| run.cpu);
    let figures = figures[figures.len() / 2];
    let mut ratios: Vec<f64> = pairs
        .iter()
        .map(|pair| side(pair).cpu.as_secs_f64() / pair.0.cpu.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    println!(
        "{name:<24}{:>12.1}{:>12.1}{:>12.1}{:>10.2}",
        figures.cpu.as_secs_f64() * 1e3,
        figures.wall.as_secs_f64() * 1e3,
        figures.peak as f64 / 1e6,
        ratios[ratios.len() / 2],
    );
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
    sigmatic::collection::find(paths, &mut Vec::new())
        .par_iter()
        .map(|found| {
            let text = fs::read_to_string(&found.path).unwrap();
            Parser::new(StrInput::new(&text))
                .take_while(Result::is_ok)
                .count()
        })
        .sum()
}

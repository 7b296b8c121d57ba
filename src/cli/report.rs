//! Prints diagnostics and counts to stderr.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use sigmatic::diagnostic::render;
use sigmatic::diagnostic::{Diagnostic, Severity, SourceMap};

/// When to colour.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether stderr is to be coloured.
    pub(super) fn on_stderr(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        }
    }
}

/// Writes diagnostics to stderr: errors and warnings with their source window, notes on one line each.
/// With `quiet` only errors.
pub(super) fn diagnostics<'d>(
    findings: impl IntoIterator<Item = &'d Diagnostic>,
    sources: &SourceMap,
    color: bool,
    quiet: bool,
) -> io::Result<()> {
    let mut stderr = io::BufWriter::new(io::stderr().lock());
    for finding in findings {
        match finding.severity {
            Severity::Note if quiet => {}
            Severity::Warning if quiet => {}
            Severity::Note => writeln!(stderr, "{}", note_line(finding, sources))?,
            Severity::Warning | Severity::Error => {
                let text = render::text(finding, sources, color);
                writeln!(stderr, "{}\n", text.trim_end())?;
            }
        }
    }
    stderr.flush()
}

fn note_line(finding: &Diagnostic, sources: &SourceMap) -> String {
    let title: String = finding
        .title
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    match finding.span().and_then(|span| sources.locate(span)) {
        Some((file, line, _)) => format!("note[{}]: {file}:{line}: {title}", finding.code),
        None => format!("note[{}]: {title}", finding.code),
    }
}

/// Writes a line to stderr.
pub(super) fn line(text: &str) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{text}")
}

/// Writes a failure of the command itself, with its causes.
pub(super) fn failure(fault: &anyhow::Error) {
    // Nothing is left to do if stderr is gone as well.
    let _ = line(&format!("error: {fault:#}"));
}

/// A count with thousands separated and the word in the right number: `3,138 rules`.
pub(super) fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(3138), "3,138");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}

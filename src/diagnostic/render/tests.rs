use super::{Location, location, text};
use crate::diagnostic::{Code, Diagnostic, SourceMap, Span};
use crate::source::{Limits, read};
use insta::assert_snapshot;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// The first diagnostic of reading a text, as people see it.
fn shown(yaml: &str) -> String {
    let mut sources = SourceMap::new();
    let source = sources.add("rules/rule.yml", yaml);
    let mut diagnostics = Vec::new();
    let _ = read(&source, &Limits::default(), &mut diagnostics);
    text(&diagnostics[0], &sources, false)
}

fn safe(output: &str) -> bool {
    output
        .chars()
        .all(|character| character == '\n' || !character.is_control())
}

#[test]
fn shows_where_and_what_to_do() {
    assert_snapshot!(shown("title: x\ndetection:\n  sel:\n    CommandLine: a\n    Image: b\n    CommandLine: c\n"), @"");
    assert_snapshot!(shown("title: x\ndetection:\n\tsel: 1\n"), @"");
    assert_snapshot!(shown("title: Use of: colons\n"), @"");
    assert_snapshot!(shown("sel:\n  Image: *.exe\n"), @"");
    assert_snapshot!(shown("sel:\n  Path: \"C:\\Windows\\System32\"\n"), @"");
    assert_snapshot!(shown("a: 'x\n---\nb: 1\n"), @"");
    assert_snapshot!(shown("sel: [a, b\nother: 1\n"), @"");
    assert_snapshot!(shown("a:\n  b: 1\n c: 2\n"), @"");
    assert_snapshot!(shown("a: 'it's'\n"), @"");
    assert_snapshot!(shown("a: @x\n"), @"");
    assert_snapshot!(shown(&"[".repeat(1000)), @"");
}

#[test]
fn shows_labels_in_other_files() {
    let mut sources = SourceMap::new();
    let one = sources.add("a.yml", "id: 1\ntitle: \u{e4} one\n");
    let two = sources.add("b.yml", "id: 1\n");
    let diagnostic = Diagnostic::warning(
        Code::DUPLICATE_KEY,
        "two rules with one id",
        Span {
            source: two.id,
            start: 4,
            end: 5,
        },
    )
    .with_label(
        Span {
            source: one.id,
            start: 16,
            end: 19,
        },
        "the other rule",
    )
    .with_help("give one of them a new id");
    assert_snapshot!(text(&diagnostic, &sources, false), @"");
    assert_eq!(
        location(&diagnostic, &sources),
        Some(Location {
            file: "b.yml",
            line: 1,
            column: 5
        })
    );
    let global = Diagnostic::global(Code::YAML_SYNTAX, "no rules");
    assert_eq!(location(&global, &sources), None);
    assert_eq!(text(&global, &sources, false), "error[SG101]: no rules");
}

#[test]
fn hostile_text_is_shown_not_sent() {
    let mut sources = SourceMap::new();
    let source = sources.add("evil\x1B[2J.yml", "a: \x1B]0;x\x07 \u{202E}b\tc\r\n");
    let diagnostic = Diagnostic::error(
        Code::YAML_SYNTAX,
        "bad `\x1B[31m`\nerror: fake",
        Span {
            source: source.id,
            start: 3,
            end: 8,
        },
    )
    .with_help("write \x1B[0m");
    assert_snapshot!(text(&diagnostic, &sources, false), @"");
    assert!(safe(&text(&diagnostic, &sources, false)));
    assert!(text(&diagnostic, &sources, true).contains("\x1B["));
}

#[test]
fn long_lines_and_large_files_are_quick() {
    let mut sources = SourceMap::new();
    let long = "\u{e4}".repeat(2_000_000);
    let source = sources.add(
        "long.yml",
        format!("{}\nkey: {long}\n", "a: b\n".repeat(1_000_000)),
    );
    let middle = 5_000_000 + 2_000_000;
    let span = |start: u32, end: u32| Span {
        source: source.id,
        start,
        end,
    };
    let diagnostic = Diagnostic::error(
        Code::YAML_SYNTAX,
        "x".repeat(5000),
        span(middle, middle + 500_000),
    )
    .with_label(span(0, 1), "first")
    .with_label(span(0, u32::MAX), "all");
    let start = Instant::now();
    let output = text(&diagnostic, &sources, false);
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(output.len() < 3000, "{}", output.len());
}

proptest! {
    #[test]
    fn any_label_in_any_text_is_rendered(
        content in "[ -~\u{e4}\u{1F600}\t\r\n\u{0}-\u{9F}\u{202E}]{0,80}",
        labels in prop::collection::vec((0_u32..100, 0_u32..100), 1..4),
    ) {
        let mut sources = SourceMap::new();
        let source = sources.add("a.yml", content);
        let span = |(start, end)| Span { source: source.id, start, end };
        let mut diagnostic = Diagnostic::error(Code::YAML_SYNTAX, "title", span(labels[0]));
        for label in labels.iter().skip(1) {
            diagnostic = diagnostic.with_label(span(*label), "label");
        }
        prop_assert!(safe(&text(&diagnostic, &sources, false)));
    }
}

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
    assert_snapshot!(shown("title: x\ndetection:\n  sel:\n    CommandLine: a\n    Image: b\n    CommandLine: c\n"), @"
    error[SG102]: the key `CommandLine` stands twice in one mapping
     --> rules/rule.yml:6:5
      |
    4 |     CommandLine: a
      |     ----------- first here
    5 |     Image: b
    6 |     CommandLine: c
      |     ^^^^^^^^^^^
      |
      = help: give one of the two another name, or merge their values into a list
    ");
    assert_snapshot!(shown("title: x\ndetection:\n\tsel: 1\n"), @"
    error[SG103]: a tab where YAML wants spaces
     --> rules/rule.yml:3:1
      |
    3 |     sel: 1
      | ^^^^
      |
      = help: replace the tab with spaces: YAML indents with spaces only
    ");
    assert_snapshot!(shown("title: Use of: colons\n"), @"
    error[SG101]: a colon that starts no value
     --> rules/rule.yml:1:14
      |
    1 | title: Use of: colons
      |              ^
      |
      = help: put the value in quotes if the colon belongs to it, as in `'a: b'`; else check the indentation, and that a blank follows the colon in the line before
    ");
    assert_snapshot!(shown("sel:\n  Image: *.exe\n"), @"
    error[SG108]: the alias `*.exe` has no anchor before it in this document
     --> rules/rule.yml:2:10
      |
    2 |   Image: *.exe
      |          ^^^^^
      |
      = help: an unquoted `*` starts a YAML alias: put a value with a wildcard in quotes, as in `'*.exe'`
    ");
    assert_snapshot!(shown("sel:\n  Path: \"C:\\Windows\\System32\"\n"), @r#"
    error[SG101]: an unknown escape in a double-quoted text
     --> rules/rule.yml:2:12
      |
    2 |   Path: "C:\Windows\System32"
      |            ^^
      |
      = help: use single quotes, where a backslash stands for itself, or write `\\` for a backslash
    "#);
}

#[test]
fn shows_what_a_syntax_error_means() {
    assert_snapshot!(shown("a: 'x\n---\nb: 1\n"), @"
    error[SG101]: a quote that is never closed
     --> rules/rule.yml:1:4
      |
    1 | a: 'x
      |    ^
      |
      = help: close the quote that opens here; inside single quotes write `''` for a quote
    ");
    assert_snapshot!(shown("sel: [a, b\nother: 1\n"), @"
    error[SG101]: a colon where the list in brackets goes on
     --> rules/rule.yml:2:6
      |
    2 | other: 1
      |      ^
      |
      = help: close the `[` that opens before, or put a value that holds a colon in quotes
    ");
    assert_snapshot!(shown("a:\n  b: 1\n c: 2\n"), @"
    error[SG101]: a line that does not fit the indentation
     --> rules/rule.yml:3:2
      |
    3 |  c: 2
      |  ^
      |
      = help: indent the keys of one mapping alike
    ");
    assert_snapshot!(shown("a: 'it's'\n"), @"
    error[SG101]: text after a closing quote
     --> rules/rule.yml:1:8
      |
    1 | a: 'it's'
      |        ^
      |
      = help: put the whole value in quotes; inside single quotes write `''` for a quote
    ");
    assert_snapshot!(shown("a: @x\n"), @"
    error[SG101]: a value without quotes cannot start with `@`
     --> rules/rule.yml:1:4
      |
    1 | a: @x
      |    ^
      |
      = help: put the value in quotes
    ");
    assert_snapshot!(shown(&"[".repeat(1000)), @"
    error[SG106]: lists and mappings are nested more than 128 deep
     --> rules/rule.yml:1:256
      |
    1 | …[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…
      |                                          ^
      |
      = help: check for brackets that are not closed; no rule needs this depth
    ");
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
    assert_snapshot!(text(&diagnostic, &sources, false), @"
    warning[SG102]: two rules with one id
     --> b.yml:1:5
      |
    1 | id: 1
      |     ^
      |
     ::: a.yml:2:10
      |
    2 | title: ä one
      |          --- the other rule
      |
      = help: give one of them a new id
    ");
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
    assert_snapshot!(text(&diagnostic, &sources, false), @"
    error[SG101]: bad `␛[31m`␊error: fake
     --> evil␛[2J.yml:1:4
      |
    1 | a: ␛]0;x␇ <U+202E>b    c
      |    ^^^^^
      |
      = help: write ␛[0m
    ");
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

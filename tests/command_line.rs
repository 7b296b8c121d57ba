//! The commands as a shell sees them: results on stdout, words on stderr, exit status.

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

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

const RULE: &str = "\
title: Encoded
id: 11111111-1111-4111-8111-111111111111
level: high
logsource: {category: process_creation, product: windows}
detection:
    selection:
        CommandLine|contains: ' -enc '
    condition: selection
";

const BROKEN: &str = "\
title: Broken
id: 22222222-2222-4222-8222-222222222222
logsource: {category: process_creation, product: windows}
detection:
    selection:
        CommandLine|contans: x
    condition: selection
";

fn sigmatic(folder: &Path, arguments: &[&str]) -> Output {
    Command::cargo_bin("sigmatic")
        .unwrap()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with the given files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn a_rule_converts_to_stdout_and_nothing_else_goes_there() {
    let folder = folder(&[("a.yml", RULE)]);
    let output = sigmatic(folder.path(), &["convert", "-t", "sentinel", "a.yml"]);
    assert_eq!(status(&output), 0, "{}", err(&output));
    assert_eq!(
        out(&output),
        "DeviceProcessEvents\n| where ActionType =~ \"ProcessCreated\"\n| where ProcessCommandLine contains \" -enc \"\n"
    );
    assert_eq!(err(&output), "1 converted, 0 failed, 0 notes\n");
}

#[test]
fn standard_input_is_a_dash() {
    let output = Command::cargo_bin("sigmatic")
        .unwrap()
        .args(["convert", "-t", "sentinel", "-"])
        .write_stdin(RULE)
        .output()
        .unwrap();
    assert_eq!(status(&output), 0, "{}", err(&output));
    assert!(out(&output).contains("-enc"));
}

#[test]
fn one_broken_rule_stops_no_other_and_ends_with_1() {
    let folder = folder(&[
        ("rules/a.yml", BROKEN),
        ("rules/b/c.yml", RULE),
        ("rules/b/c.test.yml", "x: 1"),
    ]);
    let output = sigmatic(folder.path(), &["convert", "-t", "sentinel", "rules"]);
    assert_eq!(status(&output), 1);
    assert!(out(&output).contains("-enc"));
    let text = err(&output);
    assert!(text.contains("rules/a.yml:6:21"), "{text}");
    assert!(text.contains("did you mean `contains`"), "{text}");
    assert!(text.contains("1 converted, 1 failed"), "{text}");
    let quiet = sigmatic(folder.path(), &["convert", "--quiet", "-t", "sentinel", "rules"]);
    assert!(!err(&quiet).contains("converted"));
    assert!(err(&quiet).contains("SG203"));
}

#[test]
fn fail_fast_stops_at_the_first() {
    let folder = folder(&[("rules/a.yml", BROKEN), ("rules/b.yml", RULE)]);
    let output = sigmatic(
        folder.path(),
        &["convert", "--fail-fast", "-t", "sentinel", "rules"],
    );
    assert_eq!(status(&output), 1);
    assert_eq!(out(&output), "");
}

#[test]
fn json_has_its_keys_in_order() {
    let folder = folder(&[("a.yml", BROKEN), ("b.yml", RULE)]);
    let output = sigmatic(
        folder.path(),
        &["convert", "-f", "json", "-t", "sentinel", "a.yml", "b.yml"],
    );
    assert_eq!(status(&output), 1);
    let text = out(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0].starts_with(
            r#"{"rule_id":"22222222-2222-4222-8222-222222222222","file":"a.yml","line":6,"column":21,"code":"SG203","error":""#
        ),
        "{text}"
    );
    assert!(
        lines[1].starts_with(
            r#"{"rule_id":"11111111-1111-4111-8111-111111111111","title":"Encoded","file":"b.yml","line":1,"target":"sentinel","language":"kql","query":"DeviceProcessEvents\n"#
        ),
        "{text}"
    );
    assert!(
        lines[1].ends_with(r#""tables":["DeviceProcessEvents"]}"#),
        "{text}"
    );
}

#[test]
fn a_folder_of_files_mirrors_the_rules() {
    let folder = folder(&[("rules/windows/a.yml", RULE), ("rules/b.yml", RULE)]);
    let output = sigmatic(
        folder.path(),
        &["convert", "-t", "sentinel", "--out-dir", "out", "rules"],
    );
    assert_eq!(status(&output), 0, "{}", err(&output));
    assert!(folder.path().join("out/windows/a.kql").exists());
    assert!(folder.path().join("out/b.kql").exists());
    let clash = [
        "convert",
        "-t",
        "sentinel",
        "--out-dir",
        "out",
        "--name",
        "{{ title }}.kql",
        "rules",
    ];
    let output = sigmatic(folder.path(), &clash);
    assert_eq!(status(&output), 1);
    assert!(err(&output).contains("SG703"), "{}", err(&output));
}

#[test]
fn several_rules_become_one_query() {
    let second = RULE.replace(
        "11111111-1111-4111-8111-111111111111",
        "33333333-3333-4333-8333-333333333333",
    );
    let folder = folder(&[("a.yml", RULE), ("b.yml", &second.replace("-enc", "-w hidden"))]);
    let output = sigmatic(
        folder.path(),
        &["convert", "-t", "sentinel", "--union", "a.yml", "b.yml"],
    );
    assert_eq!(status(&output), 0, "{}", err(&output));
    let text = out(&output);
    assert!(
        text.contains("-enc") && text.contains("-w hidden") && text.contains("33333333"),
        "{text}"
    );
}

#[test]
fn a_pipeline_of_none_keeps_the_fields_and_needs_a_place() {
    let folder = folder(&[("a.yml", RULE)]);
    let output = sigmatic(
        folder.path(),
        &["convert", "-t", "sentinel", "-p", "none", "a.yml"],
    );
    assert_eq!(status(&output), 1);
    assert!(err(&output).contains("table"), "{}", err(&output));
    let placed = [
        "convert",
        "-t",
        "sentinel",
        "-p",
        "none",
        "-O",
        "table=Mine_CL",
        "a.yml",
    ];
    let output = sigmatic(folder.path(), &placed);
    assert_eq!(status(&output), 0, "{}", err(&output));
    assert_eq!(out(&output), "Mine_CL\n| where CommandLine contains \" -enc \"\n");
}

#[test]
fn an_unmapped_field_fails_or_is_kept() {
    let rule = RULE.replace("CommandLine", "CurrentDirectory");
    let folder = folder(&[("a.yml", &rule)]);
    let output = sigmatic(folder.path(), &["convert", "-t", "sentinel", "a.yml"]);
    assert_eq!(status(&output), 1);
    assert!(err(&output).contains("SG406"), "{}", err(&output));
    let output = sigmatic(
        folder.path(),
        &["convert", "-t", "sentinel", "--unmapped", "warn", "a.yml"],
    );
    assert_eq!(status(&output), 0, "{}", err(&output));
    assert!(
        out(&output).contains("CurrentDirectory contains"),
        "{}",
        out(&output)
    );
    assert!(err(&output).contains("SG406"), "{}", err(&output));
    let output = sigmatic(
        folder.path(),
        &["convert", "-t", "sentinel", "--unmapped", "keep", "a.yml"],
    );
    assert!(!err(&output).contains("SG406"), "{}", err(&output));
}

#[test]
fn a_schema_file_adds_tables_with_types() {
    let pipeline = "name: mine\npriority: 90\ntransformations:\n  - {type: set_state, key: table, val: Mine_CL}\n  \
                    - {type: field_name_mapping, mapping: {ProcessId: Pid_d}}\n";
    let schema =
        "time: TimeGenerated\ntables:\n  Mine_CL:\n    columns: {TimeGenerated: datetime, Pid_d: real}\n";
    let rule = RULE.replace("CommandLine|contains: ' -enc '", "ProcessId: '7'");
    let folder = folder(&[("a.yml", &rule), ("p.yml", pipeline), ("s.yaml", schema)]);
    let arguments = [
        "convert", "-t", "sentinel", "-p", "none", "-p", "p.yml", "--schema", "s.yaml", "a.yml",
    ];
    let output = sigmatic(folder.path(), &arguments);
    assert_eq!(status(&output), 0, "{}", err(&output));
    assert_eq!(out(&output), "Mine_CL\n| where Pid_d == 7\n");
}

#[test]
fn a_table_that_the_schema_does_not_know_is_an_error() {
    let folder = folder(&[("a.yml", RULE)]);
    let output = sigmatic(
        folder.path(),
        &[
            "convert",
            "-t",
            "sentinel",
            "-O",
            "table=DeviceProcesEvents",
            "a.yml",
        ],
    );
    assert_eq!(status(&output), 1);
    assert!(err(&output).contains("SG412"), "{}", err(&output));
    // An index of documents may have any name.
    let output = sigmatic(
        folder.path(),
        &["convert", "-t", "elastic-lucene", "-O", "index=mine-*", "a.yml"],
    );
    assert_eq!(status(&output), 0, "{}", err(&output));
    assert!(!err(&output).contains("SG412"), "{}", err(&output));
}

#[test]
fn a_number_that_no_language_writes_is_an_error() {
    for (number, refused) in [(".inf", true), ("-.inf", true), (".nan", true), ("7", false)] {
        let rule = RULE.replace("CommandLine|contains: ' -enc '", &format!("ProcessId: {number}"));
        let folder = folder(&[("a.yml", &rule)]);
        let output = sigmatic(folder.path(), &["convert", "-t", "sentinel", "a.yml"]);
        assert_eq!(
            status(&output) == 1,
            refused,
            "{number}: {}{}",
            out(&output),
            err(&output)
        );
        assert_eq!(
            err(&output).contains("SG501"),
            refused,
            "{number}: {}",
            err(&output)
        );
    }
}

#[test]
fn one_query_out_of_rules_whose_filter_is_broken_is_a_finding() {
    let filter = "title: F\nlogsource: {category: process_creation, product: windows}\nfilter:\n    rules: [nobody]\n    \
                  users: {User: scanner}\n    condition: not users\n";
    let folder = folder(&[("a.yml", RULE), ("f.yml", filter)]);
    for more in [&[][..], &["--union"][..]] {
        let arguments = [&["convert", "-t", "sentinel", "a.yml", "f.yml"], more].concat();
        let output = sigmatic(folder.path(), &arguments);
        assert_eq!(status(&output), 1, "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains("SG312"), "{}", err(&output));
    }
}

#[test]
fn a_filter_file_applies_and_gives_no_query() {
    let filter = "title: F\nlogsource: {category: process_creation, product: windows}\nfilter:\n    rules: \
                  [11111111-1111-4111-8111-111111111111]\n    users: {User: scanner}\n    condition: not users\n";
    let folder = folder(&[("a.yml", RULE), ("f.yml", filter)]);
    let output = sigmatic(
        folder.path(),
        &["convert", "-t", "sentinel", "--filter", "f.yml", "a.yml"],
    );
    assert_eq!(status(&output), 0, "{}", err(&output));
    assert!(
        out(&output).contains("where not(User =~ \"scanner\")"),
        "{}",
        out(&output)
    );
}

#[test]
fn what_is_not_there_ends_with_2() {
    let folder = folder(&[("a.yml", RULE), ("notes.yml", "just: text\n")]);
    for arguments in [
        ["convert", "-t", "sentinell", "a.yml"],
        ["convert", "-f", "quary", "a.yml"],
        ["convert", "-p", "nothing", "a.yml"],
        ["convert", "-O", "tabel=x", "a.yml"],
        ["convert", "-t", "sentinel", "notes.yml"],
        ["convert", "-t", "sentinel", "missing.yml"],
        ["convert", "--no-such-flag", "-q", "a.yml"],
    ] {
        let output = sigmatic(folder.path(), &arguments);
        assert_eq!(status(&output), 2, "{arguments:?}: {}", err(&output));
        assert!(!err(&output).is_empty());
        assert_eq!(out(&output), "");
    }
}

#[test]
fn matching_rules_are_named_for_each_event() {
    let events = "{\"CommandLine\": \"powershell -enc AAA\"}\nno json\n{\"CommandLine\": \"dir\"}\n";
    let folder = folder(&[("a.yml", RULE), ("events.ndjson", events)]);
    let output = sigmatic(
        folder.path(),
        &["match", "a.yml", "--events", "events.ndjson", "--format", "json"],
    );
    assert_eq!(status(&output), 1, "a line that is no event is a finding");
    assert_eq!(
        out(&output),
        "{\"event\":0,\"file\":\"events.ndjson\",\"rules\":[{\"id\":\"11111111-1111-4111-8111-111111111111\",\"title\":\"Encoded\",\"level\":\"high\"}]}\n"
    );
    assert!(err(&output).contains("line 2"), "{}", err(&output));
}

#[test]
fn match_goes_on_without_a_broken_rule() {
    let folder = folder(&[
        ("a.yml", BROKEN),
        ("b.yml", RULE),
        ("e.json", "[{\"CommandLine\": \"x -enc y\"}]"),
    ]);
    let output = sigmatic(folder.path(), &["match", "a.yml", "b.yml", "--events", "e.json"]);
    assert_eq!(status(&output), 1);
    assert!(out(&output).contains("Encoded"), "{}", out(&output));
}

#[test]
fn an_explanation_shows_what_held() {
    let rule = RULE.replace(
        "    condition: selection",
        "    other:\n        User: bob\n    condition: selection and not other",
    );
    let folder = folder(&[
        ("a.yml", &rule),
        ("e.json", "{\"CommandLine\": \"x -enc y\", \"User\": \"eve\"}"),
    ]);
    let output = sigmatic(
        folder.path(),
        &["match", "a.yml", "--events", "e.json", "--explain"],
    );
    assert_eq!(status(&output), 0, "{}", err(&output));
    let text = out(&output);
    assert!(
        text.contains("+ CommandLine") && text.contains("- User") && text.contains("eve"),
        "{text}"
    );
}

#[test]
fn lists_and_completions_come_from_the_registries() {
    let folder = TempDir::new().unwrap();
    for (what, expected) in [
        ("targets", "sentinel"),
        ("formats", "json"),
        ("pipelines", "sentinel"),
        ("modifiers", "base64offset"),
        ("languages", "kql"),
    ] {
        let output = sigmatic(folder.path(), &["list", what]);
        assert_eq!(status(&output), 0);
        assert!(out(&output).contains(expected), "{what}: {}", out(&output));
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(out(&sigmatic(folder.path(), &["completions", shell])).contains("sigmatic"));
    }
}

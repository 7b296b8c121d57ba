//! Hostile inputs through the binary: a clear error, exit status 1 or 2, no panic.

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

mod common;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// A rule with the given condition.
fn rule(condition: &str) -> String {
    format!(
        "title: Monster\nlogsource:\n    category: process_creation\n    product: windows\ndetection:\n    selection:\n        \
         CommandLine: a\n    condition: {condition}\n"
    )
}

/// Converts a file with the given bytes; gives the exit status and standard error.
fn convert(name: &str, bytes: &[u8]) -> (i32, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    convert_path(&path)
}

fn convert_path(path: &Path) -> (i32, String) {
    let output = Command::cargo_bin("sigmatic")
        .unwrap()
        .args(["convert", "-t", "sentinel", "--color", "never"])
        .arg(path)
        .timeout(std::time::Duration::from_secs(60))
        .output()
        .unwrap();
    let code = output.status.code().expect("the process was killed");
    (code, String::from_utf8(output.stderr).unwrap())
}

#[track_caller]
fn refused(name: &str, bytes: &[u8], code: &str) {
    let (status, text) = convert(name, bytes);
    assert!(status == 1 || status == 2, "status {status}: {text}");
    assert!(text.contains(code), "{code} is not in: {text}");
    assert!(!text.contains("panicked"), "{text}");
    assert!(text.len() < 20_000, "{} bytes of message", text.len());
}

#[test]
fn nested_parentheses() {
    let condition = format!("{}selection{}", "(".repeat(30_000), ")".repeat(30_000));
    refused("rule.yml", rule(&condition).as_bytes(), "SG205");
}

#[test]
fn a_chain_of_not() {
    let condition = format!("{}selection", "not ".repeat(50_000));
    refused("rule.yml", rule(&condition).as_bytes(), "SG205");
}

#[test]
fn a_long_chain_without_nesting_converts() {
    let condition = vec!["selection"; 5_000].join(" or ");
    let (status, text) = convert("rule.yml", rule(&condition).as_bytes());
    assert_eq!(status, 0, "{text}");
}

#[test]
fn open_brackets() {
    refused("rule.yml", "[".repeat(100_000).as_bytes(), "SG106");
}

#[test]
fn a_file_of_50_megabytes() {
    let mut text = rule("selection");
    text.push_str(&"# filler\n".repeat(50_000_000 / 9));
    refused("rule.yml", text.as_bytes(), "SG105");
}

#[test]
fn an_alias_bomb() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    text.push_str("detection: *a11\n");
    refused("rule.yml", text.as_bytes(), "SG107");
}

#[test]
fn a_binary_file() {
    let bytes: Vec<u8> = (0..100_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    refused("rule.yml", &bytes, "SG110");
}

#[test]
fn bytes_of_another_encoding() {
    let bytes: Vec<u8> = (0..100_000_u32)
        .map(|i| 0x80 | (i.wrapping_mul(2_654_435_761) >> 25) as u8)
        .collect();
    refused("rule.yml", &bytes, "SG104");
}

#[test]
fn an_empty_folder() {
    let folder = TempDir::new().unwrap();
    let (status, text) = convert_path(folder.path());
    assert_eq!(status, 2, "{text}");
    assert!(text.contains("SG702"), "{text}");
}

#[test]
fn an_empty_file() {
    let (status, text) = convert("rule.yml", b"");
    assert_eq!(status, 2, "{text}");
}

#[test]
fn a_path_that_does_not_exist() {
    let (status, text) = convert_path(Path::new("/no/such/rule.yml"));
    assert_eq!(status, 2, "{text}");
    assert!(text.contains("SG701"), "{text}");
}

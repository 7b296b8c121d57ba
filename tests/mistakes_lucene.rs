//! Mistakes that converters to Lucene make, one test each; the numbers are those of the list of mistakes.

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

use sigmatic::collection::{Collection, Input};
use sigmatic::conversion::{Compiler, Conversion, Settings};
use sigmatic::diagnostic::{Code, SourceMap};
use sigmatic::templates::Templates;

fn convert_with(options: &[(&str, &str)], pipelines: bool, logsource: &str, detection: &str) -> Conversion {
    let settings = Settings {
        target: "elastic-lucene".to_owned(),
        without_own_pipelines: !pipelines,
        options: options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Settings::default()
    };
    let mut sources = SourceMap::new();
    let compiler = Compiler::new(&Templates::builtin(), &settings, &mut sources).unwrap();
    let input = Input::Text {
        name: "rule.yml".to_owned(),
        bytes: format!("title: t\nlogsource: {logsource}\ndetection:\n{detection}").into_bytes(),
    };
    compiler.convert(&Collection::load(vec![input], false, &mut sources))
}

/// The query of a detection without a pipeline.
fn query(detection: &str) -> String {
    text(&convert_with(&[], false, "{category: c}", detection))
}

fn text(conversion: &Conversion) -> String {
    let outcome = &conversion.outcomes[0];
    assert!(!outcome.queries.is_empty(), "{:?}", outcome.diagnostics);
    outcome.queries[0].query.text.clone()
}

fn codes(conversion: &Conversion) -> Vec<Code> {
    conversion.outcomes[0]
        .diagnostics
        .iter()
        .map(|found| found.code)
        .collect()
}

fn notes(conversion: &Conversion) -> Vec<&str> {
    conversion.outcomes[0].queries[0]
        .query
        .notes
        .iter()
        .map(|note| note.code.as_str())
        .collect()
}

#[test]
fn mixed_groups_have_parentheses() {
    let selections = "  a: {f: 1}\n  b: {g: 2}\n  c: {h: 3}\n";
    let with = |condition: &str| query(&format!("{selections}  condition: {condition}\n"));
    assert_eq!(with("a or b and c"), r#"f:"1" OR (g:"2" AND h:"3")"#);
    assert_eq!(with("(a or b) and c"), r#"(f:"1" OR g:"2") AND h:"3""#);
    assert_eq!(with("a or not b"), r#"f:"1" OR (NOT g:"2")"#);
    assert_eq!(with("not (a and not b)"), r#"NOT (f:"1" AND NOT g:"2")"#);
}

#[test]
fn mistake_5_time_parts_are_refused() {
    let conversion = convert_with(
        &[],
        false,
        "{category: c}",
        "  a: {'ts|hour|gte': 8}\n  condition: a\n",
    );
    assert_eq!(codes(&conversion), [Code::UNSUPPORTED_CONSTRUCT]);
}

#[test]
fn mistake_7_a_field_of_two_columns_is_negated_as_a_whole() {
    let conversion = convert_with(
        &[],
        true,
        "{product: windows, service: security}",
        "  a: {'WorkstationName|exists': false}\n  condition: a\n",
    );
    let expected = "winlog.channel:\"Security\" AND NOT (_exists_:source.domain OR _exists_:winlog.event_data.WorkstationName)";
    assert_eq!(text(&conversion), expected);
}

#[test]
fn mistake_8_unmapped_fields_stop_the_rule() {
    let conversion = convert_with(
        &[],
        true,
        "{product: windows, category: process_creation}",
        "  a: {NoSuchField: x}\n  condition: a\n",
    );
    assert!(codes(&conversion).contains(&Code::UNMAPPED_FIELD));
}

#[test]
fn mistake_9_a_backslash_before_a_wildcard_stays_a_backslash() {
    assert_eq!(
        query("  a: {'f|startswith|cased': 'C:\\Temp\\'}\n  condition: a\n"),
        r"f:C\:\\Temp\\*"
    );
    assert_eq!(
        query("  a: {'f|startswith': 'C:\\Temp\\'}\n  condition: a\n"),
        r"f:/[Cc]:[\\][Tt][Ee][Mm][Pp][\\].*/"
    );
}

#[test]
fn mistake_13_expressions_are_translated() {
    let with = |pattern: &str| query(&format!("  a: {{'f|re': '{pattern}'}}\n  condition: a\n"));
    // Searched for, where Lucene matches whole values.
    assert_eq!(with("ab"), "f:/.*ab.*/");
    assert_eq!(with("^ab"), "f:/ab.*/");
    assert_eq!(with(r"\d+?"), "f:/.*[0-9]+.*/");
    // Quotes and slashes do not break the string.
    assert_eq!(with("^a/\"b"), "f:/a\\/\\\"b.*/");
    let refused = convert_with(
        &[],
        false,
        "{category: c}",
        "  a: {'f|re': 'a(?=b)'}\n  condition: a\n",
    );
    assert_eq!(codes(&refused), [Code::UNSUPPORTED_REGEX_DIALECT]);
    assert_eq!(
        query("  a: {'f|contains|cased': 'a b'}\n  condition: a\n"),
        r"f:*a\ b*"
    );
}

#[test]
fn mistake_15_case_is_ignored_as_sigma_does_or_a_note_says_so() {
    let detection = "  a: {Image: 'C:\\a.exe'}\n  condition: a\n";
    let source = "{product: windows, category: process_creation}";
    let plain = convert_with(&[], true, source, detection);
    assert!(text(&plain).ends_with(r"process.executable:/[Cc]:[\\][Aa]\.[Ee][Xx][Ee]/"));
    assert!(notes(&plain).is_empty());
    let keyword = convert_with(&[("case", "keyword")], true, source, detection);
    assert!(text(&keyword).ends_with(r#"process.executable:"C:\\a.exe""#));
    assert_eq!(notes(&keyword), ["case-exact"]);
    let normalized = convert_with(
        &[("case", "normalized")],
        true,
        source,
        "  a: {'Image|endswith': '\\A.exe'}\n  condition: a\n",
    );
    assert!(text(&normalized).ends_with(r"process.executable:*\\a.exe"));
    assert!(notes(&normalized).is_empty());
}

#[test]
fn options_are_those_of_the_target() {
    for (options, word) in [
        (("case", "loud"), "keyword, normalized, regex"),
        (("shape", "x"), "case"),
    ] {
        let settings = Settings {
            target: "elastic-lucene".to_owned(),
            options: vec![(options.0.to_owned(), options.1.to_owned())],
            ..Settings::default()
        };
        let faults = Compiler::new(&Templates::builtin(), &settings, &mut SourceMap::new()).unwrap_err();
        assert_eq!(faults[0].code, Code::INVALID_OPTION);
        assert!(faults[0].title.contains(word), "{}", faults[0].title);
    }
}

#[test]
fn a_number_is_asked_for_by_order_on_numbers_alone() {
    let refused = convert_with(
        &[],
        true,
        "{product: windows, service: security}",
        "  a: {'KeyLength|gt': 8}\n  condition: a\n",
    );
    assert_eq!(codes(&refused), [Code::UNSUPPORTED_CONSTRUCT]);
    let negative = query("  a: {f: -5}\n  condition: a\n");
    assert_eq!(negative, r#"f:"-5""#);
}

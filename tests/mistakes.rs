//! Mistakes that converters make with SPL and KQL, one test for each: rule text in, query text out.
//!
//! The numbers are those of the list of known mistakes in the project's specification.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod common;

use sigmatic::collection::Collection;
use sigmatic::conversion::{Compiler, Conversion, Settings};
use sigmatic::diagnostic::SourceMap;
use sigmatic::templates::Templates;

const PROCESS: &str = "category: process_creation\n    product: windows";

fn rule(log_source: &str, detection: &str) -> String {
    let detection = detection.replace('\n', "\n    ");
    format!(
        "title: Test\nlogsource:\n    {log_source}\ndetection:\n    {}\n",
        detection.trim()
    )
}

fn convert(target: &str, text: &str) -> Conversion {
    let settings = Settings {
        target: target.to_owned(),
        without_own_pipelines: target == "splunk",
        table: (target == "splunk").then(|| "main".to_owned()),
        ..Settings::default()
    };
    let mut sources = SourceMap::new();
    let compiler = Compiler::new(&Templates::builtin(), &settings, &mut sources).unwrap();
    compiler.convert(&Collection::from_text("rule.yml", text, &mut sources))
}

fn query(target: &str, detection: &str) -> String {
    let conversion = convert(target, &rule(PROCESS, detection));
    let findings: Vec<String> = conversion
        .outcomes
        .iter()
        .flat_map(|outcome| &outcome.diagnostics)
        .map(|finding| finding.title.clone())
        .collect();
    let texts: Vec<&str> = conversion.queries().map(|query| query.text.as_str()).collect();
    assert_eq!(texts.len(), 1, "{findings:?}");
    texts.concat()
}

fn spl(detection: &str) -> String {
    query("splunk", detection)
}

fn kql(detection: &str) -> String {
    query("sentinel", detection)
}

#[track_caller]
fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing from:\n{text}");
    }
}

#[track_caller]
fn lacks(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(!text.contains(part), "{part:?} stands in:\n{text}");
    }
}

#[test]
fn mistake_1_a_regular_expression_stays_in_its_negation() {
    let text = spl("sel:\n  A: x\nbad:\n  B: y\n  C|re: z+\ncondition: sel and not bad");
    assert_eq!(
        text,
        "index=main A=\"x\"\n| where NOT (isnotnull(B) AND isnotnull(C) AND lower(B)=\"y\" AND match(C, \"z+\"))"
    );
}

#[test]
fn mistake_2_several_regular_expressions_give_a_query() {
    let text = spl("sel:\n  A|re: abc\n  B|re: bcd\ncondition: sel");
    holds(&text, &["match(A, \"abc\") AND match(B, \"bcd\")"]);
    let text = spl("sel:\n  A|re|all:\n    - abc\n    - bcd\ncondition: sel");
    holds(&text, &["match(A, \"abc\") AND match(A, \"bcd\")"]);
}

#[test]
fn mistake_3_no_part_is_dropped() {
    let security = "product: windows\n    service: security";
    let conversion = convert(
        "sentinel",
        &rule(security, "sel:\n  EventID: 4625\ncondition: sel"),
    );
    let texts: Vec<&str> = conversion.queries().map(|query| query.text.as_str()).collect();
    holds(&texts.concat(), &["SecurityEvent", "EventID == 4625"]);
    let conversion = convert(
        "splunk",
        &rule(
            security,
            "sel:\n  EventID: 4625\n  Initiated: 'true'\n  Hashes|contains: IMPHASH=0A\ncondition: sel",
        ),
    );
    let texts: Vec<&str> = conversion.queries().map(|query| query.text.as_str()).collect();
    holds(
        &texts.concat(),
        &[
            "EventID=\"4625\"",
            "Initiated=\"true\"",
            "Hashes=\"*IMPHASH=0A*\"",
        ],
    );
}

#[test]
fn mistake_4_a_full_path_is_not_cut() {
    let detection = "sel:\n  ParentImage|contains: 'C:\\Program Files\\'\ncondition: sel";
    holds(&spl(detection), &["ParentImage=\"*C:\\\\Program Files\\\\*\""]);
    let text = kql(detection);
    holds(&text, &["contains \"C:\\\\Program Files\\\\\""]);
    lacks(&text, &["startswith \"\"", "endswith \"\""]);
}

#[test]
fn mistake_5_parts_of_times_are_taken() {
    let text = spl("sel:\n  UtcTime|hour|gte: 8\ncondition: sel");
    holds(&text, &["tonumber(strftime(", "\"%H\"))>=8"]);
    lacks(&text, &["UtcTime>=8"]);
}

#[test]
fn mistake_6_selectors_and_keys_are_never_lost() {
    let text = spl(
        "sel:\n  A: x\nnomatch_one:\n  B: y\nnomatch_two:\n  C: z\ncondition: sel and not 1 of nomatch_*",
    );
    holds(&text, &["A=\"x\"", "NOT (B=\"y\" OR C=\"z\")"]);
    for target in ["splunk", "sentinel"] {
        let conversion = convert(target, &rule(PROCESS, "sel:\n  A: x\n  A: y\ncondition: sel"));
        assert_eq!(conversion.converted(), 0);
        assert_eq!(conversion.failed(), 1);
    }
}

#[test]
fn mistake_7_several_columns_under_a_negation_are_anded() {
    let pipeline = "name: two\npriority: 10\ntransformations:\n  - id: two\n    type: field_name_mapping\n    mapping:\n      A: [B, C]\n";
    let settings = Settings {
        target: "splunk".to_owned(),
        without_own_pipelines: true,
        pipelines: vec![("two.yml".to_owned(), pipeline.to_owned())],
        table: Some("main".to_owned()),
        ..Settings::default()
    };
    let mut sources = SourceMap::new();
    let compiler = Compiler::new(&Templates::builtin(), &settings, &mut sources).unwrap();
    let mut convert = |detection: &str| {
        let collection = Collection::from_text("rule.yml", &rule(PROCESS, detection), &mut sources);
        let conversion = compiler.convert(&collection);
        conversion
            .queries()
            .map(|query| query.text.clone())
            .collect::<String>()
    };
    let negated = |text: &str| format!("index=main NOT ({text})");
    assert_eq!(
        convert("sel:\n  A|neq: x\ncondition: sel"),
        negated("B=\"x\" OR C=\"x\"")
    );
    assert_eq!(convert("sel:\n  A: null\ncondition: sel"), negated("B=* OR C=*"));
    assert_eq!(
        convert("sel:\n  A|exists: false\ncondition: sel"),
        negated("B=* OR C=*")
    );
}

#[test]
fn mistake_8_a_field_without_a_mapping_is_told() {
    let conversion = convert(
        "sentinel",
        &rule(PROCESS, "sel:\n  NoSuchField: x\ncondition: sel"),
    );
    assert_eq!(conversion.converted(), 0);
    assert!(!conversion.outcomes[0].diagnostics.is_empty());
    let settings = Settings {
        target: "splunk".to_owned(),
        ..Settings::default()
    };
    let mut sources = SourceMap::new();
    let compiler = Compiler::new(&Templates::builtin(), &settings, &mut sources).unwrap();
    let unknown = rule(
        "category: no_such_category",
        "sel:\n  NoSuchField: x\ncondition: sel",
    );
    let conversion = compiler.convert(&Collection::from_text("rule.yml", &unknown, &mut sources));
    assert_eq!(conversion.converted(), 1);
    assert!(!conversion.outcomes[0].diagnostics.is_empty());
}

#[test]
fn mistake_9_a_wildcard_after_a_backslash_stays_one() {
    let detection = "sel:\n  Image: 'C:\\Temp\\\\*'\ncondition: sel";
    holds(&spl(detection), &["Image=\"C:\\\\Temp\\\\*\""]);
    holds(&kql(detection), &["startswith \"C:\\\\Temp\\\\\""]);
}

#[test]
fn mistake_11_kql_forms() {
    let text = kql("sel:\n  CommandLine: 'a*b?c'\ncondition: sel");
    holds(&text, &["matches regex @\"(?is)^a.*b.c$\""]);
    let text = kql("sel:\n  CommandLine:\n    - 'a*b'\n    - 'c*d'\ncondition: sel");
    holds(&text, &["^a.*b$", "^c.*d$", " or "]);
    let text = kql("sel:\n  CommandLine: null\ncondition: sel");
    lacks(&text, &["isnull("]);
    holds(&text, &["not(isnotempty(ProcessCommandLine))"]);
    let text = kql("sel:\n  - evil\ncondition: sel");
    holds(&text, &["* contains \"evil\""]);
    let text = kql("sel:\n  ProcessId:\n    - 1\n    - 2\ncondition: sel");
    holds(&text, &["in (1, 2)"]);
}

#[test]
fn mistake_11_kql_networks_have_the_function_of_their_family() {
    let network = "category: network_connection\n    product: windows";
    for (value, function) in [
        ("10.0.0.0/8", "ipv4_is_in_range("),
        ("2001:db8::/32", "ipv6_is_in_range("),
    ] {
        let detection = format!("sel:\n  DestinationIp|cidr: '{value}'\ncondition: sel");
        let conversion = convert("sentinel", &rule(network, &detection));
        let texts: Vec<&str> = conversion.queries().map(|query| query.text.as_str()).collect();
        holds(&texts.concat(), &[function, value]);
    }
}

#[test]
fn mistake_16_single_characters_and_literal_stars() {
    let text = spl("sel:\n  A: 'a?c'\ncondition: sel");
    assert_eq!(text, "index=main A=\"a*c\"\n| where match(A, \"(?is)\\Aa.c\\z\")");
    let text = spl("sel:\n  A: 'a\\*c'\ncondition: sel");
    assert_eq!(text, "index=main A=\"a*c\"\n| where lower(A)=\"a*c\"");
    // A negation has no superset in a weakened test: it stays with `where` alone.
    let text = spl("sel:\n  A: x\nbad:\n  B: 'a?c'\ncondition: sel and not bad");
    assert_eq!(
        text,
        "index=main A=\"x\"\n| where NOT (isnotnull(B) AND match(B, \"(?is)\\Aa.c\\z\"))"
    );
}

#[test]
fn mistake_16_names_of_fields_and_keywords() {
    let text = spl("sel:\n  'Source Name': x\n  'cs-method|re': 'ab+c'\ncondition: sel");
    holds(&text, &["\"Source Name\"=\"x\"", "match('cs-method', \"ab+c\")"]);
    let text = spl("sel:\n  '|re': 'ab+c'\ncondition: sel");
    holds(&text, &["| where match(_raw, \"ab+c\")"]);
    let conversion = convert(
        "splunk",
        &rule(
            PROCESS,
            "one:\n  A: x\ntwo:\n  B: y\ncondition:\n  - one\n  - two",
        ),
    );
    let texts: Vec<&str> = conversion.queries().map(|query| query.text.as_str()).collect();
    assert_eq!(texts, ["index=main A=\"x\"", "index=main B=\"y\""]);
}

#[test]
fn mistake_17_encoded_values() {
    let text = spl("sel:\n  A|wide|base64offset|contains: foo\ncondition: sel");
    holds(&text, &["A IN (\"*ZgBvAG8A*\", \"*YAbwBvA*\", \"*mAG8Abw*\")"]);
    let text = spl("sel:\n  A|utf16|base64: foo\ncondition: sel");
    holds(&text, &["A=\"//5mAG8AbwA=\""]);
}

#[test]
fn a_guard_stands_once_over_several_tests_of_a_field() {
    let text = spl(
        "sel:\n  A|re:\n    - abc\n    - bcd\nbad:\n  B|re:\n    - xyz\n    - uvw\ncondition: sel and not bad",
    );
    assert_eq!(
        text,
        "index=main A IN (\"*abc*\", \"*bcd*\")\n| where isnotnull(A) AND (match(A, \"abc\") OR match(A, \"bcd\")) AND \
         NOT (isnotnull(B) AND (match(B, \"xyz\") OR match(B, \"uvw\")))"
    );
}

#[test]
fn one_exclusion_for_where_leaves_the_others_in_search() {
    let text = spl(
        "sel:\n  A: x\none:\n  B: y\ntwo:\n  C|re: z+\nthree:\n  D: w\ncondition: sel and not 1 of one* and not 1 of t*",
    );
    holds(
        &text,
        &["NOT B=\"y\" NOT D=\"w\"\n| where NOT (isnotnull(C) AND match(C, \"z+\"))"],
    );
}

#[test]
fn a_network_is_no_text_and_a_text_no_network() {
    holds(
        &spl("sel:\n  A|cidr: 10.0.0.0/8\ncondition: sel"),
        &["index=main A=\"10.0.0.0/8\""],
    );
    let text = spl("sel:\n  A: 10.0.0.0/8\ncondition: sel");
    assert_eq!(text, "index=main A=*\n| where lower(A)=\"10.0.0.0/8\"");
}

#[test]
fn the_core_names_no_language() {
    let mut folders = vec![common::root().join("src/backend")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                for (index, line) in code.lines().enumerate() {
                    let mut words = line.split(|letter: char| !letter.is_ascii_alphanumeric());
                    let named = |word: &str| {
                        ["kql", "spl", "lucene", "eql", "esql", "dsl"]
                            .iter()
                            .any(|name| word.eq_ignore_ascii_case(name))
                    };
                    if words.any(named) {
                        found.push(format!("{}:{}: {line}", path.display(), index + 1));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

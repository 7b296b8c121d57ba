use proptest::prelude::*;

use super::{LONGEST_NAME, SavedSearches};
use crate::diagnostic::{Code, Span};
use crate::rule::{Metadata, Spanned};
use crate::templates::Templates;

const KEYS: [&str; 14] = [
    "description",
    "search",
    "disabled",
    "enableSched",
    "cron_schedule",
    "dispatch.earliest_time",
    "dispatch.latest_time",
    "realtime_schedule",
    "schedule_window",
    "counttype",
    "relation",
    "quantity",
    "alert.severity",
    "alert.track",
];

type Section = (String, Vec<(String, String)>);

/// Reads a conf file by the rules in the module's head. Whatever is neither a stanza, a setting nor a comment, or not
/// below a stanza, is a failure.
fn read(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut logical = String::new();
    for line in text.split('\n') {
        let line = line.trim_end_matches('\r');
        assert!(
            !line.trim_end().ends_with('\\') || line.ends_with('\\'),
            "backslash and blanks: {line:?}"
        );
        if let Some(before) = line.strip_suffix('\\') {
            logical.push_str(before);
            logical.push('\n');
            continue;
        }
        logical.push_str(line);
        let whole = std::mem::take(&mut logical);
        let trimmed = whole.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(after) = trimmed.strip_prefix('[') {
            let (name, _) = after.rsplit_once(']').unwrap();
            sections.push((name.to_owned(), Vec::new()));
            continue;
        }
        let (key, value) = whole.split_once('=').unwrap_or_else(|| panic!("{whole:?}"));
        assert!(!key.trim().contains(char::is_whitespace), "{whole:?}");
        let section = sections.last_mut().unwrap();
        section.1.push((key.trim().to_owned(), value.trim().to_owned()));
    }
    assert!(logical.is_empty(), "the file ends within a value");
    sections
}

fn metadata(title: &str, description: &str, id: &str) -> Metadata {
    Metadata {
        title: title.to_owned(),
        description: Some(description.to_owned()),
        id: Some(Spanned {
            value: id.to_owned(),
            span: Span::default(),
        }),
        level: Some("high".to_owned()),
        status: Some("test".to_owned()),
        ..Metadata::default()
    }
}

fn writer() -> SavedSearches {
    SavedSearches::new(&Templates::builtin()).unwrap()
}

fn value<'s>(section: &'s Section, key: &str) -> &'s str {
    let found = section.1.iter().find(|(other, _)| other == key);
    found.map_or("", |(_, value)| value)
}

#[test]
fn a_stanza_is_complete() {
    let text = writer()
        .stanza(
            &metadata("A [b]", "One\ntwo C:\\", "7"),
            Some("second"),
            "source=x\n| where a=\"b\"",
        )
        .unwrap();
    insta::assert_snapshot!(text, @r#"
    # Sigma rule 7
    [A (b) - second]
    description = One two C:\.
    search = source=x\
    | where a="b"
    disabled = 0
    enableSched = 1
    cron_schedule = 0 * * * *
    dispatch.earliest_time = -70m@m
    dispatch.latest_time = -10m@m
    realtime_schedule = 0
    schedule_window = auto
    counttype = number of events
    relation = greater than
    quantity = 0
    alert.severity = 4
    alert.track = 1
    "#);
}

#[test]
fn level_and_status_decide_severity_and_state() {
    let of = |level: Option<&str>, status: Option<&str>| {
        let rule = Metadata {
            level: level.map(str::to_owned),
            status: status.map(str::to_owned),
            ..metadata("t", "", "")
        };
        let text = writer().stanza(&rule, None, "x").unwrap();
        let sections = read(&text);
        (
            value(&sections[0], "alert.severity").to_owned(),
            value(&sections[0], "disabled").to_owned(),
        )
    };
    let is = |severity: &str, disabled: &str| (severity.to_owned(), disabled.to_owned());
    assert_eq!(of(Some("informational"), Some("stable")), is("2", "0"));
    assert_eq!(of(Some("low"), Some("test")), is("2", "0"));
    assert_eq!(of(None, None), is("3", "0"));
    assert_eq!(of(Some("medium"), Some("experimental")), is("3", "1"));
    assert_eq!(of(Some("critical"), Some("deprecated")), is("5", "1"));
}

#[test]
fn names_are_safe_and_differ() {
    let mut file = writer();
    let long = "n".repeat(150);
    let titles = [
        "default",
        "Default",
        "",
        "  ",
        "a",
        "A",
        "a",
        "]\n[b]",
        "\u{FEFF} x",
        &long,
        &long,
    ];
    let names: Vec<String> = titles
        .iter()
        .map(|title| {
            let text = file.stanza(&metadata(title, "", ""), None, "q").unwrap();
            read(&text)[0].0.clone()
        })
        .collect();
    assert_eq!(
        names[..9],
        [
            "default (rule)",
            "Default (rule) (2)",
            "(rule)",
            "(rule) (2)",
            "a",
            "A (2)",
            "a (3)",
            ") (b)",
            "x"
        ]
    );
    assert_eq!(names[9].chars().count(), LONGEST_NAME);
    assert!(names[10].ends_with(" (2)") && names[10].chars().count() == LONGEST_NAME);
}

#[test]
fn a_query_that_the_file_cannot_hold_is_refused() {
    for query in [
        "",
        " \n",
        "a\\",
        "a\\ \n",
        "a\rb",
        "a\0b",
        "a\u{2028}b",
        "a\u{85}b",
    ] {
        let fault = writer().stanza(&metadata("t", "", ""), None, query).unwrap_err();
        assert_eq!(fault.code, Code::UNSUPPORTED_VALUE, "{query:?}");
    }
}

/// Texts of the characters that mean something in conf files, and of any others.
fn hostile() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        "\\",
        "\n",
        "\r",
        "[",
        "]",
        "=",
        "#",
        ";",
        " ",
        "\t",
        "\"",
        "{{",
        "}}",
        "{%",
        "\0",
        "\u{85}",
        "\u{2028}",
        "\u{FEFF}",
        "default",
        "search = x",
        "\n[y]\n",
        "\\\n",
        "é",
    ]);
    let piece = prop_oneof![4 => special.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_changes_the_structure(
        rules in prop::collection::vec((hostile(), hostile(), hostile(), prop::option::of(hostile()), hostile()), 1..5)
    ) {
        let mut file = writer();
        let mut text = String::new();
        let mut queries = Vec::new();
        for (title, description, id, condition, query) in &rules {
            match file.stanza(&metadata(title, description, id), condition.as_deref(), query) {
                Ok(stanza) => {
                    text += &stanza;
                    text.push('\n');
                    queries.push((query, description));
                }
                Err(fault) => prop_assert_eq!(fault.code, Code::UNSUPPORTED_VALUE),
            }
        }
        let sections = read(&text);
        prop_assert_eq!(sections.len(), queries.len());
        let mut names: Vec<&str> = sections.iter().map(|section| section.0.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(names.len(), sections.len());
        for (section, (query, description)) in sections.iter().zip(queries) {
            let keys: Vec<&str> = section.1.iter().map(|(key, _)| key.as_str()).collect();
            prop_assert_eq!(&keys, &KEYS);
            prop_assert_eq!(value(section, "search"), query.trim());
            prop_assert_eq!(value(section, "cron_schedule"), "0 * * * *");
            let name = section.0.trim();
            prop_assert!(!name.is_empty() && !name.eq_ignore_ascii_case("default"));
            prop_assert!(section.0.chars().count() <= LONGEST_NAME);
            let words = |text: &str| -> Vec<String> {
                text.split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{FEFF}')
                    .filter(|word| !word.is_empty())
                    .map(str::to_owned)
                    .collect()
            };
            let kept = value(section, "description").to_owned();
            let mut wanted = words(description).join(" ");
            if wanted.ends_with('\\') {
                wanted.push('.');
            }
            prop_assert_eq!(kept, wanted);
        }
    }
}

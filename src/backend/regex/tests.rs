//! Printed expressions match the strings that the parsed ones match, in each kind of dialect.

use proptest::prelude::*;

use super::dialect::{Anchoring, Case, Controls, DialectSettings};
use crate::backend::language::tests::{hostile, kql_once, read_literal};
use crate::regex::{Flags, Form, Regex};

fn read(text: &str, flags: Flags) -> Regex {
    Regex {
        source: text.to_owned(),
        flags,
        form: Form::Regular {
            text: text.to_owned(),
            tree: Box::new(regex_syntax::ast::parse::Parser::new().parse(text).unwrap()),
        },
    }
}

fn compiled(text: &str, flags: Flags) -> regex::Regex {
    regex::RegexBuilder::new(text)
        .case_insensitive(flags.ignore_case)
        .multi_line(flags.multi_line)
        .dot_matches_new_line(flags.dot_all)
        .build()
        .unwrap()
}

/// A language whose regular expressions match whole values and have no flags.
fn automaton() -> DialectSettings {
    DialectSettings {
        anchoring: Anchoring::Whole,
        start: None,
        end: None,
        final_anchor: None,
        case: Case::Classes,
        boundaries: false,
        meta: "\\.?+*|{}[]()\"#@&<>~".to_owned(),
        class_meta: "\\]^-[&~".to_owned(),
        backslash: Some("[\\\\]".to_owned()),
        class_backslash: None,
        controls: Controls::Raw,
        dot: true,
        lookaround: false,
        categories: false,
        max_repeat: None,
    }
}

/// The expression that KQL's literal holds.
fn kql(regex: &Regex) -> Result<String, String> {
    let stage = &kql_once().stages[0];
    let mut out = String::new();
    stage
        .print_regex(stage.context("regex").unwrap(), regex, false, &mut out)
        .map_err(|refusal| refusal.reason)?;
    let (text, rest) = read_literal(&out);
    assert_eq!(rest, "");
    Ok(text)
}

fn whole(regex: &Regex) -> Result<String, String> {
    let mut out = String::new();
    super::print(&automaton(), regex, false, &mut out).map_err(|refusal| refusal.reason)?;
    Ok(out)
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-c]",
        Just("k".to_owned()),
        Just("S".to_owned()),
        Just(r"\\".to_owned()),
        Just(r"\.".to_owned()),
        Just("\"".to_owned()),
        Just(r"\x20".to_owned()),
        Just(r"\n".to_owned()),
        Just("ä".to_owned()),
        Just(".".to_owned()),
        Just(r"\x{2028}".to_owned()),
        Just("[0-9A-Za-z_]".to_owned()),
        Just("[^a-b]".to_owned()),
        Just(r"[\]\[\-\\^]".to_owned()),
        Just("[a[0-9]]".to_owned()),
        Just("[^[^0-9]a]".to_owned()),
        Just("(?-i:[a-k])".to_owned()),
        Just("(?i:bk)".to_owned()),
        Just("(?s:.)".to_owned()),
        Just("(?-s:.)".to_owned()),
        Just("(?-u:[a-c])".to_owned()),
        Just(r"\p{Lu}".to_owned()),
        Just("#".to_owned()),
        Just("&".to_owned()),
        Just("[[:alpha:]--k]".to_owned()),
    ];
    let tree = leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}{b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a}|{b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}|{b}|)")),
            (
                inner.clone(),
                prop_oneof![
                    "[*+?]",
                    "[*+?]\\?",
                    Just("{2}".to_owned()),
                    Just("{1,3}?".to_owned()),
                    Just("{1,}".to_owned())
                ]
            )
                .prop_map(|(a, r)| format!("(?:{a}){r}")),
            inner.prop_map(|a| format!("(?i){a}")),
        ]
    });
    (
        prop_oneof![Just(""), Just("^"), Just(r"\A"), Just("(?m)^")],
        tree.clone(),
        prop_oneof![Just(""), Just(r"(?:\n?\z)"), Just("$"), Just(r"\z")],
        tree,
        prop::bool::weighted(0.3),
    )
        .prop_map(|(start, body, end, other, alternative)| {
            if alternative {
                format!("{start}{body}{end}|{other}")
            } else {
                format!("{start}{body}{end}")
            }
        })
}

fn haystack() -> impl Strategy<Value = String> {
    prop_oneof!["[a-ckKsSA-C\\\\.\"\n 0-9_ä#&-]{0,8}", "[a-cK]{1,3}\n?", hostile(),]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_search_dialect_matches_the_same(text in expression(), i: bool, m: bool, s: bool, values in prop::collection::vec(haystack(), 8)) {
        let flags = Flags { ignore_case: i, multi_line: m, dot_all: s };
        // A class within ASCII that ignores case has no spelling that both engines read.
        if let Ok(printed) = kql(&read(&text, flags)) {
            let (wanted, got) = (compiled(&text, flags), regex::Regex::new(&printed).unwrap());
            for value in &values {
                prop_assert_eq!(got.is_match(value), wanted.is_match(value), "{} as {} on {:?}", text, printed, value);
            }
        } else {
            prop_assert!(text.contains("(?-u:"));
        }
    }

    #[test]
    fn a_whole_value_dialect_matches_the_same(text in expression(), i: bool, m: bool, s: bool, values in prop::collection::vec(haystack(), 8)) {
        let flags = Flags { ignore_case: i, multi_line: m, dot_all: s };
        if let Ok(printed) = whole(&read(&text, flags)) {
            let wanted = compiled(&text, flags);
            let got = regex::Regex::new(&format!(r"(?s)\A(?:{printed})\z")).unwrap();
            for value in &values {
                prop_assert_eq!(got.is_match(value), wanted.is_match(value), "{} as {} on {:?}", text, printed, value);
            }
        }
    }
}

#[test]
fn expressions_stay_readable() {
    let rows = [
        (r"(?:cmd|powershell)\.exe", Ok(r"(?:cmd|powershell)\.exe")),
        (r"^C:\\[0-9A-Za-z_]+?\x20-e", Ok(r"^C:\\[0-9A-Za-z_]+ -e")),
        (r"a(?:\n?\z)", Ok(r"a\n?$")),
        (r"(?-u:\b)x(?-u:\w)", Ok(r"\bx[0-9A-Z_a-z]")),
        (r"\x07\x{2028}", Ok(r"\x07\x{2028}")),
        (r"(?P<name>a)\<", Err("half a word boundary")),
        (r"\d", Err("a class of all Unicode digits, letters or blanks")),
        (r"\p{Greek}", Err("a class of characters by Unicode property")),
        (r"a{1001}", Err("more than 1000 repetitions")),
        (r"(?R)$", Err("line ends of two characters")),
        (r"a\&[\&~]", Ok(r"a&[\&\~]")),
        ("a**", Ok("(?:a*)*")),
    ];
    for (text, expected) in rows {
        let printed = kql(&read(text, Flags::default()));
        assert_eq!(printed.as_deref().map_err(String::as_str), expected, "{text}");
    }
    let flags = Flags {
        ignore_case: true,
        multi_line: true,
        dot_all: false,
    };
    assert_eq!(kql(&read(r"\Aa^b", flags)).unwrap(), r"(?im)\Aa^b");
}

#[test]
fn whole_values_are_written_out_at_open_edges() {
    let rows = [
        ("abc", Ok(".*abc.*")),
        ("^abc", Ok("abc.*")),
        (r"abc(?:\n?\z)", Ok(".*abc\n?")),
        (r"^a|b\z", Ok("a.*|.*b")),
        (r"(?:^a|b)c", Ok("(a|.*b)c.*")),
        ("(?i)ab", Ok(".*[Aa][Bb].*")),
        (r"a\\b", Ok(r".*a[\\]b.*")),
        ("a.b", Ok(".*a[^\n]b.*")),
        ("a^b", Err("an anchor of the start inside the expression")),
        ("(^a)+", Err("an anchor of the start inside the expression")),
        (r"\bab", Err("a word boundary")),
    ];
    for (text, expected) in rows {
        let printed = whole(&read(text, Flags::default()));
        assert_eq!(printed.as_deref().map_err(String::as_str), expected, "{text}");
    }
}

#[test]
fn look_around_is_refused_or_printed_as_written() {
    let regex = Regex {
        source: "(?<!a)b".to_owned(),
        flags: Flags {
            ignore_case: true,
            ..Flags::default()
        },
        form: Form::Irregular {
            text: "(?<!a)b".to_owned(),
            construct: "look-behind",
        },
    };
    assert_eq!(kql(&regex), Err("look-behind".to_owned()));
    let pcre = DialectSettings {
        lookaround: true,
        case: Case::Flag,
        ..automaton()
    };
    let mut out = String::new();
    super::print(&pcre, &regex, false, &mut out).unwrap();
    assert_eq!(out, "(?i)(?<!a)b");
}

/// The regular expressions of the public rules, with their flags: values of keys that have the modifier `re`.
fn public_expressions() -> Option<Vec<(String, Flags)>> {
    let shared = std::env::var_os("SIGMATIC_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        Into::into,
    );
    let folder = shared.join("corpus/sigmahq/rules");
    if !folder.is_dir() {
        return None;
    }
    let mut found = Vec::new();
    for entry in ignore::Walk::new(folder).flatten() {
        let Ok(text) = std::fs::read_to_string(entry.path()) else {
            continue;
        };
        if !text.contains("|re") {
            continue;
        }
        for document in serde_yaml::Deserializer::from_str(&text) {
            let value: serde_yaml::Value = serde::Deserialize::deserialize(document).unwrap();
            collect(&value, None, &mut found);
        }
    }
    Some(found)
}

fn collect(value: &serde_yaml::Value, flags: Option<Flags>, found: &mut Vec<(String, Flags)>) {
    match value {
        serde_yaml::Value::Mapping(mapping) => {
            for (key, value) in mapping {
                let words: Vec<&str> = key.as_str().unwrap_or_default().split('|').skip(1).collect();
                let flags = words.contains(&"re").then(|| Flags {
                    ignore_case: words.contains(&"i"),
                    multi_line: words.contains(&"m"),
                    dot_all: words.contains(&"s"),
                });
                collect(value, flags, found);
            }
        }
        serde_yaml::Value::Sequence(values) => values.iter().for_each(|value| collect(value, flags, found)),
        serde_yaml::Value::String(text) => found.extend(flags.map(|flags| (text.clone(), flags))),
        serde_yaml::Value::Null
        | serde_yaml::Value::Bool(_)
        | serde_yaml::Value::Number(_)
        | serde_yaml::Value::Tagged(_) => {}
    }
}

#[test]
fn public_expressions_are_printed() {
    let Some(expressions) = public_expressions() else {
        let mut out = std::io::stderr();
        std::io::Write::write_all(&mut out, b"skipped: no public rules\n").unwrap();
        return;
    };
    let mut printed_count = 0;
    for (source, flags) in &expressions {
        let regex = Regex::parse(source, *flags).unwrap();
        let Form::Regular { text, .. } = &regex.form else {
            assert!(kql(&regex).is_err(), "{source}");
            continue;
        };
        let printed = kql(&regex).unwrap_or_else(|reason| panic!("{source}: {reason}"));
        let (wanted, got) = (compiled(text, regex.flags), regex::Regex::new(&printed).unwrap());
        for value in [source.as_str(), text, "powershell -e \"x\"\n", "a1-b2.com", ""] {
            assert_eq!(
                got.is_match(value),
                wanted.is_match(value),
                "{source} as {printed} on {value:?}"
            );
        }
        printed_count += 1;
    }
    assert!(printed_count > 100, "{printed_count} of {}", expressions.len());
}

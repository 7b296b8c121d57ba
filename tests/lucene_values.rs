//! What the Lucene language prints is read back as the value that the rule has, by readers that know query_string alone.

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

use proptest::prelude::*;
use sigmatic::collection::{Collection, Input};
use sigmatic::conversion::{Compiler, Settings};
use sigmatic::diagnostic::SourceMap;
use sigmatic::eval::{Event, RuleSet};
use sigmatic::templates::Templates;

fn compiler() -> Compiler {
    let settings = Settings {
        target: "elastic-lucene".to_owned(),
        without_own_pipelines: true,
        ..Settings::default()
    };
    Compiler::new(&Templates::builtin(), &settings, &mut SourceMap::new()).unwrap()
}

fn collection(field: &str, value: &str) -> Collection {
    let rule = serde_json::json!({
        "title": "t", "logsource": {"category": "c"},
        "detection": {"s": {field: value}, "condition": "s"},
    });
    let input = Input::Text {
        name: "rule.yml".to_owned(),
        bytes: rule.to_string().into_bytes(),
    };
    Collection::load(vec![input], false, &mut SourceMap::new())
}

/// The query of a rule with one item; `None` if the language refuses it.
fn query(compiler: &Compiler, field: &str, value: &str) -> Option<String> {
    let conversion = compiler.convert(&collection(field, value));
    Some(conversion.outcomes.first()?.queries.first()?.query.text.clone())
}

/// A regular expression of Lucene between slashes, as one of the crate `regex` over the whole value. Panics on an
/// operator that only Lucene has, and on a slash that would end the expression.
fn translated(text: &str) -> regex::Regex {
    let inner = text
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'))
        .unwrap();
    let mut out = String::from(r"\A(?s:");
    let mut characters = inner.chars();
    assert!(!inner.is_empty(), "an empty expression");
    while let Some(character) = characters.next() {
        // Lucene reads a bar without an expression before it as the character.
        assert!(
            character != '|' || !out.ends_with(['(', '|', ':']),
            "an empty alternative in {text}"
        );
        match character {
            '\\' => {
                let escaped = characters.next().unwrap();
                assert!(!escaped.is_ascii_alphanumeric(), "{text}");
                out.push_str(&regex::escape(&escaped.to_string()));
            }
            '[' => class(&mut characters, &mut out, text),
            '^' | '$' => out.push_str(&regex::escape(&character.to_string())),
            '"' | '#' | '@' | '&' | '<' | '>' | '~' | '/' => panic!("{character} is an operator in {text}"),
            other => out.push(other),
        }
    }
    out.push_str(r")\z");
    regex::Regex::new(&out).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn class(characters: &mut std::str::Chars<'_>, out: &mut String, text: &str) {
    out.push('[');
    let mut first = true;
    loop {
        match characters.next().unwrap() {
            ']' => break,
            '^' if first => out.push('^'),
            '\\' => {
                let escaped = characters.next().unwrap();
                assert!(!escaped.is_ascii_alphanumeric(), "{text}");
                out.push('\\');
                out.push(escaped);
            }
            '/' => panic!("a slash ends {text}"),
            '-' => out.push('-'),
            other => out.push_str(&regex::escape(&other.to_string())),
        }
        first = false;
    }
    out.push(']');
}

/// The text of a phrase; nothing may follow it.
fn phrase(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.strip_prefix('"').unwrap().chars();
    loop {
        match characters.next().unwrap() {
            '"' => break,
            '\\' => out.push(characters.next().unwrap()),
            other => out.push(other),
        }
    }
    assert_eq!(characters.as_str(), "");
    out
}

/// A term with wildcards, these as U+E000 and U+E001; nothing may end it.
fn term(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.push(characters.next().unwrap()),
            '*' => out.push('\u{E000}'),
            '?' => out.push('\u{E001}'),
            '<' | '>' => panic!("{text}"),
            other if "+-=&|!(){}[]^\"~:/ \t\n\r\u{3000}".contains(other) => panic!("{other:?} ends {text:?}"),
            other => out.push(other),
        }
    }
    out
}

fn hostile() -> impl Strategy<Value = String> {
    let special = r#"+-=&|><!(){}[]^"~*?:\/ .#@$AND OR,'`"#;
    let character = prop_oneof![
        3 => proptest::sample::select(special.chars().collect::<Vec<char>>()),
        1 => proptest::sample::select(vec!['a', 'K', 's', 'Ä', 'ß', '\n', '\t', '\u{3000}', '\u{1F600}', '0']),
    ];
    proptest::collection::vec(character, 1..12).prop_map(|characters| characters.into_iter().collect())
}

/// A text as a rule writes it.
fn written(text: &str) -> String {
    text.replace('\\', r"\\").replace('*', r"\*").replace('?', r"\?")
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        proptest::sample::select(vec![
            "a", "B", "k", "/", r"\\", r"\.", r"\*", "\"", "<", "@", "#", "&", "~", " ", "-", ".", r"\d",
            r"\w", r"\s", "ä", "[ab]", "[^a]", r"[\\/]", "[a-c\"-]", r"[^\]&~]", r"[\w.]",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left}|{right})")),
            (
                inner,
                proptest::sample::select(vec!["*", "+", "?", "{2}", "{1,3}", "*?", "+?"])
            )
                .prop_map(|(body, times)| format!("(?:{body}){times}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn values_are_read_back(value in hostile()) {
        let compiler = compiler();
        let rule_value = written(&value);
        let exact = query(&compiler, "f|cased", &rule_value).unwrap();
        prop_assert_eq!(phrase(exact.strip_prefix("f:").unwrap()), value.clone());
        let inner = query(&compiler, "f|contains|cased", &rule_value).unwrap();
        let inner = inner.strip_prefix("f:").unwrap();
        if inner.starts_with('/') {
            let regex = translated(inner);
            let wrapped = format!("x{value}\n");
            prop_assert!(regex.is_match(&wrapped));
        } else {
            prop_assert_eq!(term(inner), format!("\u{E000}{value}\u{E000}"));
        }
        let any_case = query(&compiler, "f", &rule_value).unwrap();
        let regex = any_case.strip_prefix("f:").unwrap();
        if regex.starts_with('/') {
            let regex = translated(regex);
            prop_assert!(regex.is_match(&value));
            let longer = format!("{value}x");
            prop_assert!(!regex.is_match(&longer));
        } else {
            prop_assert_eq!(phrase(regex), value);
        }
    }

    #[test]
    fn expressions_match_the_same(
        pattern in prop_oneof![
            4 => expression(),
            1 => expression().prop_map(|pattern| format!("(^|/){pattern}")),
            1 => expression().prop_map(|pattern| format!("{pattern}(a|$)")),
            1 => (expression(), expression()).prop_map(|(left, right)| format!("^{left}|{right}$|^$")),
        ],
        start in proptest::bool::ANY,
        end in proptest::bool::ANY,
        flag in proptest::sample::select(vec!["", "|i", "|s"]),
        values in proptest::collection::vec("[aAbBkKc/\\\\\"<@#&~ .0ä\n-]{0,8}", 24),
    ) {
        let body = if start || end { format!("(?:{pattern})") } else { pattern };
        let pattern = format!("{}{body}{}", if start { "^" } else { "" }, if end { "$" } else { "" });
        let field = format!("f|re{flag}");
        if let Some(printed) = query(&compiler(), &field, &pattern) {
            let printed = translated(printed.strip_prefix("f:").unwrap());
            let collection = collection(&field, &pattern);
            let rules = RuleSet::new(&collection, &mut Vec::new());
            for value in values {
                let event = Event::from_value(serde_json::json!({"f": value})).unwrap();
                let meant = rules.rules[0].matches(&event).unwrap();
                prop_assert_eq!(printed.is_match(&value), meant, "{} on {:?}: {}", pattern, value, printed);
            }
        }
    }
}

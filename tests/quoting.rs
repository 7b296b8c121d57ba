//! Printed values, read back by a small reader of each language's quoting, are the same values; none can end its string.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod common;

use std::sync::LazyLock;

use proptest::prelude::*;
use sigmatic::backend::language::Stage;
use sigmatic::conversion::{Compiler, Settings};
use sigmatic::diagnostic::{SourceMap, Span};
use sigmatic::eval::{Event, Matcher};
use sigmatic::lower::{Expr, LeafId, Predicate, Test};
use sigmatic::normalize::{Column, ItemId, Pattern, PatternPart};
use sigmatic::regex::{Flags, Regex};
use sigmatic::templates::Templates;

fn compiler(target: &str) -> Compiler {
    let settings = Settings {
        target: target.to_owned(),
        without_own_pipelines: true,
        ..Settings::default()
    };
    Compiler::new(&Templates::builtin(), &settings, &mut SourceMap::new()).unwrap()
}

static SPLUNK: LazyLock<Compiler> = LazyLock::new(|| compiler("splunk"));
static SENTINEL: LazyLock<Compiler> = LazyLock::new(|| compiler("sentinel"));

fn spl_search() -> &'static Stage {
    &SPLUNK.language.stages[0]
}

fn spl_where() -> &'static Stage {
    &SPLUNK.language.stages[1]
}

fn kql() -> &'static Stage {
    &SENTINEL.language.stages[0]
}

fn printed(stage: &Stage, context: &str, pattern: &Pattern) -> Option<String> {
    let mut out = String::new();
    let context = stage.context(context).unwrap();
    stage.print_pattern(context, pattern, false, &mut out).ok()?;
    Some(out)
}

fn printed_regex(stage: &Stage, regex: &Regex) -> Option<String> {
    let mut out = String::new();
    let context = stage.context("regex").unwrap();
    stage.print_regex(context, regex, false, &mut out).ok()?;
    Some(out)
}

/// The content of a KQL literal and what is left after it: `"…"` with escapes, `@"…"` with doubled quotation marks.
/// <https://learn.microsoft.com/kusto/query/scalar-data-types/string>
fn read_kql(text: &str) -> Option<(String, &str)> {
    if let Some(verbatim) = text.strip_prefix("@\"") {
        let mut content = String::new();
        let mut rest = verbatim;
        loop {
            let (before, after) = rest.split_once('"')?;
            content.push_str(before);
            match after.strip_prefix('"') {
                Some(more) => {
                    content.push('"');
                    rest = more;
                }
                None => return (!content.contains(['\n', '\r'])).then_some((content, after)),
            }
        }
    }
    let mut characters = text.strip_prefix('"')?.chars();
    let mut content = String::new();
    loop {
        match characters.next()? {
            '"' => return Some((content, characters.as_str())),
            '\\' => match characters.next()? {
                'n' => content.push('\n'),
                'r' => content.push('\r'),
                't' => content.push('\t'),
                'u' => {
                    let digits: String = characters.by_ref().take(4).collect();
                    content.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                plain @ ('\\' | '"' | '\'') => content.push(plain),
                _ => return None,
            },
            '\n' | '\r' => return None,
            plain => content.push(plain),
        }
    }
}

/// The parts of a value in SPL's `search`: a backslash stands before a backslash or a quotation mark, `*` is any run.
fn read_search(text: &str) -> Option<(Pattern, &str)> {
    let mut characters = text.strip_prefix('"')?.chars();
    let mut pattern = Pattern::default();
    loop {
        match characters.next()? {
            '"' => return Some((pattern, characters.as_str())),
            '*' => pattern.push(PatternPart::AnyRun),
            '\\' => match characters.next()? {
                plain @ ('\\' | '"') => pattern.push_literal(&plain.to_string()),
                _ => return None,
            },
            '`' => return None,
            plain => pattern.push_literal(&plain.to_string()),
        }
    }
}

/// A text of SPL's `where`, in double quotation marks.
fn read_where(text: &str) -> Option<(String, &str)> {
    let mut characters = text.strip_prefix('"')?.chars();
    let mut content = String::new();
    loop {
        match characters.next()? {
            '"' => return Some((content, characters.as_str())),
            '\\' => match characters.next()? {
                plain @ ('\\' | '"') => content.push(plain),
                _ => return None,
            },
            '`' => return None,
            plain => content.push(plain),
        }
    }
}

/// A regular expression in SPL's `where`. It may be read with or without a round of unescaping `\\` and `\"`: both have
/// to give the same expression.
fn read_where_regex(text: &str) -> Option<(String, &str)> {
    let (content, rest) = text.strip_prefix('"')?.split_once('"')?;
    let ambiguous = content.contains("\\\\") || content.ends_with('\\') || content.contains('`');
    (!ambiguous).then(|| (content.to_owned(), rest))
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\\\\\"'`*?a]{0,6}",
        "[ -~]{0,12}",
        any::<String>(),
        "[\u{0}-\u{20}\u{7f}\u{85}\u{a0}\u{2028}\u{2029}\\\\\"]{0,6}",
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let part = prop_oneof![
        3 => value().prop_map(PatternPart::Literal),
        1 => Just(PatternPart::AnyRun),
        1 => Just(PatternPart::AnyOne),
    ];
    proptest::collection::vec(part, 0..4).prop_map(Pattern::from_parts)
}

fn matches(test: Test, text: &str) -> bool {
    let expr = Expr::Predicate(Predicate {
        leaf: LeafId(0),
        item: ItemId(0),
        column: Column::unknown("f"),
        test,
        span: Span::default(),
    });
    let event = Event::from_value(serde_json::json!({ "f": text })).unwrap();
    Matcher::compile(&expr).unwrap().matches(&event).unwrap()
}

/// Regular expressions of pieces that each mean something on their own.
fn regex() -> impl Strategy<Value = Regex> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        "B",
        "\\\\",
        "\"",
        "\\\"",
        "`",
        "\\.",
        ".",
        "\\d",
        "\\w",
        "\\s",
        "\\S",
        "[ab]",
        "[^a\\\\]",
        "[\\]\"`-]",
        "(a|b)",
        "(?:ab|\\\\)",
        "a*",
        "b+?",
        "a{1,2}",
        "\\b",
        "\\*",
        "/",
        "'",
        "\\x41",
        "\\n",
        "\\t",
        "$",
        "^",
        "(?i:a)",
        "(?=a)",
        "(?<!b)",
        "(a)\\1",
    ]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (proptest::collection::vec(piece, 1..6), flags).prop_filter_map(
        "an expression that PCRE reads",
        |(pieces, (ignore_case, multi_line, dot_all))| {
            let flags = Flags {
                ignore_case,
                multi_line,
                dot_all,
            };
            Regex::parse(&pieces.concat(), flags).ok()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn kql_strings(value in value()) {
        let read = printed(kql(), "string", &Pattern::literal(&value)).unwrap();
        prop_assert_eq!(read_kql(&read), Some((value, "")));
    }

    #[test]
    fn kql_patterns(pattern in pattern(), text in value()) {
        if let Some(printed) = printed(kql(), "rx_pattern", &pattern) {
            let (content, rest) = read_kql(&printed).unwrap();
            prop_assert_eq!(rest, "");
            let regex = regex::Regex::new(&content).unwrap();
            prop_assert_eq!(regex.is_match(&text), matches(Test::Equals(pattern), &text), "{}", content);
        }
    }

    #[test]
    fn kql_names(name in value()) {
        if let Ok(spelled) = kql().identifier.spell(kql(), &name)
            && let Some(inner) = spelled.strip_prefix("['")
        {
            let as_string = format!("\"{}\"", inner.strip_suffix("']").unwrap().replace('"', "\\\""));
            prop_assert_eq!(read_kql(&as_string), Some((name, "")));
        }
    }

    #[test]
    fn kql_regexes(regex in regex(), texts in proptest::collection::vec("[abAB\\\\\"`.\n\t 1/'*-]{0,6}", 8)) {
        if let Some(printed) = printed_regex(kql(), &regex) {
            let (content, rest) = read_kql(&printed).unwrap();
            prop_assert_eq!(rest, "");
            let engine = regex::Regex::new(&content).unwrap();
            for text in texts {
                let expected = matches(Test::Regex(regex.clone()), &text);
                prop_assert_eq!(engine.is_match(&text), expected, "{} on {:?}", content, text);
            }
        }
    }

    #[test]
    fn search_values(pattern in pattern()) {
        if let Some(printed) = printed(spl_search(), "wildcard", &pattern) {
            prop_assert_eq!(read_search(&printed), Some((pattern, "")));
        }
    }

    #[test]
    fn search_values_are_printed_unless_they_cannot_be(value in "[ -)+-_a-~]{0,12}") {
        let printed = printed(spl_search(), "wildcard", &Pattern::literal(&value));
        prop_assert!(printed.is_some());
    }

    #[test]
    fn search_names(name in value()) {
        if let Ok(spelled) = spl_search().identifier.spell(spl_search(), &name)
            && spelled.starts_with('"')
        {
            prop_assert_eq!(read_search(&spelled), Some((Pattern::literal(&name), "")));
        }
    }

    #[test]
    fn where_texts(value in value()) {
        if let Some(printed) = printed(spl_where(), "quoted", &Pattern::literal(&value)) {
            prop_assert_eq!(read_where(&printed), Some((value, "")));
        }
    }

    #[test]
    fn where_names(name in value()) {
        match spl_where().identifier.spell(spl_where(), &name) {
            Err(_) => {}
            Ok(spelled) if spelled.starts_with('\'') => {
                prop_assert_eq!(spelled, format!("'{name}'"));
                prop_assert!(!name.contains(['\'', '\\', '`']));
            }
            Ok(spelled) => prop_assert_eq!(spelled, name),
        }
    }

    /// What neither stage can quote as a text, `where` says as a regular expression: of any value.
    #[test]
    fn where_patterns(pattern in pattern(), text in value()) {
        let printed = printed(spl_where(), "rx_pattern", &pattern).unwrap();
        let (content, rest) = read_where_regex(&printed).unwrap();
        prop_assert_eq!(rest, "");
        let engine = fancy_regex::Regex::new(&content).unwrap();
        prop_assert_eq!(engine.is_match(&text).unwrap(), matches(Test::Equals(pattern), &text), "{}", content);
    }

    #[test]
    fn where_regexes(regex in regex(), texts in proptest::collection::vec("[abAB\\\\\"`.\n\t 1/'*-]{0,6}", 8)) {
        if let Some(printed) = printed_regex(spl_where(), &regex) {
            let (content, rest) = read_where_regex(&printed).unwrap();
            prop_assert_eq!(rest, "");
            // PCRE's `$` and, with the flag `m`, its `^` at the end of the text are not those of fancy-regex; the reader of
            // rules knows them.
            let again = Regex::parse(&content, Flags::default()).unwrap();
            let alike = !(content.contains('$') || content.contains('^') && regex.flags.multi_line);
            let engine = fancy_regex::Regex::new(&content).unwrap();
            for text in texts {
                let expected = matches(Test::Regex(regex.clone()), &text);
                prop_assert_eq!(matches(Test::Regex(again.clone()), &text), expected, "{} on {:?}", content, text);
                if alike {
                    prop_assert_eq!(engine.is_match(&text).unwrap(), expected, "{} on {:?}", content, text);
                }
            }
        }
    }
}

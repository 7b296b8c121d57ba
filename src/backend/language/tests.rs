//! Tests of loading, calling and escaping, against the built-in language and small changes that make it wrong.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::diagnostic::{Source, SourceMap};
use crate::normalize::{Pattern, PatternPart};

const FILES: [(&str, &str); 3] = [
    (
        "language.yaml",
        include_str!("../../../templates/languages/kql/language.yaml"),
    ),
    (
        "where.j2",
        include_str!("../../../templates/languages/kql/where.j2"),
    ),
    (
        "query.j2",
        include_str!("../../../templates/languages/kql/query.j2"),
    ),
];

/// Loads the files; an error comes as file, line and title.
fn load(files: &[(&str, String)]) -> std::result::Result<Language, (String, usize, String)> {
    let mut map = SourceMap::new();
    let sources: Vec<(&str, Arc<Source>)> = files
        .iter()
        .map(|(name, text)| (*name, map.add(*name, text.clone())))
        .collect();
    Language::load("kql", &sources).map_err(|diagnostic| {
        let place = diagnostic.span().and_then(|span| map.locate(span));
        let (file, line) = place.map_or((String::new(), 0), |(file, line, _)| (file.to_owned(), line));
        (
            file,
            line,
            format!("{} {}", diagnostic.title, diagnostic.help.unwrap_or_default()),
        )
    })
}

pub(crate) fn kql() -> Language {
    let files: Vec<(&str, String)> = FILES
        .iter()
        .map(|(name, text)| (*name, (*text).to_owned()))
        .collect();
    load(&files).unwrap()
}

#[test]
fn a_built_in_language_loads() {
    let language = kql();
    let stage = &language.stages[0];
    assert_eq!(language.class_of(Some("dynamic")), "json");
    assert_eq!(language.class_of(Some("unheard-of")), "text");
    assert_eq!(stage.policy("text", "as_number"), Policy::SomeNull);
    assert_eq!(stage.policy("number", "any_number"), Policy::AbsentNull);
    assert_eq!(stage.policy("text", "equals"), Policy::TwoValued);
    assert!(stage.parens.needs(Kind::And, Kind::Or) && !stage.parens.needs(Kind::Or, Kind::And));
    assert_eq!(stage.find("negate").unwrap().kind, Kind::Atom);
    let forbidden = |name, text| super::Stage::forbidden(stage.find(name).unwrap(), text);
    assert!(forbidden("any_equals", "ä") && !forbidden("equals_cased", "ä"));
    assert_eq!(stage.empty_is_absent("json"), Some("null-empty-merged"));
    assert!(language.note_text("null-empty-merged").is_some());
}

/// Each row: file, text to replace, its replacement, and what the error says. The line is the last of the replacement.
#[rustfmt::skip]
const FAULTS: &[(&str, &str, &str, &str)] = &[
    ("where.j2", "{% macro equals(field, string) %}", "{% macro equalz(field, string) %}", "no construct is called `equalz` did you mean `equals`"),
    ("where.j2", "{% macro equals(field, string) %}", "{% macro equals(field, strng) %}", "`strng` is no slot and no context"),
    ("where.j2", "{% macro equals(field, string) %}", "{% macro equals(string, field) %}", "takes (field, <context>)"),
    ("where.j2", "{% macro equals(field, string) %}", "{% macro equals(field, strings) %}", "takes (field, <context>)"),
    ("where.j2", "{% macro equals(field, string) %}", "{% macro equals(field, string=1) %}", "is no parameter name"),
    ("where.j2", "{% macro negate(item) %}", "{% macro not(item) %}", "a macro cannot be called `not`"),
    ("where.j2", "{% macro never() %}", "{% macro always( ) %}", "macro `always` twice"),
    ("where.j2", "{% macro never() %}", "stray {% macro never() %}", "text outside a macro"),
    ("where.j2", "{% macro never() %}", "{{ 1 }}{% macro never() %}", "output outside a macro"),
    ("where.j2", "{% macro never() %}false", "{% macro never() %}{{ fals }}", "`fals` is defined nowhere"),
    ("where.j2", "{% macro never() %}false", "{% macro never() %}{{ 1 | uper }}", "unknown filter `uper`"),
    ("where.j2", "{% macro never() %}false", "{% macro never() %}{{ 1", "syntax error"),
    ("where.j2", "{% macro never() %}false", "{% macro never() %}\u{FFF00}", "private use plane"),
    ("where.j2", "{% macro as_text_json(", "{% macro as_text_jsn(", "no construct is called"),
    ("where.j2", "{% macro negate(item) %}", "{% macro negate_json(item) %}", "no construct is called"),
    ("query.j2", "{% macro query(q) -%}", "{% macro qery(q) -%}", "no construct is called `qery` did you mean `query`"),
    ("query.j2", "{% macro query(q) -%}", "{% macro query(q, r) -%}", "takes one parameter"),
    ("language.yaml", "    list_separator:", "    list_seperator:", "unknown field `list_seperator`"),
    ("language.yaml", "parens: {and: [or]}", "parens: {nand: [or]}", "unknown variant `nand`"),
    ("language.yaml", "kinds: {atom: [negate,", "kinds: {atom: [negat,", "no construct is called `negat`"),
    ("language.yaml", "      text: {as_number: some_null", "      txt: {as_number: some_null", "no type has the class `txt`"),
    ("language.yaml", "      text: {as_number: some_null", "      text: {as_numbr: some_null", "no construct is called `as_numbr`"),
    ("language.yaml", "      text: {as_number: some_null", "      text: {as_number: null_some", "unknown variant `null_some`"),
    ("language.yaml", "      equals: '[^\\x00-\\x7F]'", "      equals: '[^'", "invalid regular expression"),
    ("language.yaml", "{double: '\"',", "{duble: '\"',", "unknown field `duble`"),
    ("language.yaml", "{escape: \"\\\\'\", with:", "{escape: \"\\\\'\", wth:", "unknown field `wth`"),
    ("language.yaml", "anchoring: search", "anchoring: serch", "unknown variant `serch`"),
    ("language.yaml", "  datetime: time", "  datetime: time\n  datetime: time", "duplicate"),
];

#[test]
fn faults_are_found_with_file_and_line() {
    for (file, wanted, replacement, message) in FAULTS {
        let files: Vec<(&str, String)> = FILES
            .iter()
            .map(|(name, text)| {
                let text = if name == file {
                    text.replacen(wanted, replacement, 1)
                } else {
                    (*text).to_owned()
                };
                (*name, text)
            })
            .collect();
        let changed = &files.iter().find(|(name, _)| name == file).unwrap().1;
        let at = changed
            .find(replacement)
            .unwrap_or_else(|| panic!("{wanted} is not in {file}"));
        let line = changed
            .get(..at + replacement.len())
            .unwrap()
            .matches('\n')
            .count()
            + 1;
        let Err((found_file, found_line, text)) = load(&files) else {
            panic!("{replacement} was taken")
        };
        assert!(text.contains(message), "{replacement}: {text}");
        assert_eq!(found_file, *file, "{replacement}: {text}");
        assert_eq!(found_line, line, "{replacement}: {text}");
    }
}

#[test]
fn missing_and_foreign_files_are_found() {
    let only = |names: &[&str]| -> Vec<(&str, String)> {
        FILES
            .iter()
            .filter(|(name, _)| names.contains(name))
            .map(|(name, text)| (*name, (*text).to_owned()))
            .collect()
    };
    assert!(
        load(&only(&["where.j2", "query.j2"]))
            .expect_err("")
            .2
            .contains("no language.yaml")
    );
    assert!(
        load(&only(&["language.yaml", "where.j2"]))
            .expect_err("")
            .2
            .contains("no query.j2")
    );
    let mut files = only(&["language.yaml", "where.j2", "query.j2"]);
    files.push(("serch.j2", String::new()));
    assert!(
        load(&files)
            .expect_err("")
            .2
            .contains("serch.j2 belongs to no stage")
    );
}

#[test]
fn pieces_say_what_calls_say() {
    let language = kql();
    let stage = &language.stages[0];
    let mut captured = session::capture(&language.templates, "where").unwrap();
    let (mut plain, lists) = (0, ["a \"x\"".to_owned(), "b".to_owned(), "c".to_owned()]);
    for one in stage.macros() {
        let Some(pieces) = &one.pieces else { continue };
        plain += 1;
        for list in [&lists[..], &lists[..1]] {
            let texts: Vec<String> = (0..one.parameters.len())
                .map(|index| format!("<{index} {{{{ x }}}}>"))
                .collect();
            let arguments: Vec<Argument<'_>> = one
                .parameters
                .iter()
                .zip(&texts)
                .map(|(parameter, text)| match parameter {
                    Parameter::Items | Parameter::Contexts(_) | Parameter::Numbers => Argument::List(list),
                    Parameter::Field
                    | Parameter::Other
                    | Parameter::Operator
                    | Parameter::Number
                    | Parameter::Item
                    | Parameter::Identifier
                    | Parameter::Context(_) => Argument::Text(text),
                })
                .collect();
            let values: Vec<minijinja::Value> = arguments
                .iter()
                .zip(&one.parameters)
                .map(|(argument, parameter)| pieces::value(argument, *parameter, &stage.list_separator))
                .collect();
            let called = captured
                .with_state_mut(|state| state.call_macro(&one.name, &values))
                .unwrap();
            let mut written = String::new();
            pieces::write(pieces, &arguments, &stage.list_separator, &mut written);
            assert_eq!(written, called, "{}", one.name);
        }
    }
    assert_eq!(plain, stage.macros().len() - 1, "all but `member` are plain");
}

#[test]
fn macros_that_branch_filter_or_count_are_called() {
    let body = "{% macro always() %}true{% endmacro %}\
        {% macro all_of(items) %}{% for i in items %}[{{ i }}]{% endfor %}{% endmacro %}\
        {% macro any_of(items) %}{{ items | length }}{% endmacro %}\
        {% macro negate(item) %}{{ item | upper }}{% endmacro %}\
        {% macro total(item) %}{{ note(\"seen\") }}{{ _helped(item) }}{% endmacro %}\
        {% macro _helped(x) %}<{{ x }}>{% endmacro %}\
        {% macro group(item) %}{{ refuse(\"no groups\") }}{% endmacro %}\
        {% macro is_true(field) %}{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}{% endmacro %}";
    let yaml = "stages: [where]\nstage: {where: {identifier: {plain: 'a', context: c}, contexts: {c: {open: '<', close: '>'}}}}";
    let query = "{% macro base(q) %}{{ q.rule.title | c }}{% endmacro %}{% macro query(q) %}{{ q.absent }}{% endmacro %}";
    let language = load(&[
        ("language.yaml", yaml.to_owned()),
        ("where.j2", body.to_owned()),
        ("query.j2", query.to_owned()),
    ])
    .unwrap();
    let stage = &language.stages[0];
    let mut session = language.session();
    let lists = ["ab".to_owned(), "c".to_owned()];
    let mut call = |name: &str, argument: Argument<'_>| {
        let mut out = String::new();
        session
            .call(stage, stage.find(name).unwrap(), &[argument], &mut out)
            .map(|()| out)
    };
    assert_eq!(call("all_of", Argument::List(&lists)).unwrap(), "[ab][c]");
    assert_eq!(call("any_of", Argument::List(&lists)).unwrap(), "2");
    assert_eq!(call("negate", Argument::Text("ab")).unwrap(), "AB");
    assert_eq!(call("total", Argument::Text("ab")).unwrap(), "<ab>");
    let refused = call("group", Argument::Text("ab")).unwrap_err();
    assert_eq!((refused.code.id, refused.title.as_str()), ("SG501", "no groups"));
    let exhausted = call("is_true", Argument::Text("ab")).unwrap_err();
    assert!(exhausted.title.contains("ran out of fuel"), "{}", exhausted.title);
    assert_eq!(session.take_notes(), ["seen"]);
    assert!(session.take_notes().is_empty());
    let outline = OutlineQuery {
        rule: OutlineRule {
            id: String::new(),
            title: "t".to_owned(),
        },
        ..OutlineQuery::default()
    };
    assert_eq!(session.base(&outline).unwrap(), "<t>");
    let undefined = session.query(&outline).unwrap_err();
    assert!(undefined.title.contains("undefined") && undefined.span().is_some());
    assert_eq!(session.union(&[outline]).unwrap_err().code.id, "SG501");
}

/// Reads one string literal of KQL from the start of `text`, as Microsoft documents them: its value and what follows.
pub(crate) fn read_literal(text: &str) -> (String, &str) {
    let (verbatim, rest) = match text.strip_prefix("@\"") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('"').unwrap()),
    };
    let mut value = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next().unwrap() {
            '"' if verbatim && characters.as_str().starts_with('"') => {
                characters.next();
                value.push('"');
            }
            '"' => return (value, characters.as_str()),
            '\n' | '\r' => panic!("a line break inside {text:?}"),
            '\\' if !verbatim => match characters.next().unwrap() {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                'u' => {
                    let digits: String = characters.by_ref().take(4).collect();
                    value.push(char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap());
                }
                quoted @ ('\\' | '"' | '\'') => value.push(quoted),
                other => panic!("unknown escape {other:?} in {text:?}"),
            },
            other => value.push(other),
        }
    }
}

/// Text that holds what quoting goes wrong on more often than not.
pub(crate) fn hostile() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        Just('"'),
        Just('\\'),
        Just('\''),
        Just('\n'),
        Just('\r'),
        Just('\t'),
        Just('\0'),
        Just('\u{7f}'),
        Just('@'),
        Just('*'),
        Just('?'),
        Just('.'),
        Just('|'),
        Just('/'),
        Just('['),
        Just(']'),
        Just('$'),
        Just('\u{85}'),
        Just('\u{2028}'),
        Just('ä'),
        Just('K'),
        prop::char::range('a', 'c'),
        any::<char>(),
    ];
    prop::collection::vec(character, 0..12).prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #[test]
    fn a_string_literal_reads_back_as_the_value(text in hostile()) {
        let language = kql_once();
        let stage = &language.stages[0];
        let mut out = String::from("x =~ ");
        stage.print_text(stage.context("string").unwrap(), &text, &mut out).unwrap();
        out.push_str(" rest");
        prop_assert_eq!(read_literal(out.strip_prefix("x =~ ").unwrap()), (text, " rest"));
    }

    #[test]
    fn a_pattern_matches_the_values_that_it_means(parts in prop::collection::vec((hostile(), 0..3u8), 0..4), other in hostile(), cased: bool) {
        let mut pattern = Pattern { parts: Vec::new(), cased };
        let (mut wild, mut sample) = (0, String::new());
        for (text, wildcard) in &parts {
            if !text.is_empty() && !matches!(pattern.parts.last(), Some(PatternPart::Literal(_))) {
                pattern.parts.push(PatternPart::Literal(text.clone()));
                sample.push_str(text);
            }
            match wildcard {
                1 if pattern.parts.last() != Some(&PatternPart::AnyRun) => { pattern.parts.push(PatternPart::AnyRun); sample.push_str("\nq\n"); wild += 1; }
                2 => { pattern.parts.push(PatternPart::AnyOne); sample.push('\n'); wild += 1; }
                _ => {}
            }
        }
        let language = kql_once();
        let stage = &language.stages[0];
        let context = stage.context(if cased { "rx_pattern_cased" } else { "rx_pattern" }).unwrap();
        let mut out = String::new();
        stage.print_pattern(context, &pattern, false, &mut out).unwrap();
        let (read, rest) = read_literal(&out);
        prop_assert_eq!(rest, "");
        let compiled = regex::Regex::new(&read).unwrap();
        prop_assert!(compiled.is_match(&sample), "{} on {:?}", read, sample);
        if wild == 0 {
            let equal = if cased { other == sample } else { regex::Regex::new(&format!("(?is)^{}$", regex::escape(&sample))).unwrap().is_match(&other) };
            prop_assert_eq!(compiled.is_match(&other), equal);
        }
    }

    #[test]
    fn an_identifier_keeps_its_quotes(name in hostile()) {
        let language = kql_once();
        let stage = &language.stages[0];
        if let Ok(spelled) = stage.identifier.spell(stage, &name) {
            let read = match spelled.strip_prefix("['") {
                None => spelled.clone(),
                Some(rest) => {
                    let inside = rest.strip_suffix("']").unwrap();
                    let (value, rest) = read_literal_of(inside);
                    prop_assert_eq!(rest, "");
                    value
                }
            };
            prop_assert_eq!(read, name);
        } else {
            let broken = |character: char| character.is_control() || ('\u{2028}'..='\u{2029}').contains(&character);
            prop_assert!(name.is_empty() || name.chars().any(broken));
        }
    }
}

/// Reads the inside of a bracketed name up to a quote that is not escaped.
fn read_literal_of(inside: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => return (value, characters.as_str()),
            '\\' => value.push(characters.next().unwrap()),
            other => value.push(other),
        }
    }
    (value, characters.as_str())
}

pub(crate) fn kql_once() -> &'static Language {
    static LANGUAGE: std::sync::OnceLock<Language> = std::sync::OnceLock::new();
    LANGUAGE.get_or_init(kql)
}

#[test]
fn names_are_bracketed_where_the_language_needs_it() {
    let language = kql();
    let stage = &language.stages[0];
    let spell = |name: &str| stage.identifier.spell(stage, name).unwrap();
    assert_eq!(spell("FileName"), "FileName");
    assert_eq!(spell("cs-method"), "['cs-method']");
    assert_eq!(spell("where"), "['where']");
    assert_eq!(spell("it's"), "['it\\'s']");
    assert!(stage.identifier.spell(stage, "a\nb").is_err());
}

#[test]
fn a_query_has_a_line_for_each_step() {
    let language = kql();
    let outline = OutlineQuery {
        parts: vec![OutlinePart {
            tables: vec!["DeviceProcessEvents".to_owned()],
            time: Some("Timestamp".to_owned()),
            stage: [("where".to_owned(), "a == 1 and (b == 2 or c == 3)".to_owned())].into(),
            conjuncts: [(
                "where".to_owned(),
                vec!["a == 1".to_owned(), "b == 2 or c == 3".to_owned()],
            )]
            .into(),
            computed: vec![OutlineComputed {
                name: "N".to_owned(),
                expression: "tolower(a)".to_owned(),
            }],
            fields: vec!["a".to_owned(), "b".to_owned()],
            names: vec!["a".to_owned(), "b".to_owned()],
        }],
        fields: vec!["a".to_owned(), "b".to_owned()],
        span: Some(OutlineSpan::Last { last_s: 3600 }),
        rule: OutlineRule {
            id: "1".to_owned(),
            title: "a\"b\n| take 1".to_owned(),
        },
    };
    let mut session = language.session();
    let expected = "DeviceProcessEvents\n| where Timestamp > ago(3600s)\n| extend N = tolower(a)\n| where a == 1\n| where b == 2 or c == 3\n| project a, b";
    assert_eq!(session.query(&outline).unwrap(), expected);
    let named = format!("{expected}\n| extend RuleTitle = \"a\\\"b\\n| take 1\", RuleId = \"1\"");
    assert_eq!(session.union(std::slice::from_ref(&outline)).unwrap(), named);
    assert_eq!(
        session.union(&[outline.clone(), outline]).unwrap(),
        format!("union (\n{named}\n), (\n{named}\n)")
    );
}

//! Expressions with texts that PCRE finds them in, or not (PCRE2 manual, `pcre2pattern`).

use proptest::prelude::*;

use super::{Anchors, Flags, Form, Regex, RegexErrorKind};

fn matches(regex: &Regex, text: &str) -> bool {
    let compiled = regex.text_with_flags();
    match &regex.form {
        Form::Regular { .. } => regex::Regex::new(&compiled).unwrap().is_match(text),
        Form::Irregular { .. } => fancy_regex::Regex::new(&compiled)
            .unwrap()
            .is_match(text)
            .unwrap(),
    }
}

fn found(source: &str, text: &str) -> bool {
    matches(
        &Regex::parse(source, Flags::default()).unwrap_or_else(|error| panic!("{source}: {error}")),
        text,
    )
}

/// (expression, texts that match, texts that do not)
const CASES: &[(&str, &[&str], &[&str])] = &[
    ("a.c", &["abc", "xaéc"], &["a\nc", "ac"]),
    ("^abc$", &["abc", "abc\n"], &["abc\n\n", "xabc", "abcd"]),
    ("abc\\z", &["abc"], &["abc\n"]),
    ("abc\\Z", &["abc", "abc\n"], &["abc\nd"]),
    ("(?m)^b$", &["a\nb\nc", "b", "b\n"], &["ab"]),
    ("(?m)^$", &["", "a\n\nb"], &["a\n", "a"]),
    ("(?m)^a?$", &["", "x\na"], &["b\n", "b"]),
    ("a$\\n", &["a\n"], &["a", "a\nb"]),
    ("a$\\s*", &["a", "a\n"], &["ab"]),
    ("(?:x|a$)\\n", &["a\n", "x\n"], &["a"]),
    ("(a$\\s){2}", &[], &["a\na\n"]),
    ("a$\\z", &["a"], &["a\n"]),
    ("(a|b$)c", &["ac"], &["b", "bc"]),
    ("^\\d+$", &["123"], &["١٢", ""]),
    ("\\w", &["a", "_", "0"], &["é", "-", "ſ"]),
    ("(?i)\\w", &["a"], &["ſ", "\u{212A}"]),
    ("(?i)^[\\w.]$", &["A", "."], &["ſ"]),
    ("(?i)^[^\\W]$", &["A", "z"], &["ſ", "é"]),
    ("(?i)^[\\Wk]$", &["K", "k", "é", "ſ"], &["a"]),
    ("(?i)^[é]$", &["É", "é"], &["e"]),
    ("^\\s$", &[" ", "\x0B", "\t"], &["\u{A0}", "\u{2003}"]),
    ("^\\h$", &[" ", "\u{A0}", "\u{2003}"], &["\n"]),
    ("^\\v$", &["\r", "\u{2028}"], &[" "]),
    ("^\\N+$", &["a b"], &["a\nb"]),
    ("\\bab\\b", &["éab", "-ab-"], &["xab", "ab_"]),
    ("a\\Bb", &["ab"], &["a b"]),
    ("\\Bé", &["éé", "é"], &["aé"]),
    ("^[[]$", &["["], &["]"]),
    ("^[[a]$", &["[", "a"], &["]"]),
    ("^[]a]$", &["]", "a"], &["["]),
    ("^[^]a]$", &["b"], &["]", "a"]),
    ("^[a&&b]$", &["a", "&", "b"], &["c"]),
    ("^[a~~!--c]$", &["a", "~", "!", "-", "c", "+"], &["d", "b"]),
    ("^[\\w-.]$", &["-", ".", "a"], &["/", "+"]),
    ("^[a-]$", &["-", "a"], &["b"]),
    ("^[\\d-]$", &["-", "1"], &["a"]),
    ("^[[:alpha:]_]$", &["a", "_"], &["1", "é", ":"]),
    ("^[[:^digit:]]$", &["a", "é"], &["1"]),
    ("^[[:foo]]$", &["[]", "f]", ":]"], &["x]", "["]),
    ("^[\\b]$", &["\x08"], &["b"]),
    ("^[\\Q]^\\E-z]$", &["]", "^", "z", "-"], &["Q", "\\"]),
    ("^[\\x41-\\x{43}\\104]$", &["A", "C", "D"], &["E"]),
    ("^[^a]$", &["b", "\n"], &["a"]),
    ("\\<a\\>", &["<a>"], &["a"]),
    ("\\/\\-\\_\\@", &["/-_@"], &["\\/"]),
    ("^\\e\\a\\f\\cA\\0\\x7$", &["\x1B\x07\x0C\x01\0\x07"], &[""]),
    ("^\\101\\o{102}\\x{43}$", &["ABC"], &["abc"]),
    ("a{", &["a{"], &["a"]),
    ("a{b}", &["a{b}"], &["ab"]),
    ("a{,}", &["a{,}"], &["a"]),
    ("^a{2}$", &["aa"], &["a{2}", "aaa"]),
    ("^a{2,}?$", &["aa", "aaaa"], &["a"]),
    ("^a{0,1}$", &["", "a"], &["aa"]),
    ("a]b}", &["a]b}"], &["ab"]),
    ("\\Qa.b*\\E+", &["a.b*", "a.b**"], &["aXb"]),
    ("\\Qa.b", &["a.b"], &["axb"]),
    ("a\\Eb", &["ab"], &["aEb"]),
    ("(?x) a b # comment\n c", &["abc"], &["a b c"]),
    ("(?x)[a b]\\ #", &["a ", "  "], &["b#"]),
    ("(?x)a (?-x: b)", &["a b"], &["ab"]),
    ("a(?#comment)b", &["ab"], &["a"]),
    ("a(?i)b|c", &["aB", "C"], &["AB"]),
    ("(a(?i)b)c", &["aBc"], &["aBC"]),
    ("(?i:a)b", &["Ab"], &["AB"]),
    ("(?i)a(?-i)b", &["Ab"], &["AB"]),
    ("(?s)a.b", &["a\nb"], &["ab"]),
    ("(?s-i)a.b", &["a\nb"], &["A\nb"]),
    ("(?^)a", &["a"], &["A"]),
    ("(?P<n>a)(?<m>b)(?'o'c)", &["abc"], &["ab"]),
    ("foo\\Kbar", &["foobar"], &["bar"]),
    ("\\Gab", &["ab"], &["xab"]),
    ("(a)\\1", &["aa"], &["ab", "a"]),
    ("(?<n>a|b)\\k<n>(?P=n)\\g{n}", &["aaaa", "bbbb"], &["aaab"]),
    ("(a)(b)\\g{-1}\\g1", &["abba"], &["abab"]),
    ("a(?=b)", &["ab"], &["ac"]),
    ("a(?!b)", &["ac", "a"], &["ab"]),
    ("(?<=a)b", &["ab"], &["b"]),
    ("(?<!a)b", &["b", "cb"], &["ab"]),
    ("(?<!\\w)b\\b", &["b", "éb"], &["ab", "bc"]),
    ("(?=a)b$", &[], &["ab"]),
    ("a(?!x)$", &["a", "a\n"], &["ab"]),
    ("a++b", &["aaab"], &["b"]),
    ("a++a", &[], &["aaa"]),
    ("(?>a|ab)c", &["ac"], &["abc"]),
    ("^\\R$", &["\r\n", "\n", "\u{85}"], &["a"]),
    ("(?<!x)\\bw", &["-w"], &["xw", "éxw"]),
    ("\\p{Lu}\\P{Lu}\\p{^L}\\pL", &["Aa1b"], &["aa1b"]),
    ("", &["", "a"], &[]),
    ("a||b", &["", "x"], &[]),
    ("(?:\\s|$)", &[" ", "", "x\n"], &[]),
    ("clipboard]::\\(\\s", &["clipboard]::( "], &["clipboard"]),
];

#[test]
fn means_what_pcre_means() {
    for (source, yes, no) in CASES {
        for text in *yes {
            assert!(found(source, text), "{source:?} is not found in {text:?}");
        }
        for text in *no {
            assert!(!found(source, text), "{source:?} is found in {text:?}");
        }
    }
}

#[test]
fn refuses_with_the_right_kind() {
    use RegexErrorKind::{Invalid, TooLarge, Unsupported};
    let deep = "(".repeat(5_000);
    let cases: &[(&str, RegexErrorKind)] = &[
        ("(", Invalid),
        (")", Invalid),
        ("[a", Invalid),
        ("[]", Invalid),
        ("*a", Invalid),
        ("a**", Invalid),
        ("^*", Invalid),
        ("(?=a)*", Invalid),
        ("a|*", Invalid),
        ("\\", Invalid),
        ("\\y", Invalid),
        ("[z-a]", Invalid),
        ("[[.a.]]", Invalid),
        ("[[:foo:]]", Invalid),
        ("a{3,2}", Invalid),
        ("(?z)", Invalid),
        ("(?#", Invalid),
        ("\\x{110000}", Invalid),
        ("\\g{0}", Invalid),
        ("a{,3}", Unsupported),
        ("a{1, 3}", Unsupported),
        ("(?R)", Unsupported),
        ("(?1)", Unsupported),
        ("(?P>n)", Unsupported),
        ("(?(1)a|b)", Unsupported),
        ("(?|a|b)", Unsupported),
        ("(?C1)", Unsupported),
        ("(*UTF8)a", Unsupported),
        ("(?U)a", Unsupported),
        ("\\X", Unsupported),
        ("\\p{L&}", Unsupported),
        ("(?i)[\\wé]", Unsupported),
        ("a{70000}", TooLarge),
        ("((a{1000}){1000}){1000}", TooLarge),
        (&deep, TooLarge),
    ];
    for (source, kind) in cases {
        let error = Regex::parse(source, Flags::default()).expect_err(source);
        assert_eq!(error.kind, *kind, "{source}: {error}");
        assert!(
            source.get(error.range.clone()).is_some(),
            "{source}: {:?}",
            error.range
        );
    }
}

#[test]
fn leading_flags_are_flags() {
    let regex = Regex::parse("(?i)(?sm)a.b", Flags::default()).unwrap();
    assert_eq!(
        regex.flags,
        Flags {
            ignore_case: true,
            multi_line: true,
            dot_all: true
        }
    );
    assert!(matches!(&regex.form, Form::Regular { text, .. } if text == "a.b"));
}

#[test]
fn anchors_keep_the_alternation_together() {
    let anchors = |start, end| Anchors { start, end };
    let parse = |source: &str, flags, anchors| Regex::parse_anchored(source, flags, anchors).unwrap();
    let start = parse("a|b", Flags::default(), anchors(true, false));
    assert_eq!(start.source, "^(?:a|b)");
    assert!(matches(&start, "bx") && !matches(&start, "xb"));
    let end = parse("a|b", Flags::default(), anchors(false, true));
    assert!(matches(&end, "xa") && !matches(&end, "ax"));
    let lines = Flags {
        multi_line: true,
        ..Flags::default()
    };
    assert!(!matches(&parse("b", lines, anchors(true, false)), "a\nb"));
    for source in ["(?x)a # comment", "\\Qa"] {
        let both = parse(source, Flags::default(), anchors(true, true));
        assert!(matches(&both, "a") && !matches(&both, "ab"), "{source}");
    }
}

/// Pieces of expressions whose meaning PCRE and the `regex` crate share, so that one can judge the other.
fn shared() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        "[a-c]",
        Just("[^a]".to_owned()),
        Just("[a-b]".to_owned()),
        Just(".".to_owned()),
        Just("\\n".to_owned()),
        Just("\\.".to_owned()),
    ];
    atom.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("{left}{right}")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("(?:{left}|{right})")),
            (inner.clone(), prop_oneof!["[*+?]", Just("{1,2}".to_owned())])
                .prop_map(|(inner, sign)| format!("(?:{inner}){sign}")),
            inner.prop_map(|inner| format!("(?i:{inner})")),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics(source in "[\\\\()\\[\\]{}*+?|^$.:=!<>#PQEKbdwsgkx0-9a-c,&~ -]{0,24}") {
        if let Ok(regex) = Regex::parse(&source, Flags::default()) {
            matches(&regex, "ab1 \n");
        }
    }

    #[test]
    fn shared_syntax_keeps_its_meaning(source in shared(), text in "[a-cA-C.\n]{0,6}") {
        let plain = regex::Regex::new(&source).unwrap().is_match(&text);
        prop_assert_eq!(found(&source, &text), plain, "{}", source);
    }

    /// `$` anywhere, judged by an engine that has look-ahead.
    #[test]
    fn end_anchors_keep_their_meaning(parts in prop::collection::vec(shared(), 1..3), text in "[a-c\n]{0,5}") {
        let source = parts.join("$");
        let judge = fancy_regex::Regex::new(&parts.join("(?=\\n?\\z)")).unwrap();
        prop_assert_eq!(found(&source, &text), judge.is_match(&text).unwrap(), "{}", source);
        let source = format!("(?:{}$|b)", parts.join("|"));
        let judge = fancy_regex::Regex::new(&format!("(?:{}(?=\\n?\\z)|b)", parts.join("|"))).unwrap();
        prop_assert_eq!(found(&source, &text), judge.is_match(&text).unwrap(), "{}", source);
    }

    #[test]
    fn line_starts_keep_their_meaning(parts in prop::collection::vec(shared(), 1..3), text in "[a-c\n]{0,5}") {
        let source = format!("(?m){}", parts.join("^"));
        let judge = fancy_regex::Regex::new(&format!("(?m){}", parts.join("(?:\\A|^(?!\\z))"))).unwrap();
        prop_assert_eq!(found(&source, &text), judge.is_match(&text).unwrap(), "{}", source);
    }
}

#[test]
fn every_printable_character_can_stand_for_itself() {
    for character in ' '..='~' {
        for source in [
            format!("^\\Q{character}\\E$"),
            format!("^[\\Q{character}\\E](?!x)$"),
        ] {
            for other in ' '..='~' {
                assert_eq!(
                    found(&source, &other.to_string()),
                    character == other,
                    "{source} {other}"
                );
            }
        }
    }
}

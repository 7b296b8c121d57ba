use super::{
    Limits, Node, NodeValue, ScalarKind, ScalarStyle, SourceDocument, TextPlaces, decode, read, span_inside,
};
use crate::diagnostic::{Code, Diagnostics, Source, SourceId, Span};
use proptest::prelude::*;

fn source(text: &str) -> Source {
    Source {
        id: SourceId(0),
        name: "rule.yml".to_owned(),
        text: text.to_owned(),
    }
}

fn documents(text: &str) -> (Vec<SourceDocument>, Diagnostics) {
    let mut diagnostics = Vec::new();
    let documents = read(&source(text), &Limits::default(), &mut diagnostics);
    (documents, diagnostics)
}

fn clean(text: &str) -> Node {
    let (mut documents, diagnostics) = documents(text);
    assert_eq!(diagnostics, [], "{text}");
    assert_eq!(documents.len(), 1, "{text}");
    documents.remove(0).root
}

fn codes(text: &str) -> Vec<Code> {
    documents(text)
        .1
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect()
}

fn cut(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap()
}

fn decoded(bytes: &[u8]) -> (super::Decoded, Diagnostics) {
    let mut diagnostics = Vec::new();
    let decoded = decode(
        "rule.yml",
        bytes.to_vec(),
        SourceId(0),
        &Limits::default(),
        &mut diagnostics,
    );
    (decoded, diagnostics)
}

#[test]
fn decodes_text() {
    let (text, diagnostics) = decoded("\u{FEFF}title: \u{e4}".as_bytes());
    assert!(text.readable && diagnostics.is_empty());
    assert_eq!(text.source.text, "title: \u{e4}");
}

#[test]
fn points_at_the_first_bad_byte() {
    let (text, diagnostics) = decoded(b"title: \xE4h");
    assert!(!text.readable);
    assert_eq!(diagnostics[0].code, Code::INVALID_UTF8);
    assert!(diagnostics[0].title.contains("0xE4"));
    assert_eq!(cut(&text.source.text, diagnostics[0].labels[0].span), "\u{FFFD}");
    assert_eq!(
        decoded(b"\xFF\xFEt\0i\0").1[0].title,
        "the file is UTF-16, not UTF-8"
    );
}

#[test]
fn refuses_binary_and_large_files() {
    let (text, diagnostics) = decoded(b"MZ\x90\0\0");
    assert!(!text.readable);
    assert_eq!(diagnostics[0].code, Code::INVALID_UTF8);
    assert_eq!(decoded(b"a\0\x90").1[0].code, Code::NOT_TEXT);
    let (text, diagnostics) = decoded(&vec![b'a'; 10_000_001]);
    assert!(!text.readable && text.source.text.is_empty());
    assert_eq!(diagnostics[0].title, "the file is larger than 10 MB");
    assert!(decoded(&vec![b'a'; 10_000_000]).0.readable);
}

#[test]
fn spans_are_the_raw_text() {
    let text = "# \u{fc}\u{fc}\na: 'x' # c'\nb: \"y\\\"\" # \"\nc: &n !!str 12\n\u{e4}: [1, {k: v} ]  # \u{1F600}\n\
                f: |  \n  one\n   two  \n\n# end\ne: *n\nz:\nl:\n- p\n- q\n\nm: &b\n  i: j\n\n";
    let root = clean(text);
    let shown = |key: &str| cut(text, root.get(key).unwrap().span);
    assert_eq!(shown("a"), "'x'");
    assert_eq!(shown("b"), r#""y\"""#);
    assert_eq!(shown("c"), "12");
    assert_eq!(shown("\u{e4}"), "[1, {k: v} ]");
    assert_eq!(shown("f"), "one\n   two  ");
    assert_eq!(shown("e"), "12");
    assert_eq!(shown("z"), "");
    assert_eq!(shown("l"), "- p\n- q");
    assert_eq!(shown("m"), "i: j");
    assert_eq!(root.get("c").unwrap().scalar().unwrap().kind, ScalarKind::Text);
    let z = root.get("z").unwrap().span.start as usize;
    assert!(text.get(..z).unwrap().ends_with("z:"));
    assert!(cut(text, root.span).starts_with("a: 'x'") && cut(text, root.span).ends_with("i: j"));
}

#[test]
fn a_directive_in_other_letters_moves_no_span() {
    let text = "%\u{e4}\u{f6} b\n---\nkey: value\n";
    let root = clean(text);
    assert_eq!(cut(text, root.get("key").unwrap().span), "value");
}

#[test]
fn reads_the_documents_after_an_error() {
    let text =
        "a: 1\n---\nb: [1, 2\n---\nc: 3\n---\nd: 'x\n---\ne: \u{e4}5\n...\n---\n# nothing\n---\nf: 6\n";
    let (documents, diagnostics) = documents(text);
    let keys: Vec<_> = documents
        .iter()
        .map(|document| document.root.mapping().unwrap()[0].key.text().unwrap())
        .collect();
    assert_eq!(keys, ["a", "c", "e", "f"]);
    assert_eq!(diagnostics.len(), 2, "{diagnostics:?}");
    let value = documents[2].root.get("e").unwrap();
    assert_eq!(cut(text, value.span), "\u{e4}5");
    assert_eq!(cut(text, documents[1].span), "---\nc: 3\n");
}

#[test]
fn many_errors_end() {
    let text = "---\n[\n".repeat(500_000);
    let codes = codes(&text);
    assert_eq!(codes.len(), 101);
    assert_eq!(codes.last(), Some(&Code::TOO_MANY_ERRORS));
    let keys = format!("{{{}}}", "a: 1, ".repeat(100_000));
    assert_eq!(self::codes(&keys).len(), 101);
}

#[test]
fn refuses_depth() {
    let deep = |open: &str| open.repeat(100_000);
    for text in [
        deep("["),
        deep("{a: "),
        deep("- "),
        deep("? "),
        format!("a: {}", deep("[")),
        deep("[{a: "),
    ] {
        let (_, diagnostics) = documents(&text);
        assert_eq!(
            diagnostics[0].code,
            Code::NESTING_TOO_DEEP,
            "{:?} {diagnostics:?}",
            text.get(..10)
        );
    }
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(codes(&nested(128)), []);
    assert_eq!(codes(&nested(129)), [Code::NESTING_TOO_DEEP]);
}

#[test]
fn expands_aliases_within_limits() {
    let root = clean("a: &x [1, &y {k: v}]\nb: *x\nc: [*y, *x]\n? *y\n: z\n");
    assert_eq!(root.get("a"), root.get("b"));
    let c = root.get("c").unwrap().sequence().unwrap();
    assert_eq!(c[0].get("k").unwrap().text(), Some("v"));
    assert_eq!(&c[1], root.get("a").unwrap());
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..100 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{inner}]\n");
    }
    assert_eq!(codes(&bomb), [Code::ALIAS_EXPANSION]);
    let many = format!("a: &a [{}]\nb: [{}]", "x, ".repeat(9_000), "*a, ".repeat(20_000));
    assert_eq!(codes(&many), [Code::ALIAS_EXPANSION]);
    let long = format!("a: &a {}\nb: [{}]", "x".repeat(1_000_000), "*a, ".repeat(1000));
    assert_eq!(codes(&long), [Code::ALIAS_EXPANSION]);
    let mut deep = "a0: &a0 [x]\n".to_owned();
    for level in 1..200 {
        deep += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    assert_eq!(codes(&deep).first(), Some(&Code::NESTING_TOO_DEEP));
}

#[test]
fn aliases_stay_in_their_document() {
    assert_eq!(codes("a: &x 1\n---\nb: *x\n"), [Code::UNKNOWN_ALIAS]);
    assert_eq!(codes("a: &x [*x]\n"), [Code::UNKNOWN_ALIAS]);
    assert_eq!(codes("a: *.exe\n"), [Code::UNKNOWN_ALIAS]);
    assert_eq!(
        clean("a: &x 1\nb: &x 2\nc: *x\n").get("c").unwrap().text(),
        Some("2")
    );
}

#[test]
fn duplicate_keys_show_both_places() {
    let text = "sel:\n  a: 1\n  b: 2\n  'a': 3\n";
    let (documents, diagnostics) = documents(text);
    assert!(documents.is_empty());
    let labels: Vec<_> = diagnostics[0]
        .labels
        .iter()
        .map(|label| cut(text, label.span))
        .collect();
    assert_eq!(labels, ["'a'", "a"]);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(codes("~: 1\nnull: 2\n"), [Code::DUPLICATE_KEY]);
    assert_eq!(codes("? [a]\n: 1\n? ['a']\n: 2\n"), [Code::DUPLICATE_KEY]);
    let many: String = (0..40).map(|key| format!("k{}: 1\n", key % 39)).collect();
    assert_eq!(codes(&many), [Code::DUPLICATE_KEY]);
    assert_eq!(codes("a: {k: 1}\nb: {k: 1}\n<<: x\n"), []);
}

#[test]
fn names_tabs() {
    for text in [
        "a:\n\tb: 1\n",
        "a:\n  b: 1\n\tc: 2\n",
        "a:\n \tb: 1\n",
        "a:\n\t- 1\n",
        "a: |\n\ttext\n",
        "a:\tb\n",
    ] {
        let (documents, diagnostics) = documents(text);
        assert!(documents.is_empty());
        assert_eq!(
            diagnostics[0].code,
            Code::TAB_INDENTATION,
            "{text:?} {diagnostics:?}"
        );
        assert_eq!(cut(text, diagnostics[0].labels[0].span), "\t", "{text:?}");
    }
    for text in [
        "a: {\n \tb: 1\n \t}\n",
        "a: |\n  x\n  \ty\n",
        "a: 'x\n  \ty'\n",
        "-\ta\n",
        "# \t\n\t\na: 1\n",
    ] {
        assert_eq!(codes(text), [], "{text:?}");
    }
}

#[test]
fn reads_windows_line_ends_and_tags() {
    let text = "a: 1\r\nb:\r\n  - x\r\n  - |\r\n    l1\r\n    l2\r\n---\r\nc: 'd\r\n  e'\r\n";
    let (documents, diagnostics) = documents(text);
    assert_eq!(diagnostics, []);
    let list = documents[0].root.get("b").unwrap().sequence().unwrap();
    assert_eq!(list[1].text(), Some("l1\nl2\n"));
    assert_eq!(cut(text, list[1].span), "l1\r\n    l2");
    assert_eq!(documents[1].root.get("c").unwrap().text(), Some("d e"));
    assert_eq!(codes("a: !foo bar\n"), [Code::UNSUPPORTED_TAG]);
    assert_eq!(codes("a: !!int bar\n"), [Code::UNSUPPORTED_TAG]);
    assert_eq!(
        codes("a: !!map {b: !!seq [c]}\nd: !<tag:yaml.org,2002:str> 1\n"),
        []
    );
    assert_eq!(codes("a: !!seq {b: c}\n"), [Code::UNSUPPORTED_TAG]);
    assert_eq!(
        clean("a: ! 12\n").get("a").unwrap().scalar().unwrap().kind,
        ScalarKind::Text
    );
}

#[test]
fn a_block_scalar_keeps_only_the_line_breaks_of_the_file() {
    for (text, value) in [
        ("k: |\n  x", "x"),
        ("k: |\n  x\n", "x\n"),
        ("k: >+\n  x\n\n", "x\n\n"),
        ("k: |+\n  x\n   ", "x\n "),
        ("k: |\n  x\n ", "x\n"),
        ("k: |-\n  x", "x"),
        ("k: |+\n\n  ", "\n"),
        ("k: |+\n  ", ""),
        ("k: !!str |\n  x", "x"),
    ] {
        assert_eq!(clean(text).get("k").unwrap().text(), Some(value), "{text:?}");
    }
}

#[test]
fn finds_parts_of_scalars() {
    let cases = [
        ("k: one two three\n", "two", "two"),
        ("k: 'one two'\n", "two", "two"),
        ("k: 'it''s two'\n", "two", "two"),
        ("k: 'it''s two'\n", "'s", "''s"),
        ("k: \"\\u00e4\\\\ two\\n\"\n", "two", "two"),
        ("k: \"\\u00e4\\\\ two\\n\"\n", "\u{e4}", "\\u00e4"),
        ("k: \"\u{e4} \\\n   two\"\n", "two", "two"),
        ("k: one\n  two\n\n  three\n", "three", "three"),
        ("k: one\n  two\n\n  three\n", "e t", "e\n  t"),
        ("k: |\n  one\n    two\n\n  three\n", "three", "three"),
        ("k: |\n  one\n    two\n\n  three\n", "  two", "  two"),
        ("k: |\n\n\n  one\n  two\n", "two", "two"),
        (
            "k: >\n  one\n  two\n\n  three\n    four\n  five\nl: 1\n",
            "five",
            "five",
        ),
        (
            "k: >\n  one\n  two\n\n  three\n    four\n  five\nl: 1\n",
            "three",
            "three",
        ),
        ("k: >-\r\n  one\r\n  two\r\n", "two", "two"),
        ("k: !!str |2-\n  one\n  two\n", "two", "two"),
    ];
    for (text, part, raw) in cases {
        let root = clean(text);
        let node = root.get("k").unwrap();
        let start = node
            .text()
            .unwrap()
            .find(part)
            .unwrap_or_else(|| panic!("{text:?} {node:?}"));
        let span = span_inside(&source(text), node, start, start + part.len());
        assert_eq!(cut(text, span), raw, "{text:?}");
    }
}

#[test]
fn parts_of_a_long_text_with_escapes_are_found() {
    let text = format!("k: '{}end'\n", "it''s ".repeat(10_000));
    let root = clean(&text);
    let node = root.get("k").unwrap();
    let length = node.text().unwrap().len();
    let file = source(&text);
    let places = TextPlaces::new(&file, node);
    assert_eq!(cut(&text, places.span(length - 3, length)), "end");
    assert_eq!(cut(&text, places.span(2, 3)), "''");
    assert_eq!(cut(&text, places.span(1, 4)), "t''s");
    assert_eq!(places.span(0, length + 1), node.span);
}

#[test]
fn a_doubtful_part_is_the_whole_scalar() {
    let text = "k: \u{e4}b\n";
    let node = clean(text).get("k").unwrap().clone();
    for (start, end) in [(1, 2), (2, 1), (0, 9)] {
        assert_eq!(span_inside(&source(text), &node, start, end), node.span);
    }
    let mut other = node.clone();
    if let NodeValue::Scalar(scalar) = &mut other.value {
        scalar.text = "xyz".to_owned();
    }
    assert_eq!(span_inside(&source(text), &other, 1, 2), other.span);
}

/// Checks every span of a tree, and that parts of scalars are found again.
fn check(text: &str, node: &Node) {
    let raw = text
        .get(node.span.start as usize..node.span.end as usize)
        .expect("span on boundaries");
    match &node.value {
        NodeValue::Scalar(scalar) => {
            if scalar.style == ScalarStyle::Plain && !raw.contains(['\n', '\r']) {
                assert_eq!(raw, scalar.text);
            }
            let file = source(text);
            for (start, character) in scalar.text.char_indices() {
                let end = start + character.len_utf8();
                let span = span_inside(&file, node, start, end);
                let part = text
                    .get(span.start as usize..span.end as usize)
                    .expect("span on boundaries");
                assert!(node.span.start <= span.start && span.end <= node.span.end);
                if span != node.span && character.is_alphanumeric() && !part.starts_with('\\') {
                    assert_eq!(part, character.to_string());
                }
            }
        }
        NodeValue::Sequence(nodes) => nodes.iter().for_each(|node| check(text, node)),
        NodeValue::Mapping(entries) => entries.iter().for_each(|entry| {
            check(text, &entry.key);
            check(text, &entry.value);
        }),
    }
}

fn check_all(text: &str) {
    let (documents, diagnostics) = documents(text);
    for document in &documents {
        check(text, &document.root);
        assert!(
            text.get(document.span.start as usize..document.span.end as usize)
                .is_some()
        );
    }
    for label in diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels) {
        assert!(
            text.get(label.span.start as usize..label.span.end as usize)
                .is_some(),
            "{label:?}"
        );
    }
}

fn yamlish() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a",
        "b",
        "key",
        "\u{e4}",
        "\u{1F600}",
        " ",
        "  ",
        "    ",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        "\t",
        ": ",
        ":",
        "- ",
        "-",
        "? ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "'",
        "''",
        "\"",
        "\\",
        "\\n",
        "\\u00e4",
        "|",
        "|-\n",
        ">\n",
        "|2+\n",
        ">",
        "# ",
        "&x ",
        "*x",
        "!!str ",
        "!t ",
        "\n---\n",
        "\n...\n",
        "%YAML 1.2\n",
        "null",
        "12",
        "0x1F",
        "1.5",
        "~",
        "\u{85}",
        "\u{2028}",
        "\u{FEFF}",
        "\0",
        "<<: ",
        "x: y\n",
        "x:\n",
        "\r",
    ]);
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (text, diagnostics) = decoded(&bytes);
        prop_assert_eq!(text.readable, diagnostics.is_empty());
        check_all(&text.source.text);
    }

    #[test]
    fn any_yaml_like_text_has_sound_spans(text in yamlish()) {
        check_all(&text);
    }

    #[test]
    fn quoted_and_block_texts_are_found_again(lines in prop::collection::vec("[a-z\u{e4}' ]{0,8}", 1..5)) {
        let text = lines.join("\n");
        let folded = lines.join("\n    ");
        check_all(&format!("k: |\n    x{folded}\nl: 1\n"));
        check_all(&format!("k: >-\n    x{folded}\n"));
        check_all(&format!("k: \"{}\"\n", text.replace('\n', "\\n")));
        check_all(&format!("k: '{}'\n", folded.replace('\'', "''")));
    }
}

#[test]
fn a_kept_line_break_behind_a_tag_stays() {
    for text in ["!!str |+\n\n ", "|+\n\n ", "a: !!str |+\n\n "] {
        let root = clean(text);
        let scalar = root.get("a").unwrap_or(&root);
        assert_eq!(scalar.text(), Some("\n"), "{text:?}");
    }
}

//! What is wrong with a text, for people: the parser's errors and those of the tree.

use super::node::Node;
use super::syntax::core_tag;
use crate::diagnostic::{Code, Diagnostic, Span};
use saphyr_parser::Tag;

/// A name from the file in a title, which should stay a line.
fn shown(name: &str) -> String {
    match name.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

pub(super) fn tag_mismatch(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::UNSUPPORTED_TAG,
        format!("the value does not fit its tag `!!{name}`"),
        span,
    )
    .with_help("remove the tag, or correct the value")
}

pub(super) fn unknown_tag(tag: &Tag, span: Span) -> Diagnostic {
    let shown = match core_tag(tag) {
        Some(name) => shown(&format!("!!{name}")),
        None => shown(&format!("{}{}", tag.handle, tag.suffix)),
    };
    Diagnostic::error(
        Code::UNSUPPORTED_TAG,
        format!("the YAML tag `{shown}` has no meaning here"),
        span,
    )
    .with_help("remove the tag; if the value itself starts with `!`, put it in quotes")
}

pub(super) fn too_deep(limit: usize, span: Span) -> Diagnostic {
    let title = format!("lists and mappings are nested more than {limit} deep");
    Diagnostic::error(Code::NESTING_TOO_DEEP, title, span)
        .with_help("check for brackets that are not closed; no rule needs this depth")
}

pub(super) fn too_many_nodes(limit: usize, span: Span) -> Diagnostic {
    let title = format!("aliases add more than {limit} nodes to the document");
    Diagnostic::error(Code::ALIAS_EXPANSION, title, span).with_help("write the values out, or split the rule")
}

pub(super) fn too_many_bytes(limit: usize, span: Span) -> Diagnostic {
    let title = format!("aliases add more than {limit} bytes of text to the document");
    Diagnostic::error(Code::ALIAS_EXPANSION, title, span).with_help("write the values out, or split the rule")
}

const ALIAS_HELP: &str =
    "an unquoted `*` starts a YAML alias: put a value with a wildcard in quotes, as in `'*.exe'`";

pub(super) fn unresolved_alias(name: &str, inside: bool, span: Span) -> Diagnostic {
    let name = shown(name);
    if inside {
        return Diagnostic::error(
            Code::UNKNOWN_ALIAS,
            format!("the alias `{name}` stands inside the node that it repeats"),
            span,
        )
        .with_help("move the alias out of the node with its anchor");
    }
    let title = format!("the alias `{name}` has no anchor before it in this document");
    Diagnostic::error(Code::UNKNOWN_ALIAS, title, span).with_help(ALIAS_HELP)
}

pub(super) fn duplicate_key(first: &Node, repeated: &Node) -> Diagnostic {
    let title = match repeated.text() {
        Some(text) => format!("the key `{}` stands twice in one mapping", shown(text)),
        None => "the same key stands twice in one mapping".to_owned(),
    };
    Diagnostic::error(Code::DUPLICATE_KEY, title, repeated.span)
        .with_label(first.span, "first here")
        .with_help("give one of the two another name, or merge their values into a list")
}

pub(super) fn tab(span: Span) -> Diagnostic {
    Diagnostic::error(Code::TAB_INDENTATION, "a tab where YAML wants spaces", span)
        .with_help("replace the tab with spaces: YAML indents with spaces only")
}

/// What the parser's error at byte `at` means.
pub(super) fn explain(
    info: &str,
    text: &str,
    at: usize,
    depth: usize,
    span: impl Fn(usize, usize) -> Span,
) -> Diagnostic {
    let next = text.get(at..).and_then(|rest| rest.chars().next());
    let end = at
        + next
            .filter(|next| !matches!(next, '\n' | '\r'))
            .map_or(0, char::len_utf8);
    if let Some(tab_at) = tab_of_error(info, text, at) {
        return tab(span(tab_at, tab_at + 1));
    }
    if info == "recursion limit exceeded" {
        // The parser's own limit, which is met first where it looks ahead for the end of a key.
        return too_deep(depth.min(255), span(at, end));
    }
    if info.ends_with("found unknown anchor") {
        let rest = text.get(at..).unwrap_or_default();
        let name = rest
            .split([' ', '\t', '\n', '\r', ',', ']', '}'])
            .next()
            .unwrap_or_default();
        return unresolved_alias(name, false, span(at, at + name.len()));
    }
    let (start, end) = if info.starts_with("while parsing a quoted scalar") {
        bad_escape(text, at).unwrap_or((at, end))
    } else {
        (at, end)
    };
    let (title, help) = match kind(info) {
        Some((title, help)) => (title.to_owned(), help),
        None => unexpected(info),
    };
    Diagnostic::error(Code::YAML_SYNTAX, title, span(start, end)).with_help(help)
}

fn unexpected(info: &str) -> (String, &'static str) {
    match info
        .strip_prefix("unexpected character: `")
        .and_then(|rest| rest.chars().next())
    {
        Some(character) => (
            format!("a value without quotes cannot start with `{character}`"),
            "put the value in quotes",
        ),
        None => (
            format!("malformed YAML: {info}"),
            "check indentation, quotes and brackets here and in the line before",
        ),
    }
}

/// The first escape of the double-quoted scalar at `at` that YAML does not have; the parser points at the quote.
fn bad_escape(text: &str, at: usize) -> Option<(usize, usize)> {
    let scalar = text.get(at..)?;
    let mut escape = scalar.find('\\')?;
    loop {
        let after = scalar.get(escape + 1..)?;
        let kind = after.chars().next()?;
        let digits = match kind {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let code = after.get(1..=digits).unwrap_or_default();
        let known =
            matches!(kind, '\t' | '\n' | '\r' | ' ' | '"' | '/' | '\\') || "0abtnvfreN_LPxuU".contains(kind);
        let fits = digits == 0
            || u32::from_str_radix(code, 16)
                .ok()
                .and_then(char::from_u32)
                .is_some();
        let length = 1 + kind.len_utf8();
        if !known || !fits {
            return Some((at + escape, at + escape + length));
        }
        escape += length + scalar.get(escape + length..)?.find('\\')?;
    }
}

/// The tab that is behind an error: one that the parser names, or one in the indentation of the line.
fn tab_of_error(info: &str, text: &str, at: usize) -> Option<usize> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(start..)?;
    let blanks = line
        .find(|character| !matches!(character, ' ' | '\t'))
        .unwrap_or(line.len());
    let in_indentation = line.get(..blanks)?.find('\t').map(|tab| start + tab);
    if info == "':' must be followed by a valid YAML whitespace" {
        return text.get(..at)?.rfind('\t');
    }
    if in_indentation.is_some() || !info.contains("tab") {
        return in_indentation;
    }
    // The parser points at the start of the scalar; the tab starts a later line.
    text.get(at..)?
        .find("\n\t")
        .map(|newline| at + newline + 1)
        .or_else(|| {
            let after = text.get(at..)?;
            after.find('\t').map(|tab| at + tab)
        })
}

/// What the parser says, and the title and help that people get for it.
const MESSAGES: &[(&[&str], &str, &str)] = &[
    (
        &["invalid indentation in quoted scalar"],
        "a quoted text whose further lines are not indented",
        "indent the lines of the text more than its key, or close the quote that opens here",
    ),
    (
        &["invalid indentation in flow construct"],
        "a line inside `[` or `{` that is not indented",
        "close the bracket that opens before, or indent the lines inside it more than its key",
    ),
    (
        &["illegal placement of ':' indicator"],
        "a colon where the list in brackets goes on",
        "close the `[` that opens before, or put a value that holds a colon in quotes",
    ),
    (
        &["mapping values are not allowed in this context"],
        "a colon that starts no value",
        "put the value in quotes if the colon belongs to it, as in `'a: b'`; else check the indentation, and that a blank follows the colon in the line before",
    ),
    (
        &["simple key expect ':'", "simple key expected"],
        "a key without a colon",
        "write `key: value`; indent the further lines of a long text",
    ),
    (
        &[
            "while scanning a quoted scalar, found unexpected end of stream",
            "while scanning a quoted scalar, found unexpected document indicator",
        ],
        "a quote that is never closed",
        "close the quote that opens here; inside single quotes write `''` for a quote",
    ),
    (
        &[
            "while parsing a quoted scalar, found unknown escape character",
            "while parsing a quoted scalar, did not find expected hexadecimal number",
            "while parsing a quoted scalar, found invalid Unicode character escape code",
        ],
        "an unknown escape in a double-quoted text",
        "use single quotes, where a backslash stands for itself, or write `\\\\` for a backslash",
    ),
    (
        &["invalid trailing content after double-quoted scalar"],
        "text after a closing quote",
        "put the whole value in quotes; inside single quotes write `''` for a quote",
    ),
    (
        &[
            "while parsing a block mapping, did not find expected key",
            "invalid indentation",
        ],
        "a line that does not fit the indentation",
        "indent the keys of one mapping alike",
    ),
    (
        &["while parsing a block collection, did not find expected '-' indicator"],
        "a line that is no list entry inside a list",
        "start each entry with `- `, or indent the line to match its parent",
    ),
    (
        &["while parsing a flow mapping, did not find expected ',' or '}'"],
        "a `{` without its `}`",
        "close the bracket, or put a value that holds `{` in quotes",
    ),
    (
        &["while parsing a flow sequence, expected ',' or ']'"],
        "a `[` without its `]`",
        "close the bracket, or put a value that holds `[` in quotes",
    ),
    (
        &["while parsing a node, did not find expected node content"],
        "a place where a value is missing",
        "write the value, or close the `[` or `{` that opens before",
    ),
    (
        &["misplaced bracket"],
        "a closing bracket that nothing opened",
        "remove the bracket, or put the value in quotes",
    ),
    (
        &["while scanning an anchor or alias, did not find expected alphabetic or numeric character"],
        "a `*` or `&` that names nothing",
        "put a value that starts with `*` or `&` in quotes",
    ),
    (
        &["block sequence entries are not allowed in this context"],
        "a list entry where none can stand",
        "start the list on its own line below the key",
    ),
    (
        &["did not find expected <document start>"],
        "text after the end of the document",
        "start a new document with `---`, or check the indentation",
    ),
    (
        &["the handle wasn't declared"],
        "a YAML tag with an unknown handle",
        "put a value that starts with `!` in quotes",
    ),
    (
        &["comment intercepting the multiline text"],
        "a comment inside a text of several lines",
        "put the text in quotes, or move the comment above it",
    ),
    (
        &["found unprintable character"],
        "a NUL character",
        "remove the character",
    ),
];

fn kind(info: &str) -> Option<(&'static str, &'static str)> {
    MESSAGES
        .iter()
        .find(|message| message.0.contains(&info))
        .map(|message| (message.1, message.2))
}

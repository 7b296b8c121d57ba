//! The text around the events: where scalars end, where documents start, and what a syntax error means.

use super::node::Node;
use crate::diagnostic::{Code, Diagnostic, Span};
use saphyr_parser::Tag;

/// Where the node starts whose anchor and tag start at `start`; at most `end`.
pub(super) fn after_properties(text: &str, start: usize, end: usize) -> usize {
    let mut rest = text.get(start..end).unwrap_or_default();
    // A collection's start event ends where its first token does.
    if rest.is_empty() {
        return start;
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let length = match rest.as_bytes() {
            [b'#', ..] => rest.find(['\n', '\r']),
            [b'!', b'<', ..] => rest.find('>').map(|end| end + 1),
            [b'&' | b'!', ..] => rest.find([' ', '\t', '\n', '\r', ',', '[', ']', '{', '}']),
            _ => return end - rest.len(),
        };
        rest = length.and_then(|length| rest.get(length..)).unwrap_or_default();
    }
}

/// One past the closing quote; the parser's mark stands after blanks and a comment.
pub(super) fn single_quoted_end(text: &str, start: usize, end: usize) -> usize {
    let bytes = text.as_bytes().get(start..end).unwrap_or_default();
    let mut at = 1;
    while let Some(quote) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\'', rest)) {
        at += quote + 1;
        if bytes.get(at) != Some(&b'\'') {
            return start + at;
        }
        at += 1;
    }
    end
}

/// Like [`single_quoted_end`], where a backslash escapes.
pub(super) fn double_quoted_end(text: &str, start: usize, end: usize) -> usize {
    let bytes = text.as_bytes().get(start..end).unwrap_or_default();
    let mut at = 1;
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
    {
        at += found + 1;
        if bytes.get(at - 1) == Some(&b'"') {
            return start + at;
        }
        at += 1;
    }
    end
}

/// The end of the last line with content; the parser's mark stands in the indentation of what follows.
pub(super) fn block_end(text: &str, start: usize, end: usize) -> usize {
    let mut content = text.get(start..end).unwrap_or_default();
    while let Some((before, last)) = content.rsplit_once('\n') {
        if last.bytes().any(|byte| byte != b' ' && byte != b'\r') {
            break;
        }
        content = before.strip_suffix('\r').unwrap_or(before);
    }
    start + content.len()
}

/// The first character of a block scalar after its `|` or `>`, where the parser does not tell it.
pub(super) fn after_block_header(text: &str, start: usize, end: usize) -> usize {
    let scalar = text.get(start..end).unwrap_or_default();
    let content = scalar
        .find(['\n', '\r'])
        .and_then(|header| scalar.get(header..))
        .unwrap_or_default();
    end - content.trim_start_matches([' ', '\n', '\r']).len()
}

/// The tab in the blanks between the start of the line and `start`, if nothing but blanks is there.
pub(super) fn indentation_tab(text: &str, start: usize) -> Option<usize> {
    let before = text.as_bytes().get(..start)?;
    let blanks = before
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let line = start - blanks;
    if line > 0 && !matches!(before.get(line - 1), Some(b'\n' | b'\r')) {
        return None;
    }
    before
        .get(line..)?
        .iter()
        .position(|byte| *byte == b'\t')
        .map(|tab| line + tab)
}

/// The start of the next line that starts a document: not before the line of `at`, and after `from`.
pub(super) fn next_document(text: &str, at: usize, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut line = match memchr::memrchr(b'\n', bytes.get(..at)?) {
        Some(newline) if newline + 1 == at => at,
        None if at == 0 => 0,
        _ => at + memchr::memchr(b'\n', bytes.get(at..)?)? + 1,
    };
    loop {
        let rest = bytes.get(line..)?;
        let marker = rest
            .strip_prefix(b"---")
            .is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\t' | b'\n' | b'\r')));
        if marker && line > from {
            return Some(line);
        }
        line += memchr::memchr(b'\n', rest)? + 1;
    }
}

/// The name of a tag of the core schema.
pub(super) fn core_tag(tag: &Tag) -> Option<&str> {
    const PREFIX: &str = "tag:yaml.org,2002:";
    if tag.handle == PREFIX {
        Some(&tag.suffix)
    } else if tag.handle.is_empty() {
        tag.suffix.strip_prefix(PREFIX)
    } else {
        None
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
        Some(name) => format!("!!{name}"),
        None => format!("{}{}", tag.handle, tag.suffix),
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
        Some(text) => format!("the key `{text}` stands twice in one mapping"),
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
pub(super) fn explain(info: &str, text: &str, at: usize, span: impl Fn(usize, usize) -> Span) -> Diagnostic {
    let next = text.get(at..).and_then(|rest| rest.chars().next());
    let end = at
        + next
            .filter(|next| !matches!(next, '\n' | '\r'))
            .map_or(0, char::len_utf8);
    if let Some(tab_at) = tab_of_error(info, text, at) {
        return tab(span(tab_at, tab_at + 1));
    }
    if info == "recursion limit exceeded" {
        return too_deep(255, span(at, end));
    }
    if info.ends_with("found unknown anchor") {
        let rest = text.get(at..).unwrap_or_default();
        let name = rest
            .split([' ', '\t', '\n', '\r', ',', ']', '}'])
            .next()
            .unwrap_or_default();
        return unresolved_alias(name, false, span(at, at + name.len()));
    }
    let (title, help) = match kind(info) {
        Some((title, help)) => (title.to_owned(), help),
        None => (
            unexpected(info),
            "check indentation, quotes and brackets here and in the line before",
        ),
    };
    Diagnostic::error(Code::YAML_SYNTAX, title, span(at, end)).with_help(help)
}

fn unexpected(info: &str) -> String {
    match info
        .strip_prefix("unexpected character: `")
        .and_then(|rest| rest.chars().next())
    {
        Some(character) => format!("a value without quotes cannot start with `{character}`"),
        None => format!("malformed YAML: {info}"),
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

/// Title and help of the errors that people meet.
fn kind(info: &str) -> Option<(&'static str, &'static str)> {
    Some(match info {
        "mapping values are not allowed in this context" | "illegal placement of ':' indicator" => (
            "a colon that starts no value",
            "put the value in quotes if the colon belongs to it, as in `'a: b'`; else check the indentation",
        ),
        "simple key expect ':'" | "simple key expected" => (
            "a key without a colon",
            "write `key: value`; indent the further lines of a long text",
        ),
        "while scanning a quoted scalar, found unexpected end of stream"
        | "while scanning a quoted scalar, found unexpected document indicator"
        | "invalid indentation in quoted scalar" => (
            "a quote that is never closed",
            "close the quote that opens here; inside single quotes write `''` for a quote",
        ),
        "while parsing a quoted scalar, found unknown escape character"
        | "while parsing a quoted scalar, did not find expected hexadecimal number"
        | "while parsing a quoted scalar, found invalid Unicode character escape code" => (
            "an unknown escape in a double-quoted text",
            "use single quotes, where a backslash stands for itself, or write `\\\\` for a backslash",
        ),
        "invalid trailing content after double-quoted scalar" => (
            "text after a closing quote",
            "put the whole value in quotes; inside single quotes write `''` for a quote",
        ),
        "while parsing a block mapping, did not find expected key" | "invalid indentation" => (
            "a line that does not fit the indentation",
            "indent the keys of one mapping alike",
        ),
        "while parsing a block collection, did not find expected '-' indicator" => (
            "a line that is no list entry inside a list",
            "start each entry with `- `, or indent the line to match its parent",
        ),
        "while parsing a flow mapping, did not find expected ',' or '}'" => (
            "a `{` without its `}`",
            "close the bracket, or put a value that holds `{` in quotes",
        ),
        "while parsing a flow sequence, expected ',' or ']'" => (
            "a `[` without its `]`",
            "close the bracket, or put a value that holds `[` in quotes",
        ),
        "misplaced bracket" => (
            "a closing bracket that nothing opened",
            "remove the bracket, or put the value in quotes",
        ),
        "while scanning an anchor or alias, did not find expected alphabetic or numeric character" => (
            "a `*` or `&` that names nothing",
            "put a value that starts with `*` or `&` in quotes",
        ),
        "block sequence entries are not allowed in this context" => (
            "a list entry where none can stand",
            "start the list on its own line below the key",
        ),
        "did not find expected <document start>" => (
            "text after the end of the document",
            "start a new document with `---`, or check the indentation",
        ),
        "the handle wasn't declared" => (
            "a YAML tag with an unknown handle",
            "put a value that starts with `!` in quotes",
        ),
        "comment intercepting the multiline text" => (
            "a comment inside a text of several lines",
            "put the text in quotes, or move the comment above it",
        ),
        "found unprintable character" => ("a NUL character", "remove the character"),
        _ => return None,
    })
}

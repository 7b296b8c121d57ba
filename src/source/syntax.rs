//! The text around the events: where nodes start and end, and where documents start.

use saphyr_parser::Tag;

/// The `-` of a list that is not indented against its mapping, which starts at `parent`: the parser's mark stands
/// after the `-`. In all other cases `start`.
pub(super) fn entry_start(text: &str, start: usize, parent: usize) -> usize {
    let line_start = |at: usize| {
        text.get(..at)?
            .rfind(['\n', '\r'])
            .map_or(Some(0), |newline| Some(newline + 1))
    };
    let (Some(line), Some(parent_line)) = (line_start(start), line_start(parent)) else {
        return start;
    };
    let before = text.get(line..start).unwrap_or_default();
    let indentation = before.bytes().take_while(|byte| *byte == b' ').count();
    let entry = before.as_bytes().get(indentation) == Some(&b'-');
    if entry && line != parent_line && indentation == parent - parent_line {
        line + indentation
    } else {
        start
    }
}

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

/// Whether the parser ended a block scalar with a line break that is not there: at the end of a file without one.
/// The line break of the last line is kept, not made (YAML 1.2.2, 8.1.1.2). `end` is the parser's.
pub(super) fn line_break_invented(text: &str, start: usize, end: usize, scalar: &str) -> bool {
    if end != text.len() || !scalar.ends_with('\n') || text.ends_with(['\n', '\r']) {
        return false;
    }
    if scalar.bytes().all(|byte| byte == b'\n') {
        // No content: all behind the header is blank, and the line break that ends the header is none of the scalar's.
        // The parser's start is no help, as a tag moves it to the end.
        let before = text.get(..end).unwrap_or_default();
        let blank = before
            .get(before.trim_end_matches([' ', '\n', '\r']).len()..)
            .unwrap_or_default();
        let breaks = blank.matches(['\n', '\r']).count() - blank.matches("\r\n").count();
        return breaks <= scalar.len();
    }
    let line = |at: usize| {
        text.get(..at)
            .map_or("", |before| before.rsplit(['\n', '\r']).next().unwrap_or(before))
    };
    let indentation = line(start);
    indentation.bytes().all(|byte| byte == b' ') && line(end).len() >= indentation.len().max(1)
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

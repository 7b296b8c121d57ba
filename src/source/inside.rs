//! Where a part of a scalar's text stands in the file.
//!
//! The scalar is read again from its raw text, piece by piece, and each piece is checked against the text.
//! Where the two do not agree to the end, the answer is the whole scalar, never a wrong place.

use super::{Node, ScalarStyle};
use crate::diagnostic::{Source, Span};

/// The span in the file of the bytes `start..end` of a scalar's *text*.
///
/// An escape or a folded line break counts as a whole. The whole node is given if it is no scalar, if the range
/// does not lie in the text or cuts a character, or if the place is not sure.
#[must_use]
pub fn span_inside(source: &Source, node: &Node, start: usize, end: usize) -> Span {
    let in_text = node.text().is_some_and(|text| text.get(start..end).is_some());
    if in_text {
        TextPlaces::new(source, node).span(start, end)
    } else {
        node.span
    }
}

/// Where the parts of one scalar's text stand in the file: read once, asked often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPlaces {
    node: Span,
    places: Places,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Places {
    /// The text stands in the file letter by letter, from this byte on.
    Verbatim(u32),
    /// Piece by piece, in order and without a gap; then the byte behind the text.
    Pieces(Box<[Piece]>, u32),
    Unknown,
}

/// A part of a text and where it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    text_start: u32,
    text_end: u32,
    start: u32,
    end: u32,
    /// The same letters in both.
    verbatim: bool,
}

impl TextPlaces {
    /// Reads the raw text of a node again.
    #[must_use]
    pub fn new(source: &Source, node: &Node) -> Self {
        let places = match verbatim_start(source, node) {
            Some(first) => Places::Verbatim(first),
            None => pieces(source, node).unwrap_or(Places::Unknown),
        };
        Self {
            node: node.span,
            places,
        }
    }

    /// The span in the file of the bytes `start..end` of the text; the whole node if that is not sure.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        let bytes = || Some((u32::try_from(start).ok()?, u32::try_from(end).ok()?));
        bytes()
            .filter(|(start, end)| start <= end)
            .and_then(|(start, end)| self.place(start, end))
            .map_or(self.node, |(start, end)| Span {
                source: self.node.source,
                start,
                end,
            })
    }

    fn place(&self, start: u32, end: u32) -> Option<(u32, u32)> {
        let (pieces, behind) = match &self.places {
            Places::Verbatim(first) => return Some((first.checked_add(start)?, first.checked_add(end)?)),
            Places::Pieces(pieces, behind) => (pieces, *behind),
            Places::Unknown => return None,
        };
        let first = match pieces.get(pieces.partition_point(|piece| piece.text_end <= start)) {
            Some(piece) if piece.verbatim => piece.start + (start - piece.text_start),
            Some(piece) => piece.start,
            None if pieces.last().map_or(0, |last| last.text_end) == start => behind,
            None => return None,
        };
        if start == end {
            return Some((first, first));
        }
        let piece = pieces.get(pieces.partition_point(|piece| piece.text_end < end))?;
        let last = if piece.verbatim {
            piece.start + (end - piece.text_start)
        } else {
            piece.end
        };
        Some((first, last))
    }
}

/// Where a scalar's text begins, if its raw text is the same to the letter.
fn verbatim_start(source: &Source, node: &Node) -> Option<u32> {
    let scalar = node.scalar()?;
    let quote = match scalar.style {
        ScalarStyle::Plain => 0,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => 1,
        ScalarStyle::Literal | ScalarStyle::Folded => return None,
    };
    let first = node.span.start + quote;
    let raw = source
        .text
        .get(first as usize..node.span.end.checked_sub(quote)? as usize)?;
    (raw == scalar.text).then_some(first)
}

fn pieces(source: &Source, node: &Node) -> Option<Places> {
    let scalar = node.scalar()?;
    let first = node.span.start as usize;
    let raw = source.text.get(first..node.span.end as usize)?;
    let mut pieces = Pieces::new(&scalar.text, first);
    match scalar.style {
        ScalarStyle::Plain => pieces.flow(raw, None)?,
        ScalarStyle::SingleQuoted => {
            pieces.offset += 1;
            pieces.flow(raw.strip_prefix('\'')?.strip_suffix('\'')?, Some('\''))?;
        }
        ScalarStyle::DoubleQuoted => {
            pieces.offset += 1;
            pieces.flow(raw.strip_prefix('"')?.strip_suffix('"')?, Some('"'))?;
        }
        ScalarStyle::Literal | ScalarStyle::Folded => {
            let before = source.text.get(..first)?;
            let line = before.rfind(['\n', '\r']).map_or(0, |newline| newline + 1);
            let indentation = before.get(line..)?;
            if indentation.bytes().any(|byte| byte != b' ') {
                return None;
            }
            pieces.block(raw, indentation.len(), scalar.style == ScalarStyle::Folded)?;
        }
    }
    pieces.finish()
}

/// The pieces of a text, each with its place in the raw text.
struct Pieces<'a> {
    text: &'a str,
    /// How far the text was confirmed.
    done: usize,
    /// What to add to places in the raw text: where it begins, behind the quote.
    offset: usize,
    found: Vec<Piece>,
    last: usize,
}

impl<'a> Pieces<'a> {
    fn new(text: &'a str, offset: usize) -> Self {
        Self {
            text,
            done: 0,
            offset,
            found: Vec::new(),
            last: 0,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.done..).unwrap_or_default()
    }

    /// The next piece of the text is `part` and stands at `from..to` in the raw text.
    fn piece(&mut self, part: &str, from: usize, to: usize, verbatim: bool) -> Option<()> {
        if !self.rest().starts_with(part) {
            return None;
        }
        let (from, to) = (from + self.offset, to + self.offset);
        let until = self.done + part.len();
        if !part.is_empty() {
            self.found.push(Piece {
                text_start: u32::try_from(self.done).ok()?,
                text_end: u32::try_from(until).ok()?,
                start: u32::try_from(from).ok()?,
                end: u32::try_from(to).ok()?,
                verbatim,
            });
        }
        self.done = until;
        self.last = to;
        Some(())
    }

    fn finish(self) -> Option<Places> {
        if self.done != self.text.len() {
            return None;
        }
        let behind = u32::try_from(self.last.max(self.offset)).ok()?;
        Some(Places::Pieces(self.found.into_boxed_slice(), behind))
    }

    /// A plain or quoted scalar, without its quotes.
    fn flow(&mut self, raw: &str, quote: Option<char>) -> Option<()> {
        let mut at = 0;
        loop {
            let rest = raw.get(at..)?;
            let length = verbatim_length(rest, quote);
            self.piece(rest.get(..length)?, at, at + length, true)?;
            at += length;
            let rest = raw.get(at..)?;
            let Some(next) = rest.chars().next() else {
                return Some(());
            };
            at += match next {
                '\'' => {
                    rest.strip_prefix("''")?;
                    self.piece("'", at, at + 2, false)?;
                    2
                }
                '\\' => self.escape(rest, at)?,
                _ => {
                    let (length, breaks) = folded_breaks(rest);
                    let part = if breaks == 1 {
                        " ".to_owned()
                    } else {
                        "\n".repeat(breaks.checked_sub(1)?)
                    };
                    self.piece(&part, at, at + length, false)?;
                    length
                }
            };
        }
    }

    /// An escape of a double-quoted scalar; gives its length.
    fn escape(&mut self, rest: &str, at: usize) -> Option<usize> {
        let after = rest.strip_prefix('\\')?;
        let kind = after.chars().next()?;
        if matches!(kind, '\n' | '\r') {
            let (length, breaks) = folded_breaks(after);
            self.piece(&"\n".repeat(breaks - 1), at, at + 1 + length, false)?;
            return Some(1 + length);
        }
        let (character, digits) = match kind {
            '0' => ('\0', 0),
            'a' => ('\x07', 0),
            'b' => ('\x08', 0),
            't' | '\t' => ('\t', 0),
            'n' => ('\n', 0),
            'v' => ('\x0B', 0),
            'f' => ('\x0C', 0),
            'r' => ('\r', 0),
            'e' => ('\x1B', 0),
            ' ' | '"' | '/' | '\\' => (kind, 0),
            'N' => ('\u{85}', 0),
            '_' => ('\u{A0}', 0),
            'L' => ('\u{2028}', 0),
            'P' => ('\u{2029}', 0),
            'x' => (hexadecimal(after, 2)?, 2),
            'u' => (hexadecimal(after, 4)?, 4),
            'U' => (hexadecimal(after, 8)?, 8),
            _ => return None,
        };
        let length = 2 + digits;
        self.piece(character.encode_utf8(&mut [0; 4]), at, at + length, false)?;
        Some(length)
    }

    /// The content of a block scalar, from its first character on.
    fn block(&mut self, raw: &str, indent: usize, folded: bool) -> Option<()> {
        // Empty lines before the first character are text too; they stand before the node's span.
        let leading = newlines(self.rest());
        self.piece(&"\n".repeat(leading), 0, 0, false)?;
        let mut at = 0;
        loop {
            let rest = raw.get(at..)?;
            let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
            self.piece(rest.get(..length)?, at, at + length, true)?;
            at += length;
            let (length, breaks) = block_breaks(raw.get(at..)?, indent);
            let ahead = newlines(self.rest());
            if at + length == raw.len() {
                // The breaks at the end, as far as they are text, stand at or after the end of the span.
                let ending = "\n".repeat(ahead);
                return self.piece(&ending, at, raw.len(), false);
            }
            let part = if !folded || ahead > 0 {
                if ahead != breaks && !(folded && ahead + 1 == breaks) {
                    return None;
                }
                "\n".repeat(ahead)
            } else if breaks == 1 {
                " ".to_owned()
            } else {
                return None;
            };
            self.piece(&part, at, at + length, false)?;
            at += length;
        }
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'\n').count()
}

fn hexadecimal(after: &str, digits: usize) -> Option<char> {
    char::from_u32(u32::from_str_radix(after.get(1..=digits)?, 16).ok()?)
}

/// How many bytes stand for themselves: up to an escape, or the blanks before a line break.
fn verbatim_length(text: &str, quote: Option<char>) -> usize {
    let special = |character| {
        matches!(character, '\n' | '\r')
            || (quote == Some('\'') && character == '\'')
            || (quote == Some('"') && character == '\\')
    };
    let Some(at) = text.find(special) else {
        return text.len();
    };
    let before = text.get(..at).unwrap_or_default();
    if text.get(at..).is_some_and(|rest| rest.starts_with(['\n', '\r'])) {
        before.trim_end_matches([' ', '\t']).len()
    } else {
        before.len()
    }
}

/// Length and number of line breaks, with all blanks around them.
fn folded_breaks(text: &str) -> (usize, usize) {
    let rest = text.trim_start_matches([' ', '\t', '\n', '\r']);
    let length = text.len() - rest.len();
    let blanks = text.get(..length).unwrap_or_default();
    let crlf = blanks.matches("\r\n").count();
    (length, blanks.matches(['\n', '\r']).count() - crlf)
}

/// Length and number of line breaks, with the indentation of the line after them.
fn block_breaks(text: &str, indent: usize) -> (usize, usize) {
    let mut rest = text;
    let mut breaks = 0;
    loop {
        let Some(line) = rest
            .strip_prefix("\r\n")
            .or_else(|| rest.strip_prefix(['\n', '\r']))
        else {
            return (text.len() - rest.len(), breaks);
        };
        breaks += 1;
        let spaces = line.bytes().take(indent).take_while(|byte| *byte == b' ').count();
        rest = line.get(spaces..).unwrap_or_default();
    }
}

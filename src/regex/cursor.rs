//! A place in the text of a regular expression.

use std::ops::Range;

/// A place in a text, moved by whole characters.
pub(super) struct Cursor<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The range from a place to here.
    pub(super) fn since(&self, start: usize) -> Range<usize> {
        start..self.position
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.position += next.len_utf8();
        Some(next)
    }

    /// Moves past `expected` if it comes next.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.position += expected.len();
        }
        found
    }

    /// Moves past the longest run of characters that `keep` accepts, at most `limit`.
    pub(super) fn take_while(&mut self, limit: usize, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest
            .char_indices()
            .take(limit)
            .find(|(_, next)| !keep(*next))
            .map_or_else(
                || rest.char_indices().nth(limit).map_or(rest.len(), |(at, _)| at),
                |(at, _)| at,
            );
        self.position += end;
        rest.get(..end).unwrap_or_default()
    }

    /// Moves past the next `end` and gives the text before it; `None` (and no move) if there is none.
    pub(super) fn take_until(&mut self, end: &str) -> Option<&'a str> {
        let rest = self.rest();
        let length = rest.find(end)?;
        self.position += length + end.len();
        rest.get(..length)
    }
}

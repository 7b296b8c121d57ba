//! Words, parentheses and pipes of a condition, each with its byte range.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `|`
    Pipe,
    /// A run of anything else but blanks: an operator or a name.
    Word,
}

/// A token of a condition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Token<'_> {
    /// One past the last byte.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The tokens of a text, from left to right.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.text.get(self.position..)?;
        let trimmed = rest.trim_start();
        let start = self.position + (rest.len() - trimmed.len());
        let (kind, length) = match trimmed.chars().next()? {
            '(' => (TokenKind::Open, 1),
            ')' => (TokenKind::Close, 1),
            '|' => (TokenKind::Pipe, 1),
            _ => {
                let ends = |character: char| character.is_whitespace() || "()|".contains(character);
                (TokenKind::Word, trimmed.find(ends).unwrap_or(trimmed.len()))
            }
        };
        self.position = start + length;
        Some(Token {
            kind,
            text: trimmed.get(..length)?,
            start,
        })
    }
}

//! A string value with its wildcards as parts; never turned back into text and read again.

use std::borrow::Cow;

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PatternPart {
    /// Text that stands for itself; never empty, never beside another literal.
    Literal(String),
    /// `?`: exactly one character.
    AnyOne,
    /// `*`: any run of characters, also none; never beside another one.
    AnyRun,
}

/// A string that must match the whole value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The parts; none for the empty value.
    pub parts: Vec<PatternPart>,
    /// Whether upper and lower case are told apart.
    pub cased: bool,
}

/// The simplest test that a pattern stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape<'a> {
    /// The empty value.
    Empty,
    /// Any value.
    Any,
    /// This text.
    Exact(&'a str),
    /// This text first.
    StartsWith(&'a str),
    /// This text last.
    EndsWith(&'a str),
    /// This text anywhere.
    Contains(&'a str),
    /// Wildcards elsewhere.
    Other,
}

/// Reads a string of a rule: the one reader of Sigma's escapes and wildcards. `\` escapes `*`, `?` and itself;
/// before anything else it stands for itself.
#[must_use]
pub fn read(text: &str) -> Pattern {
    let mut pattern = Pattern::default();
    let mut literal = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(next) = characters.next() {
        match next {
            '\\' => {
                let escaped = characters.next_if(|next| matches!(next, '*' | '?' | '\\'));
                literal.push(escaped.unwrap_or('\\'));
            }
            '*' | '?' => {
                pattern.push_literal(&literal);
                literal.clear();
                pattern.push(if next == '*' {
                    PatternPart::AnyRun
                } else {
                    PatternPart::AnyOne
                });
            }
            other => literal.push(other),
        }
    }
    pattern.push_literal(&literal);
    pattern
}

impl Pattern {
    /// A pattern of text that stands for itself.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        let mut pattern = Self::default();
        pattern.push_literal(text);
        pattern
    }

    /// A pattern of parts; neighbours that are one are merged, empty literals left out.
    #[must_use]
    pub fn from_parts(parts: impl IntoIterator<Item = PatternPart>) -> Self {
        let mut pattern = Self::default();
        for part in parts {
            pattern.push(part);
        }
        pattern
    }

    /// The same pattern with case told apart, or not.
    #[must_use]
    pub fn with_case(mut self, cased: bool) -> Self {
        self.cased = cased;
        self
    }

    /// Appends text that stands for itself.
    pub fn push_literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(PatternPart::Literal(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else {
            self.parts.push(PatternPart::Literal(text.to_owned()));
        }
    }

    /// Appends a part, merged with the last one where the two are one.
    pub fn push(&mut self, part: PatternPart) {
        match part {
            PatternPart::Literal(text) => self.push_literal(&text),
            PatternPart::AnyRun if self.parts.last() == Some(&PatternPart::AnyRun) => {}
            PatternPart::AnyOne | PatternPart::AnyRun => self.parts.push(part),
        }
    }

    /// Lets any run stand before, unless one does already.
    pub fn open_start(&mut self) {
        if self.parts.first() != Some(&PatternPart::AnyRun) {
            self.parts.insert(0, PatternPart::AnyRun);
        }
    }

    /// Lets any run stand after, unless one does already.
    pub fn open_end(&mut self) {
        self.push(PatternPart::AnyRun);
    }

    /// The text, if the pattern has no wildcard.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [PatternPart::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether any part is a wildcard.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        self.as_literal().is_none()
    }

    /// The simplest test that the pattern stands for.
    #[must_use]
    pub fn shape(&self) -> Shape<'_> {
        use PatternPart::{AnyRun, Literal};
        match self.parts.as_slice() {
            [] => Shape::Empty,
            [AnyRun] => Shape::Any,
            [Literal(text)] => Shape::Exact(text),
            [Literal(text), AnyRun] => Shape::StartsWith(text),
            [AnyRun, Literal(text)] => Shape::EndsWith(text),
            [AnyRun, Literal(text), AnyRun] => Shape::Contains(text),
            _ => Shape::Other,
        }
    }

    /// The pattern as text that [`read`] gives the same parts for: every backslash and literal wildcard is escaped.
    #[must_use]
    pub fn to_canonical_text(&self) -> Cow<'_, str> {
        if let Some(text) = self.as_literal()
            && !text.contains(['\\', '*', '?'])
        {
            return Cow::Borrowed(text);
        }
        let mut output = String::new();
        for part in &self.parts {
            match part {
                PatternPart::AnyOne => output.push('?'),
                PatternPart::AnyRun => output.push('*'),
                PatternPart::Literal(text) => {
                    for next in text.chars() {
                        if matches!(next, '\\' | '*' | '?') {
                            output.push('\\');
                        }
                        output.push(next);
                    }
                }
            }
        }
        Cow::Owned(output)
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, PatternPart, Shape, read};
    use proptest::prelude::*;

    fn parts(text: &str) -> Vec<PatternPart> {
        text.split_inclusive(['*', '?'])
            .flat_map(|piece| {
                let literal = piece.trim_end_matches(['*', '?']);
                let wildcard = match piece.chars().last() {
                    Some('*') => Some(PatternPart::AnyRun),
                    Some('?') => Some(PatternPart::AnyOne),
                    _ => None,
                };
                let literal = (!literal.is_empty())
                    .then(|| PatternPart::Literal(literal.replace('S', "*").replace('Q', "?")));
                literal.into_iter().chain(wildcard)
            })
            .collect()
    }

    /// SEMANTICS 1.2; on the right `S` and `Q` are a literal star and question mark.
    #[test]
    fn table_of_escapes() {
        for (written, meant) in [
            (r"a\b", r"a\b"),
            (r"a\\b", r"a\b"),
            (r"a\\\b", r"a\\b"),
            (r"a\\\\b", r"a\\b"),
            (r"a\*b", r"aSb"),
            (r"\\srv\x", r"\srv\x"),
            (r"a\\*b", r"a\*b"),
            (r"a\\\*b", r"a\Sb"),
            (r"a\\\\*b", r"a\\*b"),
            (r"a\", r"a\"),
            (r"a\\", r"a\"),
            (r"\\\\srv\x", r"\\srv\x"),
            (r"a\?b?c", r"aQb?c"),
            ("**", "*"),
            ("", ""),
        ] {
            assert_eq!(read(written).parts, parts(meant), "{written}");
        }
    }

    #[test]
    fn shapes() {
        for (text, shape) in [
            ("", Shape::Empty),
            ("*", Shape::Any),
            ("a", Shape::Exact("a")),
            ("a*", Shape::StartsWith("a")),
            ("*a", Shape::EndsWith("a")),
            ("*a*", Shape::Contains("a")),
            ("a*b", Shape::Other),
            ("?", Shape::Other),
        ] {
            assert_eq!(read(text).shape(), shape, "{text}");
        }
    }

    proptest! {
        #[test]
        fn canonical_text_reads_back(text in "[\\\\*?a%]{0,12}") {
            let pattern = read(&text);
            prop_assert_eq!(&read(&pattern.to_canonical_text()), &pattern);
        }

        #[test]
        fn merged_parts_read_back(pieces in prop::collection::vec("[\\\\*?a]{0,3}", 0..5)) {
            let pattern = Pattern::from_parts(pieces.iter().flat_map(|piece| {
                [PatternPart::Literal(piece.clone()), PatternPart::AnyRun]
            }));
            prop_assert_eq!(&read(&pattern.to_canonical_text()), &pattern);
        }
    }
}

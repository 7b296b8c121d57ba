//! Patterns made ready to be matched: folded once, cut at `*` into segments of fixed length.
//!
//! Simple case folding maps one character to one character, so a segment always takes the same number of characters,
//! and matching each inner segment at its first place decides the whole.

use icu_casemap::{CaseMapper, CaseMapperBorrowed};

use crate::normalize::{Pattern, PatternPart};

const CASE_MAPPER: CaseMapperBorrowed<'static> = CaseMapper::new();

/// Stands for `?` among characters: no Unicode scalar value.
const ANY_UNIT: u32 = u32::MAX;
/// Stands for `?` among bytes of ASCII text: no ASCII character.
const ANY_BYTE: u8 = 0xFF;

/// A text with what is known about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    text: &'a str,
    ascii: bool,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            ascii: text.is_ascii(),
        }
    }
}

/// A pattern, ready.
#[derive(Clone, Debug)]
pub(super) struct ReadyPattern {
    /// The segments between runs: one without any run, else the first at the start and the last at the end.
    segments: Box<[Segment]>,
    cased: bool,
}

/// Characters in a row, folded unless case counts.
#[derive(Clone, Debug, Default)]
struct Segment {
    units: Box<[u32]>,
    /// The same in bytes; `None` if ASCII text cannot match.
    bytes: Option<Box<[u8]>>,
}

impl ReadyPattern {
    pub(super) fn new(pattern: &Pattern) -> Self {
        let mut segments = Vec::new();
        let mut units = Vec::new();
        for part in &pattern.parts {
            match part {
                PatternPart::Literal(text) if pattern.cased => units.extend(text.chars().map(u32::from)),
                PatternPart::Literal(text) => units.extend(text.chars().map(|each| u32::from(fold(each)))),
                PatternPart::AnyOne => units.push(ANY_UNIT),
                PatternPart::AnyRun => segments.push(Segment::new(std::mem::take(&mut units))),
            }
        }
        segments.push(Segment::new(units));
        Self {
            segments: segments.into(),
            cased: pattern.cased,
        }
    }

    pub(super) fn matches(&self, text: Text<'_>) -> bool {
        match (text.ascii, self.cased) {
            (true, true) => self.run(Bytes::<true>(text.text.as_bytes())),
            (true, false) => self.run(Bytes::<false>(text.text.as_bytes())),
            (false, true) => self.run(Characters::<true>(text.text)),
            (false, false) => self.run(Characters::<false>(text.text)),
        }
    }

    fn run<H: Haystack>(&self, text: H) -> bool {
        let Some((first, others)) = self.segments.split_first() else {
            return false;
        };
        let Some(rest) = text.after_prefix(first) else {
            return false;
        };
        let Some((last, middle)) = others.split_last() else {
            return rest.is_empty();
        };
        let Some(mut rest) = rest.before_suffix(last) else {
            return false;
        };
        for segment in middle {
            match rest.after_first(segment) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        true
    }
}

impl Segment {
    fn new(units: Vec<u32>) -> Self {
        let bytes = units
            .iter()
            .map(|unit| match *unit {
                ANY_UNIT => Some(ANY_BYTE),
                unit => u8::try_from(unit).ok().filter(u8::is_ascii),
            })
            .collect();
        Self {
            units: units.into(),
            bytes,
        }
    }
}

/// A character under Unicode simple case folding.
pub(super) fn fold(character: char) -> char {
    if character.is_ascii() {
        character.to_ascii_lowercase()
    } else {
        CASE_MAPPER.simple_fold(character)
    }
}

/// A text under Unicode simple case folding.
pub(super) fn fold_text(text: &str) -> String {
    text.chars().map(fold).collect()
}

/// Whether two texts are equal under Unicode simple case folding.
pub(super) fn equal_folded(left: &str, right: &str) -> bool {
    left.chars().map(fold).eq(right.chars().map(fold))
}

/// What is left of a text to match.
trait Haystack: Sized + Copy {
    /// What follows the segment at the start.
    fn after_prefix(self, segment: &Segment) -> Option<Self>;
    /// What precedes the segment at the end.
    fn before_suffix(self, segment: &Segment) -> Option<Self>;
    /// What follows the segment at its first place.
    fn after_first(self, segment: &Segment) -> Option<Self>;
    fn is_empty(self) -> bool;
}

/// ASCII text.
#[derive(Clone, Copy)]
struct Bytes<'a, const CASED: bool>(&'a [u8]);

impl<const CASED: bool> Bytes<'_, CASED> {
    fn equal(text: &[u8], segment: &[u8]) -> bool {
        text.len() == segment.len()
            && text.iter().zip(segment).all(|(byte, wanted)| {
                let byte = if CASED { *byte } else { byte.to_ascii_lowercase() };
                byte == *wanted || *wanted == ANY_BYTE
            })
    }

    /// The first place in the text at which the segment's first byte stands.
    fn candidate(text: &[u8], first: u8) -> Option<usize> {
        if first == ANY_BYTE {
            (!text.is_empty()).then_some(0)
        } else if CASED || !first.is_ascii_lowercase() {
            memchr::memchr(first, text)
        } else {
            memchr::memchr2(first, first.to_ascii_uppercase(), text)
        }
    }
}

impl<const CASED: bool> Haystack for Bytes<'_, CASED> {
    fn after_prefix(self, segment: &Segment) -> Option<Self> {
        let wanted = segment.bytes.as_deref()?;
        let (start, rest) = self.0.split_at_checked(wanted.len())?;
        Self::equal(start, wanted).then_some(Self(rest))
    }

    fn before_suffix(self, segment: &Segment) -> Option<Self> {
        let wanted = segment.bytes.as_deref()?;
        let (rest, end) = self.0.split_at_checked(self.0.len().checked_sub(wanted.len())?)?;
        Self::equal(end, wanted).then_some(Self(rest))
    }

    fn after_first(self, segment: &Segment) -> Option<Self> {
        let wanted = segment.bytes.as_deref()?;
        let Some(first) = wanted.first() else {
            return Some(self);
        };
        let mut text = self.0;
        loop {
            // Beyond this place the segment would not fit.
            let starts = text.get(..=text.len().checked_sub(wanted.len())?)?;
            text = text.get(Self::candidate(starts, *first)?..)?;
            if let Some(rest) = Self(text).after_prefix(segment) {
                return Some(rest);
            }
            text = text.get(1..)?;
        }
    }

    fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// Text beyond ASCII.
#[derive(Clone, Copy)]
struct Characters<'a, const CASED: bool>(&'a str);

impl<const CASED: bool> Characters<'_, CASED> {
    fn equal(character: char, wanted: u32) -> bool {
        let character = if CASED { character } else { fold(character) };
        wanted == ANY_UNIT || u32::from(character) == wanted
    }
}

impl<const CASED: bool> Haystack for Characters<'_, CASED> {
    fn after_prefix(self, segment: &Segment) -> Option<Self> {
        let mut characters = self.0.chars();
        for wanted in &segment.units {
            if !Self::equal(characters.next()?, *wanted) {
                return None;
            }
        }
        Some(Self(characters.as_str()))
    }

    fn before_suffix(self, segment: &Segment) -> Option<Self> {
        let mut characters = self.0.chars();
        for wanted in segment.units.iter().rev() {
            if !Self::equal(characters.next_back()?, *wanted) {
                return None;
            }
        }
        Some(Self(characters.as_str()))
    }

    fn after_first(self, segment: &Segment) -> Option<Self> {
        let mut characters = self.0.chars();
        loop {
            if let Some(rest) = Self(characters.as_str()).after_prefix(segment) {
                return Some(rest);
            }
            characters.next()?;
        }
    }

    fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

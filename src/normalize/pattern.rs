//! A string value with its wildcards as parts; never turned back into text and read again.

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

//! The logic of a condition.

use ipnet::IpNet;

use crate::diagnostic::Span;
use crate::normalize::{Column, ItemId, Pattern, Relation, TimePart};
use crate::regex::Regex;
use crate::rule::Operator;
use crate::source::Number;

/// Logic over predicates. Two-valued: a predicate on a field that an event lacks is false.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// All must hold; true if empty.
    And(Vec<Expr>),
    /// Any must hold; false if empty.
    Or(Vec<Expr>),
    /// Must not hold.
    Not(Box<Expr>),
    /// The same as its body in two-valued logic; where an engine gives null for the body, false.
    /// Only the null policy makes this node.
    Total(Box<Expr>),
    /// A test of one column.
    Predicate(Predicate),
    /// A test of the text of any value of the event.
    Keyword(Keyword),
    /// Always or never.
    Const(bool),
}

/// Names a leaf within its condition. Each leaf must be emitted exactly once per query, or a note or an error names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafId(pub u32);

impl LeafId {
    /// The id of leaves that a rewrite adds (guards): they are not accounted for.
    pub const ADDED: Self = Self(u32::MAX);

    /// The id of guards on the operand of a test: "the operand, cast as this test casts it, has a value". The guard holds
    /// the test itself, which implies it, so that it changes no verdict.
    pub const OPERAND: Self = Self(u32::MAX - 1);

    /// Whether a rewrite added the leaf: its exact test stands elsewhere.
    #[must_use]
    pub fn is_added(self) -> bool {
        self == Self::ADDED || self == Self::OPERAND
    }
}

/// A column and one positive test.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// Its identity.
    pub leaf: LeafId,
    /// The item that it comes from.
    pub item: ItemId,
    /// The column.
    pub column: Column,
    /// The test.
    pub test: Test,
    /// The value, or the item if the test holds several values.
    pub span: Span,
}

/// A keyword test: the patterns are `*…*` already.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyword {
    /// Its identity.
    pub leaf: LeafId,
    /// The item that it comes from.
    pub item: ItemId,
    /// `Equals`, `AnyOf`, `AllOf` or `Regex`.
    pub test: Test,
    /// Where it stands.
    pub span: Span,
}

/// What is asked of a column. All tests are positive.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The whole value matches the pattern.
    Equals(Pattern),
    /// The value matches any of the patterns of one item.
    AnyOf(Vec<Pattern>),
    /// The value matches all patterns of one item; different elements of a list may match different ones.
    AllOf(Vec<Pattern>),
    /// Compared with a number; never `NotEqual`.
    Number(Operator, Number),
    /// Equals a boolean.
    Bool(bool),
    /// The regular expression is found in the value.
    Regex(Regex),
    /// The address lies in the network.
    Cidr(IpNet),
    /// Present and not null.
    HasValue,
    /// Present, be it null.
    Exists,
    /// Compared with another column; both must have a value.
    FieldReference {
        /// The other column.
        other: Column,
        /// How.
        relation: Relation,
        /// Whether case is told apart.
        cased: bool,
    },
    /// A part of a timestamp compared with a number; never `NotEqual`.
    TimePart(TimePart, Operator, Number),
    /// Text in the target's query language, from a pipeline.
    QueryExpression(String),
}

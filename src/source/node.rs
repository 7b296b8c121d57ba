//! The YAML tree: nodes with spans, scalars with their text and their meaning in the core schema.

use crate::diagnostic::Span;

/// A node of a YAML document. Aliases are expanded; the span of an expanded node is that of its anchor's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the node stands; for a scalar the raw text with its quotes.
    pub span: Span,
    /// What it is.
    pub value: NodeValue,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeValue {
    /// A text, number, boolean or null.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys with values, in the order of the text; keys are unique.
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Mostly a scalar; another key is legal YAML.
    pub key: Node,
    /// Its value.
    pub value: Node,
}

/// A scalar: its text after YAML's own unescaping, and what the core schema says it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// The content: for a number its source text (`0777`, `1.10`).
    pub text: String,
    /// How it was written.
    pub style: ScalarStyle,
    /// What it is under the YAML 1.2 core schema; only plain scalars are anything but text.
    pub kind: ScalarKind,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// The type of a scalar under the core schema (YAML 1.2.2, section 10.3.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScalarKind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false` in the three spellings of the core schema.
    Bool(bool),
    /// A whole number that fits 128 bits.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// Everything else.
    Text,
}

/// A number with the text that it was written in, since `f64` loses whole numbers above 2^53 and prints differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// As written in the rule: `0777`, `1.10`, `0x1F`.
    pub text: String,
    /// The whole number, where it is one.
    pub integer: Option<i128>,
    /// The value as a float.
    pub float: f64,
}

impl Node {
    /// The scalar, if the node is one.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            NodeValue::Scalar(scalar) => Some(scalar),
            NodeValue::Sequence(_) | NodeValue::Mapping(_) => None,
        }
    }

    /// The text, if the node is a scalar of any kind.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// The elements, if the node is a list.
    #[must_use]
    pub fn sequence(&self) -> Option<&[Node]> {
        match &self.value {
            NodeValue::Sequence(nodes) => Some(nodes),
            NodeValue::Scalar(_) | NodeValue::Mapping(_) => None,
        }
    }

    /// The entries, if the node is a mapping.
    #[must_use]
    pub fn mapping(&self) -> Option<&[Entry]> {
        match &self.value {
            NodeValue::Mapping(entries) => Some(entries),
            NodeValue::Scalar(_) | NodeValue::Sequence(_) => None,
        }
    }

    /// The value of a key, if the node is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.mapping()?
            .iter()
            .find(|entry| entry.key.text() == Some(key))
            .map(|entry| &entry.value)
    }

    /// What the node is, for messages: "text", "a number", "a list" …
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match &self.value {
            NodeValue::Sequence(_) => "a list",
            NodeValue::Mapping(_) => "a mapping",
            NodeValue::Scalar(scalar) => match scalar.kind {
                ScalarKind::Null => "null",
                ScalarKind::Bool(_) => "a boolean",
                ScalarKind::Integer(_) | ScalarKind::Float(_) => "a number",
                ScalarKind::Text => "text",
            },
        }
    }
}

impl Scalar {
    /// The number, if the scalar is one.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn number(&self) -> Option<Number> {
        match self.kind {
            ScalarKind::Integer(integer) => Some(Number {
                text: self.text.clone(),
                integer: Some(integer),
                float: integer as f64,
            }),
            ScalarKind::Float(float) => Some(Number {
                text: self.text.clone(),
                integer: None,
                float,
            }),
            ScalarKind::Null | ScalarKind::Bool(_) | ScalarKind::Text => None,
        }
    }
}

impl Number {
    /// The canonical form: `777` for `0777`, `1.1` for `1.10`.
    #[must_use]
    pub fn canonical(&self) -> String {
        match self.integer {
            Some(integer) => integer.to_string(),
            None => self.float.to_string(),
        }
    }
}

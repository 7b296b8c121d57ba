//! Why an event matched or did not: the expression as a tree with what held, and the values that were seen.

use serde_json::Value;

use crate::diagnostic::Span;
use crate::eval::EvaluationError;
use crate::lower::{LeafId, write_plain};

/// The longest value that is shown, in characters.
const SHOWN_CHARACTERS: usize = 120;
/// The most values of one field that are shown.
const SHOWN_VALUES: usize = 5;

/// A node of the expression and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What became of it.
    pub outcome: Outcome,
    /// What it is.
    pub subject: Subject,
    /// Its parts.
    pub parts: Vec<Explanation>,
}

/// What became of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It held.
    Held,
    /// It did not hold.
    Failed,
    /// It could not be decided.
    Undecided(EvaluationError),
}

impl Outcome {
    pub(super) fn from_result(result: Result<bool, EvaluationError>) -> Self {
        match result {
            Ok(true) => Self::Held,
            Ok(false) => Self::Failed,
            Err(error) => Self::Undecided(error),
        }
    }

    pub(super) fn into_result(self) -> Result<bool, EvaluationError> {
        match self {
            Self::Held => Ok(true),
            Self::Failed => Ok(false),
            Self::Undecided(error) => Err(error),
        }
    }
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// All parts must hold.
    All,
    /// Any part must hold.
    Any,
    /// The part must not hold.
    Not,
    /// Always or never.
    Const(bool),
    /// A test.
    Leaf {
        /// Its identity.
        leaf: LeafId,
        /// Where it stands in the rule.
        span: Span,
        /// What it asks.
        text: String,
        /// The field's values in the event, none if absent; `None` for keywords, which look at all values.
        values: Option<Vec<Value>>,
    },
}

impl Explanation {
    /// The tree as indented text, a line for each node: `+` held, `-` did not, `?` undecided. Ends with a line break.
    #[must_use]
    pub fn render(&self) -> String {
        let mut output = String::new();
        let mut pending = vec![(self, 0)];
        while let Some((node, depth)) = pending.pop() {
            for _ in 0..depth {
                output.push_str("  ");
            }
            output.push_str(match node.outcome {
                Outcome::Held => "+ ",
                Outcome::Failed => "- ",
                Outcome::Undecided(_) => "? ",
            });
            node.subject.render(&mut output);
            output.push('\n');
            pending.extend(node.parts.iter().rev().map(|part| (part, depth + 1)));
        }
        output
    }
}

impl Subject {
    fn render(&self, output: &mut String) {
        match self {
            Self::All => output.push_str("all of"),
            Self::Any => output.push_str("any of"),
            Self::Not => output.push_str("not"),
            Self::Const(true) => output.push_str("always"),
            Self::Const(false) => output.push_str("never"),
            Self::Leaf { text, values, .. } => {
                output.push_str(text);
                if let Some(values) = values {
                    render_values(output, values);
                }
            }
        }
    }
}

fn render_values(output: &mut String, values: &[Value]) {
    if values.is_empty() {
        output.push_str("  (absent)");
        return;
    }
    output.push_str("  (is ");
    for (index, value) in values.iter().take(SHOWN_VALUES).enumerate() {
        if index > 0 {
            output.push_str(", ");
        }
        let text = value.to_string();
        let shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
        // Writing to a `String` cannot fail.
        let _ = write_plain(output, &shown);
        if shown.len() < text.len() {
            output.push('…');
        }
    }
    if values.len() > SHOWN_VALUES {
        output.push_str(", …");
    }
    output.push(')');
}

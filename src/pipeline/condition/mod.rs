//! Conditions of a step: on the rule, on its items, on field names. Each kind has its own file and registry.

pub(super) mod field;
pub(super) mod item;
pub(super) mod rule;
pub(super) mod state;

use fancy_regex::Regex;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest};
use crate::normalize::Value;
use crate::normalize::pattern;
use crate::pipeline::expression::Expression;
use crate::pipeline::keys::Keys;
use crate::source::{Node, Scalar, ScalarKind};

/// A type of condition: its name with its keys.
pub(super) type Kind = (&'static str, &'static [&'static str]);

/// Conditions of one kind with the logic that joins them.
#[derive(Debug)]
pub(super) struct Conditions<C> {
    conditions: Vec<C>,
    logic: Logic,
    negated: bool,
}

#[derive(Debug)]
enum Logic {
    All,
    Any,
    Expression(Expression),
}

impl<C> Conditions<C> {
    /// Whether the conditions hold; always, where there is none.
    pub(super) fn hold(&self, holds: impl Fn(&C) -> bool) -> bool {
        if self.conditions.is_empty() {
            return true;
        }
        let result = match &self.logic {
            Logic::All => self.conditions.iter().all(&holds),
            Logic::Any => self.conditions.iter().any(&holds),
            Logic::Expression(expression) => {
                expression.holds(&|index| self.conditions.get(index).is_some_and(&holds))
            }
        };
        result != self.negated
    }

    /// Whether one of them, by itself, is of a kind.
    pub(super) fn any(&self, is: impl Fn(&C) -> bool) -> bool {
        self.conditions.iter().any(is)
    }

    /// The conditions that must hold, each by itself; none where other logic joins them.
    pub(super) fn required(&self) -> &[C] {
        match self.logic {
            Logic::All if !self.negated => &self.conditions,
            Logic::All | Logic::Any | Logic::Expression(_) => &[],
        }
    }

    /// Reads `<prefix>_conditions`, `<prefix>_cond_op`, `<prefix>_cond_not` and `<prefix>_cond_expr`.
    pub(super) fn read(
        prefix: &str,
        keys: &Keys<'_>,
        read: fn(&Node, &mut Diagnostics) -> Option<C>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let key = format!("{prefix}_conditions");
        let mut names = Vec::new();
        let mut conditions = Vec::new();
        if let Some(node) = keys.get(&key) {
            if let Some(entries) = node.mapping() {
                for entry in entries {
                    names.push(entry.key.text().unwrap_or_default().to_owned());
                    conditions.extend(read(&entry.value, diagnostics));
                }
            } else if let Some(nodes) = node.sequence() {
                for node in nodes {
                    conditions.extend(read(node, diagnostics));
                }
            } else {
                let title = format!("`{key}` is {}, not a list or mapping", node.describe());
                keys.fault(title, node.span, diagnostics);
            }
        }
        Self {
            logic: logic(prefix, keys, &names, diagnostics),
            negated: keys.flag(&format!("{prefix}_cond_not"), diagnostics),
            conditions,
        }
    }
}

fn logic(prefix: &str, keys: &Keys<'_>, names: &[String], diagnostics: &mut Diagnostics) -> Logic {
    let operator_key = format!("{prefix}_cond_op");
    let expression_key = format!("{prefix}_cond_expr");
    let operator = match keys.text(&operator_key, diagnostics) {
        None => None,
        Some("and") => Some(Logic::All),
        Some("or") => Some(Logic::Any),
        Some(other) => {
            let title = format!("`{operator_key}` is `{other}`, neither `and` nor `or`");
            keys.fault(title, keys.span, diagnostics);
            None
        }
    };
    let Some(node) = keys.get(&expression_key) else {
        return operator.unwrap_or(Logic::All);
    };
    if operator.is_some() {
        let title = format!("`{operator_key}` and `{expression_key}` exclude each other");
        keys.fault(title, node.span, diagnostics);
    }
    if names.is_empty() {
        let title = format!("`{expression_key}` needs named conditions");
        keys.fault(title, node.span, diagnostics);
        return Logic::All;
    }
    let text = keys.text(&expression_key, diagnostics).unwrap_or_default();
    match Expression::parse(text, names) {
        Ok(expression) => {
            for (index, name) in names.iter().enumerate() {
                if !expression.names(index) {
                    let title = format!("`{expression_key}` does not name the condition `{name}`");
                    keys.fault(title, node.span, diagnostics);
                }
            }
            Logic::Expression(expression)
        }
        Err(title) => {
            keys.fault(title, node.span, diagnostics);
            Logic::All
        }
    }
}

/// The type of a condition with its keys; an unknown type is an error.
pub(super) fn typed<'node>(
    node: &'node Node,
    kinds: &'static [Kind],
    diagnostics: &mut Diagnostics,
) -> Option<(&'static str, Keys<'node>)> {
    const CODE: Code = Code::INVALID_PIPELINE;
    let Some(kind) = node.get("type").and_then(Node::text) else {
        let title = "a condition without `type`";
        diagnostics.push(Diagnostic::error(CODE, title, node.span));
        return None;
    };
    let Some((name, known)) = kinds.iter().find(|(name, _)| *name == kind) else {
        let span = node.get("type").map_or(node.span, |node| node.span);
        let title = format!("no condition of the type `{kind}` exists here");
        let names = || kinds.iter().map(|(name, _)| *name);
        let help = match closest(kind, names()) {
            Some(name) => format!("`{name}` is meant, perhaps"),
            None => format!("types: {}", names().collect::<Vec<_>>().join(", ")),
        };
        diagnostics.push(Diagnostic::error(Code::UNKNOWN_TRANSFORMATION, title, span).with_help(help));
        return None;
    };
    let what = format!("the condition `{name}`");
    let keys = Keys::read(node, &what, &[&["type", "source"], known], CODE, diagnostics)?;
    Some((name, keys))
}

/// Compiles a regular expression that is matched from the start of the text, as Python's `re.match` does.
pub(super) fn regex_at_start(
    pattern: &str,
    keys: &Keys<'_>,
    key: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Regex> {
    let span = keys.get(key).map_or(keys.span, |node| node.span);
    match Regex::new(&format!(r"\A(?:{pattern})")) {
        Ok(regex) => Some(regex),
        Err(error) => {
            keys.fault(
                format!("the regular expression is invalid: {error}"),
                span,
                diagnostics,
            );
            None
        }
    }
}

/// The plain value that a scalar of a pipeline stands for: text is read with its wildcards.
pub(super) fn plain_value(scalar: &Scalar) -> Value {
    match scalar.kind {
        ScalarKind::Null => Value::Null,
        ScalarKind::Bool(value) => Value::Bool(value),
        ScalarKind::Integer(_) | ScalarKind::Float(_) => match scalar.number() {
            Some(number) => Value::Number(number),
            None => Value::Null,
        },
        ScalarKind::Text => Value::Pattern(pattern::read(&scalar.text)),
    }
}

/// Whether two plain values are the same: patterns by their parts, numbers by value.
pub(super) fn same_value(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Pattern(left), Value::Pattern(right)) => left.parts == right.parts,
        (Value::Number(left), Value::Number(right)) => match (left.integer, right.integer) {
            (Some(left), Some(right)) => left == right,
            _ => left.float.total_cmp(&right.float).is_eq(),
        },
        (left, right) => left == right,
    }
}

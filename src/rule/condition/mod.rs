//! Conditions: from text to a [`ConditionNode`].
//!
//! The grammar, from loose to tight: `or`, `and`, `not`, selectors (`1 of x_*`), parentheses. One parser
//! serves the conditions of rules and filters, whose names are detections, and the extended conditions of
//! correlations, whose names are rules. It knows no detection: a name that does not exist is found later.
//! It takes linear time and a fixed amount of stack, whatever the text.

mod aggregation;
mod parser;
mod print;
mod token;

#[cfg(test)]
#[allow(clippy::too_many_lines, clippy::string_slice)] // Long by their snapshots.
mod tests;

use super::{Condition, ConditionNode, Spanned};
use crate::diagnostic::{Diagnostic, Diagnostics, Result, Source, Span};
use crate::source::{Node, TextPlaces};

/// How many parentheses and negations may be open at once, and how high the parsed tree may be.
pub const NESTING_LIMIT: usize = 500;

/// What the names in a condition stand for; decides the words of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Detections of a rule or filter.
    Detections,
    /// Names or ids of rules, in an extended condition of a correlation.
    Rules,
}

impl Subject {
    fn noun(self) -> &'static str {
        match self {
            Subject::Detections => "detection",
            Subject::Rules => "rule",
        }
    }
}

/// What the parser must know besides the text.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What the names stand for.
    pub subject: Subject,
    /// The legacy `timeframe` of the rule, for the correlation that the help on an aggregation shows.
    pub timeframe: Option<&'a str>,
}

/// Parses the condition that a scalar holds; warnings go to `diagnostics`.
///
/// # Errors
/// `CONDITION_SYNTAX`, `CONDITION_TOO_DEEP` or `AGGREGATION_CONDITION`, at the token at fault.
pub fn parse(
    source: &Source,
    node: &Node,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Result<Condition> {
    let text = node.text().unwrap_or_default();
    let places = TextPlaces::new(source, node);
    let blank = text.trim().is_empty();
    let locate = |start, end| if blank { node.span } else { places.span(start, end) };
    let root = parse_text(text, context, &locate, diagnostics)?;
    Ok(Condition {
        text: text.to_owned(),
        span: node.span,
        root,
    })
}

/// Parses a condition given as text; `locate` says where a byte range of the text stands.
///
/// # Errors
/// As [`parse`].
pub fn parse_text(
    text: &str,
    context: Context<'_>,
    locate: &dyn Fn(usize, usize) -> Span,
    diagnostics: &mut Diagnostics,
) -> Result<ConditionNode> {
    parser::Parser::new(text, context, locate, diagnostics).parse()
}

/// The names in a condition, each once, in the order of their first mention; without patterns of selectors.
#[must_use]
pub fn names(root: &ConditionNode) -> Vec<Spanned<String>> {
    let mut found: Vec<Spanned<String>> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match node {
            ConditionNode::And(parts) | ConditionNode::Or(parts) => open.extend(parts.iter().rev()),
            ConditionNode::Not(inner) => open.push(inner),
            ConditionNode::Identifier(name) => {
                if seen.insert(name.value.as_str()) {
                    found.push(name.clone());
                }
            }
            ConditionNode::Selector(_) => {}
        }
    }
    found
}

/// The first selector in a condition, if it has one.
#[must_use]
pub fn first_selector(root: &ConditionNode) -> Option<&super::Selector> {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match node {
            ConditionNode::And(parts) | ConditionNode::Or(parts) => open.extend(parts.iter().rev()),
            ConditionNode::Not(inner) => open.push(inner),
            ConditionNode::Identifier(_) => {}
            ConditionNode::Selector(selector) => return Some(selector),
        }
    }
    None
}

fn fail<T>(diagnostic: Diagnostic) -> Result<T> {
    Err(Box::new(diagnostic))
}

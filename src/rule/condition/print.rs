//! The text of a condition tree, with no more parentheses than the grammar needs.

use super::super::{ConditionNode, Quantity, Selector};
use std::fmt;

/// How tightly a node binds; a child that binds no tighter than its parent needs parentheses.
fn binding(node: &ConditionNode) -> u8 {
    match node {
        ConditionNode::Or(_) => 0,
        ConditionNode::And(_) => 1,
        ConditionNode::Not(_) => 2,
        ConditionNode::Identifier(_) | ConditionNode::Selector(_) => 3,
    }
}

fn print_child(
    formatter: &mut fmt::Formatter<'_>,
    child: &ConditionNode,
    parenthesised: bool,
) -> fmt::Result {
    if parenthesised {
        write!(formatter, "({child})")
    } else {
        write!(formatter, "{child}")
    }
}

fn print_chain(
    formatter: &mut fmt::Formatter<'_>,
    parts: &[ConditionNode],
    operator: &str,
    own_binding: u8,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(operator)?;
        }
        print_child(formatter, part, binding(part) <= own_binding)?;
    }
    Ok(())
}

impl fmt::Display for ConditionNode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConditionNode::Or(parts) => print_chain(formatter, parts, " or ", binding(self)),
            ConditionNode::And(parts) => print_chain(formatter, parts, " and ", binding(self)),
            ConditionNode::Not(inner) => {
                formatter.write_str("not ")?;
                print_child(formatter, inner, binding(inner) < binding(self))
            }
            ConditionNode::Identifier(name) => formatter.write_str(&name.value),
            ConditionNode::Selector(selector) => write!(formatter, "{selector}"),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quantity {
            Quantity::All => formatter.write_str("all")?,
            Quantity::AtLeast(count) => write!(formatter, "{count}")?,
        }
        write!(formatter, " of {}", self.pattern.as_deref().unwrap_or("them"))
    }
}

//! Conditions: names resolved, selectors expanded.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest};
use crate::normalize::Logic;
use crate::rule::{ConditionNode, Quantity, Selector, Spanned};

/// Greatest number of combinations that `N of` may expand to.
const MAX_COMBINATIONS: usize = 1_000;

/// The detections that a condition may name: those of its own rule or filter.
pub(super) struct Scope<'a> {
    /// By their index.
    pub(super) names: Vec<&'a str>,
}

impl Scope<'_> {
    /// The logic of a condition; `None` if an error was pushed. The reader limits the depth of conditions.
    pub(super) fn expand(&self, node: &ConditionNode, diagnostics: &mut Diagnostics) -> Option<Logic> {
        match node {
            ConditionNode::And(nodes) => Some(all(self.each(nodes, diagnostics)?)),
            ConditionNode::Or(nodes) => Some(any(self.each(nodes, diagnostics)?)),
            ConditionNode::Not(inner) => Some(Logic::Not(Box::new(self.expand(inner, diagnostics)?))),
            ConditionNode::Identifier(name) => self.identifier(name, diagnostics),
            ConditionNode::Selector(selector) => self.selector(selector, diagnostics),
        }
    }

    fn each(&self, nodes: &[ConditionNode], diagnostics: &mut Diagnostics) -> Option<Vec<Logic>> {
        let logic: Vec<_> = nodes
            .iter()
            .filter_map(|node| self.expand(node, diagnostics))
            .collect();
        (logic.len() == nodes.len()).then_some(logic)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().copied()
    }

    fn identifier(&self, name: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<Logic> {
        if let Some(index) = self.names().position(|candidate| candidate == name.value) {
            return Some(Logic::Detection(index));
        }
        if name.value.contains('*') {
            let help = format!("write `1 of {0}` or `all of {0}`", name.value);
            let title = "pattern of names without a quantity";
            diagnostics.push(Diagnostic::error(Code::CONDITION_SYNTAX, title, name.span).with_help(help));
            return None;
        }
        let help = match closest(&name.value, self.names()) {
            Some(other) => format!("did you mean `{other}`?"),
            None => format!(
                "add a detection `{}`, or remove it from the condition",
                name.value
            ),
        };
        diagnostics.push(
            Diagnostic::error(
                Code::UNDEFINED_DETECTION,
                format!("undefined detection `{}`", name.value),
                name.span,
            )
            .with_help(help),
        );
        None
    }

    fn selector(&self, selector: &Selector, diagnostics: &mut Diagnostics) -> Option<Logic> {
        let pattern = selector.pattern.as_deref();
        let hidden = pattern.is_some_and(|pattern| pattern.starts_with('_'));
        let selected: Vec<usize> = self
            .names()
            .enumerate()
            .filter(|(_, name)| hidden || !name.starts_with('_'))
            .filter(|(_, name)| pattern.is_none_or(|pattern| glob(pattern, name)))
            .map(|(index, _)| index)
            .collect();
        if selected.is_empty() {
            diagnostics.push(self.empty(selector));
            return None;
        }
        match selector.quantity {
            Quantity::All => Some(all(details(&selected))),
            Quantity::AtLeast(0 | 1) => Some(any(details(&selected))),
            Quantity::AtLeast(wanted) => at_least(&selected, wanted as usize, selector, diagnostics),
        }
    }

    fn empty(&self, selector: &Selector) -> Diagnostic {
        let title = match &selector.pattern {
            Some(pattern) => format!("no detection matches `{pattern}`"),
            None => "no detection for `them`".to_owned(),
        };
        let names: Vec<_> = self.names().map(|name| format!("`{name}`")).collect();
        let help = if names.is_empty() {
            "add a detection".to_owned()
        } else {
            format!(
                "the detections are {}; names that begin with `_` are skipped unless the pattern does too",
                names.join(", ")
            )
        };
        Diagnostic::error(Code::EMPTY_SELECTOR, title, selector.span).with_help(help)
    }
}

fn details(selected: &[usize]) -> Vec<Logic> {
    selected.iter().copied().map(Logic::Detection).collect()
}

/// AND, or its only element.
pub(super) fn all(mut logic: Vec<Logic>) -> Logic {
    match logic.pop() {
        Some(only) if logic.is_empty() => only,
        last => {
            logic.extend(last);
            Logic::And(logic)
        }
    }
}

fn any(mut logic: Vec<Logic>) -> Logic {
    match logic.pop() {
        Some(only) if logic.is_empty() => only,
        last => {
            logic.extend(last);
            Logic::Or(logic)
        }
    }
}

fn at_least(
    selected: &[usize],
    wanted: usize,
    selector: &Selector,
    diagnostics: &mut Diagnostics,
) -> Option<Logic> {
    if wanted > selected.len() {
        diagnostics.push(
            Diagnostic::error(
                Code::EMPTY_SELECTOR,
                format!("{wanted} detections asked for, {} selected", selected.len()),
                selector.span,
            )
            .with_help(format!("ask for at most {}", selected.len())),
        );
        return None;
    }
    let Some(combinations) = combinations(selected, wanted) else {
        diagnostics.push(
            Diagnostic::error(
                Code::TOO_MANY_ALTERNATIVES,
                format!(
                    "{wanted} of {} detections are more than {MAX_COMBINATIONS} combinations",
                    selected.len()
                ),
                selector.span,
            )
            .with_help("select fewer detections"),
        );
        return None;
    };
    Some(any(combinations
        .iter()
        .map(|combination| all(details(combination)))
        .collect()))
}

/// All ways to take `wanted` elements, in order; `None` above the limit.
fn combinations(elements: &[usize], wanted: usize) -> Option<Vec<Vec<usize>>> {
    let mut partial: Vec<Vec<usize>> = vec![Vec::new()];
    // The combinations of the first elements, of each length up to `wanted`; a short one stays only while enough follow.
    for (index, element) in elements.iter().enumerate() {
        let left = elements.len() - index - 1;
        let mut next = Vec::new();
        for combination in partial {
            if combination.len() < wanted {
                let mut longer = combination.clone();
                longer.push(*element);
                next.push(longer);
            }
            if combination.len() + left >= wanted {
                next.push(combination);
            }
        }
        // Each partial combination leads to one or more whole ones.
        if next.len() > MAX_COMBINATIONS {
            return None;
        }
        partial = next;
    }
    Some(partial)
}

/// Whether a name matches a pattern in which `*` is any run.
pub(super) fn glob(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

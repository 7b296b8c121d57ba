//! Building, walking and rewriting [`Expr`]s, whatever they mean.

use crate::diagnostic::Span;
use crate::lower::{Expr, Keyword, LeafId, Predicate, Test};
use crate::normalize::ItemId;

/// A leaf of an expression that tests something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Leaf<'a> {
    /// A test of one column.
    Predicate(&'a Predicate),
    /// A test of the text of any value of the event.
    Keyword(&'a Keyword),
}

impl<'a> Leaf<'a> {
    /// The leaf's id.
    #[must_use]
    pub fn id(self) -> LeafId {
        match self {
            Self::Predicate(predicate) => predicate.leaf,
            Self::Keyword(keyword) => keyword.leaf,
        }
    }

    /// The item that the leaf comes from.
    #[must_use]
    pub fn item(self) -> ItemId {
        match self {
            Self::Predicate(predicate) => predicate.item,
            Self::Keyword(keyword) => keyword.item,
        }
    }

    /// Where the leaf stands.
    #[must_use]
    pub fn span(self) -> Span {
        match self {
            Self::Predicate(predicate) => predicate.span,
            Self::Keyword(keyword) => keyword.span,
        }
    }

    /// What is asked.
    #[must_use]
    pub fn test(self) -> &'a Test {
        match self {
            Self::Predicate(predicate) => &predicate.test,
            Self::Keyword(keyword) => &keyword.test,
        }
    }
}

/// The leaves of an expression, from left to right. See [`Expr::leaves`].
#[derive(Debug)]
pub struct Leaves<'a> {
    pending: Vec<&'a Expr>,
}

impl<'a> Iterator for Leaves<'a> {
    type Item = Leaf<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(expr) = self.pending.pop() {
            match expr {
                Expr::Predicate(predicate) => return Some(Leaf::Predicate(predicate)),
                Expr::Keyword(keyword) => return Some(Leaf::Keyword(keyword)),
                Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Total(_) | Expr::Const(_) => {
                    self.pending.extend(expr.children().iter().rev());
                }
            }
        }
        None
    }
}

impl Expr {
    /// The conjunction of the parts in their order: nested conjunctions are taken apart, a single part stays alone.
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            if let Self::And(inner) = part {
                flat.extend(inner);
            } else {
                flat.push(part);
            }
        }
        single(flat).unwrap_or_else(Self::And)
    }

    /// The disjunction of the parts in their order: nested disjunctions are taken apart, a single part stays alone.
    #[must_use]
    pub fn any(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            if let Self::Or(inner) = part {
                flat.extend(inner);
            } else {
                flat.push(part);
            }
        }
        single(flat).unwrap_or_else(Self::Or)
    }

    /// The negation; of a negation, its body.
    #[must_use]
    pub fn negate(self) -> Self {
        if let Self::Not(body) = self {
            *body
        } else {
            Self::Not(Box::new(self))
        }
    }

    /// The direct parts of the node; none for leaves and constants.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        match self {
            Self::And(parts) | Self::Or(parts) => parts,
            Self::Not(body) | Self::Total(body) => std::slice::from_ref(body),
            Self::Predicate(_) | Self::Keyword(_) | Self::Const(_) => &[],
        }
    }

    /// The leaves, from left to right; no recursion.
    #[must_use]
    pub fn leaves(&self) -> Leaves<'_> {
        Leaves { pending: vec![self] }
    }

    /// Visits each node before its parts, from left to right; no recursion.
    pub fn walk<'a>(&'a self, mut visit: impl FnMut(&'a Self)) {
        let mut pending = vec![self];
        while let Some(expr) = pending.pop() {
            visit(expr);
            pending.extend(expr.children().iter().rev());
        }
    }

    /// How many nodes lie on the longest way from the root to a leaf; 1 for a leaf. No recursion.
    #[must_use]
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut pending = vec![(self, 1)];
        while let Some((expr, depth)) = pending.pop() {
            deepest = deepest.max(depth);
            pending.extend(expr.children().iter().map(|child| (child, depth + 1)));
        }
        deepest
    }

    /// Rebuilds the expression from the leaves upwards: `change` gets each node after its parts were rebuilt.
    /// Recurses to the depth of the expression, which [`lower`](crate::lower::lower) bounds.
    #[must_use]
    pub fn rewrite(self, change: &mut impl FnMut(Self) -> Self) -> Self {
        let rebuilt = match self {
            Self::And(parts) => Self::And(parts.into_iter().map(|part| part.rewrite(change)).collect()),
            Self::Or(parts) => Self::Or(parts.into_iter().map(|part| part.rewrite(change)).collect()),
            Self::Not(body) => Self::Not(Box::new(body.rewrite(change))),
            Self::Total(body) => Self::Total(Box::new(body.rewrite(change))),
            leaf @ (Self::Predicate(_) | Self::Keyword(_) | Self::Const(_)) => leaf,
        };
        change(rebuilt)
    }
}

/// The only part, or all of them back.
fn single(mut parts: Vec<Expr>) -> Result<Expr, Vec<Expr>> {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            parts.push(last);
            Err(parts)
        }
        (None, _) => Err(parts),
    }
}

//! The null policy: one pass that makes an engine's three-valued answer agree with Sigma's two-valued meaning.
//!
//! Runs after `lower` and before any template. A language says, for each class of column and form of test, what the test
//! gives where the field has no value ([`Policy`]); the pass adds [`Expr::Total`] or guards where a negation would
//! turn "null" into "not matched". In two-valued logic the result means the same as the input.
//!
//! Assumes of an engine that `null or true` is true and that `null and x` is never true; a language that cannot promise
//! the first declares `kleene: false` and gets guards under an `or` too. A guard assumes that `false and null` is as good
//! as false, under a negation also.
//!
//! Guards that all members of an `or` or `and` need stand once, before the group.

use serde::Deserialize;

use crate::diagnostic::Span;
use crate::lower::{Expr, LeafId, Predicate, Test};
use crate::normalize::{Column, ItemId};

/// What a test gives where the field has no value. Ordered: the greater needs the stronger rewrite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// False, as in Sigma.
    #[default]
    TwoValued,
    /// Null, only if the field is absent.
    AbsentNull,
    /// Null, also for some values that are there (a failed cast).
    SomeNull,
    /// True.
    AbsentTrue,
}

/// What a language's stage says about the tests of an expression.
pub trait NullTable {
    /// The policy of a leaf.
    fn policy(&self, predicate: &Predicate) -> Policy;

    /// Whether the test accepts the empty value on a column where absent and empty are one.
    fn accepts_absent(&self, predicate: &Predicate) -> bool;

    /// Whether the only null of a [`Policy::SomeNull`] test is that of its operand (a cast that fails), so that a guard on
    /// the operand helps.
    fn null_from_operand(&self, predicate: &Predicate) -> bool;

    /// Whether the stage can turn null into false.
    fn has_total(&self) -> bool;

    /// Whether `null or true` is true.
    fn is_kleene(&self) -> bool;
}

/// Where a leaf stands.
#[derive(Clone, Copy)]
struct Place {
    under_not: bool,
    under_or: bool,
}

/// An expression on its way: what must be true first, the rest, and whether the rest may still be null.
struct Rewritten {
    guards: Vec<Expr>,
    body: Expr,
    null: bool,
}

impl Rewritten {
    fn plain(body: Expr) -> Self {
        Self {
            guards: Vec::new(),
            body,
            null: false,
        }
    }

    fn finish(self) -> Expr {
        let Self { mut guards, body, .. } = self;
        if guards.is_empty() {
            return body;
        }
        match body {
            Expr::And(items) => guards.extend(items),
            Expr::Or(_)
            | Expr::Not(_)
            | Expr::Total(_)
            | Expr::Predicate(_)
            | Expr::Keyword(_)
            | Expr::Const(_) => guards.push(body),
        }
        Expr::And(guards)
    }
}

/// Rewrites an expression so that no null changes its verdict. Leaves with [`Policy::SomeNull`] under a negation need a
/// stage that has `total`, or a null that comes from their operand; the choice of stages makes sure of that before.
#[must_use]
pub fn apply(expr: Expr, table: &dyn NullTable) -> Expr {
    let place = Place {
        under_not: false,
        under_or: false,
    };
    match expr {
        // Each conjunct of the root keeps its guards beside it: languages print them one by one.
        Expr::And(items) => {
            let finished = items.into_iter().map(|item| rewrite(item, table, place).finish());
            Expr::And(finished.collect())
        }
        Expr::Or(_)
        | Expr::Not(_)
        | Expr::Total(_)
        | Expr::Predicate(_)
        | Expr::Keyword(_)
        | Expr::Const(_) => rewrite(expr, table, place).finish(),
    }
}

fn rewrite(expr: Expr, table: &dyn NullTable, place: Place) -> Rewritten {
    match expr {
        Expr::And(items) => all(rewrite_each(items, table, place)),
        Expr::Or(items) => {
            let place = Place {
                under_or: place.under_or || items.len() > 1,
                ..place
            };
            any(rewrite_each(items, table, place))
        }
        Expr::Not(body) => {
            let place = Place {
                under_not: true,
                ..place
            };
            let body = rewrite(*body, table, place);
            let null = body.null;
            let body = body.finish();
            if null && table.has_total() {
                Rewritten::plain(Expr::Not(Box::new(Expr::Total(Box::new(body)))))
            } else {
                Rewritten {
                    guards: Vec::new(),
                    body: Expr::Not(Box::new(body)),
                    null,
                }
            }
        }
        Expr::Total(body) => {
            let body = rewrite(*body, table, place).finish();
            Rewritten::plain(Expr::Total(Box::new(body)))
        }
        Expr::Predicate(predicate) => leaf(predicate, table, place),
        Expr::Keyword(_) | Expr::Const(_) => Rewritten::plain(expr),
    }
}

fn rewrite_each(items: Vec<Expr>, table: &dyn NullTable, place: Place) -> Vec<Rewritten> {
    items
        .into_iter()
        .map(|item| rewrite(item, table, place))
        .collect()
}

/// A conjunction: each guard once, before all members.
fn all(items: Vec<Rewritten>) -> Rewritten {
    let mut guards = Vec::new();
    let mut bodies = Vec::with_capacity(items.len());
    let mut null = false;
    for item in items {
        null |= item.null;
        for guard in item.guards {
            if !guards.contains(&guard) {
                guards.push(guard);
            }
        }
        bodies.push(item.body);
    }
    Rewritten {
        guards,
        body: Expr::And(bodies),
        null,
    }
}

/// A disjunction: members that need the same guards share them.
fn any(items: Vec<Rewritten>) -> Rewritten {
    let null = items.iter().any(|item| item.null);
    let mut groups: Vec<(Vec<Expr>, Vec<Expr>)> = Vec::new();
    for item in items {
        let known = groups
            .iter_mut()
            .find(|(guards, _)| !guards.is_empty() && *guards == item.guards);
        match known {
            Some((_, bodies)) => bodies.push(item.body),
            None => groups.push((item.guards, vec![item.body])),
        }
    }
    if groups.len() == 1
        && let Some((guards, bodies)) = groups.pop()
    {
        return Rewritten {
            guards,
            body: Expr::Or(bodies),
            null,
        };
    }
    let members = groups.into_iter().map(|(guards, mut bodies)| {
        let body = match (bodies.len(), bodies.pop()) {
            (1, Some(only)) => only,
            (_, last) => {
                bodies.extend(last);
                Expr::Or(bodies)
            }
        };
        let shared = Rewritten { guards, body, null };
        shared.finish()
    });
    Rewritten {
        guards: Vec::new(),
        body: Expr::Or(members.collect()),
        null,
    }
}

fn leaf(predicate: Predicate, table: &dyn NullTable, place: Place) -> Rewritten {
    let policy = table.policy(&predicate);
    let required = policy == Policy::AbsentTrue || table.accepts_absent(&predicate);
    let mut null = matches!(policy, Policy::AbsentNull | Policy::SomeNull);
    let guarded = null
        && !matches!(predicate.test, Test::HasValue | Test::Exists)
        && ((place.under_not && !table.has_total()) || (place.under_or && !table.is_kleene()));
    let mut guards = Vec::new();
    if guarded && policy == Policy::SomeNull && table.null_from_operand(&predicate) {
        guards.push(Expr::Predicate(Predicate {
            leaf: LeafId::OPERAND,
            ..predicate.clone()
        }));
        null = false;
    } else if guarded || required {
        guards.push(has_value(&predicate.column));
        if let Test::FieldReference { other, .. } = &predicate.test {
            guards.push(has_value(other));
        }
        null = null && (policy == Policy::SomeNull || !guarded);
    }
    Rewritten {
        guards,
        body: Expr::Predicate(predicate),
        null,
    }
}

/// Without a place in the rule, so that guards on one column are equal.
fn has_value(column: &Column) -> Expr {
    Expr::Predicate(Predicate {
        leaf: LeafId::ADDED,
        item: ItemId::default(),
        column: column.clone(),
        test: Test::HasValue,
        span: Span::default(),
    })
}

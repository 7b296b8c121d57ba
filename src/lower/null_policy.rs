//! The null policy: one pass that makes an engine's three-valued answer agree with Sigma's two-valued meaning.
//!
//! Runs after `lower` and before any template. A language says, for each class of column and form of test, what the test
//! gives where the field has no value ([`Policy`]); the pass adds [`Expr::Total`] or guards where a negation would
//! turn "null" into "not matched". In two-valued logic the result means the same as the input.
//!
//! Assumes of an engine that `null or true` is true and that `null and x` is never true; a language that cannot promise
//! this declares `kleene: false` and gets a guard at every leaf under an `or`.

use serde::Deserialize;

use crate::lower::{Expr, LeafId, Predicate, Test};
use crate::normalize::Column;

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

/// Rewrites an expression so that no null changes its verdict. Leaves with [`Policy::SomeNull`] under a negation need a
/// stage that has `total`; the choice of stages makes sure of that before.
#[must_use]
pub fn apply(expr: Expr, table: &dyn NullTable) -> Expr {
    rewrite(
        expr,
        table,
        Place {
            under_not: false,
            under_or: false,
        },
    )
    .0
}

/// The rewritten expression, and whether it may still be null.
fn rewrite(expr: Expr, table: &dyn NullTable, place: Place) -> (Expr, bool) {
    match expr {
        Expr::And(items) => {
            let (items, null) = rewrite_all(items, table, place);
            (Expr::And(items), null)
        }
        Expr::Or(items) => {
            let (items, null) = rewrite_all(
                items,
                table,
                Place {
                    under_or: true,
                    ..place
                },
            );
            (Expr::Or(items), null)
        }
        Expr::Not(body) => {
            let (body, null) = rewrite(
                *body,
                table,
                Place {
                    under_not: true,
                    ..place
                },
            );
            if null && table.has_total() {
                (Expr::Not(Box::new(Expr::Total(Box::new(body)))), false)
            } else {
                (Expr::Not(Box::new(body)), null)
            }
        }
        Expr::Total(body) => (Expr::Total(Box::new(rewrite(*body, table, place).0)), false),
        Expr::Predicate(predicate) => leaf(predicate, table, place),
        Expr::Keyword(_) | Expr::Const(_) => (expr, false),
    }
}

fn rewrite_all(items: Vec<Expr>, table: &dyn NullTable, place: Place) -> (Vec<Expr>, bool) {
    let mut null = false;
    let items = items
        .into_iter()
        .map(|item| {
            let (item, item_null) = rewrite(item, table, place);
            null |= item_null;
            item
        })
        .collect();
    (items, null)
}

fn leaf(predicate: Predicate, table: &dyn NullTable, place: Place) -> (Expr, bool) {
    let policy = table.policy(&predicate);
    let required = policy == Policy::AbsentTrue || table.accepts_absent(&predicate);
    let null = matches!(policy, Policy::AbsentNull | Policy::SomeNull);
    let guard_needed = null
        && !matches!(predicate.test, Test::HasValue | Test::Exists)
        && ((place.under_not && !table.has_total()) || (place.under_or && !table.is_kleene()));
    if required || guard_needed {
        let still_null = null && !guard_needed;
        (guarded(predicate), still_null || policy == Policy::SomeNull)
    } else {
        (Expr::Predicate(predicate), null)
    }
}

/// `has_value(column) and test`, for both columns of a field reference.
fn guarded(predicate: Predicate) -> Expr {
    let mut items = vec![has_value(&predicate, &predicate.column)];
    if let Test::FieldReference { other, .. } = &predicate.test {
        items.push(has_value(&predicate, other));
    }
    items.push(Expr::Predicate(predicate));
    Expr::And(items)
}

fn has_value(predicate: &Predicate, column: &Column) -> Expr {
    Expr::Predicate(Predicate {
        leaf: LeafId::ADDED,
        item: predicate.item,
        column: column.clone(),
        test: Test::HasValue,
        span: predicate.span,
    })
}

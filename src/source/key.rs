//! Whether two keys of a mapping are the same.
//!
//! Scalars are the same key if they have the same text, however they are quoted (`1` and `"1"` too), since a
//! reader of the tree asks for keys by text; every spelling of null is one key.

use super::{Entry, Node, NodeValue, Scalar, ScalarKind};
use std::cmp::Ordering;

/// From how many entries on sorting is faster than comparing all pairs.
const SMALL: usize = 16;

/// Pairs of entries (first, repeated) with the same key, in the order of the repetitions.
pub(super) fn duplicates(entries: &[Entry]) -> Vec<(&Entry, &Entry)> {
    let mut found = Vec::new();
    if entries.len() <= SMALL {
        for (index, entry) in entries.iter().enumerate() {
            if let Some(first) = entries
                .iter()
                .take(index)
                .find(|first| same(&first.key, &entry.key))
            {
                found.push((first, entry));
            }
        }
        return found;
    }
    let mut sorted: Vec<(usize, &Entry)> = entries.iter().enumerate().collect();
    sorted.sort_by(|left, right| compare(&left.1.key, &right.1.key).then(left.0.cmp(&right.0)));
    let mut pairs: Vec<(usize, (&Entry, &Entry))> = Vec::new();
    for group in sorted.chunk_by(|left, right| compare(&left.1.key, &right.1.key).is_eq()) {
        if let Some(((_, first), repeated)) = group.split_first() {
            pairs.extend(repeated.iter().map(|(index, entry)| (*index, (*first, *entry))));
        }
    }
    pairs.sort_by_key(|pair| pair.0);
    found.extend(pairs.into_iter().map(|pair| pair.1));
    found
}

#[inline]
fn same(left: &Node, right: &Node) -> bool {
    if let (NodeValue::Scalar(left), NodeValue::Scalar(right)) = (&left.value, &right.value) {
        return identity(left) == identity(right);
    }
    compare(left, right).is_eq()
}

#[inline]
fn identity(scalar: &Scalar) -> Option<&str> {
    (scalar.kind != ScalarKind::Null).then_some(scalar.text.as_str())
}

/// Orders nodes by what they hold, without spans. As deep as the tree, whose depth is limited.
fn compare(left: &Node, right: &Node) -> Ordering {
    match (&left.value, &right.value) {
        (NodeValue::Scalar(left), NodeValue::Scalar(right)) => identity(left).cmp(&identity(right)),
        (NodeValue::Scalar(_), _) | (NodeValue::Sequence(_), NodeValue::Mapping(_)) => Ordering::Less,
        (NodeValue::Sequence(left), NodeValue::Sequence(right)) => {
            let pairs = left.iter().zip(right);
            first_difference(pairs.map(|(left, right)| compare(left, right)))
                .then(left.len().cmp(&right.len()))
        }
        (NodeValue::Mapping(left), NodeValue::Mapping(right)) => {
            let pairs = left.iter().zip(right);
            first_difference(pairs.map(|(left, right)| {
                compare(&left.key, &right.key).then_with(|| compare(&left.value, &right.value))
            }))
            .then(left.len().cmp(&right.len()))
        }
        (NodeValue::Sequence(_) | NodeValue::Mapping(_), _) => Ordering::Greater,
    }
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

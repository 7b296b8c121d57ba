//! From the items of a condition to its logic.
//!
//! The one place where links, negation, several columns and null values become boolean logic.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::lower::{Expr, Keyword, LeafId, Predicate, Test};
use crate::normalize::{
    Column, DetectionNode, FieldReference, Item, ItemValue, Link, Logic, NormalCondition, NormalRule,
    Pattern, PatternPart, Pending, PendingPart, Value,
};
use crate::rule::Operator;

/// The deepest nesting of a condition with its detections: 500 levels of the condition, 128 of YAML, and room for
/// what filters and pipelines add.
const DEPTH_LIMIT: usize = 700;

/// The logic of one condition of a rule. Every value becomes part of a leaf, or an error is pushed and the result is `None`.
pub fn lower(rule: &NormalRule, condition: &NormalCondition, diagnostics: &mut Diagnostics) -> Option<Expr> {
    let mut lowering = Lowering {
        rule,
        condition: condition.span,
        next_leaf: 0,
        diagnostics,
    };
    lowering.logic(&condition.root, 0)
}

struct Lowering<'a> {
    rule: &'a NormalRule,
    condition: Span,
    next_leaf: u32,
    diagnostics: &'a mut Diagnostics,
}

/// Values of one item that share a leaf, or stand alone.
enum Group<'a> {
    AnyOf(Vec<Pattern>, Span),
    AllOf(Vec<Pattern>, Span),
    Single(&'a Value, Span),
    Alternatives(Vec<Group<'a>>),
}

/// What a value asks: a positive test, or that it fails.
enum Asked<'a> {
    Holds(Test),
    Fails(Test),
    Compares(&'a FieldReference),
}

impl<'a> Lowering<'a> {
    fn error(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(Diagnostic {
            rule: Some(self.rule.metadata.label().to_owned()),
            ..diagnostic
        });
    }

    /// All parts, so that every fault is reported; `None` if any failed.
    fn each<T>(
        &mut self,
        parts: impl IntoIterator<Item = T>,
        mut step: impl FnMut(&mut Self, T) -> Option<Expr>,
    ) -> Option<Vec<Expr>> {
        let lowered: Vec<Option<Expr>> = parts.into_iter().map(|part| step(self, part)).collect();
        lowered.into_iter().collect()
    }

    fn too_deep(&mut self) {
        let title = format!("condition and detections are nested more than {DEPTH_LIMIT} levels deep");
        self.error(
            Diagnostic::error(Code::CONDITION_TOO_DEEP, title, self.condition)
                .with_help("split the condition into named detections"),
        );
    }

    fn logic(&mut self, logic: &'a Logic, depth: usize) -> Option<Expr> {
        if depth > DEPTH_LIMIT {
            self.too_deep();
            return None;
        }
        match logic {
            Logic::And(parts) => Some(Expr::all(
                self.each(parts, |this, part| this.logic(part, depth + 1))?,
            )),
            Logic::Or(parts) => Some(Expr::any(
                self.each(parts, |this, part| this.logic(part, depth + 1))?,
            )),
            Logic::Not(body) => Some(self.logic(body, depth + 1)?.negate()),
            Logic::Detection(index) => self.detection(*index, depth + 1),
        }
    }

    fn detection(&mut self, index: usize, depth: usize) -> Option<Expr> {
        let rule = self.rule;
        let Some(detection) = rule.detections.get(index) else {
            let title = format!("the condition names detection number {index}, which does not exist");
            self.error(Diagnostic::error(
                Code::UNDEFINED_DETECTION,
                title,
                self.condition,
            ));
            return None;
        };
        self.node(&detection.body, detection.span, depth)
    }

    fn node(&mut self, node: &'a DetectionNode, span: Span, depth: usize) -> Option<Expr> {
        if depth > DEPTH_LIMIT {
            self.too_deep();
            return None;
        }
        match node {
            DetectionNode::All(nodes) | DetectionNode::Any(nodes) if nodes.is_empty() => {
                self.error(
                    Diagnostic::error(Code::EMPTIED_DETECTION, "a detection has no item left", span)
                        .with_help("keep at least one item: an empty detection would match every event"),
                );
                None
            }
            DetectionNode::All(nodes) => Some(Expr::all(
                self.each(nodes, |this, node| this.node(node, span, depth + 1))?,
            )),
            DetectionNode::Any(nodes) => Some(Expr::any(
                self.each(nodes, |this, node| this.node(node, span, depth + 1))?,
            )),
            DetectionNode::Item(item) => self.item(item),
        }
    }

    fn item(&mut self, item: &'a Item) -> Option<Expr> {
        if item.field.is_some() && item.columns.is_empty() {
            let title = "a field has no column in the target";
            self.error(Diagnostic::error(Code::UNMAPPED_FIELD, title, item.span));
            return None;
        }
        if item.values.is_empty() {
            let title = "a detection item has no value";
            self.error(Diagnostic::error(Code::EMPTY_VALUE_LIST, title, item.span));
            return None;
        }
        let groups = match item.link {
            Link::Any => any_groups(item.values.iter().map(|value| (&value.value, value.span)), item),
            Link::All => all_groups(item),
        };
        let parts = self.each(groups, |this, group| this.group(item, group))?;
        let whole = match item.link {
            Link::Any => Expr::any(parts),
            Link::All => Expr::all(parts),
        };
        Some(if item.negated { whole.negate() } else { whole })
    }

    fn group(&mut self, item: &'a Item, group: Group<'a>) -> Option<Expr> {
        match group {
            Group::AnyOf(patterns, span) => Some(self.test(item, one_or(patterns, Test::AnyOf), span)),
            Group::AllOf(patterns, span) => Some(self.test(item, one_or(patterns, Test::AllOf), span)),
            Group::Alternatives(groups) => Some(Expr::any(
                self.each(groups, |this, group| this.group(item, group))?,
            )),
            Group::Single(value, span) => match self.asked(item, value, span)? {
                Asked::Holds(test) => Some(self.test(item, test, span)),
                Asked::Fails(test) => Some(self.test(item, test, span).negate()),
                Asked::Compares(reference) => Some(self.pairs(item, reference, span)),
            },
        }
    }

    /// What a value asks that is neither a pattern nor alternatives.
    fn asked(&mut self, item: &Item, value: &'a Value, span: Span) -> Option<Asked<'a>> {
        if item.field.is_none() && !matches!(value, Value::Regex(_) | Value::Pending(_)) {
            let title = "a keyword is neither text nor a number";
            self.error(
                Diagnostic::error(Code::INVALID_VALUE, title, span)
                    .with_help("name the field that the value is about"),
            );
            return None;
        }
        Some(match value {
            Value::Pattern(pattern) => Asked::Holds(Test::Equals(pattern.clone())),
            Value::Number(number) => Asked::Holds(Test::Number(Operator::Equal, number.clone())),
            Value::Compare(Operator::NotEqual, number) => {
                Asked::Fails(Test::Number(Operator::Equal, number.clone()))
            }
            Value::Compare(operator, number) => Asked::Holds(Test::Number(*operator, number.clone())),
            Value::Bool(boolean) => Asked::Holds(Test::Bool(*boolean)),
            Value::Null => Asked::Fails(Test::HasValue),
            Value::Regex(regex) => Asked::Holds(Test::Regex(regex.clone())),
            Value::Cidr(network) => Asked::Holds(Test::Cidr(*network)),
            Value::Exists(true) => Asked::Holds(Test::Exists),
            Value::Exists(false) => Asked::Fails(Test::Exists),
            Value::FieldReference(reference) if reference.columns.is_empty() => {
                let title = "a referenced field has no column in the target";
                self.error(Diagnostic::error(Code::UNMAPPED_FIELD, title, span));
                return None;
            }
            Value::FieldReference(reference) => Asked::Compares(reference),
            Value::TimePart(part, Operator::NotEqual, number) => {
                Asked::Fails(Test::TimePart(*part, Operator::Equal, number.clone()))
            }
            Value::TimePart(part, operator, number) => {
                Asked::Holds(Test::TimePart(*part, *operator, number.clone()))
            }
            Value::QueryExpression(text) => Asked::Holds(Test::QueryExpression(text.clone())),
            Value::Pending(pending) => {
                self.unresolved(pending, span);
                return None;
            }
            Value::Alternatives(_) => {
                let title = "alternatives of a value are nested";
                self.error(Diagnostic::error(Code::INVALID_VALUE, title, span));
                return None;
            }
        })
    }

    fn unresolved(&mut self, pending: &Pending, span: Span) {
        let names: Vec<String> = pending
            .parts
            .iter()
            .filter_map(|part| match part {
                PendingPart::Placeholder(name) => Some(format!("%{name}%")),
                PendingPart::Literal(_) | PendingPart::AnyOne | PendingPart::AnyRun => None,
            })
            .collect();
        let title = match names.as_slice() {
            [] => "a value waits for a pipeline".to_owned(),
            [name] => format!("placeholder {name} is not resolved"),
            several => format!("placeholders {} are not resolved", several.join(", ")),
        };
        self.error(
            Diagnostic::error(Code::UNRESOLVED_PLACEHOLDER, title, span).with_help(
                "add a pipeline that gives the placeholder its values, or drop the modifier expand",
            ),
        );
    }

    /// A test of any of the item's columns, or of keywords.
    fn test(&mut self, item: &Item, test: Test, span: Span) -> Expr {
        if item.field.is_none() {
            let leaf = self.leaf();
            return Expr::Keyword(Keyword {
                leaf,
                item: item.id,
                test,
                span,
            });
        }
        Expr::any(
            item.columns
                .iter()
                .map(|column| self.predicate(item, column, test.clone(), span))
                .collect(),
        )
    }

    /// A comparison of any pair of columns.
    fn pairs(&mut self, item: &Item, reference: &FieldReference, span: Span) -> Expr {
        let mut parts = Vec::with_capacity(item.columns.len() * reference.columns.len());
        for column in &item.columns {
            for other in &reference.columns {
                let test = Test::FieldReference {
                    other: other.clone(),
                    relation: reference.relation,
                    cased: reference.cased,
                };
                parts.push(self.predicate(item, column, test, span));
            }
        }
        Expr::any(parts)
    }

    fn predicate(&mut self, item: &Item, column: &Column, test: Test, span: Span) -> Expr {
        Expr::Predicate(Predicate {
            leaf: self.leaf(),
            item: item.id,
            column: column.clone(),
            test,
            span,
        })
    }

    fn leaf(&mut self) -> LeafId {
        let leaf = LeafId(self.next_leaf);
        self.next_leaf = self.next_leaf.saturating_add(1);
        leaf
    }
}

/// Any of the values: all patterns in one group, at the place of the first.
fn any_groups<'a>(values: impl Iterator<Item = (&'a Value, Span)>, item: &Item) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    let mut patterns: Vec<(Pattern, Span)> = Vec::new();
    let mut place = 0;
    let mut pending: Vec<(&Value, Span)> = values.collect();
    pending.reverse();
    while let Some((value, span)) = pending.pop() {
        if let Value::Alternatives(alternatives) = value {
            pending.extend(alternatives.iter().rev().map(|alternative| (alternative, span)));
        } else if let Some(pattern) = text_pattern(value, item) {
            if patterns.is_empty() {
                place = groups.len();
            }
            patterns.push((pattern, span));
        } else {
            groups.push(Group::Single(value, span));
        }
    }
    if let Some(span) = common_span(&patterns, item) {
        let patterns = patterns.into_iter().map(|(pattern, _)| pattern).collect();
        groups.insert(place, Group::AnyOf(patterns, span));
    }
    groups
}

/// All of the values: with one column, all patterns share a leaf at the place of the first. With several columns, each
/// value may be met by another column.
fn all_groups(item: &Item) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    let mut patterns: Vec<(Pattern, Span)> = Vec::new();
    let mut place = 0;
    for ItemValue { value, span } in &item.values {
        if let Value::Alternatives(alternatives) = value {
            let values = alternatives.iter().map(|alternative| (alternative, *span));
            groups.push(Group::Alternatives(any_groups(values, item)));
        } else if let Some(pattern) = text_pattern(value, item) {
            if item.columns.len() > 1 {
                groups.push(Group::AllOf(vec![pattern], *span));
                continue;
            }
            if patterns.is_empty() {
                place = groups.len();
            }
            patterns.push((pattern, *span));
        } else {
            groups.push(Group::Single(value, *span));
        }
    }
    if let Some(span) = common_span(&patterns, item) {
        let patterns = patterns.into_iter().map(|(pattern, _)| pattern).collect();
        groups.insert(place, Group::AllOf(patterns, span));
    }
    groups
}

/// The pattern of a text value; a number among keywords is searched for as its text.
fn text_pattern(value: &Value, item: &Item) -> Option<Pattern> {
    if let Value::Pattern(pattern) = value {
        return Some(pattern.clone());
    }
    match (value, &item.field) {
        (Value::Number(number), None) => Some(Pattern {
            parts: vec![
                PatternPart::AnyRun,
                PatternPart::Literal(number.text.clone()),
                PatternPart::AnyRun,
            ],
            cased: false,
        }),
        _ => None,
    }
}

/// The span that all patterns come from, else the item's.
fn common_span(patterns: &[(Pattern, Span)], item: &Item) -> Option<Span> {
    let (_, first) = patterns.first()?;
    let same = patterns.iter().all(|(_, span)| span == first);
    Some(if same { *first } else { item.span })
}

fn one_or(mut patterns: Vec<Pattern>, several: fn(Vec<Pattern>) -> Test) -> Test {
    match (patterns.pop(), patterns.is_empty()) {
        (Some(only), true) => Test::Equals(only),
        (Some(last), false) => {
            patterns.push(last);
            several(patterns)
        }
        (None, _) => several(patterns),
    }
}

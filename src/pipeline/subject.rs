//! The rule on its way through the steps, and the two ways in which steps go over it: names and items.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::normalize::{Column, DetectionNode, Item, ItemId, Logic, NormalRule, Value};
use crate::pipeline::Pipeline;
use crate::pipeline::history::History;
use crate::pipeline::model::Step;

/// A name outside of detections (`fields`, group-by …) with the columns that it has become.
#[derive(Clone, Debug)]
pub(super) struct NameEntry {
    /// Where the name stands.
    pub(super) span: Span,
    pub(super) columns: Vec<Column>,
}

/// A rule in work.
pub(super) struct Subject<'run> {
    pub(super) rule: NormalRule,
    /// The rule's `fields`, then further names of the caller.
    pub(super) names: Vec<NameEntry>,
    pub(super) history: History,
    /// All pipelines, for their variables.
    pub(super) pipelines: &'run [&'run Pipeline],
    /// Items that were dropped, each with the step that did it.
    pub(super) dropped: Vec<(ItemId, Arc<str>)>,
    /// Whether the last step changed the log source.
    pub(super) log_source_changed: bool,
    /// Whether a condition names the detection of the same index; others mean nothing and stay as they are.
    used: Vec<bool>,
    next_item: u32,
}

/// What a step does to an item.
pub(super) enum Change {
    /// Nothing.
    None,
    /// It was changed in place.
    Changed,
    /// It is to be dropped.
    Drop,
    /// Other items take its place.
    Replace(DetectionNode),
}

/// Which columns of an item the field name conditions of a step fit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    None,
    Some,
    All,
}

/// What is left of a node.
enum Outcome {
    Kept,
    /// All that it held was dropped.
    Emptied,
    /// A list lost some of its alternatives, not all.
    Broken,
}

impl<'run> Subject<'run> {
    pub(super) fn new(rule: NormalRule, names: Vec<NameEntry>, pipelines: &'run [&'run Pipeline]) -> Self {
        let mut used = vec![false; rule.detections.len()];
        for condition in &rule.conditions {
            mark_used(&condition.root, &mut used);
        }
        let next_item = rule
            .detections
            .iter()
            .map(|detection| highest_item(&detection.body).saturating_add(1))
            .max()
            .unwrap_or(0);
        Self {
            rule,
            names,
            history: History::default(),
            pipelines,
            dropped: Vec::new(),
            log_source_changed: false,
            used,
            next_item,
        }
    }

    /// Whether a condition names a detection.
    pub(super) fn is_used(&self, detection: usize) -> bool {
        self.used.get(detection).copied().unwrap_or(false)
    }

    /// An id that no item has.
    pub(super) fn new_item(&mut self) -> ItemId {
        let id = ItemId(self.next_item);
        self.next_item = self.next_item.saturating_add(1);
        id
    }

    /// Marks a detection that was added as used.
    pub(super) fn use_added(&mut self) {
        self.used.push(true);
    }

    /// Goes over the items that the step's conditions hold for. `references`: whether a field name in a value, which
    /// a field name condition fits, brings the whole item to the step too.
    pub(super) fn items(
        &mut self,
        step: &Step,
        references: bool,
        diagnostics: &mut Diagnostics,
        change: &mut dyn FnMut(&mut Item, &mut Diagnostics) -> Change,
    ) {
        let mut detections = std::mem::take(&mut self.rule.detections);
        for (index, detection) in detections.iter_mut().enumerate() {
            if !self.is_used(index) {
                continue;
            }
            let outcome = walk(&mut detection.body, &mut |item| {
                self.item(step, references, item, diagnostics, change)
            });
            let title = match outcome {
                Outcome::Kept => continue,
                Outcome::Emptied => format!("the pipeline drops all of the detection `{}`", detection.name),
                Outcome::Broken => format!(
                    "the pipeline drops some alternatives of a list in the detection `{}`, not all",
                    detection.name
                ),
            };
            let help = "let the transformation's conditions leave an item, or the rule out";
            diagnostics.push(
                Diagnostic::error(Code::EMPTIED_DETECTION, title, detection.span)
                    .with_label(step.span, format!("dropped by `{}`", step.id))
                    .with_help(help),
            );
        }
        self.rule.detections = detections;
    }

    fn item(
        &mut self,
        step: &Step,
        references: bool,
        item: &mut Item,
        diagnostics: &mut Diagnostics,
        change: &mut dyn FnMut(&mut Item, &mut Diagnostics) -> Change,
    ) -> Change {
        if !self.item_fits(step, item) {
            return Change::None;
        }
        match self.reach(step, references, item) {
            Reach::None => return Change::None,
            Reach::All => {}
            Reach::Some => {
                let mut probe = item.clone();
                if !matches!(change(&mut probe, diagnostics), Change::None) {
                    diagnostics.push(partial(step, item));
                }
                return Change::None;
            }
        }
        let mut result = change(item, diagnostics);
        match &mut result {
            Change::None => {}
            Change::Changed => record(item, &step.id),
            Change::Replace(node) => record_all(node, &step.id),
            Change::Drop => {
                self.dropped.push((item.id, Arc::clone(&step.id)));
                let name = item.field.as_deref().unwrap_or("keyword");
                let title = format!("the pipeline drops the item `{name}`");
                diagnostics.push(
                    Diagnostic::note(Code::DROPPED_ITEM, title, item.span)
                        .with_label(step.span, format!("dropped by `{}`", step.id)),
                );
            }
        }
        result
    }

    fn item_fits(&self, step: &Step, item: &Item) -> bool {
        step.item_conditions
            .hold(|condition| condition.holds(item, &self.rule.state))
    }

    fn reach(&self, step: &Step, references: bool, item: &Item) -> Reach {
        let holds = |name: Option<&str>| {
            step.field_conditions
                .hold(|condition| condition.holds(name, Some(item), &self.rule.state, &self.history))
        };
        if item.columns.is_empty() {
            return if holds(None) { Reach::All } else { Reach::None };
        }
        let fitting = item
            .columns
            .iter()
            .filter(|column| holds(Some(&column.name)))
            .count();
        if fitting == item.columns.len() {
            return Reach::All;
        }
        let referred = references
            && item.values.iter().any(|value| {
                matches!(&value.value, Value::FieldReference(reference)
                    if reference.columns.iter().any(|column| holds(Some(&column.name))))
            });
        match (referred, fitting) {
            (true, _) => Reach::All,
            (false, 0) => Reach::None,
            (false, _) => Reach::Some,
        }
    }

    /// Gives names new names: of items, of field references and of the lists of names. `None` from `map` keeps a
    /// name. `keywords` are the columns that items without a field get.
    pub(super) fn map_names(
        &mut self,
        step: &Step,
        keywords: Option<&[Arc<str>]>,
        map: &dyn Fn(&str) -> Option<Vec<Arc<str>>>,
    ) {
        let mut detections = std::mem::take(&mut self.rule.detections);
        for (index, detection) in detections.iter_mut().enumerate() {
            if !self.is_used(index) {
                continue;
            }
            // No item is dropped here, so that every outcome is `Kept`.
            let _ = walk(&mut detection.body, &mut |item| {
                if self.item_fits(step, item) {
                    self.map_item(step, keywords, map, item);
                }
                Change::None
            });
        }
        self.rule.detections = detections;
        let mut names = std::mem::take(&mut self.names);
        for entry in &mut names {
            self.map_columns(step, map, &mut entry.columns);
        }
        self.names = names;
    }

    fn map_item(
        &mut self,
        step: &Step,
        keywords: Option<&[Arc<str>]>,
        map: &dyn Fn(&str) -> Option<Vec<Arc<str>>>,
        item: &mut Item,
    ) {
        let mut changed = false;
        for value in &mut item.values {
            if let Value::FieldReference(reference) = &mut value.value {
                changed |= self.map_columns(step, map, &mut reference.columns);
            }
        }
        if !item.columns.is_empty() {
            changed |= self.map_columns(step, map, &mut item.columns);
        } else if let (Some(keywords), None) = (keywords, &item.field)
            && self.name_fits(step, None)
        {
            // The values of keywords are `*…*` already: the fields are searched, as the events were.
            item.field = keywords.first().map(|name| name.to_string());
            item.columns = keywords.iter().map(|name| Column::unknown(name)).collect();
            changed = true;
        }
        if changed {
            record(item, &step.id);
        }
    }

    fn name_fits(&self, step: &Step, name: Option<&str>) -> bool {
        step.field_conditions
            .hold(|condition| condition.holds(name, None, &self.rule.state, &self.history))
    }

    fn map_columns(
        &mut self,
        step: &Step,
        map: &dyn Fn(&str) -> Option<Vec<Arc<str>>>,
        columns: &mut Vec<Column>,
    ) -> bool {
        let mut changed = false;
        let mut mapped: Vec<Column> = Vec::with_capacity(columns.len());
        let add = |column: Column, mapped: &mut Vec<Column>| {
            if !mapped.contains(&column) {
                mapped.push(column);
            }
        };
        for column in columns.drain(..) {
            match map(&column.name) {
                Some(names) if self.name_fits(step, Some(&column.name)) => {
                    changed = true;
                    for name in names {
                        self.history.record_name(&column.name, &name, &step.id);
                        let column = Column {
                            name,
                            kind: None,
                            member_of: 0,
                        };
                        add(column, &mut mapped);
                    }
                }
                _ => add(column, &mut mapped),
            }
        }
        *columns = mapped;
        changed
    }
}

fn partial(step: &Step, item: &Item) -> Diagnostic {
    let names: Vec<&str> = item.columns.iter().map(|column| &*column.name).collect();
    let title = format!(
        "a transformation fits only some columns of the field `{}`",
        item.field.as_deref().unwrap_or_default()
    );
    let help = format!(
        "let its field name conditions fit all of {}, or none, or place it before the mapping",
        names.join(", ")
    );
    Diagnostic::error(Code::PARTIAL_TRANSFORMATION, title, item.span)
        .with_label(step.span, format!("the transformation `{}`", step.id))
        .with_help(help)
}

fn record(item: &mut Item, step: &Arc<str>) {
    if !item.applied.contains(step) {
        item.applied.push(Arc::clone(step));
    }
}

fn record_all(node: &mut DetectionNode, step: &Arc<str>) {
    match node {
        DetectionNode::All(nodes) | DetectionNode::Any(nodes) => {
            for node in nodes {
                record_all(node, step);
            }
        }
        DetectionNode::Item(item) => record(item, step),
    }
}

/// Goes over the items of a tree in order and drops or replaces them. A drop says that the target makes the item true:
/// a map goes on without it; a list whose alternatives are all dropped is dropped itself. A list that loses only some
/// would be true as a whole, or narrower, as one reads it: it is `Broken`.
fn walk(node: &mut DetectionNode, change: &mut dyn FnMut(&mut Item) -> Change) -> Outcome {
    match node {
        DetectionNode::Item(item) => match change(item) {
            Change::None | Change::Changed => Outcome::Kept,
            Change::Drop => Outcome::Emptied,
            Change::Replace(new) => {
                *node = new;
                Outcome::Kept
            }
        },
        DetectionNode::All(nodes) => {
            let (dropped, broken) = walk_all(nodes, change);
            flatten(nodes, |node| match node {
                DetectionNode::All(nodes) => Ok(nodes),
                other @ (DetectionNode::Any(_) | DetectionNode::Item(_)) => Err(other),
            });
            outcome(broken, dropped > 0 && nodes.is_empty())
        }
        DetectionNode::Any(nodes) => {
            let (dropped, broken) = walk_all(nodes, change);
            flatten(nodes, |node| match node {
                DetectionNode::Any(nodes) => Ok(nodes),
                other @ (DetectionNode::All(_) | DetectionNode::Item(_)) => Err(other),
            });
            outcome(broken || (dropped > 0 && !nodes.is_empty()), dropped > 0)
        }
    }
}

fn outcome(broken: bool, emptied: bool) -> Outcome {
    match (broken, emptied) {
        (true, _) => Outcome::Broken,
        (false, true) => Outcome::Emptied,
        (false, false) => Outcome::Kept,
    }
}

/// Walks the nodes of a group and removes those that were emptied; how many, and whether one is broken.
fn walk_all(nodes: &mut Vec<DetectionNode>, change: &mut dyn FnMut(&mut Item) -> Change) -> (usize, bool) {
    let mut broken = false;
    let before = nodes.len();
    nodes.retain_mut(|node| match walk(node, change) {
        Outcome::Kept => true,
        Outcome::Emptied => false,
        Outcome::Broken => {
            broken = true;
            true
        }
    });
    (before - nodes.len(), broken)
}

/// Takes the nodes of inner groups of the same kind into the outer one, so that replacements do not nest.
fn flatten(
    nodes: &mut Vec<DetectionNode>,
    inner: fn(DetectionNode) -> std::result::Result<Vec<DetectionNode>, DetectionNode>,
) {
    let all = nodes.iter().all(|node| matches!(node, DetectionNode::Item(_)));
    if all {
        return;
    }
    for node in std::mem::take(nodes) {
        match inner(node) {
            Ok(inner) => nodes.extend(inner),
            Err(node) => nodes.push(node),
        }
    }
}

fn mark_used(logic: &Logic, used: &mut [bool]) {
    match logic {
        Logic::And(parts) | Logic::Or(parts) => {
            for part in parts {
                mark_used(part, used);
            }
        }
        Logic::Not(part) => mark_used(part, used),
        Logic::Detection(index) => {
            if let Some(flag) = used.get_mut(*index) {
                *flag = true;
            }
        }
    }
}

fn highest_item(node: &DetectionNode) -> u32 {
    match node {
        DetectionNode::All(nodes) | DetectionNode::Any(nodes) => {
            nodes.iter().map(highest_item).max().unwrap_or(0)
        }
        DetectionNode::Item(item) => item.id.0,
    }
}

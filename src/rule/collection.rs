//! Legacy collections: `action: global`, `reset` and `repeat`, merged before documents are typed.
//!
//! Parts keep the span of the document that they were written in. A file without `action` passes through
//! untouched. The nodes that merging may add are limited, since every document can repeat a large one.

use super::attributes::nearest;
use super::reading::{FailedDocument, label};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::source::{Entry, Node, NodeValue};
use std::collections::HashMap;

const ACTIONS: [&str; 3] = ["global", "reset", "repeat"];

/// How many nodes the collections of one source may add.
const ADDED_NODES_LIMIT: usize = 200_000;

/// The documents of a source with all actions carried out.
pub(super) fn expand(
    roots: Vec<Node>,
    diagnostics: &mut Diagnostics,
    failed: &mut Vec<FailedDocument>,
) -> Vec<Node> {
    if roots.iter().all(|root| root.get("action").is_none()) {
        return roots;
    }
    let mut expansion = Expansion {
        documents: Vec::with_capacity(roots.len()),
        global: None,
        previous: None,
        added: 0,
        diagnostics,
        failed,
    };
    for root in roots {
        expansion.take(root);
    }
    expansion.documents
}

struct Expansion<'a> {
    documents: Vec<Node>,
    /// What `global` documents have gathered, with its size.
    global: Option<(Node, usize)>,
    /// Index of the document that `repeat` merges into.
    previous: Option<usize>,
    added: usize,
    diagnostics: &'a mut Diagnostics,
    failed: &'a mut Vec<FailedDocument>,
}

impl Expansion<'_> {
    fn take(&mut self, mut root: Node) {
        let Some(action) = remove(&mut root, "action") else {
            self.document(root);
            return;
        };
        match action.text() {
            Some("global") => match &mut self.global {
                Some((global, size)) => {
                    *size += size_of(&root);
                    merge(global, root);
                }
                None => {
                    let size = size_of(&root);
                    self.global = Some((root, size));
                }
            },
            Some("reset") => self.reset(&root, action.span),
            Some("repeat") => self.repeat(root, action.span),
            Some(_) | None => self.unknown(&root, &action),
        }
    }

    fn document(&mut self, mut root: Node) {
        let receives =
            root.mapping().is_some() && root.get("correlation").is_none() && root.get("filter").is_none();
        if receives && let Some((global, size)) = self.global.take() {
            if !self.fits(size, root.span, &root) {
                self.global = Some((global, size));
                return;
            }
            merge(&mut root, global.clone());
            self.global = Some((global, size));
        }
        self.emit(root);
    }

    fn emit(&mut self, root: Node) {
        if root.mapping().is_some() {
            self.previous = Some(self.documents.len());
        }
        self.documents.push(root);
    }

    fn reset(&mut self, root: &Node, action: Span) {
        if root.mapping().is_some_and(|entries| !entries.is_empty()) {
            let title = "document with `action: reset` holds more than the action";
            let help = "move the rest into a document of its own";
            self.refuse(root, title, action, help);
        }
        self.global = None;
    }

    fn repeat(&mut self, root: Node, action: Span) {
        let Some(previous) = self.previous.and_then(|index| self.documents.get(index)) else {
            let help = "put it after the rule that it repeats";
            self.refuse(&root, "`action: repeat` has no document before it", action, help);
            return;
        };
        let mut repeated = previous.clone();
        if !self.fits(size_of(&repeated), action, &root) {
            return;
        }
        repeated.span = root.span;
        merge(&mut repeated, root);
        self.emit(repeated);
    }

    fn unknown(&mut self, root: &Node, action: &Node) {
        let written = action.text().unwrap_or_default();
        let help = match nearest(written, ACTIONS) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "use `global`, `reset` or `repeat`, or remove the attribute".to_owned(),
        };
        let title = match action.text() {
            Some(text) => format!("unknown action `{text}`"),
            None => format!("`action` is {}, not text", action.describe()),
        };
        self.refuse(root, &title, action.span, &help);
    }

    /// Counts added nodes; refuses the document that takes them above the limit.
    fn fits(&mut self, size: usize, at: Span, root: &Node) -> bool {
        self.added = self.added.saturating_add(size);
        let fits = self.added <= ADDED_NODES_LIMIT;
        if !fits {
            let title = format!("collection adds more than {ADDED_NODES_LIMIT} nodes");
            self.refuse(root, &title, at, "split the collection into several files");
        }
        fits
    }

    fn refuse(&mut self, root: &Node, title: &str, at: Span, help: &str) {
        let rule = label(root);
        let mut diagnostic = Diagnostic::error(Code::INVALID_ACTION, title, at).with_help(help);
        diagnostic.rule.clone_from(&rule);
        self.diagnostics.push(diagnostic);
        self.failed.push(FailedDocument {
            rule,
            span: root.span,
            findings: self.diagnostics.len() - 1..self.diagnostics.len(),
        });
    }
}

/// Takes a key out of a mapping.
fn remove(root: &mut Node, key: &str) -> Option<Node> {
    match &mut root.value {
        NodeValue::Mapping(entries) => {
            let index = entries.iter().position(|entry| entry.key.text() == Some(key))?;
            Some(entries.remove(index).value)
        }
        NodeValue::Scalar(_) | NodeValue::Sequence(_) => None,
    }
}

/// Merges `from` into `into`: mappings recursively, anything else is replaced. Recursion follows the depth of
/// the YAML, which the source stage limits.
fn merge(into: &mut Node, from: Node) {
    let from = match (&mut into.value, from.value) {
        (NodeValue::Mapping(entries), NodeValue::Mapping(added)) => {
            merge_entries(entries, added);
            return;
        }
        (_, value) => Node {
            span: from.span,
            value,
        },
    };
    *into = from;
}

fn merge_entries(entries: &mut Vec<Entry>, added: Vec<Entry>) {
    let mut places: HashMap<String, usize> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        if let Some(key) = entry.key.text() {
            places.insert(key.to_owned(), index);
        }
    }
    for entry in added {
        let place = entry.key.text().and_then(|key| places.get(key));
        match place.and_then(|index| entries.get_mut(*index)) {
            Some(existing) => {
                existing.key = entry.key;
                merge(&mut existing.value, entry.value);
            }
            None => entries.push(entry),
        }
    }
}

/// How many nodes a tree has, keys included.
fn size_of(node: &Node) -> usize {
    match &node.value {
        NodeValue::Scalar(_) => 1,
        NodeValue::Sequence(nodes) => 1 + nodes.iter().map(size_of).sum::<usize>(),
        NodeValue::Mapping(entries) => {
            1 + entries
                .iter()
                .map(|entry| size_of(&entry.key) + size_of(&entry.value))
                .sum::<usize>()
        }
    }
}

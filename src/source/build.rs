//! From events to trees: spans, aliases, tags, limits, duplicate keys.
//!
//! Children are moved into their parents, never copied. An anchored node is found again by its place in the
//! tree being built, so that an anchor costs nothing until an alias copies it.

use super::marks::Marks;
use super::node::{Entry, Node, NodeValue, Scalar, ScalarKind, ScalarStyle};
use super::{Limits, fault, key, resolve, syntax};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Result, Source, Span};
use saphyr_parser::{ScalarStyle as ParserStyle, Span as ParserSpan, Tag};
use std::borrow::Cow;
use std::collections::HashMap;

/// Where a node stands in the tree being built: a collection, and the how manyth child it is there.
#[derive(Clone, Copy)]
struct Place {
    collection: usize,
    child: usize,
}

/// A collection whose end was not read yet.
struct Open {
    children: Children,
    /// Its number in [`Builder::places`].
    number: usize,
    start: usize,
    end: usize,
    /// Written with brackets, or inside brackets.
    flow: bool,
    anchor: usize,
}

enum Children {
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>, Option<Node>),
}

/// Builds the tree of one document after the other.
pub(super) struct Builder<'a> {
    text: &'a str,
    source: &'a Source,
    limits: &'a Limits,
    diagnostics: &'a mut Diagnostics,
    pub(super) marks: Marks,
    has_tabs: bool,
    open: Vec<Open>,
    root: Option<Node>,
    /// The place of each collection of the document in its parent; none for the root.
    places: Vec<Option<Place>>,
    anchors: HashMap<usize, Option<Place>>,
    alias_nodes: usize,
    alias_bytes: usize,
    /// The document has an error: it is read on for further errors, and left out.
    failed: bool,
    errors: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: &'a Source, limits: &'a Limits, diagnostics: &'a mut Diagnostics) -> Self {
        let text = source.text.as_str();
        Self {
            text,
            source,
            limits,
            diagnostics,
            marks: Marks::new(text),
            has_tabs: memchr::memchr(b'\t', text.as_bytes()).is_some(),
            open: Vec::new(),
            root: None,
            places: Vec::new(),
            anchors: HashMap::new(),
            alias_nodes: 0,
            alias_bytes: 0,
            failed: false,
            errors: 0,
        }
    }

    pub(super) fn start_document(&mut self) {
        self.open.clear();
        self.root = None;
        self.places.clear();
        self.anchors.clear();
        self.alias_nodes = 0;
        self.alias_bytes = 0;
        self.failed = false;
    }

    /// The tree, unless the document had an error or nothing in it.
    pub(super) fn end_document(&mut self) -> Option<Node> {
        let root = self.root.take()?;
        let nothing = root.span.start == root.span.end
            && root
                .scalar()
                .is_some_and(|scalar| scalar.kind == ScalarKind::Null && scalar.text.is_empty());
        (!self.failed && !nothing).then_some(root)
    }

    /// Pushes an error of the document.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.failed = true;
        self.errors += 1;
        if self.errors <= self.limits.errors {
            self.diagnostics.push(diagnostic);
        } else if self.errors == self.limits.errors + 1 {
            let place = diagnostic.span().unwrap_or_default();
            let title = format!(
                "more than {} errors; the rest of the file is not read",
                self.limits.errors
            );
            self.diagnostics.push(
                Diagnostic::error(Code::TOO_MANY_ERRORS, title, place)
                    .with_help("correct the first errors, then check the file again"),
            );
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.limits.depth
    }

    /// Whether the file has more errors than the limit.
    pub(super) fn given_up(&self) -> bool {
        self.errors > self.limits.errors
    }

    #[allow(clippy::cast_possible_truncation)] // Texts are at most u32::MAX bytes long.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span {
            source: self.source.id,
            start: start as u32,
            end: end.max(start) as u32,
        }
    }

    fn bytes(&self, span: &ParserSpan) -> (usize, usize) {
        let start = self.marks.byte(&span.start);
        (start, self.marks.byte(&span.end).max(start))
    }

    fn at(&self, byte: usize) -> Option<u8> {
        self.text.as_bytes().get(byte).copied()
    }

    fn this_place(&self) -> Option<Place> {
        self.open.last().map(|open| Place {
            collection: open.number,
            child: open.children.count(),
        })
    }

    /// Puts a finished node where it belongs; `end` is where its text ends, which for an alias is not the node's.
    #[inline]
    fn push(&mut self, node: Node, end: usize) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        open.end = open.end.max(end);
        match &mut open.children {
            Children::Sequence(nodes) => nodes.push(node),
            Children::Mapping(entries, key) => match key.take() {
                Some(key) => entries.push(Entry { key, value: node }),
                None => *key = Some(node),
            },
        }
    }

    pub(super) fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ParserStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: &ParserSpan,
    ) {
        let style = match style {
            ParserStyle::Plain => ScalarStyle::Plain,
            ParserStyle::SingleQuoted => ScalarStyle::SingleQuoted,
            ParserStyle::DoubleQuoted => ScalarStyle::DoubleQuoted,
            ParserStyle::Literal => ScalarStyle::Literal,
            ParserStyle::Folded => ScalarStyle::Folded,
        };
        let properties = anchor != 0 || tag.is_some();
        let (start, end) = self.scalar_bytes(text.is_empty(), style, properties, span);
        if self.has_tabs {
            self.check_indentation(start);
        }
        if anchor != 0 {
            let place = self.this_place();
            self.anchors.insert(anchor, place);
        }
        let place = self.span(start, end);
        let kind = match tag {
            Some(tag) => self.tagged(tag, &text, place),
            None if style == ScalarStyle::Plain => resolve::resolve(&text),
            None => ScalarKind::Text,
        };
        let mut text = text.into_owned();
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if block && syntax::line_break_invented(self.text, start, self.bytes(span).1, &text) {
            text.pop();
        }
        let scalar = Scalar { text, style, kind };
        self.push(
            Node {
                span: place,
                value: NodeValue::Scalar(scalar),
            },
            end,
        );
    }

    /// Where the raw text of a scalar stands, without its anchor and tag; `empty` if it has no text.
    fn scalar_bytes(
        &self,
        empty: bool,
        style: ScalarStyle,
        properties: bool,
        span: &ParserSpan,
    ) -> (usize, usize) {
        let (mut start, mut end) = self.bytes(span);
        if properties {
            start = syntax::after_properties(self.text, start, end);
        }
        match style {
            ScalarStyle::Plain if empty => {
                // The parser's mark stands at the colon, after the dash, or at what follows.
                let value = matches!(
                    self.open.last(),
                    Some(Open {
                        children: Children::Mapping(_, Some(_)),
                        ..
                    })
                );
                start = match self.at(start) {
                    _ if properties => end,
                    Some(b':') if value => start + 1,
                    _ => start,
                };
                end = start;
            }
            ScalarStyle::Plain => {}
            ScalarStyle::SingleQuoted => end = syntax::single_quoted_end(self.text, start, end),
            ScalarStyle::DoubleQuoted => end = syntax::double_quoted_end(self.text, start, end),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                if properties {
                    start = syntax::after_block_header(self.text, start, end);
                }
                end = syntax::block_end(self.text, start, end);
            }
        }
        (start, end)
    }

    fn tagged(&mut self, tag: &Tag, text: &str, span: Span) -> ScalarKind {
        if tag.handle.is_empty() && tag.suffix == "!" {
            return ScalarKind::Text;
        }
        let name = syntax::core_tag(tag);
        let problem = match name.map(|name| (name, resolve::tagged(name, text))) {
            Some((_, Ok(kind))) => return kind,
            Some((name @ ("int" | "float" | "bool" | "null"), Err(()))) => fault::tag_mismatch(name, span),
            Some((_, Err(()))) | None => fault::unknown_tag(tag, span),
        };
        self.report(problem);
        ScalarKind::Text
    }

    pub(super) fn start_collection(
        &mut self,
        mapping: bool,
        anchor: usize,
        tag: Option<&Tag>,
        span: &ParserSpan,
    ) -> Result<()> {
        let (mut start, end) = self.bytes(span);
        if self.open.len() >= self.limits.depth {
            return Err(Box::new(fault::too_deep(
                self.limits.depth,
                self.span(start, start + 1),
            )));
        }
        if anchor != 0 || tag.is_some() {
            start = syntax::after_properties(self.text, start, end);
        }
        if let Some(tag) = tag {
            let fits = (tag.handle.is_empty() && tag.suffix == "!")
                || syntax::core_tag(tag) == Some(if mapping { "map" } else { "seq" });
            if !fits {
                let problem = fault::unknown_tag(tag, self.span(start, start));
                self.report(problem);
            }
        }
        if let (false, Some(parent)) = (mapping, self.open.last()) {
            start = match &parent.children {
                Children::Mapping(..) if !parent.flow => syntax::entry_start(self.text, start, parent.start),
                Children::Mapping(..) | Children::Sequence(_) => start,
            };
        }
        let bracket = matches!(self.at(start), Some(b'[' | b'{'));
        if self.has_tabs && !bracket {
            self.check_indentation(start);
        }
        let flow = bracket || self.open.last().is_some_and(|open| open.flow);
        let number = self.places.len();
        self.places.push(self.this_place());
        let children = if mapping {
            Children::Mapping(Vec::new(), None)
        } else {
            Children::Sequence(Vec::new())
        };
        self.open.push(Open {
            children,
            number,
            start,
            end: start,
            flow,
            anchor,
        });
        Ok(())
    }

    pub(super) fn end_collection(&mut self, span: &ParserSpan) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let mut end = open.end;
        // The end event of a block collection stands where the next token does, that of a pair without brackets
        // is empty, and that of a bracket goes on to the next token.
        let (closing, after) = self.bytes(span);
        if open.flow && after > closing && matches!(self.at(closing), Some(b']' | b'}')) {
            end = end.max(closing + 1);
        }
        if open.anchor != 0 {
            let place = self.this_place();
            self.anchors.insert(open.anchor, place);
        }
        let span = self.span(open.start, end);
        let value = match open.children {
            Children::Sequence(nodes) => NodeValue::Sequence(nodes),
            Children::Mapping(entries, _) => {
                let faults: Vec<_> = key::duplicates(&entries)
                    .into_iter()
                    .map(|(first, repeated)| fault::duplicate_key(&first.key, &repeated.key))
                    .collect();
                faults.into_iter().for_each(|fault| self.report(fault));
                NodeValue::Mapping(entries)
            }
        };
        self.push(Node { span, value }, end);
    }

    pub(super) fn alias(&mut self, anchor: usize, span: &ParserSpan) {
        let (start, end) = self.bytes(span);
        let place = self.span(start, end);
        let name = self.text.get(start..end).unwrap_or_default();
        let node = match self.expand(anchor, name, place) {
            Ok(node) => node,
            Err(diagnostic) => {
                // One error is enough for a document of ten thousand aliases.
                if !(self.failed && diagnostic.code == Code::ALIAS_EXPANSION) {
                    self.report(*diagnostic);
                }
                self.failed = true;
                let scalar = Scalar {
                    text: String::new(),
                    style: ScalarStyle::Plain,
                    kind: ScalarKind::Text,
                };
                Node {
                    span: place,
                    value: NodeValue::Scalar(scalar),
                }
            }
        };
        self.push(node, end);
    }

    fn expand(&mut self, anchor: usize, name: &str, place: Span) -> Result<Node> {
        let found = self
            .anchors
            .get(&anchor)
            .copied()
            .flatten()
            .and_then(|place| self.find(place));
        let Some(node) = found else {
            let inside = self.open.iter().any(|open| open.anchor == anchor);
            return Err(Box::new(fault::unresolved_alias(name, inside, place)));
        };
        let mut left = Left {
            nodes: self.limits.alias_nodes - self.alias_nodes,
            bytes: self.limits.file_bytes.saturating_sub(self.alias_bytes),
        };
        let before = left;
        if let Err(exceeded) = left.take(node, self.limits.depth - self.open.len()) {
            // Later aliases of the document fail at their first node, without a walk.
            self.alias_nodes = self.limits.alias_nodes;
            return Err(Box::new(match exceeded {
                Exceeded::Depth => fault::too_deep(self.limits.depth, place),
                Exceeded::Nodes => fault::too_many_nodes(self.limits.alias_nodes, place),
                Exceeded::Bytes => fault::too_many_bytes(self.limits.file_bytes, place),
            }));
        }
        let copy = node.clone();
        self.alias_nodes += before.nodes - left.nodes;
        self.alias_bytes += before.bytes - left.bytes;
        Ok(copy)
    }

    /// The finished node at a place: down through the open collections, then through finished ones.
    fn find(&self, place: Place) -> Option<&Node> {
        let mut path = vec![place.child];
        let mut collection = place.collection;
        while let Some(Some(parent)) = self.places.get(collection) {
            path.push(parent.child);
            collection = parent.collection;
        }
        let mut path = path.into_iter().rev();
        let mut open = self.open.iter();
        let mut node = loop {
            let child = path.next()?;
            if let Some(node) = open.next()?.children.get(child) {
                break node;
            }
        };
        for child in path {
            node = match &node.value {
                NodeValue::Scalar(_) => return None,
                NodeValue::Sequence(nodes) => nodes.get(child)?,
                NodeValue::Mapping(entries) => entry_part(entries.get(child / 2)?, child),
            };
        }
        Some(node)
    }

    /// A tab before a key or an entry of a block collection, where YAML wants spaces and the parser is lenient.
    fn check_indentation(&mut self, start: usize) {
        let block_key = match self.open.last() {
            None => true,
            Some(open) if open.flow => false,
            Some(open) => match &open.children {
                Children::Sequence(_) | Children::Mapping(_, None) => true,
                Children::Mapping(_, Some(_)) => false,
            },
        };
        if !block_key || self.failed {
            return;
        }
        if let Some(tab) = syntax::indentation_tab(self.text, start) {
            let span = self.span(tab, tab + 1);
            self.report(fault::tab(span));
        }
    }
}

impl Children {
    fn count(&self) -> usize {
        match self {
            Self::Sequence(nodes) => nodes.len(),
            Self::Mapping(entries, key) => 2 * entries.len() + usize::from(key.is_some()),
        }
    }

    fn get(&self, child: usize) -> Option<&Node> {
        match self {
            Self::Sequence(nodes) => nodes.get(child),
            Self::Mapping(entries, key) => match entries.get(child / 2) {
                Some(entry) => Some(entry_part(entry, child)),
                None => key.as_ref().filter(|_| child == 2 * entries.len()),
            },
        }
    }
}

fn entry_part(entry: &Entry, child: usize) -> &Node {
    if child.is_multiple_of(2) {
        &entry.key
    } else {
        &entry.value
    }
}

/// What aliases may still add.
#[derive(Clone, Copy)]
struct Left {
    nodes: usize,
    bytes: usize,
}

enum Exceeded {
    Depth,
    Nodes,
    Bytes,
}

impl Left {
    /// As deep as the tree, and at most as deep as `depth`; stops at the first limit.
    fn take(&mut self, node: &Node, depth: usize) -> std::result::Result<(), Exceeded> {
        self.nodes = self.nodes.checked_sub(1).ok_or(Exceeded::Nodes)?;
        let inner = || depth.checked_sub(1).ok_or(Exceeded::Depth);
        match &node.value {
            NodeValue::Scalar(scalar) => {
                self.bytes = self.bytes.checked_sub(scalar.text.len()).ok_or(Exceeded::Bytes)?;
            }
            NodeValue::Sequence(nodes) => {
                let inner = inner()?;
                nodes.iter().try_for_each(|node| self.take(node, inner))?;
            }
            NodeValue::Mapping(entries) => {
                let inner = inner()?;
                for entry in entries {
                    self.take(&entry.key, inner)?;
                    self.take(&entry.value, inner)?;
                }
            }
        }
        Ok(())
    }
}

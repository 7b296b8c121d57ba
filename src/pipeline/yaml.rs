//! Reads the one YAML document of a pipeline or schema file into a tree with spans.
//!
//! Keeps to what configuration needs: one document, a bounded depth, a bounded number of nodes from aliases.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle as Style, ScanError};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Result, Source, Span, collect};
use crate::source::{Entry, Node, NodeValue, Scalar, ScalarKind, ScalarStyle};

/// How deep the tree may be.
const DEPTH: usize = 128;
/// How many nodes aliases may add.
const ALIAS_NODES: usize = 10_000;

/// The document of a file; faults go to `diagnostics`.
pub(super) fn read(source: &Source, diagnostics: &mut Diagnostics) -> Option<Node> {
    collect(Reader::new(source).document(), diagnostics)
}

/// A list or mapping whose end is still to come.
struct Open {
    anchor: usize,
    span: Span,
    /// `None` for a list; else the key that waits for its value.
    pending: Option<Option<Node>>,
    nodes: Vec<Node>,
    entries: Vec<Entry>,
}

struct Reader<'source> {
    source: &'source Source,
    /// The byte of each character, where characters and bytes differ.
    bytes: Option<Vec<u32>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    alias_nodes: usize,
    root: Option<Node>,
}

impl<'source> Reader<'source> {
    fn new(source: &'source Source) -> Self {
        let bytes = (!source.text.is_ascii()).then(|| {
            source
                .text
                .char_indices()
                .map(|(index, _)| u32::try_from(index).unwrap_or(u32::MAX))
                .collect()
        });
        Self {
            source,
            bytes,
            open: Vec::new(),
            anchors: HashMap::new(),
            alias_nodes: 0,
            root: None,
        }
    }

    fn byte(&self, character: usize) -> u32 {
        let end = u32::try_from(self.source.text.len()).unwrap_or(u32::MAX);
        match &self.bytes {
            Some(bytes) => bytes.get(character).copied().unwrap_or(end),
            None => u32::try_from(character).unwrap_or(u32::MAX).min(end),
        }
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        let start = self.byte(span.start.index());
        Span {
            source: self.source.id,
            start,
            end: self.byte(span.end.index()).max(start),
        }
    }

    fn syntax(&self, error: &ScanError) -> Box<Diagnostic> {
        let start = self.byte(error.marker().index());
        let span = Span {
            source: self.source.id,
            start,
            end: start,
        };
        Box::new(Diagnostic::error(Code::YAML_SYNTAX, error.info(), span))
    }

    fn document(mut self) -> Result<Node> {
        let text = &self.source.text;
        let mut parser = Parser::new_from_str(text);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
            let span = self.span(span);
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        let title = "a pipeline or schema file holds one document";
                        return Err(Box::new(Diagnostic::error(Code::YAML_SYNTAX, title, span)));
                    }
                }
                Event::Alias(anchor) => self.alias(anchor, span)?,
                Event::Scalar(text, style, anchor, tag) => {
                    let core = tag.is_none();
                    self.add(scalar(&text, style, core, span), anchor)?;
                }
                Event::SequenceStart(anchor, _) => self.start(anchor, span, None)?,
                Event::MappingStart(anchor, _) => self.start(anchor, span, Some(None))?,
                Event::SequenceEnd | Event::MappingEnd => self.end(span)?,
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        let start = Span {
            source: self.source.id,
            start: 0,
            end: 0,
        };
        self.root
            .ok_or_else(|| Box::new(Diagnostic::error(Code::YAML_SYNTAX, "the file is empty", start)))
    }

    fn start(&mut self, anchor: usize, span: Span, pending: Option<Option<Node>>) -> Result<()> {
        if self.open.len() >= DEPTH {
            let title = format!("nested more than {DEPTH} deep");
            return Err(Box::new(Diagnostic::error(Code::NESTING_TOO_DEEP, title, span)));
        }
        self.open.push(Open {
            anchor,
            span,
            pending,
            nodes: Vec::new(),
            entries: Vec::new(),
        });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<()> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        // A block collection's end lies at the next token: the last child says where the text ends.
        let last = match (open.nodes.last(), open.entries.last()) {
            (Some(node), _) => node.span,
            (None, Some(entry)) => entry.value.span,
            (None, None) => span,
        };
        let value = if open.pending.is_some() {
            NodeValue::Mapping(open.entries)
        } else {
            NodeValue::Sequence(open.nodes)
        };
        let node = Node {
            span: open.span.to(last),
            value,
        };
        self.add(node, open.anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<()> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            let title = "an alias has no anchor before it";
            return Err(Box::new(Diagnostic::error(Code::UNKNOWN_ALIAS, title, span)));
        };
        self.alias_nodes += count(&node);
        if self.alias_nodes > ALIAS_NODES {
            let title = format!("aliases add more than {ALIAS_NODES} nodes");
            return Err(Box::new(Diagnostic::error(Code::ALIAS_EXPANSION, title, span)));
        }
        self.add(node, 0)
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<()> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.pending {
            None => open.nodes.push(node),
            Some(pending) => match pending.take() {
                None => *pending = Some(node),
                Some(key) => {
                    if let Some(first) = open.entries.iter().find(|entry| same_key(&entry.key, &key)) {
                        let title = format!("the key `{}` stands twice", key.text().unwrap_or_default());
                        let diagnostic = Diagnostic::error(Code::DUPLICATE_KEY, title, key.span);
                        return Err(Box::new(
                            diagnostic.with_label(first.key.span, "first written here"),
                        ));
                    }
                    open.entries.push(Entry { key, value: node });
                }
            },
        }
        Ok(())
    }
}

/// Whether two scalar keys are one key; a quoted `null` and the null value are not.
fn same_key(left: &Node, right: &Node) -> bool {
    match (left.scalar(), right.scalar()) {
        (Some(left), Some(right)) => {
            left.text == right.text && (left.kind == ScalarKind::Null) == (right.kind == ScalarKind::Null)
        }
        _ => false,
    }
}

fn count(node: &Node) -> usize {
    match &node.value {
        NodeValue::Scalar(_) => 1,
        NodeValue::Sequence(nodes) => 1 + nodes.iter().map(count).sum::<usize>(),
        NodeValue::Mapping(entries) => {
            1 + entries
                .iter()
                .map(|entry| count(&entry.key) + count(&entry.value))
                .sum::<usize>()
        }
    }
}

fn scalar(text: &str, style: Style, core: bool, span: Span) -> Node {
    let style = match style {
        Style::Plain => ScalarStyle::Plain,
        Style::SingleQuoted => ScalarStyle::SingleQuoted,
        Style::DoubleQuoted => ScalarStyle::DoubleQuoted,
        Style::Literal => ScalarStyle::Literal,
        Style::Folded => ScalarStyle::Folded,
    };
    let kind = if style == ScalarStyle::Plain && core {
        kind(text)
    } else {
        ScalarKind::Text
    };
    Node {
        span,
        value: NodeValue::Scalar(Scalar {
            text: text.to_owned(),
            style,
            kind,
        }),
    }
}

/// What a plain scalar is under the core schema (YAML 1.2.2, section 10.3.2).
fn kind(text: &str) -> ScalarKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarKind::Null,
        "true" | "True" | "TRUE" => return ScalarKind::Bool(true),
        "false" | "False" | "FALSE" => return ScalarKind::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.starts_with(|character: char| character.is_ascii_digit() || character == '.') {
        return ScalarKind::Text;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(integer) = text.parse()
    {
        return ScalarKind::Integer(integer);
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(rest) = text.strip_prefix(prefix)
            && rest.chars().all(|character| character.is_digit(radix))
            && let Ok(integer) = i128::from_str_radix(rest, radix)
        {
            return ScalarKind::Integer(integer);
        }
    }
    let float = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse() {
        Ok(value) if float => ScalarKind::Float(value),
        _ => ScalarKind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::diagnostic::{Code, Diagnostics, SourceMap};

    #[test]
    fn spans_are_bytes_and_faults_are_named() {
        let mut sources = SourceMap::new();
        let source = sources.add("p.yml", "ä: ü\nb: [1, x]\n");
        let mut diagnostics = Diagnostics::new();
        let node = read(&source, &mut diagnostics).unwrap();
        let list = node.get("b").unwrap();
        let range = list.span.start as usize..list.span.end as usize;
        assert_eq!(source.text.get(range), Some("[1, x"));
        for (text, code) in [
            ("a: 1\na: 2\n", Code::DUPLICATE_KEY),
            ("a: [", Code::YAML_SYNTAX),
            ("", Code::YAML_SYNTAX),
            ("a: 1\n---\nb: 1\n", Code::YAML_SYNTAX),
        ] {
            let source = sources.add("p.yml", text);
            let mut diagnostics = Diagnostics::new();
            assert!(read(&source, &mut diagnostics).is_none());
            assert_eq!(diagnostics[0].code, code, "{text:?}");
        }
    }
}

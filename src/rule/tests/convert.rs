//! YAML trees for tests, from the events of the parser: no limits, no duplicate keys, no aliases.

use crate::diagnostic::{Source, Span};
use crate::source::{Entry, Node, NodeValue, Scalar, ScalarKind, ScalarStyle};
use saphyr_parser::{Event, Parser, ScalarStyle as Style};

/// The documents of a text.
pub(crate) fn nodes(source: &Source) -> Vec<Node> {
    let bytes: Vec<usize> = source
        .text
        .char_indices()
        .map(|(byte, _)| byte)
        .chain([source.text.len()])
        .collect();
    let mut roots = Vec::new();
    let mut open: Vec<(bool, usize, Vec<Node>)> = Vec::new();
    for event in Parser::new_from_str(&source.text) {
        let (event, span) = event.unwrap();
        let span = Span {
            source: source.id,
            start: bytes[span.start.index()] as u32,
            end: bytes[span.end.index()] as u32,
        };
        let node = match event {
            Event::Scalar(text, style, _, _) => scalar(&text, style, span),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let mapping = matches!(event, Event::MappingStart(..));
                open.push((mapping, span.start as usize, Vec::new()));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (mapping, start, children) = open.pop().unwrap();
                close(mapping, start, children, span)
            }
            Event::Alias(_) => panic!("aliases are not for these tests"),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {
                continue;
            }
        };
        match open.last_mut() {
            Some((_, _, children)) => children.push(node),
            None => roots.push(node),
        }
    }
    roots
}

fn close(mapping: bool, start: usize, children: Vec<Node>, end: Span) -> Node {
    let span = Span {
        source: end.source,
        start: start as u32,
        end: children
            .last()
            .map_or(end.end, |last| last.span.end.max(start as u32)),
    };
    let value = if mapping {
        let mut children = children.into_iter();
        let mut entries = Vec::new();
        while let (Some(key), Some(value)) = (children.next(), children.next()) {
            entries.push(Entry { key, value });
        }
        NodeValue::Mapping(entries)
    } else {
        NodeValue::Sequence(children)
    };
    Node { span, value }
}

fn scalar(text: &str, style: Style, span: Span) -> Node {
    let style = match style {
        Style::Plain => ScalarStyle::Plain,
        Style::SingleQuoted => ScalarStyle::SingleQuoted,
        Style::DoubleQuoted => ScalarStyle::DoubleQuoted,
        Style::Literal => ScalarStyle::Literal,
        Style::Folded => ScalarStyle::Folded,
    };
    let kind = match (style, text) {
        (ScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => ScalarKind::Null,
        (ScalarStyle::Plain, "true" | "True" | "TRUE") => ScalarKind::Bool(true),
        (ScalarStyle::Plain, "false" | "False" | "FALSE") => ScalarKind::Bool(false),
        (ScalarStyle::Plain, _) if text.starts_with(|first: char| first.is_ascii_digit() || first == '-') => {
            match (text.parse(), text.parse()) {
                (Ok(integer), _) => ScalarKind::Integer(integer),
                (Err(_), Ok(float)) => ScalarKind::Float(float),
                (Err(_), Err(_)) => ScalarKind::Text,
            }
        }
        _ => ScalarKind::Text,
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

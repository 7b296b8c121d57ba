//! Macros that are no more than text around their arguments, kept as pieces and written without the template engine.
//!
//! Recognised by their syntax: no tag, and each output is the name of a parameter or a list joined with a literal. One
//! probing call then gives the text, since whitespace control is the engine's own. Probing alone would take macros that
//! branch or filter for plain ones.

use std::ops::Range;

use super::scan::{Chunk, ScannedMacro, slice};
use super::{Argument, Parameter};

/// A part of a plain macro's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// The argument of an index.
    Slot(usize),
    /// The list argument of an index, joined.
    Joined(usize, String),
}

/// First of the characters that stand for arguments in a probing call; no template may hold them.
const SENTINEL: u32 = 0xF_FF00;
/// How many there are: two for each parameter.
const SENTINELS: u32 = 0x80;

/// Whether a source holds one of the sentinel characters.
pub(super) fn holds_sentinel(source: &str) -> Option<usize> {
    source.find(|character: char| (SENTINEL..SENTINEL + SENTINELS).contains(&(character as u32)))
}

fn sentinel(index: usize) -> String {
    let code = u32::try_from(index)
        .ok()
        .and_then(|index| char::from_u32(SENTINEL + index));
    code.map(String::from).unwrap_or_default()
}

/// The outputs of a plain macro in order: index of the parameter, and whether it is a joined list. `None` if it is not plain.
pub(super) fn outputs(source: &str, scanned: &ScannedMacro, lists: &[bool]) -> Option<Vec<(usize, bool)>> {
    let mut outputs = Vec::new();
    for chunk in &scanned.body {
        match chunk {
            Chunk::Text(_) => {}
            Chunk::Output(span) => outputs.push(output(source, span, scanned, lists)?),
            Chunk::Tag(_) | Chunk::Comment => return None,
        }
    }
    Some(outputs)
}

fn output(
    source: &str,
    span: &Range<usize>,
    scanned: &ScannedMacro,
    lists: &[bool],
) -> Option<(usize, bool)> {
    let expression = slice(source, span).trim();
    let index = |word: &str| scanned.parameters.iter().position(|(name, _)| name == word);
    if let Some(plain) = index(expression) {
        return (!lists.get(plain)?).then_some((plain, false));
    }
    let (word, filter) = expression.split_once('|')?;
    let joined = index(word.trim())?;
    let separator = filter.trim().strip_prefix("join(")?.strip_suffix(')')?.trim();
    let inside = separator.strip_prefix('"')?.strip_suffix('"')?;
    (*lists.get(joined)? && !inside.contains('"')).then_some((joined, true))
}

/// The arguments of the probing call.
pub(super) fn probes(lists: &[bool]) -> Vec<minijinja::Value> {
    lists
        .iter()
        .enumerate()
        .map(|(index, list)| {
            let one = sentinel(index * 2);
            if *list {
                minijinja::Value::from(vec![one, sentinel(index * 2 + 1)])
            } else {
                minijinja::Value::from(one)
            }
        })
        .collect()
}

/// Cuts the text of the probing call at the sentinels; `None` if they do not stand there as the source says.
pub(super) fn cut(text: &str, outputs: &[(usize, bool)]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    for (index, joined) in outputs {
        let (before, after) = rest.split_once(&sentinel(index * 2))?;
        push_text(&mut pieces, before)?;
        if *joined {
            let (separator, after) = after.split_once(&sentinel(index * 2 + 1))?;
            if holds_sentinel(separator).is_some() {
                return None;
            }
            pieces.push(Piece::Joined(*index, separator.to_owned()));
            rest = after;
        } else {
            pieces.push(Piece::Slot(*index));
            rest = after;
        }
    }
    push_text(&mut pieces, rest)?;
    Some(pieces)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) -> Option<()> {
    if holds_sentinel(text).is_some() {
        return None;
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
    Some(())
}

/// Writes the pieces with their arguments.
pub(super) fn write(pieces: &[Piece], arguments: &[Argument<'_>], list_separator: &str, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Slot(index) => match arguments.get(*index) {
                Some(Argument::Text(text)) => out.push_str(text),
                Some(Argument::List(texts)) => join(texts, list_separator, out),
                None => {}
            },
            Piece::Joined(index, separator) => match arguments.get(*index) {
                Some(Argument::Text(text)) => out.push_str(text),
                Some(Argument::List(texts)) => join(texts, separator, out),
                None => {}
            },
        }
    }
}

/// Appends texts with a separator between them.
pub(super) fn join(texts: &[String], separator: &str, out: &mut String) {
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(text);
    }
}

/// The argument as the template engine gets it: lists of values are joined, lists of operands stay lists.
pub(super) fn value(argument: &Argument<'_>, parameter: Parameter, list_separator: &str) -> minijinja::Value {
    match argument {
        Argument::Text(text) if parameter == Parameter::Items => {
            minijinja::Value::from(vec![(*text).to_owned()])
        }
        Argument::Text(text) => minijinja::Value::from(*text),
        Argument::List(texts) if parameter == Parameter::Items => minijinja::Value::from(texts.to_vec()),
        Argument::List(texts) => {
            let mut joined = String::new();
            join(texts, list_separator, &mut joined);
            minijinja::Value::from(joined)
        }
    }
}

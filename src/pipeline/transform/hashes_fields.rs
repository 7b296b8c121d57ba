//! `hashes_fields`: turns values such as `MD5=…,SHA256=…` into tests of one column for each algorithm.
//!
//! A value is cut at commas and wildcards into parts `ALGORITHM=HASH` (or `ALGORITHM|HASH`); a bare hash is of each
//! valid algorithm of its length. A value with several parts asks for all of them. A part that has no valid algorithm
//! is an error: nothing is dropped. A hash that is cut short keeps its wildcard.

use std::sync::Arc;

use super::{Kind, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::normalize::{Column, DetectionNode, Item, Link, Pattern, PatternPart, Value};
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;
use crate::pipeline::subject::{Change, Subject};
use crate::rule::Spanned;

pub(super) const KIND: Kind = Kind {
    name: "hashes_fields",
    summary: "Turns a field of several hashes into a field for each algorithm.",
    keys: &["valid_hash_algos", "field_prefix", "drop_algo_prefix"],
    read,
};

/// Hexadecimal digits of the algorithms that events name.
const LENGTHS: &[(&str, usize)] = &[
    ("MD5", 32),
    ("IMPHASH", 32),
    ("SHA1", 40),
    ("SHA256", 64),
    ("SHA512", 128),
];

#[derive(Debug)]
struct HashesFields {
    algorithms: Vec<Algorithm>,
}

#[derive(Debug)]
struct Algorithm {
    name: String,
    column: Arc<str>,
    /// Digits of a whole hash, where the algorithm is known.
    length: Option<usize>,
}

fn read(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    let names = keys.required_texts("valid_hash_algos", diagnostics)?;
    let prefix = keys.text("field_prefix", diagnostics).unwrap_or_default();
    let drop = keys.flag("drop_algo_prefix", diagnostics);
    if names.is_empty() || (drop && prefix.is_empty()) {
        let title = "`hashes_fields` needs algorithms, and a field prefix where it drops their names";
        keys.fault(title, keys.span, diagnostics);
        return None;
    }
    let algorithms = names
        .into_iter()
        .map(|name| Algorithm {
            column: Arc::from(if drop {
                prefix.to_owned()
            } else {
                format!("{prefix}{}", name.value)
            }),
            length: LENGTHS
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(&name.value))
                .map(|(_, length)| *length),
            name: name.value,
        })
        .collect();
    Some(Box::new(HashesFields { algorithms }))
}

/// One test: a hash, in any of some columns.
struct Hash {
    columns: Vec<Arc<str>>,
    value: Spanned<Value>,
}

impl Transformation for HashesFields {
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, diagnostics: &mut Diagnostics) {
        subject.items(step, false, diagnostics, &mut |item, diagnostics| {
            let strings = item
                .values
                .iter()
                .filter(|value| matches!(value.value, Value::Pattern(_)))
                .count();
            if strings == 0 {
                return Change::None;
            }
            match self.item(item) {
                Ok(node) => Change::Replace(node),
                Err((title, span)) => {
                    let names: Vec<&str> = self.algorithms.iter().map(|other| other.name.as_str()).collect();
                    diagnostics.push(
                        Diagnostic::error(Code::INVALID_REPLACEMENT, title, span)
                            .with_label(step.span, format!("the transformation `{}`", step.id))
                            .with_help(format!("write `ALGORITHM=HASH` with one of {}", names.join(", "))),
                    );
                    Change::None
                }
            }
        });
    }
}

impl HashesFields {
    fn item(&self, item: &Item) -> Result<DetectionNode, (String, Span)> {
        let mut values = Vec::with_capacity(item.values.len());
        for value in &item.values {
            let Value::Pattern(pattern) = &value.value else {
                return Err(("a value cannot be taken apart into hashes".to_owned(), value.span));
            };
            let hashes = self
                .hashes(pattern, value.span)
                .map_err(|title| (title, value.span))?;
            values.push(hashes);
        }
        // NOT (a OR b) is NOT a AND NOT b: the negation moves to the items and turns the groups round.
        let outer = if item.negated {
            opposite(item.link)
        } else {
            item.link
        };
        let inner = if item.negated { Link::Any } else { Link::All };
        let mut nodes = Vec::new();
        let mut merged: Vec<Item> = Vec::new();
        for hashes in values {
            if let [_, _, ..] = hashes.as_slice() {
                let parts = hashes
                    .into_iter()
                    .map(|hash| DetectionNode::Item(single(item, hash)))
                    .collect();
                nodes.push(group(inner, parts));
                continue;
            }
            for hash in hashes {
                let new = single(item, hash);
                match merged.iter_mut().find(|other| other.columns == new.columns) {
                    Some(other) => other.values.extend(new.values),
                    None => merged.push(new),
                }
            }
        }
        nodes.splice(0..0, merged.into_iter().map(DetectionNode::Item));
        Ok(group(outer, nodes))
    }

    /// The hashes of a value, all of which it asks for; at least one.
    fn hashes(&self, pattern: &Pattern, span: Span) -> Result<Vec<Hash>, String> {
        let mut hashes = Vec::new();
        let last = pattern.parts.len().saturating_sub(1);
        for (index, part) in pattern.parts.iter().enumerate() {
            let literal = match part {
                PatternPart::AnyRun => continue,
                PatternPart::AnyOne => return Err("a hash with `?` cannot be taken apart".to_owned()),
                PatternPart::Literal(literal) => literal,
            };
            let pieces: Vec<&str> = literal.split(',').map(str::trim).collect();
            let end = pieces.len().saturating_sub(1);
            for (number, piece) in pieces.into_iter().enumerate() {
                if !piece.is_empty() {
                    // Only the last piece may go on: behind the others stands a comma.
                    let open = number == end && index < last;
                    hashes.push(self.hash(piece, open, pattern.cased, span)?);
                }
            }
        }
        if hashes.is_empty() {
            return Err("a value names no hash".to_owned());
        }
        Ok(hashes)
    }

    fn hash(&self, piece: &str, open: bool, cased: bool, span: Span) -> Result<Hash, String> {
        let (columns, hash, whole) = match piece.split_once(['=', '|']) {
            Some((name, hash)) => {
                let algorithm = self
                    .algorithms
                    .iter()
                    .find(|algorithm| algorithm.name.eq_ignore_ascii_case(name.trim()))
                    .ok_or_else(|| format!("`{name}` is no valid algorithm of a hash"))?;
                let whole = algorithm.length == Some(hash.len());
                (vec![Arc::clone(&algorithm.column)], hash, whole)
            }
            None => (self.by_length(piece)?, piece, true),
        };
        let mut parts = Vec::with_capacity(2);
        if !hash.is_empty() {
            parts.push(PatternPart::Literal(hash.to_owned()));
        }
        if open && !whole {
            parts.push(PatternPart::AnyRun);
        }
        Ok(Hash {
            columns,
            value: Spanned {
                value: Value::Pattern(Pattern { parts, cased }),
                span,
            },
        })
    }

    /// The columns of all valid algorithms whose hashes have the length of a bare hash.
    fn by_length(&self, hash: &str) -> Result<Vec<Arc<str>>, String> {
        let hexadecimal = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut columns = Vec::new();
        for algorithm in &self.algorithms {
            if hexadecimal && algorithm.length == Some(hash.len()) && !columns.contains(&algorithm.column) {
                columns.push(Arc::clone(&algorithm.column));
            }
        }
        if columns.is_empty() {
            return Err(format!("`{hash}` is no hash of a valid algorithm"));
        }
        Ok(columns)
    }
}

/// An item of one hash. It keeps the identity of the item that it comes from.
fn single(item: &Item, hash: Hash) -> Item {
    Item {
        id: item.id,
        field: item.field.clone(),
        columns: hash.columns.iter().map(|name| Column::unknown(name)).collect(),
        link: item.link,
        negated: item.negated,
        values: vec![hash.value],
        span: item.span,
        applied: item.applied.clone(),
    }
}

fn opposite(link: Link) -> Link {
    match link {
        Link::Any => Link::All,
        Link::All => Link::Any,
    }
}

fn group(link: Link, mut nodes: Vec<DetectionNode>) -> DetectionNode {
    match (nodes.pop(), link) {
        (Some(node), _) if nodes.is_empty() => node,
        (Some(node), link) => {
            nodes.push(node);
            match link {
                Link::Any => DetectionNode::Any(nodes),
                Link::All => DetectionNode::All(nodes),
            }
        }
        (None, _) => DetectionNode::All(nodes),
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::normalize::{DetectionNode, Item, Link, Value};
    use crate::pipeline::text;
    use crate::pipeline::transform::testing::{Case, Mapped, items, texts};

    fn run(item: Item) -> Mapped {
        Case::new(vec![item]).run(
            "- {type: hashes_fields, valid_hash_algos: [MD5, SHA1, IMPHASH], field_prefix: File, field_name_conditions: [{type: include_fields, fields: [Hashes]}]}",
        )
    }

    fn shown(node: &DetectionNode) -> String {
        match node {
            DetectionNode::All(nodes) => {
                format!("all({})", nodes.iter().map(shown).collect::<Vec<_>>().join(" "))
            }
            DetectionNode::Any(nodes) => {
                format!("any({})", nodes.iter().map(shown).collect::<Vec<_>>().join(" "))
            }
            DetectionNode::Item(item) => {
                let columns: Vec<&str> = item.columns.iter().map(|column| &*column.name).collect();
                let values: Vec<String> = item
                    .values
                    .iter()
                    .map(|value| {
                        let Value::Pattern(pattern) = &value.value else {
                            panic!("no string")
                        };
                        text::shown(pattern)
                    })
                    .collect();
                let not = if item.negated { "not " } else { "" };
                format!("{not}{}={}", columns.join("/"), values.join(","))
            }
        }
    }

    fn body(item: Item) -> String {
        let rule = run(item).rule();
        let DetectionNode::All(nodes) = &rule.detections[0].body else {
            panic!()
        };
        nodes.iter().map(shown).collect::<Vec<_>>().join(" & ")
    }

    #[test]
    fn values_become_columns() {
        let md5 = "0123456789abcdef0123456789abcdef";
        assert_eq!(body(texts("Hashes", &["*MD5=ab*"])), "FileMD5=ab*");
        assert_eq!(
            body(texts("Hashes", &[&format!("*md5={md5}*")])),
            format!("FileMD5={md5}")
        );
        assert_eq!(
            body(texts("Hashes", &["*MD5=a", "SHA1=b", "*MD5=c*"])),
            "any(FileMD5=a,c* FileSHA1=b)"
        );
        assert_eq!(
            body(texts("Hashes", &[&format!("*{md5}*")])),
            format!("FileMD5/FileIMPHASH={md5}")
        );
        assert_eq!(
            body(texts("Hashes", &["MD5=a,SHA1=b", "MD5=c"])),
            "any(FileMD5=c all(FileMD5=a FileSHA1=b))"
        );
    }

    #[test]
    fn negation_and_links_are_kept() {
        let mut item = texts("Hashes", &["MD5=a", "SHA1=b,MD5=c"]);
        item.negated = true;
        assert_eq!(body(item), "not FileMD5=a & any(not FileSHA1=b not FileMD5=c)");
        let mut item = texts("Hashes", &["MD5=a", "SHA1=b"]);
        item.link = Link::All;
        assert_eq!(body(item), "FileMD5=a & FileSHA1=b");
    }

    #[test]
    fn what_has_no_valid_algorithm_is_an_error() {
        for value in ["SHA256=a", "MD5=a,xyz", "abc", "*", "MD5=a?b", "*SHA1=a*b*"] {
            let mapped = run(texts("Hashes", &["MD5=a", value]));
            assert_eq!(mapped.codes(), [Code::INVALID_REPLACEMENT], "{value}");
        }
        assert_eq!(
            items(&run(texts("Other", &["x"])).rule().detections[0].body).len(),
            1
        );
    }
}

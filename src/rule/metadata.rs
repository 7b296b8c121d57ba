//! The attributes that say what a rule is about, read leniently.
//!
//! A faulty attribute is a warning and is kept out; none fails the rule. Two faults are reported with the
//! value kept, since the value still does its work: an `id` that is no UUID (others may refer to it) and a
//! text that is too long.

use super::attributes::{METADATA, misspelt, nearest};
use super::date::{DateForm, form};
use super::reader::{Reader, into_text, into_written};
use super::{Metadata, Spanned};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::source::{Entry, Node, NodeValue};

const STATUSES: &[&str] = &["stable", "test", "experimental", "deprecated", "unsupported"];
const LEVELS: &[&str] = &["informational", "low", "medium", "high", "critical"];
const RELATIONS: &[&str] = &["derived", "obsolete", "merged", "renamed", "similar"];

/// The newest version of the specification that is implemented.
const IMPLEMENTED_VERSION: [u32; 3] = [2, 1, 0];

/// The entries of a document that are no metadata.
pub(super) struct Sections {
    entries: Vec<Entry>,
    /// The first key of the document: where a missing attribute is reported.
    pub(super) start: Span,
    /// Names of sections that were reported as misspelt, so that they are not reported as missing too.
    pub(super) misspelt: Vec<&'static str>,
    /// The key of a `condition` at the top level, where none belongs.
    pub(super) outer_condition: Option<Span>,
}

impl Sections {
    /// Takes a section out by its key.
    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        let index = self
            .entries
            .iter()
            .position(|entry| entry.key.text() == Some(key))?;
        Some(self.entries.swap_remove(index))
    }
}

/// Splits a document into metadata and the named sections.
pub(super) fn read(
    reader: &mut Reader<'_>,
    entries: Vec<Entry>,
    span: Span,
    section_names: &[&'static str],
) -> (Metadata, Sections) {
    let mut metadata = Metadata {
        span,
        ..Metadata::default()
    };
    let start = entries.first().map_or(span, |entry| entry.key.span);
    let mut sections = Sections {
        entries: Vec::with_capacity(section_names.len()),
        start,
        misspelt: Vec::new(),
        outer_condition: None,
    };
    let mut seen: Vec<&'static str> = Vec::with_capacity(METADATA.len());
    let mut custom: Vec<(Spanned<String>, Node)> = Vec::new();
    for entry in entries {
        let key = entry.key.text().unwrap_or_default();
        if let Some(name) = section_names.iter().find(|name| **name == key) {
            seen.push(name);
            sections.entries.push(entry);
        } else if let Some(name) = METADATA.iter().find(|name| **name == key) {
            seen.push(name);
            attribute(reader, &mut metadata, name, entry.value);
        } else {
            match into_written(entry.key) {
                Ok(key) => custom.push((key, entry.value)),
                Err(key) => not_text(reader, "attribute name", &key),
            }
        }
    }
    if !seen.contains(&"title") {
        let help = "add a `title` that says what the rule finds";
        reader.warning(
            Code::MISSING_ATTRIBUTE,
            "attribute `title` is missing",
            start,
            help,
        );
    }
    for (key, value) in custom {
        if key.value == "condition" {
            sections.outer_condition = Some(key.span);
        }
        let absent = METADATA.iter().chain(section_names).copied();
        let meant = misspelt(&key.value, absent.filter(|name| !seen.contains(name)));
        if let Some(meant) = meant {
            let bears_on_meaning = section_names.contains(&meant);
            report_misspelt(reader, &key, meant, bears_on_meaning);
            if bears_on_meaning {
                sections.misspelt.push(meant);
            }
        }
        metadata.custom.push((key.value, value));
    }
    (metadata, sections)
}

fn report_misspelt(reader: &mut Reader<'_>, key: &Spanned<String>, meant: &str, bears_on_meaning: bool) {
    let title = format!("unknown attribute `{}`", key.value);
    let help = format!("did you mean `{meant}`?");
    if bears_on_meaning {
        reader.error(Code::MISSPELT_ATTRIBUTE, title, key.span, help);
    } else {
        reader.warning(Code::MISSPELT_ATTRIBUTE, title, key.span, help);
    }
}

fn attribute(reader: &mut Reader<'_>, metadata: &mut Metadata, name: &'static str, value: Node) {
    match name {
        "title" => {
            metadata.title = text(reader, name, value, 256).map_or_else(String::new, |text| text.value)
        }
        "id" => metadata.id = identifier(reader, value),
        "name" => metadata.name = text(reader, name, value, 256),
        "status" => metadata.status = word(reader, name, value, STATUSES),
        "level" => metadata.level = word(reader, name, value, LEVELS),
        "description" => metadata.description = text(reader, name, value, 65_535).map(|text| text.value),
        "author" => metadata.author = text(reader, name, value, usize::MAX).map(|text| text.value),
        "license" => metadata.license = text(reader, name, value, usize::MAX).map(|text| text.value),
        "taxonomy" => metadata.taxonomy = text(reader, name, value, 256).map(|text| text.value),
        "date" => metadata.date = date(reader, name, value),
        "modified" => metadata.modified = date(reader, name, value),
        "references" => metadata.references = plain(list(reader, name, value, false)),
        "falsepositives" => metadata.false_positives = phrases(reader, name, value),
        "scope" => metadata.scope = phrases(reader, name, value),
        "fields" => metadata.fields = list(reader, name, value, true),
        "tags" => metadata.tags = tags(reader, value),
        "related" => metadata.related = related(reader, value),
        "sigma-version" => version(reader, &value),
        _ => {}
    }
}

fn not_text(reader: &mut Reader<'_>, what: &str, node: &Node) {
    let title = format!("{what} is {}, not text", node.describe());
    reader.warning(
        Code::WRONG_TYPE,
        title,
        node.span,
        "write text, in quotes if it looks like something else",
    );
}

fn text(reader: &mut Reader<'_>, name: &str, node: Node, longest: usize) -> Option<Spanned<String>> {
    match into_text(node) {
        Ok(text) => {
            if text.value.trim().is_empty() {
                invalid(
                    reader,
                    format!("`{name}` is empty"),
                    text.span,
                    "write a text, or remove the attribute",
                );
                return None;
            }
            if text.value.len() > longest && text.value.chars().count() > longest {
                let title = format!("`{name}` is longer than {longest} characters");
                invalid(reader, title, text.span, "shorten it");
            }
            Some(text)
        }
        Err(node) => {
            not_text(reader, &format!("`{name}`"), &node);
            None
        }
    }
}

fn invalid(reader: &mut Reader<'_>, title: impl Into<String>, span: Span, help: impl Into<String>) {
    reader.warning(Code::INVALID_ATTRIBUTE, title, span, help);
}

fn identifier(reader: &mut Reader<'_>, node: Node) -> Option<Spanned<String>> {
    let id = text(reader, "id", node, usize::MAX)?;
    if !is_uuid(&id.value) {
        let title = format!("`id` is not a UUID: `{}`", id.value);
        invalid(reader, title, id.span, "use a random UUID (version 4)");
    }
    Some(id)
}

/// Whether a text is a UUID in the usual form, of any version.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn word(reader: &mut Reader<'_>, name: &str, node: Node, allowed: &[&str]) -> Option<String> {
    let word = text(reader, name, node, usize::MAX)?;
    if allowed.contains(&word.value.as_str()) {
        return Some(word.value);
    }
    let help = one_of(&word.value, allowed);
    invalid(
        reader,
        format!("unknown {name} `{}`", word.value),
        word.span,
        help,
    );
    None
}

fn one_of(word: &str, allowed: &[&str]) -> String {
    match nearest(word, allowed.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("use one of: {}", allowed.join(", ")),
    }
}

fn date(reader: &mut Reader<'_>, name: &str, node: Node) -> Option<String> {
    const HELP: &str = "write the date as YYYY-MM-DD";
    let date = text(reader, name, node, usize::MAX)?;
    match form(&date.value) {
        DateForm::Valid => Some(date.value),
        DateForm::Slashes => {
            invalid(
                reader,
                format!("`{name}` is written with slashes"),
                date.span,
                HELP,
            );
            Some(date.value)
        }
        DateForm::Invalid => {
            let title = format!("`{name}` is not a date: `{}`", date.value);
            invalid(reader, title, date.span, HELP);
            None
        }
    }
}

/// A list of texts of at least two characters, as the specification's schema has it.
fn phrases(reader: &mut Reader<'_>, name: &str, node: Node) -> Vec<String> {
    let mut texts = list(reader, name, node, false);
    texts.retain(|text| {
        let long_enough = text.value.chars().nth(1).is_some();
        if !long_enough {
            let title = format!("an element of `{name}` is shorter than two characters");
            invalid(reader, title, text.span, "write a phrase, or remove the element");
        }
        long_enough
    });
    plain(texts)
}

fn plain(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

/// A list of texts; elements at fault are left out. A single text is taken as its only element.
fn list(reader: &mut Reader<'_>, name: &str, node: Node, single_is_fine: bool) -> Vec<Spanned<String>> {
    let span = node.span;
    match node.value {
        NodeValue::Sequence(elements) => {
            let element = format!("an element of `{name}`");
            let mut texts = Vec::with_capacity(elements.len());
            for node in elements {
                match into_text(node) {
                    Ok(text) => texts.push(text),
                    Err(node) => not_text(reader, &element, &node),
                }
            }
            texts
        }
        value @ (NodeValue::Scalar(_) | NodeValue::Mapping(_)) => match into_text(Node { span, value }) {
            Ok(text) => {
                if !single_is_fine {
                    let title = format!("`{name}` is text, not a list");
                    reader.warning(Code::WRONG_TYPE, title, span, "write a list with one element");
                }
                vec![text]
            }
            Err(node) => {
                let title = format!("`{name}` is {}, not a list", node.describe());
                reader.warning(
                    Code::WRONG_TYPE,
                    title,
                    span,
                    "write a list of texts, or remove the attribute",
                );
                Vec::new()
            }
        },
    }
}

fn tags(reader: &mut Reader<'_>, node: Node) -> Vec<Spanned<String>> {
    let mut tags = list(reader, "tags", node, false);
    tags.retain(|tag| {
        let valid = is_tag(&tag.value);
        if !valid {
            let title = format!("`{}` is not a tag", tag.value);
            let help = "write a namespace, a dot and a name, in lower case: `attack.t1059.001`";
            invalid(reader, title, tag.span, help);
        }
        valid
    });
    tags
}

/// The pattern of the specification's schema: `^[a-z0-9_-]+\.[a-z0-9._-]+$`.
fn is_tag(tag: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    tag.split_once('.').is_some_and(|(namespace, name)| {
        !namespace.is_empty()
            && !name.is_empty()
            && namespace.bytes().all(allowed)
            && name.bytes().all(|byte| allowed(byte) || byte == b'.')
    })
}

fn related(reader: &mut Reader<'_>, node: Node) -> Vec<(String, String)> {
    const SHAPE: &str = "write a list of entries with `id` and `type`";
    let described = node.describe();
    let NodeValue::Sequence(elements) = node.value else {
        let title = format!("`related` is {described}, not a list");
        reader.warning(Code::WRONG_TYPE, title, node.span, SHAPE);
        return Vec::new();
    };
    let mut related = Vec::with_capacity(elements.len());
    for element in elements {
        let part = |key| {
            let node = element.get(key)?;
            Some((node.text()?, node.span))
        };
        let (Some((id, id_span)), Some((relation, relation_span))) = (part("id"), part("type")) else {
            reader.warning(
                Code::WRONG_TYPE,
                "an element of `related` lacks `id` or `type`",
                element.span,
                SHAPE,
            );
            continue;
        };
        if !is_uuid(id) {
            let title = format!("`id` of a related rule is not a UUID: `{id}`");
            invalid(reader, title, id_span, "give the id of the related rule");
        } else if !RELATIONS.contains(&relation) {
            let title = format!("unknown relation `{relation}`");
            invalid(reader, title, relation_span, one_of(relation, RELATIONS));
        } else {
            related.push((id.to_owned(), relation.to_owned()));
        }
    }
    related
}

/// Refuses a rule that asks for a newer specification than is implemented.
fn version(reader: &mut Reader<'_>, node: &Node) {
    let written = node.text().unwrap_or_default();
    let mut version = [0_u32; 3];
    let mut parts = written.split('.');
    let mut readable = true;
    for (slot, part) in version.iter_mut().zip(&mut parts) {
        match part.parse() {
            Ok(number) => *slot = number,
            Err(_) => readable = false,
        }
    }
    if !readable || parts.next().is_some() {
        let title = format!("`sigma-version` is not a version: `{written}`");
        invalid(reader, title, node.span, "write for example 2.1.0");
    } else if version > IMPLEMENTED_VERSION {
        let title = format!("version {written} of the specification is not supported");
        reader.fail(
            Diagnostic::error(Code::UNSUPPORTED_VERSION, title, node.span).with_help(
                "the newest supported version is 2.1.0; lower `sigma-version` if the rule needs no more",
            ),
        );
    }
}

//! Character classes: kept as written where a dialect reads them so, else as the set of characters that they mean.

use regex_syntax::ast::{
    Ast, ClassBracketed, ClassPerlKind, ClassSet, ClassSetItem, ClassUnicode, ClassUnicodeKind,
};
use regex_syntax::hir::translate::TranslatorBuilder;
use regex_syntax::hir::{Class, HirKind};

use crate::backend::language::Refusal;

/// An inclusive range of characters.
pub(super) type CharacterRange = (char, char);

/// What a class holds: ranges as written, and categories of Unicode.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) ranges: Vec<CharacterRange>,
    /// As spelled: `\pL`, `\P{Lu}`.
    pub(super) categories: Vec<String>,
    pub(super) negated: bool,
    /// Whether the ranges hold the case variants already, and no others may be added.
    pub(super) folded: bool,
}

/// The flags that bear on classes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) ignore_case: bool,
    pub(super) unicode: bool,
    /// Whether the case variants must be written out.
    pub(super) fold: bool,
    pub(super) categories: bool,
}

/// The members of a bracketed class.
pub(super) fn bracketed(class: &ClassBracketed, reading: Reading) -> Result<Members, Refusal> {
    if !reading.unicode && reading.ignore_case {
        return Err(Refusal::dialect("a class that ignores case within ASCII"));
    }
    let mut members = Members {
        negated: class.negated,
        ..Members::default()
    };
    let simple = match &class.kind {
        ClassSet::Item(item) => collect(item, reading, &mut members)?,
        ClassSet::BinaryOp(_) => false,
    };
    if simple && !(reading.fold && reading.ignore_case) {
        return Ok(members);
    }
    let mut plain = class.clone();
    plain.negated = false;
    Ok(Members {
        ranges: meaning(&Ast::class_bracketed(plain), reading)?,
        categories: Vec::new(),
        negated: class.negated,
        folded: reading.ignore_case,
    })
}

/// Adds the members of an item; `false` if it holds a class that only its meaning can say.
fn collect(item: &ClassSetItem, reading: Reading, members: &mut Members) -> Result<bool, Refusal> {
    match item {
        ClassSetItem::Empty(_) => {}
        ClassSetItem::Literal(literal) => members.ranges.push((literal.c, literal.c)),
        ClassSetItem::Range(range) => members.ranges.push((range.start.c, range.end.c)),
        ClassSetItem::Perl(perl) if !reading.unicode && !perl.negated => {
            members.ranges.extend_from_slice(ascii(&perl.kind));
        }
        ClassSetItem::Unicode(unicode) => members.categories.push(category(unicode, reading.categories)?),
        ClassSetItem::Union(union) => {
            for item in &union.items {
                if !collect(item, reading, members)? {
                    return Ok(false);
                }
            }
        }
        ClassSetItem::Bracketed(inner) if !inner.negated => {
            return match &inner.kind {
                ClassSet::Item(item) => collect(item, reading, members),
                ClassSet::BinaryOp(_) => Ok(false),
            };
        }
        ClassSetItem::Ascii(_) | ClassSetItem::Bracketed(_) => return Ok(false),
        ClassSetItem::Perl(_) => return Err(unicode_perl()),
    }
    Ok(true)
}

/// The refusal of `\d \w \s` where they mean all of Unicode: engines and their versions differ on these.
pub(super) fn unicode_perl() -> Refusal {
    Refusal::dialect("a class of all Unicode digits, letters or blanks")
}

/// The ASCII characters of `\d`, `\s` and `\w`.
pub(super) fn ascii(kind: &ClassPerlKind) -> &'static [CharacterRange] {
    match kind {
        ClassPerlKind::Digit => &[('0', '9')],
        ClassPerlKind::Space => &[('\t', '\r'), (' ', ' ')],
        ClassPerlKind::Word => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
    }
}

/// The spelling of a general category, where it is one and the dialect has them.
pub(super) fn category(class: &ClassUnicode, categories: bool) -> Result<String, Refusal> {
    const MAJOR: &str = "LMNPSZC";
    const MINOR: &[&str] = &[
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf",
        "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co",
    ];
    let letter = if class.is_negated() { 'P' } else { 'p' };
    let known = match &class.kind {
        ClassUnicodeKind::OneLetter(name) if MAJOR.contains(*name) => Some(format!("\\{letter}{name}")),
        ClassUnicodeKind::Named(name) if name.chars().count() == 1 && MAJOR.contains(name.as_str()) => {
            Some(format!("\\{letter}{name}"))
        }
        ClassUnicodeKind::Named(name) if MINOR.contains(&name.as_str()) => {
            Some(format!("\\{letter}{{{name}}}"))
        }
        ClassUnicodeKind::OneLetter(_) | ClassUnicodeKind::Named(_) | ClassUnicodeKind::NamedValue { .. } => {
            None
        }
    };
    known
        .filter(|_| categories)
        .ok_or_else(|| Refusal::dialect("a class of characters by Unicode property"))
}

/// The characters that a class means, case variants included where it ignores case.
fn meaning(class: &Ast, reading: Reading) -> Result<Vec<CharacterRange>, Refusal> {
    let hir = TranslatorBuilder::new()
        .unicode(reading.unicode)
        .case_insensitive(reading.ignore_case)
        .utf8(false)
        .build()
        .translate("", class)
        .map_err(|error| Refusal::dialect(format!("a class: {}", error.kind())))?;
    let ranges: Vec<CharacterRange> = match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().map(|range| (range.start(), range.end())).collect()
        }
        HirKind::Class(Class::Bytes(class)) if class.is_ascii() => class
            .iter()
            .map(|range| (char::from(range.start()), char::from(range.end())))
            .collect(),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).unwrap_or_default();
            text.chars().map(|character| (character, character)).collect()
        }
        HirKind::Class(Class::Bytes(_))
        | HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Capture(_)
        | HirKind::Concat(_)
        | HirKind::Alternation(_) => Vec::new(),
    };
    if ranges.is_empty() {
        return Err(Refusal::dialect("a class that no character belongs to"));
    }
    Ok(ranges)
}

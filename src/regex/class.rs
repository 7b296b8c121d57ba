//! Bracket classes: read as PCRE reads them, written so that `regex-syntax` reads the same set.

use super::cursor::Cursor;
use super::error::RegexError;
use super::escape::{self, push_literal};

/// A class, written for `regex-syntax`.
pub(super) struct Class {
    pub(super) text: String,
    /// Whether it may match a newline; true when in doubt.
    pub(super) newline: bool,
}

enum Member {
    Range(char, char),
    Set {
        members: String,
        negated: bool,
        letters: bool,
    },
}

/// What stands at one place of a class.
enum Piece {
    Character(char),
    Set(Member),
}

/// Reads a class whose `[` has been read already.
pub(super) fn read(cursor: &mut Cursor<'_>, start: usize, ignore_case: bool) -> Result<Class, RegexError> {
    let negated = cursor.eat("^");
    let mut members = Vec::new();
    let mut quoted = false;
    let mut first = true;
    loop {
        if !quoted && !first && cursor.eat("]") {
            break;
        }
        let at = cursor.position();
        let Some(piece) = piece(cursor, &mut quoted, ignore_case)? else {
            if cursor.peek().is_none() {
                return Err(RegexError::invalid(
                    "character class without its `]`",
                    cursor.since(start),
                ));
            }
            continue;
        };
        first = false;
        match piece {
            Piece::Set(member) => members.push(member),
            Piece::Character(low) => range(cursor, at, low, &mut quoted, ignore_case, &mut members)?,
        }
    }
    write(&members, negated, ignore_case, || cursor.since(start))
}

/// Reads what may follow a character: the rest of a range.
fn range(
    cursor: &mut Cursor<'_>,
    at: usize,
    low: char,
    quoted: &mut bool,
    ignore_case: bool,
    members: &mut Vec<Member>,
) -> Result<(), RegexError> {
    let is_range = !*quoted
        && cursor.rest().starts_with('-')
        && !matches!(cursor.rest().chars().nth(1), Some(']') | None);
    if !is_range {
        members.push(Member::Range(low, low));
        return Ok(());
    }
    cursor.eat("-");
    let mut end = None;
    while end.is_none() && cursor.peek().is_some() {
        end = piece(cursor, quoted, ignore_case)?;
    }
    match end {
        Some(Piece::Character(high)) if low <= high => members.push(Member::Range(low, high)),
        Some(Piece::Character(_)) => {
            return Err(RegexError::invalid(
                "range of a character class that runs backwards",
                cursor.since(at),
            ));
        }
        // Perl and PCRE before version 2 take the hyphen for itself beside a set; PCRE2 refuses it.
        Some(Piece::Set(set)) => {
            members.extend([Member::Range(low, low), Member::Range('-', '-'), set]);
        }
        None => members.push(Member::Range(low, low)),
    }
    Ok(())
}

/// One character or set; `None` for what stands for nothing (`\E`, the end).
fn piece(cursor: &mut Cursor<'_>, quoted: &mut bool, ignore_case: bool) -> Result<Option<Piece>, RegexError> {
    let start = cursor.position();
    if *quoted {
        if cursor.eat("\\E") {
            *quoted = false;
            return Ok(None);
        }
        return Ok(cursor.bump().map(Piece::Character));
    }
    match cursor.bump() {
        None => Ok(None),
        Some('[') => bracket(cursor, start, ignore_case).map(Some),
        Some('\\') => escaped(cursor, start, quoted),
        Some(other) => Ok(Some(Piece::Character(other))),
    }
}

/// A `[` inside a class: a POSIX class, or itself.
fn bracket(cursor: &mut Cursor<'_>, start: usize, ignore_case: bool) -> Result<Piece, RegexError> {
    let rest = cursor.rest();
    let Some(mark @ (':' | '.' | '=')) = cursor.peek() else {
        return Ok(Piece::Character('['));
    };
    let close = [mark, ']'].iter().collect::<String>();
    let inner = rest.get(1..).and_then(|inner| {
        let end = inner.find(&close)?;
        inner.get(..end)
    });
    let Some(inner) = inner.filter(|inner| {
        inner
            .chars()
            .all(|next| next.is_ascii_alphabetic() || next == '^')
    }) else {
        return Ok(Piece::Character('['));
    };
    cursor.bump();
    cursor.eat(inner);
    cursor.eat(&close);
    if mark != ':' {
        return Err(RegexError::invalid(
            "POSIX collating elements do not exist in PCRE",
            cursor.since(start),
        ));
    }
    let name = inner.strip_prefix('^').unwrap_or(inner);
    let Some((members, letters)) = escape::posix(name, ignore_case) else {
        return Err(RegexError::invalid(
            format!("unknown POSIX class `{name}`"),
            cursor.since(start),
        ));
    };
    Ok(Piece::Set(Member::Set {
        members: members.to_owned(),
        negated: inner.starts_with('^'),
        letters,
    }))
}

fn escaped(cursor: &mut Cursor<'_>, start: usize, quoted: &mut bool) -> Result<Option<Piece>, RegexError> {
    let Some(letter) = cursor.bump() else {
        return Err(RegexError::invalid("backslash at the end", cursor.since(start)));
    };
    if let Some(set) = escape::set(letter) {
        return Ok(Some(Piece::Set(Member::Set {
            members: set.members.to_owned(),
            negated: set.negated,
            letters: set.letters,
        })));
    }
    let character = match letter {
        'Q' => {
            *quoted = true;
            return Ok(None);
        }
        'E' => return Ok(None),
        'b' => '\x08',
        'p' | 'P' => {
            let name = property(cursor, start)?;
            let negated = (letter == 'P') != name.starts_with('^');
            let name = name.trim_start_matches('^');
            return Ok(Some(Piece::Set(Member::Set {
                members: format!("\\p{{{name}}}"),
                negated,
                letters: false,
            })));
        }
        '1'..='7' => {
            let more = cursor.take_while(2, |next| next.is_digit(8));
            escape::code_point(&format!("{letter}{more}"), 8, cursor, start)?
        }
        other => escape::character(cursor, start, other)?,
    };
    Ok(Some(Piece::Character(character)))
}

/// The name in `\p{…}` or `\pL`; a leading `^` negates.
pub(super) fn property<'a>(cursor: &mut Cursor<'a>, start: usize) -> Result<&'a str, RegexError> {
    let name = if cursor.peek() == Some('{') {
        escape::braced(cursor, start)?
    } else {
        cursor.take_while(1, |_| true)
    };
    let plain = name.trim_start_matches('^');
    if plain.is_empty()
        || !plain
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || next == '_')
    {
        return Err(RegexError::unsupported(
            format!("Unicode property `{name}`"),
            cursor.since(start),
        ));
    }
    Ok(name)
}

/// Writes a class. Where case is ignored and a set of ASCII letters is a member, folding would add the two letters
/// beyond ASCII that fold to ASCII ones (U+017F, U+212A): such a class is folded here, and matched as it stands.
fn write(
    members: &[Member],
    negated: bool,
    ignore_case: bool,
    range: impl Fn() -> std::ops::Range<usize>,
) -> Result<Class, RegexError> {
    let fold = ignore_case
        && members
            .iter()
            .any(|member| matches!(member, Member::Set { letters: true, .. }));
    let mut text = String::from(if fold { "(?-i:[" } else { "[" });
    if negated {
        text.push('^');
    }
    let mut newline = negated;
    for member in members {
        match member {
            Member::Range(low, high) => {
                newline |= (*low..=*high).contains(&'\n');
                if fold && !high.is_ascii() {
                    return Err(RegexError::unsupported(
                        "class that mixes ASCII sets with other characters while case is ignored",
                        range(),
                    ));
                }
                push_range(&mut text, *low, *high);
                if fold {
                    push_other_case(&mut text, *low, *high);
                }
            }
            Member::Set { members, negated, .. } => {
                newline = true;
                text.push_str(if *negated { "[^" } else { "[" });
                text.push_str(members);
                text.push(']');
            }
        }
    }
    text.push_str(if fold { "])" } else { "]" });
    Ok(Class { text, newline })
}

fn push_range(text: &mut String, low: char, high: char) {
    push_literal(text, low);
    if low != high {
        text.push('-');
        push_literal(text, high);
    }
}

fn push_other_case(text: &mut String, low: char, high: char) {
    for (first, last, toggle) in [('a', 'z', true), ('A', 'Z', false)] {
        let (low, high) = (low.max(first), high.min(last));
        if low <= high {
            let swap = |letter: char| {
                if toggle {
                    letter.to_ascii_uppercase()
                } else {
                    letter.to_ascii_lowercase()
                }
            };
            push_range(text, swap(low), swap(high));
        }
    }
}

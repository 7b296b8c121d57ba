//! Backslash escapes that name one character or a set of characters, inside and outside of classes.
//!
//! Facts: PCRE2 manual, `pcre2pattern`, sections "Backslash" and "Generic character types" (without Unicode classes).

use super::cursor::Cursor;
use super::error::RegexError;

/// A set of characters with a name, as the inside of a bracket class.
#[derive(Clone, Copy)]
pub(super) struct Set {
    pub(super) members: &'static str,
    pub(super) negated: bool,
    /// Whether it tells letters from others, so that folding of case would widen it beyond ASCII.
    pub(super) letters: bool,
    /// Whether a newline is one of them.
    pub(super) newline: bool,
}

pub(super) const WORD: &str = "0-9A-Za-z_";
const SPACE: &str = r"\t\n\x0B\x0C\r\x20";
const HORIZONTAL: &str = r"\t\x20\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}";
const VERTICAL: &str = r"\n\x0B\x0C\r\x{85}\x{2028}\x{2029}";

/// The set of an escape letter: `\d`, `\W` …
pub(super) fn set(letter: char) -> Option<Set> {
    let (members, letters, newline) = match letter.to_ascii_lowercase() {
        'd' => ("0-9", false, false),
        'w' => (WORD, true, false),
        's' => (SPACE, false, true),
        'h' => (HORIZONTAL, false, false),
        'v' => (VERTICAL, false, true),
        _ => return None,
    };
    let negated = letter.is_ascii_uppercase();
    Some(Set {
        members,
        negated,
        letters,
        newline: newline != negated,
    })
}

/// The set of a POSIX class name; under `ignore_case`, `upper` and `lower` are all letters.
pub(super) fn posix(name: &str, ignore_case: bool) -> Option<(&'static str, bool)> {
    Some(match name {
        "upper" | "lower" if ignore_case => ("A-Za-z", true),
        "upper" => ("A-Z", true),
        "lower" => ("a-z", true),
        "alpha" => ("A-Za-z", true),
        "alnum" => ("0-9A-Za-z", true),
        "word" => (WORD, true),
        "digit" => ("0-9", false),
        "xdigit" => ("0-9A-Fa-f", true),
        "space" => (SPACE, false),
        "blank" => (r"\t\x20", false),
        "cntrl" => (r"\x00-\x1F\x7F", false),
        "graph" => (r"\x21-\x7E", true),
        "print" => (r"\x20-\x7E", true),
        "punct" => (r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E", false),
        "ascii" => (r"\x00-\x7F", true),
        _ => return None,
    })
}

/// Reads the rest of an escape that names one character, the letter after the backslash being read already.
/// Digits are left to the caller, which knows about back-references.
pub(super) fn character(cursor: &mut Cursor<'_>, start: usize, letter: char) -> Result<char, RegexError> {
    Ok(match letter {
        'a' => '\x07',
        'e' => '\x1B',
        'f' => '\x0C',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'c' => control(cursor, start)?,
        'x' => hexadecimal(cursor, start)?,
        'o' => {
            let digits = braced(cursor, start)?;
            code_point(digits, 8, cursor, start)?
        }
        '0' => {
            let digits = cursor.take_while(2, |next| next.is_digit(8));
            code_point(if digits.is_empty() { "0" } else { digits }, 8, cursor, start)?
        }
        other if !other.is_ascii_alphanumeric() => other,
        other => {
            return Err(RegexError::invalid(
                format!("unknown escape `\\{other}`"),
                cursor.since(start),
            ));
        }
    })
}

fn control(cursor: &mut Cursor<'_>, start: usize) -> Result<char, RegexError> {
    match cursor.bump() {
        Some(next) if next.is_ascii() && !next.is_ascii_control() => {
            let byte = u8::try_from(next).unwrap_or_default();
            Ok(char::from(byte.to_ascii_uppercase() ^ 0x40))
        }
        _ => Err(RegexError::invalid(
            "`\\c` without a printable ASCII character",
            cursor.since(start),
        )),
    }
}

fn hexadecimal(cursor: &mut Cursor<'_>, start: usize) -> Result<char, RegexError> {
    if cursor.peek() == Some('{') {
        let digits = braced(cursor, start)?;
        return code_point(digits, 16, cursor, start);
    }
    let digits = cursor.take_while(2, |next| next.is_ascii_hexdigit());
    code_point(if digits.is_empty() { "0" } else { digits }, 16, cursor, start)
}

pub(super) fn braced<'a>(cursor: &mut Cursor<'a>, start: usize) -> Result<&'a str, RegexError> {
    let inner = if cursor.eat("{") {
        cursor.take_until("}")
    } else {
        None
    };
    inner
        .map(str::trim)
        .ok_or_else(|| RegexError::invalid("escape without `{…}` that it needs", cursor.since(start)))
}

/// The character of a number in octal or hexadecimal digits.
pub(super) fn code_point(
    digits: &str,
    radix: u32,
    cursor: &Cursor<'_>,
    start: usize,
) -> Result<char, RegexError> {
    u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)
        .ok_or_else(|| RegexError::invalid("escape that names no character", cursor.since(start)))
}

/// Appends a character so that `regex-syntax` reads it as itself, inside and outside of classes.
pub(super) fn push_literal(output: &mut String, literal: char) {
    if regex_syntax::is_meta_character(literal) {
        output.push('\\');
    }
    output.push(literal);
}

//! What a regular expression cannot do without: texts that each match contains, for a superset that a stage without
//! regular expressions can say.
//!
//! Texts are compared without case there, so a class of one letter in all its cases counts as that letter.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::backend::language::steps;
use crate::regex::{Form, Regex};

/// Texts that are too short keep nothing away.
const SHORTEST: usize = 3;
/// More alternatives make a longer query than they save events.
const MOST_ALTERNATIVES: usize = 24;

/// What must hold of a value in which the expression is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Required {
    /// The value contains the text, without regard to case.
    Text(String),
    /// All.
    All(Vec<Required>),
    /// Any.
    Any(Vec<Required>),
}

/// The texts that an expression requires; `None` if there are none, or it cannot be told.
pub(super) fn of(regex: &Regex) -> Option<Required> {
    let Form::Regular { text, .. } = &regex.form else {
        return None;
    };
    let meaning = regex_syntax::ParserBuilder::new()
        .case_insensitive(regex.flags.ignore_case)
        .multi_line(regex.flags.multi_line)
        .dot_matches_new_line(regex.flags.dot_all)
        .utf8(false)
        .build()
        .parse(text)
        .ok()?;
    required(&meaning)
}

fn required(meaning: &Hir) -> Option<Required> {
    match meaning.kind() {
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(branches) => {
            if branches.len() > MOST_ALTERNATIVES {
                return None;
            }
            let branches = branches.iter().map(required).collect::<Option<Vec<_>>>()?;
            Some(Required::Any(branches))
        }
        HirKind::Concat(parts) => concat(parts),
        HirKind::Literal(_) | HirKind::Class(_) => concat(std::slice::from_ref(meaning)),
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// Neighbouring letters join to texts; what stands between two texts ends the first.
fn concat(parts: &[Hir]) -> Option<Required> {
    let mut found = Vec::new();
    let mut text = String::new();
    for part in parts {
        match part.kind() {
            HirKind::Look(_) | HirKind::Empty => {}
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(piece) => text.push_str(piece),
                Err(_) => flush(&mut text, &mut found),
            },
            HirKind::Class(class) => match single_letter(class) {
                Some(letter) => text.push(letter),
                None => flush(&mut text, &mut found),
            },
            HirKind::Repetition(repetition) if repetition.min > 0 && letters(&repetition.sub).is_some() => {
                // The first one ends the text before it, the last one begins the text after it.
                let repeated = letters(&repetition.sub).unwrap_or_default();
                text.push_str(&repeated);
                flush(&mut text, &mut found);
                text = repeated;
            }
            HirKind::Capture(_) | HirKind::Repetition(_) | HirKind::Alternation(_) | HirKind::Concat(_) => {
                flush(&mut text, &mut found);
                found.extend(required(part));
            }
        }
    }
    flush(&mut text, &mut found);
    match (found.len(), found.pop()) {
        (1, Some(only)) => Some(only),
        (_, None) => None,
        (_, Some(last)) => {
            found.push(last);
            Some(Required::All(found))
        }
    }
}

fn flush(text: &mut String, found: &mut Vec<Required>) {
    let text = std::mem::take(text);
    if text.chars().count() >= SHORTEST {
        found.push(Required::Text(text));
    }
}

/// The text of a literal or of a class of one letter.
fn letters(part: &Hir) -> Option<String> {
    match part.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(str::to_owned),
        HirKind::Class(class) => single_letter(class).map(String::from),
        HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Capture(_)
        | HirKind::Concat(_)
        | HirKind::Alternation(_) => None,
    }
}

/// The letter of a class that holds nothing but its cases.
fn single_letter(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else {
        return single_byte(class);
    };
    let first = class.ranges().first()?.start();
    let variants = steps::variants(first);
    class
        .iter()
        .flat_map(|range| range.start()..=range.end())
        .take(8)
        .all(|member| variants.contains(&member))
        .then(|| {
            variants
                .iter()
                .copied()
                .find(|letter| letter.is_lowercase())
                .unwrap_or(first)
        })
}

fn single_byte(class: &Class) -> Option<char> {
    let Class::Bytes(class) = class else { return None };
    let first = class.ranges().first()?.start();
    class
        .iter()
        .flat_map(|range| range.start()..=range.end())
        .take(8)
        .all(|member| member.is_ascii() && member.eq_ignore_ascii_case(&first))
        .then(|| char::from(first.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::{Required, of};
    use crate::regex::{Flags, Regex};

    fn shown(required: Option<Required>) -> String {
        match required {
            None => "-".to_owned(),
            Some(Required::Text(text)) => text,
            Some(Required::All(parts)) => {
                let parts: Vec<String> = parts.into_iter().map(|part| shown(Some(part))).collect();
                format!("({})", parts.join(" & "))
            }
            Some(Required::Any(parts)) => {
                let parts: Vec<String> = parts.into_iter().map(|part| shown(Some(part))).collect();
                format!("({})", parts.join(" | "))
            }
        }
    }

    #[test]
    fn texts_that_every_match_contains() {
        let rows = [
            (r"cmd\.exe.*whoami", "(cmd.exe & whoami)"),
            ("(?i)power[s]hell", "powershell"),
            ("abc(def)?ghi", "(abc & ghi)"),
            ("(abc|defg)x", "(abc | defg)"),
            ("(abc|d)x", "-"),
            ("^abcd$", "abcd"),
            (r"\bnet\b", "net"),
            ("ab*c", "-"),
            ("(abc){2}", "abc"),
            ("(abc){0,2}", "-"),
            ("[abc]def", "def"),
            ("a.b.c", "-"),
            ("abc+def", "(abc & cdef)"),
            ("ab+", "-"),
            ("", "-"),
        ];
        for (source, expected) in rows {
            let regex = Regex::parse(source, Flags::default()).unwrap();
            assert_eq!(shown(of(&regex)), expected, "{source}");
        }
    }
}

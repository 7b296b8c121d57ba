//! Sigma's escapes of strings, for values that pipelines write and rewrite.
//!
//! `\` escapes `*`, `?` and `\`; before anything else it stands for itself.

use crate::normalize::{Pattern, PatternPart};

/// Reads Sigma text with escapes and wildcards.
pub(super) fn read(text: &str, cased: bool) -> Pattern {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                literal.push(
                    characters
                        .next_if(|next| matches!(next, '*' | '?' | '\\'))
                        .unwrap_or('\\'),
                );
            }
            '*' => push(&mut parts, &mut literal, PatternPart::AnyRun),
            '?' => push(&mut parts, &mut literal, PatternPart::AnyOne),
            other => literal.push(other),
        }
    }
    if !literal.is_empty() {
        parts.push(PatternPart::Literal(literal));
    }
    Pattern { parts, cased }
}

/// Ends the literal and adds a wildcard, which is never beside another run.
fn push(parts: &mut Vec<PatternPart>, literal: &mut String, wildcard: PatternPart) {
    if !literal.is_empty() {
        parts.push(PatternPart::Literal(std::mem::take(literal)));
    }
    if wildcard != PatternPart::AnyRun || parts.last() != Some(&PatternPart::AnyRun) {
        parts.push(wildcard);
    }
}

/// Joins parts into a pattern whose literals are never empty and never beside each other.
pub(super) fn join(parts: impl IntoIterator<Item = PatternPart>, cased: bool) -> Pattern {
    let mut joined = Vec::new();
    let mut literal = String::new();
    for part in parts {
        match part {
            PatternPart::Literal(text) => literal.push_str(&text),
            wildcard @ (PatternPart::AnyOne | PatternPart::AnyRun) => {
                push(&mut joined, &mut literal, wildcard);
            }
        }
    }
    if !literal.is_empty() {
        joined.push(PatternPart::Literal(literal));
    }
    Pattern { parts: joined, cased }
}

/// The shortest text that [`read`] turns into the same parts: a backslash is doubled only before `\`, `*`, `?` or a
/// wildcard, so that paths look as rules write them.
pub(super) fn canonical(pattern: &Pattern) -> String {
    let mut text = String::new();
    for (index, part) in pattern.parts.iter().enumerate() {
        match part {
            PatternPart::AnyOne => text.push('?'),
            PatternPart::AnyRun => text.push('*'),
            PatternPart::Literal(literal) => {
                let wildcard_follows = index + 1 < pattern.parts.len();
                escape(literal, wildcard_follows, &mut text);
            }
        }
    }
    text
}

fn escape(literal: &str, wildcard_follows: bool, text: &mut String) {
    let mut characters = literal.chars().peekable();
    let mut after_backslash = false;
    while let Some(character) = characters.next() {
        match character {
            '*' | '?' => {
                text.push('\\');
                text.push(character);
                after_backslash = false;
            }
            '\\' => {
                let doubled = match characters.peek() {
                    Some(next) => matches!(next, '\\' | '*' | '?') || after_backslash,
                    None => wildcard_follows || after_backslash,
                };
                text.push_str(if doubled { r"\\" } else { r"\" });
                after_backslash = true;
            }
            other => {
                text.push(other);
                after_backslash = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{canonical, read};
    use proptest::prelude::*;

    #[test]
    fn paths_keep_single_backslashes() {
        assert_eq!(canonical(&read(r"C:\Windows\\*", false)), r"C:\Windows\\*");
        assert_eq!(canonical(&read(r"a\*b", false)), r"a\*b");
        assert_eq!(canonical(&read(r"\\\\srv\x", false)), r"\\\\srv\x");
    }

    proptest! {
        #[test]
        fn canonical_text_reads_back(text in r"[a\\*?b]{0,12}") {
            let pattern = read(&text, true);
            prop_assert_eq!(read(&canonical(&pattern), true), pattern);
        }
    }
}

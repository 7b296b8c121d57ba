//! Strings as regular expressions of pipelines see them.

use crate::normalize::{Pattern, PatternPart, pattern};

/// The text of a pattern that regular expressions of pipelines see. As in pySigma a backslash stands for itself and
/// `\` escapes a literal `*` or `?`; backslashes that stand before a `*` or `?` of either kind are doubled, so that
/// `C:\` with a wildcard (`C:\\*`) and a literal star (`C:\*`) differ. [`reread`] is its inverse.
pub(super) fn shown(pattern: &Pattern) -> String {
    let mut text = String::new();
    let mut backslashes = 0;
    for part in &pattern.parts {
        match part {
            PatternPart::AnyOne | PatternPart::AnyRun => {
                double(backslashes, &mut text);
                text.push(if *part == PatternPart::AnyOne { '?' } else { '*' });
                backslashes = 0;
            }
            PatternPart::Literal(literal) => {
                for character in literal.chars() {
                    if matches!(character, '*' | '?') {
                        double(backslashes, &mut text);
                        text.push('\\');
                    }
                    backslashes = if character == '\\' { backslashes + 1 } else { 0 };
                    text.push(character);
                }
            }
        }
    }
    text
}

/// Writes once more the backslashes that `text` ends in.
fn double(backslashes: usize, text: &mut String) {
    text.extend(std::iter::repeat_n('\\', backslashes));
}

/// Reads a text in the form of [`shown`]: backslashes count only before `*` and `?`, else each stands for itself.
pub(super) fn reread(text: &str, cased: bool) -> Pattern {
    let mut escaped = String::with_capacity(text.len());
    let mut backslashes = 0;
    for character in text.chars().map(Some).chain([None]) {
        match character {
            Some('\\') => {
                backslashes += 1;
                escaped.push('\\');
                continue;
            }
            Some('*' | '?') => {}
            Some(_) | None => double(backslashes, &mut escaped),
        }
        backslashes = 0;
        escaped.extend(character);
    }
    pattern::read(&escaped).with_case(cased)
}

#[cfg(test)]
mod tests {
    use super::{reread, shown};
    use crate::normalize::pattern::read;
    use proptest::prelude::*;

    #[test]
    fn backslashes_stand_for_themselves_but_before_wildcards() {
        for (written, text) in [
            (r"C:\Windows\\*", r"C:\Windows\\*"),
            (r"a\*b", r"a\*b"),
            (r"a\\\*b", r"a\\\*b"),
            (r"\\\\srv\x\", r"\\srv\x\"),
            (r"*\x", r"*\x"),
        ] {
            assert_eq!(shown(&read(written)), text);
        }
    }

    proptest! {
        #[test]
        fn shown_text_reads_back(text in r"[a\\*?b]{0,12}") {
            let pattern = read(&text).with_case(true);
            prop_assert_eq!(reread(&shown(&pattern), true), pattern);
        }

        #[test]
        fn any_text_is_shown_as_it_was(text in r"[ab\\]{0,12}") {
            prop_assert_eq!(shown(&reread(&text, true)), text);
        }
    }
}

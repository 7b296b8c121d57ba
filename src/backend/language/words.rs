//! The words of a pattern, for fields of which an engine keeps the words and not the value.
//!
//! What is printed asks for each word of the value, wherever it stands: every value that matches the pattern holds them
//! all, others may too. A language that uses this says so in a note.

use regex::Regex;

use super::Refusal;
use super::settings::WordsSettings;
use super::steps::{self, Step};
use crate::normalize::{Pattern, PatternPart};

/// How a value is cut.
#[derive(Clone, Debug)]
pub(super) struct Words {
    character: Regex,
    separator: String,
    loose: bool,
}

/// A word, and whether the engine's word may go on at either side.
#[derive(Default)]
struct Word {
    open_start: bool,
    text: String,
    open_end: bool,
}

impl Words {
    pub(super) fn build(settings: &WordsSettings) -> Result<Self, String> {
        let character = super::load::environment::whole(&settings.character)?;
        Ok(Self {
            character,
            separator: settings.separator.clone(),
            loose: settings.loose,
        })
    }

    /// Appends the words of a pattern, each escaped by `literal`, with `any_run` where a word may go on.
    pub(super) fn print(
        &self,
        pattern: &Pattern,
        literal: &[Step],
        any_run: &str,
        out: &mut String,
    ) -> Result<(), Refusal> {
        let mut printed: Vec<String> = Vec::new();
        for word in self.cut(pattern) {
            let mut text = String::with_capacity(word.text.len() + 2);
            if word.open_start || self.loose {
                text.push_str(any_run);
            }
            steps::run(literal, &word.text, &mut text)?;
            if word.open_end || self.loose {
                text.push_str(any_run);
            }
            if !printed.contains(&text) {
                printed.push(text);
            }
        }
        if printed.is_empty() {
            return Err(Refusal::value(
                "the value holds no word, and the field is indexed by words",
            ));
        }
        out.push_str(&printed.join(&self.separator));
        Ok(())
    }

    fn cut(&self, pattern: &Pattern) -> Vec<Word> {
        let mut words = Vec::new();
        let mut current = Word::default();
        let mut finish = |word: &mut Word, open: bool| {
            let done = std::mem::take(word);
            if !done.text.is_empty() {
                words.push(Word {
                    open_end: open,
                    ..done
                });
            }
        };
        for part in &pattern.parts {
            match part {
                PatternPart::AnyOne | PatternPart::AnyRun => {
                    finish(&mut current, true);
                    current.open_start = true;
                }
                PatternPart::Literal(text) => {
                    for character in text.chars() {
                        if self.character.is_match(character.encode_utf8(&mut [0; 4])) {
                            current.text.push(character);
                        } else {
                            finish(&mut current, false);
                        }
                    }
                }
            }
        }
        finish(&mut current, false);
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(parts: Vec<PatternPart>, loose: bool) -> Option<String> {
        let words = Words::build(&WordsSettings {
            character: "[a-z-]".to_owned(),
            separator: " AND ".to_owned(),
            loose,
        })
        .unwrap();
        let mut out = String::new();
        let pattern = Pattern { parts, cased: false };
        words.print(&pattern, &[], "*", &mut out).ok().map(|()| out)
    }

    #[test]
    fn words_are_open_where_the_pattern_is() {
        use PatternPart::{AnyOne, AnyRun, Literal};
        let literal = |text: &str| Literal(text.to_owned());
        let shown = |parts| printed(parts, false);
        assert_eq!(
            shown(vec![AnyRun, literal("new-object net.web"), AnyRun]).unwrap(),
            "*new-object AND net AND web*"
        );
        assert_eq!(
            shown(vec![literal("a"), AnyOne, literal("b c")]).unwrap(),
            "a* AND *b AND c"
        );
        assert_eq!(shown(vec![AnyRun, literal(" a "), AnyRun]).unwrap(), "a");
        assert_eq!(shown(vec![AnyRun, literal("$("), AnyRun]), None);
        assert_eq!(printed(vec![literal("a a.b")], true).unwrap(), "*a* AND *b*");
    }
}

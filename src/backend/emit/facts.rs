//! What the choice of a form asks of a value.

use std::borrow::Cow;

use crate::normalize::{Pattern, PatternPart};
use crate::regex::{Form, Regex};

/// Whether case makes a difference to the pattern.
pub(super) fn has_cased_letters(pattern: &Pattern) -> bool {
    pattern.parts.iter().any(|part| match part {
        PatternPart::Literal(text) => text.chars().any(is_cased),
        PatternPart::AnyOne | PatternPart::AnyRun => false,
    })
}

fn is_cased(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphabetic();
    }
    character.is_lowercase() || character.is_uppercase() || !character.to_lowercase().eq([character])
}

/// The literal parts of a pattern, joined.
pub(super) fn literal_text(pattern: &Pattern) -> Cow<'_, str> {
    let mut literals = pattern.parts.iter().filter_map(|part| match part {
        PatternPart::Literal(text) => Some(text.as_str()),
        PatternPart::AnyOne | PatternPart::AnyRun => None,
    });
    match (literals.next(), literals.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => {
            let mut text = format!("{first}{second}");
            text.extend(literals);
            Cow::Owned(text)
        }
    }
}

/// Whether the empty value matches the pattern.
pub(super) fn accepts_empty(pattern: &Pattern) -> bool {
    pattern.parts.iter().all(|part| match part {
        PatternPart::AnyRun => true,
        PatternPart::Literal(_) | PatternPart::AnyOne => false,
    })
}

/// Whether the regular expression is found in the empty value; yes where that cannot be told.
pub(super) fn regex_accepts_empty(regex: &Regex) -> bool {
    match &regex.form {
        Form::Regular { text, .. } => regex_syntax::parse(text)
            .ok()
            .and_then(|meaning| meaning.properties().minimum_len())
            .is_none_or(|length| length == 0),
        Form::Irregular { .. } => true,
    }
}

//! Notes: where a query differs from its rule, as the language declares it for a macro.

use crate::backend::emit::Note;
use crate::backend::emit::facts;
use crate::backend::language::{Effect, Language, Stage};
use crate::diagnostic::Span;
use crate::lower::Test;

/// What a note is looked up by.
pub(super) struct Said<'a> {
    /// The macro's form, without class: `equals_cased`.
    pub form: &'a str,
    /// The class of the column.
    pub class: &'a str,
    /// The literal text of the value.
    pub literal: &'a str,
    /// Whether the leaf stands under an odd number of negations.
    pub negated: bool,
    /// The value.
    pub span: Span,
}

/// Adds the notes that a stage declares for a leaf.
pub(super) fn collect(stage: &Stage, said: &Said<'_>, notes: &mut Vec<Note>) {
    for rule in &stage.notes {
        if rule.applies(said.form, said.class, said.literal) {
            notes.push(Note {
                code: rule.code.clone(),
                text: with_effect(&rule.text, rule.effect, said.negated),
                span: said.span,
            });
        }
    }
}

/// Adds the note for a test whose answer on the empty value is not Sigma's, as empty and absent are one in the column.
pub(super) fn collect_empty(
    language: &Language,
    stage: &Stage,
    class: &str,
    test: &Test,
    span: Span,
    notes: &mut Vec<Note>,
) {
    let Some(code) = stage.empty_is_absent(class) else {
        return;
    };
    let differs = match test {
        Test::HasValue | Test::Exists | Test::FieldReference { .. } => true,
        Test::Equals(pattern) => facts::accepts_empty(pattern),
        Test::Regex(regex) => facts::regex_accepts_empty(regex),
        Test::AnyOf(_)
        | Test::AllOf(_)
        | Test::Number(..)
        | Test::Bool(_)
        | Test::Cidr(_)
        | Test::TimePart(..)
        | Test::QueryExpression(_) => false,
    };
    if differs {
        let text = language
            .note_text(code)
            .unwrap_or("empty and absent values are one");
        notes.push(Note {
            code: code.to_owned(),
            text: text.to_owned(),
            span,
        });
    }
}

/// The text with its direction; a negation turns wider and narrower round.
fn with_effect(text: &str, effect: Effect, negated: bool) -> String {
    let direction = match (effect, negated) {
        (Effect::Differs, _) => return text.to_owned(),
        (Effect::Wider, false) | (Effect::Narrower, true) => "the query matches more",
        (Effect::Narrower, false) | (Effect::Wider, true) => "the query matches less",
    };
    format!("{text}: {direction}")
}

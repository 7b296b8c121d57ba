//! The ladder of forms: which macro says a test, the same for all languages.
//!
//! The first form that the language has for the column's class (or can reach by a cast), that is not forbidden for the
//! value and whose contexts can print it wins. A form that no macro spells is an answer: the language cannot say it.

use crate::backend::emit::facts;
use crate::backend::emit::say;
use crate::backend::language::{Macro, Refusal, Stage};
use crate::normalize::{Pattern, Relation, Shape, TimePart};

/// Why a leaf cannot be said.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    /// What was to be said, for messages: "a regular expression", "a network" …
    pub construct: &'static str,
    /// The refusal of a value; `None` if a macro is missing.
    pub reason: Option<Refusal>,
}

impl Refused {
    /// A construct without a macro.
    pub(super) fn construct(construct: &'static str) -> Self {
        Self {
            construct,
            reason: None,
        }
    }
}

/// A macro for a form on a class of column, with the casts that bring the column to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice<'l> {
    /// The form without class: `equals_cased`, `number` …: the key of the null policy.
    pub form: &'static str,
    /// The macro.
    pub spelling: &'l Macro,
    /// `as_text`, `as_number`, `as_time`, where the class is not the form's own.
    pub cast: Option<Cast<'l>>,
}

/// A cast that is composed into the field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cast<'l> {
    /// `as_text` …: the key of the null policy.
    pub form: &'static str,
    /// The macro.
    pub spelling: &'l Macro,
}

/// The class that a form is at home in: there its macro needs no suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Text,
    Number,
    Bool,
    Time,
}

impl Home {
    /// The class itself, as languages name it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::Time => "time",
        }
    }

    fn cast(self) -> Option<&'static str> {
        match self {
            Self::Text => Some("as_text"),
            Self::Number => Some("as_number"),
            Self::Time => Some("as_time"),
            Self::Bool => None,
        }
    }
}

/// The macro of a form for a class: the class's own, else the plain one with a cast.
pub(super) fn find<'l>(stage: &'l Stage, form: &'static str, class: &str, home: Home) -> Option<Choice<'l>> {
    // Class `text` has no suffix, but the plain macro of another home takes no text.
    let own_name = class != "text" || home == Home::Text;
    if let Some(spelling) = stage.find_for(form, class).filter(|_| own_name) {
        return Some(Choice {
            form,
            spelling,
            cast: None,
        });
    }
    let plain = || stage.find(form).or_else(|| stage.find_for(form, home.class()));
    if class == home.class() {
        return plain().map(|spelling| Choice {
            form,
            spelling,
            cast: None,
        });
    }
    let cast_form = home.cast()?;
    let cast = stage.find_for(cast_form, class)?;
    plain().map(|spelling| Choice {
        form,
        spelling,
        cast: Some(Cast {
            form: cast_form,
            spelling: cast,
        }),
    })
}

/// The ladder of a pattern: any-case and cased names, and whether only the literal core is printed.
fn ladder(shape: &Shape<'_>) -> &'static [(&'static str, &'static str, bool)] {
    const WILDCARD: (&str, &str, bool) = ("wildcard", "wildcard_cased", false);
    const PATTERN: (&str, &str, bool) = ("pattern", "pattern_cased", false);
    match shape {
        Shape::Empty => &[
            ("empty", "empty", true),
            ("equals", "equals_cased", true),
            WILDCARD,
            PATTERN,
        ],
        Shape::Any => &[("has_value", "has_value", true)],
        Shape::Exact(_) => &[("equals", "equals_cased", true), WILDCARD, PATTERN],
        Shape::StartsWith(_) => &[("starts", "starts_cased", true), WILDCARD, PATTERN],
        Shape::EndsWith(_) => &[("ends", "ends_cased", true), WILDCARD, PATTERN],
        Shape::Contains(_) => &[("contains", "contains_cased", true), WILDCARD, PATTERN],
        Shape::Other => &[WILDCARD, PATTERN],
    }
}

/// A pattern's form with its printed value (empty for forms without one).
#[derive(Clone, Debug)]
pub(super) struct PatternChoice<'l> {
    /// The macro.
    pub choice: Choice<'l>,
    /// The value as printed in each of the macro's contexts.
    pub printed: Vec<String>,
}

/// The first form of the ladder that can say a pattern on a class of column, with the printed value.
pub(super) fn pattern<'l>(
    stage: &'l Stage,
    class: &str,
    pattern: &Pattern,
) -> Result<PatternChoice<'l>, Refused> {
    first_form(stage, class, pattern, |choice, core_only| {
        let printed = print(stage, choice.spelling, pattern, core_only)?;
        Ok(PatternChoice { choice, printed })
    })
}

/// The form that [`pattern`] chooses, and whether only the literal core is printed; without the printed value.
///
/// What is only asked for its form is not held against the shape of its context; that comes when it is printed.
pub(super) fn pattern_form<'l>(
    stage: &'l Stage,
    class: &str,
    pattern: &Pattern,
) -> Result<(Choice<'l>, bool), Refused> {
    first_form(stage, class, pattern, |choice, core_only| {
        for context in say::contexts(choice.spelling) {
            stage.check_pattern(context, pattern, core_only)?;
        }
        Ok((choice, core_only))
    })
}

fn first_form<'l, T>(
    stage: &'l Stage,
    class: &str,
    pattern: &Pattern,
    try_form: impl Fn(Choice<'l>, bool) -> Result<T, Refusal>,
) -> Result<T, Refused> {
    let shape = pattern.shape();
    let mut refusal = None;
    let caseless = !facts::has_cased_letters(pattern);
    for (any_case, cased, core_only) in ladder(&shape) {
        let names = if pattern.cased {
            [cased, any_case]
        } else {
            [any_case, cased]
        };
        for name in names.into_iter().take(if caseless { 2 } else { 1 }) {
            let Some(choice) = find(stage, name, class, Home::Text) else {
                continue;
            };
            if Stage::forbidden(choice.spelling, facts::literal_text(pattern).as_ref()) {
                continue;
            }
            match try_form(choice, *core_only) {
                Ok(said) => return Ok(said),
                Err(reason) => refusal = refusal.or(Some(reason)),
            }
        }
    }
    Err(Refused {
        construct: construct_of(&shape, pattern.cased),
        reason: refusal,
    })
}

/// Prints a pattern in each context that the macro asks for.
pub(super) fn print(
    stage: &Stage,
    spelling: &Macro,
    pattern: &Pattern,
    core_only: bool,
) -> Result<Vec<String>, Refusal> {
    say::in_contexts(spelling, |context, out| {
        stage.print_pattern(context, pattern, core_only, out)
    })
}

fn construct_of(shape: &Shape<'_>, cased: bool) -> &'static str {
    match (shape, cased) {
        (Shape::Any, _) => "that a field has a value",
        (Shape::Empty, _) => "the empty value",
        (Shape::Exact(_), false) => "a value without regard to case",
        (Shape::Exact(_), true) => "a value in exact case",
        (_, false) => "a value with wildcards without regard to case",
        (_, true) => "a value with wildcards in exact case",
    }
}

/// The form of a comparison with another field.
pub(super) fn relation(relation: Relation, cased: bool) -> &'static str {
    match (relation, cased) {
        (Relation::Equals, false) => "field_equals",
        (Relation::Equals, true) => "field_equals_cased",
        (Relation::StartsWith, false) => "field_starts",
        (Relation::StartsWith, true) => "field_starts_cased",
        (Relation::EndsWith, false) => "field_ends",
        (Relation::EndsWith, true) => "field_ends_cased",
        (Relation::Contains, false) => "field_contains",
        (Relation::Contains, true) => "field_contains_cased",
    }
}

/// The form that takes a part out of a timestamp.
pub(super) fn time_part(part: TimePart) -> &'static str {
    match part {
        TimePart::Minute => "part_minute",
        TimePart::Hour => "part_hour",
        TimePart::Day => "part_day",
        TimePart::Week => "part_week",
        TimePart::Month => "part_month",
        TimePart::Year => "part_year",
    }
}

/// The form that says several values at once, if there is one: `any_` before each form that can have a list.
pub(super) fn any_form(form: &str) -> Option<&'static str> {
    Some(match form {
        "equals" => "any_equals",
        "equals_cased" => "any_equals_cased",
        "starts" => "any_starts",
        "starts_cased" => "any_starts_cased",
        "ends" => "any_ends",
        "ends_cased" => "any_ends_cased",
        "contains" => "any_contains",
        "contains_cased" => "any_contains_cased",
        "wildcard" => "any_wildcard",
        "wildcard_cased" => "any_wildcard_cased",
        "pattern" => "any_pattern",
        "pattern_cased" => "any_pattern_cased",
        "number" => "any_number",
        _ => return None,
    })
}

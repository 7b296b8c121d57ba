//! Chooses how a single leaf is said in a stage: macro, casts, operands. Both "can it be said" and printing stand on it.

use crate::backend::emit::facts;
use crate::backend::emit::field;
use crate::backend::emit::forms::{self, Cast, Choice, Home, Refused};
use crate::backend::language::{ContextId, Language, Macro, Parameter, Stage};
use crate::lower::null_policy::{NullTable, Policy};
use crate::lower::{Keyword, Predicate, Test};
use crate::normalize::{Column, Pattern, Shape};
use crate::regex::Form;
use crate::rule::Operator;
use crate::source::Number;

/// A leaf with its macro, before the field is spelled.
#[derive(Clone, Debug)]
pub(super) enum Said<'l> {
    /// A macro over a field.
    Field {
        /// The macro and the cast of the field.
        choice: Choice<'l>,
        /// A part of a timestamp, between cast and macro.
        part: Option<&'l Macro>,
        /// What the field is compared with.
        operand: Operand,
    },
    /// A comparison of two fields.
    Fields {
        /// The macro.
        spelling: &'l Macro,
        /// The form without class.
        form: &'static str,
        /// The casts of both fields.
        casts: [Option<Cast<'l>>; 2],
    },
    /// Text in the query language itself.
    Verbatim(String),
}

/// What a field is compared with.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    /// The value, printed in each context that the macro asks for, in order.
    Printed(Vec<String>),
    /// An operator's spelling and a number.
    Number(String, String),
}

/// How a stage says a predicate of one value.
pub(super) fn predicate<'l>(
    language: &Language,
    stage: &'l Stage,
    predicate: &Predicate,
) -> Result<Said<'l>, Refused> {
    let class = field::class(language, &predicate.column);
    match &predicate.test {
        Test::Equals(pattern) => {
            let chosen = forms::pattern(stage, class, pattern)?;
            Ok(plain(chosen.choice, chosen.printed))
        }
        Test::HasValue => simple(stage, "has_value", class, Home::Text, "that a field has a value"),
        Test::Exists => simple(stage, "exists", class, Home::Text, "that a field exists"),
        Test::Bool(true) => simple(stage, "is_true", class, Home::Bool, "a boolean"),
        Test::Bool(false) => simple(stage, "is_false", class, Home::Bool, "a boolean"),
        Test::Number(operator, number) => compare(stage, class, None, *operator, number),
        Test::TimePart(part, operator, number) => {
            compare(stage, class, Some(forms::time_part(*part)), *operator, number)
        }
        Test::Cidr(network) => {
            let form = if network.addr().is_ipv4() {
                "cidr4"
            } else {
                "cidr6"
            };
            let refused = || Refused::construct("a network");
            let choice = forms::find(stage, form, class, Home::Text).ok_or_else(refused)?;
            let value = in_contexts(choice.spelling, |context, out| {
                stage.print_text(context, &network.to_string(), out)
            })
            .map_err(|reason| Refused {
                construct: "a network",
                reason: Some(reason),
            })?;
            Ok(plain(choice, value))
        }
        Test::Regex(regex) => self::regex(stage, class, regex),
        Test::FieldReference {
            other,
            relation,
            cased,
        } => {
            let other_class = field::class(language, other);
            fields(stage, [class, other_class], forms::relation(*relation, *cased))
        }
        Test::QueryExpression(text) => Ok(Said::Verbatim(text.clone())),
        Test::AnyOf(_) | Test::AllOf(_) => Err(Refused::construct("a list of values")),
    }
}

fn plain(choice: Choice<'_>, printed: Vec<String>) -> Said<'_> {
    Said::Field {
        choice,
        part: None,
        operand: Operand::Printed(printed),
    }
}

fn simple<'l>(
    stage: &'l Stage,
    form: &'static str,
    class: &str,
    home: Home,
    construct: &'static str,
) -> Result<Said<'l>, Refused> {
    let choice = forms::find(stage, form, class, home).ok_or_else(|| Refused::construct(construct))?;
    Ok(plain(choice, Vec::new()))
}

fn compare<'l>(
    stage: &'l Stage,
    class: &str,
    part: Option<&'static str>,
    operator: Operator,
    number: &Number,
) -> Result<Said<'l>, Refused> {
    let construct = if part.is_some() {
        "a part of a timestamp"
    } else {
        "a comparison with a number"
    };
    let refused = || Refused::construct(construct);
    if number.integer.is_none() && !number.float.is_finite() {
        return Err(Refused::construct("a number that is infinite or none"));
    }
    let form = if operator == Operator::Equal {
        "number"
    } else {
        "compare"
    };
    let spelled = stage.operator(operator).ok_or_else(refused)?.to_owned();
    let (choice, part) = match part {
        None => (
            forms::find(stage, form, class, Home::Number).ok_or_else(refused)?,
            None,
        ),
        Some(part) => {
            let taken = forms::find(stage, part, class, Home::Time).ok_or_else(refused)?;
            let compared = forms::find(stage, form, "number", Home::Number).ok_or_else(refused)?;
            (
                Choice {
                    form: taken.form,
                    spelling: compared.spelling,
                    cast: taken.cast,
                },
                Some(taken.spelling),
            )
        }
    };
    Ok(Said::Field {
        choice,
        part,
        operand: Operand::Number(spelled, number_text(number)),
    })
}

/// A number as query languages read it: plain decimal, whatever the rule's notation was.
pub(super) fn number_text(number: &Number) -> String {
    number.canonical()
}

fn regex<'l>(stage: &'l Stage, class: &str, regex: &crate::regex::Regex) -> Result<Said<'l>, Refused> {
    let construct = match regex.form {
        Form::Regular { .. } => "a regular expression",
        Form::Irregular { .. } => "a regular expression with look-around or back-references",
    };
    let mut refusal = None;
    let names: &[(&'static str, bool)] = if regex.flags.ignore_case {
        &[("regex_any_case", true), ("regex", false)]
    } else {
        &[("regex", false)]
    };
    for (name, ignores_case) in names {
        let Some(choice) = forms::find(stage, name, class, Home::Text) else {
            continue;
        };
        let printed = in_contexts(choice.spelling, |context, out| {
            stage.print_regex(context, regex, *ignores_case, out)
        });
        match printed {
            Ok(value) => return Ok(plain(choice, value)),
            Err(reason) => refusal = refusal.or(Some(reason)),
        }
    }
    Err(Refused {
        construct,
        reason: refusal,
    })
}

fn fields<'l>(stage: &'l Stage, classes: [&str; 2], form: &'static str) -> Result<Said<'l>, Refused> {
    let refused = || Refused::construct("a comparison of two fields");
    let [left, right] = classes;
    if left == right
        && left != "text"
        && let Some(spelling) = stage.find(&format!("{form}_{left}"))
    {
        return Ok(Said::Fields {
            spelling,
            form,
            casts: [None, None],
        });
    }
    let spelling = stage.find(form).ok_or_else(refused)?;
    let cast = |class| field::text_cast(stage, class).ok_or_else(refused);
    Ok(Said::Fields {
        spelling,
        form,
        casts: [cast(left)?, cast(right)?],
    })
}

/// Prints a value in each context that a macro asks for, be it as one value or as one of a list.
pub(super) fn in_contexts<E>(
    spelling: &Macro,
    print: impl Fn(ContextId, &mut String) -> Result<(), E>,
) -> Result<Vec<String>, E> {
    let mut printed = Vec::new();
    for context in contexts(spelling) {
        let mut out = String::new();
        print(context, &mut out)?;
        printed.push(out);
    }
    Ok(printed)
}

/// Why a stage cannot say a predicate of one value; nothing is printed that need not be.
pub(super) fn refusal(language: &Language, stage: &Stage, one: &Predicate) -> Option<Refused> {
    if let Test::Equals(pattern) = &one.test {
        return forms::pattern_form(stage, field::class(language, &one.column), pattern).err();
    }
    predicate(language, stage, one).err()
}

/// The contexts that a macro asks a value for, be it as one value or as one of a list.
pub(super) fn contexts(spelling: &Macro) -> impl Iterator<Item = ContextId> + '_ {
    spelling
        .parameters
        .iter()
        .filter_map(|parameter| match parameter {
            Parameter::Context(context) | Parameter::Contexts(context) => Some(*context),
            Parameter::Field
            | Parameter::Other
            | Parameter::Operator
            | Parameter::Number
            | Parameter::Numbers
            | Parameter::Item
            | Parameter::Items
            | Parameter::Identifier => None,
        })
}

/// How a stage says a keyword: the macro with its form, and the printed values.
pub(super) fn keyword<'l>(stage: &'l Stage, keyword: &Keyword) -> Result<(Choice<'l>, Vec<String>), Refused> {
    match &keyword.test {
        Test::Equals(pattern) => keyword_pattern(stage, pattern),
        Test::Regex(regex) => keyword_regex(stage, regex),
        Test::AnyOf(_)
        | Test::AllOf(_)
        | Test::Number(..)
        | Test::Bool(_)
        | Test::Cidr(_)
        | Test::HasValue
        | Test::Exists
        | Test::FieldReference { .. }
        | Test::TimePart(..)
        | Test::QueryExpression(_) => Err(Refused::construct("this test in any field")),
    }
}

fn keyword_pattern<'l>(stage: &'l Stage, pattern: &Pattern) -> Result<(Choice<'l>, Vec<String>), Refused> {
    let core_only = matches!(pattern.shape(), Shape::Contains(_));
    let ladder: [(&'static str, &'static str, bool); 3] = [
        ("keyword", "keyword_cased", core_only),
        ("keyword_wildcard", "keyword_wildcard_cased", false),
        ("keyword_pattern", "keyword_pattern_cased", false),
    ];
    let mut refusal = None;
    let caseless = !facts::has_cased_letters(pattern);
    for (any_case, cased, core) in ladder {
        let names = if pattern.cased {
            [cased, any_case]
        } else {
            [any_case, cased]
        };
        for form in names.into_iter().take(if caseless { 2 } else { 1 }) {
            let Some(spelling) = stage.find(form) else {
                continue;
            };
            if Stage::forbidden(spelling, facts::literal_text(pattern).as_ref()) {
                continue;
            }
            match forms::print(stage, spelling, pattern, core) {
                Ok(printed) => {
                    return Ok((
                        Choice {
                            form,
                            spelling,
                            cast: None,
                        },
                        printed,
                    ));
                }
                Err(reason) => refusal = refusal.or(Some(reason)),
            }
        }
    }
    Err(Refused {
        construct: "a keyword in any field",
        reason: refusal,
    })
}

fn keyword_regex<'l>(
    stage: &'l Stage,
    regex: &crate::regex::Regex,
) -> Result<(Choice<'l>, Vec<String>), Refused> {
    let names: &[(&'static str, bool)] = if regex.flags.ignore_case {
        &[("keyword_regex_any_case", true), ("keyword_regex", false)]
    } else {
        &[("keyword_regex", false)]
    };
    let mut refusal = None;
    for (form, ignores_case) in names {
        let Some(spelling) = stage.find(form) else {
            continue;
        };
        let printed = in_contexts(spelling, |context, out| {
            stage.print_regex(context, regex, *ignores_case, out)
        });
        match printed {
            Ok(printed) => {
                return Ok((
                    Choice {
                        form,
                        spelling,
                        cast: None,
                    },
                    printed,
                ));
            }
            Err(reason) => refusal = refusal.or(Some(reason)),
        }
    }
    Err(Refused {
        construct: "a regular expression in any field",
        reason: refusal,
    })
}

/// What a stage says about nulls, for the shared pass.
pub(super) struct StageNulls<'l> {
    /// The language.
    pub language: &'l Language,
    /// The stage.
    pub stage: &'l Stage,
}

impl StageNulls<'_> {
    fn class(&self, column: &Column) -> &str {
        field::class(self.language, column)
    }
}

impl NullTable for StageNulls<'_> {
    fn policy(&self, leaf: &Predicate) -> Policy {
        let class = self.class(&leaf.column);
        let of_choice = |choice: Choice<'_>| {
            let own = self.stage.policy(class, choice.form);
            choice
                .cast
                .map_or(own, |cast| own.max(self.stage.policy(class, cast.form)))
        };
        if let Test::Equals(pattern) = &leaf.test {
            if self.stage.patterns_two_valued(class) {
                return Policy::TwoValued;
            }
            return forms::pattern_form(self.stage, class, pattern)
                .map_or(Policy::TwoValued, |(choice, _)| of_choice(choice));
        }
        match predicate(self.language, self.stage, leaf) {
            Ok(Said::Field { choice, .. }) => of_choice(choice),
            Ok(Said::Fields { form, .. }) => {
                let own = self.stage.policy(class, form);
                if let Test::FieldReference { other, .. } = &leaf.test {
                    own.max(self.stage.policy(self.class(other), form))
                } else {
                    own
                }
            }
            Ok(Said::Verbatim(_)) => Policy::SomeNull,
            Err(_) => Policy::TwoValued,
        }
    }

    fn accepts_absent(&self, leaf: &Predicate) -> bool {
        let merged = |column: &Column| self.stage.empty_is_absent(self.class(column)).is_some();
        match &leaf.test {
            Test::FieldReference { other, .. } => merged(&leaf.column) || merged(other),
            Test::Regex(regex) => merged(&leaf.column) && facts::regex_accepts_empty(regex),
            Test::Equals(_)
            | Test::AnyOf(_)
            | Test::AllOf(_)
            | Test::Number(..)
            | Test::Bool(_)
            | Test::Cidr(_)
            | Test::HasValue
            | Test::Exists
            | Test::TimePart(..)
            | Test::QueryExpression(_) => false,
        }
    }

    fn null_from_operand(&self, leaf: &Predicate) -> bool {
        let Ok(Said::Field { choice, part, .. }) = predicate(self.language, self.stage, leaf) else {
            return false;
        };
        let own = self.stage.policy(self.class(&leaf.column), choice.form);
        (choice.cast.is_some() || part.is_some()) && own != Policy::SomeNull
    }

    fn has_total(&self) -> bool {
        self.stage.find("total").is_some()
    }

    fn is_kleene(&self) -> bool {
        self.stage.kleene
    }
}

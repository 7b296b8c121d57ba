//! Prints a null-safe expression: macros for leaves and groups, parentheses by the stage's table.
//!
//! Values of one item on one column that share a form are printed as one list where the language has a macro for it.

use std::collections::BTreeSet;

use crate::backend::emit::facts;
use crate::backend::emit::forms::{self, Cast, Home};
use crate::backend::emit::say::{self, Operand, Said};
use crate::backend::emit::{Note, at, field, notes, unsupported};
use crate::backend::language::{Argument, Kind, Language, Macro, Parameter, Session, Stage};
use crate::diagnostic::{Result, Span};
use crate::lower::{Expr, Keyword, LeafId, Predicate, Test};
use crate::normalize::Column;
use crate::rule::Operator;

/// Above this length, in bytes, alternatives are put on lines of their own.
const READABLE_LINE: usize = 100;

/// A printed expression with the kind that decides on parentheses.
pub(super) struct Text {
    text: String,
    kind: Kind,
}

/// The text of a stage.
pub(super) struct Root {
    /// The whole.
    pub text: String,
    /// The conjuncts of the root, cheap ones first, each ready to stand alone.
    pub conjuncts: Vec<String>,
}

/// Prints the expressions of one stage of one part.
pub(super) struct Printer<'p, 's> {
    language: &'p Language,
    stage: &'p Stage,
    session: &'p mut Session<'s>,
    leaves: &'p mut BTreeSet<LeafId>,
    notes: &'p mut Vec<Note>,
    negations: usize,
}

impl<'p, 's> Printer<'p, 's> {
    pub(super) fn new(
        language: &'p Language,
        stage: &'p Stage,
        session: &'p mut Session<'s>,
        leaves: &'p mut BTreeSet<LeafId>,
        notes: &'p mut Vec<Note>,
    ) -> Self {
        Self {
            language,
            stage,
            session,
            leaves,
            notes,
            negations: 0,
        }
    }

    /// Prints the whole expression of the stage.
    pub(super) fn root(&mut self, expr: &Expr) -> Result<Root> {
        let mut items: Vec<&Expr> = match expr {
            Expr::And(items) => items.iter().collect(),
            Expr::Or(_)
            | Expr::Not(_)
            | Expr::Total(_)
            | Expr::Predicate(_)
            | Expr::Keyword(_)
            | Expr::Const(_) => vec![expr],
        };
        items.sort_by_key(|item| cost(item));
        let mut printed = Vec::with_capacity(items.len());
        for item in items {
            printed.push(match item {
                Expr::Or(members) => self.root_alternatives(members)?,
                Expr::And(_)
                | Expr::Not(_)
                | Expr::Total(_)
                | Expr::Predicate(_)
                | Expr::Keyword(_)
                | Expr::Const(_) => self.expr(item)?,
            });
        }
        let conjuncts = printed.iter().map(|item| item.text.clone()).collect();
        let whole = self.group("all_of", Kind::And, printed)?;
        let text = self.parenthesised(whole, Kind::Root)?;
        Ok(Root { text, conjuncts })
    }

    /// Alternatives that are a conjunct of the root: on lines of their own if they are long and the language has that.
    fn root_alternatives(&mut self, items: &[Expr]) -> Result<Text> {
        let printed = self.alternatives(items)?;
        let length: usize = printed.iter().map(|item| item.text.len()).sum();
        let lines = length > READABLE_LINE && self.stage.find("any_of_lines").is_some();
        self.group(if lines { "any_of_lines" } else { "any_of" }, Kind::Or, printed)
    }

    fn expr(&mut self, expr: &Expr) -> Result<Text> {
        match expr {
            Expr::And(items) => {
                let printed = items.iter().map(|item| self.expr(item)).collect::<Result<_>>()?;
                self.group("all_of", Kind::And, printed)
            }
            Expr::Or(items) => {
                let printed = self.alternatives(items)?;
                self.group("any_of", Kind::Or, printed)
            }
            Expr::Not(body) => {
                self.negations += 1;
                let body = self.expr(body);
                self.negations -= 1;
                self.wrap("negate", Kind::Not, body?)
            }
            Expr::Total(body) => {
                let body = self.expr(body)?;
                self.wrap("total", Kind::Total, body)
            }
            Expr::Predicate(predicate) => self.predicate(predicate),
            Expr::Keyword(keyword) => self.keyword(keyword),
            Expr::Const(value) => self.macro_named(if *value { "always" } else { "never" }, &[]),
        }
    }

    /// The members of an `or`, values that share a form put together.
    fn alternatives(&mut self, items: &[Expr]) -> Result<Vec<Text>> {
        let mut printed: Vec<Vec<Text>> = Vec::with_capacity(items.len());
        let mut lists: Vec<ValueList<'_>> = Vec::new();
        for item in items {
            let Some(value) = self.list_value(item) else {
                printed.push(vec![self.expr(item)?]);
                continue;
            };
            let place = printed.len();
            match lists.iter_mut().find(|list| list.holds(&value)) {
                Some(list) => list.add(value),
                None => {
                    printed.push(Vec::new());
                    lists.push(ValueList {
                        place,
                        first: value.clone(),
                        values: vec![value],
                    });
                }
            }
        }
        for list in lists {
            let longest = self.stage.max_list.unwrap_or(usize::MAX).max(1);
            for values in list.values.chunks(longest) {
                let text = match values {
                    [only] => self.predicate(only.predicate)?,
                    _ => self.value_list(&list.first, values)?,
                };
                if let Some(place) = printed.get_mut(list.place) {
                    place.push(text);
                }
            }
        }
        Ok(printed.into_iter().flatten().collect())
    }

    /// What a predicate would be as a value of a list, if the stage has a macro for lists of its form.
    fn list_value<'e>(&self, expr: &'e Expr) -> Option<ListValue<'e, 'p>> {
        let Expr::Predicate(predicate) = expr else {
            return None;
        };
        if predicate.leaf == LeafId::OPERAND {
            return None;
        }
        let class = field::class(self.language, &predicate.column);
        let (form, home, core_only) = match &predicate.test {
            Test::Equals(pattern) => {
                let (choice, core_only) = forms::pattern_form(self.stage, class, pattern).ok()?;
                (forms::any_form(choice.form)?, Home::Text, core_only)
            }
            Test::Number(Operator::Equal, _) => (forms::any_form("number")?, Home::Number, false),
            Test::AnyOf(_)
            | Test::AllOf(_)
            | Test::Number(..)
            | Test::Bool(_)
            | Test::Regex(_)
            | Test::Cidr(_)
            | Test::HasValue
            | Test::Exists
            | Test::FieldReference { .. }
            | Test::TimePart(..)
            | Test::QueryExpression(_) => return None,
        };
        let choice = forms::find(self.stage, form, class, home)?;
        let printed = match &predicate.test {
            Test::Equals(pattern) => {
                if Stage::forbidden(choice.spelling, facts::literal_text(pattern).as_ref()) {
                    return None;
                }
                forms::print(self.stage, choice.spelling, pattern, core_only).ok()?
            }
            Test::Number(_, number) => vec![say::number_text(number)],
            Test::AnyOf(_)
            | Test::AllOf(_)
            | Test::Bool(_)
            | Test::Regex(_)
            | Test::Cidr(_)
            | Test::HasValue
            | Test::Exists
            | Test::FieldReference { .. }
            | Test::TimePart(..)
            | Test::QueryExpression(_) => return None,
        };
        Some(ListValue {
            predicate,
            form,
            spelling: choice.spelling,
            cast: choice.cast,
            printed,
        })
    }

    fn value_list(&mut self, first: &ListValue<'_, '_>, values: &[ListValue<'_, '_>]) -> Result<Text> {
        let spelled = self.field(&first.predicate.column, first.cast)?;
        let columns: Vec<Vec<String>> = (0..first.printed.len())
            .map(|index| {
                values
                    .iter()
                    .filter_map(|value| value.printed.get(index).cloned())
                    .collect()
            })
            .collect();
        let mut columns = columns.iter();
        let empty = Vec::new();
        let mut arguments = Vec::with_capacity(first.spelling.parameters.len());
        for parameter in &first.spelling.parameters {
            arguments.push(match parameter {
                Parameter::Contexts(_) | Parameter::Numbers => {
                    Argument::List(columns.next().unwrap_or(&empty))
                }
                Parameter::Field
                | Parameter::Other
                | Parameter::Operator
                | Parameter::Number
                | Parameter::Item
                | Parameter::Items
                | Parameter::Identifier
                | Parameter::Context(_) => Argument::Text(&spelled),
            });
        }
        let text = self.call(first.spelling, &arguments, first.predicate.span)?;
        for value in values {
            self.account(value.predicate, value.form);
        }
        Ok(text)
    }

    /// "The operand, cast as the test casts it, has a value."
    fn operand_guard(&mut self, predicate: &Predicate) -> Result<Text> {
        let refused = || forms::Refused::construct("that a cast of a field has a value");
        let said = say::predicate(self.language, self.stage, predicate)
            .map_err(|refused| unsupported(self.language, &refused, predicate.span))?;
        let Said::Field { choice, part, .. } = said else {
            return Err(unsupported(self.language, &refused(), predicate.span));
        };
        let home = match (part, choice.cast.map(|cast| cast.form)) {
            (Some(_), _) | (None, Some("as_number")) => Home::Number,
            (None, Some("as_time")) => Home::Time,
            (None, _) => Home::Text,
        };
        let spelling = forms::find(self.stage, "has_value", home.class(), Home::Text)
            .map(|found| found.spelling)
            .or_else(|| self.stage.find("has_value"))
            .ok_or_else(|| unsupported(self.language, &refused(), predicate.span))?;
        let mut spelled = self.field(&predicate.column, choice.cast)?;
        if let Some(part) = part {
            spelled = field::apply(self.stage, self.session, part, &spelled)?;
        }
        self.call(spelling, &[Argument::Text(&spelled)], predicate.span)
    }

    fn predicate(&mut self, predicate: &Predicate) -> Result<Text> {
        if predicate.leaf == LeafId::OPERAND {
            return self.operand_guard(predicate);
        }
        let said = say::predicate(self.language, self.stage, predicate)
            .map_err(|refused| unsupported(self.language, &refused, predicate.span))?;
        match said {
            Said::Verbatim(text) => {
                self.account(predicate, "query_expression");
                Ok(Text {
                    text: format!("({text})"),
                    kind: Kind::Atom,
                })
            }
            Said::Fields {
                spelling,
                form,
                casts: [left_cast, right_cast],
            } => {
                let Test::FieldReference { other, .. } = &predicate.test else {
                    return Err(unsupported(
                        self.language,
                        &forms::Refused::construct("a comparison of two fields"),
                        predicate.span,
                    ));
                };
                let left = self.field(&predicate.column, left_cast)?;
                let right = self.field(other, right_cast)?;
                let text = self.call(
                    spelling,
                    &[Argument::Text(&left), Argument::Text(&right)],
                    predicate.span,
                )?;
                self.account(predicate, form);
                Ok(text)
            }
            Said::Field {
                choice,
                part,
                operand,
            } => {
                let mut spelled = self.field(&predicate.column, choice.cast)?;
                if let Some(part) = part {
                    spelled = field::apply(self.stage, self.session, part, &spelled)?;
                }
                let text = self.call(
                    choice.spelling,
                    &arguments(choice.spelling, &spelled, &operand),
                    predicate.span,
                )?;
                self.account(predicate, choice.form);
                Ok(text)
            }
        }
    }

    fn keyword(&mut self, keyword: &Keyword) -> Result<Text> {
        let (choice, printed) = say::keyword(self.stage, keyword)
            .map_err(|refused| unsupported(self.language, &refused, keyword.span))?;
        let arguments: Vec<Argument<'_>> = printed.iter().map(|value| Argument::Text(value)).collect();
        let text = self.call(choice.spelling, &arguments, keyword.span)?;
        if !keyword.leaf.is_added() {
            self.leaves.insert(keyword.leaf);
            self.note(choice.form, "text", &keyword.test, keyword.span);
        }
        Ok(text)
    }

    fn field(&mut self, column: &Column, cast: Option<Cast<'_>>) -> Result<String> {
        let spelled = field::spell(self.stage, self.session, column)?;
        field::cast(self.stage, self.session, spelled, cast)
    }

    /// Records that a leaf was said exactly, with the notes that the language has on it.
    fn account(&mut self, predicate: &Predicate, form: &str) {
        if predicate.leaf.is_added() {
            return;
        }
        self.leaves.insert(predicate.leaf);
        let language = self.language;
        let class = field::class(language, &predicate.column);
        self.note(form, class, &predicate.test, predicate.span);
        notes::collect_empty(
            language,
            self.stage,
            class,
            &predicate.test,
            predicate.span,
            self.notes,
        );
    }

    fn note(&mut self, form: &str, class: &str, test: &Test, span: Span) {
        if self.stage.notes.is_empty() {
            return;
        }
        let literal = match test {
            Test::Equals(pattern) => facts::literal_text(pattern),
            Test::Regex(regex) => regex.source.as_str().into(),
            Test::AnyOf(_)
            | Test::AllOf(_)
            | Test::Number(..)
            | Test::Bool(_)
            | Test::Cidr(_)
            | Test::HasValue
            | Test::Exists
            | Test::FieldReference { .. }
            | Test::TimePart(..)
            | Test::QueryExpression(_) => "".into(),
        };
        let said = notes::Said {
            form,
            class,
            literal: &literal,
            negated: self.negations % 2 == 1,
            span,
        };
        notes::collect(self.stage, &said, self.notes);
    }

    /// A group of printed items, or its only member.
    fn group(&mut self, name: &'static str, kind: Kind, mut items: Vec<Text>) -> Result<Text> {
        if items.len() == 1
            && let Some(only) = items.pop()
        {
            return Ok(only);
        }
        if items.is_empty() {
            return self.macro_named(if kind == Kind::And { "always" } else { "never" }, &[]);
        }
        let mut texts = items
            .into_iter()
            .map(|item| self.parenthesised(item, kind))
            .collect::<Result<Vec<_>>>()?;
        // A parser that nests one level per member has a limit; a tree of groups stays below it.
        let longest = self.stage.max_chain.unwrap_or(usize::MAX).max(2);
        while texts.len() > longest {
            texts = texts
                .chunks(longest)
                .map(|chunk| {
                    let group = self.macro_named(name, &[Argument::List(chunk)])?;
                    self.grouped(group.text)
                })
                .collect::<Result<_>>()?;
        }
        let mut text = self.macro_named(name, &[Argument::List(&texts)])?;
        text.kind = kind;
        Ok(text)
    }

    fn wrap(&mut self, name: &'static str, kind: Kind, body: Text) -> Result<Text> {
        let body = self.parenthesised(body, kind)?;
        self.macro_named(name, &[Argument::Text(&body)])
    }

    fn parenthesised(&mut self, item: Text, parent: Kind) -> Result<String> {
        if self.stage.parens.needs(parent, item.kind) {
            self.grouped(item.text)
        } else {
            Ok(item.text)
        }
    }

    fn grouped(&mut self, text: String) -> Result<String> {
        match self.stage.find("group") {
            None => Ok(format!("({text})")),
            Some(_) => Ok(self.macro_named("group", &[Argument::Text(&text)])?.text),
        }
    }

    fn macro_named(&mut self, name: &'static str, arguments: &[Argument<'_>]) -> Result<Text> {
        match self.stage.find(name) {
            Some(spelling) => self.call(spelling, arguments, Span::default()),
            None => Err(unsupported(
                self.language,
                &forms::Refused::construct(name),
                Span::default(),
            )),
        }
    }

    fn call(&mut self, spelling: &Macro, arguments: &[Argument<'_>], span: Span) -> Result<Text> {
        let mut text = String::with_capacity(64);
        self.session
            .call(self.stage, spelling, arguments, &mut text)
            .map_err(|fault| Box::new(at(*fault, span)))?;
        Ok(Text {
            text,
            kind: spelling.kind,
        })
    }
}

/// The arguments of a leaf's macro, in the order of its parameters.
fn arguments<'a>(spelling: &Macro, field: &'a str, operand: &'a Operand) -> Vec<Argument<'a>> {
    let mut printed = match operand {
        Operand::Printed(values) => values.as_slice(),
        Operand::Number(..) => &[],
    }
    .iter();
    let (operator, number) = match operand {
        Operand::Number(operator, number) => (operator.as_str(), number.as_str()),
        Operand::Printed(_) => ("", ""),
    };
    let argument = |parameter: &Parameter| match parameter {
        Parameter::Field
        | Parameter::Other
        | Parameter::Item
        | Parameter::Items
        | Parameter::Identifier
        | Parameter::Numbers => field,
        Parameter::Operator => operator,
        Parameter::Number => number,
        Parameter::Context(_) | Parameter::Contexts(_) => printed.next().map_or("", String::as_str),
    };
    spelling
        .parameters
        .iter()
        .map(argument)
        .map(Argument::Text)
        .collect()
}

/// A value that could stand in a list.
#[derive(Clone)]
struct ListValue<'e, 'l> {
    predicate: &'e Predicate,
    form: &'static str,
    spelling: &'l Macro,
    cast: Option<Cast<'l>>,
    printed: Vec<String>,
}

/// Values of one item on one column that share a form.
struct ValueList<'e> {
    place: usize,
    first: ListValue<'e, 'e>,
    values: Vec<ListValue<'e, 'e>>,
}

/// How dear a conjunct is: analysts write cheap tests first, and engines that keep the order gain by it.
fn cost(expr: &Expr) -> u8 {
    match expr {
        Expr::Const(_) => 0,
        Expr::Predicate(predicate) => match &predicate.test {
            Test::Number(..) | Test::Bool(_) => 0,
            Test::Equals(pattern) if pattern.as_literal().is_some() => 1,
            Test::HasValue | Test::Exists => 1,
            Test::Equals(_) | Test::FieldReference { .. } | Test::TimePart(..) => 2,
            Test::AnyOf(_) | Test::AllOf(_) => 2,
            Test::Cidr(_) | Test::QueryExpression(_) => 3,
            Test::Regex(_) => 4,
        },
        Expr::And(items) | Expr::Or(items) => items.iter().map(cost).max().unwrap_or(0),
        Expr::Not(body) | Expr::Total(body) => cost(body),
        Expr::Keyword(_) => 5,
    }
}

impl<'e> ValueList<'e> {
    fn holds(&self, value: &ListValue<'e, 'e>) -> bool {
        let first = &self.first;
        first.form == value.form
            && first.predicate.item == value.predicate.item
            && first.predicate.column == value.predicate.column
            && (first.predicate.leaf == LeafId::ADDED) == (value.predicate.leaf == LeafId::ADDED)
    }

    fn add(&mut self, value: ListValue<'e, 'e>) {
        self.values.push(value);
    }
}

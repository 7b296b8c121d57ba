//! The parser proper: one loop over the tokens with a stack of open parentheses.
//!
//! An explicit stack instead of recursion, since a text decides how deep it goes.

use super::super::attributes::nearest;
use super::super::{ConditionNode, Quantity, Selector, Spanned};
use super::token::{Token, TokenKind, Tokens};
use super::{Context, NESTING_LIMIT, Subject, aggregation, fail};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Result, Span};

/// A parsed part with the height of its tree.
struct Part {
    node: ConditionNode,
    height: usize,
}

/// What stands between two parentheses, as far as it was read.
#[derive(Default)]
struct Group {
    /// Byte of the parenthesis that opened it; `None` for the whole condition.
    opened_at: Option<usize>,
    /// Finished parts of the `or` chain.
    alternatives: Vec<Part>,
    /// Finished parts of the `and` chain that is being read.
    conjuncts: Vec<Part>,
    /// Negations that wait for their operand.
    negations: usize,
}

/// A word with a meaning in the grammar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    And,
    Or,
    Not,
}

pub(super) struct Parser<'a, 'd> {
    text: &'a str,
    tokens: Tokens<'a>,
    context: Context<'a>,
    locate: &'a dyn Fn(usize, usize) -> Span,
    diagnostics: &'d mut Diagnostics,
    /// The groups around `group`, innermost last.
    enclosing: Vec<Group>,
    group: Group,
    /// Parentheses and negations that are open.
    nesting: usize,
}

impl<'a, 'd> Parser<'a, 'd> {
    pub(super) fn new(
        text: &'a str,
        context: Context<'a>,
        locate: &'a dyn Fn(usize, usize) -> Span,
        diagnostics: &'d mut Diagnostics,
    ) -> Self {
        Self {
            text,
            tokens: Tokens::new(text),
            context,
            locate,
            diagnostics,
            enclosing: Vec::new(),
            group: Group::default(),
            nesting: 0,
        }
    }

    pub(super) fn parse(mut self) -> Result<ConditionNode> {
        let mut operand_expected = true;
        while let Some(token) = self.tokens.next() {
            operand_expected = if operand_expected {
                self.operand(token)?
            } else {
                self.operator(token)?
            };
        }
        if operand_expected {
            return self.ends_early();
        }
        if let Some(opened_at) = self.group.opened_at {
            return fail(self.syntax(
                "parenthesis is never closed",
                opened_at,
                opened_at + 1,
                "add the closing parenthesis",
            ));
        }
        let group = std::mem::take(&mut self.group);
        Ok(self.finish(group)?.node)
    }

    /// Takes a token where a name, `not` or a parenthesis may stand; says whether an operand is still expected.
    fn operand(&mut self, token: Token<'a>) -> Result<bool> {
        match token.kind {
            TokenKind::Open => {
                self.nest(token)?;
                let group = Group {
                    opened_at: Some(token.start),
                    ..Group::default()
                };
                self.enclosing.push(std::mem::replace(&mut self.group, group));
                Ok(true)
            }
            TokenKind::Word => match self.keyword(token) {
                Some(Keyword::Not) => {
                    self.nest(token)?;
                    self.group.negations += 1;
                    Ok(true)
                }
                Some(Keyword::And | Keyword::Or) => self.unexpected(token),
                None => {
                    let node = self.name_or_selector(token)?;
                    self.complete(Part { node, height: 1 })?;
                    Ok(false)
                }
            },
            TokenKind::Close | TokenKind::Pipe => self.unexpected(token),
        }
    }

    /// Takes a token where an operator or a closing parenthesis may stand; says whether an operand is expected next.
    fn operator(&mut self, token: Token<'a>) -> Result<bool> {
        match token.kind {
            TokenKind::Close => {
                let Some(outer) = self.enclosing.pop() else {
                    return fail(self.at_token(
                        token,
                        "closing parenthesis without an opening one",
                        "remove it",
                    ));
                };
                let inner = std::mem::replace(&mut self.group, outer);
                self.nesting -= 1;
                let part = self.finish(inner)?;
                self.complete(part)?;
                Ok(false)
            }
            TokenKind::Pipe => self.pipe(token),
            TokenKind::Open => self.operator_missing(token),
            TokenKind::Word => match self.keyword(token) {
                Some(Keyword::And) => Ok(true),
                Some(Keyword::Or) => {
                    let conjuncts = std::mem::take(&mut self.group.conjuncts);
                    let part = chain(conjuncts, ConditionNode::And);
                    self.check_height(&part)?;
                    self.group.alternatives.push(part);
                    Ok(true)
                }
                Some(Keyword::Not) | None => self.operator_missing(token),
            },
        }
    }

    /// The grammar's meaning of a word; reports it where it is in upper case.
    fn keyword(&mut self, token: Token<'a>) -> Option<Keyword> {
        let (keyword, lower) = match token.text {
            "and" => return Some(Keyword::And),
            "or" => return Some(Keyword::Or),
            "not" => return Some(Keyword::Not),
            "AND" => (Keyword::And, "and"),
            "OR" => (Keyword::Or, "or"),
            "NOT" => (Keyword::Not, "not"),
            _ => return None,
        };
        self.report_upper_case(token, lower);
        Some(keyword)
    }

    /// Extended conditions of correlations have their operators in either case.
    fn report_upper_case(&mut self, token: Token<'a>, lower: &str) {
        if self.context.subject == Subject::Rules {
            return;
        }
        self.diagnostics.push(
            Diagnostic::warning(
                Code::UPPERCASE_OPERATOR,
                format!("operator `{}` is not in lower case", token.text),
                (self.locate)(token.start, token.end()),
            )
            .with_help(format!("write `{lower}`")),
        );
    }

    /// A name, or a selector if `of` follows a quantity.
    fn name_or_selector(&mut self, token: Token<'a>) -> Result<ConditionNode> {
        let mut ahead = self.tokens.clone();
        let of = ahead
            .next()
            .filter(|next| next.kind == TokenKind::Word && matches!(next.text, "of" | "OF"));
        let Some(of) = of else {
            self.check_name(token)?;
            return Ok(ConditionNode::Identifier(Spanned {
                value: token.text.to_owned(),
                span: (self.locate)(token.start, token.end()),
            }));
        };
        let quantity = self.quantity(token)?;
        if of.text == "OF" {
            self.report_upper_case(of, "of");
        }
        self.tokens = ahead;
        let Some(target) = self.tokens.next() else {
            let help = format!(
                "add `them`, or a pattern of {} names such as `selection_*`",
                self.noun()
            );
            let title = "expected `them` or a pattern after `of`";
            return fail(self.behind(of, title, help));
        };
        if target.kind != TokenKind::Word {
            let help = "write a pattern with `*` instead, or the names with `or` between them";
            return fail(self.at_token(target, "expected `them` or a pattern after `of`", help));
        }
        if target.text == "THEM" {
            self.report_upper_case(target, "them");
        }
        Ok(ConditionNode::Selector(Selector {
            quantity,
            pattern: (!matches!(target.text, "them" | "THEM")).then(|| target.text.to_owned()),
            span: (self.locate)(token.start, target.end()),
        }))
    }

    /// Refuses a word that lacks an operator behind it for a reason of its own: a comma, or an `of` without a quantity.
    fn check_name(&self, token: Token<'a>) -> Result<()> {
        let followed = self.tokens.clone().next().is_some_and(|next| {
            next.kind == TokenKind::Word && !matches!(next.text, "and" | "or" | "AND" | "OR")
        });
        if !followed {
            return Ok(());
        }
        if let Some(name) = token.text.strip_suffix(',') {
            let comma = token.start + name.len();
            let help = "write `and` or `or` between the names";
            return fail(self.syntax("`,` is not an operator of conditions", comma, comma + 1, help));
        }
        if token.text == "of" {
            let help = "write `1 of`, `all of` or another whole number above 0 before `of`";
            return fail(self.at_token(token, "quantity missing before `of`", help));
        }
        Ok(())
    }

    fn quantity(&mut self, token: Token<'a>) -> Result<Quantity> {
        match token.text {
            "all" => return Ok(Quantity::All),
            "any" => return Ok(Quantity::AtLeast(1)),
            "ALL" => {
                self.report_upper_case(token, "all");
                return Ok(Quantity::All);
            }
            "ANY" => {
                self.report_upper_case(token, "any");
                return Ok(Quantity::AtLeast(1));
            }
            _ => {}
        }
        let help = "write `1`, `all`, `any` or another whole number above 0 before `of`";
        if !token.text.bytes().all(|byte| byte.is_ascii_digit()) {
            let title = format!("expected a quantity before `of`, found `{}`", token.text);
            return fail(self.at_token(token, title, help));
        }
        match token.text.parse::<u32>() {
            Ok(0) => fail(self.at_token(token, "`0 of` asks for nothing", help)),
            Ok(count) => Ok(Quantity::AtLeast(count)),
            Err(_) => fail(self.at_token(token, "quantity is too large", help)),
        }
    }

    fn nest(&mut self, token: Token<'a>) -> Result<()> {
        self.nesting += 1;
        if self.nesting > NESTING_LIMIT {
            return fail(self.too_deep(token.start, token.end()));
        }
        Ok(())
    }

    /// Hands a finished operand to the chain that is being read.
    fn complete(&mut self, part: Part) -> Result<()> {
        let negations = std::mem::take(&mut self.group.negations);
        self.nesting -= negations;
        let mut part = part;
        for _ in 0..negations {
            part = Part {
                node: ConditionNode::Not(Box::new(part.node)),
                height: part.height + 1,
            };
        }
        self.check_height(&part)?;
        self.group.conjuncts.push(part);
        Ok(())
    }

    fn finish(&self, group: Group) -> Result<Part> {
        let mut alternatives = group.alternatives;
        alternatives.push(chain(group.conjuncts, ConditionNode::And));
        let part = chain(alternatives, ConditionNode::Or);
        self.check_height(&part)?;
        Ok(part)
    }

    fn check_height(&self, part: &Part) -> Result<()> {
        if part.height > NESTING_LIMIT {
            return fail(self.too_deep(0, self.text.len()));
        }
        Ok(())
    }

    fn too_deep(&self, start: usize, end: usize) -> Diagnostic {
        Diagnostic::error(
            Code::CONDITION_TOO_DEEP,
            format!("condition is nested more than {NESTING_LIMIT} deep"),
            (self.locate)(start, end),
        )
        .with_help("split the rule, or remove parentheses and negations that change nothing")
    }

    fn pipe(&self, token: Token<'a>) -> Result<bool> {
        let rest = self.text.get(token.end()..).unwrap_or_default();
        if rest.starts_with('|') {
            let title = "`||` is not an operator of conditions";
            return fail(self.syntax(title, token.start, token.end() + 1, "write `or`"));
        }
        let end = self.text.trim_end().len();
        fail(
            Diagnostic::error(
                Code::AGGREGATION_CONDITION,
                "condition uses an aggregation, which Sigma no longer has",
                (self.locate)(token.start, end),
            )
            .with_help(aggregation::correlation_for(rest, self.context.timeframe)),
        )
    }

    fn unexpected<T>(&self, token: Token<'a>) -> Result<T> {
        let title = format!("expected a {} name, found `{}`", self.noun(), token.text);
        let help = match token.kind {
            TokenKind::Close => "remove the empty parentheses, or write what belongs before the closing one",
            TokenKind::Pipe => "write the condition before the `|`",
            TokenKind::Open | TokenKind::Word => "remove the operator, or write what it combines",
        };
        fail(self.at_token(token, title, help))
    }

    fn operator_missing<T>(&self, token: Token<'a>) -> Result<T> {
        let title = format!("operator missing before `{}`", token.text);
        let operators = ["and", "or", "not"];
        let help = match token.text {
            "&&" | "&" => "write `and`".to_owned(),
            "," => "write `and` or `or`".to_owned(),
            "not" | "NOT" => "write `and not` or `or not`".to_owned(),
            "of" | "OF" => "only a quantity stands before `of`: `1 of`, `all of`, `any of`".to_owned(),
            word => match nearest(word, operators).filter(|_| token.kind == TokenKind::Word) {
                Some(operator) => format!("did you mean `{operator}`?"),
                None => "write `and` or `or` between the two".to_owned(),
            },
        };
        fail(self.at_token(token, title, &help))
    }

    fn ends_early<T>(&self) -> Result<T> {
        let noun = self.noun();
        let end = self.text.trim_end().len();
        if end == 0 {
            let help = format!("name a {noun}");
            return fail(self.syntax("condition is empty", 0, self.text.len(), &help));
        }
        let title = format!("expected a {noun} name at the end of the condition");
        match Tokens::new(self.text).last() {
            Some(last) => {
                let help = format!("write what follows `{0}`, or remove `{0}`", last.text);
                fail(self.behind(last, title, help))
            }
            None => fail(self.syntax(title, end, end, "write what follows")),
        }
    }

    /// A fault behind the last token of the condition.
    fn behind(&self, last: Token<'a>, title: impl Into<String>, help: impl Into<String>) -> Diagnostic {
        let token = (self.locate)(last.start, last.end());
        let place = Span {
            start: token.end,
            ..token
        };
        Diagnostic::error(Code::CONDITION_SYNTAX, title, place).with_help(help)
    }

    fn noun(&self) -> &'static str {
        self.context.subject.noun()
    }

    fn at_token(&self, token: Token<'a>, title: impl Into<String>, help: &str) -> Diagnostic {
        self.syntax(title, token.start, token.end(), help)
    }

    fn syntax(&self, title: impl Into<String>, start: usize, end: usize, help: &str) -> Diagnostic {
        Diagnostic::error(Code::CONDITION_SYNTAX, title, (self.locate)(start, end)).with_help(help)
    }
}

/// One part as it is, several as one node.
fn chain(mut parts: Vec<Part>, combine: fn(Vec<ConditionNode>) -> ConditionNode) -> Part {
    if parts.len() == 1
        && let Some(part) = parts.pop()
    {
        return part;
    }
    let height = parts.iter().map(|part| part.height).max().unwrap_or_default() + 1;
    Part {
        node: combine(parts.into_iter().map(|part| part.node).collect()),
        height,
    }
}

//! An expression made ready to run, and its run over events.

use crate::diagnostic::{Code, Diagnostic, Result, Span};
use crate::eval::explain::{Explanation, Outcome, Subject};
use crate::eval::test::{ReadyTest, Scope};
use crate::eval::{Event, Field};
use crate::lower::{Expr, LeafId, Test, describe_keyword, describe_predicate};

/// The deepest expression that is run; above what `lower` makes, with its null policy.
const DEPTH_LIMIT: usize = 1_500;

/// Why an event could not be decided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .diagnostic.title)]
pub struct EvaluationError {
    /// The fault, with the place in the rule.
    pub diagnostic: Box<Diagnostic>,
}

/// An expression, ready to be run over any number of events; shared freely between threads.
#[derive(Debug)]
pub struct Matcher {
    root: Node,
}

#[derive(Debug)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Const(bool),
    Leaf(Box<Leaf>),
}

#[derive(Debug)]
struct Leaf {
    scope: Scope,
    test: ReadyTest,
    id: LeafId,
    span: Span,
    text: String,
}

impl Matcher {
    /// Makes an expression ready. Text in a target's query language, a regular expression beyond the size limit and
    /// nesting beyond 1,500 levels are errors.
    pub fn compile(expr: &Expr) -> Result<Self> {
        if expr.depth() > DEPTH_LIMIT {
            let title = format!("the logic is nested more than {DEPTH_LIMIT} levels deep");
            let span = expr.leaves().next().map(|leaf| leaf.span()).unwrap_or_default();
            return Err(Box::new(Diagnostic::error(Code::NOT_EVALUABLE, title, span)));
        }
        Node::compile(expr).map(|root| Self { root })
    }

    /// Whether the event matches. Where a part cannot be decided the others may still decide the whole; only if they do
    /// not, the first such part's error is given.
    pub fn matches(&self, event: &Event) -> std::result::Result<bool, EvaluationError> {
        self.root.evaluate(event)
    }

    /// What held, what did not, and the values that were seen; every leaf is run.
    #[must_use]
    pub fn explain(&self, event: &Event) -> Explanation {
        self.root.explain(event)
    }
}

impl Node {
    fn compile(expr: &Expr) -> Result<Self> {
        let each = |parts: &[Expr]| parts.iter().map(Self::compile).collect::<Result<Vec<_>>>();
        Ok(match expr {
            Expr::And(parts) => Self::All(each(parts)?),
            Expr::Or(parts) => Self::Any(each(parts)?),
            Expr::Not(body) => Self::Not(Box::new(Self::compile(body)?)),
            Expr::Total(body) => Self::compile(body)?,
            Expr::Const(value) => Self::Const(*value),
            Expr::Predicate(predicate) => {
                let scope = Scope::Field(Field::new(&predicate.column.name));
                let text = describe_predicate(predicate);
                Self::leaf(scope, &predicate.test, predicate.leaf, predicate.span, text)?
            }
            Expr::Keyword(keyword) => {
                let text = describe_keyword(keyword);
                Self::leaf(Scope::Anything, &keyword.test, keyword.leaf, keyword.span, text)?
            }
        })
    }

    fn leaf(scope: Scope, test: &Test, id: LeafId, span: Span, text: String) -> Result<Self> {
        let test = ReadyTest::new(test, span)?;
        Ok(Self::Leaf(Box::new(Leaf {
            scope,
            test,
            id,
            span,
            text,
        })))
    }

    /// Recursion ends at the depth that [`Matcher::compile`] allows.
    fn evaluate(&self, event: &Event) -> std::result::Result<bool, EvaluationError> {
        match self {
            Self::All(nodes) => decide(nodes.iter().map(|node| node.evaluate(event)), false),
            Self::Any(nodes) => decide(nodes.iter().map(|node| node.evaluate(event)), true),
            Self::Not(node) => node.evaluate(event).map(|held| !held),
            Self::Const(value) => Ok(*value),
            Self::Leaf(leaf) => leaf.evaluate(event),
        }
    }

    fn explain(&self, event: &Event) -> Explanation {
        let (subject, parts): (_, Vec<Explanation>) = match self {
            Self::All(nodes) => (
                Subject::All,
                nodes.iter().map(|node| node.explain(event)).collect(),
            ),
            Self::Any(nodes) => (
                Subject::Any,
                nodes.iter().map(|node| node.explain(event)).collect(),
            ),
            Self::Not(node) => (Subject::Not, vec![node.explain(event)]),
            Self::Const(value) => (Subject::Const(*value), Vec::new()),
            Self::Leaf(leaf) => (leaf.subject(event), Vec::new()),
        };
        let outcomes = || parts.iter().map(|part| part.outcome.clone().into_result());
        let outcome = match self {
            Self::All(_) => decide(outcomes(), false),
            Self::Any(_) => decide(outcomes(), true),
            Self::Not(_) => decide(outcomes(), true).map(|held| !held),
            Self::Const(value) => Ok(*value),
            Self::Leaf(leaf) => leaf.evaluate(event),
        };
        Explanation {
            outcome: Outcome::from_result(outcome),
            subject,
            parts,
        }
    }
}

/// `deciding` if any part gives it, else the first error, else the opposite.
fn decide(
    outcomes: impl Iterator<Item = std::result::Result<bool, EvaluationError>>,
    deciding: bool,
) -> std::result::Result<bool, EvaluationError> {
    let mut fault = None;
    for outcome in outcomes {
        match outcome {
            Ok(held) if held == deciding => return Ok(deciding),
            Ok(_) => {}
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    fault.map_or(Ok(!deciding), Err)
}

impl Leaf {
    fn evaluate(&self, event: &Event) -> std::result::Result<bool, EvaluationError> {
        self.test.holds(&self.scope, event).map_err(|_| {
            let title = "a regular expression takes more steps over an event than the limit allows";
            EvaluationError {
                diagnostic: Box::new(
                    Diagnostic::error(Code::EVALUATION_LIMIT, title, self.span)
                        .with_help("avoid nested repetitions, or say it without look-around"),
                ),
            }
        })
    }

    fn subject(&self, event: &Event) -> Subject {
        let values = match &self.scope {
            Scope::Field(field) => Some(field.values(event).into_iter().cloned().collect()),
            Scope::Anything => None,
        };
        Subject::Leaf {
            leaf: self.id,
            span: self.span,
            text: self.text.clone(),
            values,
        }
    }
}

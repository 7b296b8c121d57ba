//! What the readers of all sections share: the source, the findings, and whether the document failed.

use super::Spanned;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Result, Source, Span};
use crate::source::{Node, NodeValue, ScalarKind};

/// Reads one document: collects findings and remembers whether one of them fails it.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) failed: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source, diagnostics: &'a mut Diagnostics) -> Self {
        Self {
            source,
            diagnostics,
            failed: false,
        }
    }

    /// Reports a fault that fails the document.
    pub(super) fn error(
        &mut self,
        code: Code,
        title: impl Into<String>,
        span: Span,
        help: impl Into<String>,
    ) {
        self.fail(Diagnostic::error(code, title, span).with_help(help));
    }

    /// Reports a fault that the document survives.
    pub(super) fn warning(
        &mut self,
        code: Code,
        title: impl Into<String>,
        span: Span,
        help: impl Into<String>,
    ) {
        self.diagnostics
            .push(Diagnostic::warning(code, title, span).with_help(help));
    }

    /// Reports a prepared error.
    pub(super) fn fail(&mut self, diagnostic: Diagnostic) {
        self.failed = true;
        self.diagnostics.push(diagnostic);
    }

    /// The value of a step, or `None` with its error reported.
    pub(super) fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(diagnostic) => {
                self.fail(*diagnostic);
                None
            }
        }
    }

    /// A scalar other than null as text; anything else is an error that names `what`.
    pub(super) fn text(&mut self, what: &str, node: Node) -> Option<Spanned<String>> {
        match into_written(node) {
            Ok(text) => Some(text),
            Err(node) => {
                let title = format!("{what} is {}, not text", node.describe());
                self.error(Code::WRONG_TYPE, title, node.span, "write text");
                None
            }
        }
    }

    /// A text or a list of texts that is not empty; anything else is an error that names `what`.
    pub(super) fn texts(&mut self, what: &str, node: Node) -> Option<Vec<Spanned<String>>> {
        let span = node.span;
        let NodeValue::Sequence(elements) = node.value else {
            return match into_written(node) {
                Ok(text) => Some(vec![text]),
                Err(node) => {
                    let title = format!("{what} is {}, not text or a list", node.describe());
                    self.error(
                        Code::WRONG_TYPE,
                        title,
                        node.span,
                        "write a text or a list of texts",
                    );
                    None
                }
            };
        };
        if elements.is_empty() {
            let title = format!("{what} is an empty list");
            self.error(
                Code::WRONG_TYPE,
                title,
                span,
                "add an element, or remove the attribute",
            );
            return None;
        }
        let count = elements.len();
        let element = format!("an element of {what}");
        let texts: Vec<_> = elements
            .into_iter()
            .filter_map(|node| self.text(&element, node))
            .collect();
        (texts.len() == count).then_some(texts)
    }
}

/// The text of a scalar that the core schema says is text, or the node as it was.
pub(super) fn into_text(node: Node) -> std::result::Result<Spanned<String>, Node> {
    into_scalar(node, |kind| kind == ScalarKind::Text)
}

/// The text of a scalar other than null as written, or the node as it was.
pub(super) fn into_written(node: Node) -> std::result::Result<Spanned<String>, Node> {
    into_scalar(node, |kind| kind != ScalarKind::Null)
}

fn into_scalar(
    node: Node,
    accepted: impl Fn(ScalarKind) -> bool,
) -> std::result::Result<Spanned<String>, Node> {
    let Node { span, value } = node;
    match value {
        NodeValue::Scalar(scalar) if accepted(scalar.kind) => Ok(Spanned {
            value: scalar.text,
            span,
        }),
        NodeValue::Scalar(_) | NodeValue::Sequence(_) | NodeValue::Mapping(_) => Err(Node { span, value }),
    }
}

/// Whether a node is null.
pub(super) fn is_null(node: &Node) -> bool {
    node.scalar()
        .is_some_and(|scalar| scalar.kind == ScalarKind::Null)
}

/// The value of a boolean node.
pub(super) fn boolean(node: &Node) -> Option<bool> {
    match node.scalar()?.kind {
        ScalarKind::Bool(value) => Some(value),
        ScalarKind::Null | ScalarKind::Integer(_) | ScalarKind::Float(_) | ScalarKind::Text => None,
    }
}

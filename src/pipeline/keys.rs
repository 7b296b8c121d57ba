//! Access to the keys of a configuration mapping: unknown keys and wrong types are errors with their place.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, closest};
use crate::rule::Spanned;
use crate::source::{Entry, Node, ScalarKind};

/// A mapping whose keys are known.
#[derive(Clone, Copy)]
pub(super) struct Keys<'node> {
    /// Where the mapping stands.
    pub(super) span: Span,
    entries: &'node [Entry],
    code: Code,
}

impl<'node> Keys<'node> {
    /// The keys of `node`; each key that is not in `known` is an error. `what` names the mapping in messages, `code`
    /// is that of wrong types: of a pipeline or of a schema.
    pub(super) fn read(
        node: &'node Node,
        what: &str,
        known: &[&[&str]],
        code: Code,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Some(entries) = node.mapping() else {
            let title = format!("{what} is {}, not a mapping", node.describe());
            diagnostics.push(Diagnostic::error(code, title, node.span));
            return None;
        };
        let names = || known.iter().copied().flatten().copied();
        for entry in entries {
            let name = entry.key.text().unwrap_or_default();
            if names().any(|known| known == name) {
                continue;
            }
            let unknown = if code == Code::INVALID_SCHEMA {
                code
            } else {
                Code::UNKNOWN_PIPELINE_KEY
            };
            let title = format!("{what} has no key `{name}`");
            let help = match closest(name, names()) {
                Some(known) => format!("`{known}` is meant, perhaps"),
                None => format!("known keys: {}", names().collect::<Vec<_>>().join(", ")),
            };
            diagnostics.push(Diagnostic::error(unknown, title, entry.key.span).with_help(help));
        }
        Some(Self {
            span: node.span,
            entries,
            code,
        })
    }

    /// The value of a key, unless it is null.
    pub(super) fn get(&self, key: &str) -> Option<&'node Node> {
        self.entries
            .iter()
            .find(|entry| entry.key.text() == Some(key))
            .map(|entry| &entry.value)
            .filter(|node| node.scalar().is_none_or(|scalar| scalar.kind != ScalarKind::Null))
    }

    /// Reports a fault at `span`.
    pub(super) fn fault(&self, title: impl Into<String>, span: Span, diagnostics: &mut Diagnostics) {
        diagnostics.push(Diagnostic::error(self.code, title, span));
    }

    /// The value of a key that has to be there.
    pub(super) fn required(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<&'node Node> {
        let node = self.get(key);
        if node.is_none() {
            self.fault(format!("the key `{key}` is missing"), self.span, diagnostics);
        }
        node
    }

    /// The text of a scalar key.
    pub(super) fn text(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<&'node str> {
        self.as_text(key, self.get(key)?, diagnostics)
    }

    /// The text of a scalar key that has to be there.
    pub(super) fn required_text(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<&'node str> {
        self.as_text(key, self.required(key, diagnostics)?, diagnostics)
    }

    fn as_text(&self, key: &str, node: &'node Node, diagnostics: &mut Diagnostics) -> Option<&'node str> {
        let text = node.text();
        if text.is_none() {
            let title = format!("`{key}` is {}, not text", node.describe());
            self.fault(title, node.span, diagnostics);
        }
        text
    }

    /// The boolean of a key; `false` where it is missing.
    pub(super) fn flag(&self, key: &str, diagnostics: &mut Diagnostics) -> bool {
        let Some(node) = self.get(key) else {
            return false;
        };
        if let Some(scalar) = node.scalar()
            && let ScalarKind::Bool(value) = scalar.kind
        {
            return value;
        }
        let title = format!("`{key}` is {}, not true or false", node.describe());
        self.fault(title, node.span, diagnostics);
        false
    }

    /// The texts of a key that holds a scalar or a list of scalars; `None` where it is missing.
    pub(super) fn texts(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<Vec<Spanned<String>>> {
        Some(self.texts_of(key, self.get(key)?, diagnostics))
    }

    /// The texts of a key that has to be there.
    pub(super) fn required_texts(
        &self,
        key: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<Spanned<String>>> {
        Some(self.texts_of(key, self.required(key, diagnostics)?, diagnostics))
    }

    /// The texts of a node that is a scalar or a list of scalars.
    pub(super) fn texts_of(
        &self,
        key: &str,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Spanned<String>> {
        let nodes = node.sequence().unwrap_or(std::slice::from_ref(node));
        let mut texts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.scalar() {
                Some(scalar) if scalar.kind != ScalarKind::Null => texts.push(Spanned {
                    value: scalar.text.clone(),
                    span: node.span,
                }),
                _ => {
                    let title = format!("`{key}` holds {}, not text", node.describe());
                    self.fault(title, node.span, diagnostics);
                }
            }
        }
        texts
    }
}

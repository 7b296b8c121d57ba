//! Places in a text: anchors, edges of whole-value dialects, lines and word boundaries.

use regex_syntax::ast::AssertionKind;

use super::dialect::Anchoring;
use super::printer::{Edges, Printer};
use crate::backend::language::Refusal;

impl Printer<'_> {
    pub(super) fn assertion(&mut self, kind: &AssertionKind, edges: Edges) -> Result<(), Refusal> {
        match kind {
            AssertionKind::StartLine if self.state.multi_line => self.line_start(edges),
            AssertionKind::EndLine if self.state.multi_line => self.line_end(edges),
            AssertionKind::StartLine | AssertionKind::StartText => self.text_start(edges),
            AssertionKind::EndLine | AssertionKind::EndText => self.text_end(edges),
            AssertionKind::WordBoundary | AssertionKind::NotWordBoundary if self.dialect.boundaries => {
                self.any_run(edges.start);
                let negated = *kind == AssertionKind::NotWordBoundary;
                self.out.push_str(if negated { "\\B" } else { "\\b" });
                self.any_run(edges.end);
                Ok(())
            }
            AssertionKind::WordBoundary | AssertionKind::NotWordBoundary => {
                Err(Refusal::dialect("a word boundary"))
            }
            AssertionKind::WordBoundaryStart
            | AssertionKind::WordBoundaryEnd
            | AssertionKind::WordBoundaryStartAngle
            | AssertionKind::WordBoundaryEndAngle
            | AssertionKind::WordBoundaryStartHalf
            | AssertionKind::WordBoundaryEndHalf => Err(Refusal::dialect("half a word boundary")),
        }
    }

    pub(super) fn whole(&self) -> bool {
        self.dialect.anchoring == Anchoring::Whole
    }

    pub(super) fn text_start(&mut self, edges: Edges) -> Result<(), Refusal> {
        if self.whole() {
            return self.edge(
                edges.start,
                edges.end,
                "an anchor of the start inside the expression",
            );
        }
        let spelled = self
            .dialect
            .start
            .as_deref()
            .ok_or_else(|| Refusal::dialect("an anchor of the start"))?;
        self.out
            .push_str(if self.state.multi_line { "\\A" } else { spelled });
        Ok(())
    }

    pub(super) fn text_end(&mut self, edges: Edges) -> Result<(), Refusal> {
        if self.whole() {
            return self.edge(
                edges.end,
                edges.start,
                "an anchor of the end inside the expression",
            );
        }
        let spelled = self
            .dialect
            .end
            .as_deref()
            .ok_or_else(|| Refusal::dialect("an anchor of the end"))?;
        self.out
            .push_str(if self.state.multi_line { "\\z" } else { spelled });
        Ok(())
    }

    /// An anchor at its edge writes nothing; the other edge, if it has that too, stays open.
    fn edge(&mut self, own: bool, other: bool, construct: &str) -> Result<(), Refusal> {
        if !own {
            return Err(Refusal::dialect(construct));
        }
        self.any_run(other);
        Ok(())
    }

    fn line_start(&mut self, edges: Edges) -> Result<(), Refusal> {
        if !self.whole() {
            self.out.push('^');
            return Ok(());
        }
        if !edges.start {
            return Err(Refusal::dialect("an anchor of a line inside the expression"));
        }
        self.out.push('(');
        self.any_run(true);
        self.literal('\n')?;
        self.out.push_str(")?");
        self.any_run(edges.end);
        Ok(())
    }

    fn line_end(&mut self, edges: Edges) -> Result<(), Refusal> {
        if !self.whole() {
            self.out.push('$');
            return Ok(());
        }
        if !edges.end {
            return Err(Refusal::dialect("an anchor of a line inside the expression"));
        }
        self.any_run(edges.start);
        self.out.push('(');
        self.literal('\n')?;
        self.any_run(true);
        self.out.push_str(")?");
        Ok(())
    }
}

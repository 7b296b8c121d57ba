//! What the scanner knows of the group that it is in.
//!
//! Two anchors of PCRE have no counterpart in an automaton that holds everywhere: `$` (also before a final newline), which
//! is written so that it consumes that newline, and `^` at line starts, which PCRE does not find after a final newline.
//! Both are exact as long as nothing that could tell the difference follows; a frame keeps track of that.

/// Modes that inline flags change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Modes {
    pub(super) ignore_case: bool,
    pub(super) multi_line: bool,
    pub(super) dot_all: bool,
    pub(super) extended: bool,
}

/// What a repetition would apply to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Last {
    #[default]
    Nothing,
    Assertion,
    Atom,
    Repeated,
}

/// Something that came before, followed through the branches of a group.
#[derive(Clone, Copy, Debug, Default)]
struct Trace {
    /// As it was at the start of the group.
    outer: bool,
    /// At the current place of the current branch.
    here: bool,
    /// At the end of any branch before.
    branches: bool,
}

impl Trace {
    fn inner(self) -> Self {
        Self {
            outer: self.here,
            here: self.here,
            branches: false,
        }
    }

    fn next_branch(&mut self) {
        self.branches |= self.here;
        self.here = self.outer;
    }

    fn result(self) -> bool {
        self.here || self.branches
    }
}

/// A group that is being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    pub(super) modes: Modes,
    /// Where the group starts.
    pub(super) start: usize,
    pub(super) last: Last,
    look_around: bool,
    end: Trace,
    line_start: Trace,
    size: u64,
    last_size: u64,
    /// Whether the last atom is a group that an end anchor ends.
    last_ends: bool,
}

impl Frame {
    pub(super) fn inner(&self, start: usize, look_around: bool) -> Self {
        Self {
            modes: self.modes,
            start,
            look_around,
            end: self.end.inner(),
            line_start: self.line_start.inner(),
            ..Self::default()
        }
    }

    pub(super) fn next_branch(&mut self) {
        self.end.next_branch();
        self.line_start.next_branch();
        self.last = Last::Nothing;
    }

    /// Notes a test of a character; true if an end anchor before it is not exact.
    pub(super) fn consume(&mut self, newline: bool, optional: bool) -> bool {
        self.last = Last::Atom;
        self.last_ends = false;
        self.last_size = 1;
        self.size = self.size.saturating_add(1);
        if !optional {
            self.line_start.here = false;
        }
        self.end.here && newline && !optional
    }

    pub(super) fn line_start(&mut self) {
        self.line_start.here = true;
    }

    pub(super) fn end(&mut self) {
        self.end.here = true;
    }

    pub(super) fn end_pending(&self) -> bool {
        self.end.here
    }

    pub(super) fn line_start_pending(&self) -> bool {
        self.line_start.result()
    }

    pub(super) fn total(&self) -> u64 {
        self.size
    }

    /// Takes in a group that has ended and is an atom of this one.
    pub(super) fn absorb(&mut self, inner: &Self, optional: bool) {
        let ends = inner.end.result();
        self.last_ends = ends;
        self.end.here |= ends && !inner.look_around;
        let pending = inner.line_start.result();
        if inner.look_around || optional {
            self.line_start.here |= pending;
        } else {
            self.line_start.here = pending;
        }
        self.last_size = inner.size.max(1);
        self.size = self.size.saturating_add(self.last_size);
        self.last = if inner.look_around {
            Last::Assertion
        } else {
            Last::Atom
        };
    }

    /// Notes a repetition of the last atom; true if it repeats an end anchor.
    pub(super) fn repeat(&mut self, factor: u64, at_most_once: bool) -> bool {
        self.last = Last::Repeated;
        let more = self.last_size.saturating_mul(factor.saturating_sub(1));
        self.size = self.size.saturating_add(more);
        self.last_ends && !at_most_once
    }
}

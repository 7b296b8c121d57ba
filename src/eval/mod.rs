//! Sigma's meaning over one event: the same [`Expr`](crate::lower::Expr) that backends receive, run.
//!
//! Knows `Expr` and events, no targets.

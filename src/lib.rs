//! Sigmatic compiles Sigma detection rules into the queries that SIEMs run.
//!
//! ```text
//!  rules/*.yml ─► source ─► rule ─► normalize ─► pipeline ─► lower ─► backend
//!                YAML with  typed   items with   names of    Expr      templates
//!                positions  model   plain values the target  (logic)   spell it
//!                                       │                     │
//!                                       └────── no pipeline ──┴─► eval: the same Expr, run over events
//!                       diagnostic: how every stage says what is wrong
//! ```

pub mod backend;
pub mod collection;
pub mod conversion;
pub mod diagnostic;
pub mod eval;
pub mod lower;
pub mod normalize;
pub mod pipeline;
pub mod regex;
pub mod rule;
pub mod source;
pub mod templates;

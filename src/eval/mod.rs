//! Sigma's meaning over one event: the same [`Expr`](crate::lower::Expr) that backends receive, run.
//!
//! Knows `Expr` and events, no targets. [`events`] reads JSON, [`Matcher`] is an expression made ready to run,
//! [`Explanation`] says why an event matched or did not.

mod event;
mod explain;
mod field;
mod matcher;
mod number;
mod pattern;
mod reader;
mod rule_set;
mod test;
#[cfg(test)]
mod tests;
mod time;

pub use event::Event;
pub use explain::{Explanation, Outcome, Subject};
pub use field::Field;
pub use matcher::{EvaluationError, Matcher};
pub use reader::{Events, ReadError, events};
pub use rule_set::{ReadyRule, RuleSet};
pub use time::{parse_time, parse_time_value};

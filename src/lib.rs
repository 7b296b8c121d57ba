//! Sigmatic compiles Sigma detection rules into the queries that SIEMs run, and runs the same rules over events.
//!
//! ```text
//!  rules/*.yml ─► source ─► rule ─► normalize ─► pipeline ─► lower ─► backend
//!                YAML with  typed   items with   names of    Expr      templates
//!                positions  model   plain values the target  (logic)   spell it
//!                                       │                     │
//!                                       └────── no pipeline ──┴─► eval: the same Expr, run over events
//!                       diagnostic: how every stage says what is wrong
//! ```
//!
//! [`collection`] reads files into typed rules, [`conversion`] takes them through the stages. A query means what its
//! rule means, or there is a [`Diagnostic`](diagnostic::Diagnostic) that points at the line and says why.
//!
//! ```
//! use sigmatic::{collection::Collection, conversion::{Compiler, Settings}, diagnostic::SourceMap, templates::Templates};
//!
//! let rule = r"
//! title: Encoded command line
//! logsource: {category: process_creation, product: windows}
//! detection: {selection: {CommandLine|contains: ' -enc '}, condition: selection}
//! ";
//! let mut sources = SourceMap::new();
//! let settings = Settings { target: "sentinel".to_owned(), ..Settings::default() };
//! let compiler = Compiler::new(&Templates::builtin(), &settings, &mut sources).expect("a built-in target");
//! let conversion = compiler.convert(&Collection::from_text("rule.yml", rule, &mut sources));
//! let query = conversion.queries().next().expect("one query");
//! assert!(query.text.ends_with(r#"| where ProcessCommandLine contains " -enc ""#), "{}", query.text);
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

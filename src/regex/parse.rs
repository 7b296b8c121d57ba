//! Reading a regular expression of a rule.

use regex_syntax::ast;
use regex_syntax::hir::translate::TranslatorBuilder;

use super::error::RegexError;
use super::scanner::{Engine, Scan, scan};
use super::{Flags, Form, Regex};

/// Longest source, in bytes.
const MAX_LENGTH: usize = 65_536;
/// Deepest syntax tree: groups, concatenations, alternations, repetitions and classes each count.
const MAX_TREE_DEPTH: u32 = 500;

/// Where an expression has to stand in the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Anchors {
    /// At its start.
    pub start: bool,
    /// At its end (or before a final newline, as `$` has it).
    pub end: bool,
}

impl Regex {
    /// Reads an expression in PCRE's syntax with flags that hold from outside.
    ///
    /// # Errors
    /// If PCRE refuses it, if its meaning is not carried over, or if it is above a limit; with the part concerned.
    pub fn parse(source: &str, flags: Flags) -> Result<Self, RegexError> {
        let whole = 0..source.len();
        if source.len() > MAX_LENGTH {
            return Err(RegexError::too_large(
                format!("expression of more than {MAX_LENGTH} bytes"),
                whole,
            ));
        }
        let scanned = scan(source, flags, Engine::Automaton)?;
        if let Some(construct) = scanned.irregular {
            return irregular(source, flags, construct);
        }
        let tree = tree(&scanned).map_err(|message| RegexError::invalid(message, whole))?;
        Ok(Self {
            source: source.to_owned(),
            flags: scanned.flags,
            form: Form::Regular {
                text: scanned.text,
                tree: Box::new(tree),
            },
        })
    }

    /// Reads an expression that must stand at the start or the end of the value. The anchors become part of
    /// [`source`](Self::source): `^(?:…)`, `(?:…)$`, with `\A` and `\Z` where the flag `m` gives the others another meaning.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); ranges refer to the source as given.
    pub fn parse_anchored(source: &str, flags: Flags, anchors: Anchors) -> Result<Self, RegexError> {
        let plain = Self::parse(source, flags)?;
        if anchors == Anchors::default() {
            return Ok(plain);
        }
        let closing = scan(source, flags, Engine::Automaton)?.closing;
        let (start, end) = if flags.multi_line {
            ("\\A", "\\Z")
        } else {
            ("^", "$")
        };
        let wrapped = format!(
            "{}(?:{source}{closing}){}",
            if anchors.start { start } else { "" },
            if anchors.end { end } else { "" },
        );
        Self::parse(&wrapped, flags).map_err(|error| RegexError {
            range: 0..source.len(),
            ..error
        })
    }
}

/// Parses the rewritten text and makes sure that it means something.
fn tree(scanned: &Scan) -> Result<ast::Ast, String> {
    let tree = ast::parse::ParserBuilder::new()
        .nest_limit(MAX_TREE_DEPTH)
        .build()
        .parse(&scanned.text)
        .map_err(|error| error.kind().to_string())?;
    TranslatorBuilder::new()
        .case_insensitive(scanned.flags.ignore_case)
        .multi_line(scanned.flags.multi_line)
        .dot_matches_new_line(scanned.flags.dot_all)
        .build()
        .translate(&scanned.text, &tree)
        .map_err(|error| error.kind().to_string())?;
    Ok(tree)
}

fn irregular(source: &str, flags: Flags, construct: &'static str) -> Result<Regex, RegexError> {
    let scanned = scan(source, flags, Engine::Backtracking)?;
    let regex = Regex {
        source: source.to_owned(),
        flags: scanned.flags,
        form: Form::Irregular {
            construct,
            text: scanned.text,
        },
    };
    match fancy_regex::Regex::new(&regex.text_with_flags()) {
        Ok(_) => Ok(regex),
        Err(error) => Err(RegexError::unsupported(
            format!("{construct}: {error}"),
            0..source.len(),
        )),
    }
}

impl Regex {
    /// The rewritten text with its flags as a leading group, as `regex` (regular form) or `fancy-regex` (irregular form)
    /// compiles it.
    #[must_use]
    pub fn text_with_flags(&self) -> String {
        let text = match &self.form {
            Form::Regular { text, .. } | Form::Irregular { text, .. } => text,
        };
        let flags: String = [
            ('i', self.flags.ignore_case),
            ('m', self.flags.multi_line),
            ('s', self.flags.dot_all),
        ]
        .iter()
        .filter(|(_, on)| *on)
        .map(|(letter, _)| *letter)
        .collect();
        if flags.is_empty() {
            text.clone()
        } else {
            format!("(?{flags}){text}")
        }
    }
}

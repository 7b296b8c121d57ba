//! Rewrites a regular expression in PCRE's syntax so that another engine reads it with PCRE's meaning.
//!
//! `regex-syntax` accepts much of what PCRE accepts and means something else by some of it (`\d`, `$`, `[[`, `\<`, `&&`
//! in a class). Everything is therefore read here once, by PCRE's rules, and written in unmistakable terms. What only
//! a backtracking engine has (look-around, back-references, …) is noted and written for `fancy-regex`.
//! The facts are those of the PCRE2 manual, `pcre2pattern`.
//!
//! Only whether an expression matches is kept, not what its groups capture.

use super::Flags;
use super::anchor::FINAL_ANCHOR;
use super::class;
use super::cursor::Cursor;
use super::error::RegexError;
use super::escape::{self, push_literal};
use super::frame::{Frame, Last, Modes};

/// Deepest nesting of groups.
const MAX_DEPTH: usize = 100;
/// Greatest number of single-character tests after repetitions are written out.
const MAX_SIZE: u64 = 100_000;
/// Greatest count of a repetition (PCRE's own limit).
const MAX_COUNT: u64 = 65_535;

/// A zero-width word boundary for engines whose own is not ASCII.
const BOUNDARY: &str = "(?-i:(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_])))";
const NO_BOUNDARY: &str = "(?-i:(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_])))";

/// For which engine is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    /// `regex`: no look-around.
    Automaton,
    /// `fancy-regex`.
    Backtracking,
}

/// A rewritten expression.
#[derive(Debug)]
pub(super) struct Scan {
    /// For the engine.
    pub(super) text: String,
    /// Given flags and those of a leading group of flags.
    pub(super) flags: Flags,
    /// The first construct that an automaton does not have.
    pub(super) irregular: Option<&'static str>,
    /// What has to follow the source before text can be put after it: the end of a comment or a quotation.
    pub(super) closing: &'static str,
}

/// Reads a whole expression.
pub(super) fn scan(source: &str, flags: Flags, engine: Engine) -> Result<Scan, RegexError> {
    let mut scanner = Scanner {
        cursor: Cursor::new(source),
        engine,
        text: String::with_capacity(source.len() + 16),
        frames: Vec::new(),
        frame: Frame::default(),
        captures: 0,
        irregular: None,
    };
    let modes = &mut scanner.frame.modes;
    modes.ignore_case = flags.ignore_case;
    modes.multi_line = flags.multi_line;
    modes.dot_all = flags.dot_all;
    scanner.leading_flags();
    let modes = scanner.frame.modes;
    let flags = Flags {
        ignore_case: modes.ignore_case,
        multi_line: modes.multi_line,
        dot_all: modes.dot_all,
    };
    let closing = scanner.run()?;
    Ok(Scan {
        text: scanner.text,
        flags,
        irregular: scanner.irregular,
        closing,
    })
}

pub(super) struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) engine: Engine,
    pub(super) text: String,
    /// The groups around the current one.
    pub(super) frames: Vec<Frame>,
    pub(super) frame: Frame,
    pub(super) captures: usize,
    pub(super) irregular: Option<&'static str>,
}

impl Scanner<'_> {
    /// Takes groups of flags at the start, which hold for the whole expression.
    fn leading_flags(&mut self) {
        loop {
            let rest = self.cursor.rest();
            let Some(letters) = rest
                .strip_prefix("(?")
                .and_then(|rest| rest.split_once(')'))
                .map(|(letters, _)| letters)
            else {
                return;
            };
            let plain = letters.chars().all(|letter| "imsx".contains(letter));
            if letters.is_empty() || !plain || letters.contains("xx") {
                return;
            }
            for letter in letters.chars() {
                self.frame.modes.set(letter, true);
            }
            self.cursor.eat("(?");
            self.cursor.take_until(")");
        }
    }

    fn run(&mut self) -> Result<&'static str, RegexError> {
        let mut closing = "";
        while let Some(next) = self.cursor.peek() {
            let start = self.cursor.position();
            if self.frame.modes.extended && is_blank(next) {
                self.cursor.bump();
                continue;
            }
            if self.frame.modes.extended && next == '#' {
                if self.cursor.take_until("\n").is_none() {
                    closing = "\n";
                    break;
                }
                continue;
            }
            self.cursor.bump();
            if next == '\\' && self.cursor.eat("Q") {
                if !self.quotation() {
                    closing = "\\E";
                }
                continue;
            }
            self.token(start, next)?;
        }
        if !self.frames.is_empty() {
            let start = self.frame.start;
            return Err(RegexError::invalid(
                "group without its `)`",
                start..self.cursor.position(),
            ));
        }
        if self.frame.line_start_pending() {
            self.note_irregular("a line start before text that may be empty");
        }
        self.check_size(0, self.frame.total())?;
        Ok(closing)
    }

    fn token(&mut self, start: usize, next: char) -> Result<(), RegexError> {
        match next {
            '\\' => self.escape(start),
            '[' => {
                let class = class::read(&mut self.cursor, start, self.frame.modes.ignore_case)?;
                self.atom(&class.text, class.newline);
                Ok(())
            }
            '(' => self.open(start),
            ')' => self.close(start),
            '|' => {
                self.text.push('|');
                self.frame.next_branch();
                Ok(())
            }
            '^' => {
                self.start_anchor();
                Ok(())
            }
            '$' => {
                self.end_anchor();
                Ok(())
            }
            '.' => {
                let newline = self.frame.modes.dot_all;
                self.atom(".", newline);
                Ok(())
            }
            '*' | '+' | '?' => self.repeat(start, next),
            '{' => self.brace(start),
            other => {
                self.literal(other);
                Ok(())
            }
        }
    }

    /// Reads `\Q…`; false if the expression ends within.
    fn quotation(&mut self) -> bool {
        loop {
            if self.cursor.eat("\\E") {
                return true;
            }
            let Some(next) = self.cursor.bump() else {
                return false;
            };
            self.literal(next);
        }
    }

    pub(super) fn literal(&mut self, literal: char) {
        let start = self.text.len();
        push_literal(&mut self.text, literal);
        debug_assert!(self.text.len() > start);
        self.note_atom(literal == '\n');
    }

    /// Writes a test of one character (or more).
    pub(super) fn atom(&mut self, text: &str, newline: bool) {
        self.text.push_str(text);
        self.note_atom(newline);
    }

    fn note_atom(&mut self, newline: bool) {
        let optional = self.optional_next();
        if self.frame.consume(newline, optional) {
            self.note_irregular("an end anchor before further text");
        }
    }

    /// Whether the repetition that comes next allows for none.
    pub(super) fn optional_next(&self) -> bool {
        let rest = self.cursor.rest();
        rest.starts_with(['*', '?']) || rest.starts_with("{0") || rest.starts_with("{,")
            // A comment or a blank may stand before the repetition: then nothing is known.
            || self.frame.modes.extended && rest.starts_with(|next| is_blank(next) || next == '#')
            || rest.starts_with("(?#")
    }

    pub(super) fn note_irregular(&mut self, construct: &'static str) {
        self.irregular.get_or_insert(construct);
    }

    /// Writes a test that consumes nothing; an end anchor before it may have consumed the final newline.
    pub(super) fn assertion(&mut self, text: &str) {
        if self.frame.end_pending() {
            self.note_irregular("an end anchor before further text");
        }
        self.text.push_str(text);
        self.frame.last = Last::Assertion;
    }

    fn start_anchor(&mut self) {
        if !self.frame.modes.multi_line {
            return self.assertion("^");
        }
        match self.engine {
            Engine::Automaton => {
                self.assertion("^");
                self.frame.line_start();
            }
            // Not after a newline that ends the text.
            Engine::Backtracking => self.assertion("(?:(?-m:^)|^(?!\\z))"),
        }
    }

    fn end_anchor(&mut self) {
        if self.frame.modes.multi_line {
            self.assertion("$");
        } else {
            self.final_anchor();
        }
    }

    /// The end, or before a newline that ends the text.
    pub(super) fn final_anchor(&mut self) {
        match self.engine {
            Engine::Automaton => {
                self.text.push_str(FINAL_ANCHOR);
                self.frame.end();
            }
            Engine::Backtracking => self.text.push_str("(?=\\n?\\z)"),
        }
        self.frame.last = Last::Assertion;
    }

    fn repeat(&mut self, start: usize, sign: char) -> Result<(), RegexError> {
        let factor = 1;
        self.repetition(start, &sign.to_string(), factor, sign == '?')
    }

    /// Writes a repetition with its greed, which does not bear on whether the expression matches.
    fn repetition(
        &mut self,
        start: usize,
        text: &str,
        factor: u64,
        at_most_once: bool,
    ) -> Result<(), RegexError> {
        match self.frame.last {
            Last::Atom => {}
            Last::Nothing | Last::Assertion | Last::Repeated => {
                return Err(RegexError::invalid(
                    format!("`{text}` has nothing to repeat"),
                    self.cursor.since(start),
                ));
            }
        }
        if self.frame.repeat(factor, at_most_once) {
            self.note_irregular("a repeated end anchor");
        }
        self.check_size(start, self.frame.total())?;
        self.text.push_str(text);
        if self.cursor.eat("?") {
            self.text.push('?');
        } else if self.cursor.eat("+") {
            self.text.push('+');
            self.note_irregular("a possessive quantifier");
        }
        Ok(())
    }

    /// A `{`: a repetition, or itself.
    fn brace(&mut self, start: usize) -> Result<(), RegexError> {
        let rest = self.cursor.rest();
        let inner = rest.split_once('}').map(|(inner, _)| inner).filter(|inner| {
            inner.contains(|next: char| next.is_ascii_digit())
                && inner
                    .chars()
                    .all(|next| next.is_ascii_digit() || matches!(next, ',' | ' '))
                && inner.matches(',').count() <= 1
        });
        let Some(inner) = inner else {
            self.literal('{');
            return Ok(());
        };
        self.cursor.take_until("}");
        if inner.contains(' ') || inner.starts_with(',') {
            return Err(RegexError::unsupported(
                format!(
                    "`{{{inner}}}`, which versions of PCRE read differently; write `{{0,…}}` without blanks, or `\\{{`"
                ),
                self.cursor.since(start),
            ));
        }
        let (low, high) = match inner.split_once(',') {
            None => (inner, Some(inner)),
            Some((low, "")) => (low, None),
            Some((low, high)) => (low, Some(high)),
        };
        let (Some(low), Some(high)) = (count(low), high.map_or(Some(None), |high| count(high).map(Some)))
        else {
            return Err(RegexError::too_large(
                format!("repetition above {MAX_COUNT}"),
                self.cursor.since(start),
            ));
        };
        let text = match high {
            Some(high) if high < low => {
                return Err(RegexError::invalid(
                    "repetition whose bounds run backwards",
                    self.cursor.since(start),
                ));
            }
            Some(high) if high == low => format!("{{{low}}}"),
            Some(high) => format!("{{{low},{high}}}"),
            None => format!("{{{low},}}"),
        };
        self.repetition(
            start,
            &text,
            high.unwrap_or(low).max(1),
            high <= Some(1) && high.is_some(),
        )
    }

    fn check_size(&self, start: usize, size: u64) -> Result<(), RegexError> {
        if size > MAX_SIZE {
            return Err(RegexError::too_large(
                format!("expression of more than {MAX_SIZE} single tests"),
                self.cursor.since(start),
            ));
        }
        Ok(())
    }

    pub(super) fn push_frame(&mut self, start: usize, look_around: bool) -> Result<(), RegexError> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(RegexError::too_large(
                format!("groups nested more than {MAX_DEPTH} deep"),
                self.cursor.since(start),
            ));
        }
        let inner = self.frame.inner(start, look_around);
        self.frames.push(std::mem::replace(&mut self.frame, inner));
        Ok(())
    }

    fn close(&mut self, start: usize) -> Result<(), RegexError> {
        let Some(outer) = self.frames.pop() else {
            return Err(RegexError::invalid(
                "`)` without its group",
                self.cursor.since(start),
            ));
        };
        self.text.push(')');
        let optional = self.optional_next();
        let inner = std::mem::replace(&mut self.frame, outer);
        self.frame.absorb(&inner, optional);
        Ok(())
    }

    pub(super) fn escape(&mut self, start: usize) -> Result<(), RegexError> {
        let Some(letter) = self.cursor.bump() else {
            return Err(RegexError::invalid(
                "backslash at the end",
                self.cursor.since(start),
            ));
        };
        if let Some(set) = escape::set(letter) {
            let fold = set.letters && self.frame.modes.ignore_case;
            let text = format!(
                "{}[{}{}]{}",
                if fold { "(?-i:" } else { "" },
                if set.negated { "^" } else { "" },
                set.members,
                if fold { ")" } else { "" },
            );
            self.atom(&text, set.newline);
            return Ok(());
        }
        match letter {
            'A' | 'G' => self.assertion("\\A"),
            'z' => self.assertion("\\z"),
            'Z' => self.final_anchor(),
            'b' | 'B' => self.boundary(letter),
            // Where a match starts does not bear on whether there is one; an ended quotation is nothing.
            'K' | 'E' => {}
            'N' if !self.cursor.rest().starts_with('{') => self.atom("[^\\n]", false),
            'R' => {
                self.note_irregular("`\\R`");
                self.atom("(?>\\r\\n|[\\n\\x0B\\x0C\\r\\x{85}\\x{2028}\\x{2029}])", true);
            }
            'p' | 'P' => {
                let name = class::property(&mut self.cursor, start)?;
                let negated = (letter == 'P') != name.starts_with('^');
                let sign = if negated { 'P' } else { 'p' };
                self.atom(&format!("\\{sign}{{{}}}", name.trim_start_matches('^')), true);
            }
            'g' | 'k' | '1'..='9' => self.back_reference(start, letter)?,
            'X' | 'C' | 'N' => {
                return Err(RegexError::unsupported(
                    format!("`\\{letter}`"),
                    self.cursor.since(start),
                ));
            }
            other => {
                let literal = escape::character(&mut self.cursor, start, other)?;
                self.literal(literal);
            }
        }
        Ok(())
    }

    fn boundary(&mut self, letter: char) {
        match (self.engine, letter) {
            (Engine::Automaton, 'b') => self.assertion("(?-u:\\b)"),
            (Engine::Automaton, _) => self.assertion("(?-u:\\B)"),
            (Engine::Backtracking, 'b') => self.assertion(BOUNDARY),
            (Engine::Backtracking, _) => self.assertion(NO_BOUNDARY),
        }
    }
}

/// White space that the extended mode skips.
fn is_blank(next: char) -> bool {
    matches!(next, ' ' | '\t'..='\r')
}

fn count(digits: &str) -> Option<u64> {
    digits.parse::<u64>().ok().filter(|count| *count <= MAX_COUNT)
}

impl Modes {
    /// Sets the mode of a letter; false if there is no such mode.
    pub(super) fn set(&mut self, letter: char, on: bool) -> bool {
        match letter {
            'i' => self.ignore_case = on,
            'm' => self.multi_line = on,
            's' => self.dot_all = on,
            'x' => self.extended = on,
            _ => return false,
        }
        true
    }
}

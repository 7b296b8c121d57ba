//! The printer: a walk over the syntax tree that knows which flags hold where and what stands at the edges.
//!
//! In a dialect that matches whole values, what an expression leaves open at its edges is written out as any run; an
//! anchor then closes its edge, and is refused anywhere else. Laziness is dropped: only a match is asked for, and some
//! engines read `+?` as another repetition.

use regex_syntax::ast::{
    Ast, Concat, Flag, Flags as AstFlags, Group, GroupKind, Repetition, RepetitionKind, RepetitionRange,
};

use super::class::{self, Members, Reading};
use super::dialect::{Anchoring, Case, Controls, Dialect};
use crate::backend::language::{Refusal, steps};
use crate::regex::{Flags, Form, Regex, is_final_anchor};

/// Deepest syntax tree; the reader stops at less.
const MAX_DEPTH: usize = 600;

/// Appends `regex` in a dialect. `ignore_case_macro`: the operator around it ignores case.
pub(crate) fn print(
    dialect: &Dialect,
    regex: &Regex,
    ignore_case_macro: bool,
    out: &mut String,
) -> Result<(), Refusal> {
    if ignore_case_macro && !regex.flags.ignore_case {
        return Err(Refusal::dialect(
            "the operator ignores case and the expression does not",
        ));
    }
    let tree = match &regex.form {
        Form::Regular { tree, .. } => tree,
        Form::Irregular { .. } if dialect.lookaround => {
            out.push_str(&flag_group(printed_flags(regex.flags, ignore_case_macro)));
            return irregular(dialect, &regex.source, out);
        }
        Form::Irregular { construct, .. } => return Err(Refusal::dialect((*construct).to_owned())),
    };
    let mut text = String::with_capacity(regex.source.len() + 16);
    let mut printer = Printer {
        dialect,
        out: &mut text,
        state: State {
            ignore_case: regex.flags.ignore_case,
            multi_line: regex.flags.multi_line,
            dot_all: regex.flags.dot_all,
            unicode: true,
        },
        outer_case: ignore_case_macro,
        depth: 0,
    };
    if dialect.case == Case::Flag {
        printer
            .out
            .push_str(&flag_group(printed_flags(regex.flags, ignore_case_macro)));
    }
    let edges = match dialect.anchoring {
        Anchoring::Search => Edges::default(),
        Anchoring::Whole => Edges {
            start: true,
            end: true,
        },
    };
    printer.node(tree, edges)?;
    if dialect.case == Case::Classes && text.is_empty() {
        text.push_str("()");
    }
    out.push_str(&text);
    Ok(())
}

/// An expression as the rule has it. Only escapes of characters that mean themselves change: a literal backslash is spelled
/// as the dialect does, and a quotation mark loses its backslash, as the string around it may escape it again.
fn irregular(dialect: &Dialect, source: &str, out: &mut String) -> Result<(), Refusal> {
    let mut characters = source.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('\\') => out.push_str(dialect.backslash.as_deref().unwrap_or("\\\\")),
            Some('Q') => return Err(Refusal::dialect("a quoted run `\\Q…\\E` beside look-around")),
            Some(plain @ ('"' | '\'' | '`')) => out.push(plain),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => return Err(Refusal::dialect("a backslash at the end")),
        }
    }
    Ok(())
}

fn printed_flags(flags: Flags, ignore_case_macro: bool) -> Flags {
    Flags {
        ignore_case: flags.ignore_case && !ignore_case_macro,
        ..flags
    }
}

fn flag_group(flags: Flags) -> String {
    let letters: String = [
        ('i', flags.ignore_case),
        ('m', flags.multi_line),
        ('s', flags.dot_all),
    ]
    .iter()
    .filter(|(_, on)| *on)
    .map(|(letter, _)| *letter)
    .collect();
    if letters.is_empty() {
        letters
    } else {
        format!("(?{letters})")
    }
}

/// The flags that hold at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) ignore_case: bool,
    pub(super) multi_line: bool,
    pub(super) dot_all: bool,
    pub(super) unicode: bool,
}

/// Which edges of the value a node has to reach, in a dialect that matches whole values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Edges {
    pub(super) start: bool,
    pub(super) end: bool,
}

pub(super) struct Printer<'a> {
    pub(super) dialect: &'a Dialect,
    pub(super) out: &'a mut String,
    pub(super) state: State,
    /// Whether the operator around the expression ignores case.
    pub(super) outer_case: bool,
    pub(super) depth: usize,
}

impl Printer<'_> {
    fn node(&mut self, node: &Ast, edges: Edges) -> Result<(), Refusal> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refusal::dialect("an expression nested too deeply"));
        }
        match node {
            _ if self.final_anchor(node) => {}
            Ast::Alternation(alternation) => {
                for (index, branch) in alternation.asts.iter().enumerate() {
                    if index > 0 {
                        self.out.push('|');
                    }
                    let start = self.out.len();
                    self.node(branch, edges)?;
                    // An anchor at its edge writes nothing, and an empty alternative is no syntax everywhere.
                    if self.dialect.case == Case::Classes && self.out.len() == start {
                        self.out.push_str("()");
                    }
                }
            }
            Ast::Concat(concat) => self.concat(concat, edges)?,
            Ast::Group(group) => self.group(group, edges)?,
            Ast::Assertion(assertion) => self.assertion(&assertion.kind, edges)?,
            Ast::Flags(flags) => {
                self.any_run(edges.start || edges.end);
                let letters = self.set_flags(&flags.flags)?;
                if !letters.is_empty() {
                    self.out.push_str(&format!("(?{letters})"));
                }
            }
            Ast::Empty(_) => {
                self.any_run(edges.start || edges.end);
                if self.dialect.case == Case::Classes && !edges.start && !edges.end {
                    self.out.push_str("()");
                }
            }
            Ast::Literal(_)
            | Ast::Dot(_)
            | Ast::ClassUnicode(_)
            | Ast::ClassPerl(_)
            | Ast::ClassBracketed(_)
            | Ast::Repetition(_) => {
                self.any_run(edges.start);
                self.leaf(node)?;
                self.any_run(edges.end);
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Writes PCRE's `$` where the node is one and the dialect has it.
    fn final_anchor(&mut self, node: &Ast) -> bool {
        let Some(spelled) = &self.dialect.final_anchor else {
            return false;
        };
        let found = !self.whole() && !self.state.multi_line && is_final_anchor(node);
        if found {
            self.out.push_str(spelled);
        }
        found
    }

    fn leaf(&mut self, node: &Ast) -> Result<(), Refusal> {
        match node {
            Ast::Literal(literal) => self.literal(literal.c),
            Ast::Dot(_) => {
                self.dot();
                Ok(())
            }
            Ast::ClassUnicode(unicode) => {
                let spelled = class::category(unicode, self.dialect.categories)?;
                self.out.push_str(&spelled);
                Ok(())
            }
            Ast::ClassPerl(perl) if !self.state.unicode => {
                self.members(&Members {
                    ranges: class::ascii(&perl.kind).to_vec(),
                    categories: Vec::new(),
                    negated: perl.negated,
                    folded: false,
                });
                Ok(())
            }
            Ast::ClassPerl(_) => Err(class::unicode_perl()),
            Ast::ClassBracketed(bracketed) => {
                let members = class::bracketed(bracketed, self.reading())?;
                if !members.folded || self.dialect.case == Case::Classes {
                    self.members(&members);
                    return Ok(());
                }
                if self.outer_case {
                    return Err(Refusal::dialect("a class that the operator would widen"));
                }
                self.out.push_str("(?-i:");
                self.members(&members);
                self.out.push(')');
                Ok(())
            }
            Ast::Repetition(repetition) => self.repetition(repetition),
            Ast::Empty(_)
            | Ast::Flags(_)
            | Ast::Assertion(_)
            | Ast::Group(_)
            | Ast::Alternation(_)
            | Ast::Concat(_) => self.node(node, Edges::default()),
        }
    }

    fn reading(&self) -> Reading {
        Reading {
            ignore_case: self.state.ignore_case,
            unicode: self.state.unicode,
            fold: self.dialect.case == Case::Classes && !self.outer_case,
            categories: self.dialect.categories,
        }
    }

    fn concat(&mut self, concat: &Concat, edges: Edges) -> Result<(), Refusal> {
        let is_part = |node: &Ast| !matches!(node, Ast::Flags(_) | Ast::Empty(_));
        let first = concat.asts.iter().position(is_part);
        let last = concat.asts.iter().rposition(is_part);
        if first.is_none() {
            self.any_run(edges.start || edges.end);
        }
        for (index, part) in concat.asts.iter().enumerate() {
            let own = Edges {
                start: edges.start && first == Some(index),
                end: edges.end && last == Some(index),
            };
            self.node(part, own)?;
        }
        Ok(())
    }

    fn group(&mut self, group: &Group, edges: Edges) -> Result<(), Refusal> {
        let before = self.state;
        let opening = match &group.kind {
            GroupKind::CaptureIndex(_) | GroupKind::CaptureName { .. } => "(".to_owned(),
            GroupKind::NonCapturing(flags) => {
                let letters = self.set_flags(flags)?;
                if letters.is_empty() && stands_alone(group) {
                    self.node(&group.ast, edges)?;
                    self.state = before;
                    return Ok(());
                }
                match self.dialect.case {
                    Case::Flag => format!("(?{letters}:"),
                    Case::Classes => "(".to_owned(),
                }
            }
        };
        self.out.push_str(&opening);
        self.node(&group.ast, edges)?;
        self.out.push(')');
        self.state = before;
        Ok(())
    }

    /// Applies flags and gives those that the dialect has to be told.
    fn set_flags(&mut self, flags: &AstFlags) -> Result<String, Refusal> {
        if flags.flag_state(Flag::CRLF) == Some(true) {
            return Err(Refusal::dialect("line ends of two characters"));
        }
        if let Some(unicode) = flags.flag_state(Flag::Unicode) {
            self.state.unicode = unicode;
        }
        let before = self.state;
        let mut on = String::new();
        let mut off = String::new();
        for (flag, letter, place) in [
            (Flag::CaseInsensitive, 'i', &mut self.state.ignore_case),
            (Flag::MultiLine, 'm', &mut self.state.multi_line),
            (Flag::DotMatchesNewLine, 's', &mut self.state.dot_all),
        ] {
            if let Some(state) = flags.flag_state(flag) {
                *place = state;
                if state { on.push(letter) } else { off.push(letter) }
            }
        }
        if self.outer_case && before.ignore_case != self.state.ignore_case {
            return Err(Refusal::dialect("an expression that ignores case in parts"));
        }
        if self.dialect.case == Case::Classes {
            return Ok(String::new());
        }
        if self.outer_case {
            on.retain(|letter| letter != 'i');
        }
        Ok(if off.is_empty() { on } else { format!("{on}-{off}") })
    }

    /// Any run of any characters.
    pub(super) fn any_run(&mut self, wanted: bool) {
        if wanted {
            self.out.push_str(if self.dialect.dot { ".*" } else { "(.|\n)*" });
        }
    }

    fn dot(&mut self) {
        let spelled = match (self.dialect.case, self.state.dot_all, self.dialect.dot) {
            (Case::Flag, _, _) | (Case::Classes, true, true) | (Case::Classes, false, false) => ".",
            (Case::Classes, true, false) => "(.|\n)",
            (Case::Classes, false, true) => "[^\n]",
        };
        self.out.push_str(spelled);
    }

    pub(super) fn literal(&mut self, character: char) -> Result<(), Refusal> {
        if self.state.ignore_case && !self.outer_case {
            if !self.state.unicode && matches!(character, 'k' | 'K' | 's' | 'S') {
                return Err(Refusal::dialect("a letter that ignores case within ASCII"));
            }
            if self.dialect.case == Case::Classes {
                let variants = steps::variants(character);
                if variants.len() > 1 {
                    self.out.push('[');
                    self.out.extend(variants);
                    self.out.push(']');
                    return Ok(());
                }
            }
        }
        match &self.dialect.backslash {
            Some(spelled) if character == '\\' => self.out.push_str(spelled),
            _ => {
                let escaped = self.dialect.meta.contains(character);
                self.character(character, escaped);
            }
        }
        Ok(())
    }

    fn character(&mut self, character: char, escaped: bool) {
        if self.dialect.controls == Controls::Hex && invisible(character) {
            match character {
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                other if (other as u32) < 0x80 => self.out.push_str(&format!("\\x{:02X}", other as u32)),
                other => self.out.push_str(&format!("\\x{{{:X}}}", other as u32)),
            }
            return;
        }
        if escaped {
            self.out.push('\\');
        }
        self.out.push(character);
    }

    fn members(&mut self, members: &Members) {
        self.out.push_str(if members.negated { "[^" } else { "[" });
        for (low, high) in &members.ranges {
            self.member(*low);
            if low != high {
                if *high as u32 - *low as u32 > 1 {
                    self.out.push('-');
                }
                self.member(*high);
            }
        }
        for category in &members.categories {
            self.out.push_str(category);
        }
        self.out.push(']');
    }

    fn member(&mut self, character: char) {
        match &self.dialect.class_backslash {
            Some(spelled) if character == '\\' => self.out.push_str(spelled),
            _ => {
                let escaped = self.dialect.class_meta.contains(character);
                self.character(character, escaped);
            }
        }
    }

    fn repetition(&mut self, repetition: &Repetition) -> Result<(), Refusal> {
        let atomic = repeatable(&repetition.ast);
        if !atomic {
            self.out.push_str(match self.dialect.case {
                Case::Flag => "(?:",
                Case::Classes => "(",
            });
        }
        self.node(&repetition.ast, Edges::default())?;
        if !atomic {
            self.out.push(')');
        }
        let spelled = match &repetition.op.kind {
            RepetitionKind::ZeroOrOne => "?".to_owned(),
            RepetitionKind::ZeroOrMore => "*".to_owned(),
            RepetitionKind::OneOrMore => "+".to_owned(),
            RepetitionKind::Range(RepetitionRange::Exactly(count)) => format!("{{{}}}", self.count(*count)?),
            RepetitionKind::Range(RepetitionRange::AtLeast(count)) => format!("{{{},}}", self.count(*count)?),
            RepetitionKind::Range(RepetitionRange::Bounded(low, high)) => {
                format!("{{{},{}}}", self.count(*low)?, self.count(*high)?)
            }
        };
        self.out.push_str(&spelled);
        Ok(())
    }

    fn count(&self, count: u32) -> Result<u32, Refusal> {
        match self.dialect.max_repeat {
            Some(most) if count > most => Err(Refusal::dialect(format!("more than {most} repetitions"))),
            _ => Ok(count),
        }
    }
}

/// Whether a group that sets no flag of the dialect can be left out: one test of a character or place, or the end with
/// its optional newline, as readers spell PCRE's `$`.
fn stands_alone(group: &Group) -> bool {
    match &*group.ast {
        Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::Assertion(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_)
        | Ast::ClassBracketed(_) => true,
        Ast::Concat(concat) => matches!(concat.asts.as_slice(), [Ast::Repetition(_), Ast::Assertion(_)]),
        Ast::Empty(_) | Ast::Flags(_) | Ast::Repetition(_) | Ast::Group(_) | Ast::Alternation(_) => false,
    }
}

/// Whether a repetition can follow the text of a node.
fn repeatable(node: &Ast) -> bool {
    match node {
        Ast::Literal(_) | Ast::Dot(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) => {
            true
        }
        Ast::Group(group) => {
            !matches!(&*group.ast, Ast::Assertion(_) | Ast::Concat(_)) || !stands_alone(group)
        }
        Ast::Empty(_)
        | Ast::Flags(_)
        | Ast::Assertion(_)
        | Ast::Repetition(_)
        | Ast::Alternation(_)
        | Ast::Concat(_) => false,
    }
}

/// Characters that cannot be seen in a query, or that break its line or turn its direction.
fn invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

//! A stage of a language: its macros, contexts, parentheses, null policy and notes, as the core asks for them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use regex::Regex;
use regex_syntax::hir::{Class, HirKind};

use super::context::{ContextId, Contexts};
use super::settings::OperatorName;
use super::{Effect, Kind, Macro, Policy, Refusal, vocabulary};
use crate::normalize::Pattern;
use crate::rule::Operator;

/// One stage of a query.
#[derive(Debug)]
pub struct Stage {
    /// Its name, which is its template's.
    pub name: String,
    /// Where parentheses are needed.
    pub parens: Parens,
    /// What stands between the values of a list.
    pub list_separator: String,
    /// How names of columns are spelled.
    pub identifier: Identifier,
    /// Where queries differ from rules.
    pub notes: Vec<NoteRule>,
    /// Whether `null or true` is true and `null and x` never true: as documented for the engine.
    pub kleene: bool,
    /// The longest list that the engine takes.
    pub max_list: Option<usize>,
    /// The most members of one `and` or `or`; longer chains become groups of groups, for parsers that nest them.
    pub max_chain: Option<usize>,
    pub(super) contexts: Contexts,
    pub(super) macros: Vec<Macro>,
    pub(super) by_name: Names<usize>,
    /// Class → name without the class → index: what `by_name` has, asked without putting a name together.
    pub(super) by_class: Names<Names<usize>>,
    /// Classes on which no test of a pattern is ever null or true for an absent value, whatever its form.
    pub(super) patterns_two_valued: BTreeSet<String>,
    pub(super) absent: BTreeMap<String, BTreeMap<String, Policy>>,
    pub(super) empty_is_absent: Option<(BTreeSet<String>, String)>,
    pub(super) operators: BTreeMap<OperatorName, String>,
}

impl Stage {
    /// The macro of a full name, class included.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Macro> {
        self.by_name.get(name).and_then(|index| self.macros.get(*index))
    }

    /// The macro of a form for a class of column: `form_class`; class `text` has no suffix.
    #[must_use]
    pub fn find_for(&self, form: &str, class: &str) -> Option<&Macro> {
        if class == "text" {
            return self.find(form);
        }
        let index = self.by_class.get(class)?.get(form)?;
        self.macros.get(*index)
    }

    /// What a form gives on a column of a class that has no value. `form` has no class; `any_` is ignored.
    #[must_use]
    pub fn policy(&self, class: &str, form: &str) -> Policy {
        let plain = vocabulary::plain(form);
        let of = |class: &str| {
            let forms = self.absent.get(class)?;
            let uncased = plain.strip_suffix("_cased").unwrap_or(plain);
            [form, plain, uncased, "*"]
                .iter()
                .find_map(|name| forms.get(*name))
                .copied()
        };
        of(class).or_else(|| of("*")).unwrap_or_default()
    }

    /// Whether [`policy`](Self::policy) is two-valued for every form that a pattern can have on a class of column.
    #[must_use]
    pub fn patterns_two_valued(&self, class: &str) -> bool {
        self.patterns_two_valued.contains(class)
    }

    /// The code of the note on columns of a class in which the empty value and an absent one are one.
    #[must_use]
    pub fn empty_is_absent(&self, class: &str) -> Option<&str> {
        let (classes, code) = self.empty_is_absent.as_ref()?;
        classes.contains(class).then_some(code.as_str())
    }

    /// Whether a macro must not be used for a value with this literal text.
    #[must_use]
    pub fn forbidden(spelling: &Macro, literal_text: &str) -> bool {
        let unless = spelling.unless.as_ref();
        unless.is_some_and(|unless| unless.finds(literal_text))
    }

    /// The spelling of a comparison operator.
    #[must_use]
    pub fn operator(&self, operator: Operator) -> Option<&str> {
        let name = match operator {
            Operator::Equal => OperatorName::Eq,
            Operator::Less => OperatorName::Lt,
            Operator::LessOrEqual => OperatorName::Le,
            Operator::Greater => OperatorName::Gt,
            Operator::GreaterOrEqual => OperatorName::Ge,
            Operator::NotEqual => return None,
        };
        self.operators.get(&name).map(String::as_str)
    }

    /// Appends a pattern, printed in a context; `core_only` leaves its wildcards out (the macro says them).
    ///
    /// # Errors
    /// If the context cannot write the value; `out` is then as before.
    pub fn print_pattern(
        &self,
        context: ContextId,
        pattern: &Pattern,
        core_only: bool,
        out: &mut String,
    ) -> Result<(), Refusal> {
        self.contexts.pattern(context, pattern, core_only, out)
    }

    /// Whether [`print_pattern`](Self::print_pattern) can write the value, but for the shape of the context.
    ///
    /// # Errors
    /// As there.
    pub fn check_pattern(
        &self,
        context: ContextId,
        pattern: &Pattern,
        core_only: bool,
    ) -> Result<(), Refusal> {
        if self.contexts.surely_prints(context, pattern, core_only) {
            return Ok(());
        }
        self.contexts
            .pattern(context, pattern, core_only, &mut String::new())
    }

    /// Appends a text that stands for itself, printed in a context.
    ///
    /// # Errors
    /// If the context cannot write the text; `out` is then as before.
    pub fn print_text(&self, context: ContextId, text: &str, out: &mut String) -> Result<(), Refusal> {
        self.contexts.text(context, text, out)
    }

    /// Appends a regular expression in the dialect of a context. `ignore_case_macro`: the macro ignores case by itself.
    ///
    /// # Errors
    /// If the dialect cannot say the expression exactly; `out` is then as before.
    pub fn print_regex(
        &self,
        context: ContextId,
        regex: &crate::regex::Regex,
        ignore_case_macro: bool,
        out: &mut String,
    ) -> Result<(), Refusal> {
        self.contexts.regex(context, regex, ignore_case_macro, out)
    }

    /// The context of a name.
    #[must_use]
    pub fn context(&self, name: &str) -> Option<ContextId> {
        self.contexts.find(name)
    }

    /// What the language declares on tests of fields without a value: class, form (or `*`) and policy.
    pub fn policies(&self) -> impl Iterator<Item = (&str, &str, Policy)> {
        self.absent.iter().flat_map(|(class, forms)| {
            forms
                .iter()
                .map(|(form, policy)| (class.as_str(), form.as_str(), *policy))
        })
    }

    /// The values that macros are not used for: the macro without `any_`, and a regular expression over the
    /// literal text; sorted, each once.
    #[must_use]
    pub fn exceptions(&self) -> BTreeSet<(&str, &str)> {
        let rule = |one| -> Option<(&str, &str)> {
            let one: &Macro = one;
            Some((
                one.name.trim_start_matches("any_"),
                one.unless.as_ref()?.rule.as_str(),
            ))
        };
        self.macros.iter().filter_map(rule).collect()
    }

    /// All macros, in the order of the file.
    #[must_use]
    pub fn macros(&self) -> &[Macro] {
        &self.macros
    }
}

/// Macros by short names that the vocabulary knows: no hostile keys, so that a plain hash does.
pub(super) type Names<T> = HashMap<String, T, BuildHasherDefault<Fnv>>;

/// The hash function FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>).
#[derive(Clone, Copy, Debug)]
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// What a value must not hold for a macro to be used.
#[derive(Debug)]
pub(super) struct Unless {
    rule: Regex,
    /// Where the rule is a class of characters: which of ASCII are in it. Asked of every value, and faster than the rule.
    ascii: Option<Vec<bool>>,
}

impl Unless {
    pub(super) fn new(rule: Regex) -> Self {
        let ascii = ascii_class(rule.as_str());
        Self { rule, ascii }
    }

    fn finds(&self, text: &str) -> bool {
        match &self.ascii {
            Some(class) if text.is_ascii() => {
                let in_class = |byte| class.get(usize::from(byte)).copied().unwrap_or(false);
                text.bytes().any(in_class)
            }
            _ => self.rule.is_match(text),
        }
    }
}

/// For a regular expression that is one class of characters: whether each character of ASCII is in it.
fn ascii_class(rule: &str) -> Option<Vec<bool>> {
    let meaning = regex_syntax::parse(rule).ok()?;
    let HirKind::Class(Class::Unicode(class)) = meaning.kind() else {
        return None;
    };
    let holds = |character: char| {
        let mut ranges = class.ranges().iter();
        ranges.any(|range| (range.start()..=range.end()).contains(&character))
    };
    Some((0..0x80_u8).map(|byte| holds(char::from(byte))).collect())
}

/// Which children need parentheses under which parents.
#[derive(Clone, Debug, Default)]
pub struct Parens(pub(super) BTreeMap<Kind, Vec<Kind>>);

impl Parens {
    /// Whether text of kind `child` needs parentheses directly under `parent`.
    #[must_use]
    pub fn needs(&self, parent: Kind, child: Kind) -> bool {
        self.0
            .get(&parent)
            .is_some_and(|children| children.contains(&child))
    }
}

/// How the name of a column is written.
#[derive(Clone, Debug)]
pub struct Identifier {
    pub(super) plain: Regex,
    pub(super) reserved: BTreeSet<String>,
    pub(super) context: ContextId,
    pub(super) split: Option<String>,
}

impl Identifier {
    /// Spells a name: as it is where it is plain and no word of the language, else in its context.
    ///
    /// # Errors
    /// If no spelling of the language can hold the name.
    pub fn spell(&self, stage: &Stage, name: &str) -> Result<String, Refusal> {
        let mut out = String::with_capacity(name.len() + 4);
        match &self.split {
            Some(separator) => {
                for (index, segment) in name.split(separator.as_str()).enumerate() {
                    if index > 0 {
                        out.push_str(separator);
                    }
                    self.segment(stage, segment, &mut out)?;
                }
            }
            None => self.segment(stage, name, &mut out)?,
        }
        Ok(out)
    }

    fn segment(&self, stage: &Stage, name: &str, out: &mut String) -> Result<(), Refusal> {
        if name.is_empty() {
            return Err(Refusal::value("a part of the name is empty"));
        }
        if self.plain.is_match(name) && !self.reserved.contains(name) {
            out.push_str(name);
            return Ok(());
        }
        stage.print_text(self.context, name, out)
    }
}

/// Where a query differs from its rule: a note that goes with a macro.
#[derive(Clone, Debug)]
pub struct NoteRule {
    /// Its code: `null-empty-merged`.
    pub code: String,
    /// What differs.
    pub text: String,
    /// In which direction.
    pub effect: Effect,
    pub(super) construct: Option<String>,
    pub(super) class: Option<String>,
    pub(super) when: Option<Regex>,
}

impl NoteRule {
    /// Whether the note goes with a form (without class; `any_` is ignored) on a class of column with this literal text
    /// (for regular expressions their source).
    #[must_use]
    pub fn applies(&self, form: &str, class: &str, literal: &str) -> bool {
        let construct = self
            .construct
            .as_deref()
            .is_none_or(|name| name == form || name == vocabulary::plain(form));
        construct
            && self.class.as_deref().is_none_or(|name| name == class)
            && self.when.as_ref().is_none_or(|when| when.is_match(literal))
    }
}

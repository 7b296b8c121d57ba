//! The steps that turn a value into what a language reads as that value.
//!
//! One step is one pass, so that no entry escapes another one's output. A step that finds none of its characters copies
//! nothing: most values of a rule pass through unchanged.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Refusal;
use super::settings::{StepSettings, TableSettings};

/// A step, ready to run.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Replaces, prefixes, doubles or refuses single characters.
    Table(Box<Table>),
    /// Simple lower-case mapping, as engines do it: one character for one.
    Lower,
    /// A letter with case variants becomes a class of them.
    FoldClasses,
}

#[derive(Clone, Debug)]
enum Entry {
    Replace(Box<str>),
    Refuse,
}

/// What a table does with each character; characters without an entry stay.
#[derive(Clone, Debug)]
pub(super) struct Table {
    ascii: [bool; 128],
    wide: bool,
    /// Whether any entry refuses.
    refuses: bool,
    entries: BTreeMap<char, Entry>,
}

impl Step {
    /// Builds a step; the error is a sentence on what is wrong with it.
    pub(super) fn build(settings: &StepSettings) -> Result<Self, String> {
        match settings {
            StepSettings::Lower => Ok(Self::Lower),
            StepSettings::FoldClasses => Ok(Self::FoldClasses),
            StepSettings::Table(table) => Ok(Self::Table(Box::new(Table::build(table)?))),
        }
    }

    fn apply<'a>(&self, text: Cow<'a, str>) -> Result<Cow<'a, str>, Refusal> {
        match self {
            Self::Table(table) => {
                if !table.touches(&text) {
                    return Ok(text);
                }
                let mut out = String::with_capacity(text.len() + 16);
                table.write(&text, &mut out)?;
                Ok(Cow::Owned(out))
            }
            Self::Lower => Ok(lower(text)),
            Self::FoldClasses => Ok(fold_classes(text)),
        }
    }
}

/// Runs `text` through the steps and appends the result.
pub(super) fn run(steps: &[Step], text: &str, out: &mut String) -> Result<(), Refusal> {
    let Some((last, before)) = steps.split_last() else {
        out.push_str(text);
        return Ok(());
    };
    let mut current = Cow::Borrowed(text);
    for step in before {
        current = step.apply(current)?;
    }
    match last {
        Step::Table(table) => table.write(&current, out),
        Step::Lower | Step::FoldClasses => {
            out.push_str(&last.apply(current)?);
            Ok(())
        }
    }
}

/// Whether there is a text that the steps refuse.
pub(super) fn can_refuse(steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::Table(table) => table.refuses,
        Step::Lower | Step::FoldClasses => false,
    })
}

/// Whether the steps may refuse this text: yes where that cannot be told without running them.
pub(super) fn may_refuse(steps: &[Step], text: &str) -> bool {
    match steps {
        [Step::Table(table), rest @ ..] => (table.refuses && table.touches(text)) || can_refuse(rest),
        _ => can_refuse(steps),
    }
}

impl Table {
    fn build(settings: &TableSettings) -> Result<Self, String> {
        let mut entries = BTreeMap::new();
        if let Some(set) = &settings.refuse {
            entries.extend(set.chars().map(|character| (character, Entry::Refuse)));
        }
        if let Some(pattern) = &settings.controls {
            for code in (0..0x20).chain([0x7F]) {
                if let Some(character) = char::from_u32(code) {
                    entries.insert(character, control(pattern, code)?);
                }
            }
        }
        match (&settings.escape, &settings.with) {
            (Some(set), Some(prefix)) => {
                for character in set.chars() {
                    entries.insert(character, Entry::Replace(format!("{prefix}{character}").into()));
                }
            }
            (None, None) => {}
            _ => return Err("`escape` and `with` belong together".to_owned()),
        }
        if let Some(set) = &settings.double {
            for character in set.chars() {
                entries.insert(
                    character,
                    Entry::Replace(format!("{character}{character}").into()),
                );
            }
        }
        for (character, text) in &settings.map {
            entries.insert(*character, Entry::Replace(text.as_str().into()));
        }
        if entries.is_empty() {
            return Err("the step does nothing".to_owned());
        }
        let mut ascii = [false; 128];
        for character in entries.keys() {
            if let Some(flag) = ascii.get_mut(*character as usize) {
                *flag = true;
            }
        }
        Ok(Self {
            ascii,
            wide: entries.keys().any(|character| !character.is_ascii()),
            refuses: entries.values().any(|entry| matches!(entry, Entry::Refuse)),
            entries,
        })
    }

    fn special(&self, byte: u8) -> bool {
        self.ascii.get(usize::from(byte)).copied().unwrap_or(self.wide)
    }

    fn touches(&self, text: &str) -> bool {
        text.bytes().any(|byte| self.special(byte))
    }

    fn write(&self, text: &str, out: &mut String) -> Result<(), Refusal> {
        let mut rest = text;
        while let Some(place) = rest.bytes().position(|byte| self.special(byte)) {
            // A special byte is ASCII or begins a character: bytes before it were whole characters.
            let (plain, tail) = rest.split_at_checked(place).unwrap_or((rest, ""));
            out.push_str(plain);
            let mut characters = tail.chars();
            let Some(character) = characters.next() else {
                return Ok(());
            };
            match self.entries.get(&character) {
                Some(Entry::Replace(text)) => out.push_str(text),
                Some(Entry::Refuse) => {
                    return Err(Refusal::value(format!(
                        "the character `{}` cannot be written here",
                        character.escape_debug()
                    )));
                }
                None => out.push(character),
            }
            rest = characters.as_str();
        }
        out.push_str(rest);
        Ok(())
    }
}

/// What `controls` does with a control character: `refuse`, or a spelling with a run of `X` for the digits.
fn control(pattern: &str, code: u32) -> Result<Entry, String> {
    if pattern == "refuse" {
        return Ok(Entry::Refuse);
    }
    Ok(Entry::Replace(hexadecimal(pattern, code)?.into()))
}

/// Fills the run of `X` in `pattern` with the digits of `code`.
fn hexadecimal(pattern: &str, code: u32) -> Result<String, String> {
    let Some((before, _)) = pattern.split_once('X') else {
        return Err("`controls` needs a run of `X` where the hexadecimal digits go".to_owned());
    };
    let rest = pattern.strip_prefix(before).unwrap_or_default();
    let after = rest.trim_start_matches('X');
    let width = rest.len() - after.len();
    Ok(format!("{before}{code:0width$X}{after}"))
}

fn lower(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return text;
    }
    let mapper = icu_casemap::CaseMapper::new();
    Cow::Owned(
        text.chars()
            .map(|character| mapper.simple_lowercase(character))
            .collect(),
    )
}

fn fold_classes(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.chars().any(char::is_alphabetic) {
        return text;
    }
    let mut out = String::with_capacity(text.len() * 4);
    for character in text.chars() {
        let variants = variants(character);
        if variants.len() < 2 {
            out.push(character);
        } else {
            out.push('[');
            out.extend(variants);
            out.push(']');
        }
    }
    Cow::Owned(out)
}

/// All characters that are equal to `character` by simple case folding, itself included, in code point order.
pub(crate) fn variants(character: char) -> Vec<char> {
    use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
    if class.try_case_fold_simple().is_err() {
        return vec![character];
    }
    class
        .iter()
        .flat_map(|range| range.start()..=range.end())
        .collect()
}

//! `replace_string`: replaces what a regular expression finds in string values.
//!
//! With `skip_special` it works on each literal part and leaves wildcards alone; else on the text of the whole value,
//! as pySigma shows it (`text::shown`), which is read again: a backslash stands for itself, but before `*` and `?`. The replacement is written as in Python: `\1`, `\g<1>`, `\g<name>`.

use fancy_regex::{Captures, Regex};

use super::{Kind, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::normalize::{Pattern, PatternPart, Value};
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;
use crate::pipeline::subject::{Change, Subject};
use crate::pipeline::text;

pub(super) const KIND: Kind = Kind {
    name: "replace_string",
    summary: "Replaces what a regular expression finds in string values.",
    keys: &["regex", "replacement", "skip_special", "interpret_special"],
    read,
};

#[derive(Debug)]
struct ReplaceString {
    regex: Regex,
    replacement: Vec<Part>,
    skip_special: bool,
    /// With `skip_special`: whether wildcards in a replaced literal are wildcards.
    interpret_special: bool,
}

/// A part of a replacement.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Group(usize),
    Named(String),
}

fn read(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    let pattern = keys.required_text("regex", diagnostics);
    let replacement = keys.required_text("replacement", diagnostics);
    let skip_special = keys.flag("skip_special", diagnostics);
    let interpret_special = keys.flag("interpret_special", diagnostics);
    let span = keys.get("regex").map_or(keys.span, |node| node.span);
    let regex = match Regex::new(pattern?) {
        Ok(regex) => regex,
        Err(error) => {
            keys.fault(
                format!("the regular expression is invalid: {error}"),
                span,
                diagnostics,
            );
            return None;
        }
    };
    let span = keys.get("replacement").map_or(keys.span, |node| node.span);
    match parts(replacement?, &regex) {
        Ok(replacement) => Some(Box::new(ReplaceString {
            regex,
            replacement,
            skip_special,
            interpret_special,
        })),
        Err(title) => {
            keys.fault(title, span, diagnostics);
            None
        }
    }
}

/// Reads a replacement as Python's `re.sub` does, as far as it is defined there.
fn parts(replacement: &str, regex: &Regex) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut characters = replacement.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            literal.push(character);
            continue;
        }
        let group = match characters.next() {
            Some('\\') => {
                literal.push('\\');
                continue;
            }
            Some('n') => {
                literal.push('\n');
                continue;
            }
            Some('t') => {
                literal.push('\t');
                continue;
            }
            Some('g') if characters.next_if_eq(&'<').is_some() => {
                let mut name = String::new();
                loop {
                    match characters.next() {
                        Some('>') => break,
                        Some(character) => name.push(character),
                        None => return Err("a `\\g<` of the replacement is not closed".to_owned()),
                    }
                }
                name
            }
            Some(digit @ '1'..='9') => {
                let mut number = digit.to_string();
                number.extend(characters.next_if(char::is_ascii_digit));
                number
            }
            // Python refuses an unknown escape of a letter; another character keeps its backslash.
            Some(letter) if letter.is_ascii_alphanumeric() => {
                return Err(format!("the replacement has an unknown escape `\\{letter}`"));
            }
            Some(other) => {
                literal.extend(['\\', other]);
                continue;
            }
            None => return Err("the replacement ends in a single backslash".to_owned()),
        };
        if !literal.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut literal)));
        }
        parts.push(reference(group, regex)?);
    }
    if !literal.is_empty() {
        parts.push(Part::Text(literal));
    }
    Ok(parts)
}

fn reference(group: String, regex: &Regex) -> Result<Part, String> {
    match group.parse::<usize>() {
        Ok(number) if number < regex.captures_len() => Ok(Part::Group(number)),
        Err(_) if regex.capture_names().flatten().any(|name| name == group) => Ok(Part::Named(group)),
        _ => Err(format!(
            "the replacement names the group `{group}`, which does not exist"
        )),
    }
}

impl Transformation for ReplaceString {
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, diagnostics: &mut Diagnostics) {
        subject.items(step, false, diagnostics, &mut |item, diagnostics| {
            let mut changed = false;
            for value in &mut item.values {
                match self.value(&mut value.value) {
                    Ok(replaced) => changed |= replaced,
                    Err(title) => diagnostics.push(fault(title, value.span, step)),
                }
            }
            if changed { Change::Changed } else { Change::None }
        });
    }
}

fn fault(title: String, span: Span, step: &Step) -> Diagnostic {
    Diagnostic::error(Code::INVALID_REPLACEMENT, title, span)
        .with_label(step.span, format!("the transformation `{}`", step.id))
}

impl ReplaceString {
    /// Replaces in strings and in the source text of numbers; whether something changed.
    fn value(&self, value: &mut Value) -> Result<bool, String> {
        let replaced = match value {
            Value::Pattern(pattern) => {
                let replaced = self.pattern(pattern)?;
                if replaced == *pattern {
                    return Ok(false);
                }
                replaced
            }
            Value::Number(number) => {
                let replaced = self.text(&number.text)?;
                if replaced == number.text {
                    return Ok(false);
                }
                text::reread(&replaced, false)
            }
            Value::Alternatives(values) => {
                let mut changed = false;
                for value in values {
                    changed |= self.value(value)?;
                }
                return Ok(changed);
            }
            Value::Pending(_) => {
                return Err(
                    "a replacement comes before the placeholders of the value are resolved".to_owned(),
                );
            }
            Value::Compare(..)
            | Value::Bool(_)
            | Value::Null
            | Value::Regex(_)
            | Value::Cidr(_)
            | Value::Exists(_)
            | Value::FieldReference(_)
            | Value::TimePart(..)
            | Value::QueryExpression(_) => return Ok(false),
        };
        *value = Value::Pattern(replaced);
        Ok(true)
    }

    fn pattern(&self, pattern: &Pattern) -> Result<Pattern, String> {
        if !self.skip_special {
            let replaced = self.text(&text::shown(pattern))?;
            return Ok(text::reread(&replaced, pattern.cased));
        }
        let mut parts = Vec::with_capacity(pattern.parts.len());
        for part in &pattern.parts {
            match part {
                PatternPart::Literal(literal) => {
                    let replaced = self.text(literal)?;
                    if self.interpret_special {
                        parts.extend(text::reread(&replaced, pattern.cased).parts);
                    } else {
                        parts.push(PatternPart::Literal(replaced));
                    }
                }
                PatternPart::AnyOne | PatternPart::AnyRun => parts.push(part.clone()),
            }
        }
        Ok(Pattern::from_parts(parts).with_case(pattern.cased))
    }

    fn text(&self, text: &str) -> Result<String, String> {
        let mut result = String::with_capacity(text.len());
        let mut end = 0;
        for captures in self.regex.captures_iter(text) {
            let captures = captures
                .map_err(|error| format!("a replacement's expression exceeds its limits: {error}"))?;
            let Some(found) = captures.get(0) else {
                continue;
            };
            result.push_str(text.get(end..found.start()).unwrap_or_default());
            self.expand(&captures, &mut result);
            end = found.end();
        }
        result.push_str(text.get(end..).unwrap_or_default());
        Ok(result)
    }

    fn expand(&self, captures: &Captures<'_, str>, result: &mut String) {
        for part in &self.replacement {
            match part {
                Part::Text(text) => result.push_str(text),
                Part::Group(number) => {
                    result.push_str(captures.get(*number).map_or("", |found| found.as_str()));
                }
                Part::Named(name) => {
                    result.push_str(captures.name(name).map_or("", |found| found.as_str()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::normalize::Value;
    use crate::normalize::pattern;
    use crate::pipeline::transform::testing::{self, Case, items};

    fn replaced(value: &str, step: &str) -> Value {
        let mapped =
            Case::new(vec![testing::text("A", value)]).run(&format!("- {{type: replace_string, {step}}}"));
        items(&mapped.rule().detections[0].body)[0].values[0]
            .value
            .clone()
    }

    fn pattern(text: &str) -> Value {
        Value::Pattern(pattern::read(text))
    }

    #[test]
    fn the_whole_text_is_replaced_and_read_again() {
        let step = r"regex: '^\\Device\\HarddiskVolume\d+(.*)$', replacement: 'C:\1'";
        assert_eq!(
            replaced(r"\Device\HarddiskVolume2\Temp\\*", step),
            pattern(r"C:\Temp\\*")
        );
        let step = r"regex: '^\\\\srv', replacement: '\\\\host'";
        assert_eq!(replaced(r"\\\\srv\*", step), pattern(r"\\\\host\*"));
        assert_eq!(replaced(r"a\*b", "regex: b, replacement: c"), pattern(r"a\*c"));
        assert_eq!(replaced("ab", "regex: a, replacement: '*'"), pattern("*b"));
    }

    #[test]
    fn literals_alone_are_replaced_with_skip_special() {
        assert_eq!(
            replaced("*a*", "regex: '^', replacement: x, skip_special: true"),
            pattern("*xa*")
        );
        assert_eq!(
            replaced("ab", "regex: a, replacement: '*', skip_special: true"),
            pattern(r"\*b")
        );
        let step = "regex: a, replacement: '*', skip_special: true, interpret_special: true";
        assert_eq!(replaced("*ab", step), pattern("*b"));
        assert_eq!(
            replaced("ab", r"regex: '(?P<x>a)(b)', replacement: '\2\g<x>'"),
            pattern("ba")
        );
    }

    #[test]
    fn faults_of_the_replacement_are_errors() {
        for step in [
            "regex: '(', replacement: x",
            r"regex: a, replacement: '\1'",
            r"regex: a, replacement: '\g<x>'",
        ] {
            let mapped =
                Case::new(vec![testing::text("A", "x")]).run(&format!("- {{type: replace_string, {step}}}"));
            assert_eq!(mapped.codes(), [Code::INVALID_PIPELINE], "{step}");
        }
    }
}

//! `savedsearches`: a scheduled alert of Splunk for each query, as stanzas of one `savedsearches.conf`.
//!
//! This module makes values fit for the file: names, lines, numbers. Keys and layout are in
//! `templates/artifacts/savedsearches.conf.j2`.
//!
//! What is known of the file's syntax, from `savedsearches.conf.spec` of Splunk 8.2 to 10.0 and the reader in Splunk's
//! own AppInspect 4.3: a line that ends in a backslash goes on in the next one, and the value has a line break there; a
//! backslash followed by blanks is a fault; values lose blanks at both ends; a stanza's name stands between the first
//! `[` and the last `]` of its line; lines that start with `#` or `;` are comments, and they go on after a backslash
//! too. There is no other escape: a value cannot end in a backslash.

use std::collections::HashSet;

use minijinja::Environment;
use serde::Serialize;

use crate::diagnostic::{Code, Diagnostic, Result, Span};
use crate::rule::Metadata;
use crate::templates::Templates;

/// The longest name that Splunk saves: its interface refuses 100 characters.
const LONGEST_NAME: usize = 99;
/// Far above what one stanza takes.
const FUEL: u64 = 20_000;
const TEMPLATE: &str = "artifacts/savedsearches.conf.j2";

/// Writes stanzas of one file, each with a name of its own.
#[derive(Debug)]
pub struct SavedSearches {
    environment: Environment<'static>,
    /// In lower case.
    names: HashSet<String>,
}

/// What the template gets; each text is fit for the file.
#[derive(Serialize)]
struct Stanza<'a> {
    name: String,
    rule_id: String,
    description: String,
    search: &'a str,
    /// 0 or 1.
    disabled: u8,
    /// 1 (debug) to 6 (fatal).
    severity: u8,
}

impl SavedSearches {
    /// A file without stanzas.
    ///
    /// Errors: [`Code::TEMPLATE_FAILED`] where the template is missing or invalid.
    pub fn new(templates: &Templates) -> Result<Self> {
        let failed = |text: String| Box::new(Diagnostic::global(Code::TEMPLATE_FAILED, text));
        let text = templates
            .text(TEMPLATE)
            .ok_or_else(|| failed(format!("there is no template {TEMPLATE}")))?;
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment
            .add_template_owned(TEMPLATE, text.to_owned())
            .map_err(|error| failed(format!("{TEMPLATE}: {error:#}")))?;
        Ok(Self {
            environment,
            names: HashSet::new(),
        })
    }

    /// The stanza of a query; `condition` is the name of the condition, where the rule has several.
    ///
    /// Errors: [`Code::UNSUPPORTED_VALUE`] for a query that the file cannot hold, [`Code::TEMPLATE_FAILED`].
    pub fn stanza(&mut self, metadata: &Metadata, condition: Option<&str>, query: &str) -> Result<String> {
        let lines = search(query).map_err(|reason| {
            let title = format!("savedsearches.conf cannot hold the query: {reason}");
            Box::new(Diagnostic::error(Code::UNSUPPORTED_VALUE, title, metadata.span))
        })?;
        let stanza = Stanza {
            name: self.name(&metadata.title, condition),
            rule_id: line(metadata.id.as_ref().map_or("", |id| &id.value)),
            description: line(metadata.description.as_deref().unwrap_or_default()),
            search: &lines,
            disabled: u8::from(!enabled(metadata.status.as_deref())),
            severity: severity(metadata.level.as_deref()),
        };
        self.environment
            .get_template(TEMPLATE)
            .and_then(|template| template.render(minijinja::value::Serde(stanza)))
            // The engine takes the line break at the end of a template.
            .map(|text| text + "\n")
            .map_err(|error| failed(metadata.span, &error))
    }

    /// A name that no stanza has: the title, with the condition's name and a number where they are needed.
    fn name(&mut self, title: &str, condition: Option<&str>) -> String {
        let mut whole = line(title);
        if let Some(condition) = condition {
            whole = format!("{whole} - {}", line(condition));
        }
        let mut whole: String = whole
            .chars()
            .map(|character| match character {
                '[' => '(',
                ']' => ')',
                other => other,
            })
            .collect();
        // An empty name and `default` mean all stanzas.
        if whole.trim().is_empty() || whole.trim().eq_ignore_ascii_case("default") {
            whole = format!("{} (rule)", whole.trim()).trim_start().to_owned();
        }
        for number in 1_u64.. {
            let end = match number {
                1 => String::new(),
                _ => format!(" ({number})"),
            };
            let kept: String = whole
                .chars()
                .take(LONGEST_NAME.saturating_sub(end.len()))
                .collect();
            let name = format!("{}{end}", kept.trim());
            if self.names.insert(name.to_lowercase()) {
                return name;
            }
        }
        whole
    }
}

fn failed(span: Span, error: &minijinja::Error) -> Box<Diagnostic> {
    let title = format!("the template {TEMPLATE} failed: {error:#}");
    Box::new(Diagnostic::error(Code::TEMPLATE_FAILED, title, span))
}

/// Text for people on one line: blanks and control characters become one blank, and a full stop follows a backslash at
/// the end, which would take the next line in.
fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let parts = text.split(|character: char| {
        character.is_whitespace() || character.is_control() || matches!(character, '\u{FEFF}')
    });
    for part in parts.filter(|part| !part.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(part);
    }
    if line.ends_with('\\') {
        line.push('.');
    }
    line
}

/// A query with its line breaks escaped; the error says what the file cannot hold.
fn search(query: &str) -> std::result::Result<String, String> {
    let query = query.trim();
    if query.is_empty() {
        return Err("it is empty".to_owned());
    }
    if query.ends_with('\\') {
        return Err("it ends in a backslash".to_owned());
    }
    let control = query.chars().find(|&character| {
        (character.is_control() && character != '\n' && character != '\t')
            || matches!(character, '\u{2028}' | '\u{2029}')
    });
    if let Some(character) = control {
        return Err(format!(
            "it has the control character U+{:04X}",
            u32::from(character)
        ));
    }
    Ok(query.replace('\n', "\\\n"))
}

/// Rules that are not meant for production yet, or any more, come switched off.
fn enabled(status: Option<&str>) -> bool {
    !matches!(status, Some("experimental" | "deprecated" | "unsupported"))
}

/// `alert.severity`: 2 info, 3 warn (Splunk's own default), 4 error, 5 severe. No source maps Sigma's levels: this is
/// our choice.
fn severity(level: Option<&str>) -> u8 {
    match level {
        Some("informational" | "low") => 2,
        Some("high") => 4,
        Some("critical") => 5,
        _ => 3,
    }
}

#[cfg(test)]
mod tests;

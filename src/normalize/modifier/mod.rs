//! Modifiers: a chain is compiled once for an item, from left to right, and applied to each of its values.
//!
//! Compiling is a small typed machine: [`Plan`] is what the modifiers so far make of a value, and each family of
//! modifiers says from which plans it goes on. `all` and `neq` belong to the item, `expand` to the reading of the value
//! (its position does not matter, as placeholders are resolved before anything else is applied); they are passed over.

mod apply;
mod dash;
mod encoding;
mod input;
mod network;
mod number;
mod reference;
mod regex;
mod string;
mod time;

pub(super) use apply::{MAX_ALTERNATIVES, apply, too_many};
pub(super) use input::Input;

use crate::diagnostic::{Code, Diagnostic, Result, Span};
use crate::normalize::{Relation, TimePart};
use crate::regex::{Anchors, Flags};
use crate::rule::{Modifier, Operator, Spanned};

/// What a chain of modifiers makes of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plan {
    /// Nothing: the value as it stands.
    Plain,
    /// A string that goes through steps.
    Text(Vec<Step>),
    /// A regular expression.
    Regex(Flags, Anchors),
    /// A network.
    Network,
    /// A number that the field is compared with.
    Compare(Operator),
    /// A part of a timestamp.
    Time(TimePart, Operator),
    /// Presence.
    Exists,
    /// Another field.
    FieldReference(Relation),
}

/// A step that changes a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) kind: StepKind,
    /// For Base64: the encoding in UTF-16 that comes before it.
    pub(super) charset: Option<StepKind>,
    pub(super) span: Span,
}

impl Step {
    fn new(kind: StepKind, modifier: &Spanned<Modifier>) -> Self {
        Self {
            kind,
            charset: None,
            span: modifier.span,
        }
    }
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    Contains,
    StartsWith,
    EndsWith,
    WindowsDash,
    Utf16Le,
    Utf16Be,
    Utf16,
    Base64,
    Base64Offset,
}

/// A compiled chain.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chain {
    pub(super) plan: Plan,
    pub(super) cased: bool,
    /// Whether values may hold placeholders.
    pub(super) expand: bool,
    pub(super) keyword: bool,
}

/// Compiles a chain.
///
/// # Errors
/// If a modifier cannot follow those before it, or cannot apply to keywords.
pub(super) fn compile(modifiers: &[Spanned<Modifier>], keyword: bool) -> Result<Chain> {
    let mut chain = Chain {
        plan: Plan::Plain,
        cased: false,
        expand: false,
        keyword,
    };
    let mut cased = None;
    let mut before = Vec::new();
    for modifier in modifiers {
        chain.expand |= modifier.value == Modifier::Expand;
        if modifier.value == Modifier::Cased {
            cased = Some(modifier.span);
        }
        let elsewhere = matches!(
            modifier.value,
            Modifier::All | Modifier::Not | Modifier::Expand | Modifier::Cased
        );
        if elsewhere {
            continue;
        }
        chain.plan = next(chain.plan, modifier, &before)?;
        before.push(modifier.value);
        if keyword {
            check_keyword(&chain.plan, modifier)?;
        }
    }
    finish(&chain.plan, modifiers)?;
    if let Some(span) = cased {
        chain.cased = true;
        if !matches!(chain.plan, Plan::Plain | Plan::Text(_) | Plan::FieldReference(_)) {
            return Err(Box::new(
                Diagnostic::error(
                    Code::INVALID_MODIFIER_CHAIN,
                    "`cased` applies to strings and field references only",
                    span,
                )
                .with_help(match chain.plan {
                    Plan::Regex(..) => {
                        "remove `cased`; a regular expression tells case apart unless `i` follows `re`"
                    }
                    Plan::Plain
                    | Plan::Text(_)
                    | Plan::Network
                    | Plan::Compare(_)
                    | Plan::Time(..)
                    | Plan::Exists
                    | Plan::FieldReference(_) => "remove `cased`",
                }),
            ));
        }
    }
    Ok(chain)
}

/// The plan after one more modifier; each family has a file of its own.
fn next(plan: Plan, modifier: &Spanned<Modifier>, before: &[Modifier]) -> Result<Plan> {
    match modifier.value {
        Modifier::Contains => string::next(StepKind::Contains, plan, modifier, before),
        Modifier::StartsWith => string::next(StepKind::StartsWith, plan, modifier, before),
        Modifier::EndsWith => string::next(StepKind::EndsWith, plan, modifier, before),
        Modifier::WindowsDash => dash::next(plan, modifier, before),
        Modifier::Base64 => encoding::next(StepKind::Base64, plan, modifier, before),
        Modifier::Base64Offset => encoding::next(StepKind::Base64Offset, plan, modifier, before),
        Modifier::Utf16Le => encoding::next(StepKind::Utf16Le, plan, modifier, before),
        Modifier::Utf16Be => encoding::next(StepKind::Utf16Be, plan, modifier, before),
        Modifier::Utf16 => encoding::next(StepKind::Utf16, plan, modifier, before),
        Modifier::Regex | Modifier::RegexIgnoreCase | Modifier::RegexMultiLine | Modifier::RegexDotAll => {
            regex::next(plan, modifier, before)
        }
        Modifier::Cidr => only_first(plan, Plan::Network, modifier, before),
        Modifier::Exists => only_first(plan, Plan::Exists, modifier, before),
        Modifier::Less => number::next(Operator::Less, plan, modifier, before),
        Modifier::LessOrEqual => number::next(Operator::LessOrEqual, plan, modifier, before),
        Modifier::Greater => number::next(Operator::Greater, plan, modifier, before),
        Modifier::GreaterOrEqual => number::next(Operator::GreaterOrEqual, plan, modifier, before),
        Modifier::Minute => time::next(TimePart::Minute, plan, modifier, before),
        Modifier::Hour => time::next(TimePart::Hour, plan, modifier, before),
        Modifier::Day => time::next(TimePart::Day, plan, modifier, before),
        Modifier::Week => time::next(TimePart::Week, plan, modifier, before),
        Modifier::Month => time::next(TimePart::Month, plan, modifier, before),
        Modifier::Year => time::next(TimePart::Year, plan, modifier, before),
        Modifier::FieldReference => reference::next(plan, modifier, before),
        Modifier::All | Modifier::Not | Modifier::Cased | Modifier::Expand => Ok(plan),
    }
}

fn only_first(plan: Plan, result: Plan, modifier: &Spanned<Modifier>, before: &[Modifier]) -> Result<Plan> {
    if plan == Plan::Plain {
        Ok(result)
    } else {
        Err(cannot_follow(modifier, before, &[]))
    }
}

/// A string in UTF-16 is bytes, which no event holds as such.
fn finish(plan: &Plan, modifiers: &[Spanned<Modifier>]) -> Result<()> {
    let Plan::Text(steps) = plan else {
        return Ok(());
    };
    let bytes = steps.iter().rev().find(|step| step.kind.is_encoding());
    match bytes {
        Some(step) if step.kind.gives_bytes() => {
            let name = modifiers
                .iter()
                .find(|modifier| modifier.span == step.span)
                .map_or("utf16", |modifier| name(modifier.value));
            Err(Box::new(
                Diagnostic::error(
                    Code::INVALID_MODIFIER_CHAIN,
                    format!("`{name}` gives bytes that no string can be compared with"),
                    step.span,
                )
                .with_help(format!("add `base64` or `base64offset` after `{name}`")),
            ))
        }
        _ => Ok(()),
    }
}

fn check_keyword(plan: &Plan, modifier: &Spanned<Modifier>) -> Result<()> {
    let anchored = matches!(modifier.value, Modifier::StartsWith | Modifier::EndsWith);
    let fits = match plan {
        Plan::Plain | Plan::Text(_) => !anchored,
        Plan::Regex(..) => true,
        Plan::Network | Plan::Compare(_) | Plan::Time(..) | Plan::Exists | Plan::FieldReference(_) => false,
    };
    if fits {
        return Ok(());
    }
    Err(Box::new(
        Diagnostic::error(
            Code::INVALID_MODIFIER_CHAIN,
            format!("`{}` needs a field", name(modifier.value)),
            modifier.span,
        )
        .with_help("write the field's name before the first `|`"),
    ))
}

impl StepKind {
    /// The modifier, for messages.
    fn title(self) -> &'static str {
        match self {
            Self::Contains => "`contains`",
            Self::StartsWith => "`startswith`",
            Self::EndsWith => "`endswith`",
            Self::WindowsDash => "`windash`",
            Self::Base64 => "`base64`",
            Self::Base64Offset => "`base64offset`",
            Self::Utf16Le => "`utf16le`",
            Self::Utf16Be => "`utf16be`",
            Self::Utf16 => "`utf16`",
        }
    }

    fn gives_bytes(self) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be | Self::Utf16)
    }

    fn is_encoding(self) -> bool {
        self.gives_bytes() || matches!(self, Self::Base64 | Self::Base64Offset)
    }
}

/// The usual name of a modifier.
pub(super) fn name(modifier: Modifier) -> &'static str {
    modifier.names().first().copied().unwrap_or_default()
}

/// The error of a modifier that cannot go on from those before it; `allowed` are those that it may follow.
fn cannot_follow(modifier: &Spanned<Modifier>, before: &[Modifier], allowed: &[Modifier]) -> Box<Diagnostic> {
    let this = name(modifier.value);
    let (title, help) = match before.last() {
        None => (
            format!("`{this}` cannot come first"),
            format!("write it after {}", quoted(allowed)),
        ),
        Some(last) if *last == modifier.value && allowed.is_empty() => {
            (format!("`{this}` is given twice"), format!("remove one `{this}`"))
        }
        Some(last) => {
            let last_name = name(*last);
            let adds_wildcards = matches!(
                last,
                Modifier::Contains | Modifier::StartsWith | Modifier::EndsWith
            );
            let encodes = matches!(
                modifier.value,
                Modifier::Base64
                    | Modifier::Base64Offset
                    | Modifier::Utf16Le
                    | Modifier::Utf16Be
                    | Modifier::Utf16
            );
            let help = if adds_wildcards && encodes {
                format!("write `{last_name}` last: its wildcards cannot be encoded")
            } else if allowed.is_empty() {
                format!("remove one of the two: `{this}` has to come first")
            } else {
                format!(
                    "remove one of the two: `{this}` comes first, or after {}",
                    quoted(allowed)
                )
            };
            (format!("`{this}` cannot follow `{last_name}`"), help)
        }
    };
    Box::new(Diagnostic::error(Code::INVALID_MODIFIER_CHAIN, title, modifier.span).with_help(help))
}

/// Names of modifiers, as in: `re`, `cidr` or `exists`.
fn quoted(modifiers: &[Modifier]) -> String {
    let names: Vec<_> = modifiers
        .iter()
        .map(|modifier| format!("`{}`", name(*modifier)))
        .collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

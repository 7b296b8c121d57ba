//! Tests made ready to run: patterns folded, regular expressions compiled, networks in one form.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, Result, Span};
use crate::eval::number::{Quantity, satisfies, with_text};
use crate::eval::pattern::{ReadyPattern, Text, equal_folded, fold_text};
use crate::eval::time::{parse_time_value, part_of};
use crate::eval::{Event, Field};
use crate::lower::Test;
use crate::normalize::{Pattern, Relation, TimePart};
use crate::regex::{Form, Regex};
use crate::rule::Operator;
use crate::source::Number;

/// The most bytes that a compiled regular expression may take.
const REGEX_SIZE_LIMIT: usize = 10 * 1024 * 1024;
/// The most steps back that a regular expression may take over one value.
const BACKTRACK_LIMIT: usize = 1_000_000;

/// What a test looks at.
#[derive(Debug)]
pub(super) enum Scope {
    /// The elements of a field.
    Field(Field),
    /// All values of the event.
    Anything,
}

impl Scope {
    fn any<'e>(&self, event: &'e Event, test: &mut dyn FnMut(&'e Value) -> bool) -> bool {
        match self {
            Self::Field(field) => field.any(event, test),
            Self::Anything => event.any_leaf(test),
        }
    }

    fn any_text(&self, event: &Event, mut test: impl FnMut(&str) -> bool) -> bool {
        self.any(event, &mut |value| {
            with_text(value, |text| test(text)).unwrap_or(false)
        })
    }
}

/// The limit of steps was reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct LimitReached;

/// A test, ready.
#[derive(Debug)]
pub(super) enum ReadyTest {
    AnyOf(Box<[ReadyPattern]>),
    AllOf(Box<[ReadyPattern]>),
    Equal {
        quantity: Quantity,
        texts: [Box<str>; 2],
    },
    Compare(Operator, Quantity),
    Bool(bool),
    Regex(regex::Regex),
    Irregular(Box<fancy_regex::Regex>),
    Cidr(IpNet),
    HasValue,
    Exists,
    FieldReference {
        other: Field,
        relation: Relation,
        cased: bool,
    },
    TimePart(TimePart, Operator, Quantity),
}

impl ReadyTest {
    pub(super) fn new(test: &Test, span: Span) -> Result<Self> {
        Ok(match test {
            Test::Equals(pattern) => Self::AnyOf(ready(std::slice::from_ref(pattern))),
            Test::AnyOf(patterns) => Self::AnyOf(ready(patterns)),
            Test::AllOf(patterns) => Self::AllOf(ready(patterns)),
            Test::Number(Operator::Equal, number) => Self::equal(number),
            Test::Number(operator, number) => Self::Compare(*operator, Quantity::of_rule(number)),
            Test::Bool(value) => Self::Bool(*value),
            Test::Regex(regex) => compile_regex(regex, span)?,
            Test::Cidr(network) => Self::Cidr(plain_network(*network)),
            Test::HasValue => Self::HasValue,
            Test::Exists => Self::Exists,
            Test::FieldReference {
                other,
                relation,
                cased,
            } => Self::FieldReference {
                other: Field::new(&other.name),
                relation: *relation,
                cased: *cased,
            },
            Test::TimePart(part, operator, number) => {
                Self::TimePart(*part, *operator, Quantity::of_rule(number))
            }
            Test::QueryExpression(_) => {
                let title = "text in a target's query language cannot be run over events";
                return Err(Box::new(
                    Diagnostic::error(Code::NOT_EVALUABLE, title, span)
                        .with_help("leave out the pipeline that puts query text in place of the value"),
                ));
            }
        })
    }

    fn equal(number: &Number) -> Self {
        Self::Equal {
            quantity: Quantity::of_rule(number),
            texts: [number.text.as_str().into(), number.canonical().into()],
        }
    }

    pub(super) fn holds(&self, scope: &Scope, event: &Event) -> std::result::Result<bool, LimitReached> {
        Ok(match self {
            Self::AnyOf(patterns) => scope.any_text(event, |text| {
                let text = Text::new(text);
                patterns.iter().any(|pattern| pattern.matches(text))
            }),
            Self::AllOf(patterns) => patterns
                .iter()
                .all(|pattern| scope.any_text(event, |text| pattern.matches(Text::new(text)))),
            Self::Equal { quantity, texts } => scope.any(event, &mut |value| match value {
                Value::Number(number) => Quantity::of_json(number)
                    .and_then(|number| number.compare(*quantity))
                    .is_some_and(std::cmp::Ordering::is_eq),
                Value::String(text) => texts.iter().any(|wanted| equal_folded(wanted, text)),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
            }),
            Self::Compare(operator, quantity) => {
                scope.any(event, &mut |value| compares(value, *operator, *quantity))
            }
            Self::Bool(wanted) => scope.any(event, &mut |value| match value {
                Value::Bool(boolean) => boolean == wanted,
                Value::String(text) => text.eq_ignore_ascii_case(if *wanted { "true" } else { "false" }),
                Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
            }),
            Self::Regex(regex) => scope.any_text(event, |text| regex.is_match(text)),
            Self::Irregular(regex) => return run_irregular(regex, scope, event),
            Self::Cidr(network) => scope.any_text(event, |text| {
                let address = text.parse().map(|address: IpAddr| address.to_canonical());
                address.is_ok_and(|address| network.contains(&address))
            }),
            Self::HasValue => scope.any(event, &mut |value| !value.is_null()),
            Self::Exists => scope.any(event, &mut |_| true),
            Self::FieldReference {
                other,
                relation,
                cased,
            } => scope.any(event, &mut |left| {
                other.any(event, &mut |right| related(left, right, *relation, *cased))
            }),
            Self::TimePart(part, operator, quantity) => scope.any(event, &mut |value| {
                parse_time_value(value)
                    .map(|time| Quantity::Integer(part_of(time, *part)))
                    .and_then(|part| part.compare(*quantity))
                    .is_some_and(|ordering| satisfies(ordering, *operator))
            }),
        })
    }
}

fn ready(patterns: &[Pattern]) -> Box<[ReadyPattern]> {
    patterns.iter().map(ReadyPattern::new).collect()
}

fn compares(value: &Value, operator: Operator, wanted: Quantity) -> bool {
    let quantity = match value {
        Value::Number(number) => Quantity::of_json(number),
        Value::String(text) => Quantity::of_text(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    quantity
        .and_then(|quantity| quantity.compare(wanted))
        .is_some_and(|ordering| satisfies(ordering, operator))
}

/// Two numbers are equal by value; everything else is compared as text.
fn related(left: &Value, right: &Value, relation: Relation, cased: bool) -> bool {
    if let (Value::Number(left), Value::Number(right), Relation::Equals) = (left, right, relation) {
        let ordering = Quantity::of_json(left)
            .zip(Quantity::of_json(right))
            .and_then(|(left, right)| left.compare(right));
        return ordering.is_some_and(std::cmp::Ordering::is_eq);
    }
    let compare = |left: &str, right: &str| match (relation, cased) {
        (Relation::Equals, true) => left == right,
        (Relation::Equals, false) => equal_folded(left, right),
        (_, true) => relates(left, right, relation),
        (_, false) => relates(&fold_text(left), &fold_text(right), relation),
    };
    with_text(left, |left| with_text(right, |right| compare(left, right)))
        .flatten()
        .unwrap_or(false)
}

fn relates(left: &str, right: &str, relation: Relation) -> bool {
    match relation {
        Relation::Equals => left == right,
        Relation::StartsWith => left.starts_with(right),
        Relation::EndsWith => left.ends_with(right),
        Relation::Contains => left.contains(right),
    }
}

/// An IPv4-mapped IPv6 network counts as its IPv4.
fn plain_network(network: IpNet) -> IpNet {
    const MAPPED_BITS: u8 = 96;
    if let IpNet::V6(mapped) = network
        && let Some(bits) = mapped.prefix_len().checked_sub(MAPPED_BITS)
        && let Some(address) = mapped.network().to_ipv4_mapped()
        && let Ok(plain) = Ipv4Net::new(address, bits)
    {
        return IpNet::V4(plain);
    }
    network
}

fn run_irregular(
    regex: &fancy_regex::Regex,
    scope: &Scope,
    event: &Event,
) -> std::result::Result<bool, LimitReached> {
    let mut reached = false;
    let hit = scope.any_text(event, |text| match regex.is_match(text) {
        Ok(hit) => hit,
        Err(_) => {
            reached = true;
            false
        }
    });
    if reached && !hit {
        Err(LimitReached)
    } else {
        Ok(hit)
    }
}

fn compile_regex(regex: &Regex, span: Span) -> Result<ReadyTest> {
    let refused = |reason: &str| {
        let title = format!("the regular expression cannot be run over events: {reason}");
        Box::new(Diagnostic::error(Code::NOT_EVALUABLE, title, span))
    };
    let flags = regex.flags;
    match &regex.form {
        Form::Regular { text, .. } => regex::RegexBuilder::new(text)
            .case_insensitive(flags.ignore_case)
            .multi_line(flags.multi_line)
            .dot_matches_new_line(flags.dot_all)
            .size_limit(REGEX_SIZE_LIMIT)
            .build()
            .map(ReadyTest::Regex)
            .map_err(|error| {
                if matches!(error, regex::Error::CompiledTooBig(_)) {
                    refused("it takes more than 10 MiB when compiled; smaller repetition counts help")
                } else {
                    refused(error.to_string().lines().last().unwrap_or_default())
                }
            }),
        Form::Irregular { text, .. } => fancy_regex::RegexBuilder::new(text)
            .case_insensitive(flags.ignore_case)
            .multi_line(flags.multi_line)
            .dot_matches_new_line(flags.dot_all)
            .backtrack_limit(BACKTRACK_LIMIT)
            .delegate_size_limit(REGEX_SIZE_LIMIT)
            .build()
            .map(|regex| ReadyTest::Irregular(Box::new(regex)))
            .map_err(|error| refused(&error.to_string())),
    }
}

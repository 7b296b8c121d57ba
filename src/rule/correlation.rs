//! Correlation rules: the section `correlation`.

use super::attributes::{misspelt, nearest};
use super::metadata::Sections;
use super::reader::{Reader, boolean, is_null};
use super::{
    Alias, CorrelationCondition, CorrelationRule, CorrelationType, Metadata, Operator, Spanned, condition,
    threshold, timespan,
};
use crate::diagnostic::{Code, Span};
use crate::source::{Entry, Node, NodeValue};

const ATTRIBUTES: [&str; 7] = [
    "type",
    "rules",
    "group-by",
    "timespan",
    "aliases",
    "condition",
    "generate",
];

const RULES_HELP: &str = "list the rules by id or name under `rules`";

/// The entries of the section, by name.
#[derive(Default)]
struct Parts {
    kind: Option<Entry>,
    rules: Option<Entry>,
    group_by: Option<Entry>,
    timespan: Option<Entry>,
    aliases: Option<Entry>,
    condition: Option<Entry>,
    generate: Option<Entry>,
    /// Attributes that were reported as misspelt, so that they are not reported as missing too.
    misspelt: Vec<&'static str>,
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    metadata: Metadata,
    mut sections: Sections,
) -> Option<CorrelationRule> {
    let section = sections.take("correlation")?;
    let span = section.value.span;
    let described = section.value.describe();
    let NodeValue::Mapping(entries) = section.value.value else {
        let title = format!("`correlation` is {described}, not a mapping");
        let help = "write `type`, `rules`, `timespan` and `condition` below `correlation`";
        reader.error(Code::WRONG_TYPE, title, span, help);
        return None;
    };
    let mut parts = split(reader, entries);
    let top_level = sections.take("generate");
    let inside = parts.generate.take();
    let generate = generate(reader, top_level, inside);
    let at = section.key.span;
    let window = match parts.timespan.take() {
        Some(entry) => timespan::read(reader, entry.value),
        None => missing(
            reader,
            &parts,
            "timespan",
            at,
            "add a window such as `timespan: 5m`",
        ),
    };
    let group_by = match parts.group_by.take() {
        Some(entry) => reader.texts("`group-by`", entry.value),
        None => Some(Vec::new()),
    };
    let aliases = match parts.aliases.take() {
        Some(entry) => aliases(reader, entry.value),
        None => Vec::new(),
    };
    let listed = match parts.rules.take() {
        Some(entry) => listed_rules(reader, entry.value).map(Some),
        None => Some(None),
    };
    let kind = match parts.kind.take() {
        Some(entry) => correlation_type(reader, entry.value),
        None => missing(reader, &parts, "type", at, &types_help()),
    }?;
    let condition = condition_of(reader, kind, &mut parts, at);
    let rules = rules(reader, &parts, listed?, condition.as_ref(), at);
    let (rules, condition) = (rules?, condition?);
    let condition = ordered_count(reader, kind, &rules, condition, at)?;
    Some(CorrelationRule {
        metadata,
        kind,
        rules,
        group_by: group_by?,
        timespan: window?,
        aliases,
        condition,
        generate,
        span,
    })
}

fn listed_rules(reader: &mut Reader<'_>, node: Node) -> Option<Vec<Spanned<String>>> {
    if is_null(&node) || node.sequence().is_some_and(<[Node]>::is_empty) {
        let title = "`rules` of the correlation names no rule";
        reader.error(Code::INVALID_CORRELATION, title, node.span, RULES_HELP);
        return None;
    }
    reader.texts("`rules`", node)
}

fn split(reader: &mut Reader<'_>, entries: Vec<Entry>) -> Parts {
    let mut parts = Parts::default();
    for entry in entries {
        match entry.key.text().unwrap_or_default() {
            "type" => parts.kind = Some(entry),
            "rules" => parts.rules = Some(entry),
            "group-by" => parts.group_by = Some(entry),
            "timespan" => parts.timespan = Some(entry),
            "aliases" => parts.aliases = Some(entry),
            "condition" => parts.condition = Some(entry),
            "generate" => parts.generate = Some(entry),
            _ => parts.misspelt.extend(unknown_attribute(reader, &entry.key)),
        }
    }
    parts
}

/// Reports an attribute that a correlation does not have; gives what it was meant to be.
fn unknown_attribute(reader: &mut Reader<'_>, key: &Node) -> Option<&'static str> {
    let word = key.text().unwrap_or_default();
    let title = format!("unknown attribute `{word}` in `correlation`");
    let meant = match word {
        "timeframe" => Some("timespan"),
        _ => misspelt(word, ATTRIBUTES),
    };
    match meant {
        Some(meant) => {
            let help = format!("did you mean `{meant}`?");
            reader.error(Code::MISSPELT_ATTRIBUTE, title, key.span, help);
        }
        None => {
            let help = "move it to the top level; it has no effect here";
            reader.warning(Code::INVALID_CORRELATION, title, key.span, help);
        }
    }
    meant
}

fn missing<T>(reader: &mut Reader<'_>, parts: &Parts, attribute: &str, at: Span, help: &str) -> Option<T> {
    if !parts.misspelt.contains(&attribute) {
        let title = format!("correlation has no `{attribute}`");
        reader.error(Code::INVALID_CORRELATION, title, at, help);
    }
    None
}

fn generate(reader: &mut Reader<'_>, top_level: Option<Entry>, inside: Option<Entry>) -> bool {
    let mut value = None;
    for entry in [top_level, inside].into_iter().flatten() {
        let read = boolean(&entry.value);
        if read.is_none() {
            let title = format!("`generate` is {}, not true or false", entry.value.describe());
            reader.error(
                Code::WRONG_TYPE,
                title,
                entry.value.span,
                "write `true` or `false`",
            );
        } else if value.is_some() && value != read {
            let title = "`generate` is given twice, with different values";
            reader.error(
                Code::INVALID_CORRELATION,
                title,
                entry.key.span,
                "keep the one at the top level",
            );
        }
        value = value.or(read);
    }
    value.unwrap_or(false)
}

fn types_help() -> String {
    format!(
        "use one of: {}",
        CorrelationType::ALL.map(CorrelationType::name).join(", ")
    )
}

fn correlation_type(reader: &mut Reader<'_>, node: Node) -> Option<CorrelationType> {
    let text = reader.text("`type`", node)?;
    let found = CorrelationType::ALL
        .into_iter()
        .find(|kind| kind.name() == text.value);
    if found.is_some() {
        return found;
    }
    let help = match nearest(&text.value, CorrelationType::ALL.map(CorrelationType::name)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => types_help(),
    };
    let title = format!("unknown type of correlation `{}`", text.value);
    reader.error(Code::INVALID_CORRELATION, title, text.span, help);
    None
}

fn aliases(reader: &mut Reader<'_>, node: Node) -> Vec<Alias> {
    const SHAPE: &str = "write for each alias a mapping from rules to their fields";
    let described = node.describe();
    let NodeValue::Mapping(entries) = node.value else {
        let title = format!("`aliases` is {described}, not a mapping");
        reader.error(Code::WRONG_TYPE, title, node.span, SHAPE);
        return Vec::new();
    };
    let mut aliases = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(name) = reader.text("name of an alias", entry.key) else {
            continue;
        };
        let span = entry.value.span;
        let described = entry.value.describe();
        let fields = match entry.value.value {
            NodeValue::Mapping(fields) if !fields.is_empty() => fields,
            NodeValue::Mapping(_) | NodeValue::Scalar(_) | NodeValue::Sequence(_) => {
                let title = format!("alias `{}` names no field: it is {described}", name.value);
                reader.error(Code::WRONG_TYPE, title, span, SHAPE);
                continue;
            }
        };
        let fields = fields
            .into_iter()
            .filter_map(|field| {
                let rule = reader.text("rule of an alias", field.key)?;
                Some((rule, reader.text("field of an alias", field.value)?))
            })
            .collect();
        aliases.push(Alias { name, fields });
    }
    aliases
}

fn condition_of(
    reader: &mut Reader<'_>,
    kind: CorrelationType,
    parts: &mut Parts,
    at: Span,
) -> Option<CorrelationCondition> {
    match parts.condition.take() {
        Some(entry) => threshold::read(reader, kind, entry),
        None if kind.is_temporal() => Some(CorrelationCondition::EachRule),
        None => missing(
            reader,
            parts,
            "condition",
            at,
            "add a condition such as `gte: 10`",
        ),
    }
}

/// The rules as listed, or those that an extended condition names.
fn rules(
    reader: &mut Reader<'_>,
    parts: &Parts,
    listed: Option<Vec<Spanned<String>>>,
    condition: Option<&CorrelationCondition>,
    at: Span,
) -> Option<Vec<Spanned<String>>> {
    if let Some(listed) = listed {
        return Some(listed);
    }
    let Some(CorrelationCondition::Extended(extended)) = condition else {
        // A condition that could not be read may have named the rules.
        return condition.and_then(|_| missing(reader, parts, "rules", at, RULES_HELP));
    };
    if let Some(selector) = condition::first_selector(&extended.root) {
        let title = format!("`{selector}` selects among the rules, and the correlation lists none");
        reader.error(Code::INVALID_CORRELATION, title, selector.span, RULES_HELP);
        return None;
    }
    Some(condition::names(&extended.root))
}

/// A count of different rules says nothing about an order unless it asks for all of them.
fn ordered_count(
    reader: &mut Reader<'_>,
    kind: CorrelationType,
    rules: &[Spanned<String>],
    condition: CorrelationCondition,
    at: Span,
) -> Option<CorrelationCondition> {
    let CorrelationCondition::Threshold { bounds, .. } = &condition else {
        return Some(condition);
    };
    if kind != CorrelationType::TemporalOrdered {
        return Some(condition);
    }
    let all = i128::try_from(rules.len()).ok();
    if let [(Operator::GreaterOrEqual | Operator::Equal, bound)] = bounds.as_slice()
        && bound.value.integer == all
    {
        return Some(CorrelationCondition::EachRule);
    }
    let span = bounds.first().map_or(at, |(_, bound)| bound.span);
    let title = "condition of `temporal_ordered` asks for some of its rules only";
    let help = "remove the condition, so that all rules must occur in order, or use the type `temporal`";
    reader.error(Code::INVALID_CORRELATION, title, span, help);
    None
}

impl CorrelationType {
    /// All types, in the order of the specification.
    pub const ALL: [CorrelationType; 8] = [
        CorrelationType::EventCount,
        CorrelationType::ValueCount,
        CorrelationType::ValueSum,
        CorrelationType::ValueAverage,
        CorrelationType::ValuePercentile,
        CorrelationType::ValueMedian,
        CorrelationType::Temporal,
        CorrelationType::TemporalOrdered,
    ];

    /// The name in a rule.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CorrelationType::EventCount => "event_count",
            CorrelationType::ValueCount => "value_count",
            CorrelationType::ValueSum => "value_sum",
            CorrelationType::ValueAverage => "value_avg",
            CorrelationType::ValuePercentile => "value_percentile",
            CorrelationType::ValueMedian => "value_median",
            CorrelationType::Temporal => "temporal",
            CorrelationType::TemporalOrdered => "temporal_ordered",
        }
    }

    /// Whether the type asks which rules occur, rather than for a number.
    #[must_use]
    pub fn is_temporal(self) -> bool {
        matches!(self, CorrelationType::Temporal | CorrelationType::TemporalOrdered)
    }

    /// Whether the condition must name a field.
    #[must_use]
    pub fn needs_field(self) -> bool {
        !self.is_temporal() && self != CorrelationType::EventCount
    }
}

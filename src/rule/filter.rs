//! Filters: the section `filter` with the rules that it is added to.

use super::metadata::Sections;
use super::reader::{Reader, is_null};
use super::{FilterRule, FilterRules, Metadata, detection};
use crate::diagnostic::Code;
use crate::source::{Entry, Node, NodeValue};

const RULES_HELP: &str = "list ids or names of rules, or write `any`";

pub(super) fn read(
    reader: &mut Reader<'_>,
    metadata: Metadata,
    mut sections: Sections,
) -> Option<FilterRule> {
    let section = sections.take("filter")?;
    let span = section.value.span;
    let described = section.value.describe();
    let NodeValue::Mapping(mut entries) = section.value.value else {
        let title = format!("`filter` is {described}, not a mapping");
        let help = "write `rules`, named detections and a `condition` below `filter`";
        reader.error(Code::WRONG_TYPE, title, span, help);
        return None;
    };
    let misplaced = remove(&mut entries, "logsource");
    if let Some(entry) = &misplaced {
        let title = "`logsource` stands inside `filter`";
        let help = "move it to the top level, beside `filter`";
        reader.error(Code::INVALID_FILTER, title, entry.key.span, help);
    }
    let log_source = if misplaced.is_some() {
        None
    } else {
        sections.log_source(reader)
    };
    let rules = match remove(&mut entries, "rules") {
        Some(entry) => rules(reader, entry.value),
        None => Some(FilterRules::Any),
    };
    let parts = detection::read_parts(reader, entries, &section.key, sections.outer_condition)?;
    Some(FilterRule {
        metadata,
        log_source: log_source?,
        rules: rules?,
        detections: parts.detections,
        conditions: parts.conditions,
        span,
    })
}

fn remove(entries: &mut Vec<Entry>, key: &str) -> Option<Entry> {
    let index = entries.iter().position(|entry| entry.key.text() == Some(key))?;
    Some(entries.remove(index))
}

fn rules(reader: &mut Reader<'_>, node: Node) -> Option<FilterRules> {
    if is_null(&node) || node.sequence().is_some_and(<[Node]>::is_empty) {
        let title = "`rules` of the filter names no rule";
        reader.error(Code::INVALID_FILTER, title, node.span, RULES_HELP);
        return None;
    }
    if node.text() == Some("any") {
        return Some(FilterRules::Any);
    }
    reader.texts("`rules`", node).map(FilterRules::Listed)
}

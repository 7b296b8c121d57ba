//! Correlation rules.

use super::{findings, read_text};
use crate::rule::{CorrelationCondition, CorrelationRule, CorrelationType, Document, Operator};

fn correlation(section: &str) -> String {
    format!("title: C\ncorrelation:\n{section}")
}

fn read(section: &str) -> CorrelationRule {
    let (mut reading, diagnostics) = read_text(&correlation(section));
    assert_eq!(diagnostics, []);
    match reading.documents.pop() {
        Some(Document::Correlation(rule)) => rule,
        other => panic!("no correlation: {other:?}"),
    }
}

fn values(texts: &[crate::rule::Spanned<String>]) -> Vec<&str> {
    texts.iter().map(|text| text.value.as_str()).collect()
}

#[test]
fn a_threshold_may_be_a_range() {
    let rule = read(
        "    type: value_count\n    rules: [a, b]\n    group-by: User\n    timespan: 15m\n    generate: true\n    \
         aliases:\n        ip:\n            a: src\n            b: dst\n    \
         condition:\n        field: [x, y]\n        gt: 1.5\n        lte: 200\n",
    );
    assert_eq!(rule.kind, CorrelationType::ValueCount);
    assert_eq!(values(&rule.rules), ["a", "b"]);
    assert_eq!(values(&rule.group_by), ["User"]);
    assert!(rule.generate);
    assert_eq!(rule.timespan.seconds, 900);
    assert_eq!(rule.aliases[0].name.value, "ip");
    assert_eq!(rule.aliases[0].fields[1].1.value, "dst");
    let CorrelationCondition::Threshold { fields, bounds, .. } = &rule.condition else {
        panic!("no threshold")
    };
    assert_eq!(values(fields), ["x", "y"]);
    let bounds: Vec<_> = bounds
        .iter()
        .map(|(operator, number)| (*operator, number.value.float))
        .collect();
    assert_eq!(bounds, [(Operator::Greater, 1.5), (Operator::LessOrEqual, 200.0)]);
}

#[test]
fn temporal_conditions() {
    let head = "    type: temporal\n    timespan: 5m\n";
    let rule = read(&format!("{head}    rules: [a, b]\n"));
    assert_eq!(rule.condition, CorrelationCondition::EachRule);
    let rule = read(&format!("{head}    condition: b and not (a or b)\n"));
    assert_eq!(values(&rule.rules), ["b", "a"]);
    assert!(matches!(rule.condition, CorrelationCondition::Extended(_)));
    let rule = read(&format!(
        "{head}    rules: [a, b, c]\n    condition:\n        gte: 2\n"
    ));
    assert!(matches!(rule.condition, CorrelationCondition::Threshold { .. }));
    let rule = read(
        "    type: temporal_ordered\n    timespan: 5m\n    rules: [a, b]\n    condition:\n        gte: 2\n",
    );
    assert_eq!(rule.condition, CorrelationCondition::EachRule);
}

#[test]
fn generate_stands_at_the_top_or_inside() {
    let text = "title: C\ngenerate: true\ncorrelation:\n    type: temporal\n    rules: a\n    timespan: 5m\n";
    let (reading, diagnostics) = read_text(text);
    assert_eq!(diagnostics, []);
    assert!(matches!(&reading.documents[0], Document::Correlation(rule) if rule.generate));
}

#[test]
fn faults_of_correlations() {
    let full = "    rules: [a]\n    group-by: [u]\n    timespan: 5m\n";
    let shown: Vec<_> = [
        correlation(""),
        correlation("    rules: []\n    timespan: 5m\n    type: temporal\n"),
        correlation(&format!("{full}    type: event_cout\n")),
        correlation(&format!("{full}    type: event_count\n")),
        correlation(&format!("{full}    type: event_count\n    condition: a and b\n")),
        correlation(&format!("{full}    type: event_count\n    condition:\n        gte: x\n")),
        correlation(&format!("{full}    type: event_count\n    condition:\n        gte: '5'\n")),
        correlation(&format!("{full}    type: event_count\n    condition:\n        gt: 5\n        field: x\n        percentile: 5\n")),
        correlation(&format!("{full}    type: event_count\n    condition:\n        gtee: 5\n")),
        correlation(&format!("{full}    type: event_count\n    condition: {{}}\n")),
        correlation(&format!("{full}    type: value_count\n    condition:\n        gte: 5\n")),
        correlation(&format!("{full}    type: value_sum\n    condition:\n        gte: 5\n        field: [a, b]\n")),
        correlation(&format!("{full}    type: value_percentile\n    condition:\n        gte: 5\n        field: a\n        percentile: 101\n")),
        correlation("    type: temporal\n    timespan: 5m\n"),
        correlation("    type: temporal\n    timespan: 5m\n    condition: 1 of a*\n"),
        correlation("    type: temporal\n    timespan: 5m\n    condition: a b\n"),
        correlation("    type: temporal_ordered\n    timespan: 5m\n    rules: [a, b]\n    condition:\n        gte: 1\n"),
        correlation("    type: temporal\n    rules: a\n    timeframe: 5m\n"),
        correlation("    type: temporal\n    rules: a\n    timespan: 1h30m\n    groupby: x\n    level: high\n"),
        correlation("    type: temporal\n    rules: a\n    timespan: 5m\n    aliases:\n        x: y\n    generate: maybe\n"),
    ]
    .map(|text| findings(&text))
    .into();
    insta::assert_snapshot!(shown.join("\n"), @"
    error[wrong-type]: `correlation` is null, not a mapping
      2: `` 
      help: write `type`, `rules`, `timespan` and `condition` below `correlation`

    error[invalid-correlation]: `rules` of the correlation names no rule
      3: `[]` 
      help: list the rules by id or name under `rules`

    error[invalid-correlation]: unknown type of correlation `event_cout`
      6: `event_cout` 
      help: did you mean `event_count`?

    error[invalid-correlation]: correlation has no `condition`
      2: `correlation` 
      help: add a condition such as `gte: 10`

    error[invalid-correlation]: condition of `event_count` is text, not a mapping
      7: `a and b` 
      help: write for example `gte: 10` below `condition`

    error[invalid-correlation]: `gte` is text, not a number
      8: `x` 
      help: write for example `gte: 10` below `condition`

    warning[quoted-number]: number of `gte` is written as text
      8: `'5'` 
      help: write 5 without quotes

    error[invalid-correlation]: condition of `event_count` takes no field
      9: `field` 
      help: remove it, or use the type `value_count`
    error[invalid-correlation]: condition of `event_count` takes no percentile
      10: `percentile` 
      help: remove it, or use the type `value_percentile`

    error[invalid-correlation]: unknown key `gtee` in the condition of a correlation
      8: `gtee` 
      help: did you mean `gte`?

    error[invalid-correlation]: condition of the correlation compares with no number
      7: `condition` 
      help: write for example `gte: 10` below `condition`

    error[invalid-correlation]: condition of `value_count` names no field
      7: `condition` 
      help: add `field:` with the field whose values count

    error[invalid-correlation]: condition of `value_sum` names several fields
      9: `[a, b]` 
      help: name one field

    error[invalid-correlation]: percentile 101 is not between 0 and 100
      10: `101` 
      help: write a number from 0 to 100

    error[invalid-correlation]: correlation has no `rules`
      2: `correlation` 
      help: list the rules by id or name under `rules`

    error[invalid-correlation]: `1 of a*` selects among the rules, and the correlation lists none
      5: `1 of a*` 
      help: list the rules by id or name under `rules`

    error[condition-syntax]: operator missing before `b`
      5: `b` 
      help: write `and` or `or` between the two

    error[invalid-correlation]: condition of `temporal_ordered` asks for some of its rules only
      7: `1` 
      help: remove the condition, so that all rules must occur in order, or use the type `temporal`

    error[misspelt-attribute]: unknown attribute `timeframe` in `correlation`
      5: `timeframe` 
      help: did you mean `timespan`?

    error[misspelt-attribute]: unknown attribute `groupby` in `correlation`
      6: `groupby` 
      help: did you mean `group-by`?
    warning[invalid-correlation]: unknown attribute `level` in `correlation`
      7: `level` 
      help: move it to the top level; it has no effect here
    error[invalid-timespan]: `1h30m` is not a timespan
      5: `1h30m` 
      help: write a whole number above 0 and one unit: `30s`, `5m`, `1h`, `7d` (also `w`, `M`, `y`)

    error[wrong-type]: `generate` is text, not true or false
      8: `maybe` 
      help: write `true` or `false`
    error[wrong-type]: alias `x` names no field: it is text
      7: `y` 
      help: write for each alias a mapping from rules to their fields
    ");
}

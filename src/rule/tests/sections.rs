//! Detections, their items and conditions; filters.

use super::{findings, read_text, rule_with};
use crate::rule::{DetectionBody, DetectionEntry, DetectionItem, Document, FilterRules, Modifier, RawScalar};

fn only_rule(text: &str) -> crate::rule::DetectionRule {
    let (mut reading, diagnostics) = read_text(text);
    assert_eq!(diagnostics, []);
    match reading.documents.pop() {
        Some(Document::Detection(rule)) => rule,
        other => panic!("no rule: {other:?}"),
    }
}

fn items(body: &DetectionBody) -> &[DetectionItem] {
    match body {
        DetectionBody::Map(items) => items,
        DetectionBody::List(_) => panic!("a list"),
    }
}

#[test]
fn keys_split_into_field_and_modifiers() {
    let text = rule_with(
        "    selection:\n        Source Name|contains|all: [a, 0777]\n        '|all': [x]\n        \"A|re|i\": y\n        B: ~\n        4625: 'true'\n    condition: selection\n",
    );
    let rule = only_rule(&text);
    let items = items(&rule.detections[0].body);
    let piece = |span: crate::diagnostic::Span| &text[span.start as usize..span.end as usize];
    let first = &items[0];
    assert_eq!(first.field.as_ref().unwrap().value, "Source Name");
    assert_eq!(piece(first.field.as_ref().unwrap().span), "Source Name");
    let modifiers: Vec<_> = first
        .modifiers
        .iter()
        .map(|one| (one.value, piece(one.span)))
        .collect();
    assert_eq!(
        modifiers,
        [(Modifier::Contains, "contains"), (Modifier::All, "all")]
    );
    assert!(first.is_list);
    let RawScalar::Number(number) = &first.values[1].value else {
        panic!("no number")
    };
    assert_eq!((number.text.as_str(), number.integer), ("0777", Some(777)));
    assert!(items[1].field.is_none() && items[1].modifiers[0].value == Modifier::All);
    assert_eq!(piece(items[2].modifiers[1].span), "i");
    assert_eq!(items[3].values[0].value, RawScalar::Null);
    assert!(!items[3].is_list);
    assert_eq!(items[4].field.as_ref().unwrap().value, "4625");
    assert_eq!(items[4].values[0].value, RawScalar::Text("true".to_owned()));
}

#[test]
fn detections_are_mappings_lists_or_keywords() {
    let text = rule_with(
        "    one: evil\n    two: [a, 1]\n    three:\n        - A: 1\n        - word\n    four:\n        A: [1]\n    condition:\n        - one or two\n        - three and four\n",
    );
    let rule = only_rule(&text);
    let shapes: Vec<_> = rule
        .detections
        .iter()
        .map(|detection| match &detection.body {
            DetectionBody::Map(items) => format!("map {} {}", items.len(), items[0].values.len()),
            DetectionBody::List(entries) => entries
                .iter()
                .map(|entry| match entry {
                    DetectionEntry::Map(items) => format!("map {}", items.len()),
                    DetectionEntry::Keyword(value) => format!("{:?}", value.value),
                })
                .collect::<Vec<_>>()
                .join(", "),
        })
        .collect();
    assert_eq!(shapes[0], "Text(\"evil\")");
    assert!(shapes[1].starts_with("Text(\"a\"), Number("));
    assert_eq!(shapes[2], "map 1, Text(\"word\")");
    assert_eq!(shapes[3], "map 1 1");
    assert_eq!(rule.conditions.len(), 2);
}

#[test]
fn faults_of_detections() {
    let shown: Vec<_> = [
        "    selection:\n    condition: selection\n",
        "    selection: []\n    empty: {}\n    condition: selection\n",
        "    selection:\n        A: []\n    condition: selection\n",
        "    selection:\n        A:\n            B: 1\n    condition: selection\n",
        "    selection:\n        - [a]\n        - {}\n    condition: selection\n",
        "    selection:\n        A: [a, [b]]\n    condition: selection\n",
        "    selection:\n        A|contain: a\n        B|: a\n        C|xyzzy: a\n        D|Contains: x\n        '': x\n    condition: selection\n",
        "    selection:\n        A[0]: a\n    timeframe: 5m\n    condition: selection | count() > 5\n",
        "    selection:\n        A: a\n    conditon: selection\n",
        "    selection:\n        A: a\n",
        "    selection:\n        A: a\ncondition: selection\n",
        "    condition: selection\n",
        "    selection:\n        A: a\n    condition: []\n",
        "    selection:\n        A: a\n    condition:\n",
        "    selection:\n        A: a\n    condition: selection filter\n",
        "    selection:\n        ~: a\n    [a, b]: c\n    condition: selection\n",
    ]
    .map(|section| findings(&rule_with(section)))
    .into();
    insta::assert_snapshot!(shown.join("\n"), @"
    error[empty-detection]: detection `selection` has no item
      5: `selection` 
      help: write the items below it, indented further than its name

    error[empty-detection]: detection `selection` has no item
      5: `[]` 
      help: write the items below it, indented further than its name
    error[empty-detection]: detection `empty` has no item
      6: `{}` 
      help: write the items below it, indented further than its name

    error[empty-value-list]: list of values is empty
      6: `[]` 
      help: add a value, or write `null` for an absent field

    error[wrong-type]: value of a detection item is a mapping
      7: `B: 1` 
      help: write one value or a list of values; name nested fields with dots: `outer.inner`

    error[wrong-type]: detection `selection` holds a list inside a list
      6: `[a]` 
      help: write keywords or mappings as elements
    error[empty-detection]: detection `selection` has no item
      7: `{}` 
      help: write the items below it, indented further than its name

    error[wrong-type]: a value in a list is a list
      6: `[b]` 
      help: write plain values, in quotes if they hold `: ` or begin with `[`, `{` or `- `

    error[unknown-modifier]: unknown modifier `contain`
      6: `contain` 
      help: did you mean `contains`? `sigmatic list modifiers` shows all
    error[unknown-modifier]: modifier is empty
      7: `` 
      help: remove the `|`, or write a modifier after it
    error[unknown-modifier]: unknown modifier `xyzzy`
      8: `xyzzy` 
      help: `sigmatic list modifiers` shows all
    error[unknown-modifier]: unknown modifier `Contains`
      9: `Contains` 
      help: did you mean `contains`? `sigmatic list modifiers` shows all
    error[wrong-type]: field name is empty
      10: `''` 
      help: write a field name; keywords are written as a list

    warning[reserved-field-name]: field name `A[0]` ends in brackets, which is reserved
      6: `A[0]` 
      help: rename the field if the events allow it
    warning[legacy-timeframe]: `timeframe` has no meaning in a detection
      7: `timeframe` 
      help: remove it; a time window is the `timespan` of a correlation rule
    error[aggregation-condition]: condition uses an aggregation, which Sigma no longer has
      8: `| count() > 5` 
      help: end the condition before the `|`, give the rule a `name`, and add a correlation rule:
        ---
        title: <title>
        correlation:
          type: event_count
          rules: [<name of this rule>]
          timespan: 5m
          condition:
            gt: 5

    error[misspelt-attribute]: unknown attribute `conditon` in place of a condition
      7: `conditon` 
      help: did you mean `condition`?

    error[missing-attribute]: `detection` has no condition
      4: `detection` 
      help: add for example `condition: selection`

    error[missing-attribute]: `condition` stands at the top level
      7: `condition` 
      4: `detection` it belongs in here
      help: move it under `detection`: indent `condition` as far as the names of the detections

    error[empty-detection]: `detection` holds no detection
      4: `detection` 
      help: add a named detection beside `condition`

    error[missing-attribute]: list of conditions is empty
      7: `[]` 
      help: add a condition

    error[wrong-type]: condition is null, not text
      7: `` 
      help: write for example `condition: selection`

    error[condition-syntax]: operator missing before `filter`
      7: `filter` 
      help: write `and` or `or` between the two

    error[wrong-type]: key of a detection item is null, not a field name
      6: `~` 
      help: write a field name, in quotes if needed
    error[wrong-type]: name of a detection is a list, not text
      7: `[a, b]` 
      help: write a name such as `selection`
    ");
}

fn filter(section: &str) -> String {
    format!("title: F\nlogsource:\n    product: windows\nfilter:\n{section}")
}

#[test]
fn filters_name_rules() {
    let rules = |written: &str| {
        let text = filter(&format!(
            "{written}    selection:\n        A: 1\n    condition: not selection\n"
        ));
        let (mut reading, diagnostics) = read_text(&text);
        assert_eq!(diagnostics, []);
        match reading.documents.pop() {
            Some(Document::Filter(filter)) => {
                assert_eq!(filter.detections.len(), 1);
                filter.rules
            }
            other => panic!("no filter: {other:?}"),
        }
    };
    assert_eq!(rules(""), FilterRules::Any);
    assert_eq!(rules("    rules: any\n"), FilterRules::Any);
    for written in ["    rules: one\n", "    rules: [one]\n"] {
        let FilterRules::Listed(listed) = rules(written) else {
            panic!("any")
        };
        assert_eq!(listed[0].value, "one");
    }
}

#[test]
fn faults_of_filters() {
    let shown: Vec<_> = [
        filter("    rules: []\n    selection:\n        A: 1\n    condition: selection\n"),
        filter("    rules: [[a]]\n    selection:\n        A: 1\n    condition: selection\n"),
        filter("    rules: a\n    selection:\n        A: 1\n"),
        "title: F\nfilter:\n    logsource:\n        product: x\n    rules: a\n    selection:\n        A: 1\n    condition: selection\n".to_owned(),
        "title: F\nfilter: x\n".to_owned(),
    ]
    .map(|text| findings(&text))
    .into();
    insta::assert_snapshot!(shown.join("\n"), @"
    error[invalid-filter]: `rules` of the filter names no rule
      5: `[]` 
      help: list ids or names of rules, or write `any`

    error[wrong-type]: an element of `rules` is a list, not text
      5: `[a]` 
      help: write text

    error[invalid-filter]: `filter` has no condition
      4: `filter` 
      help: add for example `condition: selection`

    error[invalid-filter]: `logsource` stands inside `filter`
      3: `logsource` 
      help: move it to the top level, beside `filter`

    error[wrong-type]: `filter` is text, not a mapping
      2: `x` 
      help: write `rules`, named detections and a `condition` below `filter`
    ");
}

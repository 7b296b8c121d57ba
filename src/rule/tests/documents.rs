//! Kinds of documents, legacy collections, metadata, log sources.

use super::{findings, read_text, rule_with};
use crate::rule::{Document, Metadata, Reading};

const DETECTION: &str = "    selection:\n        Image: a\n    condition: selection\n";

fn metadata(reading: &Reading) -> Vec<&Metadata> {
    reading
        .documents
        .iter()
        .map(|document| match document {
            Document::Detection(rule) => &rule.metadata,
            Document::Correlation(rule) => &rule.metadata,
            Document::Filter(rule) => &rule.metadata,
        })
        .collect()
}

fn titles(reading: &Reading) -> Vec<&str> {
    metadata(reading)
        .into_iter()
        .map(|one| one.title.as_str())
        .collect()
}

#[test]
fn foreign_documents_are_set_aside() {
    let (reading, diagnostics) =
        read_text("a: 1\n---\njust text\n---\n- list\n---\n---\ntitle: page\nfilters:\n    a: b\n");
    assert!(diagnostics.is_empty() && reading.documents.is_empty() && reading.failed.is_empty());
    assert_eq!(reading.unrecognised.len(), 4);
}

#[test]
fn a_failed_document_does_not_stop_the_next() {
    let text = format!(
        "id: 12345678-aaaa-bbbb-cccc-123456789012\ntitle: Broken\nlogsource:\n    product: x\ndetection:\n    condition: a b\n---\n{}",
        rule_with(DETECTION)
    );
    let (reading, diagnostics) = read_text(&text);
    assert_eq!(titles(&reading), ["T"]);
    let label = Some("12345678-aaaa-bbbb-cccc-123456789012");
    assert_eq!(reading.failed[0].rule.as_deref(), label);
    assert!(diagnostics.iter().all(|found| found.rule.as_deref() == label));
}

#[test]
fn a_newer_specification_is_refused() {
    let rule = |version: &str| format!("sigma-version: {version}\n{}", rule_with(DETECTION));
    for version in ["2.1.0", "2.1", "2", "'2.0.2'"] {
        assert_eq!(findings(&rule(version)), "", "{version}");
    }
    for version in ["2.1.1", "2.2.0", "2.10", "3"] {
        assert_eq!(read_text(&rule(version)).0.failed.len(), 1, "{version}");
    }
    insta::assert_snapshot!(findings(&rule("2.2.0")) + &findings(&rule("new")), @"
    error[unsupported-version]: version 2.2.0 of the specification is not supported
      1: `2.2.0` 
      help: the newest supported version is 2.1.0; lower `sigma-version` if the rule needs no more
    warning[invalid-attribute]: `sigma-version` is not a version: `new`
      1: `new` 
      help: write for example 2.1.0
    ");
}

#[test]
fn global_documents_reach_later_rules_until_reset() {
    let text = "action: global\ntitle: Base\nlogsource:\n    product: windows\n    service: system\n\
        tags: [attack.t1000]\ndetection:\n    condition: selection\n\
        ---\ntitle: Own\nlogsource:\n    category: c\n    product: linux\ndetection:\n    selection:\n        A: 1\n\
        ---\ntitle: Count\ncorrelation:\n    type: temporal\n    rules: x\n    timespan: 5m\n\
        ---\naction: repeat\ntitle: Again\ncorrelation:\n    rules: [x, y]\n\
        ---\naction: reset\n\
        ---\ntitle: Alone\nlogsource:\n    product: p\ndetection:\n    selection:\n        B: 1\n    condition: selection\n\
        ---\naction: repeat\ntitle: Repeated\ndetection:\n    selection:\n        C: 2\n";
    let (reading, diagnostics) = read_text(text);
    assert_eq!(diagnostics, []);
    assert_eq!(titles(&reading), ["Base", "Count", "Again", "Alone", "Repeated"]);
    let Document::Detection(first) = &reading.documents[0] else {
        panic!("no rule")
    };
    assert_eq!(first.log_source.product[0].value, "windows");
    assert_eq!(first.log_source.category[0].value, "c");
    let condition = first.conditions[0].span;
    assert_eq!(
        &text[condition.start as usize..condition.end as usize],
        "selection"
    );
    assert!(condition.end < first.metadata.span.start);
    assert!(metadata(&reading)[1].tags.is_empty());
    let Document::Detection(last) = &reading.documents[4] else {
        panic!("no rule")
    };
    let crate::rule::DetectionBody::Map(items) = &last.detections[0].body else {
        panic!("no mapping")
    };
    let fields: Vec<_> = items
        .iter()
        .map(|item| item.field.as_ref().unwrap().value.as_str())
        .collect();
    assert_eq!(fields, ["B", "C"]);
}

#[test]
fn actions_at_fault() {
    let text = "action: repeat\ntitle: First\n---\naction: globl\ntitle: Second\n---\naction: [a]\n---\naction: reset\ntitle: x\n";
    let (reading, _) = read_text(text);
    assert_eq!(reading.failed.len(), 4);
    insta::assert_snapshot!(findings(text), @"
    error[invalid-action]: `action: repeat` has no document before it
      1: `repeat` 
      help: put it after the rule that it repeats
    error[invalid-action]: unknown action `globl`
      4: `globl` 
      help: did you mean `global`?
    error[invalid-action]: `action` is a list, not text
      7: `[a]` 
      help: use `global`, `reset` or `repeat`, or remove the attribute
    error[invalid-action]: document with `action: reset` holds more than the action
      9: `reset` 
      help: move the rest into a document of its own
    ");
}

#[test]
fn collections_that_grow_without_end_are_refused() {
    let values = vec!["x"; 10_000].join(", ");
    let text = format!(
        "action: global\nfields: [{values}]\n---\n{}",
        format!("{}---\n", rule_with(DETECTION)).repeat(30)
    );
    let (reading, diagnostics) = read_text(&text);
    assert_eq!((reading.documents.len(), reading.failed.len()), (19, 11));
    assert!(diagnostics[0].title.contains("200000 nodes"));
}

#[test]
fn faulty_metadata_is_reported_and_kept_out() {
    let text = format!(
        "id: my-id\nname: [a]\nstatus: experimantal\nlevel: 3\ndate: 2023-02-30\nmodified: 2023/02/03\n\
        author: null\nreferences: https://a\nfalsepositives: [ab, 1, c]\nscope: {{}}\nfields: one\n\
        tags: [attack.t1059, Attack.T1, nodot]\nrelated:\n    - id: x\n      type: derived\n    - type: similar\n\
        refrence: x\ncustom: 1\nsimulation: y\n{}",
        rule_with(DETECTION)
    );
    let (reading, _) = read_text(&text);
    let metadata = metadata(&reading)[0];
    assert_eq!(metadata.id.as_ref().unwrap().value, "my-id");
    assert!(metadata.name.is_none() && metadata.status.is_none() && metadata.level.is_none());
    assert!(metadata.date.is_none() && metadata.related.is_empty());
    assert_eq!(metadata.modified.as_deref(), Some("2023/02/03"));
    assert_eq!(metadata.tags.len(), 1);
    assert_eq!(metadata.false_positives, ["ab"]);
    assert_eq!(metadata.fields[0].value, "one");
    let custom: Vec<_> = metadata.custom.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(custom, ["refrence", "custom", "simulation"]);
    insta::assert_snapshot!(findings(&text), @"
    warning[invalid-attribute]: `id` is not a UUID: `my-id`
      1: `my-id` 
      help: use a random UUID (version 4)
    warning[wrong-type]: `name` is a list, not text
      2: `[a]` 
      help: write text, in quotes if it looks like something else
    warning[invalid-attribute]: unknown status `experimantal`
      3: `experimantal` 
      help: did you mean `experimental`?
    warning[wrong-type]: `level` is a number, not text
      4: `3` 
      help: write text, in quotes if it looks like something else
    warning[invalid-attribute]: `date` is not a date: `2023-02-30`
      5: `2023-02-30` 
      help: write the date as YYYY-MM-DD
    warning[invalid-attribute]: `modified` is written with slashes
      6: `2023/02/03` 
      help: write the date as YYYY-MM-DD
    warning[wrong-type]: `author` is null, not text
      7: `null` 
      help: write text, in quotes if it looks like something else
    warning[wrong-type]: `references` is text, not a list
      8: `https://a` 
      help: write a list with one element
    warning[wrong-type]: an element of `falsepositives` is a number, not text
      9: `1` 
      help: write text, in quotes if it looks like something else
    warning[invalid-attribute]: an element of `falsepositives` is shorter than two characters
      9: `c` 
      help: write a phrase, or remove the element
    warning[wrong-type]: `scope` is a mapping, not a list
      10: `{}` 
      help: write a list of texts, or remove the attribute
    warning[invalid-attribute]: `Attack.T1` is not a tag
      12: `Attack.T1` 
      help: write a namespace, a dot and a name, in lower case: `attack.t1059.001`
    warning[invalid-attribute]: `nodot` is not a tag
      12: `nodot` 
      help: write a namespace, a dot and a name, in lower case: `attack.t1059.001`
    warning[invalid-attribute]: `id` of a related rule is not a UUID: `x`
      14: `x` 
      help: give the id of the related rule
    warning[wrong-type]: an element of `related` lacks `id` or `type`
      16: `type: similar` 
      help: write a list of entries with `id` and `type`
    ");
}

#[test]
fn faults_of_the_log_source() {
    let with = |section: &str| format!("title: T\n{section}detection:\n{DETECTION}");
    let shown: Vec<_> = [
        "",
        "logsource: windows\n",
        "logsource:\n    definition: x\n",
        "logsource:\n    categorie: process_creation\n    product: windows\n",
        "logsource:\n    product: [windows, {a: b}]\n",
        "logsource:\n    product: windows\n    service:\n    definition: [a]\n",
        "logsuorce:\n    product: windows\n",
    ]
    .map(|section| findings(&with(section)))
    .into();
    insta::assert_snapshot!(shown.join("\n"), @"
    error[missing-attribute]: attribute `logsource` is missing
      1: `title` 
      help: write `category`, `product` or `service` below `logsource`

    error[wrong-type]: `logsource` is text, not a mapping
      2: `windows` 
      help: write `category`, `product` or `service` below `logsource`

    error[missing-attribute]: `logsource` names no category, product or service
      3: `definition: x` 
      help: write `category`, `product` or `service` below `logsource`

    error[misspelt-attribute]: unknown attribute `categorie` in `logsource`
      3: `categorie` 
      help: did you mean `category`?

    error[wrong-type]: an element of `product` is a mapping, not text
      3: `{a: b}` 
      help: write text

    warning[wrong-type]: `service` has no value
      4: `` 
      help: remove the attribute, or give it a value
    warning[wrong-type]: `definition` in `logsource` is a list, not text
      5: `[a]` 
      help: write text; the attribute is left out

    error[misspelt-attribute]: unknown attribute `logsuorce`
      2: `logsuorce` 
      help: did you mean `logsource`?
    ");
    let (reading, diagnostics) = read_text(&with(
        "logsource:\n    product: [windows, linux]\n    definition: d\n    volume: 1\n",
    ));
    let Document::Detection(rule) = &reading.documents[0] else {
        panic!("no rule")
    };
    assert_eq!(diagnostics, []);
    assert_eq!(rule.log_source.product.len(), 2);
    let custom = [
        ("definition".to_owned(), "d".to_owned()),
        ("volume".to_owned(), "1".to_owned()),
    ];
    assert_eq!(rule.log_source.custom, custom);
}

#[test]
fn misspelt_and_mixed_sections() {
    let shown: Vec<_> = [
        "title: T\nlogsource:\n    product: x\ndetecton:\n    a: b\n".to_owned(),
        format!("{}correlation:\n    type: temporal\n", rule_with(DETECTION)),
        "detection: null\nlogsource:\n    product: x\n".to_owned(),
    ]
    .map(|text| findings(&text))
    .into();
    insta::assert_snapshot!(shown.join("\n"), @"
    error[misspelt-attribute]: unknown attribute `detecton`
      4: `detecton` 
      help: did you mean `detection`?

    error[invalid-correlation]: document holds both `correlation` and `detection`
      4: `detection` 
      help: move `detection` into a document of its own, after a line `---`

    warning[missing-attribute]: attribute `title` is missing
      1: `detection` 
      help: add a `title` that says what the rule finds
    error[wrong-type]: `detection` is null, not a mapping
      1: `detection` 
      help: write named detections and a `condition` below `detection`
    ");
}

//! Values with `expand`, before and after they are resolved.

use super::{number, text, value};
use crate::diagnostic::{Code, Diagnostics, Span};
use crate::normalize::{Pattern, Pending, PendingPart, Replacement, Value, pattern, resolve_placeholders};

fn pending(key: &str, written: &str) -> Pending {
    match value(key, text(written)) {
        Value::Pending(pending) => pending,
        other => panic!("{other:?}"),
    }
}

fn known(name: &str) -> Option<Vec<Replacement>> {
    let words = |words: &[&str]| {
        Some(
            words
                .iter()
                .map(|word| Replacement::Text((*word).to_owned()))
                .collect(),
        )
    };
    match name {
        "two" => words(&["a.b", "c*"]),
        "one" => words(&["x"]),
        "any" => Some(vec![Replacement::AnyRun]),
        "number" => Some(vec![Replacement::Number(number("7"))]),
        "none" => Some(Vec::new()),
        "many" => Some(vec![Replacement::AnyRun; 40]),
        _ => None,
    }
}

fn resolved(key: &str, written: &str) -> Result<Vec<Value>, Vec<Code>> {
    let mut diagnostics = Diagnostics::new();
    resolve_placeholders(&pending(key, written), &known, Span::default(), &mut diagnostics)
        .ok_or_else(|| diagnostics.iter().map(|diagnostic| diagnostic.code).collect())
}

fn patterns(texts: &[&str]) -> Vec<Value> {
    texts
        .iter()
        .map(|text| Value::Pattern(pattern::read(text)))
        .collect()
}

#[test]
fn placeholders_are_found() {
    let parts = pending("f|expand", r"\%no% \\%yes%*").parts;
    assert_eq!(
        parts,
        [
            PendingPart::Literal(r"%no% \".to_owned()),
            PendingPart::Placeholder("yes".to_owned()),
            PendingPart::AnyRun,
        ]
    );
    assert_eq!(
        value("f|expand", text(r"100\% of 5%*")),
        Value::Pattern(Pattern::from_parts(pattern::read("100% of 5%*").parts))
    );
}

#[test]
fn modifiers_wait() {
    for key in ["f|expand|contains", "f|contains|expand"] {
        assert_eq!(
            resolved(key, "%two%-%one%").unwrap(),
            patterns(&["*a.b-x*", r"*c\*-x*"])
        );
    }
    assert_eq!(
        resolved("f|base64|expand", "%one%y").unwrap(),
        patterns(&["eHk="])
    );
    assert_eq!(resolved("f|expand", "a%any%").unwrap(), patterns(&["a*"]));
    assert_eq!(
        resolved("f|expand|gt", "%number%").unwrap(),
        [value("f|gt", super::RawScalar::Number(number("7")))]
    );
    assert_eq!(
        resolved("f|expand", "%number%").unwrap(),
        [Value::Number(number("7"))]
    );
    assert_eq!(resolved("f|expand", "n%number%").unwrap(), patterns(&["n7"]));
    assert_eq!(resolved("|expand", "%one%").unwrap(), patterns(&["*x*"]));
}

#[test]
fn regular_expressions_take_text_literally() {
    let values = resolved("f|re|expand", r"^%two%\d\%x%any%$").unwrap();
    let sources: Vec<_> = values
        .iter()
        .map(|value| match value {
            Value::Regex(regex) => regex.source.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sources, [r"^a\.b\d\%x(?s:.*)$", r"^c\*\d\%x(?s:.*)$"]);
}

#[test]
fn unknown_placeholders_stay() {
    let values = resolved("f|expand|contains", "%one%%unknown%").unwrap();
    let [Value::Pending(rest)] = values.as_slice() else {
        panic!("{values:?}");
    };
    assert_eq!(
        rest.parts,
        [
            PendingPart::Literal("x".to_owned()),
            PendingPart::Placeholder("unknown".to_owned()),
        ]
    );
    assert_eq!(rest.modifiers.len(), 1);
}

#[test]
fn faults() {
    assert_eq!(
        resolved("f|expand", "%none%").unwrap_err(),
        [Code::EMPTY_VALUE_LIST]
    );
    assert_eq!(
        resolved("f|expand", "%many%%many%").unwrap_err(),
        [Code::TOO_MANY_ALTERNATIVES]
    );
    assert_eq!(
        resolved("f|expand|base64", "%two%%any%").unwrap_err(),
        [Code::INVALID_MODIFIER_VALUE; 2]
    );
}

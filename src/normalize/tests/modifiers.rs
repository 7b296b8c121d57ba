//! Each modifier, alone and in chains.

use proptest::prelude::*;

use super::{failure, item, number, one, text, value, values};
use crate::diagnostic::Code;
use crate::normalize::{Link, Relation, TimePart, Value};
use crate::rule::{Modifier, Operator, RawScalar};

/// A string value in canonical text; alternatives joined by blanks.
fn string(key: &str, scalar: RawScalar) -> String {
    fn show(value: &Value) -> String {
        match value {
            Value::Pattern(pattern) => pattern.to_canonical_text().into_owned(),
            Value::Alternatives(values) => values.iter().map(show).collect::<Vec<_>>().join(" "),
            other => panic!("{other:?}"),
        }
    }
    show(&value(key, scalar))
}

fn num(text: &str) -> RawScalar {
    RawScalar::Number(number(text))
}

#[test]
fn strings() {
    for (key, written, meant) in [
        ("f", "a*b", "a*b"),
        ("f", "", ""),
        ("f|contains", "a", "*a*"),
        ("f|contains", "*a", "*a*"),
        ("f|contains", "", "*"),
        ("f|startswith", "a", "a*"),
        ("f|startswith", r"C:\", r"C:\\*"),
        ("f|endswith", r"\a.exe", r"*\\a.exe"),
        ("f|endswith", r"a\*", r"*a\*"),
        ("", "a", "*a*"),
        ("|contains", "a*b", "*a*b*"),
        ("f|base64", "foobar", "Zm9vYmFy"),
        ("f|base64", r"a\*", "YSo="),
        ("f|base64", "é", "w6k="),
        ("f|wide|base64", "ping", "cABpAG4AZwA="),
        ("f|utf16le|base64", "ping", "cABpAG4AZwA="),
        ("f|utf16be|base64", "ping", "AHAAaQBuAGc="),
        ("f|utf16|base64", "ping", "//5wAGkAbgBnAA=="),
        ("f|utf16le|base64", "😀", "PdgA3g=="),
        (
            "f|base64offset|contains",
            "foobar",
            "*Zm9vYmFy* *Zvb2Jhc* *mb29iYX*",
        ),
        (
            "f|base64offset",
            "/bin/bash",
            "L2Jpbi9iYXNo 9iaW4vYmFza vYmluL2Jhc2",
        ),
        ("f|windash", "a-b", "a-b"),
        ("f|windash", "-a", "-a /a –a —a ―a"),
        ("f|windash|contains", "―a", "*―a* *-a* */a* *–a* *—a*"),
        (
            "f|contains|windash",
            " /a-b",
            "* /a-b* * -a-b* * –a-b* * —a-b* * ―a-b*",
        ),
        ("f|windash", "/?", "/? -? –? —? ―?"),
        ("f|windash", "a - b", "a - b"),
        ("f|windash", "--", "--"),
    ] {
        assert_eq!(string(key, text(written)), meant, "{key}: {written}");
    }
    assert_eq!(string("f|contains", num("0777")), "*0777*");
    assert_eq!(string("", num("4688")), "*4688*");
    assert_eq!(string("", RawScalar::Bool(true)), "*true*");
    assert_eq!(string("f|windash", text("-a -b")).split(' ').count(), 50);
}

/// Each variant stands in the encoding of any text that has the value at that offset, whatever surrounds it.
#[test]
fn offsets_hold_in_any_surrounding() {
    use base64::Engine as _;
    let Value::Alternatives(variants) = value("f|base64offset", text("evil!")) else {
        panic!("three variants expected");
    };
    for (offset, variant) in variants.iter().enumerate() {
        let Value::Pattern(pattern) = variant else {
            panic!("string expected");
        };
        for filler in [0_u8, 0x41, 0xFF] {
            for after in 0..4 {
                let mut bytes = vec![filler; offset + 3];
                bytes.extend(b"evil!");
                bytes.extend(vec![filler; after]);
                let encoded = base64::engine::general_purpose::STANDARD.encode(&bytes);
                assert!(encoded.contains(pattern.as_literal().unwrap()));
            }
        }
    }
}

#[test]
fn plain_values_keep_their_type() {
    assert_eq!(value("f", num("0777")), Value::Number(number("0777")));
    assert_eq!(value("f", RawScalar::Bool(true)), Value::Bool(true));
    assert_eq!(value("f", RawScalar::Null), Value::Null);
    assert_eq!(values("f", vec![num("1"), text("a")]).len(), 2);
    let Value::Pattern(pattern) = value("f|cased|contains", text("A")) else {
        panic!("string expected");
    };
    assert!(pattern.cased);
}

#[test]
fn link_and_negation_belong_to_the_item() {
    for key in ["f|all|contains", "f|contains|all"] {
        assert_eq!(
            one(item(key, vec![text("a"), text("b")])).unwrap().0.link,
            Link::All
        );
    }
    let (item, _) = one(item("f|neq|contains", vec![text("a")])).unwrap();
    assert!(item.negated && item.link == Link::Any);
    assert_eq!(item.columns.len(), 1);
}

#[test]
fn other_kinds() {
    let regex = |key: &str, source: &str| match value(key, text(source)) {
        Value::Regex(regex) => regex,
        other => panic!("{other:?}"),
    };
    assert_eq!(regex("f|re", r"a\\b*").source, r"a\\b*");
    assert!(regex("f|re|i|s", "a").flags.ignore_case);
    assert_eq!(regex("f|re|startswith", "a|b").source, "^(?:a|b)");
    assert_eq!(regex("f|re|endswith", "a|b").source, "(?:a|b)$");
    assert_eq!(regex("f|re|contains", "a|b").source, "a|b");
    assert_eq!(regex("|re", "a").source, "a");
    for (written, meant) in [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("fe80::/10", "fe80::/10"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("1.2.3.4/32", "1.2.3.4/32"),
    ] {
        assert_eq!(
            value("f|cidr", text(written)),
            Value::Cidr(meant.parse().unwrap())
        );
    }
    assert_eq!(
        value("f|gte", num("5")),
        Value::Compare(Operator::GreaterOrEqual, number("5"))
    );
    assert_eq!(
        value("f|hour|gte", num("8")),
        Value::TimePart(TimePart::Hour, Operator::GreaterOrEqual, number("8"))
    );
    assert_eq!(
        value("f|week", num("53")),
        Value::TimePart(TimePart::Week, Operator::Equal, number("53"))
    );
    assert_eq!(value("f|exists", RawScalar::Bool(false)), Value::Exists(false));
    for (key, relation, cased) in [
        ("f|fieldref", Relation::Equals, false),
        ("f|fieldref|startswith", Relation::StartsWith, false),
        ("f|endswith|fieldref", Relation::EndsWith, false),
        ("f|cased|fieldref|contains", Relation::Contains, true),
    ] {
        let Value::FieldReference(reference) = value(key, text("g h")) else {
            panic!("field reference expected");
        };
        assert_eq!((reference.relation, reference.cased), (relation, cased), "{key}");
        assert_eq!(&*reference.columns[0].name, "g h");
    }
}

#[test]
fn warnings() {
    let codes = |key, scalars| one(item(key, scalars)).unwrap().1;
    assert_eq!(codes("f|exists", vec![text("yes")]), [Code::WORD_AS_BOOLEAN]);
    assert_eq!(codes("f|lt", vec![text("-1.5")]), [Code::QUOTED_NUMBER]);
    assert_eq!(codes("f", vec![text("a"), RawScalar::Null]), [Code::NULL_IN_LIST]);
}

#[test]
fn invalid_chains() {
    for key in [
        "f|i",
        "f|contains|re",
        "f|re|re",
        "f|re|windash",
        "f|re|cased",
        "f|base64|windash",
        "f|wide",
        "f|wide|contains",
        "f|wide|wide|base64",
        "f|contains|base64",
        "f|base64offset|base64",
        "f|contains|cidr",
        "f|cidr|contains",
        "f|lt|gt",
        "f|gte|hour",
        "f|hour|day",
        "f|exists|re",
        "f|windash|fieldref",
        "f|contains|startswith|fieldref",
        "f|fieldref|re",
        "|startswith",
        "|cidr",
        "|lt",
        "|fieldref",
        "|exists",
        "f|lt|cased",
    ] {
        assert_eq!(failure(key, text("1")), Code::INVALID_MODIFIER_CHAIN, "{key}");
    }
}

#[test]
fn invalid_values() {
    let value = Code::INVALID_MODIFIER_VALUE;
    for (key, scalar, code) in [
        ("f|contains", RawScalar::Null, value),
        ("f|contains", RawScalar::Bool(true), value),
        ("f|base64", text("a*"), value),
        ("f|base64offset", text("a"), value),
        ("f|re", text("("), Code::INVALID_REGEX),
        ("f|re", text("(?R)"), Code::UNSUPPORTED_REGEX),
        ("f|cidr", text("10.0.0.1/8"), Code::INVALID_NETWORK),
        ("f|cidr", text("10.0.0.1"), Code::INVALID_NETWORK),
        ("f|cidr", text("10.*"), Code::INVALID_NETWORK),
        ("f|cidr", num("10"), value),
        ("f|lt", text("x"), value),
        ("f|lt", text("inf"), value),
        ("f|hour", num("24"), value),
        ("f|month", num("1.5"), value),
        ("f|exists", num("1"), value),
        ("f|exists", text("maybe"), value),
        ("f|fieldref", text(""), value),
        ("f|windash", text("-a -b -c -d -e"), Code::TOO_MANY_ALTERNATIVES),
        ("", RawScalar::Null, Code::INVALID_VALUE),
    ] {
        assert_eq!(failure(key, scalar.clone()), code, "{key}: {scalar:?}");
    }
    assert_eq!(one(item("f", vec![])).unwrap_err(), [Code::EMPTY_VALUE_LIST]);
}

proptest! {
    #[test]
    fn never_panics(
        chain in prop::collection::vec(prop::sample::select(Modifier::ALL), 0..4),
        written in "[-/a%*?\\\\(\\[.0-9 é]{0,8}",
        keyword in any::<bool>(),
        kind in 0..3,
    ) {
        let mut raw = item(if keyword { "" } else { "f" }, vec![match kind {
            0 => RawScalar::Null,
            1 => RawScalar::Bool(true),
            _ => text(&written),
        }]);
        raw.modifiers = chain.into_iter().map(super::at).collect();
        let result = one(raw);
        prop_assert!(result.is_ok() || result.is_err_and(|codes| !codes.is_empty()));
    }
}

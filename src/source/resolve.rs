//! The core schema: what a plain scalar is (YAML 1.2.2, section 10.3.2).
//!
//! `yes`, `on`, `12:30:00` and dates are text; `0777` is the decimal number 777.

use super::ScalarKind;

/// What a plain scalar is.
#[inline]
pub(super) fn resolve(text: &str) -> ScalarKind {
    let Some(first) = text.as_bytes().first() else {
        return ScalarKind::Null;
    };
    match first {
        b'~' | b'n' | b'N' => null(text),
        b't' | b'T' | b'f' | b'F' => boolean(text),
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        _ => ScalarKind::Text,
    }
}

fn null(text: &str) -> ScalarKind {
    match text {
        "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
        _ => ScalarKind::Text,
    }
}

fn boolean(text: &str) -> ScalarKind {
    match text {
        "true" | "True" | "TRUE" => ScalarKind::Bool(true),
        "false" | "False" | "FALSE" => ScalarKind::Bool(false),
        _ => ScalarKind::Text,
    }
}

fn number(text: &str) -> ScalarKind {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    match unsigned {
        ".inf" | ".Inf" | ".INF" if negative => return ScalarKind::Float(f64::NEG_INFINITY),
        ".inf" | ".Inf" | ".INF" => return ScalarKind::Float(f64::INFINITY),
        _ => {}
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return ScalarKind::Float(f64::NAN);
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse() {
            Ok(integer) => ScalarKind::Integer(integer),
            Err(_) => float(text),
        };
    }
    if is_float(unsigned) {
        float(text)
    } else {
        ScalarKind::Text
    }
}

fn float(text: &str) -> ScalarKind {
    text.parse().map_or(ScalarKind::Text, ScalarKind::Float)
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(unsigned: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    exponent && digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

/// Above 128 bits a float, like a decimal number; its value is then the nearest that summing up gives.
fn radix(digits: &str, radix: u32) -> ScalarKind {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return ScalarKind::Text;
    }
    i128::from_str_radix(digits, radix).map_or_else(
        |_| {
            let values = digits.chars().filter_map(|digit| digit.to_digit(radix));
            ScalarKind::Float(values.fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit)))
        },
        ScalarKind::Integer,
    )
}

/// What a scalar with an explicit tag of the core schema is; `Err` if its text does not fit the tag.
pub(super) fn tagged(tag: &str, text: &str) -> Result<ScalarKind, ()> {
    let kind = resolve(text);
    match (tag, kind) {
        ("str", _) => Ok(ScalarKind::Text),
        ("null", ScalarKind::Null) | ("bool", ScalarKind::Bool(_)) | ("float", ScalarKind::Float(_)) => {
            Ok(kind)
        }
        ("int", ScalarKind::Integer(_)) => Ok(kind),
        // A whole number beyond 128 bits is a float here, and still a whole number.
        ("int", ScalarKind::Float(_)) if is_whole(text) => Ok(kind),
        #[allow(clippy::cast_precision_loss)]
        ("float", ScalarKind::Integer(integer)) => Ok(ScalarKind::Float(integer as f64)),
        _ => Err(()),
    }
}

fn is_whole(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    unsigned.starts_with("0x")
        || unsigned.starts_with("0o")
        || unsigned.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::ScalarKind::{Bool, Float, Integer, Null, Text};
    use super::{resolve, tagged};

    #[test]
    fn follows_the_core_schema() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolve(text), Null, "{text}");
        }
        for text in ["true", "True", "TRUE"] {
            assert_eq!(resolve(text), Bool(true), "{text}");
        }
        let cases = [
            ("0", 0),
            ("0777", 777),
            ("-12", -12),
            ("+5", 5),
            ("0o17", 15),
            ("0x1F", 31),
            ("170141183460469231731687303715884105727", i128::MAX),
        ];
        for (text, integer) in cases {
            assert_eq!(resolve(text), Integer(integer), "{text}");
        }
        let floats = [
            ("1.10", 1.1),
            (".5", 0.5),
            ("1.", 1.0),
            ("1e3", 1000.0),
            ("-.5E+1", -5.0),
            ("1.e2", 100.0),
        ];
        for (text, float) in floats {
            assert_eq!(resolve(text), Float(float), "{text}");
        }
        assert_eq!(resolve(".inf"), Float(f64::INFINITY));
        assert_eq!(resolve("-.INF"), Float(f64::NEG_INFINITY));
        assert!(matches!(resolve(".nan"), Float(number) if number.is_nan()));
        assert_eq!(
            resolve("170141183460469231731687303715884105728"),
            Float(2_f64.powi(127))
        );
        assert_eq!(resolve(&format!("0x1{}", "0".repeat(40))), Float(2_f64.powi(160)));
    }

    #[test]
    fn everything_else_is_text() {
        let texts = [
            "yes",
            "on",
            "off",
            "no",
            "12:30:00",
            "2024-01-01",
            "-",
            "+",
            ".",
            "..",
            "1_000",
            "0x",
            "0o8",
            "-0x1",
            "0X1F",
            "0b1",
            "tRUE",
            "nULL",
            "1e",
            "1e+",
            "e1",
            ".e1",
            "+.nan",
            "inf",
            "nan",
            "1.2.3",
            "10.0.0.1",
            "0x-1",
            "+-5",
            "1 2",
            "-.",
            "..inf",
            "--1",
            "infinity",
        ];
        for text in texts {
            assert_eq!(resolve(text), Text, "{text}");
        }
    }

    #[test]
    fn tags_convert_or_refuse() {
        assert_eq!(tagged("str", "12"), Ok(Text));
        assert_eq!(tagged("int", "12"), Ok(Integer(12)));
        assert_eq!(tagged("float", "12"), Ok(Float(12.0)));
        assert_eq!(tagged("int", "1.5"), Err(()));
        assert_eq!(tagged("bool", "yes"), Err(()));
        assert_eq!(tagged("null", ""), Ok(Null));
        assert_eq!(tagged("binary", "aGk="), Err(()));
    }
}

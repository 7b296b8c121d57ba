//! Reading events: NDJSON, arrays, faults in between; and the public true positives as far as their shapes go.

use std::io::BufReader;
use std::path::PathBuf;

use super::*;
use crate::eval::{ReadError, events};

/// Each event's value of `a`, or the line of a fault.
fn read(text: &str) -> Vec<Result<String, usize>> {
    events(BufReader::with_capacity(3, text.as_bytes()))
        .map(|event| match event {
            Ok(event) => Ok(event.values("a")[0].to_string()),
            Err(ReadError::Invalid { line, .. } | ReadError::Stream { line, .. }) => Err(line),
        })
        .collect()
}

#[test]
fn one_bad_line_does_not_stop_the_rest() {
    let one = || Ok("1".to_owned());
    for (text, expected) in [
        ("", vec![]),
        ("{\"a\":1}\n\n{\"a\":1}", vec![one(), one()]),
        ("\u{FEFF}{\"a\":1}\r\n", vec![one()]),
        ("{\"a\":1}\n{\"a\":\n{\"a\":1}\n", vec![one(), Err(2), one()]),
        ("{\"a\":\n{\"a\":1}\n", vec![Err(1), one()]),
        ("[{\"a\":1},{\"a\":1},3]", vec![one(), one(), Err(1)]),
        (
            "[\n{\"a\":1},\n{\"a\":1}]\n{\"a\":1}\n",
            vec![one(), one(), one()],
        ),
        ("{\n\"a\":1\n}\n{\n\"a\":1}\n3", vec![one(), one(), Err(6)]),
        ("{\"a\":1} trailing\n{\"a\":1}", vec![Err(1), one()]),
        ("[\n{\"a\":1},\n", vec![Err(3)]),
        ("null\n{\"a\":1}", vec![Err(1), one()]),
    ] {
        assert_eq!(read(text), expected, "{text:?}");
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let deep = format!(
        "{{\"a\":{}{}}}\n{{\"a\":1}}",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    assert_eq!(read(&deep), [Err(1), Ok("1".to_owned())]);
}

#[test]
fn invalid_utf8_is_a_fault_of_its_line() {
    let lines: Vec<_> = events(&b"{\"a\":\"\xFF\"}\n{\"a\":1}\n"[..]).collect();
    assert!(matches!(lines[0], Err(ReadError::Invalid { line: 1, .. })));
    assert!(lines[1].is_ok());
}

#[test]
#[allow(clippy::print_stderr, reason = "says that the corpus is absent")]
fn public_true_positives_are_read_with_their_names_and_time() {
    let shared = std::env::var_os("SIGMATIC_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = shared.join("corpus/sigmahq/true_positives.ndjson");
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let mut count = 0;
    for case in events(BufReader::new(file)) {
        let case = case.unwrap();
        let event = Event::from_value(case.object()["event"].clone()).unwrap();
        for name in ["EventID", "Channel", "Computer", "Provider_Name"] {
            assert_eq!(event.values(name).len(), 1, "{name} in case {count}");
        }
        assert!(event.time(None).is_some(), "time of case {count}");
        let data = &event.object()["Event"]["EventData"];
        for (name, value) in data.as_object().into_iter().flatten() {
            let spaceless = name.replace(' ', "");
            if value.is_string() && name != "Channel" {
                assert_eq!(event.values(&spaceless), [value], "{name} in case {count}");
            }
        }
        count += 1;
    }
    assert!(count > 100, "{count} cases");
}

//! Arbitrary bytes and mutated rules: never a panic, on any way through the library.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines
)]

mod common;

use std::fs;

use proptest::prelude::*;
use sigmatic::collection::{Collection, Input};
use sigmatic::conversion::Compiler;
use sigmatic::diagnostic::SourceMap;
use sigmatic::eval::{Event, RuleSet};

thread_local! {
    static COMPILER: Compiler = common::compiler("sentinel", &mut SourceMap::new());
}

/// Every way that a rule can take, with all diagnostics rendered.
fn go_all_ways(bytes: Vec<u8>) {
    let mut sources = SourceMap::new();
    for _ in 0..16 {
        // The compiler's own sources stand first in its map; here their places are only kept.
        sources.add("template", "");
    }
    let collection = Collection::load(
        vec![Input::Text {
            name: "rule.yml".to_owned(),
            bytes,
        }],
        false,
        &mut sources,
    );
    let mut findings = collection.diagnostics.clone();
    findings.extend(
        collection
            .failures
            .iter()
            .flat_map(|failure| failure.diagnostics.clone()),
    );
    let rules = RuleSet::new(&collection, &mut findings);
    let event =
        Event::from_value(serde_json::json!({"CommandLine": "a b c", "x": [1, null, {"y": "z"}]})).unwrap();
    let _ = rules.matching(&event);
    COMPILER.with(|compiler| {
        for outcome in compiler.convert(&collection).outcomes {
            findings.extend(outcome.diagnostics);
        }
    });
    let _ = common::rendered(&findings, &sources);
}

/// The texts of our own rules, good and broken.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let mut folders = vec![common::root().join("sigma"), common::root().join("tests/invalid")];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yml")
                && !path.to_string_lossy().ends_with(".test.yml")
            {
                seeds.push(fs::read(path).unwrap());
            }
        }
    }
    seeds
}

/// What a mutation puts into a rule.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..6),
        prop::sample::select(vec![
            "|contains",
            "|re",
            "|re|i",
            "|all",
            "|base64offset",
            "|windash",
            "|cidr",
            "|expand",
            "|fieldref",
            "|neq",
            "|hour",
            "|exists",
            "|cased",
            "|utf16",
            " not ",
            " and ",
            " or ",
            "1 of ",
            "all of them",
            "(",
            ")",
            "*",
            "?",
            "\\",
            "\\\\",
            "null",
            "''",
            "[]",
            "{}",
            "[",
            "]",
            "&a ",
            "*a",
            "---\n",
            "\n",
            "\t",
            "%x%",
            "\"",
            "'",
            "(?i)",
            "(?=a)",
            "\\1",
            "[[:alpha:]]",
            "{2,1}",
            "\u{212a}",
            "\u{feff}",
            "action: global\n",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        go_all_ways(bytes);
    }

    #[test]
    fn arbitrary_text(text in "[ -~\n:#'\"|*&!%@-]{0,200}") {
        go_all_ways(text.into_bytes());
    }

    #[test]
    fn mutated_rules(
        seed in prop::sample::select(seeds()),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, fragment()), 1..5),
    ) {
        let mut bytes = seed;
        for (place, removed, added) in changes {
            let start = place.index(bytes.len() + 1);
            let end = (start + removed).min(bytes.len());
            bytes.splice(start..end, added);
        }
        go_all_ways(bytes);
    }
}

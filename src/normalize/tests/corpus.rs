//! Every item of the public rules has a meaning.

use std::path::{Path, PathBuf};

use serde_yaml::Value as Yaml;

use super::{item, number, one, text};
use crate::normalize::Value;
use crate::rule::RawScalar;

fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("SIGMATIC_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    Some(shared.join("corpus/sigmahq/rules")).filter(|folder| folder.is_dir())
}

fn scalar(yaml: &Yaml) -> RawScalar {
    match yaml {
        Yaml::Null => RawScalar::Null,
        Yaml::Bool(value) => RawScalar::Bool(*value),
        Yaml::Number(value) => RawScalar::Number(number(&value.to_string())),
        Yaml::String(value) => text(value),
        other => panic!("{other:?}"),
    }
}

/// Items of a detection: keys with their values. Lists of scalars are keywords.
fn items(yaml: &Yaml, found: &mut Vec<(String, Vec<RawScalar>)>) {
    match yaml {
        Yaml::Mapping(mapping) => {
            for (key, value) in mapping {
                let values = match value {
                    Yaml::Sequence(values) => values.iter().map(scalar).collect(),
                    other => vec![scalar(other)],
                };
                found.push((key.as_str().unwrap().to_owned(), values));
            }
        }
        Yaml::Sequence(entries) => {
            for entry in entries {
                match entry {
                    Yaml::Mapping(_) => items(entry, found),
                    other => found.push((String::new(), vec![scalar(other)])),
                }
            }
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_item_of_the_public_rules_is_read() {
    let Some(folder) = corpus() else {
        println!("skipped: no corpus");
        return;
    };
    let (mut count, mut expressions) = (0, 0);
    for entry in ignore::WalkBuilder::new(folder).build() {
        let entry = entry.unwrap();
        if entry
            .path()
            .extension()
            .is_none_or(|extension| extension != "yml")
        {
            continue;
        }
        let rule: Yaml = serde_yaml::from_str(&std::fs::read_to_string(entry.path()).unwrap()).unwrap();
        let mut found = Vec::new();
        for (name, body) in rule["detection"].as_mapping().unwrap() {
            if name != "condition" {
                items(body, &mut found);
            }
        }
        for (key, values) in found {
            let read = one(item(&key, values))
                .unwrap_or_else(|codes| panic!("{:?}: {key}: {codes:?}", entry.path()));
            count += 1;
            expressions += read
                .0
                .values
                .iter()
                .filter(|value| matches!(value.value, Value::Regex(_)))
                .count();
        }
    }
    assert!(
        count > 10_000 && expressions >= 161,
        "{count} items, {expressions} regular expressions"
    );
}

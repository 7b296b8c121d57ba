//! Tests of loading, calling and escaping, against the built-in languages and small ones that are wrong on purpose.

use std::sync::Arc;

use super::*;
use crate::diagnostic::{Source, SourceMap};

pub(crate) fn kql() -> Language {
    let mut map = SourceMap::new();
    let files = [
        (
            "language.yaml",
            include_str!("../../../templates/languages/kql/language.yaml"),
        ),
        (
            "where.j2",
            include_str!("../../../templates/languages/kql/where.j2"),
        ),
        (
            "query.j2",
            include_str!("../../../templates/languages/kql/query.j2"),
        ),
    ];
    let sources: Vec<(&str, Arc<Source>)> = files
        .iter()
        .map(|(name, text)| (*name, map.add(*name, *text)))
        .collect();
    Language::load("kql", &sources).unwrap_or_else(|diagnostic| {
        let place = diagnostic.span().and_then(|span| map.locate(span));
        panic!("{} at {place:?}", diagnostic.title)
    })
}

#[test]
fn a_built_in_language_loads() {
    let language = kql();
    assert_eq!(language.class_of(Some("dynamic")), "json");
    assert_eq!(language.class_of(Some("unheard-of")), "text");
}

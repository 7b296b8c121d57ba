//! Names of attributes, and which other names look like a misspelling of one.
//!
//! Custom attributes are legal, so a name is suspected only where it is very near to a known one.

use crate::diagnostic::closest;

/// Attributes of the metadata that the specification names.
pub(super) const METADATA: &[&str] = &[
    "title",
    "id",
    "name",
    "status",
    "level",
    "description",
    "author",
    "license",
    "date",
    "modified",
    "taxonomy",
    "references",
    "tags",
    "falsepositives",
    "scope",
    "related",
    "fields",
    "sigma-version",
];

/// Custom attributes that the public rules use.
const KNOWN_CUSTOM: &[&str] = &["regression_tests_path", "simulation"];

/// The longest word that is compared with names: the comparison takes time and memory with its length.
const LONGEST_COMPARED: usize = 64;

/// The candidate that a word of a rule was probably meant to be.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_COMPARED {
        return None;
    }
    if word.len() < 3 {
        // Any two words of two letters are near.
        return candidates
            .into_iter()
            .find(|candidate| candidate.eq_ignore_ascii_case(word));
    }
    closest(word, candidates)
}

/// The attribute among `known` that `word` was probably meant to be.
///
/// Equal but for case and separators; a plural for a singular or the other way round; or, from five letters
/// on, one edit apart, from nine on, two. Shorter names differ too easily by chance (`data`, `date`).
pub(super) fn misspelt<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if KNOWN_CUSTOM.contains(&word) || word.len() > LONGEST_COMPARED {
        return None;
    }
    let plain = simplified(word);
    known
        .into_iter()
        .filter(|candidate| *candidate != word && candidate.len().abs_diff(word.len()) <= 3)
        .filter_map(|candidate| Some((distance(&plain, &simplified(candidate))?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How far apart two simplified names are, if near enough to be the same name.
fn distance(word: &str, candidate: &str) -> Option<usize> {
    let distance = strsim::damerau_levenshtein(word, candidate);
    let plural = |one: &str, other: &str| one.len() > 2 && other.strip_suffix('s') == Some(one);
    let allowed = match word.len().max(candidate.len()) {
        0..=4 => 0,
        5..=8 => 1,
        _ => 2,
    };
    let near = distance <= allowed || plural(word, candidate) || plural(candidate, word);
    near.then_some(distance)
}

fn simplified(word: &str) -> String {
    word.chars()
        .filter(|character| !matches!(character, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{METADATA, misspelt};

    #[test]
    fn near_names_are_suspected() {
        for (word, meant) in [
            ("falsepositive", "falsepositives"),
            ("false_positives", "falsepositives"),
            ("Title", "title"),
            ("tag", "tags"),
            ("refrences", "references"),
            ("descripton", "description"),
        ] {
            assert_eq!(misspelt(word, METADATA.iter().copied()), Some(meant), "{word}");
        }
        assert_eq!(misspelt("categorie", ["category", "product"]), Some("category"));
        assert_eq!(misspelt("detecton", ["detection"]), Some("detection"));
    }

    #[test]
    fn custom_names_are_not() {
        for word in [
            "regression_tests_path",
            "simulation",
            "note",
            "file",
            "data",
            "state",
            "mitre",
            "uuid",
            "ip",
        ] {
            assert_eq!(misspelt(word, METADATA.iter().copied()), None, "{word}");
        }
        assert_eq!(misspelt("definition", ["category", "product", "service"]), None);
    }
}

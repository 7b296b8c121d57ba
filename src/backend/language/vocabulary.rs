//! The closed vocabulary of macros: which names a stage file may define and what each of them takes.
//!
//! A name is `<form>`, `<form>_cased`, `any_<form>`, with the class of the column as a last suffix (`equals_cased_json`);
//! class `text` has no suffix. Anything else in a stage file is an error when the language is loaded.

use std::collections::BTreeSet;

use super::Kind;

/// What a macro takes at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Field,
    Other,
    Operator,
    Number,
    Numbers,
    Item,
    Items,
    Identifier,
    /// One or more contexts: the value, printed in each.
    Value,
    /// Like `Value`; may be left out.
    OptionalValue,
    /// One or more contexts with an `s`: the list of values.
    Values,
}

/// What a name of the vocabulary means.
struct Form {
    name: &'static str,
    slots: &'static [Slot],
    /// Whether `_cased` may follow.
    cased: bool,
    /// Whether the class of the column may follow.
    class: bool,
    /// The macro's kind, unless the language says otherwise.
    kind: Kind,
}

const fn form(name: &'static str, slots: &'static [Slot], cased: bool, class: bool, kind: Kind) -> Form {
    Form {
        name,
        slots,
        cased,
        class,
        kind,
    }
}

use Kind::{And, Atom, Comparison, Not, Or};
use Slot::{Field, Identifier, Item, Items, Number, Numbers, Operator, OptionalValue, Other, Value, Values};

const FIELD: &[Slot] = &[Field];
const VALUE: &[Slot] = &[Field, Value];
const VALUES: &[Slot] = &[Field, Values];
const REFERENCE: &[Slot] = &[Field, Other];

const FORMS: &[Form] = &[
    form("all_of", &[Items], false, false, And),
    form("any_of", &[Items], false, false, Or),
    form("any_of_lines", &[Items], false, false, Or),
    form("negate", &[Item], false, false, Not),
    form("total", &[Item], false, false, Atom),
    form("group", &[Item], false, false, Atom),
    form("always", &[], false, false, Atom),
    form("never", &[], false, false, Atom),
    form("column", &[Identifier], false, false, Atom),
    form("member", VALUE, false, false, Atom),
    form("output", &[Field, Identifier], false, false, Atom),
    form("as_text", FIELD, false, true, Atom),
    form("as_number", FIELD, false, true, Atom),
    form("as_time", FIELD, false, true, Atom),
    form("part_minute", FIELD, false, true, Atom),
    form("part_hour", FIELD, false, true, Atom),
    form("part_day", FIELD, false, true, Atom),
    form("part_week", FIELD, false, true, Atom),
    form("part_month", FIELD, false, true, Atom),
    form("part_year", FIELD, false, true, Atom),
    form("equals", VALUE, true, true, Comparison),
    form("starts", VALUE, true, true, Comparison),
    form("ends", VALUE, true, true, Comparison),
    form("contains", VALUE, true, true, Comparison),
    form("empty", &[Field, OptionalValue], true, true, Comparison),
    form("wildcard", VALUE, true, true, Comparison),
    form("pattern", VALUE, true, true, Comparison),
    form("any_equals", VALUES, true, true, Comparison),
    form("any_starts", VALUES, true, true, Comparison),
    form("any_ends", VALUES, true, true, Comparison),
    form("any_contains", VALUES, true, true, Comparison),
    form("any_wildcard", VALUES, true, true, Comparison),
    form("any_pattern", VALUES, true, true, Comparison),
    form("regex", VALUE, false, true, Comparison),
    form("regex_any_case", VALUE, false, true, Comparison),
    form("number", &[Field, Number], false, true, Comparison),
    form("any_number", &[Field, Numbers], false, true, Comparison),
    form("compare", &[Field, Operator, Number], false, true, Comparison),
    form("is_true", FIELD, false, true, Comparison),
    form("is_false", FIELD, false, true, Comparison),
    form("cidr4", VALUE, false, true, Comparison),
    form("cidr6", VALUE, false, true, Comparison),
    form("any_cidr4", VALUES, false, true, Comparison),
    form("any_cidr6", VALUES, false, true, Comparison),
    form("has_value", FIELD, false, true, Comparison),
    form("exists", FIELD, false, true, Comparison),
    form("field_equals", REFERENCE, true, true, Comparison),
    form("field_starts", REFERENCE, true, true, Comparison),
    form("field_ends", REFERENCE, true, true, Comparison),
    form("field_contains", REFERENCE, true, true, Comparison),
    form("keyword", &[Value], true, false, Comparison),
    form("keyword_wildcard", &[Value], true, false, Comparison),
    form("keyword_pattern", &[Value], true, false, Comparison),
    form("keyword_regex", &[Value], false, false, Comparison),
    form("keyword_regex_any_case", &[Value], false, false, Comparison),
];

/// Forms that the test of a pattern can have, casts included.
pub(super) const PATTERN_FORMS: &[&str] = &[
    "empty",
    "empty_cased",
    "has_value",
    "equals",
    "equals_cased",
    "starts",
    "starts_cased",
    "ends",
    "ends_cased",
    "contains",
    "contains_cased",
    "wildcard",
    "wildcard_cased",
    "pattern",
    "pattern_cased",
    "as_text",
];

/// Macros that the outline `query.j2` may define; the first two must be there.
pub(super) const OUTLINE: &[&str] = &["base", "query", "union_of"];

/// Macros that `correlation.j2` may define, one for each correlation type.
pub(super) const CORRELATION: &[&str] = &[
    "event_count",
    "value_count",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
    "temporal",
    "temporal_ordered",
];

/// Words that Jinja reads itself: a macro of that name would never be called.
pub(super) const RESERVED: &[&str] = &[
    "not", "in", "and", "or", "is", "if", "else", "true", "false", "none", "loop", "self", "super", "True",
    "False", "None",
];

/// A macro's name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Without the class: `any_equals_cased`.
    pub(super) form: String,
    /// Without `any_` too: what `unless` and `absent` speak of.
    pub(super) plain: String,
    pub(super) slots: &'static [Slot],
    pub(super) kind: Kind,
}

/// Reads a macro's name; `None` if the vocabulary does not have it.
pub(super) fn read(name: &str, classes: &BTreeSet<String>) -> Option<Name> {
    if let Some(found) = without_class(name) {
        return Some(found);
    }
    classes.iter().filter(|class| *class != "text").find_map(|class| {
        let form = name.strip_suffix(class.as_str())?.strip_suffix('_')?;
        let found = without_class(form)?;
        let classed = FORMS.iter().any(|entry| {
            entry.class && (entry.name == form || form.strip_suffix("_cased") == Some(entry.name))
        });
        classed.then_some(found)
    })
}

fn without_class(name: &str) -> Option<Name> {
    let entry = FORMS.iter().find(|entry| {
        entry.name == name || (entry.cased && name.strip_suffix("_cased") == Some(entry.name))
    })?;
    Some(Name {
        form: name.to_owned(),
        plain: plain(name).to_owned(),
        slots: entry.slots,
        kind: entry.kind,
    })
}

/// A form without `any_`: tests of several values share the settings of tests of one.
pub(super) fn plain(form: &str) -> &str {
    match form.strip_prefix("any_") {
        Some("of") | None => form,
        Some(rest) => rest,
    }
}

/// All names without suffixes, for help texts.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FORMS.iter().map(|entry| entry.name)
}

/// The slots of a macro as an author writes them.
pub(super) fn signature(slots: &[Slot]) -> String {
    let words: Vec<&str> = slots
        .iter()
        .map(|slot| match slot {
            Slot::Field => "field",
            Slot::Other => "other",
            Slot::Operator => "op",
            Slot::Number => "number",
            Slot::Numbers => "numbers",
            Slot::Item => "item",
            Slot::Items => "items",
            Slot::Identifier => "identifier",
            Slot::Value => "<context>",
            Slot::OptionalValue => "[<context>]",
            Slot::Values => "<context>s",
        })
        .collect();
    format!("({})", words.join(", "))
}

//! The constructs of Sigma that the table of capabilities asks for, each as a rule would write it.

/// A construct with an example.
pub(super) struct Construct {
    /// What it is; a heading if there is no example.
    pub(super) name: &'static str,
    /// A detection: the item of a mapping, or a list of keywords.
    pub(super) example: &'static str,
    /// The condition over the detection `a`.
    pub(super) condition: &'static str,
    /// The classes of columns that the construct is at home in, the best first.
    pub(super) classes: &'static [&'static str],
}

const TEXT: &[&str] = &["text"];
const NUMBER: &[&str] = &["number", "text"];
const BOOL: &[&str] = &["bool", "text"];
const ADDRESS: &[&str] = &["ip", "text"];
const TIME: &[&str] = &["time", "text"];
/// Any field: the class of a column says nothing.
pub(super) const KEYWORDS: &[&str] = &[];

const fn heading(name: &'static str) -> Construct {
    construct(name, "", TEXT)
}

const fn construct(name: &'static str, example: &'static str, classes: &'static [&'static str]) -> Construct {
    logic(name, example, "a", classes)
}

const fn logic(
    name: &'static str,
    example: &'static str,
    condition: &'static str,
    classes: &'static [&'static str],
) -> Construct {
    Construct {
        name,
        example,
        condition,
        classes,
    }
}

#[rustfmt::skip]
pub(super) const CONSTRUCTS: &[Construct] = &[
    heading("Text"),
    construct("equal, any case", "Field: value", TEXT),
    construct("equal, any case, beyond ASCII", "Field: größe", TEXT),
    construct("equal, exact case", "Field|cased: Value", TEXT),
    construct("contains", "Field|contains: value", TEXT),
    construct("contains, exact case", "Field|contains|cased: Value", TEXT),
    construct("starts with", "Field|startswith: value", TEXT),
    construct("starts with, exact case", "Field|startswith|cased: Value", TEXT),
    construct("ends with", "Field|endswith: value", TEXT),
    construct("ends with, exact case", "Field|endswith|cased: Value", TEXT),
    construct("any characters inside", "Field: a*b", TEXT),
    construct("one character", "Field: a?b", TEXT),
    construct("wildcards, exact case", "Field|cased: A*b?", TEXT),
    construct("a literal `*`", r"Field|contains: 'a\*b'", TEXT),
    construct("a literal `?`", r"Field|contains: 'a\?b'", TEXT),
    construct("quotes and backslashes", r#"Field|contains: 'a"\b''c'"#, TEXT),
    construct("a line break", "Field|contains: \"a\\nb\"", TEXT),
    heading("Presence"),
    construct("the empty value", "Field: ''", TEXT),
    construct("has a value", "Field: '*'", TEXT),
    construct("absent or null", "Field: null", TEXT),
    construct("exists", "Field|exists: true", TEXT),
    construct("does not exist", "Field|exists: false", TEXT),
    heading("Lists and logic"),
    construct("any of a list", "Field: [one, two]", TEXT),
    construct("any of a list of parts", "Field|contains: [one, two]", TEXT),
    construct("all of a list", "Field|contains|all: [one, two]", TEXT),
    construct("not equal", "Field|neq: value", TEXT),
    logic("not", "Field: value", "not a", TEXT),
    construct("several fields", "{Field: value, Other: value}", TEXT),
    heading("Regular expressions"),
    construct("exact case", "Field|re: 'a[0-9]+b'", TEXT),
    construct("any case", "Field|re|i: 'a[0-9]+b'", TEXT),
    construct("`^` and `$` at lines", "Field|re|m: '^a$'", TEXT),
    construct("`.` matches line breaks", "Field|re|s: 'a.b'", TEXT),
    construct("anchors", "Field|re: '^a.*b$'", TEXT),
    construct("lazy repetition", "Field|re: 'a.*?b'", TEXT),
    construct("word boundary", r"Field|re: '\bab\b'", TEXT),
    construct("look-around", "Field|re: 'a(?!b)'", TEXT),
    construct("back-reference", r"Field|re: '(a)\1'", TEXT),
    heading("Numbers and booleans"),
    construct("equal to a number", "Field: 5", NUMBER),
    construct("any of several numbers", "Field: [5, 6]", NUMBER),
    construct("a fraction", "Field: 1.5", NUMBER),
    construct("less", "Field|lt: 5", NUMBER),
    construct("less or equal", "Field|lte: 5", NUMBER),
    construct("greater", "Field|gt: 5", NUMBER),
    construct("greater or equal", "Field|gte: 5", NUMBER),
    construct("true", "Field: true", BOOL),
    construct("false", "Field: false", BOOL),
    heading("Networks"),
    construct("IPv4", "Field|cidr: 192.0.2.0/24", ADDRESS),
    construct("IPv6", "Field|cidr: '2001:db8::/32'", ADDRESS),
    heading("Two fields"),
    construct("equal", "Field|fieldref: Other", TEXT),
    construct("equal, exact case", "Field|fieldref|cased: Other", TEXT),
    construct("contains the other", "Field|fieldref|contains: Other", TEXT),
    construct("starts with the other", "Field|fieldref|startswith: Other", TEXT),
    construct("ends with the other", "Field|fieldref|endswith: Other", TEXT),
    heading("Parts of a timestamp"),
    construct("minute", "Field|minute: 5", TIME),
    construct("hour", "Field|hour: 5", TIME),
    construct("day of the month", "Field|day: 5", TIME),
    construct("week", "Field|week: 5", TIME),
    construct("month", "Field|month: 5", TIME),
    construct("year", "Field|year: 2026", TIME),
    heading("Keywords, in any field"),
    construct("a word", "[value]", KEYWORDS),
    construct("with wildcards", "['a*b']", KEYWORDS),
    construct("a regular expression", "{'|re': 'a[0-9]+b'}", KEYWORDS),
];

//! Languages of users: one added by four files, and changes of a built-in one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use serde::Deserialize;
use serde_json::Value;
use sigmatic::backend::emit::Query;
use sigmatic::collection::Collection;
use sigmatic::conversion::{Compiler, Settings, capabilities};
use sigmatic::diagnostic::{Diagnostic, Diagnostics, Severity, SourceMap};
use sigmatic::eval::{Event, Matcher, RuleSet};
use sigmatic::lower::{Expr, Leaf, Test};
use sigmatic::rule::Document;
use sigmatic::templates::Templates;

#[derive(Deserialize)]
struct TestFile {
    rule: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    event: Value,
}

fn sqlite_folder() -> PathBuf {
    common::root().join("tests/languages/sqlite")
}

fn compiler(folder: &Path, target: &str, sources: &mut SourceMap) -> Result<Compiler, Diagnostics> {
    let settings = Settings {
        target: target.to_owned(),
        without_own_pipelines: true,
        table: Some("events".to_owned()),
        ..Settings::default()
    };
    let templates = Templates::builtin()
        .with_directory(folder)
        .map_err(|fault| vec![*fault])?;
    Compiler::new(&templates, &settings, sources)
}

/// SQLite with a function REGEXP, an invalid pattern being an error.
fn engine() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("regexp", 2, flags, |arguments| {
            let Some(text) = arguments.get::<Option<String>>(1)? else {
                return Ok(None);
            };
            let pattern = regex::Regex::new(&arguments.get::<String>(0)?)
                .map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?;
            Ok(Some(pattern.is_match(&text)))
        })
        .unwrap();
    connection
}

/// The columns that an expression asks for.
fn columns(expr: &Expr, names: &mut BTreeSet<String>) {
    for leaf in expr.leaves() {
        if let Leaf::Predicate(predicate) = leaf {
            names.insert(predicate.column.name.to_string());
            if let Test::FieldReference { other, .. } = &predicate.test {
                names.insert(other.name.to_string());
            }
        }
    }
}

/// An event's value of a field as a column holds it: text, numbers as their shortest decimal text (`443.0` as `443`),
/// `true` and `false`, null where the field is null or absent. An error for several values or an object: a column holds
/// one value, and such a case is left out.
fn column_value(event: &Event, field: &str) -> Result<Option<String>, ()> {
    match event.values(field).as_slice() {
        [] | [Value::Null] => Ok(None),
        [Value::String(text)] => Ok(Some(text.clone())),
        [Value::Number(number)] => {
            let text = number.to_string();
            Ok(Some(text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)))
        }
        [Value::Bool(value)] => Ok(Some(value.to_string())),
        _ => Err(()),
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// Whether a query gives a row in a table that holds the one event; `None` if the event does not fit into columns.
fn run(query: &str, event: &Event, names: &BTreeSet<String>) -> Option<Result<bool, rusqlite::Error>> {
    let values = names
        .iter()
        .map(|name| column_value(event, name))
        .collect::<Result<Vec<_>, ()>>()
        .ok()?;
    let connection = engine();
    // A table needs a column, also where the rule asks for none.
    let mut list = vec!["_ text".to_owned()];
    list.extend(names.iter().map(|name| format!("{} text", quoted(name))));
    connection
        .execute_batch(&format!("create table events ({})", list.join(", ")))
        .unwrap();
    let places = vec!["?"; values.len()];
    let insert = format!(
        "insert into events values ({})",
        [&["null"], places.as_slice()].concat().join(", ")
    );
    connection
        .execute(&insert, rusqlite::params_from_iter(values))
        .unwrap();
    Some(connection.prepare(query).and_then(|mut query| query.exists([])))
}

/// What came of the feature rules.
#[derive(Default)]
struct Tally {
    /// Pairs of a query and an event with one verdict on both sides. A file's rules all run over all of its events.
    runs: usize,
    /// How many of them match.
    matching: usize,
    /// The cases among them, each once: file and place in it.
    cases: BTreeSet<(String, usize)>,
    left_out: Vec<String>,
    refused: BTreeMap<String, Vec<String>>,
    wrong: Vec<String>,
    noted: Vec<String>,
}

fn test_files() -> Vec<PathBuf> {
    let mut folders = vec![common::root().join("sigma/features")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(".test.yml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn errors(findings: &[Diagnostic]) -> Vec<&Diagnostic> {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect()
}

/// Each condition of each rule on its own: the evaluator's verdict against that of the engine.
fn hold_against_engine(
    compiler: &Compiler,
    test: &TestFile,
    name: &str,
    collection: &Collection,
    tally: &mut Tally,
) {
    let conversion = compiler.convert(collection);
    let ready = RuleSet::new(collection, &mut Vec::new());
    for outcome in &conversion.outcomes {
        // Correlations are told from rules before any language is asked.
        let correlation = |index: usize| matches!(collection.rules[index].document, Document::Correlation(_));
        if outcome.index.is_some_and(correlation) {
            continue;
        }
        for error in errors(&outcome.diagnostics) {
            let kind = format!("{} {}", error.code.id, error.title);
            let rules = tally.refused.entry(kind).or_default();
            if !rules.iter().any(|known| known == name) {
                rules.push(name.to_owned());
            }
        }
        let Some(index) = outcome.index.filter(|_| !outcome.queries.is_empty()) else {
            continue;
        };
        let rule = ready.rules.iter().find(|rule| rule.index == index).unwrap();
        let Document::Detection(document) = &collection.rules[index].document else {
            panic!("{name}: queries of another document");
        };
        let resolution = sigmatic::normalize::resolve(
            &collection
                .rules
                .iter()
                .map(|loaded| &loaded.document)
                .collect::<Vec<_>>(),
            &mut Vec::new(),
        );
        let filters = collection.filters_of(&resolution, index);
        let requests = compiler.requests(document, &filters, &mut Vec::new()).unwrap();
        for ((condition, matcher), converted) in rule.conditions.iter().zip(&outcome.queries) {
            assert_eq!(condition, &converted.name);
            let mut names = BTreeSet::new();
            let request = &requests.iter().find(|(name, _)| name == condition).unwrap().1;
            request
                .parts
                .iter()
                .for_each(|part| columns(&part.expr, &mut names));
            hold_condition(matcher, &converted.query, &names, test, name, tally);
        }
    }
}

/// One condition over all events of a test.
fn hold_condition(
    matcher: &Matcher,
    query: &Query,
    columns: &BTreeSet<String>,
    test: &TestFile,
    name: &str,
    tally: &mut Tally,
) {
    for (place, case) in test.cases.iter().enumerate() {
        let event = Event::from_value(case.event.clone()).unwrap();
        let wanted = matcher.matches(&event).unwrap();
        let label = format!("{name}: {}", case.name);
        match run(&query.text, &event, columns) {
            None => tally.left_out.push(label),
            Some(Ok(verdict)) if verdict == wanted => {
                tally.runs += 1;
                tally.matching += usize::from(wanted);
                tally.cases.insert((name.to_owned(), place));
            }
            Some(Ok(_)) if !query.notes.is_empty() => tally.noted.push(label),
            Some(Ok(verdict)) => tally
                .wrong
                .push(format!("{label}: got {verdict}\n    {}", query.text)),
            Some(Err(error)) => tally.wrong.push(format!("{label}: {error}\n    {}", query.text)),
        }
    }
}

fn tally(folder: &Path) -> Tally {
    let mut sources = SourceMap::new();
    let compiler = compiler(folder, "sqlite", &mut sources)
        .unwrap_or_else(|faults| panic!("{}", common::rendered(&faults, &sources)));
    let mut tally = Tally::default();
    for path in test_files() {
        let test: TestFile = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let rule = path.with_file_name(&test.rule);
        let collection = common::load(std::slice::from_ref(&rule), &mut sources);
        let name = rule.strip_prefix(common::root().join("sigma/features")).unwrap();
        hold_against_engine(&compiler, &test, &name.to_string_lossy(), &collection, &mut tally);
    }
    tally
}

/// A file's path in the folder, and what becomes of its text.
type Change<'c> = (&'c str, &'c dyn Fn(&str) -> String);

/// A copy of the SQLite language with changes.
fn changed(changes: &[Change<'_>]) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in [
        "languages/sqlite/language.yaml",
        "languages/sqlite/where.j2",
        "languages/sqlite/query.j2",
        "targets/sqlite.yaml",
    ] {
        let mut text = fs::read_to_string(sqlite_folder().join(file)).unwrap();
        for (_, change) in changes.iter().filter(|(changed, _)| *changed == file) {
            let before = text.clone();
            text = change(&text);
            assert_ne!(text, before, "{file} is not changed");
        }
        write(copy.path(), file, &text);
    }
    copy
}

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn guards_do_where_null_cannot_be_turned_into_false() {
    let without_total = |text: &str| -> String {
        text.lines()
            .filter(|line| !line.contains("macro total("))
            .map(|line| format!("{line}\n"))
            .collect()
    };
    let not_its_kind = |text: &str| text.replace("atom: [negate, total]", "atom: [negate]");
    let folder = changed(&[
        ("languages/sqlite/where.j2", &without_total),
        ("languages/sqlite/language.yaml", &not_its_kind),
    ]);
    let tally = tally(folder.path());
    assert!(
        tally.wrong.is_empty(),
        "{} wrong:\n{}",
        tally.wrong.len(),
        tally.wrong.join("\n")
    );
    assert_refused(&tally, REFUSED);
    // A conversion that fails is guarded as it is spelled: without that these rules would be lost.
    for rule in ["modifiers/not_greater.yml", "time/not_year.yml"] {
        assert!(
            tally.cases.iter().any(|(name, _)| name == rule),
            "{rule} did not run"
        );
    }
    assert_counts(&tally);
}

#[test]
fn a_negation_without_care_for_null_is_noticed() {
    let careless = |text: &str| {
        text.replace(
            "\"*\": absent_null, has_value: two_valued, as_number: some_null, as_time: some_null",
            "\"*\": two_valued",
        )
    };
    let folder = changed(&[("languages/sqlite/language.yaml", &careless)]);
    let wrong = tally(folder.path()).wrong;
    assert!(
        wrong.iter().any(|one| one.starts_with("conditions/not")),
        "{wrong:#?}"
    );
}

#[test]
fn sqlite_gives_the_verdicts_of_the_evaluator() {
    let tally = tally(&sqlite_folder());
    assert!(
        tally.wrong.is_empty(),
        "{} wrong:\n{}",
        tally.wrong.len(),
        tally.wrong.join("\n")
    );
    assert_refused(&tally, REFUSED);
    assert_eq!(tally.left_out, LEFT_OUT);
    assert_eq!(tally.noted, NOTED);
    assert_counts(&tally);
    println!(
        "{} cases in {} runs, of which {} match; {} left out, {} noted",
        tally.cases.len(),
        tally.runs,
        tally.matching,
        tally.left_out.len(),
        tally.noted.len()
    );
}

/// What SQLite cannot say, with the rules that fail for it.
#[rustfmt::skip]
const REFUSED: &[(&str, &[&str])] = &[
    ("SG501 sqlite cannot say a keyword in any field", &[
        "selections/keyword_number.yml", "selections/keyword_wildcard.yml", "selections/keywords.yml",
        "selections/keywords_all.yml", "selections/keywords_not.yml", "selections/mixed_list.yml",
    ]),
    ("SG501 sqlite cannot say a network", &[
        "network/cidr_v4.yml", "network/cidr_v6.yml", "network/everything.yml", "network/mapped.yml",
        "network/not_internal.yml", "network/several.yml",
    ]),
    ("SG501 sqlite cannot say a regular expression in any field", &["selections/keyword_regex.yml"]),
    ("SG501 sqlite cannot say that a field exists", &["modifiers/exists_false.yml", "modifiers/exists_true.yml"]),
    ("SG507 sqlite cannot say this regular expression: back-reference", &["regex/back_reference.yml"]),
    ("SG507 sqlite cannot say this regular expression: look-ahead", &["regex/look_ahead.yml"]),
];

/// Cases in which a field has several values, for which a column has no room.
const LEFT_OUT: &[&str] = &[
    "modifiers/all.yml: different elements of a list may match different values",
    "modifiers/gt.yml: any element of a list",
    "modifiers/neq.yml: a list of which one element is the value",
    "values/list_in_event.yml: among others",
    "values/list_in_event.yml: the other is there too",
    "values/list_in_event.yml: an element that only contains it",
    "values/list_in_event.yml: the other in another case",
    "values/list_in_event.yml: an element that only contains the other",
    "values/list_in_event.yml: elements are not joined",
];

/// Cases in which the query differs from the rule as a note on it says.
const NOTED: &[&str] = &["regex/word_boundary.yml: before a letter beyond ASCII"];

/// Few cases, or few that match, would prove little.
fn assert_counts(tally: &Tally) {
    assert!(tally.cases.len() >= 900, "{} cases", tally.cases.len());
    assert!(
        tally.matching >= 300,
        "{} of {} match",
        tally.matching,
        tally.runs
    );
}

fn assert_refused(tally: &Tally, wanted: &[(&str, &[&str])]) {
    let refused: BTreeMap<&str, Vec<&str>> = tally
        .refused
        .iter()
        .map(|(kind, rules)| (kind.as_str(), rules.iter().map(String::as_str).collect()))
        .collect();
    let wanted: BTreeMap<&str, Vec<&str>> = wanted
        .iter()
        .map(|(kind, rules)| (*kind, rules.to_vec()))
        .collect();
    assert_eq!(refused, wanted);
}

/// A folder of templates that holds these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        write(folder.path(), file, text);
    }
    folder
}

const RULE: &str = "title: Example
logsource: {category: example}
detection:
  selection:
    Image|endswith: 'x'
    Command|contains: \"it's\"
    Parent: null
    Line|re: '\\bx'
  condition: selection
";

/// File, line and title.
type Fault = (String, usize, String);

/// The query of a rule with its notes, or the findings as file, line and title of each.
fn query(templates: &Path, target: &str, rule: &str) -> Result<(String, Vec<String>), Vec<Fault>> {
    let mut sources = SourceMap::new();
    let located = |findings: &[Diagnostic], sources: &SourceMap| {
        let place = |finding: &Diagnostic| {
            let place = finding.span().and_then(|span| sources.locate(span));
            place.map_or((String::new(), 0), |(file, line, _)| (file.to_owned(), line))
        };
        let all = errors(findings).into_iter();
        all.map(|finding| (place(finding).0, place(finding).1, finding.title.clone()))
            .collect::<Vec<_>>()
    };
    let compiler = match compiler(templates, target, &mut sources) {
        Ok(compiler) => compiler,
        Err(faults) => return Err(located(&faults, &sources)),
    };
    let conversion = compiler.convert(&Collection::from_text("rule.yml", rule, &mut sources));
    match conversion.queries().next() {
        Some(query) => Ok((
            query.text.clone(),
            query
                .notes
                .iter()
                .map(|note| format!("{}: {}", note.code, note.text))
                .collect(),
        )),
        None => Err(located(&conversion.outcomes[0].diagnostics, &sources)),
    }
}

fn single_fault(templates: &Path, target: &str, rule: &str) -> (String, usize, String) {
    let faults = query(templates, target, rule).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    let (file, line, title) = faults.into_iter().next().unwrap();
    let file = file
        .strip_prefix(&format!("{}/", templates.display()))
        .unwrap_or(&file)
        .to_owned();
    (file, line, title)
}

#[test]
fn one_macro_and_one_note_of_a_built_in_language_change() {
    let empty = folder(&[("targets/unused.yaml", "")]);
    let (before, notes_before) = query(empty.path(), "sentinel", RULE).unwrap();
    let changed = folder(&[
        (
            "languages/kql/language.yaml",
            "extends: kql\nnotes: {word-boundary-unicode: words are the house's own}\n",
        ),
        (
            "languages/kql/where.j2",
            "{% macro contains(field, string) %}{{ field }} has {{ string }}{% endmacro %}\n",
        ),
    ]);
    let (after, notes_after) = query(changed.path(), "sentinel", RULE).unwrap();
    assert!(before.contains("Command contains \"it's\""), "{before}");
    assert_eq!(after, before.replace("Command contains", "Command has"));
    assert_eq!(notes_before.len(), notes_after.len());
    let differing: Vec<_> = notes_after
        .iter()
        .filter(|note| !notes_before.contains(note))
        .collect();
    assert_eq!(differing, ["word-boundary-unicode: words are the house's own"]);
}

#[test]
fn a_folder_without_settings_changes_macros_and_the_outline() {
    let changed = folder(&[(
        "languages/kql/query.j2",
        "{% macro query(q) %}// {{ q.rule.title | string }}\n{{ q.parts[0].stage.where }}{% endmacro %}\n",
    )]);
    let (text, _) = query(changed.path(), "sentinel", RULE).unwrap();
    assert!(
        text.starts_with("// \"Example\"\nnot(isnotempty(Parent)) and Image endswith \"x\""),
        "{text}"
    );
}

#[test]
fn a_language_of_another_name_stands_on_a_built_in_one() {
    let own = folder(&[
        (
            "languages/house/language.yaml",
            "extends: kql\nstage: {where: {operators: {gt: over}}}\n",
        ),
        (
            "targets/house.yaml",
            "{name: house, title: House, language: house, extension: txt, formats: [query], unmapped: keep, support: preview}",
        ),
    ]);
    let rule = RULE.replace("    Parent: null\n", "    Size|gt: 5\n    Size|lt: 9\n");
    let (text, _) = query(own.path(), "house", &rule).unwrap();
    assert!(
        text.contains("todouble(Size) over 5") && text.contains("todouble(Size) < 9"),
        "{text}"
    );
}

#[test]
fn another_language_of_a_built_in_name_takes_its_place() {
    let files = ["language.yaml", "where.j2", "query.j2"].map(|file| {
        let text = fs::read_to_string(sqlite_folder().join("languages/sqlite").join(file)).unwrap();
        (format!("languages/kql/{file}"), text)
    });
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(file, text)| (file.as_str(), text.as_str()))
        .collect();
    let (text, _) = query(folder(&files).path(), "sentinel", RULE).unwrap();
    assert!(text.starts_with("select * from events where "), "{text}");
}

/// Each row: file in the folder, its text, and file, line and title of the fault.
#[rustfmt::skip]
const FAULTS: &[(&str, &str, (usize, &str))] = &[
    ("languages/kql/where.j2", "\n{% macro contains(field, string) %}\n{{ field }\n{% endmacro %}", (3, "syntax error: unexpected `}`, expected end of variable block")),
    ("languages/kql/where.j2", "\n\n{% macro not(item) %}no {{ item }}{% endmacro %}", (3, "a macro cannot be called `not`: templates read the word themselves")),
    ("languages/kql/where.j2", "{% macro contains(field, strng) %}{% endmacro %}", (1, "`strng` is no slot and no context of the stage")),
    ("languages/kql/search.j2", "{% macro contains(field, string) %}{% endmacro %}", (1, "search.j2 belongs to no stage")),
    ("languages/kql/language.yaml", "extends: kql\nstage:\n  where:\n    kleen: no\n", (4, "stage.where: unknown field `kleen`")),
    ("languages/kql/language.yaml", "extends: kql\nstage:\n  where:\n    kinds: {atom: [negat]}\n", (4, "no construct is called `negat`")),
    ("languages/kql/language.yaml", "extends: kql\nstage: [\n", (3, "did not find expected node content")),
    ("languages/kql/language.yaml", "# x\nextends: kusto\n", (2, "there is no language \"kusto\" to extend")),
];

#[test]
fn faults_in_changes_name_file_and_line() {
    for (file, text, (line, title)) in FAULTS {
        let folder = folder(&[(file, text)]);
        let found = single_fault(folder.path(), "sentinel", RULE);
        assert_eq!((found.0.as_str(), found.1), (*file, *line), "{}", found.2);
        assert!(found.2.starts_with(title), "{}", found.2);
    }
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let endless = "{% macro query(q) %}\n{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}\n{% endmacro %}";
    let folder = folder(&[("languages/kql/query.j2", endless)]);
    let (file, line, title) = single_fault(folder.path(), "sentinel", RULE);
    assert_eq!((file.as_str(), line), ("languages/kql/query.j2", 2));
    assert_eq!(
        title,
        "a template ran out of fuel: it did not end within 20000000 steps"
    );
}

#[test]
fn a_missing_macro_is_an_error_at_the_rule_s_line() {
    let without = |text: &str| {
        text.replace(
            "{% macro has_value(field) %}{{ field }} is not null{% endmacro %}\n",
            "",
        )
    };
    let folder = changed(&[("languages/sqlite/where.j2", &without)]);
    let found = single_fault(folder.path(), "sqlite", RULE);
    assert_eq!(
        found,
        (
            "rule.yml".to_owned(),
            7,
            "sqlite cannot say that a field has a value".to_owned()
        )
    );
}

#[test]
fn a_forgotten_escape_is_an_error_and_no_injection() {
    let forgotten = |text: &str| text.replace("literal: [{double: \"'\", refuse: \"\\0\"}]", "literal: []");
    let folder = changed(&[("languages/sqlite/language.yaml", &forgotten)]);
    let (file, line, title) = single_fault(folder.path(), "sqlite", RULE);
    assert_eq!((file.as_str(), line), ("rule.yml", 6));
    assert!(
        title.contains("does not have the shape of context `string`"),
        "{title}"
    );
}

#[test]
fn folders_that_are_no_templates_are_refused() {
    for (file, title) in [
        ("language/x/where.j2", "is no kind of template"),
        ("readme.txt", "holds no templates"),
    ] {
        let folder = folder(&[(file, "")]);
        let fault = Templates::builtin().with_directory(folder.path()).unwrap_err();
        assert!(fault.title.contains(title), "{}", fault.title);
    }
    let fault = Templates::builtin()
        .with_directory(Path::new("no/such/folder"))
        .unwrap_err();
    assert!(
        fault.title.starts_with("cannot read no/such/folder"),
        "{}",
        fault.title
    );
}

#[test]
fn the_page_on_languages_is_fresh() {
    let mut sources = SourceMap::new();
    let page = capabilities(&Templates::builtin(), &mut sources)
        .unwrap_or_else(|faults| panic!("{}", common::rendered(&faults, &sources)));
    let kept = fs::read_to_string(common::root().join("docs/languages.md")).unwrap_or_default();
    assert!(page == kept, "docs/languages.md is stale: run `make docs`");
}

#[test]
fn the_page_on_languages_tells_what_a_language_of_a_user_can_say() {
    let templates = Templates::builtin().with_directory(&sqlite_folder()).unwrap();
    let page = capabilities(&templates, &mut SourceMap::new()).unwrap();
    let own = page
        .split("\n## ")
        .find(|part| part.starts_with("sqlite\n"))
        .unwrap();
    for row in [
        "| contains | `` Field\\|contains: value `` | yes |",
        "| exists | `` Field\\|exists: true `` | no |",
        "| word boundary | `` Field\\|re: '\\bab\\b' `` | note `word-boundary-unicode` |",
        "| IPv4 | `` Field\\|cidr: 192.0.2.0/24 `` | no |",
    ] {
        assert!(own.contains(row), "{row} is not in\n{own}");
    }
    // A function that gives null for some texts, in a language that cannot turn null into false.
    let null_for_some = |text: &str| {
        let total = "{% macro total(item) %}coalesce({{ item }}, false){% endmacro %}";
        let cidr = "{% macro cidr4(field, string) %}in_network({{ field }}, {{ string }}){% endmacro %}";
        text.replace(total, cidr)
    };
    let settings = |text: &str| {
        text.replace("atom: [negate, total]", "atom: [negate]")
            .replace("as_time: some_null", "as_time: some_null, cidr4: some_null")
    };
    let folder = changed(&[
        ("languages/sqlite/where.j2", &null_for_some),
        ("languages/sqlite/language.yaml", &settings),
    ]);
    let templates = Templates::builtin().with_directory(folder.path()).unwrap();
    let page = capabilities(&templates, &mut SourceMap::new()).unwrap();
    let own = page
        .split("\n## ")
        .find(|part| part.starts_with("sqlite\n"))
        .unwrap();
    let row = "| IPv4 | `` Field\\|cidr: 192.0.2.0/24 `` | yes, not negated |";
    assert!(own.contains(row), "{row} is not in\n{own}");
}

#[test]
fn the_command_takes_folders_of_templates() {
    let sigmatic = || {
        let mut command = assert_cmd::Command::cargo_bin("sigmatic").unwrap();
        command.current_dir(common::root());
        command
    };
    sigmatic()
        .args([
            "convert",
            "--templates",
            "tests/languages/sqlite",
            "-t",
            "sqlite",
            "-O",
            "table=events",
            "-",
        ])
        .write_stdin(RULE.replace("    Parent: null\n", ""))
        .assert()
        .success()
        .stdout(predicates::str::starts_with(
            "select * from events where Image like '%x' escape '\\'",
        ));
    let listed = sigmatic()
        .args(["list", "targets", "--templates", "tests/languages/sqlite"])
        .assert()
        .success();
    listed.stdout(predicates::str::contains("SQLite (sqlite, preview)"));
    sigmatic()
        .args(["list", "targets", "--templates", "tests/common"])
        .assert()
        .code(2)
        .stderr(predicates::str::contains("SG510"));
}

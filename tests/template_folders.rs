//! Folders of templates: changes of a built-in language, their faults, and the page on what languages can say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod common;

use std::fs;
use std::path::Path;

use common::templates::{changed, compiler, errors, sqlite_folder, write};
use sigmatic::collection::Collection;
use sigmatic::conversion::capabilities;
use sigmatic::diagnostic::{Diagnostic, SourceMap};
use sigmatic::templates::Templates;

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

//! What each language can say, as Markdown: found by saying one small rule for each construct, so that it is true.
//!
//! Nothing here knows a language by name: a new folder under `templates/languages` is a new column.

mod constructs;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use self::constructs::{CONSTRUCTS, Construct, KEYWORDS};
use super::compiler::read_language;
use crate::backend::emit;
use crate::backend::language::{Language, Policy};
use crate::collection::Collection;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, SourceMap};
use crate::lower::{self, Expr, Test};
use crate::normalize;
use crate::rule::Document;
use crate::templates::Templates;

const HEAD: &str = "# What each language can say

<!-- Written by `make docs` from the languages themselves; changes by hand are lost. -->

For each construct one small rule was said in each language:

* **yes**: said, and the language declares no difference from the rule.
* **`stage`**: the same, in that later stage of the query; earlier stages narrow the events down where they can.
* **note `code`**: with a stated difference; the notes stand below.
* **not negated**: said, but the language cannot say its negation, and the rule fails there.
* **no**: a typed error names the line of the rule.

Text is tested on a column of text, numbers, times, truth values and addresses on a column of their own class where the
language has one. What a target can say may be less: its schema decides the type of each column.
";

/// What one language does with one construct.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cell {
    /// The last stage that was needed, if it is not the first.
    stage: Option<String>,
    /// Codes of notes.
    notes: Vec<String>,
    said: Said,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Yes,
    NotNegated,
    No,
}

impl Cell {
    fn markdown(&self) -> String {
        let mut words = Vec::new();
        match (self.said, &self.stage) {
            (Said::No, _) => return "no".to_owned(),
            (_, Some(stage)) => words.push(format!("`{stage}`")),
            (_, None) if self.notes.is_empty() => words.push("yes".to_owned()),
            (_, None) => {}
        }
        words.extend(self.notes.iter().map(|code| format!("note `{code}`")));
        if self.said == Said::NotNegated {
            words.push("not negated".to_owned());
        }
        words.join(", ")
    }
}

/// A Markdown page on all languages of a set of templates.
///
/// # Errors
/// Faults of the language files.
pub fn capabilities(templates: &Templates, sources: &mut SourceMap) -> Result<String, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let languages: Vec<Language> = templates
        .languages()
        .into_iter()
        .filter_map(|name| read_language(templates, name, sources, &mut diagnostics))
        .collect();
    let examples = CONSTRUCTS
        .iter()
        .map(|construct| Example::read(construct, sources))
        .collect::<Result<Vec<_>, _>>();
    let (Ok(examples), true) = (&examples, diagnostics.is_empty()) else {
        diagnostics.extend(examples.err().into_iter().flatten());
        return Err(diagnostics);
    };
    let mut page = HEAD.to_owned();
    overview(&mut page, &languages, examples)?;
    for language in &languages {
        describe(&mut page, language, examples)?;
    }
    Ok(page)
}

/// A construct with the logic of its example and of the example's negation; none for a heading.
struct Example {
    construct: &'static Construct,
    logic: Option<[Expr; 2]>,
}

impl Example {
    fn read(construct: &'static Construct, sources: &mut SourceMap) -> Result<Self, Diagnostics> {
        let logic = match construct.example {
            "" => None,
            _ => Some([read(construct, false, sources)?, read(construct, true, sources)?]),
        };
        Ok(Self { construct, logic })
    }
}

/// The logic of an example, or of its negation.
fn read(construct: &Construct, negated: bool, sources: &mut SourceMap) -> Result<Expr, Diagnostics> {
    let (detection, condition) = (construct.example, construct.condition);
    let detection = if detection.starts_with(['[', '{']) {
        detection.to_owned()
    } else {
        format!("\n    {detection}")
    };
    let condition = if negated {
        format!("not ({condition})")
    } else {
        condition.to_owned()
    };
    let text = format!(
        "title: Example\nlogsource: {{category: example}}\ndetection:\n  a: {detection}\n  condition: {condition}\n"
    );
    let collection = Collection::from_text(construct.name, &text, sources);
    let mut diagnostics: Diagnostics = collection
        .failures
        .iter()
        .flat_map(|failure| failure.diagnostics.clone())
        .collect();
    for loaded in &collection.rules {
        let Document::Detection(rule) = &loaded.document else {
            continue;
        };
        let Some(normal) = normalize::normalize(rule, &[], &mut diagnostics) else {
            continue;
        };
        let condition = normal
            .first()
            .and_then(|rule| Some((rule, rule.conditions.first()?)));
        if let Some((rule, condition)) = condition
            && let Some(expr) = lower::lower(rule, condition, &mut diagnostics)
        {
            return Ok(expr);
        }
    }
    Err(diagnostics)
}

/// The same logic over columns of a schema type.
fn with_kind(expr: &Expr, kind: Option<&str>) -> Expr {
    let kind: Option<Arc<str>> = kind.map(Arc::from);
    expr.clone().rewrite(&mut |part| match part {
        Expr::Predicate(mut predicate) => {
            predicate.column.kind.clone_from(&kind);
            if let Test::FieldReference { other, .. } = &mut predicate.test {
                other.kind.clone_from(&kind);
            }
            Expr::Predicate(predicate)
        }
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Total(_) | Expr::Keyword(_) | Expr::Const(_) => {
            part
        }
    })
}

/// What a language does with an example on columns of a type. Errors: faults that are no refusal.
fn probe(language: &Language, logic: &[Expr; 2], kind: Option<&str>) -> Result<Cell, Diagnostics> {
    let [plain, negated] = logic;
    let mut cell = Cell {
        stage: None,
        notes: Vec::new(),
        said: Said::No,
    };
    let Some(said) = say(language, &with_kind(plain, kind))? else {
        return Ok(cell);
    };
    let other = say(language, &with_kind(negated, kind))?;
    cell.said = if other.is_some() {
        Said::Yes
    } else {
        Said::NotNegated
    };
    let first = language.stages.first().map(|stage| stage.name.as_str());
    let last = language
        .stages
        .iter()
        .rev()
        .find(|stage| said.texts.contains_key(&stage.name));
    cell.stage = last
        .map(|stage| stage.name.clone())
        .filter(|name| first != Some(name.as_str()));
    for note in said
        .notes
        .iter()
        .chain(other.iter().flat_map(|other| &other.notes))
    {
        if !cell.notes.contains(&note.code) {
            cell.notes.push(note.code.clone());
        }
    }
    Ok(cell)
}

/// The texts of an expression, or `None` if the language refuses it.
fn say(language: &Language, expr: &Expr) -> Result<Option<emit::StageTexts>, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let said = emit::emit_stages(language, expr, &mut diagnostics);
    let refused = |found: &Diagnostic| {
        [
            Code::UNSUPPORTED_CONSTRUCT,
            Code::UNSUPPORTED_VALUE,
            Code::UNSUPPORTED_REGEX_DIALECT,
        ]
        .contains(&found.code)
    };
    if diagnostics.iter().all(refused) {
        Ok(said)
    } else {
        Err(diagnostics)
    }
}

/// The classes of a language's columns, text first, each with a type that has it (`None`: a column of unknown type).
fn classes(language: &Language) -> Vec<(&str, Option<&str>)> {
    let mut kinds: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for (kind, class) in language.types().filter(|(kind, _)| *kind != "*") {
        kinds.entry(class).or_insert(Some(kind));
    }
    kinds.insert(language.class_of(None), None);
    let mut classes: Vec<_> = kinds.into_iter().collect();
    classes.sort_by_key(|(class, _)| (*class != "text", *class));
    classes
}

fn row(page: &mut String, construct: &Construct, cells: &[String]) {
    let _ = if construct.example.is_empty() {
        writeln!(page, "| **{}** | |{}", construct.name, " |".repeat(cells.len()))
    } else {
        let example = construct.example.replace('|', "\\|");
        writeln!(
            page,
            "| {} | `` {example} `` | {} |",
            construct.name,
            cells.join(" | ")
        )
    };
}

fn table_head(page: &mut String, columns: &[&str]) {
    let _ = writeln!(
        page,
        "\n| Construct | In a rule | {} |\n|---|---|{}",
        columns.join(" | "),
        "---|".repeat(columns.len())
    );
}

/// All languages side by side, each construct on the class that it is at home in.
fn overview(page: &mut String, languages: &[Language], examples: &[Example]) -> Result<(), Diagnostics> {
    let names: Vec<&str> = languages.iter().map(|language| language.name.as_str()).collect();
    table_head(page, &names);
    for Example { construct, logic } in examples {
        let mut cells = Vec::new();
        for language in languages {
            let known = classes(language);
            let home = construct
                .classes
                .iter()
                .find_map(|wanted| known.iter().find(|(class, _)| class == wanted));
            let kind = home.and_then(|(_, kind)| *kind);
            cells.push(match logic {
                None => String::new(),
                Some(logic) => probe(language, logic, kind)?.markdown(),
            });
        }
        row(page, construct, &cells);
    }
    Ok(())
}

/// One language: each construct on each class of column, then notes and what a test gives without a value.
fn describe(page: &mut String, language: &Language, examples: &[Example]) -> Result<(), Diagnostics> {
    let _ = writeln!(page, "\n## {}", language.name);
    let known = classes(language);
    let stages: Vec<String> = language
        .stages
        .iter()
        .map(|stage| format!("`{}`", stage.name))
        .collect();
    let _ = writeln!(
        page,
        "\nStages: {}. Classes of columns and the types that have them:\n",
        stages.join(", ")
    );
    for (class, _) in &known {
        let mut kinds: Vec<String> = language
            .types()
            .filter(|(kind, of)| *kind != "*" && of == class)
            .map(|(kind, _)| format!("`{kind}`"))
            .collect();
        if language.class_of(None) == *class {
            kinds.push("columns of unknown type".to_owned());
        }
        let _ = writeln!(page, "* {class}: {}", kinds.join(", "));
    }
    let names: Vec<&str> = known.iter().map(|(class, _)| *class).collect();
    table_head(page, &names);
    for Example { construct, logic } in examples {
        let columns = if construct.classes == KEYWORDS {
            1
        } else {
            known.len()
        };
        let mut cells = Vec::new();
        for (_, kind) in known.iter().take(columns) {
            cells.push(match logic {
                None => String::new(),
                Some(logic) => probe(language, logic, *kind)?.markdown(),
            });
        }
        cells.resize(known.len(), String::new());
        row(page, construct, &cells);
    }
    declarations(page, language);
    Ok(())
}

/// What a policy says, as the start of a sentence.
fn meaning(policy: Policy) -> &'static str {
    match policy {
        Policy::TwoValued => "without a value false",
        Policy::AbsentNull => "without a value null",
        Policy::SomeNull => "null without a value, and for some values",
        Policy::AbsentTrue => "without a value true",
    }
}

fn declarations(page: &mut String, language: &Language) {
    let notes = language.note_texts();
    if !notes.is_empty() {
        let _ = writeln!(page, "\nNotes:\n");
    }
    for (code, text) in notes {
        let _ = writeln!(page, "* `{code}`: {text}");
    }
    for stage in &language.stages {
        let _ = writeln!(page, "\nIn stage `{}`:\n", stage.name);
        let safe = if stage.find("total").is_some() {
            "a negation turns null into false first"
        } else {
            "under a negation a test is guarded by a test for a value"
        };
        let mut policies: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (class, form, policy) in stage.policies() {
            let place = match form {
                "*" => format!("all tests ({class})"),
                form => format!("`{form}` ({class})"),
            };
            policies.entry(meaning(policy)).or_default().push(place);
        }
        for (meaning, places) in &policies {
            let _ = writeln!(page, "* {meaning}: {}", places.join(", "));
        }
        if !policies.is_empty() {
            let _ = writeln!(page, "* where a test may be null, {safe}");
        }
        for (form, rule) in stage.exceptions() {
            let _ = writeln!(page, "* `{form}` is not used for a value with `` {rule} ``");
        }
        let rest = [
            (stage.max_list, "values in a list"),
            (
                stage.max_chain,
                "members of one `and` or `or`, before groups of groups",
            ),
        ];
        for (limit, what) in rest {
            if let Some(limit) = limit {
                let _ = writeln!(page, "* at most {limit} {what}");
            }
        }
        if policies.is_empty() {
            let _ = writeln!(page, "* a test of a field without a value is false");
        }
    }
}

//! Says an expression in a language: spread into leaves of one form, made null-safe, divided among the stages, printed.
//!
//! The order is fixed and the same for all languages:
//!
//! 1. [`spread`]: a leaf with several values becomes leaves that each have one form of the ladder;
//! 2. [`stages`]: each conjunct goes to the first stage that can say it exactly, [`superset`]s before;
//! 3. the null policy of the stage ([`crate::lower::null_policy`]);
//! 4. [`print`]: macros spell it, parentheses by the stage's table;
//! 5. the outline (`query.j2`) puts the texts around it.
//!
//! Nothing is ever dropped: a leaf is printed, or the emission fails with a diagnostic that names it.

mod facts;
mod field;
mod forms;
mod notes;
mod print;
mod required;
mod say;
mod spread;
mod stages;
mod superset;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::backend::emit::stages::Whole;
use crate::backend::language::{Language, OutlineComputed, OutlinePart, OutlineQuery, OutlineRule, Session};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::lower::{Expr, LeafId};
use crate::normalize::Column;

/// A condition of a rule over the tables of one part.
#[derive(Clone, Debug)]
pub struct Part {
    /// Where the events are; may be empty for languages that need no place.
    pub tables: Vec<Arc<str>>,
    /// The time column.
    pub time: Option<Arc<str>>,
    /// Columns that the query computes first: name and expression in the query language.
    pub computed: Vec<(Arc<str>, Arc<str>)>,
    /// The logic.
    pub expr: Expr,
    /// Output columns; empty for all.
    pub fields: Vec<Column>,
}

/// What to emit: one condition of one rule.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// `id` of the rule, else its name or title.
    pub rule_id: &'a str,
    /// `title` of the rule.
    pub title: &'a str,
    /// Where the condition stands: for faults that have no better place.
    pub span: Span,
    /// Several if tables or column types differ between log sources.
    pub parts: Vec<Part>,
}

/// A query with what a deployment needs to know about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The text.
    pub text: String,
    /// Tables, in order, each once.
    pub tables: Vec<Arc<str>>,
    /// Output columns as spelled in the query; empty for all.
    pub fields: Vec<String>,
    /// Stated differences between query and rule, in the order of the text.
    pub notes: Vec<Note>,
    /// The leaves that were emitted exactly, for each part.
    pub emitted: Vec<BTreeSet<LeafId>>,
}

/// A stated difference between query and rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// For example `null-empty-merged`; declared by the language.
    pub code: String,
    /// What differs, and in which direction.
    pub text: String,
    /// The value concerned.
    pub span: Span,
}

/// A request whose expressions are printed and that only lacks its outline.
struct Prepared {
    outline: OutlineQuery,
    notes: Vec<Note>,
    emitted: Vec<BTreeSet<LeafId>>,
    tables: Vec<Arc<str>>,
}

/// The expression with leaves of one value each, in the form that the class of their column asks for. Means the same.
#[must_use]
pub fn spread(language: &Language, expr: &Expr) -> Expr {
    spread::spread(language, expr)
}

/// What each stage of a language says of an expression, in the order of the stages: null-safe, `None` for a stage with
/// nothing to say. Together they mean the expression; the first ones never exclude an event that it keeps.
///
/// Errors as for [`emit`].
pub fn divide(language: &Language, expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Vec<Option<Expr>>> {
    stages::divide(language, expr, Whole::Divided, diagnostics)
}

/// Emits one query.
///
/// Errors: a construct or value that the language cannot say ([`Code::UNSUPPORTED_CONSTRUCT`],
/// [`Code::UNSUPPORTED_VALUE`], [`Code::UNSUPPORTED_REGEX_DIALECT`]), one diagnostic for each leaf concerned, and faults
/// of templates.
pub fn emit(language: &Language, request: &Request<'_>, diagnostics: &mut Diagnostics) -> Option<Query> {
    emit_in(&mut language.session(), language, request, diagnostics)
}

/// As [`emit`], in a session of the language that serves several queries.
pub fn emit_in(
    session: &mut Session<'_>,
    language: &Language,
    request: &Request<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Query> {
    session.begin();
    let prepared = prepare(language, session, request, Whole::Divided, diagnostics)?;
    let text = match session.query(&prepared.outline) {
        Ok(text) => text,
        Err(fault) => {
            diagnostics.push(at(*fault, request.span));
            return None;
        }
    };
    Some(finish(text, vec![prepared], session, language, request.span))
}

/// Emits several rules as one query whose rows name their rule.
///
/// Errors as for [`emit`]; all requests are tried, so that each fault is reported.
pub fn emit_union(
    language: &Language,
    requests: &[Request<'_>],
    diagnostics: &mut Diagnostics,
) -> Option<Query> {
    let mut session = language.session();
    let prepared: Vec<Option<Prepared>> = requests
        .iter()
        .map(|request| prepare(language, &mut session, request, Whole::InLast, diagnostics))
        .collect();
    let prepared: Vec<Prepared> = prepared.into_iter().collect::<Option<_>>()?;
    let span = requests.first().map(|request| request.span).unwrap_or_default();
    let outlines: Vec<OutlineQuery> = prepared.iter().map(|one| one.outline.clone()).collect();
    match session.union(&outlines) {
        Ok(text) => Some(finish(text, prepared, &mut session, language, span)),
        Err(fault) => {
            diagnostics.push(at(*fault, span));
            None
        }
    }
}

/// What each stage says of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageTexts {
    /// Stage → text; a stage that says nothing is absent.
    pub texts: BTreeMap<String, String>,
    /// Stated differences.
    pub notes: Vec<Note>,
}

/// Emits an expression without an outline around it. Errors as for [`emit`].
pub fn emit_stages(language: &Language, expr: &Expr, diagnostics: &mut Diagnostics) -> Option<StageTexts> {
    let part = Part {
        tables: Vec::new(),
        time: None,
        computed: Vec::new(),
        expr: expr.clone(),
        fields: Vec::new(),
    };
    let request = Request {
        rule_id: "",
        title: "",
        span: Span::default(),
        parts: Vec::new(),
    };
    let mut notes = Vec::new();
    let mut session = language.session();
    let leaves = &mut BTreeSet::new();
    let outline = emit_part(
        language,
        &mut session,
        &request,
        (&part, Whole::Divided),
        leaves,
        &mut notes,
        diagnostics,
    )?;
    Some(StageTexts {
        texts: outline.stage,
        notes,
    })
}

fn at(mut fault: Diagnostic, span: Span) -> Diagnostic {
    if fault.labels.is_empty() {
        fault.labels.push(crate::diagnostic::Label {
            span,
            text: String::new(),
        });
    }
    fault
}

fn prepare(
    language: &Language,
    session: &mut Session<'_>,
    request: &Request<'_>,
    whole: Whole,
    diagnostics: &mut Diagnostics,
) -> Option<Prepared> {
    let mut notes = Vec::new();
    let mut emitted = Vec::new();
    let mut outline_parts = Vec::new();
    let mut tables: Vec<Arc<str>> = Vec::new();
    let before = diagnostics.len();
    for part in &request.parts {
        let mut leaves = BTreeSet::new();
        let outline = emit_part(
            language,
            session,
            request,
            (part, whole),
            &mut leaves,
            &mut notes,
            diagnostics,
        );
        outline_parts.extend(outline);
        emitted.push(leaves);
        for table in &part.tables {
            if !tables.contains(table) {
                tables.push(Arc::clone(table));
            }
        }
    }
    if diagnostics.len() > before && outline_parts.len() < request.parts.len() {
        return None;
    }
    let fields = outline_parts
        .first()
        .map(|part| part.names.clone())
        .unwrap_or_default();
    let outline = OutlineQuery {
        parts: outline_parts,
        fields,
        span: None,
        rule: OutlineRule {
            id: request.rule_id.to_owned(),
            title: request.title.to_owned(),
        },
    };
    Some(Prepared {
        outline,
        notes,
        emitted,
        tables,
    })
}

fn emit_part(
    language: &Language,
    session: &mut Session<'_>,
    request: &Request<'_>,
    (part, whole): (&Part, Whole),
    leaves: &mut BTreeSet<LeafId>,
    notes: &mut Vec<Note>,
    diagnostics: &mut Diagnostics,
) -> Option<OutlinePart> {
    let texts = stages::divide(language, &part.expr, whole, diagnostics)?;
    let mut stage = BTreeMap::new();
    let mut conjuncts = BTreeMap::new();
    for (index, expr) in texts.into_iter().enumerate() {
        let (Some(expr), Some(definition)) = (expr, language.stages.get(index)) else {
            continue;
        };
        let mut printer = print::Printer::new(language, definition, session, leaves, notes);
        match printer.root(&expr) {
            Ok(printed) => {
                stage.insert(definition.name.clone(), printed.text);
                conjuncts.insert(definition.name.clone(), printed.conjuncts);
            }
            Err(fault) => {
                diagnostics.push(at(*fault, request.span));
                return None;
            }
        }
    }
    let fields = match output_fields(language, session, part) {
        Ok(fields) => fields,
        Err(fault) => {
            diagnostics.push(at(*fault, request.span));
            return None;
        }
    };
    let computed = part
        .computed
        .iter()
        .map(|(name, expression)| OutlineComputed {
            name: name.to_string(),
            expression: expression.to_string(),
        })
        .collect();
    Some(OutlinePart {
        tables: part.tables.iter().map(|table| table.to_string()).collect(),
        time: part.time.as_ref().map(|time| time.to_string()),
        stage,
        conjuncts,
        computed,
        fields: fields.iter().map(|(text, _)| text.clone()).collect(),
        names: fields.into_iter().map(|(_, name)| name).collect(),
    })
}

/// The output columns of a part, each with its text and its name; the time first, without which no row is of use. None if
/// the rule asks for none: then the query gives all.
fn output_fields(
    language: &Language,
    session: &mut Session<'_>,
    part: &Part,
) -> crate::diagnostic::Result<Vec<(String, String)>> {
    let mut fields = Vec::new();
    let (Some(first), false) = (language.stages.first(), part.fields.is_empty()) else {
        return Ok(fields);
    };
    let time = part.time.as_ref().map(|time| Column::unknown(time));
    let mut names: Vec<String> = Vec::new();
    for column in time.iter().chain(&part.fields) {
        let (text, name) = field::output(language, first, session, column, &names)?;
        if !names.contains(&name) {
            names.push(name.clone());
            fields.push((text, name));
        }
    }
    Ok(fields)
}

fn finish(
    text: String,
    prepared: Vec<Prepared>,
    session: &mut Session<'_>,
    language: &Language,
    span: Span,
) -> Query {
    let mut query = Query {
        text,
        tables: Vec::new(),
        fields: Vec::new(),
        notes: Vec::new(),
        emitted: Vec::new(),
    };
    for one in prepared {
        for table in one.tables {
            if !query.tables.contains(&table) {
                query.tables.push(table);
            }
        }
        if query.fields.is_empty() {
            query.fields = one.outline.fields;
        }
        query.notes.extend(one.notes);
        query.emitted.extend(one.emitted);
    }
    for code in session.take_notes() {
        let text = language.note_text(&code).unwrap_or(&code).to_owned();
        query.notes.push(Note { code, text, span });
    }
    query.notes.sort_by_key(|note| (note.span, note.code.clone()));
    query.notes.dedup();
    query
}

/// The error for a leaf that no stage can say.
fn unsupported(language: &Language, refused: &forms::Refused, span: Span) -> Box<Diagnostic> {
    let (code, title) = match &refused.reason {
        None => (
            Code::UNSUPPORTED_CONSTRUCT,
            format!("{} cannot say {}", language.name, refused.construct),
        ),
        Some(reason) if reason.dialect => (
            Code::UNSUPPORTED_REGEX_DIALECT,
            format!(
                "{} cannot say this regular expression: {}",
                language.name, reason.reason
            ),
        ),
        Some(reason) => (
            Code::UNSUPPORTED_VALUE,
            format!("{} cannot write this value: {}", language.name, reason.reason),
        ),
    };
    let help = "say the same without it, or convert for a target that has it; `sigmatic match` runs the rule as it is";
    Box::new(Diagnostic::error(code, title, span).with_help(help))
}

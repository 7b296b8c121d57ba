//! Placement: the tables that hold a rule's events, and the types of the columns in them.

use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Span, closest};
use crate::normalize::{Column, DetectionNode, ItemId, NormalRule, PlainLogSource, Value};
use crate::pipeline::subject::{NameEntry, Subject};
use crate::pipeline::{ComputedColumn, Schema, Table, untouched};

/// The state keys that name tables, the first that is set wins: ours, that of pySigma's pipelines for KQL, and that of
/// pipelines for languages that look in indexes.
const TABLE_KEYS: &[&str] = &["table", "query_table", "index"];

/// What to do with a field that is no column of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unmapped {
    /// The rule fails.
    Error,
    #[default]
    /// The field is kept, of unknown type, with a warning.
    Warn,
    /// The field is kept, of unknown type.
    Keep,
}

/// Where a rule's fields are looked up.
#[derive(Clone, Copy, Debug)]
pub struct Placement<'schema> {
    /// The target's tables; without them all types are unknown and no field is unmapped.
    pub schema: Option<&'schema Schema>,
    /// What to do with a field that is no column, and with a table that is not in the schema.
    pub unmapped: Unmapped,
    /// A table that replaces those of the pipelines.
    pub table: Option<&'schema str>,
}

/// A rule in the target's names, for tables in which its columns have the same types.
#[derive(Clone, Debug)]
pub struct MappedPart {
    /// Where to look, in the pipeline's order; empty where nothing says so and there is no schema.
    pub tables: Vec<Arc<str>>,
    /// The time column of the tables.
    pub time: Option<Arc<str>>,
    /// The rule; its columns have their types.
    pub rule: NormalRule,
    /// The computed columns that the rule uses, in the order of their first use.
    pub computed: Vec<(Arc<str>, ComputedColumn)>,
    /// The columns of further names, in the order in which they were given.
    pub names: Vec<Vec<Column>>,
    /// Items that pipelines dropped, each with the id of the step that did it.
    pub dropped: Vec<(ItemId, Arc<str>)>,
}

/// What a schema says of a name.
#[derive(Clone, PartialEq, Eq)]
struct Resolved {
    kind: Arc<str>,
    member_of: u32,
    computed: Option<NamedColumn>,
}

/// A computed column with its name.
type NamedColumn = (Arc<str>, ComputedColumn);

/// Takes a column that is used: where, the rule's name for it, and whether only `fields` names it.
type AddUse<'a> = dyn FnMut(&Column, Span, Option<&str>, bool) + 'a;

/// A name that the rule uses, at its first use.
struct Use {
    name: Arc<str>,
    span: Span,
    /// As the rule names it, where it differs.
    field: Option<String>,
    /// Whether it stands in `fields` alone, which has no bearing on the rule's meaning.
    shown_only: bool,
}

/// Looks up tables and columns; `None` after an error.
pub(super) fn place(
    subject: Subject<'_>,
    fields: usize,
    placement: &Placement<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<MappedPart>> {
    let tables = tables(&subject.rule, placement);
    let Some(schema) = placement.schema.filter(|schema| !schema.tables.is_empty()) else {
        let time = placement.schema.and_then(|schema| schema.time.clone());
        untouched::report(&subject, placement.unmapped, diagnostics);
        let mut part = part(subject, fields, tables);
        part.time = time;
        return Some(vec![part]);
    };
    if tables.is_empty() {
        let mut diagnostic = no_table(&subject.rule.log_source);
        if !schema.open || placement.unmapped == Unmapped::Error {
            diagnostics.push(diagnostic);
            return None;
        }
        if placement.unmapped == Unmapped::Warn {
            diagnostic.severity = Severity::Warning;
            diagnostics.push(diagnostic);
        }
        let mut part = part(subject, fields, tables);
        part.time.clone_from(&schema.time);
        return Some(vec![part]);
    }
    let uses = uses(&subject, fields);
    let mut groups: Vec<Group> = Vec::new();
    for name in tables {
        let group = look_up(name, schema, &uses, placement, &subject.rule, diagnostics);
        match groups
            .iter_mut()
            .find(|other| other.time == group.time && other.columns == group.columns)
        {
            Some(other) => other.tables.extend(group.tables),
            None => groups.push(group),
        }
    }
    let whole = part(subject, fields, Vec::new());
    let parts = groups
        .into_iter()
        .map(|group| group.assign(&uses, &whole, placement.unmapped));
    Some(parts.collect())
}

/// Tables in which the columns have the same types.
struct Group {
    tables: Vec<Arc<str>>,
    time: Option<Arc<str>>,
    /// For each use.
    columns: Vec<Option<Resolved>>,
}

fn look_up(
    name: Arc<str>,
    schema: &Schema,
    uses: &[Use],
    placement: &Placement<'_>,
    rule: &NormalRule,
    diagnostics: &mut Diagnostics,
) -> Group {
    let mut group = Group {
        time: schema.time.clone(),
        columns: vec![None; uses.len()],
        tables: Vec::new(),
    };
    // An index that was named in the place of the pipeline's holds the same fields; of a closed schema the table must be known.
    let replaced = || {
        if !schema.open {
            return None;
        }
        let own = placement
            .table
            .and_then(|_| state_tables(rule).into_iter().next())?;
        schema.tables.get(&own)
    };
    if let Some(table) = schema.tables.get(&name).or_else(replaced) {
        if table.time.is_some() {
            group.time.clone_from(&table.time);
        }
        group.columns = uses.iter().map(|used| resolve(&used.name, table)).collect();
        for (used, column) in uses.iter().zip(&group.columns) {
            if column.is_none() {
                let found = unmapped(used, &name, table, placement.unmapped);
                diagnostics.extend(found.filter(|found| !is_repeated(found, diagnostics)));
            }
        }
    } else if placement.unmapped != Unmapped::Keep {
        diagnostics.push(unknown_table(&name, schema, placement.unmapped, rule));
    }
    group.tables.push(name);
    group
}

/// Whether a warning on the same field was given for another of the tables.
fn is_repeated(found: &Diagnostic, diagnostics: &Diagnostics) -> bool {
    let same = |other: &Diagnostic| other.code == found.code && other.span() == found.span();
    found.severity < Severity::Error && diagnostics.iter().any(same)
}

impl Group {
    /// The rule with the types of this group.
    fn assign(self, uses: &[Use], whole: &MappedPart, unmapped: Unmapped) -> MappedPart {
        let mut part = whole.clone();
        part.tables = self.tables;
        part.time = self.time;
        let known: HashMap<&str, &Resolved> = uses
            .iter()
            .zip(&self.columns)
            .filter_map(|(used, column)| Some((&*used.name, column.as_ref()?)))
            .collect();
        let assign = |column: &mut Column| {
            if let Some(resolved) = known.get(&*column.name) {
                column.kind = Some(Arc::clone(&resolved.kind));
                column.member_of = resolved.member_of;
            }
        };
        for detection in &mut part.rule.detections {
            each_column(&mut detection.body, &assign);
        }
        part.rule.fields.iter_mut().for_each(&assign);
        part.names.iter_mut().flatten().for_each(&assign);
        if unmapped == Unmapped::Error {
            part.rule.fields.retain(|column| column.kind.is_some());
        }
        for (name, column) in self
            .columns
            .iter()
            .flatten()
            .filter_map(|column| column.computed.as_ref())
        {
            if !part.computed.iter().any(|(other, _)| other == name) {
                part.computed.push((Arc::clone(name), column.clone()));
            }
        }
        part
    }
}

/// The tables of the placement, else those of the state; each once.
fn tables(rule: &NormalRule, placement: &Placement<'_>) -> Vec<Arc<str>> {
    match placement.table {
        Some(table) => vec![Arc::from(table)],
        None => state_tables(rule),
    }
}

/// The tables of the state.
fn state_tables(rule: &NormalRule) -> Vec<Arc<str>> {
    for wanted in TABLE_KEYS {
        let mut tables: Vec<Arc<str>> = Vec::new();
        for (_, value) in rule.state.iter().filter(|(key, _)| key == wanted) {
            if !tables.iter().any(|table| **table == **value) {
                tables.push(Arc::from(value.as_str()));
            }
        }
        if !tables.is_empty() {
            return tables;
        }
    }
    Vec::new()
}

/// The rule as it is, without types.
fn part(subject: Subject<'_>, fields: usize, tables: Vec<Arc<str>>) -> MappedPart {
    let mut rule = subject.rule;
    let mut names = subject.names;
    let rest = names.split_off(fields.min(names.len()));
    for entry in names {
        for column in entry.columns {
            if !rule.fields.contains(&column) {
                rule.fields.push(column);
            }
        }
    }
    MappedPart {
        tables,
        time: None,
        rule,
        computed: Vec::new(),
        names: rest.into_iter().map(|entry| entry.columns).collect(),
        dropped: subject.dropped,
    }
}

/// A column by its whole name, computed before stored; else a member of a dynamic column.
fn resolve(name: &Arc<str>, table: &Table) -> Option<Resolved> {
    let column = |name: &str| -> Option<(Arc<str>, Option<NamedColumn>)> {
        if let Some((name, computed)) = table.computed.get_key_value(name) {
            return Some((
                Arc::clone(&computed.kind),
                Some((Arc::clone(name), computed.clone())),
            ));
        }
        table.columns.get(name).map(|kind| (Arc::clone(kind), None))
    };
    if let Some((kind, computed)) = column(name) {
        return Some(Resolved {
            kind,
            member_of: 0,
            computed,
        });
    }
    name.rmatch_indices('.').find_map(|(end, _)| {
        let (kind, computed) = column(name.get(..end)?)?;
        (&*kind == "dynamic").then_some(Resolved {
            kind,
            member_of: u32::try_from(end).ok()?,
            computed,
        })
    })
}

/// The names that the rule uses, each once, in order: of items that conditions name, further names, then `fields`.
fn uses(subject: &Subject<'_>, fields: usize) -> Vec<Use> {
    let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut uses = Vec::new();
    let mut add = |column: &Column, span: Span, field: Option<&str>, shown_only: bool| {
        if seen.insert(Arc::clone(&column.name)) {
            uses.push(Use {
                name: Arc::clone(&column.name),
                span,
                field: field.filter(|field| **field != *column.name).map(str::to_owned),
                shown_only,
            });
        }
    };
    for (index, detection) in subject.rule.detections.iter().enumerate() {
        if subject.is_used(index) {
            collect_uses(&detection.body, &mut add);
        }
    }
    let (shown, named): (&[NameEntry], &[NameEntry]) = subject
        .names
        .split_at_checked(fields)
        .unwrap_or((&subject.names, &[]));
    for (entries, shown_only) in [(named, false), (shown, true)] {
        for entry in entries {
            for column in &entry.columns {
                add(column, entry.span, None, shown_only);
            }
        }
    }
    uses
}

fn collect_uses(node: &DetectionNode, add: &mut AddUse<'_>) {
    match node {
        DetectionNode::All(nodes) | DetectionNode::Any(nodes) => {
            for node in nodes {
                collect_uses(node, add);
            }
        }
        DetectionNode::Item(item) => {
            for column in &item.columns {
                add(column, item.span, item.field.as_deref(), false);
            }
            for value in &item.values {
                if let Value::FieldReference(reference) = &value.value {
                    for column in &reference.columns {
                        add(column, value.span, None, false);
                    }
                }
            }
        }
    }
}

fn each_column(node: &mut DetectionNode, change: &dyn Fn(&mut Column)) {
    match node {
        DetectionNode::All(nodes) | DetectionNode::Any(nodes) => {
            for node in nodes {
                each_column(node, change);
            }
        }
        DetectionNode::Item(item) => {
            item.columns.iter_mut().for_each(change);
            for value in &mut item.values {
                if let Value::FieldReference(reference) = &mut value.value {
                    reference.columns.iter_mut().for_each(change);
                }
            }
        }
    }
}

/// A log source for messages: product `p`, service `s`.
pub(super) fn attributes(log_source: &PlainLogSource) -> String {
    let attributes: Vec<String> = [
        ("product", &log_source.product),
        ("category", &log_source.category),
        ("service", &log_source.service),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name} `{}`", value.as_deref()?)))
    .collect();
    attributes.join(", ")
}

fn no_table(log_source: &PlainLogSource) -> Diagnostic {
    let title = format!(
        "the log source has no mapping to a table ({})",
        attributes(log_source)
    );
    let help = "add a pipeline that sets the state `table` for it, or name the table by `-O table=NAME`";
    Diagnostic::error(Code::NO_TABLE, title, log_source.span).with_help(help)
}

fn unknown_table(name: &str, schema: &Schema, unmapped: Unmapped, rule: &NormalRule) -> Diagnostic {
    let title = format!("the table `{name}` is not in the schema");
    let mut diagnostic = Diagnostic::error(Code::UNKNOWN_TABLE, title, rule.log_source.span);
    if unmapped == Unmapped::Warn {
        diagnostic.severity = Severity::Warning;
    }
    let mut help = String::new();
    if let Some(close) = closest(name, schema.tables.keys().map(|table| &**table)) {
        help = format!("`{close}` is meant, perhaps; ");
    }
    diagnostic.with_help(help + "add the table to a schema, or keep its columns untyped by `--unmapped keep`")
}

fn unmapped(used: &Use, name: &str, table: &Table, unmapped: Unmapped) -> Option<Diagnostic> {
    let severity = match unmapped {
        Unmapped::Keep => return None,
        Unmapped::Error if !used.shown_only => Severity::Error,
        Unmapped::Error | Unmapped::Warn => Severity::Warning,
    };
    let title = match &used.field {
        Some(field) => format!(
            "the field `{field}`, mapped to `{}`, is no column of the table `{name}`",
            used.name
        ),
        None => format!("the field `{}` is no column of the table `{name}`", used.name),
    };
    let mut diagnostic = Diagnostic::error(Code::UNMAPPED_FIELD, title, used.span);
    diagnostic.severity = severity;
    let columns = table.columns.keys().chain(table.computed.keys());
    let mut help = match closest(&used.name, columns.map(|column| &**column)) {
        Some(close) => format!("the table has the column `{close}`; "),
        None => String::new(),
    };
    help += "map the field by a pipeline, or keep it as it is by `--unmapped keep`";
    Some(diagnostic.with_help(help))
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Code, Severity};
    use crate::pipeline::Unmapped;
    use crate::pipeline::transform::testing::{Case, Mapped, items, reference, text};

    const SCHEMA: &str = "time: T\ntables:\n  A: {columns: {Name: string, Id: long, Data: dynamic}}\n  B: {time: Stamp, columns: {Name: string, Id: string, Data: dynamic}}\n  C: {columns: {Name: string, Id: string}, computed: {Path: {type: string, expression: strcat(Name)}}}\n";

    fn table(names: &str) -> String {
        format!("- {{type: set_state, key: table, val: {names}}}")
    }

    fn one(field: &str, tables: &str) -> Mapped {
        Case::new(vec![text(field, "x")])
            .schema(SCHEMA)
            .run(&table(tables))
    }

    #[test]
    fn types_come_from_the_table() {
        let mapped = one("Data.Inner.X", "A");
        let rule = mapped.rule();
        let column = &items(&rule.detections[0].body)[0].columns[0];
        assert_eq!((column.kind.as_deref(), column.member_of), (Some("dynamic"), 4));
        let mapped = one("Path", "C");
        let part = &mapped.parts.as_ref().unwrap()[0];
        assert_eq!(&*part.computed[0].0, "Path");
        assert_eq!(part.time.as_deref(), Some("T"));
    }

    #[test]
    fn tables_stay_together_where_types_and_time_are_equal() {
        let shapes = |mapped: &Mapped| -> Vec<Vec<String>> {
            mapped
                .parts
                .as_ref()
                .unwrap()
                .iter()
                .map(|part| part.tables.iter().map(ToString::to_string).collect())
                .collect()
        };
        assert_eq!(shapes(&one("Name", "[A, C, A]")), [["A", "C"]]);
        assert_eq!(shapes(&one("Id", "[A, C]")), [["A"], ["C"]]);
        assert_eq!(shapes(&one("Name", "[A, B]")), [["A"], ["B"]]);
    }

    #[test]
    fn a_field_that_is_no_column_is_unmapped() {
        let mapped = one("name", "A");
        assert_eq!(mapped.codes(), [Code::UNMAPPED_FIELD]);
        assert!(mapped.diagnostics[0].help.as_ref().unwrap().contains("`Name`"));
        assert_eq!(mapped.diagnostics[0].rule.as_deref(), Some("test rule"));
        assert_eq!(one("Id.x", "A").codes(), [Code::UNMAPPED_FIELD]);
        let reference = Case::new(vec![reference("Name", "Nome")])
            .schema(SCHEMA)
            .run(&table("A"));
        assert_eq!(reference.codes(), [Code::UNMAPPED_FIELD]);
        let case = |unmapped| {
            Case::new(vec![text("X", "x")])
                .schema(SCHEMA)
                .unmapped(unmapped)
                .run(&table("A"))
        };
        let warned = case(Unmapped::Warn);
        assert_eq!(warned.diagnostics[0].severity, Severity::Warning);
        assert!(warned.parts.is_some());
        assert_eq!(case(Unmapped::Keep).codes(), []);
        let fields = Case::new(vec![text("Name", "x")])
            .fields(&["Gone", "Id"])
            .schema(SCHEMA)
            .run(&table("A"));
        assert_eq!(fields.diagnostics[0].severity, Severity::Warning);
        assert_eq!(fields.rule().fields.len(), 1);
    }

    #[test]
    fn tables_have_to_be_known() {
        assert_eq!(one("Name", "AA").codes(), [Code::UNKNOWN_TABLE]);
        let mapped = Case::new(vec![text("Name", "x")]).schema(SCHEMA).run("  []");
        assert_eq!(mapped.codes(), [Code::NO_TABLE]);
        assert!(mapped.diagnostics[0].title.contains("`test`"));
        let case = Case::new(vec![text("Name", "x")])
            .schema(SCHEMA)
            .table("A")
            .run(&table("B"));
        assert_eq!(&*case.parts.as_ref().unwrap()[0].tables[0], "A");
        assert_eq!(Case::new(vec![text("Name", "x")]).run(&table("Z")).codes(), []);
    }

    #[test]
    fn an_index_is_the_place_where_no_table_is_set() {
        let place = |steps: &str| -> Vec<String> {
            let mapped = Case::new(vec![text("Name", "x")]).run(steps);
            let part = &mapped.parts.as_ref().unwrap()[0];
            part.tables.iter().map(ToString::to_string).collect()
        };
        let index = "- {type: set_state, key: index, val: [main, win*]}\n";
        assert_eq!(place(index), ["main", "win*"]);
        assert_eq!(place(&format!("{index}{}", table("A"))), ["A"]);
        let case = Case::new(vec![text("Name", "x")]).table("other").run(index);
        assert_eq!(&*case.parts.as_ref().unwrap()[0].tables[0], "other");
    }

    #[test]
    fn further_names_are_mapped_and_typed() {
        let steps = format!(
            "{}\n- {{type: field_name_mapping, mapping: {{User: [Name, Id]}}}}",
            table("A")
        );
        let mapped = Case::new(vec![text("Name", "x")])
            .names(&["User", "Gone"])
            .unmapped(Unmapped::Warn)
            .schema(SCHEMA)
            .run(&steps);
        let names = &mapped.parts.as_ref().unwrap()[0].names;
        assert_eq!(names[0][1].kind.as_deref(), Some("long"));
        assert_eq!(names[1][0].kind, None);
        assert_eq!(mapped.codes(), [Code::UNMAPPED_FIELD]);
    }
}

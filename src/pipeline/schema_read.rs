//! Reads a schema file into a [`Schema`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostics, Severity, Source};
use crate::pipeline::keys::Keys;
use crate::pipeline::{ComputedColumn, Schema, Table, document};
use crate::source::Node;

const CODE: Code = Code::INVALID_SCHEMA;

impl Schema {
    /// Reads a schema file:
    ///
    /// ```yaml
    /// time: TimeGenerated
    /// tables:
    ///   DeviceRegistryEvents:
    ///     source: https://…            # where the facts come from; no meaning
    ///     time: Timestamp
    ///     columns: {RegistryKey: string, ProcessId: long, AdditionalFields: dynamic}
    ///     computed:
    ///       TargetObject: {type: string, expression: 'strcat(RegistryKey, @"\", RegistryValueName)'}
    /// ```
    ///
    /// `None` if the file has a fault; each fault is in `diagnostics`.
    pub fn read(source: &Source, diagnostics: &mut Diagnostics) -> Option<Self> {
        let start = diagnostics.len();
        let document = document::read(source, CODE, diagnostics)?;
        let schema = schema(&document, diagnostics);
        let faulty = diagnostics
            .iter()
            .skip(start)
            .any(|diagnostic| diagnostic.severity == Severity::Error);
        schema.filter(|_| !faulty)
    }
}

/// Keeps one copy of each type name: a schema has thousands of columns of a dozen types.
#[derive(Default)]
struct Kinds(BTreeSet<Arc<str>>);

impl Kinds {
    fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(kind) = self.0.get(name) {
            return Arc::clone(kind);
        }
        let kind: Arc<str> = Arc::from(name);
        self.0.insert(Arc::clone(&kind));
        kind
    }
}

fn schema(document: &Node, diagnostics: &mut Diagnostics) -> Option<Schema> {
    let known = ["source", "time", "open", "tables"];
    let keys = Keys::read(document, "a schema", &[&known], CODE, diagnostics)?;
    let time = keys.text("time", diagnostics).map(Arc::from);
    let node = keys.required("tables", diagnostics)?;
    let Some(entries) = node.mapping() else {
        let title = format!("`tables` is {}, not a mapping", node.describe());
        keys.fault(title, node.span, diagnostics);
        return None;
    };
    let mut kinds = Kinds::default();
    let mut tables = BTreeMap::new();
    for entry in entries {
        match entry.key.text() {
            Some(name) if !name.is_empty() => {
                if let Some(table) = table(&entry.value, &mut kinds, diagnostics) {
                    tables.insert(Arc::from(name), table);
                }
            }
            _ => keys.fault("a table without a name", entry.key.span, diagnostics),
        }
    }
    Some(Schema {
        open: keys.flag("open", diagnostics),
        time,
        tables,
    })
}

fn table(node: &Node, kinds: &mut Kinds, diagnostics: &mut Diagnostics) -> Option<Table> {
    let known = ["source", "time", "columns", "computed"];
    let keys = Keys::read(node, "a table", &[&known], CODE, diagnostics)?;
    let mut table = Table {
        time: keys.text("time", diagnostics).map(Arc::from),
        ..Table::default()
    };
    let columns = keys.required("columns", diagnostics)?;
    for (name, node) in named(&keys, "columns", columns, diagnostics) {
        match node.text() {
            Some(kind) if !kind.is_empty() => {
                table.columns.insert(Arc::from(name), kinds.get(kind));
            }
            _ => keys.fault(
                format!("the type of column `{name}` is {}, not text", node.describe()),
                node.span,
                diagnostics,
            ),
        }
    }
    if let Some(computed) = keys.get("computed") {
        for (name, node) in named(&keys, "computed", computed, diagnostics) {
            let known = ["type", "expression", "source"];
            let Some(keys) = Keys::read(node, "a computed column", &[&known], CODE, diagnostics) else {
                continue;
            };
            let kind = keys.required_text("type", diagnostics);
            let expression = keys.required_text("expression", diagnostics);
            if let (Some(kind), Some(expression)) = (kind, expression) {
                let column = ComputedColumn {
                    kind: kinds.get(kind),
                    expression: Arc::from(expression),
                };
                table.computed.insert(Arc::from(name), column);
            }
        }
    }
    Some(table)
}

/// The entries of a mapping from column names.
fn named<'node>(
    keys: &Keys<'_>,
    key: &str,
    node: &'node Node,
    diagnostics: &mut Diagnostics,
) -> Vec<(&'node str, &'node Node)> {
    let Some(entries) = node.mapping() else {
        let title = format!("`{key}` is {}, not a mapping", node.describe());
        keys.fault(title, node.span, diagnostics);
        return Vec::new();
    };
    let mut named = Vec::with_capacity(entries.len());
    for entry in entries {
        match entry.key.text() {
            Some(name) if !name.is_empty() => named.push((name, &entry.value)),
            _ => keys.fault("a column without a name", entry.key.span, diagnostics),
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Code, Diagnostics, SourceMap};
    use crate::pipeline::Schema;

    fn read(text: &str) -> (Option<Schema>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let source = SourceMap::new().add("schema.yaml", text);
        (Schema::read(&source, &mut diagnostics), diagnostics)
    }

    #[test]
    fn tables_columns_and_computed_columns_are_read() {
        let (schema, diagnostics) = read(
            "time: T\ntables:\n  E:\n    source: x\n    time: Timestamp\n    columns: {A: string, B: long}\n    \
             computed:\n      C: {type: string, expression: strcat(A), source: y}\n",
        );
        assert_eq!(diagnostics, []);
        let schema = schema.unwrap();
        let table = &schema.tables["E"];
        assert_eq!(schema.time.as_deref(), Some("T"));
        assert_eq!(table.time.as_deref(), Some("Timestamp"));
        assert_eq!(&*table.columns["B"], "long");
        assert_eq!(&*table.computed["C"].expression, "strcat(A)");
    }

    #[test]
    fn faults_are_named() {
        for text in [
            "tabels: {}\ntables: {}\n",
            "tables: {E: {colums: {}, columns: {}}}",
            "tables: {E: {columns: {A: [x]}}}",
            "tables: {E: {columns: {}, computed: {C: {type: string}}}}",
            "tables: []",
            "time: x",
        ] {
            let (schema, diagnostics) = read(text);
            assert!(schema.is_none(), "{text}");
            assert_eq!(diagnostics[0].code, Code::INVALID_SCHEMA, "{text}");
        }
    }
}

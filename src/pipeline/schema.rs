//! What the tables of a target hold: columns with their types, and columns that a query computes from them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The tables of a target, as far as its pipelines name them.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Whether the platform keeps fields that no table names, and answers a query for them: an index of documents.
    pub open: bool,
    /// The time column of tables that name none of their own.
    pub time: Option<Arc<str>>,
    /// Tables by name.
    pub tables: BTreeMap<Arc<str>, Table>,
}

impl Schema {
    /// Adds the tables of another schema; of a table that both have, the columns of both, the other's first.
    pub fn extend(&mut self, other: Self) {
        self.open |= other.open;
        self.time = other.time.or(self.time.take());
        for (name, table) in other.tables {
            let known = self.tables.entry(name).or_default();
            known.time = table.time.or(known.time.take());
            known.columns.extend(table.columns);
            known.computed.extend(table.computed);
        }
    }
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its time column, where it is not the schema's.
    pub time: Option<Arc<str>>,
    /// Column name → type as the platform names it (`string`, `long`, `dynamic` …).
    pub columns: BTreeMap<Arc<str>, Arc<str>>,
    /// Columns that a query computes first, where the stored ones hold a value in another form.
    pub computed: BTreeMap<Arc<str>, ComputedColumn>,
}

/// A column that a query computes from stored ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComputedColumn {
    /// The type of the result.
    pub kind: Arc<str>,
    /// An expression in the target's query language.
    pub expression: Arc<str>,
}

//! What the outline `query.j2` gets: the texts of a query's stages and the names around them.
//!
//! Names of tables, columns and fields come spelled in the language; the rule's id and title come raw and are hostile:
//! templates print them through a context filter.

use std::collections::BTreeMap;

use serde::Serialize;

/// A query before it is laid out. Several parts where one column has different types in different tables.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OutlineQuery {
    /// At least one.
    pub parts: Vec<OutlinePart>,
    /// The names of the output columns of the whole, spelled.
    pub fields: Vec<String>,
    /// The time that the query looks at; left out where the platform sets it.
    pub span: Option<OutlineSpan>,
    /// The rule.
    pub rule: OutlineRule,
}

/// Tables that share one text.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OutlinePart {
    /// Spelled names; none for languages that need no place.
    pub tables: Vec<String>,
    /// The spelled time column.
    pub time: Option<String>,
    /// Stage → text; a stage without a condition is absent.
    pub stage: BTreeMap<String, String>,
    /// Stage → the texts of its conjuncts, each as it stands in the stage's text: for line breaks between them.
    pub conjuncts: BTreeMap<String, Vec<String>>,
    /// Columns that the query computes first.
    pub computed: Vec<OutlineComputed>,
    /// The output columns of this part as they are projected: a column, or `name = expression` where it needs a name.
    pub fields: Vec<String>,
    /// The names that these columns have in the output, spelled.
    pub names: Vec<String>,
}

/// A column that a query computes.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OutlineComputed {
    /// The spelled name.
    pub name: String,
    /// An expression in the query language.
    pub expression: String,
}

/// Which events a query looks at, by time.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum OutlineSpan {
    /// The last seconds.
    Last {
        /// How many.
        last_s: u64,
    },
    /// Between two points in time, ISO 8601.
    Range {
        /// The first.
        from: String,
        /// The last.
        to: String,
    },
}

/// The rule as it names itself.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OutlineRule {
    /// Its id; empty if it has none.
    pub id: String,
    /// Its title.
    pub title: String,
}

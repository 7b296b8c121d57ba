//! The normal form of a rule, which pipelines change and `lower` turns into logic.

use std::sync::Arc;

use ipnet::IpNet;

use crate::diagnostic::Span;
use crate::normalize::Pattern;
use crate::regex::Regex;
use crate::rule::{Metadata, Modifier, Operator, Spanned};
use crate::source::Number;

/// A detection rule in normal form.
#[derive(Clone, Debug)]
pub struct NormalRule {
    /// As read; shared, since rules with several conditions or log sources are cloned.
    pub metadata: Arc<Metadata>,
    /// One alternative log source. A rule whose log source lists alternatives gives one `NormalRule` each.
    pub log_source: PlainLogSource,
    /// `fields` of the rule; a pipeline maps them.
    pub fields: Vec<Column>,
    /// One query each.
    pub conditions: Vec<NormalCondition>,
    /// What the conditions are about. Those of filters come after the rule's own.
    pub detections: Vec<NormalDetection>,
    /// Key-value state that pipelines set: `table`, `index` …
    pub state: Vec<(String, String)>,
}

/// A log source without alternatives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PlainLogSource {
    /// `category`
    pub category: Option<String>,
    /// `product`
    pub product: Option<String>,
    /// `service`
    pub service: Option<String>,
    /// Further attributes.
    pub custom: Vec<(String, String)>,
    /// The mapping in the rule.
    pub span: Span,
}

/// A condition over detections.
#[derive(Clone, Debug)]
pub struct NormalCondition {
    /// Set if the rule has several: `1`, `2` …
    pub name: Option<String>,
    /// The logic.
    pub root: Logic,
    /// Where the condition stands.
    pub span: Span,
}

/// The logic of a condition; selectors are expanded.
#[derive(Clone, Debug, PartialEq)]
pub enum Logic {
    /// All must hold.
    And(Vec<Logic>),
    /// Any must hold.
    Or(Vec<Logic>),
    /// Must not hold.
    Not(Box<Logic>),
    /// Index into [`NormalRule::detections`].
    Detection(usize),
}

/// A named detection in normal form.
#[derive(Clone, Debug)]
pub struct NormalDetection {
    /// As in the rule; filters prefix theirs, pipelines name their own.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// What must hold.
    pub body: DetectionNode,
}

/// A tree of items.
#[derive(Clone, Debug)]
pub enum DetectionNode {
    /// All must hold (a map).
    All(Vec<DetectionNode>),
    /// Any must hold (a list of maps, keywords).
    Any(Vec<DetectionNode>),
    /// One item.
    Item(Item),
}

/// Names an item within its rule, for ever: pipelines record under it what they changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub u32);

/// A detection item: a field, a link and plain values. An item never has no values.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its identity.
    pub id: ItemId,
    /// The field as the rule names it; `None` for keywords.
    pub field: Option<String>,
    /// The names in the target: as the rule's field at first; one field may map to several columns, any of which may match. Empty for keywords.
    pub columns: Vec<Column>,
    /// Whether any or all values must match.
    pub link: Link,
    /// Modifier `neq`: the finished item must not match.
    pub negated: bool,
    /// At least one.
    pub values: Vec<ItemValue>,
    /// From the key to the end of the values.
    pub span: Span,
    /// Ids of the pipeline steps that touched the item, in order (`id` of the step, else `pipeline:index`).
    pub applied: Vec<Arc<str>>,
}

/// Whether any or all must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// OR
    Any,
    /// AND
    All,
}

/// A field's name in the target, with the type of its column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// The name; a member of a dynamic column as `EventData.ServiceName`.
    pub name: Arc<str>,
    /// The schema's type (`string`, `long`, `dynamic` …); `None` where unknown. For a member: the type of the column that holds it.
    pub kind: Option<Arc<str>>,
    /// For a member of a dynamic column: how many leading bytes of `name` are the column (`EventData` = 9); 0 for a plain column.
    pub member_of: u32,
}

impl Column {
    /// A column of unknown type.
    #[must_use]
    pub fn unknown(name: &str) -> Self {
        Self {
            name: Arc::from(name),
            kind: None,
            member_of: 0,
        }
    }
}

/// A value with the place where it stands.
pub type ItemValue = Spanned<Value>;

/// A plain value of an item: no modifier left.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string; for keywords `*…*` already.
    Pattern(Pattern),
    /// A number that the field equals.
    Number(Number),
    /// A number that the field is compared with; never `Equal`/`NotEqual` (those are `Number`, negated).
    Compare(Operator, Number),
    /// A boolean that the field equals.
    Bool(bool),
    /// The null value: absent, or JSON null.
    Null,
    /// A regular expression that is searched for.
    Regex(Regex),
    /// A network that the address lies in.
    Cidr(IpNet),
    /// Presence (`true`) or absence of the field.
    Exists(bool),
    /// Another field.
    FieldReference(FieldReference),
    /// A part of a timestamp.
    TimePart(TimePart, Operator, Number),
    /// Alternatives of one value (windash, base64offset): an OR group, also under `all`.
    Alternatives(Vec<Value>),
    /// A value with placeholders: what remains to be done once a pipeline has resolved them.
    Pending(Pending),
    /// Text in the target's query language, from a pipeline.
    QueryExpression(String),
}

/// A comparison with another field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldReference {
    /// The other field's names in the target: as the rule names it at first.
    pub columns: Vec<Column>,
    /// How the two are compared: the item's field starts with the other, and so on.
    pub relation: Relation,
    /// Whether case is told apart.
    pub cased: bool,
}

/// How two fields are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Relation {
    Equals,
    StartsWith,
    EndsWith,
    Contains,
}

/// A part of a timestamp, in UTC; weeks are ISO weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum TimePart {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A value whose placeholders are still to be resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The value's parts.
    pub parts: Vec<PendingPart>,
    /// Modifiers that apply once the placeholders are resolved, in order.
    pub modifiers: Vec<Spanned<Modifier>>,
    /// Whether the item is a keyword.
    pub keyword: bool,
}

/// A part of a value with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PendingPart {
    /// Text that stands for itself; for `re` raw regular-expression text.
    Literal(String),
    /// `?`
    AnyOne,
    /// `*`
    AnyRun,
    /// `%name%`
    Placeholder(String),
}

//! The typed documents. Every part that a later stage may complain about keeps its span.

use std::sync::Arc;

use crate::diagnostic::Span;
use crate::rule::Modifier;
use crate::source::{Node, Number, TextPlaces};

/// A value with the place where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// A YAML document that Sigma knows.
#[derive(Clone, Debug)]
pub enum Document {
    /// Key `detection`.
    Detection(DetectionRule),
    /// Key `correlation`.
    Correlation(CorrelationRule),
    /// Key `filter`.
    Filter(FilterRule),
}

/// Attributes that say what a rule is about. A faulty one is reported and kept out; it never fails the rule.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// `title`; empty if missing.
    pub title: String,
    /// `id`, as written.
    pub id: Option<Spanned<String>>,
    /// `name`: by which correlations and filters refer to the rule.
    pub name: Option<Spanned<String>>,
    /// `status`
    pub status: Option<String>,
    /// `level`
    pub level: Option<String>,
    /// `description`
    pub description: Option<String>,
    /// `author`
    pub author: Option<String>,
    /// `license`
    pub license: Option<String>,
    /// `date`, as written.
    pub date: Option<String>,
    /// `modified`, as written.
    pub modified: Option<String>,
    /// `taxonomy`
    pub taxonomy: Option<String>,
    /// `references`
    pub references: Vec<String>,
    /// `tags`
    pub tags: Vec<Spanned<String>>,
    /// `falsepositives`
    pub false_positives: Vec<String>,
    /// `scope`
    pub scope: Vec<String>,
    /// `related`: (id, type).
    pub related: Vec<(String, String)>,
    /// `fields`: what an analyst wants to see.
    pub fields: Vec<Spanned<String>>,
    /// Everything that the specification does not name, as read, in order.
    pub custom: Vec<(String, Node)>,
    /// The whole document.
    pub span: Span,
}

impl Metadata {
    /// What to call the rule in messages: its id, else its name, else its title.
    #[must_use]
    pub fn label(&self) -> &str {
        match (&self.id, &self.name) {
            (Some(id), _) => &id.value,
            (None, Some(name)) => &name.value,
            (None, None) => &self.title,
        }
    }
}

/// Where the events come from. Each attribute may be a list (extension): one alternative each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogSource {
    /// `category`
    pub category: Vec<Spanned<String>>,
    /// `product`
    pub product: Vec<Spanned<String>>,
    /// `service`
    pub service: Vec<Spanned<String>>,
    /// Further attributes with text values.
    pub custom: Vec<(String, String)>,
    /// The mapping.
    pub span: Span,
}

/// A rule with detections and conditions over them.
#[derive(Clone, Debug)]
pub struct DetectionRule {
    /// What it is about; shared with the rule's normal form.
    pub metadata: Arc<Metadata>,
    /// Where the events come from.
    pub log_source: LogSource,
    /// Named detections, in order.
    pub detections: Vec<Detection>,
    /// At least one; each gives a query.
    pub conditions: Vec<Condition>,
}

/// A named detection.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// The key in `detection`.
    pub name: Spanned<String>,
    /// What it holds.
    pub body: DetectionBody,
}

/// What a detection holds.
#[derive(Clone, Debug, PartialEq)]
pub enum DetectionBody {
    /// A mapping: all items must hold.
    Map(Vec<DetectionItem>),
    /// A list: any entry must hold.
    List(Vec<DetectionEntry>),
}

/// An element of a list of a detection.
#[derive(Clone, Debug, PartialEq)]
pub enum DetectionEntry {
    /// A mapping: all items must hold.
    Map(Vec<DetectionItem>),
    /// A keyword: a substring of the text of any value.
    Keyword(RawValue),
}

/// `field|modifier|…: value or values`
#[derive(Clone, Debug, PartialEq)]
pub struct DetectionItem {
    /// The field; `None` for keywords with modifiers (`'|all':`).
    pub field: Option<Spanned<String>>,
    /// Modifiers, from left to right.
    pub modifiers: Vec<Spanned<Modifier>>,
    /// The values as read; an empty list is kept as such.
    pub values: Vec<RawValue>,
    /// Whether the values were written as a list.
    pub is_list: bool,
    /// From the key to the end of the values.
    pub span: Span,
}

/// A value of a detection item as written: YAML's unescaping done, Sigma's not.
#[derive(Clone, Debug, PartialEq)]
pub struct RawValue {
    /// The scalar.
    pub value: RawScalar,
    /// Where it stands.
    pub span: Span,
    /// Where the parts of its text stand, if the text is a regular expression.
    pub places: Option<Box<TextPlaces>>,
}

/// A scalar of a detection item.
#[derive(Clone, Debug, PartialEq)]
pub enum RawScalar {
    /// Text with Sigma's escapes and wildcards still in it.
    Text(String),
    /// A number with its source text.
    Number(Number),
    /// `true` or `false`.
    Bool(bool),
    /// `null`
    Null,
}

/// A condition, parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// As written.
    pub text: String,
    /// The scalar.
    pub span: Span,
    /// The logic. Nested at most 500 deep.
    pub root: ConditionNode,
}

/// A part of a condition. Chains of one operator are one node.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionNode {
    /// All must hold.
    And(Vec<ConditionNode>),
    /// Any must hold.
    Or(Vec<ConditionNode>),
    /// Must not hold.
    Not(Box<ConditionNode>),
    /// A detection by name.
    Identifier(Spanned<String>),
    /// `1 of x_*`, `all of them`, …
    Selector(Selector),
}

/// `1 of`, `all of`, `any of`, `N of` with what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// How many must hold.
    pub quantity: Quantity,
    /// The pattern; `None` for `them`.
    pub pattern: Option<String>,
    /// The whole selector.
    pub span: Span,
}

/// How many of the selected detections must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// `all of`
    All,
    /// `1 of`, `any of`, `N of`: at least so many, never 0.
    AtLeast(u32),
}

/// A rule over the matches of other rules.
#[derive(Clone, Debug)]
pub struct CorrelationRule {
    /// What it is about.
    pub metadata: Metadata,
    /// The type.
    pub kind: CorrelationType,
    /// Referenced rules: ids, names or (extension) titles.
    pub rules: Vec<Spanned<String>>,
    /// `group-by`
    pub group_by: Vec<Spanned<String>>,
    /// `timespan`
    pub timespan: Timespan,
    /// `aliases`
    pub aliases: Vec<Alias>,
    /// When it is true.
    pub condition: CorrelationCondition,
    /// Whether the referenced rules give queries of their own.
    pub generate: bool,
    /// The mapping under `correlation`.
    pub span: Span,
}

/// The types of correlation (specification 2.1.0; `value_median` is an extension).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum CorrelationType {
    EventCount,
    ValueCount,
    ValueSum,
    ValueAverage,
    ValuePercentile,
    ValueMedian,
    Temporal,
    TemporalOrdered,
}

/// A timespan in seconds with the text that it was written in.
#[derive(Clone, Debug, PartialEq)]
pub struct Timespan {
    /// For example `5m`.
    pub text: String,
    /// The length in seconds; `M` counts 30 days, `y` 365.
    pub seconds: u64,
    /// Where.
    pub span: Span,
}

/// One name for fields that differ from rule to rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// The alias.
    pub name: Spanned<String>,
    /// Referenced rule with its field.
    pub fields: Vec<(Spanned<String>, Spanned<String>)>,
}

/// When a correlation is true.
#[derive(Clone, Debug, PartialEq)]
pub enum CorrelationCondition {
    /// A number compared with bounds, all of which must hold; for `temporal` the number of different rules
    /// that occur (never for `temporal_ordered`).
    Threshold {
        /// `field`: what is counted, summed …; several for `value_count`.
        fields: Vec<Spanned<String>>,
        /// `percentile`, from 0 to 100; the specification's schema does not ask for it.
        percentile: Option<Number>,
        /// For example `gte: 5`.
        bounds: Vec<(Operator, Spanned<Number>)>,
    },
    /// A condition over names or ids of rules (extension), for the temporal types.
    Extended(Condition),
    /// No condition: each rule at least once, for the temporal types.
    EachRule,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A condition that is added to rules.
#[derive(Clone, Debug)]
pub struct FilterRule {
    /// What it is about.
    pub metadata: Metadata,
    /// The log source that it covers.
    pub log_source: LogSource,
    /// The rules that it is added to.
    pub rules: FilterRules,
    /// Named detections, in order.
    pub detections: Vec<Detection>,
    /// Exactly one by the specification; more are ANDed as written.
    pub conditions: Vec<Condition>,
    /// The mapping under `filter`.
    pub span: Span,
}

/// The rules that a filter is added to.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterRules {
    /// All whose log source the filter's covers (extension; also the meaning of a missing list).
    Any,
    /// Ids, names or (extension) titles.
    Listed(Vec<Spanned<String>>),
}

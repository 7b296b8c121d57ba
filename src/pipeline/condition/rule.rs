//! Conditions on the rule as a whole.

use std::cmp::Ordering;
use std::sync::Arc;

use super::state::{self, Comparison, StateCondition};
use super::{Kind, plain_value, same_value, typed};
use crate::diagnostic::Diagnostics;
use crate::normalize::{DetectionNode, Item, NormalRule, Value};
use crate::pipeline::history::History;
use crate::pipeline::keys::Keys;
use crate::rule::Metadata;
use crate::source::{Node, ScalarKind};

/// The conditions on rules with their keys.
pub(in crate::pipeline) const RULE_CONDITIONS: &[Kind] = &[
    ("logsource", &["category", "product", "service"]),
    ("contains_field", &["field"]),
    ("contains_detection_item", &["field", "value"]),
    ("processing_item_applied", &["processing_item_id"]),
    ("processing_state", state::KEYS),
    ("is_sigma_rule", &[]),
    ("is_sigma_correlation_rule", &[]),
    ("rule_attribute", &["attribute", "value", "op"]),
    ("tag", &["tag"]),
];

/// A condition on a rule.
#[derive(Debug)]
pub(in crate::pipeline) enum RuleCondition {
    /// Each attribute that is given must be the rule's.
    LogSource {
        category: Option<String>,
        product: Option<String>,
        service: Option<String>,
    },
    /// An item has the field, by its name at that point, and the value if one is given.
    Item {
        field: String,
        value: Option<Value>,
    },
    Applied(Arc<str>),
    State(StateCondition),
    /// Always or never: the rules that pass here are detection rules.
    Constant(bool),
    Attribute(AttributeCondition),
    Tag(String),
}

impl RuleCondition {
    /// Reads a condition.
    pub(in crate::pipeline) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let (kind, keys) = typed(node, RULE_CONDITIONS, diagnostics)?;
        match kind {
            "logsource" => log_source(&keys, diagnostics),
            "contains_field" | "contains_detection_item" => {
                let field = keys.required_text("field", diagnostics)?.to_owned();
                let value = if kind == "contains_field" {
                    None
                } else {
                    let value = keys.required("value", diagnostics)?;
                    let Some(scalar) = value.scalar() else {
                        let title = format!("`value` is {}, not a single value", value.describe());
                        keys.fault(title, value.span, diagnostics);
                        return None;
                    };
                    Some(plain_value(scalar))
                };
                Some(Self::Item { field, value })
            }
            "processing_item_applied" => {
                let id = keys.required_text("processing_item_id", diagnostics)?;
                Some(Self::Applied(Arc::from(id)))
            }
            "processing_state" => StateCondition::read(&keys, diagnostics).map(Self::State),
            "is_sigma_rule" => Some(Self::Constant(true)),
            "is_sigma_correlation_rule" => Some(Self::Constant(false)),
            "rule_attribute" => AttributeCondition::read(&keys, diagnostics).map(Self::Attribute),
            _ => keys
                .required_text("tag", diagnostics)
                .map(|tag| Self::Tag(tag.to_owned())),
        }
    }

    /// Whether it asks for a log source.
    pub(in crate::pipeline) fn is_log_source(&self) -> bool {
        matches!(self, Self::LogSource { .. })
    }

    /// Whether it holds.
    pub(in crate::pipeline) fn holds(&self, rule: &NormalRule, history: &History) -> bool {
        match self {
            Self::LogSource {
                category,
                product,
                service,
            } => {
                let fits =
                    |wanted: &Option<String>, given: &Option<String>| wanted.is_none() || wanted == given;
                fits(category, &rule.log_source.category)
                    && fits(product, &rule.log_source.product)
                    && fits(service, &rule.log_source.service)
            }
            Self::Item { field, value } => rule.detections.iter().any(|detection| {
                any_item(&detection.body, &|item| {
                    item.columns.iter().any(|column| &*column.name == field.as_str())
                        && value.as_ref().is_none_or(|value| {
                            item.values.iter().any(|other| same_value(&other.value, value))
                        })
                })
            }),
            Self::Applied(id) => history.rule_applied(id),
            Self::State(condition) => condition.holds(&rule.state),
            Self::Constant(value) => *value,
            Self::Attribute(condition) => condition.holds(&rule.metadata),
            Self::Tag(tag) => rule.metadata.tags.iter().any(|other| other.value == *tag),
        }
    }
}

fn log_source(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<RuleCondition> {
    let category = keys.text("category", diagnostics).map(str::to_owned);
    let product = keys.text("product", diagnostics).map(str::to_owned);
    let service = keys.text("service", diagnostics).map(str::to_owned);
    if category.is_none() && product.is_none() && service.is_none() {
        let title = "a `logsource` condition without `category`, `product` and `service`";
        keys.fault(title, keys.span, diagnostics);
        return None;
    }
    Some(RuleCondition::LogSource {
        category,
        product,
        service,
    })
}

/// Whether any item fits.
fn any_item(node: &DetectionNode, fits: &impl Fn(&Item) -> bool) -> bool {
    match node {
        DetectionNode::All(nodes) | DetectionNode::Any(nodes) => {
            nodes.iter().any(|node| any_item(node, fits))
        }
        DetectionNode::Item(item) => fits(item),
    }
}

/// `rule_attribute`: compares an attribute of the rule's metadata.
#[derive(Debug)]
pub(in crate::pipeline) struct AttributeCondition {
    attribute: String,
    value: String,
    comparison: AttributeComparison,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AttributeComparison {
    Order(Comparison),
    In,
    NotIn,
}

/// Levels of the Sigma specification, from low to high.
const LEVELS: &[&str] = &["informational", "low", "medium", "high", "critical"];
/// Statuses of the Sigma specification in pySigma's order.
const STATUSES: &[&str] = &["unsupported", "deprecated", "experimental", "test", "stable"];

/// An attribute's value.
enum Attribute<'rule> {
    Text(&'rule str),
    List(Vec<&'rule str>),
    Number(f64),
    /// A place in a list of words.
    Rank(&'rule str, &'static [&'static str]),
    Date(&'rule str),
}

impl AttributeCondition {
    fn read(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let attribute = keys.required_text("attribute", diagnostics)?.to_owned();
        let value = keys.required_text("value", diagnostics)?.to_owned();
        let name = keys.text("op", diagnostics).unwrap_or("eq");
        let comparison = match name {
            "in" => Some(AttributeComparison::In),
            "not_in" => Some(AttributeComparison::NotIn),
            other => Comparison::read(other).map(AttributeComparison::Order),
        };
        let ranks = match attribute.as_str() {
            "level" => LEVELS,
            "status" => STATUSES,
            _ => &[],
        };
        if comparison.is_none() {
            keys.fault(format!("`op` cannot be `{name}`"), keys.span, diagnostics);
        } else if !ranks.is_empty() && rank(&value, ranks).is_none() {
            let title = format!("`{value}` is no {attribute}");
            keys.fault(title, keys.span, diagnostics);
            return None;
        }
        Some(Self {
            attribute,
            value,
            comparison: comparison?,
        })
    }

    /// False where the rule lacks the attribute, or where its type has no such comparison.
    fn holds(&self, metadata: &Metadata) -> bool {
        let Some(attribute) = attribute(metadata, &self.attribute) else {
            return false;
        };
        let order = match (&attribute, self.comparison) {
            (Attribute::List(values), AttributeComparison::In) => {
                return values.contains(&self.value.as_str());
            }
            (Attribute::List(values), AttributeComparison::NotIn) => {
                return !values.contains(&self.value.as_str());
            }
            (_, AttributeComparison::In | AttributeComparison::NotIn) => return false,
            (Attribute::List(_), AttributeComparison::Order(comparison)) => {
                return comparison == Comparison::NotEqual;
            }
            (_, AttributeComparison::Order(comparison)) => comparison,
        };
        match attribute {
            Attribute::List(_) => false,
            Attribute::Text(text) => match order {
                Comparison::Equal | Comparison::NotEqual => order.holds(text.cmp(&self.value)),
                Comparison::AtLeast | Comparison::Greater | Comparison::AtMost | Comparison::Less => false,
            },
            Attribute::Number(number) => self
                .value
                .parse::<f64>()
                .is_ok_and(|value| order.holds(number.total_cmp(&value))),
            Attribute::Rank(word, ranks) => {
                compare_ranks(word, &self.value, ranks).is_some_and(|ordering| order.holds(ordering))
            }
            Attribute::Date(date) => order.holds(date.cmp(&self.value)),
        }
    }
}

fn rank(word: &str, ranks: &[&str]) -> Option<usize> {
    ranks.iter().position(|rank| rank.eq_ignore_ascii_case(word))
}

fn compare_ranks(left: &str, right: &str, ranks: &[&str]) -> Option<Ordering> {
    Some(rank(left, ranks)?.cmp(&rank(right, ranks)?))
}

fn attribute<'rule>(metadata: &'rule Metadata, name: &str) -> Option<Attribute<'rule>> {
    let text = |value: &'rule Option<String>| value.as_deref().map(Attribute::Text);
    let list = |values: &'rule [String]| Some(Attribute::List(values.iter().map(String::as_str).collect()));
    match name {
        "title" => Some(Attribute::Text(&metadata.title)),
        "id" => metadata.id.as_ref().map(|id| Attribute::Text(&id.value)),
        "name" => metadata.name.as_ref().map(|name| Attribute::Text(&name.value)),
        "description" => text(&metadata.description),
        "author" => text(&metadata.author),
        "license" => text(&metadata.license),
        "taxonomy" => text(&metadata.taxonomy),
        "status" => metadata
            .status
            .as_deref()
            .map(|status| Attribute::Rank(status, STATUSES)),
        "level" => metadata
            .level
            .as_deref()
            .map(|level| Attribute::Rank(level, LEVELS)),
        "date" => metadata.date.as_deref().map(Attribute::Date),
        "modified" => metadata.modified.as_deref().map(Attribute::Date),
        "references" => list(&metadata.references),
        "falsepositives" => list(&metadata.false_positives),
        "scope" => list(&metadata.scope),
        "tags" => Some(Attribute::List(
            metadata.tags.iter().map(|tag| tag.value.as_str()).collect(),
        )),
        "fields" => Some(Attribute::List(
            metadata.fields.iter().map(|field| field.value.as_str()).collect(),
        )),
        _ => {
            let (_, node) = metadata.custom.iter().find(|(key, _)| key == name)?;
            if let Some(nodes) = node.sequence() {
                return Some(Attribute::List(nodes.iter().filter_map(Node::text).collect()));
            }
            let scalar = node.scalar()?;
            match scalar.kind {
                ScalarKind::Integer(_) | ScalarKind::Float(_) => {
                    scalar.number().map(|number| Attribute::Number(number.float))
                }
                ScalarKind::Null => None,
                ScalarKind::Bool(_) | ScalarKind::Text => Some(Attribute::Text(&scalar.text)),
            }
        }
    }
}

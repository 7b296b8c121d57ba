//! Reads a pipeline file into a [`Pipeline`].

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Source, closest};
use crate::normalize::Replacement;
use crate::normalize::pattern;
use crate::pipeline::condition::Conditions;
use crate::pipeline::condition::field::FieldCondition;
use crate::pipeline::condition::item::ItemCondition;
use crate::pipeline::condition::rule::RuleCondition;
use crate::pipeline::document;
use crate::pipeline::gates::Gates;
use crate::pipeline::keys::Keys;
use crate::pipeline::model::{Pipeline, Step};
use crate::pipeline::transform::{NOT_YET, TRANSFORMATIONS};
use crate::source::{Node, ScalarKind};

const CODE: Code = Code::INVALID_PIPELINE;

/// How many steps a pipeline may have: groups may nest by one for each.
const STEPS: usize = 1_000;

/// Keys of a pipeline.
const PIPELINE_KEYS: &[&str] = &[
    "name",
    "priority",
    "source",
    "vars",
    "allowed_backends",
    "transformations",
    "postprocessing",
    "finalizers",
];

/// Keys that every step may have.
const STEP_KEYS: &[&str] = &[
    "id",
    "type",
    "source",
    "rule_conditions",
    "rule_cond_op",
    "rule_cond_not",
    "rule_cond_expr",
    "detection_item_conditions",
    "detection_item_cond_op",
    "detection_item_cond_not",
    "detection_item_cond_expr",
    "field_name_conditions",
    "field_name_cond_op",
    "field_name_cond_not",
    "field_name_cond_expr",
];

impl Pipeline {
    /// Reads a pipeline file. Beside pySigma's keys, `source` may stand at the top level, in a step and in a condition:
    /// it says where a fact comes from and has no meaning.
    ///
    /// `None` if the file has a fault; each fault is in `diagnostics`.
    pub fn read(source: &Source, diagnostics: &mut Diagnostics) -> Option<Self> {
        let start = diagnostics.len();
        let document = document::read(source, CODE, diagnostics)?;
        let pipeline = pipeline(&document, source, diagnostics);
        let faulty = diagnostics
            .iter()
            .skip(start)
            .any(|diagnostic| diagnostic.severity == Severity::Error);
        pipeline.filter(|_| !faulty)
    }
}

fn pipeline(document: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Option<Pipeline> {
    let keys = Keys::read(document, "a pipeline", &[PIPELINE_KEYS], CODE, diagnostics)?;
    let name = keys.text("name", diagnostics).unwrap_or(&source.name).to_owned();
    for key in ["postprocessing", "finalizers"] {
        if let Some(node) = keys.get(key)
            && node.sequence().is_none_or(|nodes| !nodes.is_empty())
        {
            let title = format!("`{key}` is not supported yet");
            let help = "remove it: queries are written by the templates of the language and the target";
            diagnostics
                .push(Diagnostic::error(Code::UNSUPPORTED_TRANSFORMATION, title, node.span).with_help(help));
        }
    }
    let allowed_backends = keys.texts("allowed_backends", diagnostics).unwrap_or_default();
    let steps = steps(&keys, &name, diagnostics);
    Some(Pipeline {
        gates: Gates::new(&steps),
        priority: priority(&keys, diagnostics),
        allowed_backends: allowed_backends.into_iter().map(|text| text.value).collect(),
        variables: variables(&keys, diagnostics),
        steps,
        name,
    })
}

fn priority(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> i64 {
    let Some(node) = keys.get("priority") else {
        return 0;
    };
    if let Some(scalar) = node.scalar()
        && let ScalarKind::Integer(integer) = scalar.kind
        && let Ok(priority) = i64::try_from(integer)
    {
        return priority;
    }
    keys.fault("`priority` is not a whole number", node.span, diagnostics);
    0
}

fn variables(keys: &Keys<'_>, diagnostics: &mut Diagnostics) -> BTreeMap<String, Vec<Replacement>> {
    let mut variables = BTreeMap::new();
    let Some(node) = keys.get("vars") else {
        return variables;
    };
    let Some(entries) = node.mapping() else {
        let title = format!("`vars` is {}, not a mapping", node.describe());
        keys.fault(title, node.span, diagnostics);
        return variables;
    };
    for entry in entries {
        let name = entry.key.text().unwrap_or_default();
        let value = &entry.value;
        let nodes = value.sequence().unwrap_or(std::slice::from_ref(value));
        let values: Vec<Replacement> = nodes.iter().filter_map(replacement).collect();
        if values.is_empty() || values.len() != nodes.len() {
            let title = format!("the variable `{name}` is no text or number, and no list of them");
            keys.fault(title, entry.key.span, diagnostics);
        }
        variables.insert(name.to_owned(), values);
    }
    variables
}

fn replacement(node: &Node) -> Option<Replacement> {
    let scalar = node.scalar()?;
    match scalar.kind {
        ScalarKind::Integer(_) | ScalarKind::Float(_) => scalar.number().map(Replacement::Number),
        ScalarKind::Text => Some(Replacement::Pattern(pattern::read(&scalar.text))),
        ScalarKind::Null | ScalarKind::Bool(_) => None,
    }
}

fn steps(keys: &Keys<'_>, name: &str, diagnostics: &mut Diagnostics) -> Vec<Step> {
    let Some(node) = keys.get("transformations") else {
        return Vec::new();
    };
    let Some(nodes) = node.sequence() else {
        let title = format!("`transformations` is {}, not a list", node.describe());
        keys.fault(title, node.span, diagnostics);
        return Vec::new();
    };
    if nodes.len() > STEPS {
        let title = format!("the pipeline has more than {STEPS} transformations");
        keys.fault(title, node.span, diagnostics);
        return Vec::new();
    }
    let mut steps: Vec<Step> = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        if let Some(step) = step(node, name, index, diagnostics) {
            if let Some(first) = steps.iter().find(|other| other.id == step.id) {
                let title = format!("two transformations have the id `{}`", step.id);
                let diagnostic = Diagnostic::error(CODE, title, step.span);
                diagnostics.push(diagnostic.with_label(first.span, "first used here"));
            }
            steps.push(step);
        }
    }
    steps
}

fn step(node: &Node, pipeline: &str, index: usize, diagnostics: &mut Diagnostics) -> Option<Step> {
    let Some(kind_node) = node.get("type") else {
        let title = "a transformation without `type`";
        diagnostics.push(Diagnostic::error(CODE, title, node.span));
        return None;
    };
    let name = kind_node.text().unwrap_or_default();
    let Some(kind) = TRANSFORMATIONS.iter().find(|kind| kind.name == name) else {
        diagnostics.push(unknown(name, kind_node));
        return None;
    };
    let what = format!("the transformation `{name}`");
    let keys = Keys::read(node, &what, &[STEP_KEYS, kind.keys], CODE, diagnostics)?;
    let id = match keys.text("id", diagnostics) {
        Some(id) if !id.is_empty() => Arc::from(id),
        _ => Arc::from(format!("{pipeline}:{}", index + 1)),
    };
    let transformation = (kind.read)(&keys, diagnostics);
    Some(Step {
        id,
        span: node.span,
        rule_conditions: Conditions::read("rule", &keys, RuleCondition::read, diagnostics),
        item_conditions: Conditions::read("detection_item", &keys, ItemCondition::read, diagnostics),
        field_conditions: Conditions::read("field_name", &keys, FieldCondition::read, diagnostics),
        transformation: transformation?,
    })
}

fn unknown(name: &str, node: &Node) -> Diagnostic {
    if NOT_YET.contains(&name) {
        let title = format!("the transformation `{name}` is not supported yet");
        return Diagnostic::error(Code::UNSUPPORTED_TRANSFORMATION, title, node.span);
    }
    let names = || TRANSFORMATIONS.iter().map(|kind| kind.name);
    let title = format!("no transformation of the type `{name}` exists");
    let help = match closest(name, names().chain(NOT_YET.iter().copied())) {
        Some(name) => format!("`{name}` is meant, perhaps"),
        None => format!("types: {}", names().collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::error(Code::UNKNOWN_TRANSFORMATION, title, node.span).with_help(help)
}

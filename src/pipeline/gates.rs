//! Which steps of a pipeline a log source can reach: most steps ask for one log source, and most rules have another.
//!
//! The words of the steps' log sources are numbered once, so that a rule is held against numbers instead of texts.
//! A closed gate says that a step's conditions do not hold; an open one says nothing.

use std::collections::BTreeMap;

use crate::normalize::PlainLogSource;
use crate::pipeline::condition::rule::RuleCondition;
use crate::pipeline::model::Step;

/// Stands for any word in a gate, and for a word that no gate knows in a log source.
const OTHER: u32 = 0;

/// Category, product and service as numbers.
pub(super) type Words = [u32; 3];

/// The gates of a pipeline's steps, in their order.
#[derive(Debug, Default)]
pub(super) struct Gates {
    words: BTreeMap<String, u32>,
    steps: Vec<Words>,
}

impl Gates {
    pub(super) fn new(steps: &[Step]) -> Self {
        let mut gates = Self::default();
        for step in steps {
            let required = step.rule_conditions.required().iter();
            let log_source = required.into_iter().find_map(|condition| match condition {
                RuleCondition::LogSource {
                    category,
                    product,
                    service,
                } => Some([category, product, service]),
                RuleCondition::Item { .. }
                | RuleCondition::Applied(_)
                | RuleCondition::State(_)
                | RuleCondition::Constant(_)
                | RuleCondition::Attribute(_)
                | RuleCondition::Tag(_) => None,
            });
            let numbers = log_source.map(|words| words.map(|word| gates.number(word.as_deref())));
            gates.steps.push(numbers.unwrap_or([OTHER; 3]));
        }
        gates
    }

    fn number(&mut self, word: Option<&str>) -> u32 {
        let Some(word) = word else {
            return OTHER;
        };
        if let Some(number) = self.words.get(word) {
            return *number;
        }
        let number = u32::try_from(self.words.len() + 1).unwrap_or(OTHER);
        self.words.insert(word.to_owned(), number);
        number
    }

    /// A log source for [`open`](Self::open).
    pub(super) fn words(&self, log_source: &PlainLogSource) -> Words {
        [&log_source.category, &log_source.product, &log_source.service].map(|word| {
            let number = word.as_ref().and_then(|word| self.words.get(word));
            number.copied().unwrap_or(OTHER)
        })
    }

    /// Whether a rule of this log source may be one for the step.
    pub(super) fn open(&self, step: usize, words: Words) -> bool {
        self.steps.get(step).is_none_or(|gate| {
            gate.iter()
                .zip(words)
                .all(|(gate, word)| *gate == OTHER || *gate == word)
        })
    }
}

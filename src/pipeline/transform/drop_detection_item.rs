//! `drop_detection_item`: takes items out of their maps, because the target makes them true.
//!
//! A map left empty is an error, never "true"; so is a list that loses some of its alternatives and not all, since what
//! is dropped holds in the target, and the list would hold with it.

use super::{Kind, Transformation};
use crate::diagnostic::Diagnostics;
use crate::pipeline::keys::Keys;
use crate::pipeline::model::Step;
use crate::pipeline::subject::{Change, Subject};

pub(super) const KIND: Kind = Kind {
    name: "drop_detection_item",
    summary: "Takes items out that the target makes true, such as an event id that its table implies.",
    keys: &[],
    read,
};

#[derive(Debug)]
struct DropDetectionItem;

#[allow(clippy::unnecessary_wraps)]
fn read(_: &Keys<'_>, _: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    Some(Box::new(DropDetectionItem))
}

impl Transformation for DropDetectionItem {
    fn apply(&self, step: &Step, subject: &mut Subject<'_>, diagnostics: &mut Diagnostics) {
        subject.items(step, true, diagnostics, &mut |_, _| Change::Drop);
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::normalize::DetectionNode;
    use crate::pipeline::transform::testing::{Case, items, text};

    const DROP: &str =
        "- {type: drop_detection_item, id: d, field_name_conditions: [{type: include_fields, fields: [A]}]}";

    #[test]
    fn an_item_leaves_its_map_with_a_record() {
        let mapped = Case::new(vec![text("A", "x"), text("B", "y")]).run(DROP);
        assert_eq!(items(&mapped.rule().detections[0].body).len(), 1);
        assert_eq!(mapped.parts.as_ref().unwrap()[0].dropped.len(), 1);
        assert_eq!(mapped.codes(), [Code::DROPPED_ITEM]);
    }

    #[test]
    fn an_emptied_map_is_an_error() {
        let mapped = Case::new(vec![text("A", "x"), text("A", "y")]).run(DROP);
        assert!(mapped.parts.is_none());
        assert!(mapped.codes().contains(&Code::EMPTIED_DETECTION));
    }

    #[test]
    fn a_list_loses_all_alternatives_or_none() {
        let list = |names: [&str; 2]| {
            let nodes = names.map(|name| DetectionNode::Item(text(name, "x")));
            Case::tree(DetectionNode::All(vec![
                DetectionNode::Any(nodes.into()),
                DetectionNode::Item(text("B", "y")),
            ]))
        };
        let some = list(["A", "C"]).run(DROP);
        assert!(some.codes().contains(&Code::EMPTIED_DETECTION));
        let all = list(["A", "A"]).run(DROP);
        assert_eq!(items(&all.rule().detections[0].body).len(), 1);
        let maps = Case::tree(DetectionNode::Any(vec![
            DetectionNode::All(vec![
                DetectionNode::Item(text("A", "x")),
                DetectionNode::Item(text("B", "x")),
            ]),
            DetectionNode::Item(text("C", "x")),
        ]));
        assert_eq!(items(&maps.run(DROP).rule().detections[0].body).len(), 2);
    }
}

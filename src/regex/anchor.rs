//! The end anchor in a syntax tree, for printers.

use regex_syntax::ast::{AssertionKind, Ast, GroupKind, LiteralKind, RepetitionKind};

/// How PCRE's `$` (without the flag `m`) and `\Z` are written for engines whose own `$` is the very end.
pub(super) const FINAL_ANCHOR: &str = "(?:\\n?\\z)";

/// Whether a node of a [`Form::Regular`](super::Form::Regular) tree is PCRE's `$`: the end, or before a newline that ends the
/// text. The tree spells it `(?:\n?\z)`; a dialect that has the anchor prints its own instead. Nothing that could tell the
/// two apart follows it, or the expression would be irregular.
#[must_use]
pub fn is_final_anchor(node: &Ast) -> bool {
    let Ast::Group(group) = node else {
        return false;
    };
    let plain = matches!(&group.kind, GroupKind::NonCapturing(flags) if flags.items.is_empty());
    let Ast::Concat(concat) = group.ast.as_ref() else {
        return false;
    };
    let [Ast::Repetition(newline), Ast::Assertion(end)] = concat.asts.as_slice() else {
        return false;
    };
    plain
        && newline.op.kind == RepetitionKind::ZeroOrOne
        && end.kind == AssertionKind::EndText
        && matches!(newline.ast.as_ref(), Ast::Literal(literal)
            if literal.c == '\n' && matches!(literal.kind, LiteralKind::Special(_)))
}

#[cfg(test)]
mod tests {
    use regex_syntax::ast::Ast;

    use super::is_final_anchor;
    use crate::regex::{Flags, Form, Regex};

    #[test]
    fn the_final_anchor_is_known() {
        for (source, expected) in [("a$", true), ("a\\Z", true), ("a\\z", false), ("a(?:\n?)", false)] {
            let Form::Regular { tree, .. } = Regex::parse(source, Flags::default()).unwrap().form else {
                panic!("regular expression expected");
            };
            let Ast::Concat(concat) = tree.as_ref() else {
                panic!("two parts expected");
            };
            assert_eq!(is_final_anchor(&concat.asts[1]), expected, "{source}");
        }
    }
}

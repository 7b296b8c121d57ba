//! `SG3xx`: the rule is well-formed and does not mean anything, or not this.

super::codes! {
    UNDEFINED_DETECTION = "SG301" "undefined-detection" "The condition names a detection that does not exist.";
    EMPTY_SELECTOR = "SG302" "empty-selector" "A selector matches no detection.";
    INVALID_MODIFIER_CHAIN = "SG303" "invalid-modifier-chain" "Modifiers cannot be combined in this way.";
    INVALID_MODIFIER_VALUE = "SG304" "invalid-modifier-value" "A modifier cannot take this value.";
    INVALID_REGEX = "SG305" "invalid-regex" "A regular expression is invalid.";
    UNSUPPORTED_REGEX = "SG306" "unsupported-regex" "A regular expression uses a construct that is not carried over.";
    INVALID_NETWORK = "SG307" "invalid-network" "A network is not in CIDR notation or has host bits set.";
    EMPTY_VALUE_LIST = "SG308" "empty-value-list" "A detection item has no value.";
    INVALID_VALUE = "SG309" "invalid-value" "A value of a detection item has a type that is not allowed.";
    TOO_MANY_ALTERNATIVES = "SG310" "too-many-alternatives" "One value expands to more alternatives than the limit allows.";
    NULL_IN_LIST = "SG311" "null-in-list" "A list of values holds null.";
    UNKNOWN_REFERENCE = "SG312" "unknown-reference" "A correlation or filter names a rule that does not exist.";
    AMBIGUOUS_REFERENCE = "SG313" "ambiguous-reference" "A reference fits more than one rule.";
    CORRELATION_CYCLE = "SG314" "correlation-cycle" "Correlations refer to each other in a circle.";
    QUOTED_NUMBER = "SG315" "quoted-number" "A number is written as text.";
    WORD_AS_BOOLEAN = "SG316" "word-as-boolean" "A word stands where true or false belongs.";
    TITLE_REFERENCE = "SG317" "title-reference" "A reference names a rule by its title.";
}

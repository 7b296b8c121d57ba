//! `SG2xx`: the YAML is not what the Sigma specification says.

super::codes! {
    WRONG_TYPE = "SG201" "wrong-type" "A value has another type than the specification says.";
    MISSING_ATTRIBUTE = "SG202" "missing-attribute" "A required attribute is missing.";
    UNKNOWN_MODIFIER = "SG203" "unknown-modifier" "A modifier does not exist.";
    CONDITION_SYNTAX = "SG204" "condition-syntax" "The condition does not follow the grammar.";
    CONDITION_TOO_DEEP = "SG205" "condition-too-deep" "The condition is nested above the limit.";
    AGGREGATION_CONDITION = "SG206" "aggregation-condition" "The condition uses an old aggregation.";
    INVALID_ATTRIBUTE = "SG207" "invalid-attribute" "An attribute of the metadata has an invalid value.";
    EMPTY_DETECTION = "SG208" "empty-detection" "A detection has no item.";
    UNSUPPORTED_VERSION = "SG209" "unsupported-version" "The rule asks for a newer specification.";
    INVALID_TIMESPAN = "SG210" "invalid-timespan" "A timespan is not a number with a unit.";
    INVALID_CORRELATION = "SG211" "invalid-correlation" "A correlation lacks a part or has one too many.";
    INVALID_FILTER = "SG212" "invalid-filter" "A filter lacks a part or has one too many.";
    INVALID_ACTION = "SG213" "invalid-action" "An action of a rule collection is unknown or out of place.";
    MISSPELT_ATTRIBUTE = "SG214" "misspelt-attribute" "An attribute looks like a misspelt one.";
    NOT_A_RULE = "SG215" "not-a-rule" "A document is not a Sigma rule, correlation or filter.";
    UPPERCASE_OPERATOR = "SG216" "uppercase-operator" "An operator of the condition is not in lower case.";
    LEGACY_TIMEFRAME = "SG217" "legacy-timeframe" "A detection holds the removed attribute timeframe.";
    RESERVED_FIELD_NAME = "SG218" "reserved-field-name" "A field name ends in brackets, which is reserved.";
}

//! `SG1xx`: the text is not YAML, or not within the limits.

super::codes! {
    YAML_SYNTAX = "SG101" "yaml-syntax" "The text is not well-formed YAML 1.2.";
    DUPLICATE_KEY = "SG102" "duplicate-key" "A mapping has the same key twice.";
    TAB_INDENTATION = "SG103" "tab-indentation" "A tab stands where YAML wants spaces.";
    INVALID_UTF8 = "SG104" "invalid-utf8" "The bytes are not UTF-8.";
    FILE_TOO_LARGE = "SG105" "file-too-large" "The file is above the size limit.";
    NESTING_TOO_DEEP = "SG106" "nesting-too-deep" "The YAML is nested above the depth limit.";
    ALIAS_EXPANSION = "SG107" "alias-expansion" "Aliases add more nodes than the limit allows.";
    UNKNOWN_ALIAS = "SG108" "unknown-alias" "An alias has no anchor before it.";
    UNSUPPORTED_TAG = "SG109" "unsupported-tag" "A YAML tag is not of the core schema, or does not fit its value.";
    NOT_TEXT = "SG110" "not-text" "The file holds bytes that no text has.";
    TOO_MANY_ERRORS = "SG111" "too-many-errors" "A file has so many errors that the rest of it is not read.";
}

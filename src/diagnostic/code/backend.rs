//! `SG5xx`: a language cannot say a construct, or its templates are at fault.

super::codes! {
    UNSUPPORTED_CONSTRUCT = "SG501" "unsupported-construct" "The language cannot say a construct of the rule.";
    UNSUPPORTED_VALUE = "SG502" "unsupported-value" "The language cannot write a value of the rule.";
    TEMPLATE_FAILED = "SG503" "template-failed" "A template failed while it was rendered.";
    INVALID_LANGUAGE = "SG504" "invalid-language" "A language file does not follow the template contract.";
    INVALID_TARGET = "SG505" "invalid-target" "A target file does not follow the format.";
    APPROXIMATION = "SG506" "approximation" "The query differs from the rule in a stated way.";
    UNSUPPORTED_REGEX_DIALECT = "SG507" "unsupported-regex-dialect" "The language's regular expressions cannot say a pattern.";
    UNSUPPORTED_CORRELATION = "SG508" "unsupported-correlation" "Correlations cannot be compiled yet.";
    LOST_LEAF = "SG509" "lost-leaf" "A part of a rule did not reach the query.";
    UNREADABLE_TEMPLATES = "SG510" "unreadable-templates" "A folder of templates cannot be read.";
}

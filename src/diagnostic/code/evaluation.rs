//! `SG6xx`: events cannot be read, or a rule cannot be run over them.

super::codes! {
    INVALID_EVENT = "SG601" "invalid-event" "A line is not a JSON object.";
    NOT_EVALUABLE = "SG602" "not-evaluable" "A construct cannot be run over events.";
    EVALUATION_LIMIT = "SG603" "evaluation-limit" "A regular expression takes more steps over an event than the limit allows.";
}

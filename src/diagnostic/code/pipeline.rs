//! `SG4xx`: the pipeline file is at fault, or a rule cannot pass it.

super::codes! {
    INVALID_PIPELINE = "SG401" "invalid-pipeline" "A pipeline file does not follow the format.";
    UNKNOWN_TRANSFORMATION = "SG402" "unknown-transformation" "A transformation or condition type does not exist.";
    UNKNOWN_PIPELINE_KEY = "SG403" "unknown-pipeline-key" "A key of a pipeline file does not exist.";
    RULE_REFUSED = "SG404" "rule-refused" "The pipeline refuses the rule.";
    ITEM_REFUSED = "SG405" "item-refused" "The pipeline refuses a detection item.";
    UNMAPPED_FIELD = "SG406" "unmapped-field" "A field has no counterpart in the target.";
    UNRESOLVED_PLACEHOLDER = "SG407" "unresolved-placeholder" "No pipeline resolves a placeholder.";
    EMPTIED_DETECTION = "SG408" "emptied-detection" "The pipeline dropped all items of a detection.";
    NO_TABLE = "SG409" "no-table" "Nothing says which table or index holds the events.";
    PARTIAL_TRANSFORMATION = "SG410" "partial-transformation" "A transformation fits only some columns of a field.";
    INVALID_SCHEMA = "SG411" "invalid-schema" "A schema file does not follow the format.";
    UNKNOWN_TABLE = "SG412" "unknown-table" "A table is not in the schema.";
    DROPPED_ITEM = "SG413" "dropped-item" "The pipeline drops a detection item.";
    UNSUPPORTED_TRANSFORMATION = "SG414" "unsupported-transformation" "A transformation of the format is not supported yet.";
    INVALID_REPLACEMENT = "SG415" "invalid-replacement" "A replacement cannot be carried out on a value.";
    UNMAPPED_LOG_SOURCE = "SG416" "unmapped-log-source" "No pipeline knows the log source of a rule.";
}

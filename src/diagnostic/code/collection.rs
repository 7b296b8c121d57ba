//! `SG7xx`: files, folders, names and options.

super::codes! {
    UNREADABLE_FILE = "SG701" "unreadable-file" "A file or folder cannot be read.";
    NOTHING_FOUND = "SG702" "nothing-found" "No rule was found among the paths.";
    OUTPUT_CONFLICT = "SG703" "output-conflict" "Two results have one file name.";
    UNSAFE_FILE_NAME = "SG704" "unsafe-file-name" "A file name would leave its folder.";
    UNKNOWN_TARGET = "SG705" "unknown-target" "A target, format or pipeline does not exist.";
    INVALID_OPTION = "SG706" "invalid-option" "An option is unknown or has an invalid value.";
}

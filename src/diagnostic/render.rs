//! Printers of diagnostics for people and machines.

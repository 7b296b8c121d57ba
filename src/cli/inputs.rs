//! Reads the rules that a command is given: paths, standard input, filters.

use std::io::Read;
use std::path::PathBuf;

use sigmatic::collection::{Collection, Input, find};
use sigmatic::diagnostic::{self, Code, Diagnostic, Diagnostics, SourceMap};
use sigmatic::source::Limits;

use super::report;
use sigmatic::templates::Templates;

/// The built-in templates with those of folders before them.
pub(super) fn templates(folders: &[PathBuf]) -> diagnostic::Result<Templates> {
    let mut templates = Templates::builtin();
    for folder in folders {
        templates = templates.with_directory(folder)?;
    }
    Ok(templates)
}

/// Reads rules from paths (`-` is standard input) and, only to be referred to, from filter files.
pub(super) fn load(
    paths: &[PathBuf],
    filters: &[PathBuf],
    sources: &mut SourceMap,
) -> anyhow::Result<Collection> {
    let mut diagnostics = Diagnostics::new();
    let mut collection = Collection::load(inputs(paths, &mut diagnostics)?, false, sources);
    if !filters.is_empty() {
        collection.append(Collection::load(
            inputs(filters, &mut diagnostics)?,
            true,
            sources,
        ));
    }
    collection.diagnostics.extend(diagnostics);
    Ok(collection)
}

fn inputs(paths: &[PathBuf], diagnostics: &mut Diagnostics) -> anyhow::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    let mut named = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.extend(find(&named, diagnostics).into_iter().map(Input::File));
            named.clear();
            inputs.push(Input::Text {
                name: "<stdin>".to_owned(),
                bytes: standard_input()?,
            });
        } else {
            named.push(path.clone());
        }
    }
    inputs.extend(find(&named, diagnostics).into_iter().map(Input::File));
    Ok(inputs)
}

fn standard_input() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = Limits::default().file_bytes as u64 + 1;
    std::io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The diagnostic for paths in which no rule was found.
fn nothing_found(paths: &[PathBuf]) -> Diagnostic {
    let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    Diagnostic::global(Code::NOTHING_FOUND, format!("no rule was found in {}", shown.join(", ")))
        .with_help("rules are YAML documents with `detection`, `correlation`, `filter` or `action`, in files that end in .yml or .yaml")
}

/// Whether the paths hold nothing that Sigma knows, not even with an error.
pub(super) fn nothing_recognised(collection: &Collection) -> bool {
    let code =
        |finding: &Diagnostic| finding.code == Code::NOT_A_RULE || finding.code == Code::UNREADABLE_FILE;
    collection.rules.is_empty()
        && collection
            .failures
            .iter()
            .all(|failure| failure.diagnostics.iter().all(code))
}

/// Says that nothing was recognised, after what stands in the way.
pub(super) fn tell_nothing(
    paths: &[PathBuf],
    collection: &Collection,
    sources: &SourceMap,
    color: bool,
    quiet: bool,
) -> anyhow::Result<()> {
    let faults = collection
        .failures
        .iter()
        .flat_map(|failure| &failure.diagnostics);
    report::diagnostics(faults.chain(&collection.diagnostics), sources, color, quiet)?;
    report::diagnostics([&nothing_found(paths)], sources, color, false)?;
    Ok(())
}

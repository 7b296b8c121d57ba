//! File names of results: a template over the rule, checked to stay in its folder and to be given once.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior, context};
use sigmatic::diagnostic::{Code, Diagnostic};

/// The default of `--name`.
pub(super) const DEFAULT: &str = "{{ path }}/{{ stem }}.{{ extension }}";

/// What a name is made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts<'a> {
    pub title: &'a str,
    pub id: &'a str,
    pub name: &'a str,
    pub stem: &'a str,
    pub path: &'a str,
    pub target: &'a str,
    pub language: &'a str,
    pub extension: &'a str,
    /// From 1; which query of its file.
    pub index: usize,
    /// How many queries the file gives.
    pub count: usize,
}

/// Gives names and remembers them.
pub(super) struct Namer {
    environment: Environment<'static>,
    template: String,
    given: BTreeMap<String, String>,
}

impl Namer {
    /// Reads a template for names.
    pub(super) fn new(template: &str) -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_fuel(Some(10_000));
        environment.add_template_owned("name", template.to_owned())?;
        Ok(Self {
            environment,
            template: template.to_owned(),
            given: BTreeMap::new(),
        })
    }

    /// The name of a result, relative to the output folder.
    ///
    /// Errors: the template fails, the name leaves the folder, or it was given before.
    pub(super) fn name(&mut self, parts: &Parts<'_>) -> Result<String, Box<Diagnostic>> {
        let rendered = self.render(parts).map_err(|fault| {
            Diagnostic::global(
                Code::INVALID_OPTION,
                format!("the file name cannot be made: {fault}"),
            )
        })?;
        let mut name = rendered.trim_start_matches('/').to_owned();
        if parts.count > 1 && !self.template.contains("index") {
            name = numbered(&name, parts.index);
        }
        if !is_safe(&name) {
            return Err(Box::new(
                Diagnostic::global(
                    Code::UNSAFE_FILE_NAME,
                    format!("the file name {name:?} is not a name inside the output folder"),
                )
                .with_help("change `--name`, or the title or id that it is made of"),
            ));
        }
        // Two names that differ in case only are one file on some systems.
        if let Some(first) = self.given.insert(name.to_lowercase(), parts.title.to_owned()) {
            return Err(Box::new(
                Diagnostic::global(
                    Code::OUTPUT_CONFLICT,
                    format!("{name:?} is the file name of {:?} already", first),
                )
                .with_help(
                    "make names differ with `--name`, for example '{{ path }}/{{ id }}.{{ extension }}'",
                ),
            ));
        }
        Ok(name)
    }

    fn render(&self, parts: &Parts<'_>) -> Result<String, minijinja::Error> {
        self.environment.get_template("name")?.render(context! {
            title => plain(parts.title),
            id => plain(parts.id),
            name => plain(parts.name),
            stem => plain(parts.stem),
            path => parts.path,
            target => plain(parts.target),
            language => plain(parts.language),
            extension => plain(parts.extension),
            index => parts.index,
        })
    }
}

/// A text of a rule as a part of a file name: no separators, nothing that a system refuses.
fn plain(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            other if other.is_control() => '_',
            other => other,
        })
        .collect()
}

fn numbered(name: &str, index: usize) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => format!("{stem}-{index}.{extension}"),
        _ => format!("{name}-{index}"),
    }
}

fn is_safe(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(['\\', '\0'])
        && !name.chars().any(char::is_control)
        && name
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
        && !name.contains(':')
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT, Namer, Parts};

    fn parts<'a>() -> Parts<'a> {
        Parts {
            title: "A",
            stem: "a",
            path: "windows",
            extension: "kql",
            index: 1,
            count: 1,
            ..Parts::default()
        }
    }

    #[test]
    fn a_name_mirrors_the_folders() {
        let mut namer = Namer::new(DEFAULT).unwrap();
        assert_eq!(namer.name(&parts()).unwrap(), "windows/a.kql");
        let top = Parts { path: "", ..parts() };
        assert_eq!(namer.name(&top).unwrap(), "a.kql");
    }

    #[test]
    fn several_queries_of_a_file_are_numbered() {
        let mut namer = Namer::new(DEFAULT).unwrap();
        let first = Parts { count: 2, ..parts() };
        let second = Parts {
            count: 2,
            index: 2,
            ..parts()
        };
        assert_eq!(namer.name(&first).unwrap(), "windows/a-1.kql");
        assert_eq!(namer.name(&second).unwrap(), "windows/a-2.kql");
    }

    #[test]
    fn one_name_is_given_once() {
        let mut namer = Namer::new("{{ stem }}").unwrap();
        assert!(namer.name(&parts()).is_ok());
        assert_eq!(
            namer.name(&Parts { stem: "A", ..parts() }).unwrap_err().code.id,
            "SG703"
        );
    }

    #[test]
    fn no_name_leaves_the_folder() {
        for template in [
            "../{{ stem }}",
            "{{ path }}/../../x",
            "a/./b",
            "c:{{ stem }}",
            "",
            "a\nb",
        ] {
            let mut namer = Namer::new(template).unwrap();
            let result = namer.name(&parts());
            assert_eq!(result.unwrap_err().code.id, "SG704", "{template}");
        }
        let mut namer = Namer::new("{{ title }}").unwrap();
        let hostile = Parts {
            title: "../../etc/passwd",
            ..parts()
        };
        assert_eq!(namer.name(&hostile).unwrap(), ".._.._etc_passwd");
    }
}

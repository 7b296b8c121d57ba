//! What the documents show is what the binary prints: each `$ sigmatic …` in a `console` block is run.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::fs;

use assert_cmd::Command;

/// The commands of a document with the output that it shows.
fn commands(text: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            line if inside => match line.strip_prefix("$ ") {
                Some(command) => commands.push((command.to_owned(), String::new())),
                None => {
                    let shown = &mut commands.last_mut().unwrap().1;
                    shown.push_str(line);
                    shown.push('\n');
                }
            },
            _ => {}
        }
    }
    commands
}

/// Splits a command as a shell does, as far as the documents need it: blanks, single quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

#[test]
fn documents_show_what_is_printed() {
    let root = common::root();
    let mut documents = vec![root.join("README.md")];
    documents.extend(
        fs::read_dir(root.join("docs"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file()),
    );
    documents.sort();
    let mut run = 0;
    for document in documents {
        for (command, shown) in commands(&fs::read_to_string(&document).unwrap()) {
            let words = words(&command);
            assert_eq!(words[0], "sigmatic", "{command}");
            let output = Command::cargo_bin("sigmatic")
                .unwrap()
                .current_dir(root)
                .args(&words[1..])
                .output()
                .unwrap();
            let mut printed = String::from_utf8(output.stdout).unwrap();
            printed.push_str(&String::from_utf8(output.stderr).unwrap());
            assert_eq!(
                shown.trim_end(),
                printed.trim_end(),
                "{}: {command}",
                document.display()
            );
            run += 1;
        }
    }
    assert!(run >= 7, "{run} commands");
}

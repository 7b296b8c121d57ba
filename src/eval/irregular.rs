//! Expressions with look-around, back-references and the like, rewritten so that the backtracking engine reads them as
//! PCRE without Unicode classes does: `\d \w \s \b` are ASCII, `$` is the end or before a final newline.

const SPACE: &str = r" \t\n\x0B\x0C\r";
const VERTICAL_SPACE: &str = r"\n\x0B\x0C\r";
const BEFORE_FINAL_NEWLINE: &str = r"(?=\n?\z)";
const WORD_BOUNDARY: &str = "(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))";
const NO_WORD_BOUNDARY: &str = "(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))";

/// The text for the engine, or the construct that cannot be carried over.
pub(super) fn rewrite(source: &str, multi_line: bool) -> Result<String, &'static str> {
    let mut output = String::with_capacity(source.len() + 16);
    let mut characters = source.chars().peekable();
    let mut class = Class::Outside;
    while let Some(character) = characters.next() {
        let inside = class != Class::Outside;
        let begins = class == Class::Begins;
        if inside && !(begins && character == '^') {
            class = Class::Inside;
        }
        match character {
            '\\' => escape(&mut output, characters.next(), inside)?,
            '[' if !inside => {
                output.push('[');
                class = Class::Begins;
            }
            '[' if characters.peek() == Some(&':') => return Err("a POSIX class"),
            '[' => output.push_str("\\["),
            ']' if begins => output.push_str("\\]"),
            ']' if inside => {
                output.push(']');
                class = Class::Outside;
            }
            '&' | '~' if inside => output.extend(['\\', character]),
            '-' if inside && characters.peek() == Some(&'-') => return Err("a range from or to a dash"),
            '$' if !inside && !multi_line => output.push_str(BEFORE_FINAL_NEWLINE),
            // Not after a newline that ends the text.
            '^' if !inside && multi_line => output.push_str(r"(?:\A|^(?!\z))"),
            '{' if !inside && !counts(characters.clone())? => output.push_str("\\{"),
            '(' if !inside => {
                output.push('(');
                let rest: String = characters.clone().take_while(|next| *next != ')').collect();
                if !multi_line && sets_multi_line(&rest) {
                    return Err("a flag m that does not cover the whole expression");
                }
            }
            other => output.push(other),
        }
    }
    Ok(output)
}

/// Whether `{` begins a count: `2}`, `2,}`, `2,3}`.
fn counts(mut rest: impl Iterator<Item = char>) -> Result<bool, &'static str> {
    let count: String = rest
        .by_ref()
        .take_while(|character| character.is_ascii_digit() || *character == ',')
        .collect();
    if count.starts_with(',') {
        return Err("a count without its lower bound, which PCRE's versions read differently");
    }
    Ok(!count.is_empty())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Outside,
    Begins,
    Inside,
}

/// Whether what follows `(` sets the flag m: `?m`, `?im:`.
fn sets_multi_line(group: &str) -> bool {
    group.strip_prefix('?').is_some_and(|flags| {
        flags
            .chars()
            .take_while(|flag| flag.is_ascii_alphabetic())
            .any(|flag| flag == 'm')
            && !flags.starts_with(['P', '<'])
    })
}

fn escape(output: &mut String, escaped: Option<char>, inside: bool) -> Result<(), &'static str> {
    let Some(escaped) = escaped else {
        return Err("a backslash at the end");
    };
    match (escaped, inside) {
        ('d', true) => output.push_str("0-9"),
        ('d', false) => output.push_str("[0-9]"),
        ('D', _) => output.push_str("[^0-9]"),
        ('w', true) => output.push_str("0-9A-Za-z_"),
        ('w', false) => output.push_str("[0-9A-Za-z_]"),
        ('W', _) => output.push_str("[^0-9A-Za-z_]"),
        ('s', true) => output.push_str(SPACE),
        ('s', false) => output.extend(["[", SPACE, "]"]),
        ('S', _) => output.extend(["[^", SPACE, "]"]),
        ('v', true) => output.push_str(VERTICAL_SPACE),
        ('v', false) => output.extend(["[", VERTICAL_SPACE, "]"]),
        ('V', _) => output.extend(["[^", VERTICAL_SPACE, "]"]),
        ('N', false) => output.push_str(r"[^\n]"),
        ('b', true) => output.push_str(r"\x08"),
        ('b', false) => output.push_str(WORD_BOUNDARY),
        ('B', false) => output.push_str(NO_WORD_BOUNDARY),
        ('Z', false) => output.push_str(BEFORE_FINAL_NEWLINE),
        ('e', _) => output.push_str(r"\x1B"),
        ('<' | '>', _) => output.push(escaped),
        ('a' | 't' | 'n' | 'r' | 'f' | 'x' | 'p' | 'P', _) | ('A' | 'z' | 'k' | '1'..='9', false) => {
            output.extend(['\\', escaped]);
        }
        (other, _) if other.is_ascii_alphanumeric() => return Err("an escape of a letter or digit"),
        (other, _) if other.is_ascii() => output.extend(['\\', other]),
        (other, _) => output.push(other),
    }
    Ok(())
}

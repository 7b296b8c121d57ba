//! A scanner over the source of a template: its macros, their parameters and bodies, and what stands outside of them.
//!
//! The template engine keeps none of this: it lets the last of two macros of a name win, takes text outside macros, and
//! finds a wrong number of arguments only when a macro is called.

use std::ops::Range;

/// A macro as it stands in the source; byte ranges.
#[derive(Clone, Debug)]
pub(super) struct ScannedMacro {
    pub(super) name: String,
    pub(super) name_span: Range<usize>,
    pub(super) parameters: Vec<(String, Range<usize>)>,
    pub(super) body: Vec<Chunk>,
}

/// A part of a template's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    Text(Range<usize>),
    /// The inside of `{{ … }}`.
    Output(Range<usize>),
    /// The inside of `{% … %}`.
    Tag(Range<usize>),
    Comment,
}

/// A fault with its place.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) span: Range<usize>,
}

fn fault<T>(message: impl Into<String>, span: Range<usize>) -> Result<T, Fault> {
    Err(Fault {
        message: message.into(),
        span,
    })
}

/// The macros of a template, in order.
pub(super) fn macros(source: &str) -> Result<Vec<ScannedMacro>, Fault> {
    let mut found: Vec<ScannedMacro> = Vec::new();
    let mut open: Option<ScannedMacro> = None;
    for chunk in chunks(source)? {
        match (&chunk, &mut open) {
            (Chunk::Tag(span), None) => {
                let (word, word_span) = first_word(source, span);
                match word {
                    "macro" => open = Some(header(source, word_span.end..span.end)?),
                    "from" | "import" | "set" => {}
                    other => return fault(format!("`{other}` outside a macro"), span.clone()),
                }
            }
            (Chunk::Tag(span), Some(current)) => match first_word(source, span).0 {
                "endmacro" => found.extend(open.take()),
                "macro" => return fault("a macro inside a macro", span.clone()),
                _ => current.body.push(chunk),
            },
            (Chunk::Text(span), None) => {
                let text = slice(source, span);
                if !text.trim().is_empty() {
                    let start = span.start + (text.len() - text.trim_start().len());
                    return fault("text outside a macro", start..span.end);
                }
            }
            (Chunk::Output(span), None) => return fault("output outside a macro", span.clone()),
            (Chunk::Comment, None) => {}
            (Chunk::Text(_) | Chunk::Output(_) | Chunk::Comment, Some(current)) => current.body.push(chunk),
        }
    }
    match open {
        Some(unfinished) => fault(
            format!("macro `{}` without `endmacro`", unfinished.name),
            unfinished.name_span,
        ),
        None => Ok(found),
    }
}

/// Text of a range; empty for a range outside the source.
pub(super) fn slice<'a>(source: &'a str, span: &Range<usize>) -> &'a str {
    source.get(span.clone()).unwrap_or_default()
}

fn first_word<'a>(source: &'a str, span: &Range<usize>) -> (&'a str, Range<usize>) {
    let text = slice(source, span);
    let trimmed = text.trim_start();
    let start = span.start + text.len() - trimmed.len();
    let length = trimmed
        .find(|character: char| !character.is_alphanumeric() && character != '_')
        .unwrap_or(trimmed.len());
    (slice(source, &(start..start + length)), start..start + length)
}

fn header(source: &str, span: Range<usize>) -> Result<ScannedMacro, Fault> {
    let (name, name_span) = first_word(source, &span);
    let rest = slice(source, &(name_span.end..span.end));
    let trimmed = rest.trim();
    let Some(inside) = trimmed.strip_prefix('(').and_then(|text| text.strip_suffix(')')) else {
        return fault("a macro needs a name and parameters in parentheses", span);
    };
    let mut start = name_span.end + rest.find('(').unwrap_or_default() + 1;
    let mut parameters = Vec::new();
    for part in inside.split(',') {
        let word = part.trim();
        let at = start + part.len() - part.trim_start().len();
        let word_span = at..at + word.len();
        start += part.len() + 1;
        if word.is_empty() {
            if inside.trim().is_empty() {
                break;
            }
            return fault("an empty parameter", word_span);
        }
        if !word
            .chars()
            .all(|character| character.is_alphanumeric() || character == '_')
        {
            return fault(
                format!("`{word}` is no parameter name (defaults cannot be given)"),
                word_span,
            );
        }
        if parameters.iter().any(|(known, _)| known == word) {
            return fault(format!("parameter `{word}` twice"), word_span);
        }
        parameters.push((word.to_owned(), word_span));
    }
    Ok(ScannedMacro {
        name: name.to_owned(),
        name_span,
        parameters,
        body: Vec::new(),
    })
}

/// Cuts the source into text, output, tags and comments.
fn chunks(source: &str) -> Result<Vec<Chunk>, Fault> {
    let mut chunks = Vec::new();
    let mut position = 0;
    while position < source.len() {
        let rest = slice(source, &(position..source.len()));
        let next = ["{{", "{%", "{#"].iter().filter_map(|open| rest.find(open)).min();
        let Some(offset) = next else {
            chunks.push(Chunk::Text(position..source.len()));
            break;
        };
        let start = position + offset;
        if offset > 0 {
            chunks.push(Chunk::Text(position..start));
        }
        let opening = slice(source, &(start..start + 2));
        let (end, chunk) = block(source, start, opening)?;
        if let Chunk::Tag(span) = &chunk
            && first_word(source, span).0 == "raw"
        {
            return fault("`raw` blocks cannot be used here", span.clone());
        }
        chunks.push(chunk);
        position = end;
    }
    Ok(chunks)
}

/// Reads one block from its opening; gives the end and the chunk.
fn block(source: &str, start: usize, opening: &str) -> Result<(usize, Chunk), Fault> {
    let inner = start + 2;
    let closing = match opening {
        "{{" => "}}",
        "{%" => "%}",
        _ => "#}",
    };
    let found = if closing == "#}" {
        slice(source, &(inner..source.len()))
            .find(closing)
            .map(|offset| inner + offset)
    } else {
        close(source, inner, closing)
    };
    let Some(end) = found else {
        return fault(format!("`{opening}` without `{closing}`"), start..inner);
    };
    let span = trimmed(source, inner..end);
    let chunk = match opening {
        "{{" => Chunk::Output(span),
        "{%" => Chunk::Tag(span),
        _ => Chunk::Comment,
    };
    Ok((end + 2, chunk))
}

/// Leaves the marks of whitespace control out.
fn trimmed(source: &str, mut span: Range<usize>) -> Range<usize> {
    if slice(source, &span).starts_with(['-', '+']) {
        span.start += 1;
    }
    if slice(source, &span).ends_with(['-', '+']) {
        span.end -= 1;
    }
    span
}

/// The place of `closing` outside string literals.
fn close(source: &str, from: usize, closing: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (offset, character) in source.get(from..)?.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if character == '\\' => escaped = true,
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if source.get(from + offset..)?.starts_with(closing) => return Some(from + offset),
            None if character == '"' || character == '\'' => quote = Some(character),
            None => {}
        }
    }
    None
}

/// Names of filters in an expression: words after a `|` outside string literals, with their places.
pub(super) fn filters(source: &str, span: &Range<usize>) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (offset, character) in slice(source, span).char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if character == '\\' => escaped = true,
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if character == '"' || character == '\'' => quote = Some(character),
            None if character == '|' => {
                let (word, place) = first_word(source, &(span.start + offset + 1..span.end));
                found.push((word.to_owned(), place));
            }
            None => {}
        }
    }
    found
}

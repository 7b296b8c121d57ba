//! Hostile text made safe for a terminal.

use std::fmt::Write;

/// Whether a terminal would do something else than show the character: controls, and marks that reorder or hide
/// text (Unicode's `Bidi_Control`, zero width, separators, tags).
fn hostile(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
        )
}

/// Appends a character in a form that only shows.
pub(super) fn push(character: char, to: &mut String) {
    match character {
        '\t' => to.push_str("    "),
        '\0'..='\x1F' => to.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{FFFD}')),
        '\x7F' => to.push('\u{2421}'),
        _ if hostile(character) => {
            // Writing into a String cannot fail.
            let _ = write!(to, "<U+{:04X}>", u32::from(character));
        }
        _ => to.push(character),
    }
}

/// One line of at most `limit` characters and an ellipsis.
pub(super) fn short(text: &str, limit: usize) -> String {
    limited(text, limit, push)
}

/// Like [`short`], where line breaks stay.
pub(super) fn lines(text: &str, limit: usize) -> String {
    limited(text, limit, |character, to| match character {
        '\n' => to.push('\n'),
        _ => push(character, to),
    })
}

fn limited(text: &str, limit: usize, mut add: impl FnMut(char, &mut String)) -> String {
    let mut shown = String::with_capacity(text.len().min(limit));
    let mut characters = text.chars();
    characters
        .by_ref()
        .take(limit)
        .for_each(|character| add(character, &mut shown));
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

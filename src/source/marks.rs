//! From the scanner's marks, which count characters, to bytes of the file.
//!
//! In an ASCII file they are the same. In another one the line and the column of a mark are used, not its
//! index: the scanner counts some directives in bytes, and a line sets that right again. On a line that starts
//! with a byte order mark, which the column may leave out, it is the index.

use saphyr_parser::Marker;

/// Turns marks of a parser into byte offsets. Made once per file.
pub(super) struct Marks {
    length: usize,
    /// None if the text is ASCII.
    table: Option<Table>,
    base_byte: usize,
    base_character: usize,
    base_line: usize,
}

struct Table {
    lines: Vec<Line>,
    /// For each character of more than one byte: its character index, and how far bytes are ahead after it.
    wide: Vec<(u32, u32)>,
}

impl Marks {
    pub(super) fn new(text: &str) -> Self {
        Self {
            length: text.len(),
            table: (!text.is_ascii()).then(|| Table::new(text)),
            base_byte: 0,
            base_character: 0,
            base_line: 0,
        }
    }

    /// Says that the marks to come are those of a parser that started at this byte, which starts a line.
    pub(super) fn start_at(&mut self, byte: usize) {
        self.base_byte = byte;
        if let Some(table) = &self.table {
            self.base_line = table.lines.partition_point(|line| (line.byte as usize) < byte);
            self.base_character = table
                .lines
                .get(self.base_line)
                .map_or(0, |line| line.character as usize);
        }
    }

    #[inline]
    pub(super) fn byte(&self, mark: &Marker) -> usize {
        match &self.table {
            None => (self.base_byte + mark.index()).min(self.length),
            Some(table) => {
                let line = table.lines.get(self.base_line + mark.line().saturating_sub(1));
                let character = match line {
                    Some(line) if !line.marked => line.character as usize + mark.col(),
                    Some(_) | None => self.base_character + mark.index(),
                };
                table.byte(character).min(self.length)
            }
        }
    }
}

/// The start of a line.
struct Line {
    byte: u32,
    character: u32,
    /// It starts with a byte order mark.
    marked: bool,
}

impl Table {
    #[allow(clippy::cast_possible_truncation)] // Texts are at most u32::MAX bytes long.
    fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let line = |byte: usize, character| Line {
            byte: byte as u32,
            character,
            marked: text.get(byte..).is_some_and(|line| line.starts_with('\u{FEFF}')),
        };
        let mut lines = vec![line(0, 0)];
        let mut wide = Vec::new();
        let (mut characters, mut ahead) = (0_u32, 0_u32);
        for (byte, character) in text.char_indices() {
            if !character.is_ascii() {
                ahead += character.len_utf8() as u32 - 1;
                wide.push((characters, ahead));
            }
            characters += 1;
            if character == '\n' || (character == '\r' && bytes.get(byte + 1) != Some(&b'\n')) {
                lines.push(line(byte + 1, characters));
            }
        }
        Self { lines, wide }
    }

    fn byte(&self, character: usize) -> usize {
        let before = self.wide.partition_point(|wide| (wide.0 as usize) < character);
        let ahead = before
            .checked_sub(1)
            .and_then(|last| self.wide.get(last))
            .map_or(0, |wide| wide.1);
        character + ahead as usize
    }
}

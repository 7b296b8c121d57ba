//! The lines of sources that a diagnostic points at: few, short and safe to print.

use super::escape;
use crate::diagnostic::{Diagnostic, Source, SourceMap};

/// Lines that are this near are shown together.
const NEAR: usize = 3;
/// Bytes of a line from which on only the part around the label is shown.
const LONG: usize = 400;
/// Characters shown of a long line before and after the start of the label, and after its end.
const BEFORE: usize = 40;
const AFTER: usize = 60;

/// Adjacent lines of one source, as they are printed.
pub(super) struct Window {
    pub(super) file: String,
    /// Of the first label in it, from 1.
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) first_line: usize,
    pub(super) text: String,
    pub(super) marks: Vec<Mark>,
}

/// A label: its bytes in the window's text.
pub(super) struct Mark {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) primary: bool,
    pub(super) text: String,
}

/// A label on its line. Bytes are those of the source.
struct Place<'a> {
    source: &'a Source,
    line: usize,
    column: usize,
    /// The line without its break.
    line_start: usize,
    line_end: usize,
    start: usize,
    /// At most the end of the line: of a label over several lines the first is shown.
    end: usize,
    primary: bool,
    text: &'a str,
}

impl Place<'_> {
    fn long(&self) -> bool {
        self.line_end - self.line_start > LONG
    }

    fn near(&self, other: &Self) -> bool {
        self.source.id == other.source.id
            && self.line.abs_diff(other.line) <= NEAR
            && !self.long()
            && !other.long()
    }
}

/// The windows of a diagnostic, that of the primary place first. Labels without a source are left out.
pub(super) fn windows(diagnostic: &Diagnostic, sources: &SourceMap) -> Vec<Window> {
    let mut groups: Vec<Vec<Place<'_>>> = Vec::new();
    for (index, label) in diagnostic.labels.iter().enumerate() {
        let Some(source) = sources.get(label.span.source) else {
            continue;
        };
        let place = place(source, label.span.start, label.span.end, index == 0, &label.text);
        let group = groups
            .iter_mut()
            .find(|group| group.iter().any(|other| other.near(&place)));
        match group {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups.iter().filter_map(|group| window(group)).collect()
}

fn place<'a>(source: &'a Source, start: u32, end: u32, primary: bool, text: &'a str) -> Place<'a> {
    let all = source.text.as_str();
    let (line, column) = source.position(start);
    let start = boundary(all, start as usize);
    let line_start = all
        .get(..start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    let rest = all.get(start..).unwrap_or_default();
    let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    let content = rest.get(..length).unwrap_or_default();
    let line_end = start + content.strip_suffix('\r').unwrap_or(content).len();
    let end = boundary(all, end as usize).clamp(start, line_end.max(start));
    Place {
        source,
        line,
        column,
        line_start,
        line_end,
        start,
        end,
        primary,
        text,
    }
}

fn boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn window(places: &[Place<'_>]) -> Option<Window> {
    let first = places.first()?;
    let top = places.iter().min_by_key(|place| place.line_start)?;
    let bottom = places.iter().max_by_key(|place| place.line_end)?;
    let mut lines = Lines {
        text: String::new(),
        offsets: Vec::new(),
    };
    if first.long() {
        lines.cut(first);
    } else if bottom.line_end - top.line_start > LONG * (2 * NEAR + 1) {
        // A long line between the labels: it has none, so only its start is shown.
        lines.each(first.source, top.line_start, bottom.line_end);
    } else {
        lines.add(first.source, top.line_start, bottom.line_end);
    }
    let marks = places
        .iter()
        .map(|place| Mark {
            start: lines.shown(place.start),
            end: lines.shown(place.end),
            primary: place.primary,
            text: escape::short(place.text, 200),
        })
        .collect();
    Some(Window {
        file: escape::short(&first.source.name, 500),
        line: first.line,
        column: first.column,
        first_line: top.line,
        text: lines.text,
        marks,
    })
}

/// Printed text, with the place of each character in it.
struct Lines {
    text: String,
    /// Byte in the source, byte in the text; ascending.
    offsets: Vec<(usize, usize)>,
}

impl Lines {
    fn add(&mut self, source: &Source, start: usize, end: usize) {
        let raw = source.text.get(start..end).unwrap_or_default();
        for (index, character) in raw.char_indices() {
            let crlf = character == '\r' && raw.get(index..).is_some_and(|rest| rest.starts_with("\r\n"));
            self.offsets.push((start + index, self.text.len()));
            if character == '\n' {
                self.text.push('\n');
            } else if !crlf {
                escape::push(character, &mut self.text);
            }
        }
        self.offsets.push((end, self.text.len()));
    }

    fn each(&mut self, source: &Source, start: usize, end: usize) {
        let mut at = start;
        for line in source
            .text
            .get(start..end)
            .unwrap_or_default()
            .split_inclusive('\n')
        {
            let shown = boundary(line, LONG);
            self.add(source, at, at + shown);
            if shown < line.len() {
                self.text.push('…');
                if line.ends_with('\n') {
                    self.text.push('\n');
                }
            }
            at += line.len();
        }
    }

    fn cut(&mut self, place: &Place<'_>) {
        let all = place.source.text.as_str();
        let part = |from: usize, to: usize| all.get(from..to).unwrap_or_default();
        let before = part(place.line_start, place.start);
        let from = before
            .char_indices()
            .rev()
            .take(BEFORE)
            .last()
            .map_or(place.start, |(index, _)| place.line_start + index);
        let ahead = |from: usize, limit: usize| {
            part(from, place.line_end)
                .char_indices()
                .nth(limit)
                .map_or(place.line_end, |(index, _)| from + index)
        };
        let to = ahead(place.end.min(ahead(place.start, AFTER)), AFTER);
        if from > place.line_start {
            self.text.push('…');
        }
        self.add(place.source, from, to);
        if to < place.line_end {
            self.text.push('…');
        }
    }

    /// Where a byte of the source is in the text; the nearest shown place if it is not shown.
    fn shown(&self, byte: usize) -> usize {
        let index = self.offsets.partition_point(|offset| offset.0 < byte);
        self.offsets
            .get(index)
            .or(self.offsets.last())
            .map_or(0, |offset| offset.1)
    }
}

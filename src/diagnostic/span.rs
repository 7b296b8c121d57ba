//! Where a piece of text stands: a source and a byte range in it.

use std::sync::Arc;

/// Names a [`Source`] in a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A byte range in a source text. Bytes count from the start of the text after a byte order mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from the start of `self` to the end of `other`, both in one source.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            source: self.source,
            start: self.start,
            end: other.end.max(self.start),
        }
    }
}

/// A text that was read: a rule file, a filter, a pipeline, standard input.
#[derive(Debug)]
pub struct Source {
    /// Its id in the map.
    pub id: SourceId,
    /// As shown to people: the path as given or found, with `/` between folders.
    pub name: String,
    /// The text, without a byte order mark.
    pub text: String,
}

impl Source {
    /// Line and column of a byte offset, both from 1; the column counts characters.
    /// An offset beyond the text gives the end of the text.
    #[must_use]
    pub fn position(&self, offset: u32) -> (usize, usize) {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
        (
            line,
            before.get(line_start..).unwrap_or_default().chars().count() + 1,
        )
    }
}

/// All sources of a run; the id of a source is its index here.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    sources: Vec<Arc<Source>>,
}

impl SourceMap {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and gives its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        let source = Arc::new(Source {
            id: self.next_id(),
            name: name.into(),
            text: text.into(),
        });
        self.sources.push(Arc::clone(&source));
        source
    }

    /// Adds a source that was made with the id [`next_id`](Self::next_id), or one counted on from it.
    pub fn push(&mut self, source: Arc<Source>) {
        debug_assert_eq!(source.id, self.next_id());
        self.sources.push(source);
    }

    /// The id that the next added source gets.
    #[must_use]
    pub fn next_id(&self) -> SourceId {
        SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX))
    }

    /// The source of an id.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&Arc<Source>> {
        self.sources.get(id.0 as usize)
    }

    /// Name of the file, line and column of the start of a span.
    #[must_use]
    pub fn locate(&self, span: Span) -> Option<(&str, usize, usize)> {
        let source = self.get(span.source)?;
        let (line, column) = source.position(span.start);
        Some((&source.name, line, column))
    }
}

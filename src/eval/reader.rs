//! Events from a stream: an object on each line (NDJSON), or JSON arrays and objects over several lines.
//!
//! One bad line does not stop the rest. Memory holds one event, or one array if the text begins with `[`.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic};
use crate::eval::Event;

/// An event that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The stream itself fails; nothing follows.
    #[error("line {line}: {error}")]
    Stream {
        /// The line, from 1.
        line: usize,
        /// What the system says.
        error: io::Error,
    },
    /// A line or element is no event; the next ones follow.
    #[error("line {line}: {}", .diagnostic.title)]
    Invalid {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        diagnostic: Box<Diagnostic>,
    },
}

/// The events of a stream, in order. See [`events`].
#[derive(Debug)]
pub struct Events<R> {
    reader: R,
    line: usize,
    ready: VecDeque<Result<Event, ReadError>>,
    begun: bool,
    ended: bool,
}

/// Reads events: NDJSON line by line; or, if the text begins with `[` or with an object that does not end on its line,
/// a sequence of JSON values, of which arrays give their elements. Empty lines and a byte order mark are skipped.
pub fn events<R: BufRead>(reader: R) -> Events<R> {
    Events {
        reader,
        line: 0,
        ready: VecDeque::new(),
        begun: false,
        ended: false,
    }
}

impl<R: BufRead> Iterator for Events<R> {
    type Item = Result<Event, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            if let Err(error) = self.advance() {
                self.ended = true;
                let line = self.line.max(1);
                self.ready.push_back(Err(ReadError::Stream { line, error }));
            }
        }
    }
}

impl<R: BufRead> Events<R> {
    fn advance(&mut self) -> io::Result<()> {
        let mut text = Vec::new();
        if self.reader.read_until(b'\n', &mut text)? == 0 {
            self.ended = true;
            return Ok(());
        }
        self.line += 1;
        let first_line = self.line == 1;
        if first_line && let Some(rest) = text.strip_prefix(b"\xEF\xBB\xBF") {
            text = rest.to_vec();
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let begins = !std::mem::replace(&mut self.begun, true);
        let unfinished = || {
            let parsed = serde_json::from_slice::<IgnoredAny>(&text);
            parsed.is_err_and(|error| error.is_eof())
        };
        if begins && unfinished() {
            let cut_line = is_cut_line(&text);
            self.reader.read_to_end(&mut text)?;
            self.ended = true;
            self.push_sequence(&text, cut_line);
        } else {
            self.push_line(&text, self.line);
        }
        Ok(())
    }

    fn push_line(&mut self, text: &[u8], line: usize) {
        match serde_json::from_slice::<Value>(text) {
            Ok(value) => self.push_value(value, line),
            Err(error) => self.push_fault(line, format!("a line is not JSON: {}", reason(&error))),
        }
    }

    /// Values one after the other, whatever their lines. If the first is at fault and may be a line that was cut off,
    /// the lines are read one by one after all.
    fn push_sequence(&mut self, text: &[u8], cut_line: bool) {
        let start = self.line;
        let first = serde_json::Deserializer::from_slice(text)
            .into_iter::<IgnoredAny>()
            .next();
        if cut_line && first.is_some_and(|first| first.is_err()) {
            for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
                if !line.iter().all(u8::is_ascii_whitespace) {
                    self.push_line(line, start + index);
                }
            }
            return;
        }
        let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Value>();
        loop {
            let offset = values.byte_offset();
            let begin = text.get(offset..).unwrap_or_default();
            let blank = begin.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let before = text.get(..offset + blank).unwrap_or_default();
            let line = start + memchr::memchr_iter(b'\n', before).count();
            match values.next() {
                None => return,
                Some(Ok(value)) => self.push_value(value, line),
                Some(Err(error)) => {
                    let line = start + error.line().saturating_sub(1);
                    self.push_fault(line, format!("the text is not JSON: {}", reason(&error)));
                    return;
                }
            }
        }
    }

    fn push_value(&mut self, value: Value, line: usize) {
        match value {
            Value::Array(elements) => {
                for element in elements {
                    self.push_event(element, line);
                }
            }
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_)) => {
                self.push_event(other, line);
            }
        }
    }

    fn push_event(&mut self, value: Value, line: usize) {
        let event = Event::from_value(value).map_err(|diagnostic| ReadError::Invalid { line, diagnostic });
        self.ready.push_back(event);
    }

    fn push_fault(&mut self, line: usize, title: String) {
        let diagnostic = Box::new(Diagnostic::global(Code::INVALID_EVENT, title));
        self.ready.push_back(Err(ReadError::Invalid { line, diagnostic }));
    }
}

/// Whether a line that is no whole value may still be an object cut off: more than the brace of a printed object.
fn is_cut_line(line: &[u8]) -> bool {
    line.starts_with(b"{") && line.trim_ascii().len() > 1
}

/// The message of the JSON reader without its own place, which counts from the wrong start.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line ") {
        Some((reason, _)) => format!("{reason} (column {})", error.column()),
        None => text,
    }
}

//! From bytes to text: size, byte order mark, UTF-8, and whether it is text at all.

use super::Limits;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source, SourceId, Span};

/// A source, and whether it can be read.
#[derive(Debug)]
pub struct Decoded {
    /// Always there, so that the error can show its place; the text is lossy if the bytes are not UTF-8 and
    /// empty if they are above the size limit.
    pub source: Source,
    /// False if an error was pushed.
    pub readable: bool,
}

/// Decodes the bytes of a file. It is enough to hand over `limits.file_bytes + 1` bytes of a larger file.
pub fn decode(
    name: &str,
    mut bytes: Vec<u8>,
    id: SourceId,
    limits: &Limits,
    diagnostics: &mut Diagnostics,
) -> Decoded {
    let name = name.to_owned();
    // Spans are 32-bit offsets.
    let limit = limits.file_bytes.min(u32::MAX as usize);
    if bytes.len() > limit {
        diagnostics.push(too_large(limit, span(id, 0, 0)));
        let source = Source {
            id,
            name,
            text: String::new(),
        };
        return Decoded {
            source,
            readable: false,
        };
    }
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    let utf16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    let (text, invalid) = match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let place = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(place).copied().unwrap_or_default();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            (text, Some((place, byte)))
        }
    };
    let fault = if utf16 {
        Some(utf16_text(span(id, 0, char_end(&text, 0))))
    } else {
        match (memchr::memchr(0, text.as_bytes()), invalid) {
            (Some(nul), None) => Some(not_text(span(id, nul, nul + 1))),
            (Some(nul), Some((place, _))) if nul < place => Some(not_text(span(id, nul, nul + 1))),
            (_, Some((place, byte))) => Some(not_utf8(byte, span(id, place, char_end(&text, place)))),
            (None, None) => None,
        }
    };
    let readable = fault.is_none();
    diagnostics.extend(fault);
    Decoded {
        source: Source { id, name, text },
        readable,
    }
}

fn too_large(limit: usize, span: Span) -> Diagnostic {
    let size = if limit >= 1_000_000 && limit.is_multiple_of(1_000_000) {
        format!("{} MB", limit / 1_000_000)
    } else {
        format!("{limit} bytes")
    };
    Diagnostic::error(
        Code::FILE_TOO_LARGE,
        format!("the file is larger than {size}"),
        span,
    )
    .with_help("check that this is a rule file; split a file that holds very many rules")
}

fn utf16_text(span: Span) -> Diagnostic {
    Diagnostic::error(Code::INVALID_UTF8, "the file is UTF-16, not UTF-8", span)
        .with_help("save the file as UTF-8")
}

fn not_text(span: Span) -> Diagnostic {
    Diagnostic::error(Code::NOT_TEXT, "the file is not text: it holds a NUL byte", span)
        .with_help("check that this is a YAML file, and that it was saved as UTF-8")
}

fn not_utf8(byte: u8, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::INVALID_UTF8,
        format!("the file is not UTF-8: byte 0x{byte:02X} does not belong here"),
        span,
    )
    .with_help("save the file as UTF-8; it may have been written in an older encoding such as Latin-1")
}

fn char_end(text: &str, start: usize) -> usize {
    let width = text
        .get(start..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8);
    start + width
}

fn span(source: SourceId, start: usize, end: usize) -> Span {
    let offset = |byte| u32::try_from(byte).unwrap_or(u32::MAX);
    Span {
        source,
        start: offset(start),
        end: offset(end),
    }
}

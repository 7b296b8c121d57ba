//! Timespans of correlations: a whole number with a unit.

use super::reader::Reader;
use super::{Spanned, Timespan};
use crate::diagnostic::{Code, Diagnostic, Result};
use crate::source::Node;

const HELP: &str = "write a whole number above 0 and one unit: `30s`, `5m`, `1h`, `7d` (also `w`, `M`, `y`)";

/// Reads the node under `timespan`.
pub(super) fn read(reader: &mut Reader<'_>, node: Node) -> Option<Timespan> {
    let text = reader.text("`timespan`", node)?;
    reader.take(parse(text))
}

fn parse(text: Spanned<String>) -> Result<Timespan> {
    let seconds = length(&text.value).ok_or_else(|| {
        let title = format!("`{}` is not a timespan", text.value);
        Box::new(Diagnostic::error(Code::INVALID_TIMESPAN, title, text.span).with_help(HELP))
    })?;
    Ok(Timespan {
        text: text.value,
        seconds,
        span: text.span,
    })
}

/// The length in seconds; `M` counts 30 days, `y` 365.
fn length(text: &str) -> Option<u64> {
    const DAY: u64 = 86_400;
    let unit = text.chars().last()?;
    let digits = text.strip_suffix(unit)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => DAY,
        'w' => 7 * DAY,
        'M' => 30 * DAY,
        'y' => 365 * DAY,
        _ => return None,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    count.checked_mul(seconds).filter(|length| *length > 0)
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn units_have_their_lengths() {
        let lengths = ["15s", "5m", "1h", "7d", "2w", "1M", "1y"].map(length);
        assert_eq!(
            lengths.map(Option::unwrap),
            [15, 300, 3_600, 604_800, 1_209_600, 2_592_000, 31_536_000]
        );
    }

    #[test]
    fn anything_else_is_no_timespan() {
        for text in [
            "",
            "5",
            "m",
            "5 m",
            "1h30m",
            "-5m",
            "+5m",
            "0s",
            "5D",
            "1.5h",
            "99999999999999999999y",
            "5µ",
        ] {
            assert_eq!(length(text), None, "{text}");
        }
    }
}

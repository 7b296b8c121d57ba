//! Times in events: ISO 8601 with `T` or a blank, or epoch seconds or milliseconds.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::Offset;
use serde_json::Value;

use crate::normalize::TimePart;

static PARSER: DateTimeParser = DateTimeParser::new();

/// Epoch numbers from here on (in seconds the year 5138) are milliseconds.
const FIRST_MILLISECONDS: f64 = 1e11;

/// The time that a text states: ISO 8601 with an offset, or without one in UTC; or nine digits and more as epoch seconds
/// or milliseconds (fewer are a date: `20260131`). A named zone without an offset is no time.
#[must_use]
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if digits >= 9 && numeric {
        return epoch(text.parse().ok()?);
    }
    let pieces = PARSER.parse_pieces(text).ok()?;
    let offset = match pieces.to_numeric_offset() {
        Some(offset) => offset,
        None if pieces.time_zone_annotation().is_some() => return None,
        None => Offset::UTC,
    };
    let civil = DateTime::from_parts(pieces.date(), pieces.time().unwrap_or(Time::midnight()));
    offset.to_timestamp(civil).ok()
}

/// The time that a JSON value states: a text as [`parse_time`] reads it, a number as epoch seconds or milliseconds.
#[must_use]
pub fn parse_time_value(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => parse_time(text),
        Value::Number(number) => match number.as_i64() {
            Some(whole) if whole.unsigned_abs() >= 100_000_000_000 => Timestamp::from_millisecond(whole).ok(),
            Some(whole) => Timestamp::from_second(whole).ok(),
            None => epoch(number.as_f64()?),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[allow(clippy::cast_possible_truncation)]
fn epoch(number: f64) -> Option<Timestamp> {
    let seconds = if number.abs() >= FIRST_MILLISECONDS {
        number / 1e3
    } else {
        number
    };
    // Microseconds are what a float of this size still holds.
    let microseconds = (seconds * 1e6).round();
    (microseconds.abs() < 9e18)
        .then(|| Timestamp::from_microsecond(microseconds as i64).ok())
        .flatten()
}

/// A part of a time in UTC; the week is the ISO week.
pub(super) fn part_of(time: Timestamp, part: TimePart) -> i128 {
    let civil = Offset::UTC.to_datetime(time);
    match part {
        TimePart::Minute => civil.minute().into(),
        TimePart::Hour => civil.hour().into(),
        TimePart::Day => civil.day().into(),
        TimePart::Week => civil.iso_week_date().week().into(),
        TimePart::Month => civil.month().into(),
        TimePart::Year => civil.year().into(),
    }
}

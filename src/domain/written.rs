//! Parses dates and times: RFC 3339 strictly, and the forms that the CRM's senders write tolerantly.
//!
//! Pure: the zone for texts without an offset is passed in. An ambiguous local time is the earlier instant. A skipped local
//! time is shifted past the gap by the length of the gap.

use jiff::civil::Date;

use super::{
    time::{EPOCH, Timestamp},
    zone::Zone,
};

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

impl Timestamp {
    /// Parses RFC 3339, with any offset and any fraction (cut to milliseconds).
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let text = text.trim();
        if is_rfc3339(text) { Self::parse_written(text, &Zone::UTC) } else { None }
    }

    /// Parses a date, then optionally a time of day after a `T` or spaces, then optionally an offset. The date is `YYYY-MM-DD`
    /// or `DD-MM-YYYY`, or the same with slashes. A text without an offset is local to `zone`.
    pub fn parse_written(text: &str, zone: &Zone) -> Option<Self> {
        let (day, rest) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
        let (clock, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len()));
        let local_ms = date(day)? + time_of_day(clock.trim())?;
        let offset_ms = match offset.trim() {
            "" => zone.offset_at_local(local_ms),
            "Z" | "z" => 0,
            offset => offset_ms(offset)?,
        };
        Self::from_millis(local_ms - offset_ms)
    }
}

/// Whether a text has the shape required by RFC 3339: `YYYY-MM-DDTHH:MM:SS`, an optional fraction, `Z` or `±HH:MM`. The parser
/// checks the ranges, except that it would accept 24:00, which ISO 8601 allows and RFC 3339 does not.
fn is_rfc3339(text: &str) -> bool {
    let Some((seconds, rest)) = text.split_at_checked(19) else { return false };
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()),
        None => rest,
    };
    let has_digits = rest.strip_prefix('.').is_none_or(|fraction| fraction.len() != offset.len());
    let has_offset = matches!(offset, "Z" | "z") || (offset.starts_with(['+', '-']) && has_shape(&offset[1..], "00:00"));
    let has_time =
        ["0000-00-00T00:00:00", "0000-00-00t00:00:00", "0000-00-00 00:00:00"].iter().any(|shape| has_shape(seconds, shape));
    has_time && has_digits && has_offset && &seconds[11..13] != "24"
}

/// Whether a text matches the shape, in which `0` stands for any digit.
fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(byte, shape): (u8, u8)| if shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

/// Midnight of a date, in milliseconds of local time.
fn date(text: &str) -> Option<i64> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let (first, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    midnight(digits(year)?, two_digits(month)?, two_digits(day)?)
}

/// Midnight of a date, in milliseconds of local time; `None` where the calendar has no such date.
pub(super) fn midnight(year: i64, month: i64, day: i64) -> Option<i64> {
    let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    Some(date.duration_since(EPOCH.date()).as_secs() * SECOND_MS)
}

/// `HH:mm` or `HH:mm:ss`, with an optional fraction cut to milliseconds. An empty text is midnight.
fn time_of_day(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let mut parts = text.split(':');
    let (hours, minutes) = (two_digits(parts.next()?)?, two_digits(parts.next()?)?);
    let (seconds, milliseconds) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once(['.', ',']) {
            None => (two_digits(seconds)?, 0),
            Some((seconds, fraction)) => (two_digits(seconds)?, thousandths(fraction)?),
        },
    };
    // 24:00 is the end of its day, and second 60 the leap second.
    let within_a_day = hours < 24 || (hours, minutes, seconds, milliseconds) == (24, 0, 0, 0);
    if parts.next().is_some() || !within_a_day || minutes > 59 || seconds > 60 {
        return None;
    }
    Some(hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS + milliseconds)
}

/// `+07:00`, `+0700` or `+07`, in milliseconds east of UTC.
fn offset_ms(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('+') {
        Some(text) => (1, text),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, minutes) = match text.split_once(':') {
        Some(parts) => parts,
        None => text.split_at_checked(2)?,
    };
    let (hours, minutes) = (two_digits(hours)?, if minutes.is_empty() { 0 } else { two_digits(minutes)? });
    (hours < 24 && minutes < 60).then_some(sign * (hours * HOUR_MS + minutes * MINUTE_MS))
}

fn two_digits(text: &str) -> Option<i64> {
    if text.len() <= 2 { digits(text) } else { None }
}

/// The first three digits of a fraction, as milliseconds.
fn thousandths(fraction: &str) -> Option<i64> {
    let all_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits { digits(&format!("{:0<3}", fraction.get(..3).unwrap_or(fraction))) } else { None }
}

/// An unsigned number.
fn digits(text: &str) -> Option<i64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn any_rfc3339_time_is_written_in_utc_with_milliseconds() {
        for (text, expected) in [
            ("2025-09-25T16:10:00+07:00", "2025-09-25T09:10:00.000Z"),
            ("2025-09-25T09:10:00.1239Z", "2025-09-25T09:10:00.123Z"),
            (" 2025-09-25t09:10:00.5z ", "2025-09-25T09:10:00.500Z"),
            ("2025-09-25 09:10:00.123456789012-00:00", "2025-09-25T09:10:00.123Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
            ("0000-12-31T23:59:59-01:00", "0001-01-01T00:59:59.000Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text).map(|at| at.to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn text_beyond_rfc3339_is_refused() {
        for text in [
            "2025-09-25",
            "2025-09-25T09:10Z",
            "2025-09-25T09:10:00",
            "25-09-2025T09:10:00Z",
            "2025/09/25T09:10:00Z",
            "2025-9-25T09:10:00Z",
            "2025-09-25T9:10:00Z",
            "2025-09-25  09:10:00Z",
            "2025-09-25T09:10:00.Z",
            "2025-09-25T09:10:00,5Z",
            "2025-09-25T09:10:00 Z",
            "2025-09-25T09:10:00+0700",
            "2025-09-25T09:10:00+07",
            "2025-09-25T09:10:00+24:00",
            "2025-09-25T09:10:00Z[UTC]",
            "2025-09-25T24:00:00Z",
            "2025-02-30T09:10:00Z",
            "9999-12-31T23:59:59-01:00",
            "٢٠٢٥-٠٩-٢٥T٠٩:١٠:٠٠Z",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text}");
        }
    }
}

//! Points in time as the CRM's senders write them: numbers in seconds or milliseconds, ISO texts, `DD-MM-YYYY HH:mm:ss`.
//!
//! Each form is read wherever it stands, since senders mix them. The unit of a number follows from its magnitude; a text
//! without an offset is local time in the zone that is passed in. What the clocks of that zone showed twice is the earlier of
//! the two, and what they skipped lies as far behind the gap as it lay in it.

use chrono::{Duration, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;
use serde_json::Value;

use super::loose::{integer, real, rounded};
use crate::domain::time::Timestamp;

/// Numbers from here on are milliseconds, below it seconds: as seconds it is the year 5138, as milliseconds March 1973.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// Reads a number, a numeric text or a written time.
pub(super) fn read(value: &Value, zone: Tz) -> Option<Timestamp> {
    if let Some(number) = integer(value) {
        let is_seconds = number.unsigned_abs() < FIRST_MILLISECONDS.unsigned_abs();
        return Timestamp::from_millis(if is_seconds { number * 1000 } else { number });
    }
    if let Some(number) = real(value) {
        #[expect(clippy::cast_precision_loss, reason = "10^11 is exact in a float")]
        let is_seconds = number.abs() < FIRST_MILLISECONDS as f64;
        return Timestamp::from_millis(rounded(if is_seconds { number * 1000.0 } else { number })?);
    }
    written(value.as_str()?.trim(), zone)
}

/// A date, a time of day after a `T` or spaces, and an offset; the last two may be missing.
fn written(text: &str, zone: Tz) -> Option<Timestamp> {
    let (day, rest) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let (clock, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len()));
    let local = date(day)?.and_hms_opt(0, 0, 0)? + time_of_day(clock.trim())?;
    let offset_seconds = match offset.trim() {
        "" => offset_at(local, zone)?,
        "Z" | "z" => 0,
        offset => offset_seconds(offset)?,
    };
    Timestamp::from_millis(local.and_utc().timestamp_millis() - i64::from(offset_seconds) * 1000)
}

/// `YYYY-MM-DD` or `DD-MM-YYYY`, the same with slashes.
fn date(text: &str) -> Option<NaiveDate> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let (first, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(digits(year)?).ok()?, two_digits(month)?, two_digits(day)?)
}

/// `HH:mm`, `HH:mm:ss` or with a fraction of a second, cut to milliseconds; nothing is midnight.
fn time_of_day(text: &str) -> Option<Duration> {
    if text.is_empty() {
        return Some(Duration::zero());
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
    let whole_seconds = hours * 3600 + minutes * 60 + seconds;
    Some(Duration::seconds(i64::from(whole_seconds)) + Duration::milliseconds(i64::from(milliseconds)))
}

/// `+07:00`, `+0700` or `+07`, in seconds east of Greenwich.
fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, text) = match text.strip_prefix('+') {
        Some(text) => (1, text),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, minutes) = match text.split_once(':') {
        Some(parts) => parts,
        None => text.split_at_checked(2)?,
    };
    let (hours, minutes) = (two_digits(hours)?, if minutes.is_empty() { 0 } else { two_digits(minutes)? });
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    (hours < 24 && minutes < 60).then_some(sign * seconds)
}

/// The offset of a zone at a local time, in seconds. In a gap it is the offset that held before it.
fn offset_at(local: NaiveDateTime, zone: Tz) -> Option<i32> {
    // A zone that changes sides of the date line skips a day; no gap is longer.
    (0..=48)
        .find_map(|hours| zone.offset_from_local_datetime(&(local - Duration::hours(hours))).earliest())
        .map(|offset| offset.fix().local_minus_utc())
}

fn two_digits(text: &str) -> Option<u32> {
    if text.len() <= 2 { digits(text) } else { None }
}

/// The first three digits after the point.
fn thousandths(fraction: &str) -> Option<u32> {
    let all_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits { digits(&format!("{:0<3}", fraction.get(..3).unwrap_or(fraction))) } else { None }
}

/// A number without sign.
fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

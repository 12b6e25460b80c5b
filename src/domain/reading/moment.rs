//! Points in time as the CRM's senders write them: numbers in seconds or milliseconds, ISO texts, `DD-MM-YYYY HH:mm:ss`.
//!
//! Every form is accepted in every field, since senders mix them. The unit of a number follows from its magnitude. A text
//! without an offset is local to the given zone.

use serde_json::Value;

use super::loose::{integer, real, rounded};
use crate::domain::{time::Timestamp, zone::Zone};

/// Numbers from here on are milliseconds (March 1973), smaller ones are seconds (up to the year 5138).
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// Reads a number, a numeric text or a written date and time.
pub(super) fn read(value: &Value, zone: &Zone) -> Option<Timestamp> {
    if let Some(number) = integer(value) {
        let is_seconds = number.unsigned_abs() < FIRST_MILLISECONDS.unsigned_abs();
        return Timestamp::from_millis(if is_seconds { number * 1000 } else { number });
    }
    if let Some(number) = real(value) {
        #[expect(clippy::cast_precision_loss, reason = "10^11 is exact in a float")]
        let is_seconds = number.abs() < FIRST_MILLISECONDS as f64;
        return Timestamp::from_millis(rounded(if is_seconds { number * 1000.0 } else { number })?);
    }
    Timestamp::parse_written(value.as_str()?.trim(), zone)
}

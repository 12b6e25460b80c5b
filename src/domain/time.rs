//! Instants as everything here keeps them: milliseconds since the Unix epoch, in UTC.
//!
//! Pure: nothing in `domain` asks a clock. Whoever needs "now" is given it (`crate::clock`), so that tests are exact.

use chrono::{DateTime, SecondsFormat, Utc};

/// An instant in milliseconds since 1970-01-01T00:00:00Z, between the years 0001 and 9999 so that it can always be
/// written as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    const MIN_MS: i64 = -62_135_596_800_000;
    const MAX_MS: i64 = 253_402_300_799_999;

    /// The instant `ms` milliseconds after the epoch, or `None` outside the years 0001 to 9999.
    pub fn from_millis(ms: i64) -> Option<Self> {
        (Self::MIN_MS..=Self::MAX_MS).contains(&ms).then_some(Self(ms))
    }

    /// As [`Self::from_millis`], for values this program wrote itself: what lies outside is moved to the nearest end.
    pub fn clamped(ms: i64) -> Self {
        Self(ms.clamp(Self::MIN_MS, Self::MAX_MS))
    }

    /// Milliseconds since the epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// Any RFC 3339 text, whatever its offset and fraction (cut to milliseconds).
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let parsed = DateTime::parse_from_rfc3339(text.trim()).ok()?;
        Self::from_millis(parsed.timestamp_millis())
    }

    /// The same instant as a chrono value.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

/// RFC 3339 in UTC, always with milliseconds: `2025-09-25T09:10:00.123Z`.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn any_rfc3339_comes_out_as_utc_with_milliseconds() {
        let shown = |text| Timestamp::parse_rfc3339(text).map(|at| at.to_string());
        assert_eq!(shown("2025-09-25T16:10:00+07:00").as_deref(), Some("2025-09-25T09:10:00.000Z"));
        assert_eq!(shown("2025-09-25T09:10:00.1239Z").as_deref(), Some("2025-09-25T09:10:00.123Z"));
        assert_eq!(shown("2025-09-25"), None);
    }

    #[test]
    fn instants_outside_four_digit_years_are_none() {
        assert_eq!(Timestamp::from_millis(i64::MAX), None);
        assert_eq!(Timestamp::clamped(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::clamped(i64::MIN).to_string(), "0001-01-01T00:00:00.000Z");
    }
}

//! Instants as the whole program keeps them: milliseconds since the Unix epoch, in UTC.
//!
//! Pure: nothing in `domain` reads a clock. Code that needs the current time is given it (`crate::clock`), so that tests
//! are exact.

use jiff::{SignedDuration, civil::DateTime};

/// The date and time at which instants are 0.
pub(super) const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

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

    /// As [`Self::from_millis`], for values this program wrote itself: a value outside is moved to the nearest end.
    pub fn clamped(ms: i64) -> Self {
        Self(ms.clamp(Self::MIN_MS, Self::MAX_MS))
    }

    /// Milliseconds since the epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// The date and time in UTC.
    pub fn to_utc(self) -> DateTime {
        // `jiff::Timestamp` ends a day before the year 9999 does, its civil time does not.
        EPOCH.saturating_add(SignedDuration::from_millis(self.0))
    }
}

/// RFC 3339 in UTC, always with milliseconds: `2025-09-25T09:10:00.123Z`.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}Z", self.to_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn instants_outside_four_digit_years_are_none() {
        assert_eq!(Timestamp::from_millis(i64::MAX), None);
        assert_eq!(Timestamp::clamped(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::clamped(i64::MIN).to_string(), "0001-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::clamped(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }
}

//! Instants, kept everywhere as milliseconds since the Unix epoch, in UTC.
//!
//! Pure: nothing in `domain` reads a clock. The current time is passed in (from `crate::clock`), so that tests are exact.

use jiff::{SignedDuration, civil::DateTime};

/// The date and time of instant 0.
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

    /// Like [`Self::from_millis`], but clamps a value out of range. For values that this program wrote itself.
    pub fn clamped(ms: i64) -> Self {
        Self(ms.clamp(Self::MIN_MS, Self::MAX_MS))
    }

    /// Milliseconds since the epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// The date and time in UTC.
    pub fn to_utc(self) -> DateTime {
        // `jiff::Timestamp` ends a day before the end of the year 9999; its civil time does not.
        EPOCH.saturating_add(SignedDuration::from_millis(self.0))
    }
}

/// RFC 3339 in UTC, always with milliseconds: `2025-09-25T09:10:00.123Z`.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::str::from_utf8(&self.to_rfc3339()).expect("digits and punctuation are ASCII"))
    }
}

impl Timestamp {
    /// RFC 3339 in UTC, like [`Display`](std::fmt::Display). Written by hand for speed: a page has hundreds of times.
    pub fn to_rfc3339(self) -> [u8; 24] {
        const DAY_MS: i64 = 86_400_000;
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let date = civil(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let (year, month, day) = date;
        let parts = [
            (0, 4, year),
            (5, 2, month),
            (8, 2, day),
            (11, 2, ms / 3_600_000),
            (14, 2, ms / 60_000 % 60),
            (17, 2, ms / 1000 % 60),
            (20, 3, ms % 1000),
        ];
        for (from, digits, mut value) in parts {
            for place in text[from..from + digits].iter_mut().rev() {
                *place += u8::try_from(value % 10).unwrap_or(0);
                value /= 10;
            }
        }
        text
    }
}

/// Year, month and day in the Gregorian calendar of a day counted from 1970-01-01. The algorithm counts years from March, so
/// that a leap day is the last of its year, in eras of 400 years, after which the calendar repeats.
fn civil(day: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097;
    // Days from 0000-03-01 to 1970-01-01.
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(ERA_DAYS), day.rem_euclid(ERA_DAYS));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // From March on, months have 31, 30, 31, 30, 31 days, repeatedly.
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn every_day_is_written_as_jiff_writes_it() {
        let days = (Timestamp::MIN_MS / 86_400_000)..=(Timestamp::MAX_MS / 86_400_000);
        for (number, day) in days.enumerate() {
            let at = Timestamp::clamped(day * 86_400_000 + i64::try_from(number).unwrap() * 7_919 % 86_400_000);
            assert_eq!(at.to_string(), format!("{:.3}Z", at.to_utc()));
        }
    }

    #[test]
    fn instants_outside_four_digit_years_are_none() {
        assert_eq!(Timestamp::from_millis(i64::MAX), None);
        assert_eq!(Timestamp::clamped(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::clamped(i64::MIN).to_string(), "0001-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::clamped(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }
}

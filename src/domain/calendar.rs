//! Divides a span of time into hours, days, weeks or months of a time zone.
//!
//! A zone's offset is constant between its changes (daylight saving time, or a new law). Databases don't know zones, so
//! statistics pass them the [`Segments`] of the span: the database computes a row's local time from its segment and the number
//! of its [`Bucket`]. [`Segments::start`] computes the instant at which a bucket starts.
//!
//! Local times are milliseconds since an origin, [`ORIGIN_MS`] before the epoch. The origin is a Monday, early enough for every
//! local time to be positive.

use super::{time::Timestamp, written::midnight, zone::Zone};

/// A quarter of an hour.
pub const QUARTER_MS: i64 = 900_000;
/// An hour.
pub const HOUR_MS: i64 = 4 * QUARTER_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Days from the origin, Monday -0399-01-01 (400 years before year 1), to the epoch.
const ORIGIN_DAYS: i64 = 719_162 + 146_097;

/// Milliseconds from the origin to the epoch. Added to milliseconds since the epoch, it makes every local time positive and
/// lets weeks begin at multiples of seven days.
pub const ORIGIN_MS: i64 = ORIGIN_DAYS * DAY_MS;

/// The span, in milliseconds since the epoch, in which offset changes are looked up. No zone has changes before it. Daylight
/// saving time would continue forever after it, but no law is known that far ahead.
const RULES: std::ops::Range<i64> = -5_364_662_400_000..7_258_118_400_000;

/// The length of a bucket on a time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interval {
    /// From one full hour to the next. An hour that repeats when clocks go back counts as two buckets.
    Hour,
    /// A calendar day.
    Day,
    /// A week from Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
}

impl Interval {
    /// The length in milliseconds; `None` for months, whose length varies.
    pub const fn millis(self) -> Option<i64> {
        match self {
            Self::Hour => Some(HOUR_MS),
            Self::Day => Some(DAY_MS),
            Self::Week => Some(7 * DAY_MS),
            Self::Month => None,
        }
    }
}

/// A span in which a zone's offset is constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its first instant, in milliseconds since the epoch.
    pub from_ms: i64,
    /// Local time minus UTC, in milliseconds.
    pub offset_ms: i64,
}

/// The segments of a zone, in order. The first also applies to all time before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segments(Vec<Segment>);

/// A bucket, identified as a database numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Hours, days or weeks of local time since the origin; for a month, 100 × year + month.
    pub number: i64,
    /// The UTC offset of an hour bucket, which tells apart the two hours when clocks go back; `None` for longer buckets.
    pub offset_ms: Option<i64>,
}

impl Segments {
    /// The segments of a zone between two instants, extended to cover buckets that reach beyond them.
    pub fn of(zone: &Zone, from: Timestamp, to: Timestamp) -> Self {
        let widest = 32 * DAY_MS;
        let from = (from.as_millis() - widest).clamp(RULES.start, RULES.end);
        let to = (to.as_millis() + widest).clamp(from, RULES.end);
        let changes = zone.changes_after(from).take_while(|change| change.at_ms <= to);
        let first = Segment { from_ms: from, offset_ms: zone.offset_at(from) };
        Self(
            [first]
                .into_iter()
                .chain(changes.map(|change| Segment { from_ms: change.at_ms, offset_ms: change.offset_ms }))
                .collect(),
        )
    }

    /// The segments.
    pub fn as_slice(&self) -> &[Segment] {
        &self.0
    }

    /// Whether every span of `length_ms`, counted from the epoch, lies in a single bucket. `length_ms` is an hour or a quarter
    /// of one. False for offsets that are not a multiple of it, such as local mean time.
    pub fn are_multiples_of(&self, length_ms: i64) -> bool {
        let offsets = self.0.iter().all(|segment| segment.offset_ms % length_ms == 0);
        offsets && self.0.iter().skip(1).all(|segment| segment.from_ms % length_ms == 0)
    }

    /// The first instant in a bucket.
    pub fn start(&self, interval: Interval, bucket: Bucket) -> Option<Timestamp> {
        let local = match interval {
            Interval::Month => midnight(bucket.number / 100, bucket.number % 100, 1)?,
            _ => bucket.number * interval.millis()? - ORIGIN_MS,
        };
        let mut ends = self.0.iter().skip(1).map(|next| next.from_ms).chain([i64::MAX]);
        let first = self.0.iter().enumerate().find_map(|(place, segment)| {
            let end = ends.next()?;
            let nominal = local - segment.offset_ms;
            let start = if place == 0 { nominal } else { nominal.max(segment.from_ms) };
            let is_meant = match bucket.offset_ms {
                Some(offset) => offset == segment.offset_ms && start < nominal + HOUR_MS,
                None => true,
            };
            (is_meant && start < end).then_some(start)
        });
        first.map(Timestamp::clamped)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn ms(text: &str) -> i64 {
        Timestamp::parse_rfc3339(text).unwrap().as_millis()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    /// The bucket of an instant, numbered as a database would.
    fn bucket(segments: &Segments, interval: Interval, ms: i64) -> Bucket {
        let held = segments.0.iter().rev().find(|segment| segment.from_ms <= ms).unwrap_or(&segments.0[0]);
        let local = ms + held.offset_ms + ORIGIN_MS;
        let date = Timestamp::clamped(local - ORIGIN_MS).to_utc();
        let month = i64::from(date.year()) * 100 + i64::from(date.month());
        let number = interval.millis().map_or(month, |length| local / length);
        Bucket { number, offset_ms: (interval == Interval::Hour).then_some(held.offset_ms) }
    }

    #[test]
    fn a_year_in_berlin_has_two_offset_changes() {
        let segments = Segments::of(&zone("Europe/Berlin"), at("2025-02-05T00:00:00Z"), at("2025-11-20T00:00:00Z"));
        let changes: Vec<(i64, i64)> = segments.0[1..].iter().map(|s| (s.from_ms, s.offset_ms / HOUR_MS)).collect();
        assert_eq!(changes, [(ms("2025-03-30T01:00:00Z"), 2), (ms("2025-10-26T01:00:00Z"), 1)]);
    }

    #[test]
    fn the_origin_is_a_monday() {
        let origin = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_millisecond(-ORIGIN_MS).unwrap());
        assert_eq!((origin.weekday(), origin.month(), origin.day()), (Weekday::Monday, 1, 1));
    }

    #[test]
    fn a_repeated_hour_is_two_buckets_and_a_day_starts_once() {
        let segments = Segments::of(&zone("America/New_York"), at("2025-11-01T00:00:00Z"), at("2025-11-03T00:00:00Z"));
        for (instant, start) in
            [("2025-11-02T05:40:00Z", "2025-11-02T05:00:00Z"), ("2025-11-02T06:40:00Z", "2025-11-02T06:00:00Z")]
        {
            let bucket = bucket(&segments, Interval::Hour, ms(instant));
            assert_eq!(segments.start(Interval::Hour, bucket), Some(at(start)));
        }
        let day = bucket(&segments, Interval::Day, ms("2025-11-03T04:59:00Z"));
        assert_eq!(segments.start(Interval::Day, day), Some(at("2025-11-02T04:00:00Z")));
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_starts_when_clocks_resume() {
        // In 2018 São Paulo went from 23:59 to 01:00 on 4 November.
        let segments = Segments::of(&zone("America/Sao_Paulo"), at("2018-11-01T00:00:00Z"), at("2018-11-06T00:00:00Z"));
        let day = bucket(&segments, Interval::Day, ms("2018-11-04T12:00:00Z"));
        assert_eq!(segments.start(Interval::Day, day), Some(at("2018-11-04T03:00:00Z")));
    }

    #[test]
    fn segments_of_all_time_are_computed_quickly() {
        let segments = Segments::of(&zone("America/New_York"), at("0001-01-01T00:00:00Z"), at("9999-12-31T00:00:00Z"));
        assert!(segments.0.len() > 200);
        let day = bucket(&segments, Interval::Day, ms("0001-01-02T12:00:00Z"));
        assert!(segments.start(Interval::Day, day).is_some());
    }

    proptest! {
        #[test]
        fn a_bucket_starts_at_its_first_instant_in_any_zone(
            name in proptest::sample::select(vec![
                "UTC", "Asia/Ho_Chi_Minh", "Asia/Kolkata", "Europe/Berlin", "America/New_York",
                "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca",
            ]),
            second in 1_200_000_000_i64..1_900_000_000,
            interval in proptest::sample::select(vec![Interval::Hour, Interval::Day, Interval::Week, Interval::Month]),
        ) {
            let instant = Timestamp::clamped(second * 1000);
            let segments = Segments::of(&zone(name), instant, instant);
            let of_it = bucket(&segments, interval, instant.as_millis());
            let start = segments.start(interval, of_it).unwrap();
            prop_assert!(start <= instant);
            prop_assert_eq!(bucket(&segments, interval, start.as_millis()), of_it);
            prop_assert_ne!(bucket(&segments, interval, start.as_millis() - 1), of_it);
            let local = Timestamp::clamped(start.as_millis() + zone(name).offset_at(start.as_millis())).to_utc();
            if local.minute() == 0 && interval != Interval::Hour {
                let is_first = match interval {
                    Interval::Week => local.weekday() == Weekday::Monday,
                    Interval::Month => local.day() == 1,
                    Interval::Hour | Interval::Day => true,
                };
                prop_assert!(is_first, "{local}");
            }
        }
    }
}

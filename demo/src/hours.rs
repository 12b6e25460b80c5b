//! Busy time: when people write and staff answer, by hour of the day and day of the week, in Vietnamese time.
//!
//! The history is scheduled in *busy time*, which runs at full speed in the busiest hours and nearly stops at night, and is
//! then converted to instants. A whole number of weeks always contains the same busy time. So the history has the same events
//! in the same order on every day it is generated; only the dates differ.

const HOUR_MS: i64 = 3_600_000;
const WEEK_MS: i64 = 168 * HOUR_MS;
/// From the epoch, a Thursday at 07:00 in Vietnam, back to the Monday before at 00:00.
const TO_MONDAY_MS: i64 = (3 * 24 + 7) * HOUR_MS;

/// Busy time for each hour of a weekday, in thousandths.
const DAY: [i64; 24] =
    [3, 1, 1, 1, 1, 3, 60, 280, 800, 1000, 1000, 820, 600, 680, 950, 1000, 980, 760, 560, 820, 900, 640, 260, 40];
/// The factor for each weekday from Monday, in percent.
const WEEK: [i64; 7] = [100, 95, 95, 100, 105, 90, 60];

/// One second of busy time.
pub(crate) const SECOND: i64 = 1_000_000;
/// One hour of busy time; a day has about eleven.
pub(crate) const HOUR: i64 = 3600 * SECOND;

/// The window of the history: converts busy time, from 0 to [`Hours::total`], to instants.
#[derive(Debug)]
pub(crate) struct Hours {
    /// Busy time from Monday 00:00 to the start of each hour of the week, and to its end.
    before: Vec<i64>,
    start: i64,
    total: i64,
}

impl Hours {
    /// The `weeks` weeks that end at `now_ms`.
    pub(crate) fn new(now_ms: i64, weeks: u32) -> Self {
        let mut before = vec![0];
        for hour in 0..168 {
            before.push(before[hour] + rate(hour) * HOUR_MS);
        }
        let start = busy_since_a_monday(&before, now_ms - i64::from(weeks) * WEEK_MS);
        let total = before[168] * i64::from(weeks);
        Self { before, start, total }
    }

    /// The busy time of the whole window.
    pub(crate) const fn total(&self) -> i64 {
        self.total
    }

    /// The instant, in milliseconds, at which this much busy time of the window has passed.
    pub(crate) fn at(&self, busy: i64) -> i64 {
        let week = self.before[168];
        let since_monday = self.start + busy;
        let rest = since_monday.rem_euclid(week);
        let hour = self.before.partition_point(|before| *before <= rest) - 1;
        let full_hours = i64::try_from(hour).expect("a week has 168 hours") * HOUR_MS;
        since_monday.div_euclid(week) * WEEK_MS + full_hours + (rest - self.before[hour]) / rate(hour) - TO_MONDAY_MS
    }
}

fn rate(hour_of_week: usize) -> i64 {
    (DAY[hour_of_week % 24] * WEEK[hour_of_week / 24] / 100).max(1)
}

fn busy_since_a_monday(before: &[i64], at_ms: i64) -> i64 {
    let since_monday = at_ms + TO_MONDAY_MS;
    let rest = since_monday.rem_euclid(WEEK_MS);
    let hour = usize::try_from(rest / HOUR_MS).expect("a remainder of a week is not negative");
    since_monday.div_euclid(WEEK_MS) * before[168] + before[hour] + rest % HOUR_MS * rate(hour)
}

#[cfg(test)]
mod tests {
    use super::{HOUR_MS, Hours, WEEK_MS};

    #[test]
    fn the_window_ends_now_at_any_hour() {
        for now in (0..400).map(|step| 1_763_000_000_123 + step * 7_654_321) {
            let hours = Hours::new(now, 6);
            assert_eq!(hours.total(), Hours::new(0, 6).total());
            assert!(now - hours.at(hours.total()) <= 1000);
            assert!(hours.at(hours.total()) <= now);
            assert!(hours.at(0).abs_diff(now - 6 * WEEK_MS) <= 1000);
        }
    }

    #[test]
    fn little_happens_at_night() {
        let hours = Hours::new(1_763_000_000_000, 2);
        let at: Vec<i64> = (0..10_000).map(|step| hours.at(hours.total() / 10_000 * step)).collect();
        assert!(at.is_sorted());
        let at_night = at.iter().filter(|at| (*at / HOUR_MS + 7) % 24 < 6).count();
        assert!(at_night < 100, "{at_night} of 10,000");
    }
}

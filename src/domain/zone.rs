//! Time zones, from the IANA database that is compiled in, so that results don't depend on the machine.
//!
//! Pure, and the only module that looks up zone rules. Offsets are local time minus UTC, in milliseconds.

use jiff::{
    SignedDuration, Timestamp as Instant,
    tz::{AmbiguousOffset, Offset, TimeZone},
};

use super::time::EPOCH;

/// A time zone. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A change of a zone's offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OffsetChange {
    pub(super) at_ms: i64,
    pub(super) offset_ms: i64,
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone with an IANA name, spelled exactly as in the database, such as `Europe/Berlin`.
    pub fn named(name: &str) -> Option<Self> {
        let zone = TimeZone::get(name).ok()?;
        (zone.iana_name() == Some(name) && !zone.is_unknown()).then_some(Self(zone))
    }

    /// The offset at an instant.
    pub(super) fn offset_at(&self, ms: i64) -> i64 {
        millis(self.0.to_offset(instant(ms)))
    }

    /// The offset changes after an instant, without end for zones with daylight saving time. A new abbreviation with the same
    /// offset is not a change.
    pub(super) fn changes_after(&self, ms: i64) -> impl Iterator<Item = OffsetChange> {
        let mut held = self.offset_at(ms);
        self.0.following(instant(ms)).filter_map(move |transition| {
            let offset_ms = millis(transition.offset());
            let changed = held != offset_ms;
            held = offset_ms;
            changed.then(|| OffsetChange { at_ms: transition.timestamp().as_millisecond(), offset_ms })
        })
    }

    /// The offset at a local time, in milliseconds since local midnight of 1 January 1970. An ambiguous local time is taken as
    /// the earlier one; a skipped one gets the offset from before the gap.
    pub(super) fn offset_at_local(&self, local_ms: i64) -> i64 {
        let local = EPOCH.saturating_add(SignedDuration::from_millis(local_ms));
        millis(match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
        })
    }
}

/// The nearest instant that jiff can represent, which ends a day before the year 9999 does.
fn instant(ms: i64) -> Instant {
    Instant::from_millisecond(ms).unwrap_or(if ms < 0 { Instant::MIN } else { Instant::MAX })
}

fn millis(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * 1000
}

#[cfg(test)]
mod tests {
    use super::Zone;

    #[test]
    fn every_zone_of_the_database_has_a_name_that_finds_it() {
        let mut zones = 0;
        for name in jiff::tz::db().available() {
            assert!(Zone::named(name.as_str()).is_some(), "{name}");
            zones += 1;
        }
        assert!(zones > 500, "the database is compiled in");
    }

    #[test]
    fn names_are_case_sensitive_and_unknown_ones_are_refused() {
        assert_eq!(Zone::named("UTC"), Some(Zone::UTC));
        for name in ["", "utc", "europe/berlin", "Europe/Bonn", "Etc/Unknown", "+07:00", "../UTC"] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
    }

    #[test]
    fn offsets_follow_the_rules_of_the_zone() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let (winter, summer) = (1_735_689_600_000, 1_751_328_000_000);
        assert_eq!((zone.offset_at(winter), zone.offset_at(summer)), (3_600_000, 7_200_000));
        assert_eq!(zone.offset_at(i64::MAX), 3_600_000);
        let first = zone.changes_after(winter).next().unwrap();
        assert_eq!((first.at_ms, first.offset_ms), (1_743_296_400_000, 7_200_000));
    }
}

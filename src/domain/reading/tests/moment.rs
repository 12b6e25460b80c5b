//! Points in time, in every form that senders write.

use jiff::tz::{AmbiguousOffset, TimeZone};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::{ZONE, at, customer, message, ticket};
use crate::domain::{event::Field, reading::moment, time::Timestamp, zone::Zone};

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.as_millis()).unwrap()
}

fn shown(value: &Value, zone: &Zone) -> Option<String> {
    moment::read(value, zone).map(|at| at.to_string())
}

#[test]
fn the_unit_of_a_number_follows_from_its_magnitude() {
    for (value, expected) in [
        (json!(1_758_791_400), "2025-09-25T09:10:00.000Z"),
        (json!(1_758_791_400_123_i64), "2025-09-25T09:10:00.123Z"),
        (json!(1_758_791_400.123), "2025-09-25T09:10:00.123Z"),
        (json!(1_758_791_400_123.0), "2025-09-25T09:10:00.123Z"),
        (json!("1758791400"), "2025-09-25T09:10:00.000Z"),
        (json!(" 1758791400123 "), "2025-09-25T09:10:00.123Z"),
        (json!("1758791400.5"), "2025-09-25T09:10:00.500Z"),
        (json!(99_999_999_999_i64), "5138-11-16T09:46:39.000Z"),
        (json!(100_000_000_000_i64), "1973-03-03T09:46:40.000Z"),
        (json!(-1), "1969-12-31T23:59:59.000Z"),
    ] {
        assert_eq!(shown(&value, &ZONE).as_deref(), Some(expected), "{value}");
    }
}

#[test]
fn written_times_are_read_with_their_offset_or_in_the_zone() {
    for (text, expected) in [
        ("2025-09-25T09:10:05.120Z", "2025-09-25T09:10:05.120Z"),
        ("2025-09-25t09:10:05z", "2025-09-25T09:10:05.000Z"),
        ("2025-09-25T16:10:05+07:00", "2025-09-25T09:10:05.000Z"),
        ("2025-09-25T16:10:05.5+0700", "2025-09-25T09:10:05.500Z"),
        ("2025-09-25 16:10 +07", "2025-09-25T09:10:00.000Z"),
        ("2025-09-25T04:40:00-04:30", "2025-09-25T09:10:00.000Z"),
        ("2025-09-25T16:10:05", "2025-09-25T09:10:05.000Z"),
        ("2025-09-25 16:10:05", "2025-09-25T09:10:05.000Z"),
        ("2025-09-25T16:10:05.123456789", "2025-09-25T09:10:05.123Z"),
        ("2025-09-25T16:10:05,9", "2025-09-25T09:10:05.900Z"),
        ("2025-09-25T16:10", "2025-09-25T09:10:00.000Z"),
        ("2025-09-25", "2025-09-24T17:00:00.000Z"),
        ("2025/09/25 16:10:05", "2025-09-25T09:10:05.000Z"),
        ("25-09-2025 16:20:00", "2025-09-25T09:20:00.000Z"),
        ("  25-09-2025   16:20:00 ", "2025-09-25T09:20:00.000Z"),
        ("25-09-2025 16:20", "2025-09-25T09:20:00.000Z"),
        ("25-09-2025", "2025-09-24T17:00:00.000Z"),
        ("25/09/2025 16:20:00", "2025-09-25T09:20:00.000Z"),
        ("5/9/2025 6:20:00", "2025-09-04T23:20:00.000Z"),
        ("25-09-2025T16:20:00+07:00", "2025-09-25T09:20:00.000Z"),
        ("31-12-2025 24:00:00", "2025-12-31T17:00:00.000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
    ] {
        assert_eq!(shown(&json!(text), &ZONE).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn text_that_is_no_time_is_unreadable() {
    for value in [
        json!("yesterday"),
        json!("09-25-2025 16:20:00"),
        json!("31-02-2025 10:00:00"),
        json!("2025-13-01"),
        json!("2025-09"),
        json!("25-09-25"),
        json!("2025-09-25T25:00:00Z"),
        json!("2025-09-25T24:00:01Z"),
        json!("2025-09-25T10:60:00Z"),
        json!("2025-09-25T10:00:61Z"),
        json!("2025-09-25T10"),
        json!("2025-09-25T10:00:00.x"),
        json!("2025-09-25T10:00:00:00"),
        json!("2025-09-25T10:00:00+25:00"),
        json!("2025-09-25T10:00:00+07:00Z"),
        json!("2025-09-25T10:00:00 noon"),
        json!("2025-09/25"),
        json!("+5-09-2025"),
        json!("٢٥-٠٩-٢٠٢٥"),
        json!("é-é-éé"),
        json!("0000-00-00 00:00:00"),
        json!("NaN"),
        json!("inf"),
        json!("1e999"),
        json!(true),
        json!({"$date": 1_758_791_400}),
        json!([1_758_791_400]),
    ] {
        assert_eq!(shown(&value, &ZONE), None, "{value}");
    }
}

#[test]
fn instants_outside_the_years_1_to_9999_are_unreadable() {
    for value in [
        json!(1_758_791_400_123_456_i64),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!("9223372036854775808"),
        json!("-99999999999999999999"),
        json!("0000-12-31T23:59:59Z"),
        json!("9999-12-31T23:59:59-01:00"),
    ] {
        assert_eq!(shown(&value, &ZONE), None, "{value}");
    }
    assert_eq!(shown(&json!("9999-12-31T23:59:59.999Z"), &ZONE).as_deref(), Some("9999-12-31T23:59:59.999Z"));
}

#[test]
fn an_ambiguous_local_time_is_the_earlier_instant() {
    let twice = shown(&json!("2025-11-02T01:30:00"), &zone("America/New_York"));
    assert_eq!(twice.as_deref(), Some("2025-11-02T05:30:00.000Z"));
}

#[test]
fn a_skipped_local_time_is_shifted_past_the_gap() {
    let new_york = &zone("America/New_York");
    assert_eq!(shown(&json!("09-03-2025 02:30:00"), new_york).as_deref(), Some("2025-03-09T07:30:00.000Z"));
    assert_eq!(shown(&json!("09-03-2025 02:00:00"), new_york).as_deref(), Some("2025-03-09T07:00:00.000Z"));
    // Samoa went from the 29th of December 2011 straight to the 31st.
    assert_eq!(shown(&json!("2011-12-30T12:00:00"), &zone("Pacific/Apia")).as_deref(), Some("2011-12-30T22:00:00.000Z"));
}

#[test]
fn every_time_field_accepts_every_form() {
    let nine = Field::Set(at("2025-09-25T09:10:00Z"));
    for value in [json!(1_758_791_400), json!(1_758_791_400_000_i64), json!("2025-09-25T09:10:00Z"), json!("25-09-2025 16:10:00")]
    {
        let read = message(json!({
            "time": value, "time_create_at": value, "assign_time": value, "start_date": value,
        }));
        assert_eq!((&read.time, &read.created_at, &read.assigned_at), (&nine, &nine, &nine), "{value}");
        assert_eq!(read.started_at.as_ref(), nine.as_set(), "{value}");
        let read = customer(json!({"createdAt": value, "system_date_update": value}));
        assert_eq!((&read.created_at, &read.updated_at), (&nine, &nine), "{value}");
        let read = ticket(json!({"date_created": value, "date_expire_timestamp": value, "updatedAt": value}));
        assert_eq!((&read.created_at, &read.due_at, &read.updated_at), (&nine, &nine, &nine), "{value}");
    }
}

#[test]
fn zero_and_empty_values_clear_a_time_and_unreadable_ones_are_absent() {
    for value in [json!(0), json!(0.0), json!("0"), json!(null), json!(""), json!("  "), json!([])] {
        assert_eq!(message(json!({"time": value})).time, Field::Clear, "{value}");
    }
    for value in [json!("soon"), json!(false), json!({}), json!(i64::MAX)] {
        assert_eq!(message(json!({"time": value})).time, Field::Absent, "{value}");
    }
    assert_eq!(message(json!({})).time, Field::<Timestamp>::Absent);
}

fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}

proptest! {
    #[test]
    fn every_local_time_of_every_zone_is_an_instant(name in select(zones()), seconds in -5_000_000_000_i64..7_000_000_000) {
        let rules = TimeZone::get(&name).unwrap();
        let local = Timestamp::clamped(seconds * 1000).to_utc();
        let read = moment::read(&json!(local.strftime("%d-%m-%Y %H:%M:%S").to_string()), &zone(&name)).expect("readable");
        let earliest = rules.to_ambiguous_timestamp(local);
        if let AmbiguousOffset::Gap { .. } = earliest.offset() {
            let shown_there = rules.to_datetime(instant(read));
            prop_assert!(shown_there > local, "{} was skipped and read as {}", local, shown_there);
        } else {
            prop_assert_eq!(read.as_millis(), earliest.earlier().unwrap().as_millisecond());
        }
    }
}

//! Message statistics from the count tables equal those computed from the messages.

use std::sync::{Arc, Mutex};

use deskgraph::{
    domain::{
        calendar::Interval,
        filter::{Comparison, MessageField, MessageFilter, Messages, Predicate, Test, Value},
        kind::EventKind::MessageSent,
        scope::Scope,
        statistics::{Grouping, MessageCounts, MessageDimension, MessageStats},
        time::Timestamp,
        words::{MessageType, Platform},
        zone::Zone,
    },
    store::Parent,
};
use rand::{Rng, SeedableRng, rngs::SmallRng, seq::IndexedRandom};
use serde_json::json;

use crate::support::desk::{Desk, at, entry};

const START: i64 = 1_740_000_000_000;
const LENGTH: i64 = 100 * 86_400_000;

/// A store with messages of a hundred days, in which clocks change.
async fn desk(rng: &mut SmallRng, count: usize) -> Desk {
    let desk = Desk::new().await;
    let messages = (0..count).map(|n| {
        let time = START + rng.random_range(0..LENGTH) / 60_000 * 60_000;
        let platform = ["zalo", "facebook", "web", "viber"].choose(rng);
        let channel = [None, Some("oa1"), Some("oa2")].choose(rng);
        let kind = ["text", "image", "hologram"].choose(rng);
        let (conversation, outbound) = (format!("k{}", rng.random_range(0..9)), rng.random_range(0..2));
        let payload = json!({
            "message_id": format!("m{n}"), "conversation_id": conversation, "time": time, "platform": platform,
            "oa_id": channel, "type": kind, "is_platform_sender": outbound,
        });
        entry(MessageSent, &payload)
    });
    desk.store.append(&messages.collect::<Vec<_>>(), at(0)).await.unwrap();
    desk
}

/// A condition on a dimension of the count tables.
fn of_kind(rng: &mut SmallRng) -> Predicate<Messages> {
    let word = |rng: &mut SmallRng| Value::Word([Platform::Zalo, Platform::Web, Platform::Other].choose(rng).unwrap().word());
    let kind = |rng: &mut SmallRng| Value::Word([MessageType::Text, MessageType::Other].choose(rng).unwrap().word());
    match rng.random_range(0..8) {
        0 => Predicate::Field(MessageField::Platform, Test::Equal(word(rng))),
        1 => Predicate::Field(MessageField::Platform, Test::NoneOf(vec![word(rng), word(rng)])),
        2 => Predicate::Field(MessageField::Direction, Test::Equal(rng.random::<bool>().into())),
        3 => Predicate::Field(MessageField::Type, Test::NotEqual(kind(rng))),
        4 => Predicate::Field(MessageField::ChannelId, Test::NotEqual("oa1".into())),
        5 => Predicate::Field(MessageField::ChannelId, Test::Null(rng.random())),
        6 => Predicate::Any(vec![of_kind(rng), of_kind(rng)]),
        _ => Predicate::Not(Box::new(Predicate::All(vec![of_kind(rng), of_kind(rng)]))),
    }
}

/// The end of a range: at a day, an hour, a quarter of an hour, a minute or none of these.
fn instant(rng: &mut SmallRng) -> Value<'static> {
    let step = [86_400_000, 3_600_000, 900_000, 60_000, 1].choose(rng).unwrap();
    Value::Time(Timestamp::clamped((START + rng.random_range(0..LENGTH)) / step * step))
}

fn filter(rng: &mut SmallRng) -> MessageFilter {
    let mut parts = Vec::new();
    let (later, earlier) = ([Comparison::Greater, Comparison::GreaterOrEqual], [Comparison::Less, Comparison::LessOrEqual]);
    for comparisons in [later, earlier] {
        for _ in 0..[0, 0, 1, 1, 2].choose(rng).copied().unwrap() {
            let comparison = *comparisons.choose(rng).unwrap();
            parts.push(Predicate::Field(MessageField::SentAt, Test::Compare(comparison, instant(rng))));
        }
    }
    for _ in 0..rng.random_range(0..3) {
        parts.push(of_kind(rng));
    }
    MessageFilter::new(Predicate::All(parts), Timestamp::clamped(0))
}

fn grouping(rng: &mut SmallRng) -> Grouping<MessageDimension> {
    use MessageDimension::{Channel, Direction, Platform, Time, Type};
    let dimensions = [Time, Time, Platform, Channel, Type, Direction].into_iter().filter(|_| rng.random_ratio(1, 3)).collect();
    let intervals = [Interval::Hour, Interval::Day, Interval::Week, Interval::Month];
    let zones = ["UTC", "Asia/Ho_Chi_Minh", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"];
    Grouping { dimensions, interval: *intervals.choose(rng).unwrap(), zone: Zone::named(zones.choose(rng).unwrap()).unwrap() }
}

/// Records the statements that are run from now on.
fn record_statements(desk: &mut Desk) -> Arc<Mutex<Vec<String>>> {
    let statements = Arc::new(Mutex::new(Vec::new()));
    let recorded = statements.clone();
    desk.store.observe_reads(move |sql| recorded.lock().unwrap().push(sql.to_owned()));
    statements
}

/// The table that the last statement counted.
fn counted_in(statements: &Mutex<Vec<String>>) -> &'static str {
    let statements = std::mem::take(&mut *statements.lock().unwrap());
    let last = statements.last().unwrap();
    ["message_quarter", "message_hour", "message_total"].into_iter().find(|table| last.contains(table)).unwrap_or("message")
}

#[tokio::test]
async fn count_tables_and_messages_give_the_same_statistics() {
    let mut rng = SmallRng::seed_from_u64(11);
    let mut desk = desk(&mut rng, 900).await;
    let statements = record_statements(&mut desk);
    let reader = desk.store.reader(Scope::Everything);
    let mut used = std::collections::BTreeMap::new();
    for _ in 0..400 {
        let (filter, grouping) = (filter(&mut rng), grouping(&mut rng));
        let counted = reader.message_stats(&filter, &grouping, MessageCounts::default()).await.unwrap();
        *used.entry(counted_in(&statements)).or_insert(0) += 1;
        let all = MessageCounts { conversations: true, customers: true };
        let from_messages = reader.message_stats(&filter, &grouping, all).await.unwrap();
        assert_eq!(counted_in(&statements), "message");
        let expected: Vec<_> =
            from_messages.into_iter().map(|row| MessageStats { conversations: 0, customers: 0, ..row }).collect();
        assert_eq!(counted, expected, "{filter:?} {grouping:?}");
        let total = reader.message_counts(&[Parent::All], &filter).await.unwrap()[""];
        assert_eq!(total, expected.iter().map(|row| row.count).sum::<i64>(), "{filter:?}");
    }
    for table in ["message_quarter", "message_hour", "message_total"] {
        assert!(used.get(table).is_some_and(|times| *times > 20), "{table}: {used:?}");
    }
}

#[tokio::test]
async fn days_of_local_mean_time_are_counted_from_the_messages() {
    let mut desk = desk(&mut SmallRng::seed_from_u64(3), 20).await;
    // In 1890 Saigon was some 7 hours, 6 minutes and 30 seconds ahead.
    let old = json!({ "message_id": "old", "conversation_id": "k", "time": "1890-01-01T16:57:00Z", "platform": "zalo" });
    desk.store.append(&[entry(MessageSent, &old)], at(0)).await.unwrap();
    let statements = record_statements(&mut desk);
    let reader = desk.store.reader(Scope::Everything);
    let zone = Zone::named("Asia/Ho_Chi_Minh").unwrap();
    let grouping = Grouping { dimensions: vec![MessageDimension::Time], interval: Interval::Day, zone };
    let rows = reader.message_stats(&MessageFilter::default(), &grouping, MessageCounts::default()).await.unwrap();
    assert_eq!(counted_in(&statements), "message");
    assert_eq!(rows.iter().map(|row| row.count).sum::<i64>(), 21);
    let first = rows[0].time.clone().into_option().unwrap();
    assert!(first.to_string().starts_with("1890-01-01T16:53:"), "{first}");
}

#[tokio::test]
async fn statistics_beyond_the_count_tables_are_counted_from_the_messages() {
    let mut desk = desk(&mut SmallRng::seed_from_u64(5), 20).await;
    let statements = record_statements(&mut desk);
    let reader = desk.store.reader(Scope::Everything);
    let grouping =
        Grouping { dimensions: vec![MessageDimension::Platform], interval: Interval::Day, zone: Zone::named("UTC").unwrap() };
    for field in [
        Predicate::Field(MessageField::PlatformName, Test::Equal("viber".into())),
        Predicate::Field(MessageField::IsRead, Test::Equal(false.into())),
        Predicate::Not(Box::new(Predicate::Field(MessageField::SentAt, Test::Compare(Comparison::Less, Value::Time(at(0)))))),
    ] {
        let filter = MessageFilter::new(field, Timestamp::clamped(0));
        reader.message_stats(&filter, &grouping, MessageCounts::default()).await.unwrap();
        assert_eq!(counted_in(&statements), "message");
    }
}

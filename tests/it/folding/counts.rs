//! The count tables always match the rows, after any batches, and list totals match the lists.

use deskgraph::{
    domain::{
        filter::{ConversationFilter, CustomerFilter, EventFilter, MessageFilter, StaffFilter, TicketFilter},
        kind::EventKind::MessageSent,
    },
    store::Parent,
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::select,
    test_runner::{Config, TestCaseError},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;

use super::{
    events::{Webhook, deliveries, plan, webhook},
    order::append_all,
};
use crate::support::{
    desk::{Desk, ms},
    property::{cases, run},
};

/// Each count table, with the counts computed from the rows.
const COUNTS: [(&str, &str); 4] = [
    (
        "SELECT start, platform, channel_id, type_key, outbound, count FROM message_quarter",
        "SELECT sent_at - (sent_at % 900000 + 900000) % 900000 AS start, \
            CASE WHEN platform IN ('zalo', 'facebook', 'web', 'email') THEN platform ELSE 'other' END AS platform, \
            COALESCE(channel_id, '') AS channel_id, type_key, outbound, COUNT(*) AS count \
         FROM message GROUP BY 1, 2, 3, 4, 5",
    ),
    (
        "SELECT start, platform, outbound, count FROM message_hour",
        "SELECT sent_at - (sent_at % 3600000 + 3600000) % 3600000 AS start, \
            CASE WHEN platform IN ('zalo', 'facebook', 'web', 'email') THEN platform ELSE 'other' END AS platform, \
            outbound, COUNT(*) AS count \
         FROM message GROUP BY 1, 2, 3",
    ),
    (
        "SELECT platform, channel_id, type_key, outbound, count FROM message_total",
        "SELECT CASE WHEN platform IN ('zalo', 'facebook', 'web', 'email') THEN platform ELSE 'other' END AS platform, \
            COALESCE(channel_id, '') AS channel_id, type_key, outbound, COUNT(*) AS count \
         FROM message GROUP BY 1, 2, 3, 4",
    ),
    (
        "SELECT name, count FROM total",
        "SELECT * FROM ( \
            SELECT 'customer' AS name, COUNT(*) AS count FROM customer WHERE version_at IS NOT NULL AND deleted_at IS NULL \
            UNION ALL SELECT 'customer_deleted', COUNT(*) FROM customer WHERE version_at IS NOT NULL AND deleted_at IS NOT NULL \
            UNION ALL SELECT 'ticket', COUNT(*) FROM ticket WHERE version_at IS NOT NULL AND deleted_at IS NULL \
            UNION ALL SELECT 'ticket_deleted', COUNT(*) FROM ticket WHERE version_at IS NOT NULL AND deleted_at IS NOT NULL \
            UNION ALL SELECT 'conversation', COUNT(*) FROM conversation \
            UNION ALL SELECT 'staff', COUNT(*) FROM staff \
            UNION ALL SELECT 'event', COUNT(*) FROM event) AS counted WHERE count > 0",
    ),
];

async fn number(raw: &DatabaseConnection, sql: String) -> i64 {
    let rows = raw.query_all_raw(Statement::from_string(raw.get_database_backend(), sql)).await.unwrap();
    rows[0].try_get("", "n").unwrap()
}

/// Recounts and compares every table.
async fn check_counts(desk: &Desk) -> Result<(), TestCaseError> {
    let raw = desk.raw().await;
    for (table, counted) in COUNTS {
        for (one, other) in [(table, counted), (counted, table)] {
            let only = format!("SELECT COUNT(*) AS n FROM ({one} EXCEPT {other}) AS difference");
            prop_assert_eq!(number(&raw, only).await, 0, "rows of {} that are not in {}", one, other);
        }
    }
    raw.close().await.unwrap();
    Ok(())
}

/// Compares the totals of lists with their rows in the database.
async fn check_lists(desk: &Desk) -> Result<(), TestCaseError> {
    let (raw, reader, all) = (desk.raw().await, desk.reader(), [Parent::All]);
    let customers = |include_deleted| CustomerFilter { include_deleted, ..CustomerFilter::default() };
    let tickets = |include_deleted| TicketFilter { include_deleted, ..TicketFilter::default() };
    let not_deleted = "version_at IS NOT NULL AND deleted_at IS NULL";
    let seen = "version_at IS NOT NULL";
    for (table, condition, total) in [
        ("message", "1 = 1", reader.message_counts(&all, &MessageFilter::default()).await.unwrap()[""]),
        ("conversation", "1 = 1", reader.conversation_counts(&all, &ConversationFilter::default()).await.unwrap()[""]),
        ("customer", not_deleted, reader.customer_counts(&all, &customers(false)).await.unwrap()[""]),
        ("customer", seen, reader.customer_counts(&all, &customers(true)).await.unwrap()[""]),
        ("ticket", not_deleted, reader.ticket_counts(&all, &tickets(false)).await.unwrap()[""]),
        ("ticket", seen, reader.ticket_counts(&all, &tickets(true)).await.unwrap()[""]),
        ("event", "1 = 1", reader.event_counts(&all, &EventFilter::default()).await.unwrap()[""]),
        ("staff", "1 = 1", reader.staff_count(&StaffFilter::default()).await.unwrap()),
    ] {
        let rows = number(&raw, format!("SELECT COUNT(*) AS n FROM {table} WHERE {condition}")).await;
        prop_assert_eq!(total, rows, "{} {}", table, condition);
    }
    raw.close().await.unwrap();
    Ok(())
}

/// One of a few messages, repeated with another time, type, channel or direction.
fn repeated() -> impl Strategy<Value = Webhook> {
    let minutes = select(vec![-30_000_000, 0, 1, 14, 15, 59, 60, 61, 1_440]);
    let (platform, channel) = (select(vec!["zalo", "email", "viber"]), option::of(select(vec!["oa1", "oa2"])));
    let kind = option::of(select(vec!["text", "image", "hologram"]));
    (select(vec!["m1", "m2", "m3", "m4"]), minutes, platform, channel, kind, 0..2, 0i64..8).prop_map(
        |(id, minute, platform, channel, kind, outbound, arrival)| Webhook {
            kind: MessageSent,
            payload: json!({
                "message_id": id, "conversation_id": "k1", "platform": platform, "oa_id": channel, "type": kind,
                "time": ms(minute * 60), "is_platform_sender": outbound,
            }),
            arrival,
        },
    )
}

proptest! {
    #![proptest_config(Config { cases: cases(25), max_shrink_iters: 500, failure_persistence: None, ..Config::default() })]

    #[test]
    fn count_tables_match_the_rows_after_every_batch(
        (events, plan) in vec(prop_oneof![repeated(), webhook()], 1..=40).prop_flat_map(|events| {
            let plan = plan(events.len());
            (Just(events), plan)
        }),
        cut in 0..40_usize,
    ) {
        run(async {
            let events = deliveries(&events);
            let desk = Desk::new().await;
            let cut = cut.min(events.len());
            append_all(&desk, &events[..cut], &plan).await;
            check_counts(&desk).await?;
            // The first part is repeated and changes nothing.
            append_all(&desk, &events, &plan).await;
            check_counts(&desk).await?;
            check_lists(&desk).await?;
            desk.store.rebuild(|_, _| {}).await.expect("the store is rebuilt");
            check_counts(&desk).await?;
            desk.assert_verified().await;
            Ok::<(), TestCaseError>(())
        })?;
    }
}

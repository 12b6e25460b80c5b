//! The store on a real database: events become linked objects, are stored once and unchanged, and can be verified and repaired.

mod indexes;
mod pages;
mod projections;
mod sqlite;

use deskgraph::{
    clock::Clock,
    config::Config,
    domain::{
        change::{Relinked, SubjectType},
        filter::MessageFilter,
        kind::EventKind,
        scope::Scope,
    },
    ingest::{Source, Writer, retry},
    store::{Appended, Entry, Error, Parent, Reader, Store},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::support::{
    desk::{self, Desk, at, differences, entry, ms, read},
    message,
};

/// The samples, in the order in which the CRM would send them.
const SAMPLES: [(EventKind, &str); 9] = [
    (EventKind::MessageSent, include_str!("../fixtures/samples/message-sent.json")),
    (EventKind::CustomerCreated, include_str!("../fixtures/samples/customer-created.json")),
    (EventKind::TicketCreated, include_str!("../fixtures/samples/ticket-created.json")),
    (EventKind::MessageSent, include_str!("../fixtures/samples/message-sent-facebook-image.json")),
    (EventKind::ConversationStatusChanged, include_str!("../fixtures/samples/conversation-status-changed.json")),
    (EventKind::TicketUpdated, include_str!("../fixtures/samples/ticket-updated.json")),
    (EventKind::CustomerUpdated, include_str!("../fixtures/samples/customer-updated.json")),
    (EventKind::TicketDeleted, include_str!("../fixtures/samples/ticket-deleted.json")),
    (EventKind::CustomerDeleted, include_str!("../fixtures/samples/customer-deleted.json")),
];

async fn with_samples() -> Desk {
    let desk = Desk::new().await;
    for (kind, body) in SAMPLES {
        let sample = read(body, &Source { kind: Some(kind), ..Source::default() });
        desk.store.append(&[sample], at(1_000_000)).await.unwrap();
    }
    desk
}

fn is_new(appended: &[Appended]) -> Vec<bool> {
    appended.iter().map(|appended| matches!(appended, Appended::Event { duplicate: false, .. })).collect()
}

fn status(closed: bool) -> Value {
    json!({ "conversation_id": "k", "is_closed": closed })
}

async fn differences_found(desk: &Desk) -> Vec<&'static str> {
    let folder = tempfile::tempdir().unwrap();
    let verified = desk.store.verify(folder.path(), |_, _| {}).await.unwrap();
    verified.differences.into_iter().map(|difference| difference.table).collect()
}

#[tokio::test]
async fn the_samples_become_linked_objects() {
    let desk = with_samples().await;
    let reader = desk.reader();
    let (customer, conversation) = ("64f2aa000000000000000c01".to_owned(), "6510c0ffee0000000000a001".to_owned());

    let found = &reader.conversations_by_id(std::slice::from_ref(&conversation)).await.unwrap()[&conversation];
    assert_eq!(found.customer_id.as_ref(), Some(&customer), "by the Zalo account");
    assert!(found.is_closed);
    assert_eq!((found.message_count, found.unread_count), (1, 1));
    let message = &reader.messages_by_key(&["zalo_zl-4f1c0a9e7b".into()]).await.unwrap()["zalo_zl-4f1c0a9e7b"];
    assert_eq!(message.text.as_deref(), Some("Chào shop, đơn DH-1029 bao giờ giao?"));
    assert_eq!((message.customer_id.as_ref(), &message.conversation_id), (Some(&customer), &conversation));

    let tickets = reader.tickets_by_id(&["TK-000731".into(), "64f3bb000000000000000d31".into()]).await.unwrap();
    assert_eq!(tickets["TK-000731"], tickets["64f3bb000000000000000d31"], "every id finds it");
    assert_eq!(tickets["TK-000731"].details.customer_id.as_ref(), Some(&customer));
    assert!(tickets["TK-000731"].deleted_at.is_some());

    let stored = &reader.customers_by_id(std::slice::from_ref(&customer)).await.unwrap()[&customer];
    assert_eq!(stored.profile.note.as_deref(), Some("Đổi địa chỉ sang Đà Nẵng"));
    let fields = &reader.custom_fields_of(std::slice::from_ref(&customer)).await.unwrap()[&customer];
    assert_eq!(fields[1], ("cf_points".to_owned(), json!(180)));
    assert_eq!(fields[2].0, "cf_tags", "fields that the update does not have remain");
    assert!(reader.customers_by_id(&["64f2aa000000000000000c02".into()]).await.unwrap().is_empty(), "a mere tombstone");
    let staff = &reader.staff_by_id(&["64d1f0000000000000000102".into()]).await.unwrap()["64d1f0000000000000000102"];
    assert_eq!(staff.name.as_deref(), Some("Phạm Thu Hà"));
}

#[tokio::test]
async fn payloads_are_stored_exactly_as_received() {
    let desk = Desk::new().await;
    let body = "{\"is_closed\": 1.0,\n \"conversation_id\" :\"k\\u0000\", \"extra\": 1e2 , \"is_closed\":true}";
    let source = Source { kind: Some(EventKind::ConversationStatusChanged), ..Source::default() };
    desk.store.append(&[read(body, &source)], at(0)).await.unwrap();
    assert_eq!(desk.reader().events_by_seq(&[1]).await.unwrap()[&1].payload, body);
}

#[tokio::test]
async fn a_rebuild_gives_the_same_rows_and_verify_finds_no_difference() {
    let desk = with_samples().await;
    desk.assert_verified().await;
    let (before, head) = (desk.tables().await, desk.reader().head().await.unwrap());
    let mut progress = Vec::new();
    assert_eq!(desk.store.rebuild(|done, total| progress.push((done, total))).await.unwrap(), 9);
    assert_eq!(progress, [(0, 9), (9, 9)]);
    assert_eq!(differences(&before, &desk.tables().await), [""; 0]);
    assert_eq!(desk.reader().head().await.unwrap(), head, "live cursors stay valid");
}

#[tokio::test]
async fn a_changed_missing_or_extra_row_is_one_difference_and_a_rebuild_repairs_it() {
    let desk = with_samples().await;
    let (raw, before) = (desk.raw().await, desk.tables().await);
    for (damage, table) in [
        ("UPDATE customer SET note = 'by hand' WHERE note IS NOT NULL", "customer"),
        ("DELETE FROM conversation WHERE id = '6510c0ffee0000000000a001'", "conversation"),
        ("INSERT INTO staff (id) VALUES ('0')", "staff"),
        ("UPDATE assignee SET position = 7 WHERE conversation_id = '6510c0ffee0000000000a001'", "assignee"),
        ("DELETE FROM ticket_alias WHERE id = 'TK-000731'", "ticket_alias"),
    ] {
        raw.execute_unprepared(damage).await.unwrap();
        assert_eq!(differences_found(&desk).await, [table], "{damage}");
        desk.store.rebuild(|_, _| {}).await.unwrap();
        assert_eq!(differences(&before, &desk.tables().await), [""; 0]);
        desk.assert_verified().await;
    }
}

#[tokio::test]
async fn migrations_go_up_down_and_up_again() {
    let desk = with_samples().await;
    let raw = desk.raw().await;
    let schema = async || {
        let backend = raw.get_database_backend();
        let sql = match backend {
            DbBackend::Sqlite => {
                "SELECT sql FROM sqlite_master
                 WHERE sql IS NOT NULL AND name <> 'seaql_migrations' AND name NOT LIKE 'sqlite%' ORDER BY name"
            }
            _ => {
                "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default, collation_name,
                   is_generated, generation_expression) AS sql
                 FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'
                 UNION ALL
                 SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'seaql_migrations' ORDER BY 1"
            }
        };
        let rows = raw.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get("", "sql").unwrap()).collect::<Vec<String>>()
    };
    let before = schema().await;
    migration::down(&raw).await.unwrap();
    assert_eq!(schema().await, [""; 0]);
    migration::up(&raw).await.unwrap();
    assert_eq!(schema().await, before);
}

#[tokio::test]
async fn changes_stored_before_links_were_recorded_are_read_without() {
    let desk = Desk::new().await;
    let sent = json!({ "message_id": "m", "conversation_id": "k", "platform": "zalo", "from_id": "u" });
    desk.deliver(1, EventKind::MessageSent, sent).await;
    desk.deliver(2, EventKind::CustomerCreated, json!({ "id": "u" })).await;
    let links = async |store: &Store| {
        let changes = store.reader(Scope::Everything).changes_after(0, 100).await.unwrap();
        changes.into_iter().filter_map(|change| change.relinked).collect::<Vec<_>>()
    };
    assert_eq!(links(&desk.store).await, [Relinked { before: None, after: Some("u".into()) }]);
    let raw = desk.raw().await;
    for undo in [
        "ALTER TABLE change DROP COLUMN link_before",
        "ALTER TABLE change DROP COLUMN link_after",
        "DELETE FROM seaql_migrations WHERE version = 'm0006_links'",
    ] {
        raw.execute_unprepared(undo).await.unwrap();
    }
    raw.close().await.unwrap();
    let migrated = desk::open(desk.database.url()).await;
    assert_eq!(links(&migrated).await, []);
    migrated.close().await.unwrap();
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    let desk = Desk::new().await;
    let raw = desk.raw().await;
    raw.execute_unprepared("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)").await.unwrap();
    let refused = Store::open(&Config::defaults_at(desk.database.url()).store().unwrap()).await.err().unwrap();
    assert!(matches!(refused, Error::NewerDatabase(version) if version == "m9999_future"));
}

#[tokio::test]
async fn a_delivery_id_is_stored_once_within_and_across_batches() {
    let desk = Desk::new().await;
    let delivery =
        |id: &str, closed| read(&status(closed).to_string(), &Source { delivery_id: Some(id.into()), ..Source::default() });
    let batch = [delivery("a", true), delivery("a", true), delivery("b", true), delivery("a", false)];
    assert_eq!(is_new(&desk.store.append(&batch, at(0)).await.unwrap()), [true, false, true, false]);
    let again = desk.store.append(&[delivery("b", false), delivery("c", false)], at(1)).await.unwrap();
    assert_eq!(again, [Appended::Event { seq: 2, duplicate: true }, Appended::Event { seq: 3, duplicate: false }]);
}

#[tokio::test]
async fn a_message_payload_is_stored_once_regardless_of_key_order() {
    let desk = Desk::new().await;
    let by_address = Source { kind: Some(EventKind::MessageSent), ..Source::default() };
    let batch = [
        read(r#"{"message_id": "m", "conversation_id": "k", "platform": "zalo", "is_read": 0}"#, &by_address),
        read(r#"{"is_read":0,"platform":"zalo","conversation_id":"k","message_id":"m"}"#, &by_address),
        read(r#"{"message_id": "m", "conversation_id": "k", "platform": "facebook", "is_read": 0}"#, &by_address),
        read(r#"{"message_id": "m", "conversation_id": "k", "platform": "zalo", "is_read": 1}"#, &by_address),
        read(r#"{"message_id": "m", "conversation_id": "k", "platform": "zalo", "is_read": 0}"#, &by_address),
    ];
    let appended = desk.store.append(&batch, at(0)).await.unwrap();
    assert_eq!(is_new(&appended), [true, false, true, true, false]);
    assert_eq!(appended[4], Appended::Event { seq: 1, duplicate: true });
    assert_eq!(desk.changes_of(3).await, ["message zalo_m updated", "conversation k updated"], "one message less is unread");
    assert!(desk.reader().messages_by_key(&["zalo_m".into()]).await.unwrap()["zalo_m"].is_read);
}

#[tokio::test]
async fn close_reopen_and_close_again_are_three_events() {
    let desk = Desk::new().await;
    let batch = [true, false, true].map(|closed| entry(EventKind::ConversationStatusChanged, &status(closed)));
    assert_eq!(is_new(&desk.store.append(&batch, at(0)).await.unwrap()), [true; 3]);
    assert!(desk.reader().conversations_by_id(&["k".into()]).await.unwrap()["k"].is_closed);
    assert_eq!(desk.changes_of(2).await, ["conversation k updated"]);
}

#[tokio::test]
async fn arrival_never_runs_backwards_and_orders_the_events_of_an_object() {
    let desk = Desk::new().await;
    let closing = |closed| entry(EventKind::ConversationStatusChanged, &status(closed));
    desk.store.append(&[closing(true), closing(false)], at(5)).await.unwrap();
    desk.store.append(&[closing(true)], at(1)).await.unwrap();
    let events = desk.reader().events_by_seq(&[1, 2, 3]).await.unwrap();
    assert!(events[&1].received_at < events[&2].received_at && events[&2].received_at < events[&3].received_at);
    assert!(desk.reader().conversations_by_id(&["k".into()]).await.unwrap()["k"].is_closed);
}

#[tokio::test]
async fn rejected_deliveries_are_stored_once_do_not_count_as_events_and_are_retried() {
    let desk = Desk::new().await;
    let with_id = |kind| Source { kind: Some(kind), delivery_id: Some("d".into()), ..Source::default() };
    let bad = read(r#"{"conversation_id": "k", "is_closed": "perhaps"}"#, &with_id(EventKind::ConversationStatusChanged));
    let other_kind = read(r#"{"conversation_id": "k", "is_closed": "perhaps"}"#, &with_id(EventKind::TicketDeleted));
    let appended = desk.store.append(&[bad.clone(), bad.clone(), other_kind], at(0)).await.unwrap();
    assert_eq!(appended, [1, 1, 2].map(|id| Appended::Rejected { id }));
    let rejected = desk.store.rejected_after(0, 10).await.unwrap();
    assert_eq!((rejected[0].path.as_str(), rejected[0].delivery_id.as_deref()), ("$.is_closed", Some("d")));
    let good = read(&status(true).to_string(), &with_id(EventKind::ConversationStatusChanged));
    assert_eq!(is_new(&desk.store.append(&[good], at(1)).await.unwrap()), [true], "its id was not used up");

    // As if a newer program could read it.
    let repair =
        r#"UPDATE rejected_delivery SET payload = '{"conversation_id": "k2", "is_closed": 1}', delivery_id = 'e' WHERE id = 1"#;
    desk.raw().await.execute_unprepared(repair).await.unwrap();
    let (writer, task) = Writer::start(desk.store.clone(), None, Clock::fixed(at(9)), Config::defaults().writer());
    let retried = retry(&desk.store, &writer, |_| {}).await.unwrap();
    assert_eq!((retried.stored, retried.rejected), (1, 1));
    assert_eq!(desk.store.rejected_count().await.unwrap(), 1);
    assert!(desk.reader().conversations_by_id(&["k2".into()]).await.unwrap()["k2"].is_closed);
    drop(writer);
    task.await.unwrap();
}

#[tokio::test]
async fn a_delivery_of_an_unknown_kind_is_not_retried_as_another() {
    let desk = Desk::new().await;
    // The payload alone would be read as a customer.
    let merged = json!({ "event": "customer.merged", "data": crate::support::sample("customer-updated") });
    let appended = desk.store.append(&[read(&merged.to_string(), &Source::default())], at(0)).await.unwrap();
    assert_eq!(appended, [Appended::Rejected { id: 1 }]);
    let (writer, task) = Writer::start(desk.store.clone(), None, Clock::fixed(at(9)), Config::defaults().writer());
    let retried = retry(&desk.store, &writer, |_| {}).await.unwrap();
    assert_eq!((retried.stored, retried.rejected, desk.store.rejected_count().await.unwrap()), (0, 1, 1));
    drop(writer);
    task.await.unwrap();
}

#[tokio::test]
async fn an_entry_that_can_not_be_stored_fails_alone() {
    let desk = Desk::new().await;
    desk.deliver(0, EventKind::ConversationStatusChanged, json!({ "conversation_id": "broken", "is_closed": true })).await;
    desk.raw().await.execute_unprepared("UPDATE conversation SET stamps = 'not JSON'").await.unwrap();
    let closing = |id: &str| entry(EventKind::ConversationStatusChanged, &json!({ "conversation_id": id, "is_closed": true }));
    assert!(desk.store.append(&[closing("a"), closing("broken")], at(1)).await.is_err());
    assert!(desk.reader().conversations_by_id(&["a".into()]).await.unwrap().is_empty(), "an error means that nothing is stored");

    let (writer, task) = Writer::start(desk.store.clone(), None, Clock::fixed(at(1)), Config::defaults().writer());
    let (one, poison, other) =
        tokio::join!(writer.submit(closing("a")), writer.submit(closing("broken")), writer.submit(closing("b")));
    assert!(one.is_ok() && other.is_ok());
    assert!(poison.unwrap_err().to_string().contains("damaged"));
    drop(writer);
    task.await.unwrap();
    assert_eq!(desk.reader().conversations_by_id(&["a".into(), "b".into()]).await.unwrap().len(), 2);
    desk.store.rebuild(|_, _| {}).await.unwrap();
    assert_eq!(is_new(&desk.store.append(&[closing("broken")], at(2)).await.unwrap()), [true], "a rebuild repairs it");
}

#[tokio::test]
async fn a_decimal_number_stays_the_same_through_repeated_folding() {
    let desk = Desk::new().await;
    let numbers: Vec<f64> = (1..200).map(|n: i32| f64::from(n) / 998_001.0).collect();
    let message = |read| json!({ "message_id": "m", "conversation_id": "k", "time": ms(1), "is_read": read });
    let mut first = message(0);
    first["payload"] = json!(numbers);
    desk.deliver(1, EventKind::MessageSent, first).await;
    desk.deliver(2, EventKind::MessageSent, message(1)).await;
    desk.assert_verified().await;
    let stored = &desk.reader().messages_by_key(&["unknown_m".into()]).await.unwrap()["unknown_m"];
    assert_eq!(stored.payload, Some(json!(numbers)));
}

#[tokio::test]
async fn a_batch_larger_than_a_statement_may_bind_is_stored_whole() {
    let desk = Desk::new().await;
    let batch: Vec<Entry> = (0..1_500)
        .map(|n| {
            entry(
                EventKind::MessageSent,
                &json!({ "message_id": n, "conversation_id": n % 700, "time": ms(n), "is_read_by_staff": [n % 3] }),
            )
        })
        .collect();
    let appended = desk.store.append(&batch, at(0)).await.unwrap();
    assert!(is_new(&appended).into_iter().all(|new| new));
    assert_eq!(desk.reader().head().await.unwrap(), 1_500 * 3);
    desk.assert_verified().await;
}

#[tokio::test]
async fn a_snapshot_is_one_state_from_its_first_statement_to_its_last() {
    let desk = with_samples().await;
    let reader = desk.store.snapshot_reader(Scope::Everything);
    let count = async |reader: &Reader| reader.message_counts(&[Parent::All], &MessageFilter::default()).await.unwrap()[""];
    assert_eq!(count(&reader).await, 2);
    desk.store.append(&[entry(EventKind::MessageSent, &message("later", "k", "Chào", 1))], at(2_000_000)).await.unwrap();
    assert_eq!(count(&reader).await, 2, "later commits are not in it");
    let position = reader.finish().await.unwrap();
    let newest = desk.reader();
    assert_eq!(count(&newest).await, 3);
    let changes = newest.changes_after(position, 10).await.unwrap();
    let messages: Vec<_> = changes.iter().filter(|change| change.subject_type == SubjectType::Message).collect();
    assert_eq!(messages.len(), 1, "the changes after its position are those that it does not have: {changes:?}");
}

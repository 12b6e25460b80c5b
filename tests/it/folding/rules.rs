//! The rules of order and deletion, one by one. The events of each test arrive in an order that would expose mistakes.

use deskgraph::{
    domain::{
        change::SubjectType,
        customer::Profile,
        filter::{CustomerFilter, EventFilter, TicketFilter},
        kind::EventKind::{
            self, ConversationStatusChanged, CustomerCreated, CustomerDeleted, CustomerUpdated, MessageSent, TicketCreated,
            TicketDeleted, TicketUpdated,
        },
        page::{CustomerOrder, Direction, EventOrder, PageRequest, TicketOrder},
        ticket::Ticket,
        time::Timestamp,
    },
    store::Parent,
};
use serde_json::{Value, json};

use crate::support::desk::{Desk, at, iso, ms};

/// A new store with these events, each with the second of its arrival.
async fn store_of(events: impl IntoIterator<Item = (i64, EventKind, Value)>) -> Desk {
    let desk = Desk::new().await;
    for (seconds, kind, payload) in events {
        desk.deliver(seconds, kind, payload).await;
    }
    desk
}

async fn customer(desk: &Desk, id: &str) -> (Profile, Option<Timestamp>) {
    let found = desk.reader().customers_by_id(&[id.to_owned()]).await.unwrap().remove(id).expect("the customer is seen");
    (found.profile, found.deleted_at)
}

async fn ticket(desk: &Desk, id: &str) -> Ticket {
    desk.reader().tickets_by_id(&[id.to_owned()]).await.unwrap().remove(id).expect("the ticket is seen")
}

/// The note of the customer `c` after these snapshots of it.
async fn note<const N: usize>(snapshots: [(i64, EventKind, Value); N]) -> Option<String> {
    let with_id = snapshots.map(|(seconds, kind, mut payload)| {
        payload["id"] = json!("c");
        (seconds, kind, payload)
    });
    customer(&store_of(with_id).await, "c").await.0.note
}

#[tokio::test]
async fn the_version_of_a_snapshot_is_its_update_time_then_creation_time_then_arrival() {
    let updated = |field: &str| json!({ "note": "dated", field: iso(5) });
    let newer = || (9, CustomerUpdated, json!({ "note": "newer", "updatedAt": iso(6) }));
    let older = || (9, CustomerUpdated, json!({ "note": "older", "updatedAt": iso(4) }));
    for (kind, field) in [(CustomerUpdated, "updatedAt"), (CustomerUpdated, "system_date_update"), (CustomerCreated, "createdAt")]
    {
        assert_eq!(note([newer(), (8, kind, updated(field))]).await.as_deref(), Some("newer"), "{field}");
        assert_eq!(note([(8, kind, updated(field)), older()]).await.as_deref(), Some("dated"), "{field}");
    }
    let both = json!({ "note": "dated", "updatedAt": iso(5), "system_date_update": iso(7), "createdAt": iso(8) });
    assert_eq!(note([newer(), (8, CustomerCreated, both)]).await.as_deref(), Some("newer"), "the first choice counts");
    let arrival = |seconds, field: &str| (seconds, CustomerUpdated, json!({ "note": "undated", field: iso(1) }));
    assert_eq!(note([newer(), arrival(7, "createdAt")]).await.as_deref(), Some("undated"), "a creation does not date an update");
    assert_eq!(note([newer(), arrival(5, "createdAt")]).await.as_deref(), Some("newer"));
}

#[tokio::test]
async fn equal_versions_are_ordered_by_kind_then_arrival_then_payload() {
    let payload = |note: &str| json!({ "note": note, "updatedAt": iso(5) });
    assert_eq!(note([(6, CustomerUpdated, payload("u")), (7, CustomerCreated, payload("c"))]).await.as_deref(), Some("u"));
    assert_eq!(
        note([(7, CustomerUpdated, payload("later")), (6, CustomerUpdated, payload("x"))]).await.as_deref(),
        Some("later")
    );
    assert_eq!(note([(6, CustomerUpdated, payload("b")), (6, CustomerUpdated, payload("a"))]).await.as_deref(), Some("b"));
    assert_eq!(note([(6, CustomerUpdated, payload("a")), (6, CustomerUpdated, payload("b"))]).await.as_deref(), Some("b"));
}

#[tokio::test]
async fn an_older_snapshot_fills_unknown_fields_but_not_those_set_or_cleared_by_a_newer_one() {
    let desk = store_of([
        (1, CustomerUpdated, json!({ "id": "c", "system_name": "new", "note": null, "social": [], "cf_a": "", "updatedAt": iso(9) })),
        (2, CustomerUpdated, json!({
            "id": "c", "system_name": "old", "note": "old", "system_telco": "Viettel", "social": ["u"], "cf_a": 1, "cf_b": 2, "updatedAt": iso(3),
        })),
    ])
    .await;
    let (profile, _) = customer(&desk, "c").await;
    assert_eq!((profile.name.as_deref(), profile.note, profile.telco.as_deref()), (Some("new"), None, Some("Viettel")));
    assert!(desk.reader().social_accounts_of(&["c".into()]).await.unwrap().is_empty());
    assert_eq!(desk.reader().custom_fields_of(&["c".into()]).await.unwrap()["c"], [("cf_b".to_owned(), json!(2))]);
    assert_eq!(profile.updated_at, Some(at(9)));
}

#[tokio::test]
async fn a_conversation_field_comes_from_the_latest_message_that_has_it_and_the_start_is_the_earliest() {
    let payload = |id: &str, time: i64, mut rest: Value| {
        (rest["message_id"], rest["conversation_id"], rest["time"]) = (json!(id), json!("k"), json!(ms(time)));
        rest["platform"] = json!("zalo");
        rest
    };
    let desk = store_of([
        (10, MessageSent, payload("m2", 5, json!({ "chat_mode": "private", "assign_by": ["s2"], "start_time": ms(4) }))),
        (
            11,
            MessageSent,
            payload("m1", 5, json!({ "chat_mode": "public", "assign_by": ["s1"], "start_time": ms(2), "oa_id": "oa" })),
        ),
        (12, MessageSent, payload("m3", 6, json!({ "assign_by": null }))),
        (13, MessageSent, payload("m0", 1, json!({ "oa_id": "older", "start_time": ms(3) }))),
    ])
    .await;
    let found = &desk.reader().conversations_by_id(&["k".into()]).await.unwrap()["k"];
    assert_eq!(found.chat_mode.as_deref(), Some("private"), "of two at one time the greater message id");
    assert_eq!(found.channel.as_ref().map(|channel| channel.id.as_str()), Some("oa"), "later ones did not carry it");
    assert_eq!(found.started_at, Some(at(2)));
    assert_eq!((found.message_count, found.last_message_key.as_deref()), (4, Some("zalo_m3")));
    assert!(desk.reader().assignees_of(&["k".into()]).await.unwrap().is_empty(), "the latest cleared them");
}

#[tokio::test]
async fn the_later_of_message_time_and_status_arrival_decides_whether_a_conversation_is_closed() {
    let status = |closed: bool| json!({ "conversation_id": "k", "is_closed": closed });
    let message =
        |time: i64, closed: i32| json!({ "message_id": time, "conversation_id": "k", "time": ms(time), "is_closed": closed });
    let is_closed = async |events: [(i64, EventKind, Value); 2]| {
        store_of(events).await.reader().conversations_by_id(&["k".into()]).await.unwrap()["k"].is_closed
    };
    assert!(is_closed([(5, ConversationStatusChanged, status(true)), (9, MessageSent, message(4, 0))]).await);
    assert!(!is_closed([(5, ConversationStatusChanged, status(true)), (9, MessageSent, message(6, 0))]).await);
    assert!(is_closed([(9, MessageSent, message(4, 0)), (5, ConversationStatusChanged, status(true))]).await);
    assert!(!is_closed([(6, ConversationStatusChanged, status(false)), (5, ConversationStatusChanged, status(true))]).await);
}

#[tokio::test]
async fn a_message_stays_read_its_readers_accumulate_and_other_fields_follow_the_latest_payload() {
    let payload = |mut rest: Value| {
        (rest["message_id"], rest["conversation_id"], rest["platform"]) = (json!("m"), json!("k"), json!("zalo"));
        rest
    };
    let desk = store_of([
        (9, MessageSent, payload(json!({ "message": "last", "is_read": 0, "is_read_by_staff": ["b"], "src": null }))),
        (
            5,
            MessageSent,
            payload(json!({ "message": "first", "is_read": 1, "is_read_by_staff": ["c", "a"], "type": "text", "src": 1 })),
        ),
    ])
    .await;
    let message = &desk.reader().messages_by_key(&["zalo_m".into()]).await.unwrap()["zalo_m"];
    assert!(message.is_read);
    let read_by = &desk.reader().messages_by_key(&["zalo_m".into()]).await.unwrap()["zalo_m"].read_by;
    assert_eq!(Vec::from_iter(read_by), ["a", "b", "c"]);
    assert_eq!((message.text.as_deref(), message.type_name.as_deref(), message.source), (Some("last"), Some("text"), None));
    assert_eq!(message.sent_at, at(5), "without a time of its own, the time of its first arrival");
    assert_eq!(message.event_seq, 1, "the first event about it");
}

#[tokio::test]
async fn a_deletion_has_the_time_of_the_latest_delete_and_only_a_later_dated_snapshot_restores() {
    let delete = || json!({ "deletedPotentialIds": ["c"] });
    let update = |rest: Value| (9, CustomerUpdated, rest);
    let deleted_at = async |snapshot: (i64, EventKind, Value)| {
        customer(&store_of([snapshot, (6, CustomerDeleted, delete()), (5, CustomerDeleted, delete())]).await, "c").await.1
    };
    assert_eq!(deleted_at(update(json!({ "id": "c" }))).await, Some(at(6)), "a later arrival does not restore it");
    assert_eq!(deleted_at(update(json!({ "id": "c", "updatedAt": iso(6) }))).await, Some(at(6)));
    assert_eq!(deleted_at(update(json!({ "id": "c", "updatedAt": iso(7) }))).await, None);
    assert_eq!(deleted_at((9, CustomerCreated, json!({ "id": "c", "createdAt": iso(7) }))).await, None);
}

#[tokio::test]
async fn the_deletion_of_an_unknown_object_is_stored_and_invisible() {
    let desk =
        store_of([(5, CustomerDeleted, json!({ "deletedContactIds": ["c"] })), (5, TicketDeleted, json!({ "id": "t" }))]).await;
    let (reader, all) = (desk.reader(), [Parent::All]);
    assert!(reader.customers_by_id(&["c".into()]).await.unwrap().is_empty());
    assert!(reader.tickets_by_id(&["t".into()]).await.unwrap().is_empty());
    let customers = CustomerFilter { include_deleted: true, ..CustomerFilter::default() };
    let tickets = TicketFilter { include_deleted: true, ..TicketFilter::default() };
    assert!(reader.customers(&all, &customers, &page(CustomerOrder::Name)).await.unwrap()[""].rows.is_empty());
    assert!(reader.tickets(&all, &tickets, &page(TicketOrder::DueAt)).await.unwrap()[""].rows.is_empty());
    desk.deliver(9, CustomerCreated, json!({ "id": "c", "createdAt": iso(4) })).await;
    assert_eq!(customer(&desk, "c").await.1, Some(at(5)), "it was deleted before its first snapshot");
    desk.deliver(9, TicketUpdated, json!({ "_id": "t", "ticket_id": "T", "updatedAt": iso(6) })).await;
    assert_eq!(ticket(&desk, "T").await.deleted_at, None);
}

fn page<O>(order: O) -> PageRequest<O> {
    PageRequest { order, direction: Direction::Asc, limit: 100, from_end: false, after: None, before: None }
}

#[tokio::test]
async fn a_ticket_is_found_by_every_id_it_ever_had_and_so_are_its_events() {
    let desk = store_of([
        (1, TicketUpdated, json!({ "id": "a", "name": "by id", "updatedAt": iso(2) })),
        (2, TicketCreated, json!({ "ticket_id": "T2", "level": "high", "date_created_timestamp": ms(1) / 1000 })),
        (3, TicketUpdated, json!({ "_id": "b", "ticket_id": "T1", "updatedAt": iso(3) })),
        (4, TicketUpdated, json!({ "id": "a", "_id": "b", "status": "done", "updatedAt": iso(4) })),
        (5, TicketUpdated, json!({ "id": "a", "ticket_id": "T2", "updatedAt": iso(5) })),
        (6, TicketDeleted, json!({ "id": "b" })),
    ])
    .await;
    let whole = ticket(&desk, "T1").await;
    assert_eq!((whole.details.id.as_str(), whole.deleted_at), ("T1", Some(at(6))));
    assert_eq!(
        (whole.details.name.as_deref(), whole.details.level.as_deref(), whole.details.status.as_deref()),
        (Some("by id"), Some("high"), Some("done"))
    );
    for id in ["a", "b", "T2"] {
        assert_eq!(ticket(&desk, id).await, whole, "{id}");
    }
    let events =
        desk.reader().events(&[Parent::Ticket("T1".into())], &EventFilter::default(), &page(EventOrder::Seq)).await.unwrap();
    assert_eq!(events["T1"].rows.iter().map(|(_, event)| event.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    desk.assert_verified().await;
}

#[tokio::test]
async fn the_subjects_of_an_event_are_the_objects_it_names() {
    let desk = store_of([
        (1, MessageSent, json!({ "message_id": "m", "conversation_id": "k", "platform": "Zalo" })),
        (2, ConversationStatusChanged, json!({ "conversation_id": "k", "is_closed": 1 })),
        (3, CustomerDeleted, json!({ "deletedContactIds": ["c1", "c2"], "deletedPotentialIds": ["c1", "c3"] })),
        (4, TicketUpdated, json!({ "ticket_id": "T", "id": "a", "_id": "a" })),
    ])
    .await;
    let subjects = desk.reader().subjects_of(&[1, 2, 3, 4]).await.unwrap();
    let of = |seq: i64| subjects[&seq].iter().map(|(kind, id)| (*kind, id.as_str())).collect::<Vec<_>>();
    assert_eq!(of(1), [(SubjectType::Conversation, "k"), (SubjectType::Message, "zalo_m")]);
    assert_eq!(of(2), [(SubjectType::Conversation, "k")]);
    assert_eq!(of(3), ["c1", "c2", "c3"].map(|id| (SubjectType::Customer, id)));
    assert_eq!(of(4), ["T", "a"].map(|id| (SubjectType::Ticket, id)));
}

#[tokio::test]
async fn a_staff_members_name_comes_from_the_newest_version_that_has_one() {
    let desk = store_of([
        (1, CustomerUpdated, json!({ "id": "c", "manager": { "_id": "s", "full_name": "newest" }, "updatedAt": iso(9) })),
        (2, TicketUpdated, json!({ "ticket_id": "T", "employee": "s", "nameStaff": "older", "updatedAt": iso(8) })),
        (3, MessageSent, json!({ "message_id": "m", "conversation_id": "k", "time": ms(10), "assign_by": ["s"] })),
    ])
    .await;
    assert_eq!(desk.reader().staff_by_id(&["s".into()]).await.unwrap()["s"].name.as_deref(), Some("newest"));
}

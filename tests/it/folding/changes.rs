//! The change log: which changes are announced for each event.

use std::collections::{BTreeMap, BTreeSet};

use deskgraph::{
    domain::{
        change::{Change, Relinked, SubjectType},
        kind::EventKind,
    },
    store::Entry,
};
use entity::{conversation, customer, message, ticket};
use proptest::{prelude::*, test_runner::Config};
use sea_orm::EntityTrait;
use serde_json::json;

use super::events::{deliveries, sequences};
use crate::support::{
    desk::{Desk, at, iso, ms},
    entry,
    property::{cases, run},
};

/// What readers see of each object that changes are about, by `type id`.
type Seen = BTreeMap<String, Shown>;

/// An object as readers see it.
#[derive(PartialEq)]
struct Shown {
    /// The customer to which a conversation or ticket is linked.
    customer: Option<String>,
    /// Everything else.
    rest: String,
}

impl Shown {
    fn unlinked(rest: String) -> Self {
        Self { customer: None, rest }
    }
}

async fn seen(desk: &Desk) -> Seen {
    let (db, reader, mut seen) = (desk.raw().await, desk.reader(), Seen::new());
    let ids: Vec<String> = customer::Entity::find().all(&db).await.unwrap().into_iter().map(|row| row.id).collect();
    let parts = (
        reader.social_accounts_of(&ids).await.unwrap(),
        reader.statuses_of(&ids).await.unwrap(),
        reader.custom_fields_of(&ids).await.unwrap(),
    );
    for (id, row) in reader.customers_by_id(&ids).await.unwrap() {
        let parts = (parts.0.get(&id), parts.1.get(&id), parts.2.get(&id));
        seen.insert(format!("customer {id}"), Shown::unlinked(format!("{row:?} {parts:?}")));
    }
    let ids: Vec<String> = conversation::Entity::find().all(&db).await.unwrap().into_iter().map(|row| row.id).collect();
    let assignees = reader.assignees_of(&ids).await.unwrap();
    for (id, mut row) in reader.conversations_by_id(&ids).await.unwrap() {
        let customer = row.customer_id.take();
        seen.insert(format!("conversation {id}"), Shown { customer, rest: format!("{row:?} {:?}", assignees.get(&id)) });
    }
    let keys: Vec<String> = message::Entity::find().all(&db).await.unwrap().into_iter().map(|row| row.key).collect();
    for (key, mut row) in reader.messages_by_key(&keys).await.unwrap() {
        // A message's customer comes from its conversation: a late link is a change of the conversation.
        row.customer_id = None;
        seen.insert(format!("message {key}"), Shown::unlinked(format!("{row:?}")));
    }
    let ids: Vec<String> = ticket::Entity::find().all(&db).await.unwrap().into_iter().map(|row| row.id).collect();
    for (id, row) in reader.tickets_by_id(&ids).await.unwrap() {
        let customer = row.details.customer_id.clone().filter(|id| seen.contains_key(&format!("customer {id}")));
        seen.insert(format!("ticket {id}"), Shown { customer, rest: format!("{row:?}") });
    }
    db.close().await.unwrap();
    seen
}

/// The key in [`Seen`] of the object that a change is about.
fn object(change: &Change) -> String {
    format!("{} {}", change.subject_type.word(), change.subject_id)
}

/// The change of an object's link, if nothing else of it changed.
fn relinked(before: &Seen, after: &Seen, object: &str) -> Option<Relinked> {
    let (before, after) = (before.get(object)?, after.get(object)?);
    let is_only_link = before.rest == after.rest && before.customer != after.customer;
    is_only_link.then(|| Relinked { before: before.customer.clone(), after: after.customer.clone() })
}

/// The objects that differ. A ticket with a new canonical id differs under that id.
fn differing(before: &Seen, after: &Seen) -> BTreeSet<String> {
    after.iter().filter(|(thing, row)| before.get(*thing) != Some(row)).map(|(thing, _)| thing.clone()).collect()
}

proptest! {
    #![proptest_config(Config { cases: cases(15), max_shrink_time: 60_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_single_event_announces_exactly_the_visible_changes((events, plan, _) in sequences(12)) {
        run(async {
            let (events, desk) = (deliveries(&events), Desk::new().await);
            let mut before = Seen::new();
            for index in plan.order.iter().filter(|index| **index < events.len()) {
                let head = desk.reader().head().await.unwrap();
                desk.store.append(&[Entry::Delivery(events[*index].clone())], at(1_000)).await.unwrap();
                let changes = desk.reader().changes_after(head, 1_000).await.unwrap();
                let after = seen(&desk).await;
                let announced: BTreeSet<String> = changes.iter().skip(1).map(object).collect();
                prop_assert_eq!(&announced, &differing(&before, &after));
                for change in changes.iter().skip(1) {
                    prop_assert_eq!(&change.relinked, &relinked(&before, &after, &object(change)), "{:?}", change);
                    let was_there = before.contains_key(&object(change));
                    let may_be = if was_there { ["updated", "deleted"] } else { ["created", "deleted"] };
                    // A ticket can get another canonical id.
                    prop_assert!(may_be.contains(&change.kind.word()) || change.subject_type == SubjectType::Ticket, "{:?}", change);
                }
                before = after;
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_batch_announces_every_visible_change((events, plan, _) in sequences(14)) {
        run(async {
            let (events, desk) = (deliveries(&events), Desk::new().await);
            let mut before = Seen::new();
            let order: Vec<usize> = plan.order.iter().copied().filter(|index| *index < events.len()).collect();
            for batch in order.chunks(plan.batches[0]) {
                let head = desk.reader().head().await.unwrap();
                let entries: Vec<Entry> = batch.iter().map(|index| Entry::Delivery(events[*index].clone())).collect();
                desk.store.append(&entries, at(1_000)).await.unwrap();
                let changes = desk.reader().changes_after(head, 10_000).await.unwrap();
                let after = seen(&desk).await;
                let announced: BTreeSet<String> = changes.iter().map(object).collect();
                let missing: Vec<String> = differing(&before, &after).difference(&announced).cloned().collect();
                prop_assert_eq!(missing, [""; 0]);
                let positions: Vec<i64> = changes.iter().map(|change| change.position).collect();
                prop_assert_eq!(positions, (head + 1..).take(changes.len()).collect::<Vec<_>>());
                let others: BTreeSet<String> = changes.iter().filter(|change| change.relinked.is_none()).map(object).collect();
                let rest = |seen: &Seen, object: &str| seen.get(object).map(|shown| shown.rest.clone());
                for object in announced.difference(&others) {
                    prop_assert_eq!(rest(&before, object), rest(&after, object), "only its link changed");
                }
                let mut seq = 0;
                for change in changes {
                    if change.subject_type == SubjectType::Event {
                        seq = change.seq;
                        prop_assert_eq!(change.subject_id, change.seq.to_string());
                    }
                    prop_assert_eq!(change.seq, seq, "an event comes before what it changed");
                }
                before = after;
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_message_sent_again_with_another_payload_is_updated_not_created() {
    let desk = Desk::new().await;
    let message =
        |text: &str| json!({ "message_id": "m", "conversation_id": "k", "platform": "zalo", "time": ms(1), "message": text });
    let first = desk.deliver(1, EventKind::MessageSent, message("a")).await;
    assert_eq!(desk.changes_of(first).await, ["message zalo_m created", "conversation k created"]);
    let second = desk.deliver(2, EventKind::MessageSent, message("b")).await;
    assert_eq!(desk.changes_of(second).await, ["message zalo_m updated"]);
    assert_eq!(desk.deliver(3, EventKind::MessageSent, message("b")).await, second, "an equal payload is not stored again");
}

#[tokio::test]
async fn a_stale_or_empty_snapshot_changes_nothing() {
    let desk = Desk::new().await;
    desk.deliver(1, EventKind::CustomerUpdated, json!({ "id": "c", "system_name": "Mai", "updatedAt": iso(5) })).await;
    let stale =
        desk.deliver(2, EventKind::CustomerUpdated, json!({ "id": "c", "system_name": "Lan", "updatedAt": iso(4) })).await;
    assert_eq!(desk.changes_of(stale).await, [""; 0]);
    let empty = desk.deliver(9, EventKind::CustomerUpdated, json!({ "id": "c" })).await;
    assert_eq!(desk.changes_of(empty).await, [""; 0]);
    let same = desk.deliver(10, EventKind::CustomerUpdated, json!({ "id": "c", "system_name": "Mai" })).await;
    assert_eq!(desk.changes_of(same).await, [""; 0]);
    let fills = desk.deliver(11, EventKind::CustomerUpdated, json!({ "id": "c", "note": "n", "updatedAt": iso(3) })).await;
    assert_eq!(desk.changes_of(fills).await, ["customer c updated"], "an older one fills what is unknown");
}

#[tokio::test]
async fn a_customer_is_created_deleted_deleted_again_and_restored() {
    let desk = Desk::new().await;
    let created = desk.deliver(1, EventKind::CustomerCreated, json!({ "id": "c", "createdAt": iso(1) })).await;
    assert_eq!(desk.changes_of(created).await, ["customer c created"]);
    let delete = json!({ "deletedContactIds": ["c"] });
    let deleted = desk.deliver(2, EventKind::CustomerDeleted, delete.clone()).await;
    assert_eq!(desk.changes_of(deleted).await, ["customer c deleted"]);
    let again = desk.deliver(3, EventKind::CustomerDeleted, delete).await;
    assert_eq!(desk.changes_of(again).await, ["customer c updated"], "only the time of its deletion has changed");
    let undated = desk.deliver(4, EventKind::CustomerUpdated, json!({ "id": "c" })).await;
    assert_eq!(desk.changes_of(undated).await, [""; 0]);
    let back = desk.deliver(5, EventKind::CustomerUpdated, json!({ "id": "c", "updatedAt": iso(4) })).await;
    assert_eq!(desk.changes_of(back).await, ["customer c updated"]);
    assert_eq!(desk.reader().customers_by_id(&["c".into()]).await.unwrap()["c"].deleted_at, None);
}

#[tokio::test]
async fn merging_two_tickets_is_one_change() {
    let desk = Desk::new().await;
    desk.deliver(1, EventKind::TicketUpdated, json!({ "id": "a", "name": "by id", "updatedAt": iso(1) })).await;
    desk.deliver(
        2,
        EventKind::TicketCreated,
        json!({ "ticket_id": "T", "level": "high", "date_created_timestamp": ms(2) / 1000 }),
    )
    .await;
    let merged = desk.deliver(3, EventKind::TicketUpdated, json!({ "ticket_id": "T", "id": "a", "updatedAt": iso(3) })).await;
    assert_eq!(desk.changes_of(merged).await, ["ticket T updated"]);
    let found = desk.reader().tickets_by_id(&["a".into(), "T".into()]).await.unwrap();
    assert_eq!(found["a"], found["T"]);
    assert_eq!((found["a"].details.name.as_deref(), found["a"].details.level.as_deref()), (Some("by id"), Some("high")));
    desk.assert_verified().await;
}

#[tokio::test]
async fn a_late_customer_updates_its_conversations_and_tickets() {
    let desk = Desk::new().await;
    desk.deliver(
        1,
        EventKind::MessageSent,
        json!({ "message_id": "m", "conversation_id": "k", "platform": "zalo", "from_id": "u" }),
    )
    .await;
    desk.deliver(2, EventKind::TicketCreated, json!({ "ticket_id": "T", "customer": "c" })).await;
    let late = desk.deliver(3, EventKind::CustomerCreated, json!({ "id": "c", "social": [{ "type": "zalo", "id": "u" }] })).await;
    assert_eq!(desk.changes_of(late).await, ["customer c created", "ticket T updated", "conversation k updated"]);
    let message = &desk.reader().messages_by_key(&["zalo_m".into()]).await.unwrap()["zalo_m"];
    assert_eq!(message.customer_id.as_deref(), Some("c"), "its messages have the customer too");
}

#[tokio::test]
async fn a_ticket_is_linked_to_a_late_customer_even_if_a_stale_event_follows_in_the_batch() {
    let desk = Desk::new().await;
    desk.deliver(1, EventKind::TicketUpdated, json!({ "ticket_id": "T", "customer": "c", "name": "n", "updatedAt": iso(5) }))
        .await;
    let customer = entry(EventKind::CustomerCreated, &json!({ "id": "c" }));
    let stale = entry(EventKind::TicketUpdated, &json!({ "ticket_id": "T", "name": "old", "updatedAt": iso(1) }));
    desk.store.append(&[customer, stale], at(2)).await.unwrap();
    assert_eq!(desk.changes_of(2).await, ["customer c created", "ticket T updated"]);
    assert_eq!(desk.changes_of(3).await, [""; 0]);
}

#[tokio::test]
async fn a_late_payload_of_a_moved_message_does_not_change_its_conversation() {
    let desk = Desk::new().await;
    let message = |conversation: &str, read: i32| json!({ "message_id": "m", "conversation_id": conversation, "platform": "zalo", "time": ms(1), "is_read": read });
    desk.deliver(5, EventKind::MessageSent, message("new", 1)).await;
    let late = desk.deliver(4, EventKind::MessageSent, message("old", 0)).await;
    assert_eq!(desk.changes_of(late).await, ["conversation old created"]);
    let moved = desk.deliver(6, EventKind::MessageSent, message("newest", 0)).await;
    assert_eq!(
        desk.changes_of(moved).await,
        ["message zalo_m updated", "conversation newest created", "conversation new updated"]
    );
    desk.assert_verified().await;
}

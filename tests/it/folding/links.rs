//! How a conversation finds its customer, rule by rule, in either order of arrival.

use deskgraph::domain::kind::EventKind::{self, CustomerDeleted, CustomerUpdated, MessageSent};
use serde_json::{Value, json};

use crate::support::desk::{Desk, iso, ms};

/// The customer of the conversation `k` with this contact. The customers arrive before it and, in a second store, after it.
async fn customer_of(platform: &str, contact: &str, customers: Vec<(EventKind, Value)>) -> Option<String> {
    let message = json!({ "message_id": "m", "conversation_id": "k", "platform": platform, "from_id": contact, "time": ms(1) });
    let (before, after) = (Desk::new().await, Desk::new().await);
    before.deliver(0, MessageSent, message.clone()).await;
    for (seconds, (kind, payload)) in (1..).zip(customers) {
        before.deliver(seconds, kind, payload.clone()).await;
        after.deliver(seconds, kind, payload).await;
    }
    after.deliver(99, MessageSent, message).await;
    let mut found = Vec::new();
    for desk in [before, after] {
        let conversation = desk.reader().conversations_by_id(&["k".into()]).await.unwrap().remove("k").unwrap();
        let message = desk.reader().messages_by_key(&[format!("{platform}_m")]).await.unwrap().into_values().next().unwrap();
        assert_eq!(conversation.customer_id, message.customer_id, "a message's customer is its conversation's");
        desk.assert_verified().await;
        found.push(conversation.customer_id);
    }
    assert_eq!(found[0], found[1], "in either order of arrival");
    found.remove(0)
}

fn updated(id: &str, rest: Value) -> (EventKind, Value) {
    let mut payload = rest;
    payload["id"] = json!(id);
    (CustomerUpdated, payload)
}

#[tokio::test]
async fn a_social_account_is_matched_first_and_one_without_a_platform_matches_any() {
    let account = |id: &str, accounts: Value| updated(id, json!({ "social": accounts }));
    let zalo = account("a", json!([{ "type": "ZALO", "id": "u" }]));
    let facebook = account("b", json!([{ "type": "facebook", "id": "u" }]));
    let any = account("c", json!(["u"]));
    assert_eq!(customer_of("zalo", "u", vec![facebook.clone(), zalo]).await.as_deref(), Some("a"));
    assert_eq!(customer_of("zalo", "u", vec![facebook.clone()]).await, None);
    assert_eq!(customer_of("zalo", "u", vec![facebook, any.clone()]).await.as_deref(), Some("c"));
    assert_eq!(customer_of("zalo", "u", vec![updated("u", json!({})), any]).await.as_deref(), Some("c"), "before the own id");
}

#[tokio::test]
async fn otherwise_the_customer_with_the_contacts_id_is_matched() {
    let own = updated("u@shop.vn", json!({}));
    let address = updated("z", json!({ "system_email": "u@shop.vn" }));
    assert_eq!(customer_of("email", "u@shop.vn", vec![address.clone(), own]).await.as_deref(), Some("u@shop.vn"));
    assert_eq!(customer_of("email", "U@Shop.VN", vec![address]).await.as_deref(), Some("z"));
}

#[tokio::test]
async fn otherwise_the_customer_with_that_phone_number_in_any_notation_is_matched() {
    let phone = |id: &str, phone: &str| updated(id, json!({ "system_phone": phone }));
    assert_eq!(customer_of("zalo", "84912345678", vec![phone("a", "0912 345 678")]).await.as_deref(), Some("a"));
    assert_eq!(customer_of("zalo", "0912345678", vec![phone("a", "+84 912.345.678")]).await.as_deref(), Some("a"));
    assert_eq!(
        customer_of("zalo", "7740118822334455", vec![phone("a", "7740118822334455")]).await,
        None,
        "too long for a number"
    );
}

#[tokio::test]
async fn among_several_matches_not_deleted_then_latest_update_then_smallest_id_wins() {
    let with = |id: &str, date: Option<i64>| {
        let mut rest = json!({ "social": ["u"] });
        if let Some(date) = date {
            rest["updatedAt"] = json!(iso(date));
        }
        updated(id, rest)
    };
    let delete = |id: &str| (CustomerDeleted, json!({ "deletedContactIds": [id] }));
    assert_eq!(customer_of("zalo", "u", vec![with("b", Some(-5)), with("a", Some(-9))]).await.as_deref(), Some("b"));
    assert_eq!(
        customer_of("zalo", "u", vec![with("b", Some(-5)), with("a", None)]).await.as_deref(),
        Some("b"),
        "absent is last"
    );
    assert_eq!(customer_of("zalo", "u", vec![with("b", None), with("a", None)]).await.as_deref(), Some("a"));
    assert_eq!(customer_of("zalo", "u", vec![with("b", Some(-5)), with("a", Some(-9)), delete("b")]).await.as_deref(), Some("a"));
    assert_eq!(customer_of("zalo", "u", vec![with("b", Some(-5)), delete("b")]).await.as_deref(), Some("b"), "better than none");
    assert_eq!(customer_of("zalo", "u", vec![delete("u")]).await, None, "a tombstone is not matched");
}

#[tokio::test]
async fn a_customer_that_loses_its_account_loses_the_conversation() {
    let (gains, loses) = (updated("a", json!({ "social": ["u"] })), updated("a", json!({ "social": null })));
    assert_eq!(customer_of("zalo", "u", vec![gains.clone(), loses.clone()]).await, None);
    assert_eq!(
        customer_of("zalo", "u", vec![updated("b", json!({ "social": ["u"] })), gains, loses]).await.as_deref(),
        Some("b")
    );
}

#[tokio::test]
async fn the_contact_is_the_sender_of_an_inbound_and_the_recipient_of_an_outbound_message() {
    let desk = Desk::new().await;
    let message = |id: &str, time: i64, outbound: i32| json!({ "message_id": id, "conversation_id": "k", "platform": "zalo", "time": ms(time), "is_platform_sender": outbound, "from_id": "from", "to_id": "to" });
    let contact = async || desk.reader().conversations_by_id(&["k".into()]).await.unwrap()["k"].contact.source_id.clone();
    desk.deliver(1, MessageSent, message("m1", 1, 0)).await;
    assert_eq!(contact().await.as_deref(), Some("from"));
    desk.deliver(2, MessageSent, message("m2", 2, 1)).await;
    assert_eq!(contact().await.as_deref(), Some("to"));
}

#[tokio::test]
async fn a_message_that_moves_to_another_conversation_gets_its_customer() {
    let desk = Desk::new().await;
    desk.deliver(1, CustomerUpdated, json!({ "id": "a", "social": ["ua"] })).await;
    desk.deliver(1, CustomerUpdated, json!({ "id": "b", "social": ["ub"] })).await;
    let message = |id: &str, conversation: &str, from: &str| json!({ "message_id": id, "conversation_id": conversation, "platform": "zalo", "from_id": from, "time": ms(1) });
    desk.deliver(2, MessageSent, message("m1", "ka", "ua")).await;
    desk.deliver(3, MessageSent, message("m2", "kb", "ub")).await;
    desk.deliver(4, MessageSent, message("m1", "kb", "ub")).await;
    let reader = desk.reader();
    assert_eq!(reader.messages_by_key(&["zalo_m1".into()]).await.unwrap()["zalo_m1"].customer_id.as_deref(), Some("b"));
    let conversations = reader.conversations_by_id(&["ka".into(), "kb".into()]).await.unwrap();
    assert_eq!((conversations["ka"].message_count, conversations["kb"].message_count), (0, 2));
    assert_eq!((conversations["ka"].last_message_at, conversations["ka"].customer_id.as_deref()), (None, Some("a")));
    desk.assert_verified().await;
}

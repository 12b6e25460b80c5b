//! Subscriptions, from a cursor and live: each change is delivered once, with the cursor to resume after.

use std::time::Duration;

use async_graphql::{Executor, Response};
use futures_util::{Stream, StreamExt};
use serde_json::Value;

use super::{Desk, customer, message, request, ticket};
use crate::domain::time::Timestamp;

const ADDED: &str = "messageAdded { cursor message { sourceId isRead conversation { customer { id } } } }";

fn subscribe(desk: &Desk, after: Option<&str>) -> impl Stream<Item = Response> + Unpin + use<> {
    let field = match after {
        Some(cursor) => ADDED.replacen("messageAdded", &format!("messageAdded(after: \"{cursor}\")"), 1),
        None => ADDED.to_owned(),
    };
    desk.schema.execute_stream(request(&format!("subscription {{ {field} }}")), None)
}

async fn next(stream: &mut (impl Stream<Item = Response> + Unpin)) -> Value {
    let response = tokio::time::timeout(Duration::from_mins(1), stream.next()).await.unwrap().unwrap();
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    super::data(response)["messageAdded"].take()
}

#[tokio::test]
async fn new_messages_are_delivered_once_from_the_head_and_then_live() {
    let desk = Desk::open().await;
    let head = desk.data("{ head }").await["head"].as_str().unwrap().to_owned();
    desk.store(&[customer("c1", "z1"), message("m1", "k1", "z1"), message("m2", "k1", "z1")]).await;
    let mut added = subscribe(&desk, Some(&head));
    let first = next(&mut added).await;
    assert_eq!(first["message"]["sourceId"], "m1");
    assert_eq!(first["message"]["conversation"]["customer"]["id"], "cus_c1");
    assert_eq!(next(&mut added).await["message"]["sourceId"], "m2");

    let mut read = message("m1", "k1", "z1");
    read.1["is_read"] = 1.into();
    desk.store(&[read, message("m3", "k1", "z1")]).await;
    assert_eq!(next(&mut added).await["message"]["sourceId"], "m3");

    let mut resumed = subscribe(&desk, first["cursor"].as_str());
    assert_eq!(next(&mut resumed).await["message"]["sourceId"], "m2");
    assert_eq!(next(&mut resumed).await["message"]["sourceId"], "m3");

    let mut replayed = subscribe(&desk, Some(&head));
    assert_eq!(next(&mut replayed).await["message"]["isRead"], true);
}

#[tokio::test]
async fn a_subscription_resumes_after_the_cursor_of_an_event() {
    let desk = Desk::open().await;
    desk.store(&[message("m1", "k1", "z1"), message("m2", "k1", "z1"), message("m3", "k1", "z1")]).await;
    let data = desk.data(r#"{ node(id: "evt_3") { ... on Event { cursor } } }"#).await;
    let mut added = subscribe(&desk, data["node"]["cursor"].as_str());
    assert_eq!(next(&mut added).await["message"]["sourceId"], "m3");
}

#[tokio::test]
async fn an_unusable_cursor_is_refused_with_the_reason() {
    let desk = Desk::open().await;
    let other = Desk::open().await;
    other.store(&[message("m1", "k1", "z1")]).await;
    let head = async |desk: &Desk| desk.data("{ head }").await["head"].as_str().unwrap().to_owned();
    let ahead = crate::domain::change::LiveCursor::at(desk.store.id(), 1 << 40).to_string();
    for (cursor, code) in
        [("x".to_owned(), "BAD_USER_INPUT"), (head(&other).await, "CURSOR_OF_ANOTHER_STORE"), (ahead, "CURSOR_AHEAD")]
    {
        let response = subscribe(&desk, Some(&cursor)).next().await.unwrap();
        let extensions = response.errors[0].extensions.as_ref().unwrap();
        assert_eq!(extensions.get("code"), Some(&code.into()), "{:?}", response.errors);
        assert_eq!(extensions.get("argument"), Some(&"after".into()));
    }
}

#[tokio::test]
async fn overdue_is_evaluated_when_a_change_is_delivered_not_when_the_subscription_starts() {
    let desk = Desk::open().await;
    let put = |time: &str| *desk.now.lock().unwrap() = Timestamp::parse_rfc3339(time).unwrap();
    put("2025-09-26T00:00:00Z");
    let after = desk.data("{ head }").await["head"].as_str().unwrap().to_owned();
    let query = format!(
        "subscription {{ ticketChanged(after: \"{after}\", filter: {{isOverdue: {{eq: true}}}}) {{ ticket {{ isOverdue }} }} }}"
    );
    let mut changed = desk.schema.execute_stream(request(&query), None);
    assert!(futures_util::poll!(changed.next()).is_pending());
    put("2025-10-01T00:00:00Z");
    desk.store(&[ticket("t1", "c1")]).await;
    let response = tokio::time::timeout(Duration::from_mins(1), changed.next()).await.unwrap().unwrap();
    let ticket = super::data(response)["ticketChanged"]["ticket"].take();
    assert_eq!(ticket["isOverdue"], true);
}

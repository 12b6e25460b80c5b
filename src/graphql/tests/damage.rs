//! Permanent errors end a subscription with a code; no client waits forever.

use std::time::Duration;

use async_graphql::{Executor, Response, ServerError, Value};
use futures_util::{Stream, StreamExt};
use sea_orm::{ConnectionTrait, Database};
use tokio::time::timeout;

use super::{Desk, message, request};
use crate::graphql::Bookmark;

async fn damage(desk: &Desk, sql: &str) {
    let db = Database::connect(desk.url()).await.unwrap();
    db.execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

fn subscribe(desk: &Desk, arguments: &str) -> impl Stream<Item = Response> + Unpin + use<> {
    let query = format!("subscription {{ messageAdded{arguments} {{ cursor message {{ sourceId }} }} }}");
    desk.schema.execute_stream(request(&query), None)
}

async fn next(stream: &mut (impl Stream<Item = Response> + Unpin)) -> Option<Response> {
    timeout(Duration::from_mins(1), stream.next()).await.expect("there is neither a response nor the end")
}

/// The error response that ends a subscription.
async fn ending(mut stream: impl Stream<Item = Response> + Unpin) -> ServerError {
    let mut response = next(&mut stream).await.expect("an error comes before the end");
    assert_eq!(response.errors.len(), 1, "{:?}", response.errors);
    assert!(next(&mut stream).await.is_none(), "nothing comes after it");
    response.errors.remove(0)
}

fn assert_internal(error: &ServerError) {
    let extensions = error.extensions.as_ref().expect("a coded error");
    assert_eq!(extensions.get("code"), Some(&Value::from("INTERNAL")), "{error:?}");
    assert!(matches!(extensions.get("requestId"), Some(Value::String(id)) if !id.is_empty()), "{error:?}");
    assert!(!error.message.contains("damaged"), "no internal details: {}", error.message);
}

#[tokio::test]
async fn a_damaged_object_ends_the_subscriptions_that_need_it_and_no_others() {
    let desk = Desk::open().await;
    let head = desk.data("{ head }").await["head"].clone();
    desk.store(&[message("m1", "k1", "z1")]).await;
    damage(&desk, "UPDATE message SET attachments = '{'").await;
    let filtered = format!(r#"(after: {head}, filter: {{ conversationId: {{ eq: "k1" }} }})"#);
    assert_internal(&ending(subscribe(&desk, &filtered)).await);

    let mut others = desk.schema.execute_stream(
        request(&format!("subscription {{ conversationChanged(after: {head}) {{ conversation {{ sourceId }} }} }}")),
        None,
    );
    let response = next(&mut others).await.unwrap();
    assert!(response.errors.is_empty(), "{:?}", response.errors);
}

#[tokio::test]
async fn a_subscription_whose_reads_always_time_out_ends_with_the_limit() {
    let desk = Desk::with_statement_time(Duration::from_millis(200)).await;
    let head = desk.data("{ head }").await["head"].clone();
    desk.store(&[message("m1", "k1", "z1")]).await;
    desk.stall_messages().await;
    let error = ending(subscribe(&desk, &format!("(after: {head})"))).await;
    let expected = async_graphql::value!({ "code": "LIMIT_EXCEEDED", "limit": "statementTime", "allowed": 200 });
    assert_eq!(async_graphql::to_value(&error.extensions).unwrap(), expected);
}

#[tokio::test]
async fn a_damaged_change_ends_all_subscriptions_until_it_is_repaired() {
    let desk = Desk::open().await;
    let head = desk.data("{ head }").await["head"].clone();
    // A damaged event before those that are stored properly. The hub finds it at its next poll.
    let bookmark = Bookmark::default();
    let mut begins = request("subscription { messageAdded { cursor message { sourceId } } }");
    begins.data.insert(bookmark.clone());
    let mut live = desk.schema.execute_stream(begins, None);
    tokio::select! {
        biased;
        _ = bookmark.begun() => {}
        response = live.next() => panic!("nothing was stored: {response:?}"),
    }
    damage(&desk, "INSERT INTO change (position, seq, subject_type, subject_id, kind) VALUES (1, 1, 'x', '1', 'created')").await;
    assert_internal(&ending(live).await);
    desk.store(&[message("m1", "k1", "z1")]).await;
    // One subscription that reads it from the store, and one that starts after it and would wait for the hub.
    assert_internal(&ending(subscribe(&desk, &format!("(after: {head})"))).await);
    assert_internal(&ending(subscribe(&desk, "")).await);

    damage(&desk, "UPDATE change SET subject_type = 'event' WHERE position = 1").await;
    let mut repaired = subscribe(&desk, &format!("(after: {head})"));
    assert_eq!(super::data(next(&mut repaired).await.unwrap())["messageAdded"]["message"]["sourceId"], "m1");
    desk.store(&[message("m2", "k1", "z1")]).await;
    assert_eq!(super::data(next(&mut repaired).await.unwrap())["messageAdded"]["message"]["sourceId"], "m2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_list_is_null_beside_other_fields_with_and_without_a_plan() {
    let desk = Desk::open().await;
    desk.store(&[super::customer("c1", "z1"), super::message("m1", "k1", "z1")]).await;
    let db = sea_orm::Database::connect(desk.url()).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&db, "ALTER TABLE message RENAME TO hidden").await.unwrap();
    db.close().await.unwrap();
    for query in [
        "{ messages(filter: {isRead: {eq: true}}) { totalCount } customers { totalCount } OTHER }",
        "{ customers { nodes { id messages(filter: {isRead: {eq: true}}) { totalCount } } totalCount } OTHER }",
        "{ customers { nodes { id conversations { nodes { id lastMessage { text } } } } } OTHER }",
        "{ conversation(id: \"k1\") { id messages { nodes { id } } } OTHER }",
    ] {
        let planned = desk.respond(&query.replace("OTHER", "")).await;
        // Statistics are not planned.
        let mut executed = desk.respond(&query.replace("OTHER", "ticketStats { count }")).await;
        let async_graphql::Value::Object(fields) = &mut executed.data else { panic!("{query}") };
        fields.shift_remove("ticketStats");
        assert_eq!(planned.data, executed.data, "{query}");
        let paths =
            |response: &async_graphql::Response| response.errors.iter().map(|error| error.path.clone()).collect::<Vec<_>>();
        assert_eq!(paths(&planned), paths(&executed), "{query}");
        assert_eq!(planned.errors.len(), 1, "{query}");
    }
}

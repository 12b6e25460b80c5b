//! Live messages: after a cursor, without a gap and without a repetition.

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::{app::TestApp, live::Live, message};

async fn deliver(app: &TestApp, numbers: std::ops::Range<i64>) {
    for n in numbers {
        app.deliver("message-sent", &message(&format!("m-{n}"), "c-1", "hi", 1_758_791_400_000 + n)).await;
    }
}

async fn receive(live: &mut Live, count: usize) -> (Vec<String>, String) {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    for _ in 0..count {
        let added = live.next().await["messageAdded"].take();
        ids.push(added["message"]["sourceId"].as_str().unwrap().to_owned());
        added["cursor"].as_str().unwrap().clone_into(&mut cursor);
    }
    (ids, cursor)
}

fn names(numbers: std::ops::Range<i64>) -> Vec<String> {
    numbers.map(|n| format!("m-{n}")).collect()
}

#[tokio::test]
async fn resuming_after_a_cursor_loses_nothing_and_repeats_nothing() {
    let app = TestApp::new().await;
    let head = app.query("{ head }").await["head"].as_str().unwrap().to_owned();
    let mut live = Live::messages(&app.base, Some(&head)).await;
    deliver(&app, 0..5).await;
    let (ids, cursor) = receive(&mut live, 5).await;
    assert_eq!(ids, names(0..5));
    drop(live);
    deliver(&app, 5..8).await;
    let app = app.restart().await;
    let mut live = Live::messages(&app.base, Some(&cursor)).await;
    deliver(&app, 8..10).await;
    let (ids, _) = receive(&mut live, 5).await;
    assert_eq!(ids, names(5..10));
    app.stop().await;
}

#[tokio::test]
async fn a_repeated_message_is_not_delivered_as_new() {
    let app = TestApp::new().await;
    let head = app.query("{ head }").await["head"].as_str().unwrap().to_owned();
    let mut read = message("m-0", "c-1", "hi", 1_758_791_400_000);
    app.deliver("message-sent", &read).await;
    read["is_read"] = 1.into();
    app.deliver("message-sent", &read).await;
    deliver(&app, 1..2).await;
    let mut live = Live::messages(&app.base, Some(&head)).await;
    assert_eq!(receive(&mut live, 2).await.0, names(0..2));
    app.stop().await;
}

#[tokio::test]
async fn unusable_cursors_are_refused_with_a_code() {
    let app = TestApp::new().await;
    let other = TestApp::new().await;
    deliver(&other, 0..3).await;
    let foreign = other.query("{ head }").await["head"].as_str().unwrap().to_owned();
    for (cursor, code) in [("nonsense", "BAD_USER_INPUT"), (foreign.as_str(), "CURSOR_OF_ANOTHER_STORE")] {
        let query = "subscription($after: String) { messageAdded(after: $after) { cursor } }";
        let mut live = Live::start(&app.base, query, json!({ "after": cursor })).await;
        let answer = live.receive().await;
        let errors = if answer["type"] == "error" { &answer["payload"] } else { &answer["payload"]["errors"] };
        assert_eq!(errors[0]["extensions"]["code"], code, "{answer}");
    }
    app.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn subscribers_before_and_during_a_burst_get_the_same_in_the_same_order() {
    let app = TestApp::new().await;
    let head = app.query("{ head }").await["head"].as_str().unwrap().to_owned();
    let mut early = Live::messages(&app.base, Some(&head)).await;
    let burst = async {
        let posts = (0..300).map(|n| {
            let payload = message(&format!("m-{n}"), &format!("c-{}", n % 11), "hi", 1_758_791_400_000 + n);
            let app = &app;
            async move { app.deliver("message-sent", &payload).await }
        });
        futures_util::future::join_all(posts).await
    };
    let late = async {
        let mut late = Live::messages(&app.base, Some(&head)).await;
        receive(&mut late, 300).await.0
    };
    let (_, early, late) = tokio::join!(burst, receive(&mut early, 300), late);
    assert_eq!(early.0, late);
    let mut once = late.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), 300);
    app.stop().await;
}

#[tokio::test]
async fn a_damaged_message_ends_its_subscription_over_the_socket_with_a_coded_error() {
    let app = TestApp::new().await;
    let head = app.query("{ head }").await["head"].as_str().unwrap().to_owned();
    deliver(&app, 0..1).await;
    let db = sea_orm::Database::connect(app.database_url()).await.unwrap();
    db.execute_unprepared("UPDATE message SET attachments = '{'").await.unwrap();
    db.close().await.unwrap();
    // A filter looks at the whole message.
    let query = "subscription($after: String) { \
        messageAdded(after: $after, filter: { text: { isNull: false } }) { message { sourceId } } }";
    let mut live = Live::start(&app.base, query, json!({ "after": head })).await;
    let answer = live.receive().await;
    let error = answer.pointer("/payload/errors/0/extensions").unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(error["code"], "INTERNAL", "{answer}");
    assert!(error["requestId"].is_string(), "{answer}");
    assert_eq!(live.receive().await["type"], "complete");
    app.stop().await;
}

#[tokio::test]
async fn a_stop_closes_sockets_with_1001() {
    let app = TestApp::new().await;
    let mut live = Live::messages(&app.base, None).await;
    let stop = tokio::spawn(app.stop());
    let close = live.receive_or_close().await.unwrap_err().expect("a close frame");
    assert_eq!(u16::from(close.code), 1001);
    stop.await.unwrap();
}

#[tokio::test]
async fn web_pages_of_localhost_are_allowed_and_others_are_not() {
    let app = TestApp::new().await;
    let ask = async |origin: &str| {
        let request =
            app.client.post(format!("{}/graphql", app.base)).header("origin", origin).json(&json!({ "query": "{ head }" }));
        request.send().await.unwrap().headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(ask("http://localhost:5173").await.as_deref(), Some("http://localhost:5173"));
    assert_eq!(ask("https://evil.example").await, None);
    app.stop().await;
}

//! Progress: a subscription whose filter rarely matches reports how far it has read the log, and resumes from there.

use deskgraph::domain::change::LiveCursor;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{
    PATIENCE,
    app::TestApp,
    message,
    streamed::{Event, Events},
    websocket::Client,
};

const RARE: &str = r#"subscription($after: String) {
    messageAdded(after: $after, filter: { text: { eq: "rare" } }) { cursor message { sourceId } }
}"#;

async fn with_heartbeats() -> TestApp {
    TestApp::with(|config| config.graphql.heartbeat_seconds = 1).await
}

async fn deliver(app: &TestApp, numbers: std::ops::Range<i64>, text: &str) {
    for n in numbers {
        app.deliver("message-sent", &message(&format!("m-{n}"), "c-1", text, 1_758_791_400_000 + n)).await;
    }
}

async fn head(app: &TestApp) -> String {
    app.query("{ head }").await["head"].as_str().unwrap().to_owned()
}

fn position(cursor: &str) -> i64 {
    LiveCursor::decode(cursor).unwrap().position
}

async fn subscribe(app: &TestApp, after: &str) -> Client {
    let mut client = Client::ready(&app.base).await;
    client.subscribe_with("rare", &json!({ "query": RARE, "variables": { "after": after } })).await;
    client
}

/// The cursor and the name of the next message.
async fn next(client: &mut Client) -> (String, String) {
    let message = client.receive().await;
    let added = &message["payload"]["data"]["messageAdded"];
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{message}")).to_owned();
    (text(&added["cursor"]), text(&added["message"]["sourceId"]))
}

#[tokio::test]
async fn a_ping_reports_the_progress_of_an_operation_as_a_cursor_that_resumes_without_loss_or_duplicates() {
    let app = with_heartbeats().await;
    let start = head(&app).await;
    let mut client = subscribe(&app, &start).await;
    client.until_progress("rare", &start).await;
    deliver(&app, 0..1, "rare").await;
    deliver(&app, 1..6, "often").await;
    assert_eq!(next(&mut client).await.1, "m-0");
    // The whole log was processed.
    let end = head(&app).await;
    client.until_progress("rare", &end).await;
    drop(client);
    deliver(&app, 6..8, "rare").await;
    deliver(&app, 8..9, "often").await;
    let mut client = subscribe(&app, &end).await;
    deliver(&app, 9..10, "rare").await;
    for name in ["m-6", "m-7", "m-9"] {
        assert_eq!(next(&mut client).await.1, name);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_cursor_in_a_ping_is_in_order_with_the_results_around_it() {
    let app = with_heartbeats().await;
    let mut client = subscribe(&app, &head(&app).await).await;
    let (mut n, mut pings, mut least) = (0, 0, 0);
    while pings < 3 {
        deliver(&app, n..n + 2, "often").await;
        deliver(&app, n + 2..n + 3, "rare").await;
        let before = client.progress.clone();
        let (cursor, name) = next(&mut client).await;
        assert_eq!(name, format!("m-{}", n + 2));
        if let Some(progress) = client.progress.get("rare").filter(|_| client.progress != before) {
            pings += 1;
            assert!(
                (least..position(&cursor)).contains(&position(progress)),
                "{least}, {}, {}",
                position(progress),
                position(&cursor)
            );
        }
        least = position(&cursor);
        n += 3;
    }
    app.stop().await;
}

#[tokio::test]
async fn queries_and_the_older_protocol_get_no_progress() {
    let app = with_heartbeats().await;
    let mut current = Client::ready(&app.base).await;
    let mut older = Client::open(&app.base, Some("graphql-ws"), None).await.unwrap();
    older.send_json(json!({ "type": "connection_init" })).await;
    assert_eq!(older.receive().await["type"], "connection_ack");
    older.send_json(json!({ "type": "start", "id": "1", "payload": { "query": RARE } })).await;
    current.subscribe("1", "{ head }").await;
    assert_eq!(current.receive().await["type"], "next");
    assert_eq!(current.receive().await["type"], "complete");
    // The first is sent immediately, the others with pings.
    for _ in 0..3 {
        assert_eq!(older.receive().await, json!({ "type": "ka" }));
    }
    assert!(current.until_pong().await.is_empty());
    assert!(current.progress.is_empty() && older.progress.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn heartbeats_of_server_sent_events_have_an_id_that_resumes() {
    let app = with_heartbeats().await;
    let start = head(&app).await;
    let mut events = Events::start(&app.base, None, RARE, json!({ "after": start })).await;
    assert_eq!(events.first_id().await, start);
    deliver(&app, 0..5, "often").await;
    let end = head(&app).await;
    let reached = async {
        loop {
            let block = events.block().await.unwrap().expect("another block");
            assert_eq!((&block.name, &block.data), (&None, &None), "an id is no event");
            if block.id.as_deref() == Some(&*end) {
                return;
            }
        }
    };
    timeout(PATIENCE, reached).await.expect("the id in time");
    assert_eq!(events.block().await.unwrap(), Some(Event::default()), "the same progress is not sent again");
    drop(events);
    deliver(&app, 5..6, "rare").await;
    let mut events = Events::start(&app.base, Some(&end), RARE, json!({ "after": start })).await;
    assert_eq!(events.event().await.result()["data"]["messageAdded"]["message"]["sourceId"], "m-5");
    app.stop().await;
}

//! Subscriptions and queries as streams over plain HTTP: server-sent events with `Last-Event-ID`, and multipart/mixed.

use std::ops::Range;

use deskgraph::domain::kind::EventKind;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::support::{
    PATIENCE,
    app::TestApp,
    entry, message,
    requests::ask,
    store,
    streamed::{Event, Events, Parts},
};

/// Does not select the cursor, which events have as their id.
const MESSAGES: &str = "subscription($after: String) { messageAdded(after: $after) { message { sourceId } } }";

async fn deliver(app: &TestApp, numbers: Range<i64>) {
    for n in numbers {
        app.deliver("message-sent", &message(&format!("m-{n}"), "c-1", "hi", 1_758_791_400_000 + n)).await;
    }
}

fn names(numbers: Range<i64>) -> Vec<String> {
    numbers.map(|n| format!("m-{n}")).collect()
}

fn name(result: &Value) -> String {
    assert!(result.get("errors").is_none(), "{result}");
    result["data"]["messageAdded"]["message"]["sourceId"].as_str().unwrap().to_owned()
}

/// The next messages, and the id of the last event.
async fn receive(events: &mut Events, count: usize) -> (Vec<String>, String) {
    let (mut names, mut last) = (Vec::new(), String::new());
    for _ in 0..count {
        let event = events.event().await;
        names.push(name(&event.result()));
        last = event.id.expect("each event has its id");
    }
    (names, last)
}

async fn head(app: &TestApp) -> String {
    app.query("{ head }").await["head"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_last_event_id_resumes_across_a_restart_and_overrides_after() {
    let app = TestApp::new().await;
    let head = head(&app).await;
    deliver(&app, 0..5).await;
    let mut events = Events::start(&app.base, None, MESSAGES, json!({ "after": head })).await;
    let (got, last) = receive(&mut events, 3).await;
    assert_eq!(got, names(0..3));
    drop(events);
    let app = app.restart().await;
    let mut events = Events::start(&app.base, Some(&last), MESSAGES, json!({ "after": head })).await;
    deliver(&app, 5..7).await;
    assert_eq!(receive(&mut events, 4).await.0, names(3..7));
    app.stop().await;
}

#[tokio::test]
async fn a_client_that_disconnects_before_the_first_result_misses_nothing() {
    let app = TestApp::new().await;
    deliver(&app, 0..2).await;
    let mut events = Events::start(&app.base, None, MESSAGES, json!({})).await;
    let id = events.first_id().await;
    drop(events);
    deliver(&app, 2..4).await;
    let mut events = Events::start(&app.base, Some(&id), MESSAGES, json!({})).await;
    assert_eq!(receive(&mut events, 2).await.0, names(2..4));
    app.stop().await;
}

#[tokio::test]
async fn a_browser_subscribes_by_get() {
    let app = TestApp::new().await;
    let query = percent_encoding::utf8_percent_encode(MESSAGES, percent_encoding::NON_ALPHANUMERIC);
    let request = app.client.get(format!("{}/graphql?query={query}", app.base)).header("accept", "text/event-stream");
    let mut events = Events::of(request.send().await.unwrap());
    events.first_id().await;
    deliver(&app, 0..2).await;
    assert_eq!(receive(&mut events, 2).await.0, names(0..2));
    app.stop().await;
}

#[tokio::test]
async fn an_unusable_cursor_is_reported_in_the_stream() {
    let app = TestApp::new().await;
    let mut events = Events::start(&app.base, Some("nonsense"), MESSAGES, json!({ "after": head(&app).await })).await;
    let event = events.event().await;
    assert_eq!(event.result()["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!((event.id, events.event().await.name.as_deref()), (None, Some("complete")));
    let mut parts = Parts::start(&app.base, MESSAGES, json!({ "after": "nonsense" })).await;
    assert_eq!(parts.payload().await["payload"]["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(parts.part().await, None);
    app.stop().await;
}

#[tokio::test]
async fn queries_are_also_answered_as_a_stream() {
    let app = TestApp::new().await;
    let mut events = Events::start(&app.base, None, "{ head }", json!({})).await;
    assert!(events.event().await.result()["data"]["head"].is_string());
    let complete = events.event().await;
    assert_eq!((complete.name.as_deref(), complete.data.as_deref()), (Some("complete"), Some("")));
    assert_eq!(events.block().await.unwrap(), None);
    let mut parts = Parts::start(&app.base, "{ head }", json!({})).await;
    assert!(parts.payload().await["payload"]["data"]["head"].is_string());
    assert_eq!(parts.part().await, None);
    app.stop().await;
}

#[tokio::test]
async fn an_invalid_document_is_reported_in_the_stream() {
    let app = TestApp::new().await;
    for query in [
        "{",
        "{ nothing }",
        "subscription { nothing }",
        "subscription { messageAdded { cursor } eventStored { cursor } }",
        "subscription { ...A } fragment A on Subscription { messageAdded { cursor } }",
        "subscription { __typename }",
    ] {
        let mut events = Events::start(&app.base, None, query, json!({})).await;
        let result = events.event().await.result();
        assert_eq!(result["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{query}: {result}");
        assert!(result.get("data").is_none(), "{query}: {result}");
        assert_eq!(events.event().await.name.as_deref(), Some("complete"), "{query}");
        let mut parts = Parts::start(&app.base, query, json!({})).await;
        let part = parts.payload().await;
        assert_eq!(part["payload"]["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{query}: {part}");
        assert_eq!(parts.part().await, None, "{query}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_malformed_request_is_refused_by_status() {
    let app = TestApp::new().await;
    for accept in ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"] {
        let request = app.client.post(format!("{}/graphql", app.base)).header("accept", accept);
        let response = request.json(&json!({ "query": 7 })).send().await.unwrap();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_client_that_also_accepts_a_stream_gets_one_for_a_subscription() {
    let app = TestApp::new().await;
    let accept = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
    let response = ask(&app.base, accept, None, "{ head }", json!({})).await;
    assert_eq!(response.headers()["content-type"], "application/graphql-response+json; charset=utf-8");
    let mut events = Events::of(ask(&app.base, accept, None, MESSAGES, json!({})).await);
    events.first_id().await;
    app.stop().await;
}

#[tokio::test]
async fn each_part_is_complete_before_the_next_one() {
    let app = TestApp::with(|config| config.graphql.heartbeat_seconds = 3600).await;
    let mut parts = Parts::start(&app.base, MESSAGES, json!({ "after": head(&app).await })).await;
    for n in 0..3 {
        deliver(&app, n..n + 1).await;
        assert_eq!(name(&parts.payload().await["payload"]), format!("m-{n}"));
    }
    app.stop().await;
}

#[tokio::test]
async fn an_idle_stream_sends_heartbeats() {
    let app = TestApp::with(|config| config.graphql.heartbeat_seconds = 1).await;
    let mut events = Events::start(&app.base, None, MESSAGES, json!({})).await;
    events.first_id().await;
    for _ in 0..2 {
        assert_eq!(events.block().await.unwrap(), Some(Event::default()), "a comment");
    }
    let mut parts = Parts::start(&app.base, MESSAGES, json!({})).await;
    for _ in 0..2 {
        assert_eq!(parts.part().await, Some(json!({})));
    }
    app.stop().await;
}

#[tokio::test]
async fn a_stop_ends_streams_so_that_clients_reconnect() {
    let app = TestApp::new().await;
    let mut events = Events::start(&app.base, None, MESSAGES, json!({})).await;
    let mut parts = Parts::start(&app.base, MESSAGES, json!({ "after": head(&app).await })).await;
    events.first_id().await;
    deliver(&app, 0..1).await;
    assert_eq!(receive(&mut events, 1).await.0, names(0..1));
    parts.payload().await;
    let stop = tokio::spawn(app.stop());
    assert_eq!(events.block().await.unwrap(), None, "the body ends, and without `complete`");
    let part = parts.payload().await;
    assert_eq!((&part["payload"], &part["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("UNAVAILABLE")));
    assert_eq!(parts.part().await, None);
    timeout(PATIENCE, stop).await.expect("in time").unwrap();
}

#[tokio::test]
async fn sockets_and_streams_share_one_limit() {
    let app = TestApp::with(|config| config.graphql.max_connections = 2).await;
    let mut events = Events::start(&app.base, None, MESSAGES, json!({})).await;
    events.first_id().await;
    let _live = crate::support::live::Live::start(&app.base, MESSAGES, json!({})).await;
    let refused = ask(&app.base, "text/event-stream", None, MESSAGES, json!({})).await;
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "5"));
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    drop(events);
    until_there_is_room(&app).await;
    app.stop().await;
}

/// Waits until a stream can be opened.
async fn until_there_is_room(app: &TestApp) {
    let opened = async {
        while ask(&app.base, "text/event-stream", None, MESSAGES, json!({})).await.status() != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, opened).await.expect("room in time");
}

/// A client of `messageAdded` after a cursor with the smallest buffer, which reads only when the test does.
async fn paused_reader(app: &TestApp, after: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(app.base.trim_start_matches("http://").parse().unwrap()).await.unwrap();
    let query = "subscription($after: String) { messageAdded(after: $after) { message { sourceId text } } }";
    let body = json!({ "query": query, "variables": { "after": after } }).to_string();
    let length = body.len();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n"
    );
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    stream
}

/// 10 MB of messages, far more than the buffers between two sockets.
async fn store_much(app: &TestApp) {
    let text = "long ".repeat(2_000);
    let entries: Vec<_> = (0..1_000)
        .map(|n| entry(EventKind::MessageSent, &message(&format!("m-{n}"), "c-1", &text, 1_758_791_400_000 + n)))
        .collect();
    store(app.database_url(), &entries).await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_disconnected_after_the_timeout() {
    let app = TestApp::with(|config| {
        config.server.write_timeout_seconds = 1;
        config.graphql.max_connections = 1;
    })
    .await;
    let after = head(&app).await;
    store_much(&app).await;
    let mut paused = paused_reader(&app, &after).await;
    let mut status = [0; 15];
    timeout(PATIENCE, paused.read_exact(&mut status)).await.expect("an answer in time").unwrap();
    assert_eq!(&status, b"HTTP/1.1 200 OK");
    // It takes the only permit, which is returned when it is disconnected.
    assert_eq!(ask(&app.base, "text/event-stream", None, "{ head }", json!({})).await.status(), 503);
    until_there_is_room(&app).await;
    let mut rest = Vec::new();
    let read = timeout(PATIENCE, paused.read_to_end(&mut rest)).await.expect("the connection is closed");
    assert!(read.is_err() || !rest.ends_with(b"0\r\n\r\n"), "the answer was cut off");
    app.stop().await;
}

#[tokio::test]
async fn a_client_that_paused_gets_everything_in_order() {
    let app = TestApp::new().await;
    let after = head(&app).await;
    let mut slow = paused_reader(&app, &after).await;
    store_much(&app).await;
    // By now, another client has read everything.
    let mut events = Events::start(&app.base, None, MESSAGES, json!({ "after": after })).await;
    assert_eq!(receive(&mut events, 1_000).await.0, names(0..1_000));
    let mut read = Vec::new();
    let all = async {
        let mut chunk = vec![0; 64 * 1024];
        while !String::from_utf8_lossy(&read[read.len().saturating_sub(30_000)..]).contains("\"m-999\"") {
            let bytes = slow.read(&mut chunk).await.unwrap();
            assert!(bytes > 0, "the stream continues");
            read.extend_from_slice(&chunk[..bytes]);
        }
    };
    timeout(PATIENCE, all).await.expect("everything in time");
    let text = String::from_utf8_lossy(&read);
    let got: Vec<_> = text.split("\"sourceId\":\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    assert_eq!(got, names(0..1_000));
    app.stop().await;
}

#[tokio::test]
async fn web_pages_of_localhost_may_send_the_headers_of_a_stream() {
    let app = TestApp::new().await;
    let preflight = app
        .client
        .request(reqwest::Method::OPTIONS, format!("{}/graphql", app.base))
        .header("origin", "http://localhost:5173")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,last-event-id");
    let response = preflight.send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "http://localhost:5173");
    let allowed = response.headers()["access-control-allow-headers"].to_str().unwrap().to_owned();
    for name in ["content-type", "accept", "last-event-id", "authorization"] {
        assert!(allowed.split(',').any(|header| header.trim().eq_ignore_ascii_case(name)), "{allowed}");
    }
    app.stop().await;
}

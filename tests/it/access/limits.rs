//! The allowance of one credential on a gateway.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{
    entry_points::{EVENTS, PARTS, post, socket},
    roles::{data, key_of, role},
};
use crate::support::{PATIENCE, app::TestApp, database::Database, fixed::RETRY, streamed::Events};

/// A gateway with a role that has the given limits.
async fn limited(limits: &str) -> TestApp {
    TestApp::with(|config| role(config, "small", limits)).await
}

/// A query with a complexity of 100.
const HUNDRED: &str = "{ customers(first: 99) { nodes { id } } }";

/// Asserts the refusal of a credential that has used up its minute.
async fn assert_used_up(response: reqwest::Response) {
    assert_eq!(response.status(), 429);
    let after: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&after), "{after}");
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "RATE_LIMITED", "retryAfterSeconds": after }), "{answer}");
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains(&format!("retry in {after} s")), "{answer}");
    assert!(answer["data"].is_null(), "{answer}");
}

#[tokio::test]
async fn complexity_is_counted_per_key_and_the_rest_is_reported() {
    let app = limited("limits.complexity_per_minute = 100").await;
    let (one, other) = (key_of(&app, "small", None).await, key_of(&app, "small", None).await);
    for key in [&one, &other] {
        let authorization = format!("Bearer {key}");
        let response = post(&app.base, "application/json", Some(&authorization), HUNDRED, json!({})).await;
        assert_eq!(response.status(), 200);
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["extensions"]["rateLimit"], json!({ "limit": 100, "remaining": 0, "resetSeconds": 60 }), "{answer}");
        for format in ["application/json", "application/graphql-response+json", EVENTS, PARTS] {
            assert_used_up(post(&app.base, format, Some(&authorization), HUNDRED, json!({})).await).await;
        }
    }
    // The same over WebSocket: the allowance is shared by all transports.
    let mut socket = socket(&app.base, "graphql-transport-ws", None, Some(&format!("Bearer {one}"))).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("1", HUNDRED).await;
    let message = socket.receive().await;
    let extensions = &message["payload"][0]["extensions"];
    assert_eq!((&message["type"], &extensions["code"]), (&json!("error"), &json!("RATE_LIMITED")), "{message}");
    assert!((1..=61).contains(&extensions["retryAfterSeconds"].as_u64().unwrap()), "{message}");
    app.stop().await;
}

#[tokio::test]
async fn subscriptions_are_charged_when_they_start() {
    let app = limited("limits.complexity_per_minute = 100").await;
    let key = key_of(&app, "small", None).await;
    data(&app, &key, HUNDRED).await;
    let live = "subscription { customerChanged { customer { conversations(first: 90) { nodes { id } } } } }";
    for accept in [EVENTS, PARTS] {
        assert_used_up(post(&app.base, accept, Some(&format!("Bearer {key}")), live, json!({})).await).await;
    }
    let mut socket = socket(&app.base, "graphql-transport-ws", None, Some(&format!("Bearer {key}"))).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("1", live).await;
    let message = socket.receive().await;
    assert_eq!((&message["type"], &message["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("RATE_LIMITED")));
    app.stop().await;
}

#[tokio::test]
async fn clients_without_a_credential_are_counted_by_address() {
    let app = TestApp::with(|config| {
        role(config, "small", "limits.complexity_per_minute = 100");
        config.auth.anonymous_role = "small".into();
        config.server.trusted_proxies = vec!["127.0.0.1".into()];
    })
    .await;
    let ask = async |address: &str| {
        let request = app.client.post(format!("{}/graphql", app.base)).header("x-forwarded-for", address);
        request.json(&json!({ "query": HUNDRED })).send().await.unwrap()
    };
    for address in ["203.0.113.1", "203.0.113.2", "2001:db8::1"] {
        assert_eq!(ask(address).await.status(), 200, "{address}");
        assert_used_up(ask(address).await).await;
    }
    app.stop().await;
}

/// Requests in one batch run concurrently: the others start while the first waits for the database. The first may be finished
/// before that, so this is repeated until they overlap.
#[tokio::test]
async fn concurrent_requests_beyond_the_limit_of_a_key_are_refused() {
    let app = TestApp::with(|config| {
        role(config, "small", "limits.concurrent_requests = 1");
        config.graphql.max_batch = 10;
    })
    .await;
    let key = key_of(&app, "small", None).await;
    let query = json!({ "query": "{ customers { totalCount nodes { id } } tickets { totalCount } }" });
    let batch = vec![query; 10];
    let overlapped = async {
        loop {
            let request = app.client.post(format!("{}/graphql", app.base)).bearer_auth(&key).json(&batch);
            let answers: Vec<Value> = request.send().await.unwrap().json().await.unwrap();
            let (refused, answered): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.get("errors").is_some());
            assert!(answered.iter().all(|answer| answer["data"]["tickets"].is_object()), "{answered:?}");
            if !refused.is_empty() {
                return (refused, answered.len());
            }
        }
    };
    let (refused, answered) = timeout(PATIENCE, overlapped).await.expect("a refusal in time");
    assert!(answered > 0, "one may run");
    for answer in refused {
        let extensions = json!({ "code": "RATE_LIMITED", "retryAfterSeconds": 1 });
        assert_eq!(answer["errors"][0]["extensions"], extensions, "{answer}");
    }
    // An answered request frees its slot.
    for _ in 0..3 {
        data(&app, &key, "{ head }").await;
    }
    app.stop().await;
}

const LIVE: &str = "subscription { customerChanged { change } }";

/// Waits until a stream of server-sent events is accepted.
async fn until_admitted(app: &TestApp, authorization: &str) -> Events {
    let admitted = async {
        loop {
            let response = post(&app.base, EVENTS, Some(authorization), LIVE, json!({})).await;
            match response.status().as_u16() {
                200 => return Events::of(response),
                status => assert_eq!(status, 429),
            }
            sleep(RETRY).await;
        }
    };
    timeout(PATIENCE, admitted).await.expect("a free connection in time")
}

#[tokio::test]
async fn live_connections_beyond_the_limit_of_a_key_are_refused_until_one_ends() {
    // A lost connection is detected at its next heartbeat.
    let app = TestApp::on(Database::new(), |config| {
        role(config, "small", "limits.connections = 2");
        config.graphql.heartbeat_seconds = 1;
    })
    .await;
    let (key, other) = (key_of(&app, "small", None).await, key_of(&app, "small", None).await);
    let authorization = format!("Bearer {key}");
    let first = until_admitted(&app, &authorization).await;
    let mut second = socket(&app.base, "graphql-transport-ws", None, Some(&authorization)).await;
    assert_eq!(second.receive().await["type"], "connection_ack");
    for accept in [EVENTS, PARTS] {
        let response = post(&app.base, accept, Some(&authorization), LIVE, json!({})).await;
        assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "1"), "{accept}");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "RATE_LIMITED", "retryAfterSeconds": 1 }), "{answer}");
    }
    for protocol in ["graphql-transport-ws", "graphql-ws"] {
        let (code, reason) = socket(&app.base, protocol, None, Some(&authorization)).await.close().await;
        assert_eq!((code, reason.as_str()), (1013, "Too many connections"), "{protocol}");
    }
    // Queries are still answered, and so are other keys of the same role.
    data(&app, &key, "{ head }").await;
    until_admitted(&app, &format!("Bearer {other}")).await;
    drop(first);
    let third = until_admitted(&app, &authorization).await;
    drop(second);
    let fourth = until_admitted(&app, &authorization).await;
    drop((third, fourth));
    let again = async {
        loop {
            let mut client = socket(&app.base, "graphql-transport-ws", None, Some(&authorization)).await;
            match client.receive_or_close().await {
                Ok(message) => break assert_eq!(message["type"], "connection_ack"),
                Err(close) => assert_eq!(u16::from(close.expect("a close frame").code), 1013),
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, again).await.expect("a free connection in time");
    app.stop().await;
}

//! The WebSocket transport, over real sockets: what each message of `graphql-transport-ws` does, and each close code.

#[path = "websocket_protocol/legacy.rs"]
mod legacy;
#[path = "websocket_protocol/misuse.rs"]
mod misuse;
#[path = "websocket_protocol/server.rs"]
mod server;

use std::time::Duration;

use deskgraph::http::websocket::Limits;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use self::server::{Server, limits};

#[tokio::test]
async fn a_query_over_the_socket_gives_one_next_and_then_complete() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    let payload = json!({
        "query": "query One { number } query Two($name: String!) { hello(name: $name) }",
        "operationName": "Two",
        "variables": { "name": "you" },
        "extensions": { "trace": 1 },
    });
    client.send_json(json!({ "type": "subscribe", "id": "q", "payload": payload })).await;
    assert_eq!(client.receive().await, json!({ "type": "next", "id": "q", "payload": { "data": { "hello": "hello you" } } }));
    assert_eq!(client.receive().await, json!({ "type": "complete", "id": "q" }));
    assert_eq!(client.until_pong().await, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn a_mutation_over_the_socket_gives_one_next_and_then_complete() {
    let mut client = Server::new().await.ready().await;
    client.subscribe("m", "mutation { double(number: 21) }").await;
    assert_eq!(client.receive().await, json!({ "type": "next", "id": "m", "payload": { "data": { "double": 42 } } }));
    assert_eq!(client.receive().await, json!({ "type": "complete", "id": "m" }));
}

#[tokio::test]
async fn a_subscription_gives_its_results_in_order_and_then_complete() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    client.subscribe("s", "subscription { count(to: 3) }").await;
    for count in 1..=3 {
        assert_eq!(client.receive().await, json!({ "type": "next", "id": "s", "payload": { "data": { "count": count } } }));
    }
    assert_eq!(client.receive().await, json!({ "type": "complete", "id": "s" }));
}

#[tokio::test]
async fn many_ready_results_arrive_in_order_and_a_complete_between_them_is_respected() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    client.subscribe("s", "subscription { count(to: 2000000000) }").await;
    let next = |count: usize| json!({ "type": "next", "id": "s", "payload": { "data": { "count": count } } });
    for count in 1..=1000 {
        assert_eq!(client.receive().await, next(count));
    }
    client.send_json(json!({ "type": "complete", "id": "s" })).await;
    for (message, count) in client.until_pong().await.into_iter().zip(1001..) {
        assert_eq!(message, next(count));
    }
    assert_eq!(client.until_pong().await, Vec::<serde_json::Value>::new(), "no result follows the end of the operation");
}

#[tokio::test]
async fn an_invalid_document_gives_an_error_message_and_nothing_else() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    for query in ["{", "{ unknown }", "subscription { unknown }", "query ($a: Unknown) { hello }", ""] {
        client.subscribe("e", query).await;
        let message = client.receive().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("e")), "{query}: {message}");
        assert!(message["payload"][0]["message"].is_string(), "{query}: {message}");
        assert_eq!(client.until_pong().await, Vec::<serde_json::Value>::new(), "{query}");
    }
}

#[tokio::test]
async fn an_execution_error_gives_a_result_with_errors() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    for query in ["{ fails }", "subscription { refused }"] {
        client.subscribe("f", query).await;
        let message = client.receive().await;
        assert_eq!((&message["type"], &message["payload"]["data"]), (&json!("next"), &json!(null)), "{message}");
        assert!(message["payload"]["errors"][0]["path"].is_array(), "{message}");
        assert_eq!(client.receive().await, json!({ "type": "complete", "id": "f" }));
    }
}

#[tokio::test]
async fn an_operation_that_panics_ends_alone() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    client.subscribe("other", "subscription { never }").await;
    client.subscribe("p", "{ panics }").await;
    let message = client.receive().await;
    assert_eq!((&message["type"], &message["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("INTERNAL")));
    assert_eq!(client.until_pong().await, Vec::<serde_json::Value>::new());
    server.until_open(1).await;
}

#[tokio::test]
async fn each_operation_has_its_own_request_data() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    for number in 1..=3 {
        client.subscribe("n", "{ number }").await;
        assert_eq!(client.receive().await["payload"]["data"]["number"], number);
        assert_eq!(client.receive().await["type"], "complete");
    }
}

#[tokio::test]
async fn complete_drops_the_stream_and_frees_the_id_at_once() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    client.subscribe("s", "subscription { flood }").await;
    assert_eq!(client.receive().await["type"], "next");
    server.until_open(1).await;
    client.send_json(json!({ "type": "complete", "id": "s" })).await;
    client.subscribe("s", "subscription { never }").await;
    client.until_pong().await;
    assert_eq!(client.until_pong().await, Vec::<serde_json::Value>::new(), "no result follows the end of the operation");
    server.until_open(1).await;
    client.send_json(json!({ "type": "complete", "id": "s" })).await;
    server.until_open(0).await;
    client.send_json(json!({ "type": "complete", "id": "unknown" })).await;
    assert_eq!(client.until_pong().await, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn a_ping_is_answered_before_and_after_the_acknowledgement_with_its_payload() {
    let server = Server::new().await;
    let mut client = server.connect().await;
    for again in [false, true] {
        client.send_json(json!({ "type": "ping" })).await;
        assert_eq!(client.receive().await, json!({ "type": "pong" }));
        client.send_json(json!({ "type": "ping", "payload": { "a": [1] } })).await;
        assert_eq!(client.receive().await, json!({ "type": "pong", "payload": { "a": [1] } }));
        client.send_json(json!({ "type": "pong", "payload": null })).await;
        if !again {
            client.send_json(json!({ "type": "connection_init", "payload": { "token": "right" } })).await;
            assert_eq!(client.receive().await, json!({ "type": "connection_ack" }));
        }
    }
}

#[tokio::test]
async fn a_message_that_is_not_of_the_protocol_closes_with_4400() {
    let server = Server::new().await;
    let deep = format!(r#"{{"type":"ping","payload":{}1{}}}"#, r#"{"a":"#.repeat(5000), "}".repeat(5000));
    let subscribe = |payload: &str| format!(r#"{{"type":"subscribe","id":"1","payload":{payload}}}"#);
    let invalid = [
        "hello".to_owned(),
        String::new(),
        "[]".to_owned(),
        "{}".to_owned(),
        deep,
        r#"{"type":1}"#.to_owned(),
        r#"{"type":"start","id":"1","payload":{"query":"{ hello }"}}"#.to_owned(),
        r#"{"type":"next","id":"1","payload":{}}"#.to_owned(),
        r#"{"type":"ping","payload":[]}"#.to_owned(),
        r#"{"type":"pong","payload":"x"}"#.to_owned(),
        r#"{"type":"complete"}"#.to_owned(),
        r#"{"type":"complete","id":""}"#.to_owned(),
        r#"{"type":"complete","id":1}"#.to_owned(),
        r#"{"type":"connection_init","payload":"x"}"#.to_owned(),
        r#"{"type":"subscribe","payload":{"query":"{ hello }"}}"#.to_owned(),
        format!(r#"{{"type":"subscribe","id":"{}","payload":{{"query":"{{ hello }}"}}}}"#, "x".repeat(5000)),
        r#"{"type":"subscribe","id":"1"}"#.to_owned(),
        subscribe("null"),
        subscribe("{}"),
        subscribe(r#"{"query":null}"#),
        subscribe(r#"{"query":"{ hello }","operationName":1}"#),
        subscribe(r#"{"query":"{ hello }","variables":[]}"#),
        subscribe(r#"{"query":"{ hello }","variables":"{}"}"#),
        subscribe(r#"{"query":"{ hello }","extensions":[]}"#),
    ];
    for message in invalid.into_iter().map(Message::text).chain([Message::binary("{}".as_bytes().to_vec())]) {
        let mut client = server.ready().await;
        client.send(message.clone()).await;
        let (code, reason) = client.close().await;
        assert_eq!(code, 4400, "{message}");
        assert!(reason.starts_with("Invalid message received: "), "{reason}");
    }
}

#[tokio::test]
async fn null_is_equivalent_to_absent() {
    let server = Server::new().await;
    let mut client = server.connect().await;
    client.send_json(json!({ "type": "connection_init", "payload": null })).await;
    assert_eq!(client.receive().await, json!({ "type": "connection_ack" }));
    let payload = json!({ "query": "{ hello }", "operationName": null, "variables": null, "extensions": null });
    client.send_json(json!({ "type": "subscribe", "id": "q", "payload": payload })).await;
    assert_eq!(client.receive().await["payload"]["data"]["hello"], "hello world");
}

#[tokio::test]
async fn an_operation_before_the_acknowledgement_closes_with_4401() {
    let mut client = Server::new().await.connect().await;
    client.subscribe("1", "{ hello }").await;
    assert_eq!(client.close().await, (4401, "Unauthorized".to_owned()));
}

#[tokio::test]
async fn a_refused_client_is_closed_with_4403() {
    let mut client = Server::new().await.connect().await;
    client.send_json(json!({ "type": "connection_init", "payload": { "token": "wrong" } })).await;
    assert_eq!(client.close().await, (4403, "Who are you?".to_owned()));
}

#[tokio::test]
async fn a_client_without_a_supported_sub_protocol_is_closed_with_4406() {
    let server = Server::new().await;
    for protocols in [None, Some("mqtt")] {
        // If this client has offered a sub-protocol, it reports a socket without one as an error.
        match server.open(protocols, None).await {
            Ok(client) => assert_eq!(client.close().await, (4406, "Subprotocol not acceptable".to_owned())),
            Err(error) => assert!(protocols.is_some() && error.to_string().contains("protocol"), "{error}"),
        }
    }
    let both = server.open(Some("graphql-ws, graphql-transport-ws"), None).await.unwrap();
    assert_eq!(both.protocol.as_deref(), Some("graphql-transport-ws"));
}

#[tokio::test]
async fn a_client_that_sends_no_connection_init_is_closed_with_4408() {
    let server = Server::with(Limits { init_timeout: Duration::from_millis(100), ..limits() }).await;
    let client = server.connect().await;
    assert_eq!(client.close().await, (4408, "Connection initialisation timeout".to_owned()));
    let mut busy = server.connect().await;
    busy.send_json(json!({ "type": "ping" })).await;
    assert_eq!(busy.close().await.0, 4408, "pings do not extend the time");
}

#[tokio::test]
async fn an_id_in_use_closes_with_4409() {
    let mut client = Server::new().await.ready().await;
    client.subscribe("twice", "subscription { never }").await;
    client.subscribe("twice", "subscription { never }").await;
    assert_eq!(client.close().await, (4409, "Subscriber for twice already exists".to_owned()));
}

#[tokio::test]
async fn a_second_connection_init_closes_with_4429() {
    let mut client = Server::new().await.ready().await;
    client.send_json(json!({ "type": "connection_init" })).await;
    assert_eq!(client.close().await, (4429, "Too many initialisation requests".to_owned()));
}

#[tokio::test]
async fn a_stop_closes_every_socket_with_1001_and_accepts_no_more() {
    let server = Server::new().await;
    let mut busy = server.ready().await;
    busy.subscribe("s", "subscription { flood }").await;
    let clients = [server.connect().await, server.ready().await, busy];
    assert_eq!(server.sockets.open(), 3);
    server.stop.cancel();
    for client in clients {
        assert_eq!(client.close().await, (1001, "Going away".to_owned()));
    }
    server.closed().await;
    server.until_open(0).await;
    assert!(server.open(Some("graphql-transport-ws"), None).await.is_err());
}

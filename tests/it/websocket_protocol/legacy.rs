//! The older sub-protocol, as clients of subscriptions-transport-ws speak it.

use std::time::Duration;

use deskgraph::http::websocket::Limits;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::server::{Server, limits};
use crate::support::websocket::Client;

async fn ready(server: &Server) -> Client {
    let mut client = server.open(Some("graphql-ws"), None).await.expect("a socket");
    assert_eq!(client.protocol.as_deref(), Some("graphql-ws"));
    client.send_json(json!({ "type": "connection_init", "payload": {} })).await;
    assert_eq!(client.receive().await, json!({ "type": "connection_ack" }));
    assert_eq!(client.receive().await, json!({ "type": "ka" }));
    client
}

async fn start(client: &mut Client, id: &str, query: &str) {
    client.send_json(json!({ "type": "start", "id": id, "payload": { "query": query } })).await;
}

/// Waits for the response to a query, which shows that all earlier messages were handled. Returns what arrived before it.
async fn until_answered(client: &mut Client) -> Vec<Value> {
    start(client, "mark", "{ hello }").await;
    let mut before = Vec::new();
    loop {
        match client.receive().await {
            end if end == json!({ "type": "complete", "id": "mark" }) => return before,
            data if data["id"] == "mark" => {}
            message => before.push(message),
        }
    }
}

#[tokio::test]
async fn operations_give_data_and_complete() {
    let server = Server::new().await;
    let mut client = ready(&server).await;
    start(&mut client, "s", "subscription { count(to: 2) }").await;
    for count in 1..=2 {
        assert_eq!(client.receive().await, json!({ "type": "data", "id": "s", "payload": { "data": { "count": count } } }));
    }
    assert_eq!(client.receive().await, json!({ "type": "complete", "id": "s" }));
    start(&mut client, "q", "{ hello }").await;
    assert_eq!(client.receive().await["payload"]["data"]["hello"], "hello world");
    assert_eq!(client.receive().await, json!({ "type": "complete", "id": "q" }));
}

#[tokio::test]
async fn an_invalid_document_is_one_error() {
    let server = Server::new().await;
    let mut client = ready(&server).await;
    start(&mut client, "e", "{ unknown }").await;
    let message = client.receive().await;
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("e")));
    assert!(message["payload"]["message"].is_string(), "{message}");
    assert_eq!(until_answered(&mut client).await, Vec::<Value>::new());
}

#[tokio::test]
async fn stop_drops_the_stream_and_a_second_start_replaces_the_first() {
    let server = Server::new().await;
    let mut client = ready(&server).await;
    for _ in 0..2 {
        start(&mut client, "s", "subscription { never }").await;
    }
    assert_eq!(until_answered(&mut client).await, Vec::<Value>::new());
    server.until_open(1).await;
    client.send_json(json!({ "type": "stop", "id": "s" })).await;
    server.until_open(0).await;
    assert_eq!(until_answered(&mut client).await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_invalid_message_is_answered_and_the_connection_continues() {
    let server = Server::new().await;
    let mut client = ready(&server).await;
    for (message, kind) in [
        (Message::text("hello"), "connection_error"),
        (Message::binary(vec![1]), "connection_error"),
        (Message::text(r#"{"type":"subscribe"}"#), "connection_error"),
        (Message::text(r#"{"type":"subscribe","id":"1","payload":{"query":"{ hello }"}}"#), "error"),
        (Message::text(r#"{"type":"start","id":"1","payload":{}}"#), "error"),
    ] {
        client.send(message.clone()).await;
        let answer = client.receive().await;
        assert_eq!(answer["type"], kind, "{message}: {answer}");
        assert!(answer["payload"]["message"].is_string(), "{message}: {answer}");
    }
    assert_eq!(until_answered(&mut client).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_refusal_is_sent_as_a_message_before_the_close_frame() {
    let server = Server::new().await;
    for (message, code, why) in [
        (json!({ "type": "connection_init", "payload": { "token": "wrong" } }), 4403, "Who are you?"),
        (json!({ "type": "start", "id": "1", "payload": { "query": "{ hello }" } }), 4401, "Unauthorized"),
    ] {
        let mut client = server.open(Some("graphql-ws"), None).await.unwrap();
        client.send_json(message).await;
        assert_eq!(client.receive().await, json!({ "type": "connection_error", "payload": { "message": why } }));
        assert_eq!(client.close().await, (code, why.to_owned()));
    }
    let mut twice = ready(&server).await;
    twice.send_json(json!({ "type": "connection_init" })).await;
    assert_eq!(twice.receive().await["type"], "connection_error");
    assert_eq!(twice.close().await.0, 4429);
}

#[tokio::test]
async fn keep_alives_come_until_the_client_terminates() {
    let server = Server::with(Limits { ping_interval: Duration::from_millis(50), ..limits() }).await;
    let mut client = ready(&server).await;
    for _ in 0..3 {
        assert_eq!(client.receive().await, json!({ "type": "ka" }));
    }
    client.send_json(json!({ "type": "connection_terminate" })).await;
    assert_eq!(client.close().await.0, 1000);
    server.closed().await;
}

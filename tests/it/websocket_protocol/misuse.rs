//! Clients that send too much, read too slowly or keep connections without use. Each is limited, and affects no other client.

use std::{sync::atomic::Ordering, time::Duration};

use deskgraph::http::websocket::Limits;
use futures_util::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::server::{Server, limits};
use crate::support::PATIENCE;

#[tokio::test]
async fn operations_that_are_always_ready_take_turns() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    for id in ["a", "b", "c"] {
        client.subscribe(id, "subscription { flood }").await;
    }
    server.until_open(3).await;
    client.until_pong().await;
    let mut turns = [0_usize; 3];
    for _ in 0..3000 {
        let message = client.receive().await;
        turns[["a", "b", "c"].iter().position(|id| message["id"] == *id).expect("one of the three")] += 1;
    }
    assert_eq!(turns, [1000; 3]);
}

#[tokio::test]
async fn a_busy_stream_does_not_delay_client_messages() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    client.subscribe("busy", "subscription { flood }").await;
    server.until_open(1).await;
    assert!(client.until_pong().await.iter().all(|message| message["id"] == "busy"));
    client.subscribe("live", "subscription { count(to: 3) }").await;
    let live = async { while client.receive().await != json!({ "type": "complete", "id": "live" }) {} };
    tokio::time::timeout(PATIENCE, live).await.expect("the other stream is not delayed");
    client.send_json(json!({ "type": "complete", "id": "busy" })).await;
    server.until_open(0).await;
    client.until_pong().await;
    assert!(client.until_pong().await.is_empty());
}

#[tokio::test]
async fn an_operation_beyond_the_limit_is_refused_and_the_others_continue() {
    let server = Server::with(Limits { max_operations: 2, ..limits() }).await;
    let mut client = server.ready().await;
    for id in ["a", "b", "c"] {
        client.subscribe(id, "subscription { never }").await;
    }
    let message = client.receive().await;
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("c")));
    assert_eq!(message["payload"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
    server.until_open(2).await;
    client.send_json(json!({ "type": "complete", "id": "a" })).await;
    client.subscribe("c", "{ hello }").await;
    assert_eq!(client.receive().await["type"], "next");
}

#[tokio::test]
async fn a_message_that_is_too_long_closes_with_1009() {
    let server = Server::with(Limits { max_message_bytes: 1000, ..limits() }).await;
    let mut fits = server.ready().await;
    fits.send(Message::text(format!("{:1000}", json!({ "type": "ping" })))).await;
    assert_eq!(fits.receive().await, json!({ "type": "pong" }));
    for bytes in [1001, 900_000] {
        let mut client = server.ready().await;
        client.send(Message::text("x".repeat(bytes))).await;
        assert_eq!(client.close().await, (1009, "Message larger than 1000 bytes".to_owned()));
    }
}

#[tokio::test]
async fn invalid_frames_close_with_the_code_of_the_violated_rule() {
    let server = Server::new().await;
    for (kind, code) in [(Data::Text, 1007), (Data::Continue, 1002)] {
        let mut client = server.ready().await;
        client.send(Message::Frame(Frame::message(vec![0xff, 0xfe], OpCode::Data(kind), true))).await;
        assert_eq!(client.close().await.0, code);
    }
}

#[tokio::test]
async fn a_flood_of_pings_from_a_client_that_does_not_read_accumulates_no_pongs() {
    let server = Server::with(Limits { write_timeout: Duration::from_secs(1), ..limits() }).await;
    let mut client = server.ready().await;
    client.subscribe("s", "subscription { never }").await;
    server.until_open(1).await;
    let flood = async { while client.socket.send(Message::Ping(vec![0; 125].into())).await.is_ok() {} };
    let (_, ()) = tokio::join!(tokio::time::timeout(PATIENCE, flood), server.closed());
    server.until_open(0).await;
}

#[tokio::test]
async fn a_response_that_is_too_long_ends_its_operation() {
    let server = Server::with(Limits { max_response_bytes: 1000, ..limits() }).await;
    let mut client = server.ready().await;
    client.subscribe("long", "{ text(bytes: 1000) }").await;
    let message = client.receive().await;
    assert_eq!((&message["type"], &message["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("LIMIT_EXCEEDED")));
    client.subscribe("short", "{ text(bytes: 900) }").await;
    assert_eq!(client.receive().await["type"], "next");
}

#[tokio::test]
async fn a_client_that_does_not_read_pauses_its_stream_and_is_disconnected() {
    let server = Server::with(Limits { write_timeout: Duration::from_secs(1), ..limits() }).await;
    let mut client = server.ready().await;
    client.subscribe("s", "subscription { flood(bytes: 100000) }").await;
    server.until_open(1).await;
    server.until_open(0).await;
    let produced = server.streams.produced.load(Ordering::Relaxed);
    assert!(produced < 1000, "{produced} results of 100 kB were produced for a client that reads nothing");
    // It reads again before the socket is closed, and receives the reason.
    assert_eq!(client.close().await, (1013, "Client read nothing for 1 s".to_owned()));
    server.closed().await;
}

#[tokio::test]
async fn a_client_that_never_reads_is_disconnected_at_a_stop() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    client.subscribe("s", "subscription { flood(bytes: 100000) }").await;
    server.until_open(1).await;
    server.stop.cancel();
    server.closed().await;
    server.until_open(0).await;
    drop(client);
}

#[tokio::test]
async fn a_client_that_answers_pings_stays_and_one_that_does_not_is_closed() {
    let times = (Duration::from_millis(50), Duration::from_secs(1));
    let server = Server::with(Limits { ping_interval: times.0, pong_timeout: times.1, ..limits() }).await;
    let mut unresponsive = server.ready().await;
    unresponsive.subscribe("s", "subscription { never }").await;
    server.until_open(1).await;
    let mut answering = server.ready().await;
    let mut pings = 0;
    while pings < 40 {
        pings += usize::from(matches!(answering.frame().await, Message::Ping(_)));
    }
    server.until_open(0).await;
    assert_eq!(unresponsive.close().await, (1013, "No response to a ping for 1 s".to_owned()));
    answering.subscribe("q", "{ hello }").await;
    assert_eq!(answering.receive().await["type"], "next");
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_timeout() {
    let server = Server::with(Limits { idle_timeout: Duration::from_secs(1), ..limits() }).await;
    let mut busy = server.ready().await;
    busy.subscribe("s", "subscription { never }").await;
    let idle = server.ready().await;
    assert_eq!(idle.close().await, (1001, "No operation for 1 s".to_owned()));
    assert!(busy.until_pong().await.is_empty(), "a connection with an operation stays");
    busy.send_json(json!({ "type": "complete", "id": "s" })).await;
    assert_eq!(busy.close().await.0, 1001);
}

#[tokio::test]
async fn a_socket_beyond_the_limit_is_refused_with_503() {
    let server = Server::with(Limits { max_connections: 1, ..limits() }).await;
    let first = server.ready().await;
    let Err(Error::Http(refused)) = server.open(Some("graphql-transport-ws"), None).await else { panic!("expected a refusal") };
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "5"));
    drop(first);
    server.closed().await;
    server.ready().await;
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused_with_403() {
    let server = Server::new().await;
    let open = |origin| server.open(Some("graphql-transport-ws"), Some(("origin", origin)));
    let Err(Error::Http(refused)) = open("https://elsewhere.example").await else { panic!("expected a refusal") };
    assert_eq!(refused.status().as_u16(), 403);
    assert!(open("https://here.example").await.is_ok());
}

#[tokio::test]
async fn the_operations_of_a_lost_client_end() {
    let server = Server::new().await;
    let mut client = server.ready().await;
    client.subscribe("s", "subscription { never }").await;
    server.until_open(1).await;
    drop(client);
    server.until_open(0).await;
    server.closed().await;
}

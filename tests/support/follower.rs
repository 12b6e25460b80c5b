//! A client that follows the log, and resumes with its last cursor when its connection is lost, at the next gateway if there
//! are several; and the log for comparison.

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{fixed::RETRY, requests::query, streamed::Events};

#[derive(Clone, Copy, Debug)]
pub enum Transport {
    WebSocket,
    Events,
    Parts,
}

#[derive(Debug)]
pub struct Follower {
    transport: Transport,
    /// New messages, or all events.
    messages: bool,
    /// The gateways; the first is tried next.
    bases: Vec<String>,
    /// The start cursor.
    head: String,
    /// The last cursor received.
    cursor: Option<String>,
    /// The delivery ids received. Each message has that of its delivery.
    pub got: Vec<String>,
    /// The number of connections that delivered something.
    pub connections: usize,
}

impl Follower {
    pub fn new(transport: Transport, messages: bool, bases: Vec<String>, head: &str) -> Self {
        let head = head.to_owned();
        Self { transport, messages, bases, head, cursor: None, got: Vec::new(), connections: 0 }
    }

    pub fn name(&self) -> String {
        format!("{:?}, {}", self.transport, if self.messages { "messages" } else { "events" })
    }

    pub async fn follow_until(mut self, last: &str) -> Self {
        while self.got.last().is_none_or(|got| got != last) {
            let before = self.got.len();
            // However a connection ends, the client reconnects.
            let _lost = match self.transport {
                Transport::WebSocket => self.by_websocket(last).await,
                Transport::Events => self.by_events(last).await,
                Transport::Parts => self.by_parts(last).await,
            };
            self.bases.rotate_left(1);
            self.connections += usize::from(self.got.len() > before);
            sleep(RETRY).await;
        }
        self
    }

    /// Asserts that it received the whole log, once and in order.
    pub fn assert_got(&self, log: &[String]) {
        let (name, place) = (self.name(), self.got.iter().zip(log).position(|(got, logged)| got != logged));
        assert!(place.is_none(), "{name} differs from the log at {place:?} of {}", log.len());
        assert_eq!(self.got.len(), log.len(), "{name}");
    }

    fn document(&self) -> &'static str {
        if self.messages {
            "subscription($after: String) { messageAdded(after: $after) { cursor message { sourceId } } }"
        } else {
            "subscription($after: String) { eventStored(after: $after) { cursor event { deliveryId } } }"
        }
    }

    /// The request to resume after the last cursor.
    fn request(&self) -> Value {
        json!({ "query": self.document(), "variables": { "after": self.cursor.as_ref().unwrap_or(&self.head) } })
    }

    /// Takes a result. Returns whether it was the last one.
    fn take(&mut self, result: &Value, last: &str) -> bool {
        let (announced, id) = if self.messages {
            (&result["data"]["messageAdded"], "/message/sourceId")
        } else {
            (&result["data"]["eventStored"], "/event/deliveryId")
        };
        let id = announced.pointer(id).and_then(Value::as_str).unwrap_or_else(|| panic!("{}: {result}", self.name()));
        self.got.push(id.to_owned());
        self.cursor = announced["cursor"].as_str().map(str::to_owned);
        id == last
    }

    async fn by_websocket(&mut self, last: &str) -> Result<()> {
        let mut request = format!("{}/graphql", self.bases[0].replacen("http", "ws", 1)).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
        let (mut socket, _) = connect_async(request).await?;
        let subscribe = json!({ "type": "subscribe", "id": "1", "payload": self.request() });
        socket.send(Message::text(json!({ "type": "connection_init" }).to_string())).await?;
        while let Some(message) = socket.next().await {
            let Message::Text(text) = message? else { continue };
            let message: Value = serde_json::from_str(&text).expect("messages are complete");
            match message["type"].as_str() {
                Some("connection_ack") => socket.send(Message::text(subscribe.to_string())).await?,
                Some("next") if self.take(&message["payload"], last) => break,
                Some("next") => {}
                // It resumes from its progress, like the recipes for clients.
                Some("ping") => {
                    let cursor = message["payload"]["cursors"]["1"].as_str().expect("the cursor of the only operation");
                    self.cursor = Some(cursor.to_owned());
                    socket.send(Message::text(json!({ "type": "pong" }).to_string())).await?;
                }
                Some("error") if message["payload"][0]["extensions"]["code"] == "UNAVAILABLE" => break,
                _ => panic!("{}: {message}", self.name()),
            }
        }
        Ok(())
    }

    async fn ask(&self, accept: &str, request: &Value) -> Result<reqwest::Response> {
        let mut sending = reqwest::Client::new().post(format!("{}/graphql", self.bases[0])).header("accept", accept);
        if let (Transport::Events, Some(cursor)) = (self.transport, &self.cursor) {
            sending = sending.header("last-event-id", cursor);
        }
        let response = sending.json(request).send().await?;
        // An unavailable database is treated like a lost connection.
        if response.status() != 503 {
            assert_eq!(response.status(), 200);
        }
        Ok(response.error_for_status()?)
    }

    /// Repeats its original request, like a browser's `EventSource`, and resumes by `Last-Event-ID`.
    async fn by_events(&mut self, last: &str) -> Result<()> {
        let request = json!({ "query": self.document(), "variables": { "after": self.head } });
        let mut events = Events::of(self.ask("text/event-stream", &request).await?);
        while let Some(event) = events.block().await? {
            if event.name.is_some() {
                let is_last = self.take(&event.result(), last);
                assert_eq!(event.id, self.cursor, "the id of an event is the cursor in it");
                if is_last {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn by_parts(&mut self, last: &str) -> Result<()> {
        const BOUNDARY: &str = "\r\n--graphql";
        let mut response = self.ask("multipart/mixed;subscriptionSpec=1.0", &self.request()).await?;
        let mut read = String::new();
        loop {
            while let Some((part, rest)) = read.split_once(BOUNDARY) {
                if let Some((_, body)) = part.split_once("\r\n\r\n") {
                    let part: Value = serde_json::from_str(body).expect("parts are complete");
                    if part != json!({}) && self.take(&part["payload"], last) {
                        return Ok(());
                    }
                }
                read = rest.to_owned();
            }
            let chunk = response.chunk().await?.context("the answer ended")?;
            read += std::str::from_utf8(&chunk)?;
        }
    }
}

/// The delivery ids of all events, in log order. The list is newest first.
pub async fn log(base: &str) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    loop {
        let document = "query($after: String) { \
            events(first: 200, after: $after) { \
                nodes { deliveryId } pageInfo { hasNextPage endCursor } \
            } }";
        let mut page = query(base, document, json!({ "after": after })).await["events"].take();
        let nodes = page["nodes"].as_array().unwrap();
        ids.extend(nodes.iter().map(|event| event["deliveryId"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            ids.reverse();
            return ids;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

/// Asserts that the log has each of these deliveries once, and nothing else. Returns it.
pub async fn assert_logged(base: &str, mut posted: Vec<String>) -> Vec<String> {
    let log = log(base).await;
    let mut stored = log.clone();
    stored.sort();
    posted.sort();
    assert_eq!(stored, posted, "each acknowledged delivery is stored once");
    log
}

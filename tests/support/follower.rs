//! A client that follows the log and comes back with its last cursor whenever its connection is lost, to the next gateway if
//! there are several; and the log, to compare.

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
    /// New messages, or else all events.
    messages: bool,
    /// The gateways, of which the first is the next to be tried.
    bases: Vec<String>,
    /// Where it began.
    head: String,
    /// The last cursor that it got.
    cursor: Option<String>,
    /// The delivery ids that it got. Each message has that of its delivery.
    pub got: Vec<String>,
    /// How many connections brought it something.
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
            // However a connection ends, it is taken up again.
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

    /// It got all of the log, once, and in its order.
    pub fn assert_got(&self, log: &[String]) {
        let (name, place) = (self.name(), self.got.iter().zip(log).position(|(got, logged)| got != logged));
        assert!(place.is_none(), "{name} left the log at {place:?} of {}", log.len());
        assert_eq!(self.got.len(), log.len(), "{name}");
    }

    fn document(&self) -> &'static str {
        if self.messages {
            "subscription($after: String) { messageAdded(after: $after) { cursor message { sourceId } } }"
        } else {
            "subscription($after: String) { eventStored(after: $after) { cursor event { deliveryId } } }"
        }
    }

    /// The request, which goes on after the last cursor.
    fn request(&self) -> Value {
        json!({ "query": self.document(), "variables": { "after": self.cursor.as_ref().unwrap_or(&self.head) } })
    }

    /// Takes a result. Whether it was the last one.
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
            let message: Value = serde_json::from_str(&text).expect("messages come whole");
            match message["type"].as_str() {
                Some("connection_ack") => socket.send(Message::text(subscribe.to_string())).await?,
                Some("next") if self.take(&message["payload"], last) => break,
                Some("next") => {}
                // It comes back with its progress, as the recipes for clients do.
                Some("ping") => {
                    let told = message["payload"]["cursors"]["1"].as_str().expect("the cursor of the only operation");
                    self.cursor = Some(told.to_owned());
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
        // A database that is out of reach is no more than another lost connection.
        if response.status() != 503 {
            assert_eq!(response.status(), 200);
        }
        Ok(response.error_for_status()?)
    }

    /// It always asks for what it asked for at first, as a browser's `EventSource` does, and comes back by `Last-Event-ID`.
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
                    let part: Value = serde_json::from_str(body).expect("parts come whole");
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

/// The delivery ids of all events, in the order of the log. The list has the newest first.
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

/// The log holds each of these deliveries once, and nothing else. Gives it.
pub async fn assert_logged(base: &str, mut posted: Vec<String>) -> Vec<String> {
    let log = log(base).await;
    let mut stored = log.clone();
    stored.sort();
    posted.sort();
    assert_eq!(stored, posted, "what was acknowledged is stored, and once");
    log
}

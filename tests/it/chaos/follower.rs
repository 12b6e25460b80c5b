//! A client that follows the log and comes back with its last cursor whenever its connection is lost.

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::support::{fixed::RETRY, streamed::Events};

#[derive(Clone, Copy, Debug)]
pub(super) enum Transport {
    WebSocket,
    Events,
    Parts,
}

#[derive(Debug)]
pub(super) struct Follower {
    transport: Transport,
    /// New messages, or else all events.
    messages: bool,
    base: String,
    /// Where it began.
    head: String,
    /// The last cursor that it got.
    cursor: Option<String>,
    /// The delivery ids that it got. Each message has that of its delivery.
    pub(super) got: Vec<String>,
    /// How many connections brought it something.
    pub(super) connections: usize,
}

impl Follower {
    pub(super) fn new(transport: Transport, messages: bool, base: &str, head: &str) -> Self {
        let (base, head) = (base.to_owned(), head.to_owned());
        Self { transport, messages, base, head, cursor: None, got: Vec::new(), connections: 0 }
    }

    pub(super) fn name(&self) -> String {
        format!("{:?}, {}", self.transport, if self.messages { "messages" } else { "events" })
    }

    pub(super) async fn follow_until(mut self, last: &str) -> Self {
        while self.got.last().is_none_or(|got| got != last) {
            let before = self.got.len();
            // However a connection ends, it is taken up again.
            let _lost = match self.transport {
                Transport::WebSocket => self.by_websocket(last).await,
                Transport::Events => self.by_events(last).await,
                Transport::Parts => self.by_parts(last).await,
            };
            self.connections += usize::from(self.got.len() > before);
            sleep(RETRY).await;
        }
        self
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
        let mut request = format!("{}/graphql", self.base.replacen("http", "ws", 1)).into_client_request()?;
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
                _ => panic!("{}: {message}", self.name()),
            }
        }
        Ok(())
    }

    async fn ask(&self, accept: &str, request: &Value) -> Result<reqwest::Response> {
        let mut sending = reqwest::Client::new().post(format!("{}/graphql", self.base)).header("accept", accept);
        if let (Transport::Events, Some(cursor)) = (self.transport, &self.cursor) {
            sending = sending.header("last-event-id", cursor);
        }
        let response = sending.json(request).send().await?;
        assert_eq!(response.status(), 200);
        Ok(response)
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

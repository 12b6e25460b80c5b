//! A client for either WebSocket protocol that sends exactly the messages of the test, valid or not.

use std::collections::HashMap;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

use super::PATIENCE;

/// One socket to a server.
pub struct Client {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub protocol: Option<String>,
    /// The progress of its operations: the last cursor of each that a ping reported.
    pub progress: HashMap<String, String>,
}

impl Client {
    /// Opens a socket to the server at `base` that offers these sub-protocols, with one additional header.
    pub async fn open(base: &str, protocols: Option<&str>, header: Option<(&'static str, &str)>) -> Result<Self, Error> {
        let mut request = format!("{}/graphql", base.replacen("http", "ws", 1)).into_client_request()?;
        for (name, value) in protocols.map(|names| ("sec-websocket-protocol", names)).into_iter().chain(header) {
            request.headers_mut().insert(name, value.parse().expect("a header value"));
        }
        let (socket, response) = timeout(PATIENCE, connect_async(request)).await.expect("in time")?;
        let protocol = response.headers().get("sec-websocket-protocol").map(|name| name.to_str().expect("a name").to_owned());
        Ok(Self { socket, protocol, progress: HashMap::new() })
    }

    /// A socket of the current protocol before `connection_init`.
    pub async fn connect(base: &str) -> Self {
        Self::open(base, Some("graphql-transport-ws"), None).await.expect("a socket")
    }

    /// A socket of the current protocol after the acknowledgement.
    pub async fn ready(base: &str) -> Self {
        let mut client = Self::connect(base).await;
        client.send_json(json!({ "type": "connection_init" })).await;
        assert_eq!(client.receive().await, json!({ "type": "connection_ack" }));
        client
    }

    pub async fn send(&mut self, message: Message) {
        timeout(PATIENCE, self.socket.send(message)).await.expect("in time").expect("sent");
    }

    pub async fn send_json(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Starts an operation with a message of the current protocol.
    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.subscribe_with(id, &json!({ "query": query })).await;
    }

    /// The same with all parts of a request.
    pub async fn subscribe_with(&mut self, id: &str, request: &Value) {
        self.send_json(json!({ "type": "subscribe", "id": id, "payload": request })).await;
    }

    /// The next frame of any kind.
    pub async fn frame(&mut self) -> Message {
        timeout(PATIENCE, self.socket.next()).await.expect("in time").expect("a frame").expect("a complete one")
    }

    /// The next message.
    pub async fn receive(&mut self) -> Value {
        match self.receive_or_close().await {
            Ok(message) => message,
            Err(close) => panic!("closed: {close:?}"),
        }
    }

    /// The next message, or the close code if the server closed the socket.
    pub async fn receive_or_close(&mut self) -> Result<Value, Option<CloseFrame>> {
        // The server's pings don't extend the wait.
        let message = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let message: Value = serde_json::from_str(&text).expect("JSON");
                        if message["type"] != "ping" {
                            return Ok(message);
                        }
                        self.record_progress(&message);
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Close(frame))) => return Err(frame),
                    Some(Ok(other)) => panic!("expected a message, got {other:?}"),
                    Some(Err(_)) | None => return Err(None),
                }
            }
        };
        timeout(PATIENCE, message).await.expect("a message in time")
    }

    fn record_progress(&mut self, ping: &Value) {
        let cursors = ping["payload"]["cursors"].as_object().unwrap_or_else(|| panic!("{ping}"));
        let cursors = cursors.iter().map(|(id, cursor)| (id.clone(), cursor.as_str().expect("a cursor").to_owned()));
        self.progress.extend(cursors);
    }

    /// Waits until pings have reported that an operation has reached this cursor.
    pub async fn until_progress(&mut self, id: &str, cursor: &str) {
        let reached = async {
            while self.progress.get(id).is_none_or(|progress| progress != cursor) {
                match self.socket.next().await.expect("a frame").expect("a complete one") {
                    Message::Text(text) => {
                        let message: Value = serde_json::from_str(&text).expect("JSON");
                        assert_eq!(message["type"], "ping", "{message}");
                        self.record_progress(&message);
                    }
                    Message::Ping(_) | Message::Pong(_) => {}
                    other => panic!("expected a ping, got {other:?}"),
                }
            }
        };
        timeout(PATIENCE, reached).await.expect("the cursor in time");
    }

    /// The code and the reason of the close frame, skipping anything before it.
    pub async fn close(mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.frame().await {
                let frame = frame.expect("a close frame with a code");
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }

    /// Waits for the response to a ping, which shows that all earlier messages were handled. Returns what arrived before it.
    pub async fn until_pong(&mut self) -> Vec<Value> {
        self.send_json(json!({ "type": "ping", "payload": { "mark": true } })).await;
        let mut before = Vec::new();
        loop {
            match self.receive().await {
                pong if pong == json!({ "type": "pong", "payload": { "mark": true } }) => return before,
                message => before.push(message),
            }
        }
    }
}

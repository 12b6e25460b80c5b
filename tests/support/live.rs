//! A subscription over a real WebSocket, by `graphql-transport-ws`.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, protocol::CloseFrame},
};

use super::PATIENCE;

pub struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Live {
    /// Connects to the gateway at `base` and starts one operation. It runs on the server once its first result, or the
    /// answer to a query sent after it, has come.
    pub async fn start(base: &str, query: &str, variables: Value) -> Self {
        let mut live = Self::connect(base).await;
        live.send(&json!({ "type": "subscribe", "id": "1", "payload": { "query": query, "variables": variables } })).await;
        live
    }

    /// `messageAdded` after a cursor, or from now on: then this waits until the server has begun.
    pub async fn messages(base: &str, after: Option<&str>) -> Self {
        let query = "subscription($after: String) { messageAdded(after: $after) { cursor message { sourceId text } } }";
        Self::start(base, query, json!({ "after": after })).await
    }

    async fn connect(base: &str) -> Self {
        let mut request = format!("{}/graphql", base.replacen("http", "ws", 1)).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        let (socket, _) = timeout(PATIENCE, connect_async(request)).await.unwrap().unwrap();
        let mut live = Self { socket };
        live.send(&json!({ "type": "connection_init" })).await;
        assert_eq!(live.receive().await["type"], "connection_ack");
        live
    }

    async fn send(&mut self, message: &Value) {
        self.socket.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next protocol message.
    pub async fn receive(&mut self) -> Value {
        match self.receive_or_close().await {
            Ok(message) => message,
            Err(close) => panic!("closed: {close:?}"),
        }
    }

    /// The next protocol message, or how the socket was closed.
    pub async fn receive_or_close(&mut self) -> Result<Value, Option<CloseFrame>> {
        // The server's pings don't prolong the wait.
        let message = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                    Some(Ok(Message::Close(frame))) => return Err(frame),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(None),
                }
            }
        };
        timeout(PATIENCE, message).await.expect("a message in time")
    }

    /// The data of the next result.
    pub async fn next(&mut self) -> Value {
        let mut message = self.receive().await;
        assert_eq!(message["type"], "next", "{message}");
        assert!(message["payload"].get("errors").is_none(), "{message}");
        message["payload"]["data"].take()
    }

    /// The data of the next result, unless the connection ends.
    pub async fn try_next(&mut self) -> Option<Value> {
        let mut message = self.receive_or_close().await.ok()?;
        (message["type"] == "next").then(|| message["payload"]["data"].take())
    }
}

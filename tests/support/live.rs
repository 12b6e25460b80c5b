//! A subscription over a real WebSocket, by `graphql-transport-ws`.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::{requests::head, websocket::Client};

pub struct Live(Client);

impl Live {
    /// Connects to the gateway at `base` and starts one operation. It is running on the server once its first result has
    /// arrived, or the response to a query sent after it.
    pub async fn start(base: &str, query: &str, variables: Value) -> Self {
        let mut client = Client::ready(base).await;
        client.send_json(json!({ "type": "subscribe", "id": "1", "payload": { "query": query, "variables": variables } })).await;
        Self(client)
    }

    /// Subscribes to `messageAdded`, after a cursor or from now on. What is stored after this call is never missed.
    pub async fn messages(base: &str, after: Option<&str>) -> Self {
        let after = match after {
            Some(after) => after.to_owned(),
            None => head(base).await,
        };
        let document = "subscription($after: String) { messageAdded(after: $after) { cursor message { sourceId text } } }";
        Self::start(base, document, json!({ "after": after })).await
    }

    /// The next protocol message.
    pub async fn receive(&mut self) -> Value {
        self.0.receive().await
    }

    /// The next protocol message, or how the socket was closed.
    pub async fn receive_or_close(&mut self) -> Result<Value, Option<CloseFrame>> {
        self.0.receive_or_close().await
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

//! Streams of results over plain HTTP: server-sent events, and multipart as requested by Apollo's clients.

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    PATIENCE,
    requests::{ask, send},
};

/// An event of a stream, or a comment or id between events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub id: Option<String>,
    pub name: Option<String>,
    pub data: Option<String>,
}

impl Event {
    /// The result in a `next` event.
    pub fn result(&self) -> Value {
        assert_eq!(self.name.as_deref(), Some("next"), "{self:?}");
        serde_json::from_str(self.data.as_deref().unwrap()).unwrap()
    }
}

/// A streamed response, read piece by piece.
struct Pieces {
    response: reqwest::Response,
    read: Vec<u8>,
}

impl Pieces {
    /// The text before the next `end`; `None` at the regular end of the body.
    async fn until(&mut self, end: &str) -> Result<Option<String>, reqwest::Error> {
        loop {
            if let Some(at) = self.read.windows(end.len()).position(|window| window == end.as_bytes()) {
                let piece = String::from_utf8(self.read.drain(..at + end.len()).collect()).unwrap();
                return Ok(Some(piece[..at].to_owned()));
            }
            match timeout(PATIENCE, self.response.chunk()).await.expect("more in time")? {
                Some(chunk) => self.read.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }
}

/// Server-sent events.
pub struct Events(Pieces);

impl Events {
    pub async fn start(base: &str, last: Option<&str>, query: &str, variables: Value) -> Self {
        Self::of(ask(base, "text/event-stream", last, query, variables).await)
    }

    pub fn of(response: reqwest::Response) -> Self {
        assert_eq!(response.status(), 200, "{response:?}");
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        Self(Pieces { response, read: Vec::new() })
    }

    /// The next block of lines, including comments; `None` at the regular end of the response.
    pub async fn block(&mut self) -> Result<Option<Event>, reqwest::Error> {
        let Some(block) = self.0.until("\n\n").await? else { return Ok(None) };
        let mut event = Event::default();
        for line in block.lines() {
            match line.split_once(':').expect("a field or a comment") {
                ("", _) => {}
                ("id", id) => event.id = Some(id.trim_start().to_owned()),
                ("event", name) => event.name = Some(name.trim_start().to_owned()),
                ("data", data) => event.data = Some(data.trim_start().to_owned()),
                other => panic!("an unknown field: {other:?}"),
            }
        }
        Ok(Some(event))
    }

    /// The next event with a name.
    pub async fn event(&mut self) -> Event {
        loop {
            let event = self.block().await.unwrap().expect("another event");
            if event.name.is_some() {
                return event;
            }
        }
    }

    /// The id that precedes the first result.
    pub async fn first_id(&mut self) -> String {
        loop {
            if let Some(id) = self.block().await.unwrap().expect("another block").id {
                return id;
            }
        }
    }
}

/// Parts, each `{"payload": …}`.
pub struct Parts(Pieces);

impl Parts {
    pub async fn start(base: &str, query: &str, variables: Value) -> Self {
        Self::ask(base, &json!({ "query": query, "variables": variables })).await
    }

    /// The same with all parts of a request.
    pub async fn ask(base: &str, request: &Value) -> Self {
        let accept = r#"multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json"#;
        Self::of(send(base, accept, None, request).await).await
    }

    pub async fn of(response: reqwest::Response) -> Self {
        assert_eq!(response.status(), 200, "{response:?}");
        assert_eq!(response.headers()["content-type"], r#"multipart/mixed; boundary="graphql"; subscriptionSpec="1.0""#);
        let mut pieces = Pieces { response, read: Vec::new() };
        assert_eq!(pieces.until("\r\n--graphql").await.unwrap().as_deref(), Some(""));
        Self(pieces)
    }

    /// The next part, including heartbeats; `None` after the closing boundary.
    pub async fn part(&mut self) -> Option<Value> {
        if self.0.until("\r\n").await.unwrap().expect("a boundary ends") == "--" {
            assert_eq!(self.0.until("\r\n").await.unwrap(), None, "nothing follows the closing boundary");
            return None;
        }
        let part = self.0.until("\r\n--graphql").await.unwrap().expect("a boundary behind each part");
        let (head, body) = part.split_once("\r\n\r\n").unwrap();
        assert_eq!(head, "Content-Type: application/json");
        Some(serde_json::from_str(body).unwrap())
    }

    /// The next part that is not a heartbeat.
    pub async fn payload(&mut self) -> Value {
        loop {
            match self.part().await.expect("another part") {
                heartbeat if heartbeat == json!({}) => {}
                part => return part,
            }
        }
    }
}

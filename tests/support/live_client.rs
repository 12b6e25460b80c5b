//! A client that maintains a live page or a live statistic, and resumes with its last cursor when its connection is lost, at the
//! next gateway if there are several.

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{sync::watch, time::sleep};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{
    fixed::RETRY,
    live_page::{Kind, Shown},
    requests::query,
    streamed::Events,
};

/// A query with a live result.
#[derive(Clone, Copy, Debug)]
pub struct LiveQuery {
    /// The field of the query; the subscription has the same name with `Live`.
    field: &'static str,
    /// Its arguments.
    arguments: &'static str,
    /// The selected fields of a row.
    row: &'static str,
}

/// The queries that the tests follow.
pub const RESULTS: [LiveQuery; 4] = [
    LiveQuery { field: "conversations", arguments: "first: 4", row: "id messageCount lastMessage { id text }" },
    LiveQuery {
        field: "conversations",
        arguments: "first: 3, filter: { messageCount: { gt: 3 } }, orderBy: { field: UNREAD_COUNT, direction: DESC }",
        row: "id unreadCount contact { name }",
    },
    LiveQuery { field: "messages", arguments: "first: 30", row: "id text conversation { id messageCount }" },
    LiveQuery { field: "messageStats", arguments: "groupBy: [PLATFORM]", row: "platform count" },
];

impl LiveQuery {
    fn is_statistic(self) -> bool {
        self.field.ends_with("Stats")
    }

    fn subscription(self) -> String {
        let Self { field, arguments, row } = self;
        if self.is_statistic() {
            return format!("subscription {{ live: {field}Live({arguments}) {{ cursor rows {{ {row} }} }} }}");
        }
        format!(
            "subscription($after: String) {{ live: {field}Live({arguments}, after: $after) {{
               cursor totalCount page {{ {row} }} steps {{ kind id afterId node {{ {row} }} }} }} }}"
        )
    }

    /// The current result of the query.
    pub async fn current(self, base: &str) -> Shown {
        let Self { field, arguments, row } = self;
        if self.is_statistic() {
            let answer = query(base, &format!("{{ rows: {field}({arguments}) {{ {row} }} }}"), json!({})).await;
            return Shown { total: Value::Null, rows: answer["rows"].as_array().unwrap().clone() };
        }
        let list = format!("{{ list: {field}({arguments}) {{ totalCount nodes {{ {row} }} }} }}");
        Shown::of_list(&query(base, &list, json!({})).await["list"])
    }
}

/// A client.
#[derive(Debug)]
pub struct LiveClient {
    pub result: LiveQuery,
    by_websocket: bool,
    /// The gateways; the first is tried next.
    bases: Vec<String>,
    cursor: Option<String>,
    pub shown: Shown,
    /// Whether nothing has been received on this connection yet.
    is_new: bool,
    /// The number of connections that delivered something.
    pub connections: usize,
    pub payloads: usize,
}

impl LiveClient {
    pub fn new(result: LiveQuery, by_websocket: bool, bases: Vec<String>) -> Self {
        let (cursor, shown) = (None, Shown::default());
        Self { result, by_websocket, bases, cursor, shown, is_new: true, connections: 0, payloads: 0 }
    }

    /// Maintains the result until it equals the final one, which is sent through `end`.
    pub async fn maintain(mut self, mut end: watch::Receiver<Option<Shown>>) -> Self {
        while !self.has_ended(&end) {
            self.is_new = true;
            // However a connection ends, the client reconnects.
            let _lost = if self.by_websocket { self.websocket(&mut end).await } else { self.events(&mut end).await };
            self.bases.rotate_left(1);
            sleep(RETRY).await;
        }
        self
    }

    fn has_ended(&self, end: &watch::Receiver<Option<Shown>>) -> bool {
        end.borrow().as_ref().is_some_and(|end| *end == self.shown)
    }

    fn request(&self) -> Value {
        json!({ "query": self.result.subscription(), "variables": { "after": self.cursor } })
    }

    fn take(&mut self, result: &Value) {
        let payload = &result["data"]["live"];
        let cursor = payload["cursor"].as_str().unwrap_or_else(|| panic!("{:?}: {result}", self.result));
        let (before, is_first) = (self.shown.clone(), std::mem::take(&mut self.is_new));
        if self.result.is_statistic() {
            self.shown.rows.clone_from(payload["rows"].as_array().expect("rows"));
        } else {
            let kind = self.shown.take(payload);
            // A slow client would get a page too, but none is slow here.
            assert_eq!(is_first, kind == Kind::Page || is_first && kind == Kind::Nothing && self.cursor.is_some(), "{payload}");
        }
        assert!(is_first || self.shown != before, "nothing has changed: {payload}");
        self.cursor = Some(cursor.to_owned());
        self.payloads += 1;
        self.connections += usize::from(is_first);
    }

    async fn websocket(&mut self, end: &mut watch::Receiver<Option<Shown>>) -> Result<()> {
        let mut request = format!("{}/graphql", self.bases[0].replacen("http", "ws", 1)).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
        let (mut socket, _) = connect_async(request).await?;
        socket.send(Message::text(json!({ "type": "connection_init" }).to_string())).await?;
        while !self.has_ended(end) {
            let message = tokio::select! {
                message = socket.next() => message,
                Ok(()) = end.changed() => continue,
            };
            let Some(message) = message else { break };
            let Message::Text(text) = message? else { continue };
            let message: Value = serde_json::from_str(&text).expect("messages are complete");
            match message["type"].as_str() {
                Some("connection_ack") => {
                    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": self.request() });
                    socket.send(Message::text(subscribe.to_string())).await?;
                }
                Some("next") => self.take(&message["payload"]),
                Some("ping") => socket.send(Message::text(json!({ "type": "pong" }).to_string())).await?,
                Some("error") if message["payload"][0]["extensions"]["code"] == "UNAVAILABLE" => break,
                _ => panic!("{:?}: {message}", self.result),
            }
        }
        Ok(())
    }

    async fn events(&mut self, end: &mut watch::Receiver<Option<Shown>>) -> Result<()> {
        let sending = reqwest::Client::new().post(format!("{}/graphql", self.bases[0])).header("accept", "text/event-stream");
        let response = sending.json(&self.request()).send().await?;
        let mut events = Events::of(response.error_for_status()?);
        while !self.has_ended(end) {
            let event = tokio::select! {
                event = events.block() => event?,
                Ok(()) = end.changed() => continue,
            };
            match event {
                Some(event) if event.name.is_some() => self.take(&event.result()),
                Some(_) => {}
                None => break,
            }
        }
        Ok(())
    }
}

/// Clients of all queries, which end when they have the final results.
pub struct LiveClients(Vec<(tokio::task::JoinHandle<LiveClient>, LiveQuery, watch::Sender<Option<Shown>>)>);

impl LiveClients {
    /// For each result, one client over WebSocket and one over server-sent events.
    pub fn start(bases: &[String]) -> Self {
        let each = RESULTS.into_iter().flat_map(|result| [(result, true), (result, false)]);
        let clients = each.enumerate().map(|(n, (result, by_websocket))| {
            let bases = bases.iter().cycle().skip(n % bases.len()).take(bases.len()).cloned().collect();
            let (end, ends) = watch::channel(None);
            (tokio::spawn(LiveClient::new(result, by_websocket, bases).maintain(ends)), result, end)
        });
        Self(clients.collect())
    }

    /// Returns the clients when all of them have the results of the gateway at `base`.
    pub async fn end(self, base: &str) -> Vec<LiveClient> {
        let mut ended = Vec::new();
        for (client, result, end) in self.0 {
            let expected = result.current(base).await;
            end.send_replace(Some(expected.clone()));
            let client = tokio::time::timeout(super::PATIENCE, client).await;
            ended.push(client.unwrap_or_else(|_| panic!("{result:?} does not become {expected:#?}")).unwrap());
        }
        ended
    }
}

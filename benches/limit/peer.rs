//! GraphQL servers on Node.js over the gateway's tables, in the folder `peers`, with the same requests in their schemas.
//!
//! GraphQL Yoga has the part of the gateway's schema that the requests use, so it gets the same documents. PostGraphile derives
//! its schema from the tables: `postgraphile` has its documents. Its columns are compared with the corresponding fields.

use std::fmt;

use deskgraph::domain::{page::SortValue, time::Timestamp};
use serde_json::{Value, json};

use crate::{
    cases::Case,
    listening::Listening,
    node::Needs,
    postgraphile,
    server::{Request, Variables},
};

const NODE: Needs = Needs { folder: "benches/limit/peers", node: 22, otherwise: "leave out `--peers`" };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Yoga,
    PostGraphile,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Yoga, Self::PostGraphile];

    /// The bodies of a case's requests to its address, from those to the gateway.
    pub(crate) async fn bodies(self, case: Case, bodies: &[String], base: &str) -> Vec<String> {
        match self {
            Self::Yoga => bodies.iter().map(|body| yoga(body)).collect(),
            Self::PostGraphile => postgraphile::bodies(case, bodies, base).await,
        }
    }

    /// Data of the gateway and of the peer in one form.
    pub(crate) fn alike(self, case: Case, of_gateway: Value, of_peer: Value) -> (Value, Value) {
        let (of_gateway, of_peer) = (without_cursors(of_gateway), without_cursors(of_peer));
        match self {
            Self::Yoga => (of_gateway, of_peer),
            Self::PostGraphile => (columns(of_gateway), postgraphile::named(case, &of_peer)),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yoga => "GraphQL Yoga",
            Self::PostGraphile => "PostGraphile",
        })
    }
}

/// Installs the packages, unless they are installed.
pub(crate) async fn prepare() -> anyhow::Result<()> {
    NODE.command().await.map(drop)
}

/// A running peer.
pub(crate) struct Peer {
    pub(crate) kind: Kind,
    pub(crate) process: Listening,
}

impl Peer {
    pub(crate) async fn start(kind: Kind, database_url: &str) -> anyhow::Result<Self> {
        let name = match kind {
            Kind::Yoga => "yoga",
            Kind::PostGraphile => "postgraphile",
        };
        let mut command = NODE.command().await?;
        command.arg(name).env("DATABASE_URL", database_url);
        Ok(Self { kind, process: Listening::start(command).await? })
    }
}

/// The variables of a body.
pub(crate) fn variables(body: &str) -> Variables<'_> {
    serde_json::from_str::<Request<'_>>(body).unwrap().variables
}

/// The sort value and the id of a cursor.
pub(crate) fn position(variables: &Variables<'_>) -> (i64, String) {
    let cursor = variables.cursor();
    let SortValue::Int(at) = cursor.value else { panic!("an instant") };
    (at, cursor.id)
}

/// A body for Yoga, which has its own cursors.
fn yoga(body: &str) -> String {
    let mut translated: Value = serde_json::from_str(body).unwrap();
    if let Some(after) = translated["variables"].get_mut("after") {
        *after = base64(&json!(position(&variables(body)))).into();
    }
    translated.to_string()
}

fn base64(value: &Value) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Changes each field of all objects.
pub(crate) fn each_field(value: Value, change: &impl Fn(String, Value) -> (String, Value)) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| change(name, each_field(value, change))).collect())
        }
        Value::Array(items) => items.into_iter().map(|item| each_field(item, change)).collect(),
        other => other,
    }
}

/// Each server has its own cursors.
fn without_cursors(data: Value) -> Value {
    each_field(data, &|name, value| {
        let value = if name == "endCursor" { value.is_string().into() } else { value };
        (name, value)
    })
}

/// The gateway's data as columns.
fn columns(data: Value) -> Value {
    each_field(data, &|name, value| match (name.as_str(), value.as_str()) {
        ("id", Some(id)) => (name, id.split_once('_').unwrap().1.into()),
        ("platform" | "type", Some(word)) => (name, word.to_ascii_lowercase().into()),
        ("direction", Some(direction)) => ("outbound".to_owned(), (direction == "OUTBOUND").into()),
        ("sentAt" | "createdAt" | "lastMessageAt", Some(time)) => {
            (name, Timestamp::parse_rfc3339(time).unwrap().as_millis().to_string().into())
        }
        ("unreadCount", None) => (name, value.to_string().into()),
        _ => (name, value),
    })
}

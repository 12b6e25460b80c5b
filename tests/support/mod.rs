//! What tests share: the database of each, a gateway in this process with a fixed clock, the real binary as a process, and a
//! live subscription.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::missing_panics_doc, reason = "each test target uses a part of it")]

pub mod app;
pub mod cluster;
pub mod database;
pub mod fixed;
pub mod follower;
pub mod live;
pub mod process;
pub mod streamed;

use std::time::Duration;

use deskgraph::{
    config::Config,
    domain::{kind::EventKind, time::Timestamp, zone::Zone},
    ingest::{self, Source},
    store::{Entry, Store},
};
use serde_json::Value;

/// The bound of every wait for a condition: far beyond what a slow machine needs.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// A sample payload of `tests/fixtures/samples`.
pub fn sample(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/samples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A message as the CRM sends one, from the sample.
pub fn message(id: &str, conversation: &str, text: &str, time_ms: i64) -> Value {
    let mut message = sample("message-sent");
    message["message_id"] = id.into();
    message["conversation_id"] = conversation.into();
    message["message"] = text.into();
    message["time"] = time_ms.into();
    message
}

/// A payload as an entry of the log.
pub fn entry(kind: EventKind, payload: &Value) -> Entry {
    let source = Source { kind: Some(kind), ..Source::default() };
    ingest::read(&payload.to_string(), &source, &Zone::named("Asia/Ho_Chi_Minh").unwrap()).unwrap()
}

/// Stores many entries at once, beside a gateway that may run over the same database.
pub async fn store(database_url: &str, entries: &[Entry]) {
    let store = Store::open(&Config::defaults_at(database_url).store().unwrap()).await.unwrap();
    for batch in entries.chunks(1000) {
        store.append(batch, Timestamp::clamped(1_758_800_000_000)).await.unwrap();
    }
    store.close().await.unwrap();
}

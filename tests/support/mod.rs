//! Shared test support: databases, a store, a gateway in this process with a fixed clock, the real binary as a process, and
//! clients for each transport.

#![allow(dead_code, unused_imports, unreachable_pub, missing_docs, reason = "each test target uses a part of it")]

pub mod app;
pub mod cluster;
pub mod database;
pub mod desk;
pub mod fixed;
pub mod follower;
pub mod keys;
pub mod live;
pub mod live_client;
pub mod live_page;
pub mod pooler;
pub mod process;
pub mod property;
pub mod requests;
pub mod scraped;
pub mod streamed;
pub mod tokens;
pub mod websocket;

use std::time::Duration;

use deskgraph::store::Entry;
use serde_json::Value;

pub use self::desk::entry;

/// The time limit of every wait for a condition: far more than a slow machine needs.
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

/// Stores many entries at once, possibly while a gateway runs over the same database.
pub async fn store(database_url: &str, entries: &[Entry]) {
    let store = desk::open(database_url).await;
    for batch in entries.chunks(1000) {
        store.append(batch, desk::at(0)).await.unwrap();
    }
    store.close().await.unwrap();
}

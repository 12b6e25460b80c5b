//! Behaviour, one file each, against real servers, real SQLite files and real sockets.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod command_line;
mod durability;
mod folding;
mod house;
mod limits;
mod linked;
mod live;
mod schema;
mod search;
mod statistics;
mod store;
mod webhooks;
mod websocket_protocol;

#[path = "../support/mod.rs"]
mod support;

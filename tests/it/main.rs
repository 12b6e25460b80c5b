//! Tests of behaviour, one file per topic, with real servers, real databases and real sockets.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod access;
mod backup;
mod chaos;
mod command_line;
mod connections;
mod demo;
mod doctor;
mod documentation;
mod documents;
mod durability;
mod filters;
mod first_minutes;
mod folding;
mod graphql_over_http;
mod house;
mod limits;
mod linked;
mod live;
mod live_pages;
mod logs;
mod metrics;
mod moving;
mod packages;
mod progress;
mod schema;
mod scope;
mod search;
mod search_index;
mod slow_reader;
mod statistics;
mod statistics_counted;
mod stats;
mod store;
mod streamed_answers;
mod traces;
mod transport;
mod verified_webhooks;
mod webhooks;
mod websocket_protocol;

#[path = "../support/mod.rs"]
mod support;

//! deskgraph: a GraphQL gateway for a CRM's webhooks. The modules and their dependencies:
//!
//! ```text
//!   http ──▶ graphql ──▶ feed ──▶ store ──▶ entity, migration
//!     ├────▶ ingest ──────┴────────▶│
//!     └────▶ access ───────────────▶┘
//! ```
//!
//! `http::webhook` receives deliveries. `ingest` parses them and hands them to its single writer, which appends each event to
//! the log and updates the projections in one transaction of `store`. `http::graphql` and `http::websocket` receive client
//! requests; `graphql` answers them with batched reads of the store and with the `feed` of committed changes. `access`
//! authenticates the clients. `domain` holds the types and rules that all of them share, and depends on none of them. `gateway`
//! starts and stops everything, `cli` and `config` are its user interface. The crate `demo` makes up the deliveries of a shop.

// What tests share names this crate as they do.
#[cfg(test)]
extern crate self as deskgraph;

pub mod access;
mod certificates;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod feed;
pub mod gateway;
pub mod graphql;
pub mod http;
pub mod ingest;
pub mod metrics;
mod retry;
pub mod store;
pub mod traces;

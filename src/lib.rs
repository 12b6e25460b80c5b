//! deskgraph: a GraphQL gateway over a CRM's webhooks. The map of the house:
//!
//! ```text
//!   http ──▶ graphql ──▶ feed ──▶ store ──▶ entity, migration
//!     └────▶ ingest ──────┴────────▶┘
//! ```
//!
//! Webhooks come in through `http::webhook`, are read by `ingest`, and stored by its one writer: the event into the log,
//! what it changes into the projections, all in one transaction of `store`. Clients come in through `http::graphql` and
//! `http::websocket`; `graphql` answers them with batch reads of the store and with the `feed` of changes. `domain` holds
//! what all of them talk about, and knows none of them. `gateway` starts and stops
//! all this, `cli` and `config` are how a person does; `demo` pretends to be
//! the CRM.

// What tests share names this crate as they do.
#[cfg(test)]
extern crate self as deskgraph;

pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod feed;
pub mod gateway;
pub mod graphql;
pub mod http;
pub mod ingest;
pub mod store;

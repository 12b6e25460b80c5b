//! The GraphQL API. Resolvers translate arguments into `domain` terms, read from the store in batches through per-request
//! loaders, and present `domain` values under the names of the schema. This module does not know how data is stored.
//!
//! ```text
//!   transport ── request + scope ──▶ schema ──▶ plan ── keys, lists, columns ──▶ store
//!                                       ├─────▶ query, lists, types ── keys ──▶ loader, connection ──▶ store
//!                                       └─────▶ live ◀── changes ── feed
//! ```
//!
//! Most queries are answered by a compiled plan of their document ([`plan`]). async-graphql answers the others, with the same
//! bytes.
//!
//! `schema.graphql` is the printed schema. Tests fail when that file is stale, or when the schema breaks the contract with the
//! frontend teams (`tests/fixtures/contract.graphql`).

#![expect(clippy::unused_async, reason = "async-graphql requires async resolvers")]

mod bookmark;
pub mod code;
mod completed;
mod connection;
mod custom_fields;
mod document;
pub mod error;
mod exceeded;
mod executor;
mod filter;
pub mod limits;
mod lists;
mod live;
mod loader;
mod loaders;
mod monitor;
mod order;
pub mod persisted;
mod plan;
mod query;
mod request;
mod request_id;
mod response_order;
pub mod role;
mod scalars;
mod schema;
mod sdl;
mod search;
mod statistics;
mod subscription;
mod types;

#[cfg(test)]
mod tests;

pub use self::{
    bookmark::Bookmark,
    query::Query,
    request_id::RequestId,
    role::{Role, Roles, Viewer},
    schema::{Api, api, data, request_data},
    sdl::sdl,
    subscription::Subscription,
};

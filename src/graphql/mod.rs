//! The GraphQL layer: what frontend teams see. Resolvers turn arguments into questions of `domain`'s terms, put them to the
//! store in batches, and show `domain`'s values under the names of the schema. Nothing here knows how anything is stored.
//!
//! ```text
//!   transport ── request + scope ──▶ schema ──▶ query, lists, types ── questions ──▶ loader, connection ──▶ store
//!                                       └─────▶ subscription ◀── changes ── feed
//! ```
//!
//! The schema is written to `schema.graphql`; a test fails when that file, or the promise to the frontend teams, differs.

#![expect(clippy::unused_async, reason = "async-graphql wants every resolver to be async")]

mod arrange;
mod bookmark;
pub mod code;
mod connection;
pub mod error;
mod exceeded;
mod filter;
pub mod limits;
mod lists;
mod loader;
mod loaders;
mod order;
mod query;
mod request;
mod request_id;
mod scalars;
mod schema;
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
    schema::{Api, api, request_data, sdl},
    subscription::Subscription,
};

//! The GraphQL layer: what frontend teams see. Resolvers turn arguments into questions of `domain`'s terms, put them to the
//! store in batches, and show `domain`'s values under the names of the schema. Nothing here knows how anything is stored.
//!
//! ```text
//!   transport ── request + Scope ──▶ Schema
//!                                      request      a context per execution: reads, loaders, head
//!                                      query, lists, types ── questions ──▶ loader, connection ──▶ store
//!                                      subscription ◀── changes ── feed
//! ```
//!
//! The schema is written to `schema.graphql`; a test fails when that file, or the promise to the frontend teams, differs.

mod connection;
pub mod error;
mod filter;
mod lists;
mod loader;
mod order;
mod query;
mod request;
mod scalars;
mod subscription;
mod types;

#[cfg(test)]
mod tests;

use async_graphql::{Data, EmptyMutation, SDLExportOptions, SchemaBuilder};

pub use self::{query::Query, subscription::Subscription};
use crate::{clock::Clock, domain::scope::Scope, feed::Feed, store::Store};

/// The schema. Cheap to clone.
pub type Schema = async_graphql::Schema<Query, EmptyMutation, Subscription>;

/// The schema over a store and the feed of its changes. `clock` tells which tickets are overdue.
pub fn schema(store: Store, feed: Feed, clock: Clock) -> Schema {
    builder().data(store).data(feed).data(clock).extension(request::ContextPerExecution).finish()
}

/// What a transport puts into each request's data: who reads. A request without it is refused.
pub fn request_data(scope: Scope) -> Data {
    let mut data = Data::default();
    data.insert(scope);
    data
}

/// The schema in GraphQL's own language, as `schema.graphql` holds it. It needs no store.
pub fn sdl() -> String {
    sdl_of(&builder().finish())
}

/// The same of a schema that is there already.
pub fn sdl_of(schema: &Schema) -> String {
    schema.sdl_with_options(SDLExportOptions::new().prefer_single_line_descriptions().use_space_ident())
}

fn builder() -> SchemaBuilder<Query, EmptyMutation, Subscription> {
    Schema::build(Query, EmptyMutation, Subscription)
}

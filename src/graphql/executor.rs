//! async-graphql's executor of the schema.

use async_graphql::{EmptyMutation, Schema, SchemaBuilder};

use super::{Query, Subscription};

/// The executor.
pub(super) type Executor = Schema<Query, EmptyMutation, Subscription>;

/// The nesting of selections, with fragments expanded, that async-graphql itself refuses. The request limits are stricter.
const MAX_RECURSION: usize = 100;

/// Begins to build an executor.
pub(super) fn builder() -> SchemaBuilder<Query, EmptyMutation, Subscription> {
    Executor::build(Query, EmptyMutation, Subscription::default()).limit_recursive_depth(MAX_RECURSION)
}

//! The source of a topic: changes, or a result.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{
    super::{
        live_result::LiveResult,
        topic::{Payload, Topic},
    },
    Registry,
};
use crate::{feed::Batch, store};

/// The source of a topic.
#[derive(Clone)]
pub(in crate::graphql::live) enum Source {
    /// Changes: each payload reports one.
    Changes(Arc<dyn Changes>),
    /// A result that is kept up to date: each payload reports its new state.
    Result(Arc<dyn LiveResult>),
}

/// The changes that subscriptions follow.
pub(in crate::graphql::live) trait Changes: Send + Sync {
    /// The payloads of a batch of changes, for a follower that reads the store itself.
    fn payloads(&self, batch: Batch) -> BoxFuture<'_, Result<Vec<Payload>, store::Error>>;

    /// Registers the topic under the changes that may concern it.
    fn enter(self: Arc<Self>, topic: &Arc<Topic>, registry: &mut Registry);

    /// Undoes [`Self::enter`].
    fn leave(&self, topic: &Arc<Topic>, registry: &mut Registry);
}

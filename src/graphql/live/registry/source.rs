//! What a topic is about.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{
    super::{
        kept::Kept,
        topic::{Payload, Topic},
    },
    Registry,
};
use crate::{feed::Batch, store};

/// What a topic is about.
#[derive(Clone)]
pub(in crate::graphql::live) enum Source {
    /// Changes: each payload tells of one.
    Changes(Arc<dyn Changes>),
    /// A result that is kept up to date: each payload tells what it has become.
    Kept(Arc<dyn Kept>),
}

/// Changes that subscriptions follow.
pub(in crate::graphql::live) trait Changes: Send + Sync {
    /// The payloads of a batch of changes, for one who reads alone.
    fn payloads(&self, batch: Batch) -> BoxFuture<'_, Result<Vec<Payload>, store::Error>>;

    /// Makes the topic found by the changes that may concern it.
    fn enter(self: Arc<Self>, topic: &Arc<Topic>, registry: &mut Registry);

    /// Undoes [`Self::enter`].
    fn leave(&self, topic: &Arc<Topic>, registry: &mut Registry);
}

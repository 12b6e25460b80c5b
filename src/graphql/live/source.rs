//! What a topic is about.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{
    kept::Kept,
    registry::Registry,
    topic::{Payload, Topic},
};
use crate::{feed::Batch, store};

/// What a topic is about.
pub(super) enum Source {
    /// Changes: each payload tells of one.
    Changes(Box<dyn Changes>),
    /// A result that is kept up to date: each payload tells what it has become.
    Kept(Arc<dyn Kept>),
}

/// Changes that subscriptions follow.
pub(super) trait Changes: Send + Sync {
    /// The payloads of a batch of changes, for one who reads alone.
    fn payloads(&self, batch: Batch) -> BoxFuture<'_, Result<Vec<Payload>, store::Error>>;

    /// Makes the topic found by the changes that may concern it.
    fn enter(&self, topic: &Arc<Topic>, registry: &mut Registry);

    /// Undoes [`Self::enter`].
    fn leave(&self, topic: &Arc<Topic>, registry: &mut Registry);
}

/// Changes of nothing.
#[cfg(test)]
pub(super) struct Nowhere;

#[cfg(test)]
impl Changes for Nowhere {
    fn payloads(&self, _: Batch) -> BoxFuture<'_, Result<Vec<Payload>, store::Error>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn enter(&self, _: &Arc<Topic>, _: &mut Registry) {}

    fn leave(&self, _: &Arc<Topic>, _: &mut Registry) {}
}

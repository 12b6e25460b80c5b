//! What a topic is about: how it is found when something changes, and how its payloads are made for one who reads alone.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{
    registry::Registry,
    topic::{Payload, Topic},
};
use crate::{feed::Batch, store};

/// What a topic is about.
pub(super) trait Source: Send + Sync {
    /// The payloads of a batch of changes.
    fn payloads(&self, batch: Batch) -> BoxFuture<'_, Result<Vec<Payload>, store::Error>>;

    /// Makes the topic found by the changes that may concern it.
    fn enter(&self, topic: &Arc<Topic>, registry: &mut Registry);

    /// Undoes [`Self::enter`].
    fn leave(&self, topic: &Arc<Topic>, registry: &mut Registry);
}

/// A source without payloads.
#[cfg(test)]
pub(super) struct Nothing;

#[cfg(test)]
impl Source for Nothing {
    fn payloads(&self, _: Batch) -> BoxFuture<'_, Result<Vec<Payload>, store::Error>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn enter(&self, _: &Arc<Topic>, _: &mut Registry) {}

    fn leave(&self, _: &Arc<Topic>, _: &mut Registry) {}
}

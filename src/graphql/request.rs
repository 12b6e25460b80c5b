//! The state that the resolvers of one request share: its reader, its loaders and its current time.

use std::sync::Arc;

use async_graphql::Context;

use super::loaders::Loaders;
use crate::{clock::Clock, domain::time::Timestamp, store::Reader};

/// The state that the resolvers of one request share.
pub(crate) struct RequestContext {
    pub(crate) reader: Reader,
    loaders: Loaders,
    /// Fixed for the request, so that equal filters on "overdue" remain equal questions.
    now: Timestamp,
}

impl RequestContext {
    pub(crate) fn new(reader: Reader, clock: &Clock) -> Self {
        Self { loaders: Loaders::new(reader.clone()), reader, now: clock.now() }
    }

    /// The context of the request that a resolver belongs to.
    pub(crate) fn of<'a>(ctx: &Context<'a>) -> &'a Arc<Self> {
        ctx.data_unchecked()
    }

    pub(crate) fn loaders(&self) -> &Loaders {
        &self.loaders
    }

    /// The current time of this request.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }
}

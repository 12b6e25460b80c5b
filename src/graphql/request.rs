//! What the resolvers of one request share: its reader, its loaders, and the time it takes for now.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::Context;

use super::loaders::Loaders;
use crate::{clock::Clock, domain::time::Timestamp, store::Reader};

/// What the resolvers of one request share.
pub(crate) struct RequestContext {
    pub(crate) reader: Reader,
    moment: Mutex<Moment>,
    clock: Clock,
}

/// What is constant within one response.
struct Moment {
    loaders: Arc<Loaders>,
    /// The same for all filters on "overdue", so that equal filters stay equal questions.
    now: Timestamp,
}

impl Moment {
    fn new(reader: Reader, clock: &Clock) -> Self {
        Self { loaders: Arc::new(Loaders::new(reader)), now: clock.now() }
    }
}

impl RequestContext {
    pub(crate) fn new(reader: Reader, clock: Clock) -> Self {
        let moment = Mutex::new(Moment::new(reader.clone(), &clock));
        Self { reader, moment, clock }
    }

    /// The context of the request that a resolver belongs to.
    pub(crate) fn of<'a>(ctx: &Context<'a>) -> &'a Arc<Self> {
        ctx.data_unchecked()
    }

    pub(crate) fn loaders(&self) -> Arc<Loaders> {
        self.moment().loaders.clone()
    }

    /// The time that this response takes for now.
    pub(crate) fn now(&self) -> Timestamp {
        self.moment().now
    }

    /// Begins another response: a subscription does so for each payload, with loaders of its own.
    pub(crate) fn renew(&self) {
        let moment = Moment::new(self.reader.clone(), &self.clock);
        drop(mem::replace(&mut *self.moment(), moment));
    }

    fn moment(&self) -> MutexGuard<'_, Moment> {
        self.moment.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

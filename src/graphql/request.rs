//! What the resolvers of one request share: its reads, its loaders, and what it takes for now.

use std::{
    any::TypeId,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::{Context, Request};

use super::loader::Loaders;
use crate::{clock::Clock, domain::time::Timestamp, store::Reader};

/// What logs and internal errors call a request. A transport that has a name for it puts one into the request's data;
/// otherwise the door draws one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

impl RequestId {
    /// That of a request.
    pub(super) fn of(request: &Request) -> Self {
        let given = request.data.get(&TypeId::of::<Self>()).and_then(|id| id.downcast_ref::<Self>());
        given.cloned().unwrap_or_else(|| Self(format!("{:016x}", rand::random::<u64>()).into()))
    }
}

/// What the resolvers of one request share.
pub(crate) struct RequestContext {
    pub(crate) reader: Reader,
    moment: Mutex<Moment>,
    clock: Clock,
}

/// What is the same for one answer.
struct Moment {
    loaders: Arc<Loaders>,
    /// What is taken for now, so that equal filters on "overdue" are equal questions.
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

    /// That of the request to which a resolver belongs.
    pub(crate) fn of<'a>(ctx: &Context<'a>) -> &'a Arc<Self> {
        ctx.data_unchecked()
    }

    pub(crate) fn loaders(&self) -> Arc<Loaders> {
        self.moment().loaders.clone()
    }

    /// What this answer takes for now.
    pub(crate) fn now(&self) -> Timestamp {
        self.moment().now
    }

    /// Begins another answer: a subscription does so for each payload, since loaders remember whom they answered.
    pub(crate) fn renew(&self) {
        let moment = Moment::new(self.reader.clone(), &self.clock);
        drop(mem::replace(&mut *self.moment(), moment));
    }

    fn moment(&self) -> MutexGuard<'_, Moment> {
        self.moment.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

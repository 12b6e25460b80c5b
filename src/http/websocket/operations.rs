//! The running operations of one connection, polled in turn.
//!
//! Fairness: after each result an operation goes to the end of the queue, so one that is always ready cannot starve another.
//! Only operations that were woken are polled.
//!
//! Back-pressure: an operation that yielded a result leaves the queue until [`Operations::resume`] puts it back. It is
//! therefore not polled while its result waits for a slow client, and results do not pile up.

use std::{any::Any, collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use async_graphql::Response;
use futures_util::{
    StreamExt,
    stream::{AbortHandle, Abortable, BoxStream, CatchUnwind, FuturesUnordered, StreamFuture},
};

/// What an operation yielded: a result or a panic.
pub(super) type Outcome = Result<Response, Box<dyn Any + Send>>;

type Results = Abortable<CatchUnwind<AssertUnwindSafe<BoxStream<'static, Response>>>>;

/// The running operations, by their ids.
#[derive(Default)]
pub(super) struct Operations {
    queue: FuturesUnordered<StreamFuture<Operation>>,
    by_id: HashMap<Arc<str>, AbortHandle>,
}

/// One operation.
pub(super) struct Operation {
    /// The id that the client gave it.
    pub(super) id: Arc<str>,
    /// Whether it has yielded a result before.
    pub(super) has_result: bool,
    results: Results,
}

impl futures_util::Stream for Operation {
    type Item = Outcome;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.results.poll_next_unpin(context)
    }
}

impl Operations {
    /// The number of running operations.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether no operation is running.
    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Whether an operation with this id is running.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Starts an operation. Its id must be free.
    pub(super) fn start(&mut self, id: String, results: BoxStream<'static, Response>) {
        let (handle, registration) = AbortHandle::new_pair();
        let id: Arc<str> = id.into();
        debug_assert!(!self.contains(&id), "the id of a new operation is free");
        self.by_id.insert(Arc::clone(&id), handle);
        let results = Abortable::new(AssertUnwindSafe(results).catch_unwind(), registration);
        self.queue.push(Operation { id, has_result: false, results }.into_future());
    }

    /// Stops the operation with this id, if there is one. The id is free at once, and no further result is returned.
    pub(super) fn stop(&mut self, id: &str) {
        if let Some(handle) = self.by_id.remove(id) {
            handle.abort();
        }
    }

    /// The next operation that has an outcome; its outcome is `None` at its end, which frees its id.
    ///
    /// `None` if no operation is running.
    pub(super) async fn next(&mut self) -> Option<(Operation, Option<Outcome>)> {
        loop {
            let (outcome, operation) = self.queue.next().await?;
            // A stopped operation is dropped silently. Its id may already belong to another.
            if operation.results.is_aborted() {
                continue;
            }
            if outcome.is_none() {
                self.by_id.remove(&operation.id);
            }
            return Some((operation, outcome));
        }
    }

    /// Puts an operation back into the queue, after its result was sent.
    pub(super) fn resume(&mut self, mut operation: Operation) {
        operation.has_result = true;
        self.queue.push(operation.into_future());
    }

    /// Stops all operations.
    pub(super) fn clear(&mut self) {
        self.by_id.clear();
        self.queue.clear();
    }
}

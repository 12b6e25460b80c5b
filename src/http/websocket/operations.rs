//! The operations of one connection. They take turns: one that is always ready goes to the end of the queue after each
//! result, so that it cannot hold up another, and only those that have something new are polled.
//!
//! An operation that gave a result is out of the queue until [`Operations::resume`] puts it back. It is therefore never
//! polled while its result waits for a slow client, and nothing piles up behind a result.

use std::{any::Any, collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use async_graphql::Response;
use futures_util::{
    StreamExt,
    stream::{AbortHandle, Abortable, BoxStream, CatchUnwind, FuturesUnordered, StreamFuture},
};

/// What an operation gave: a result, or the panic that took its place.
pub(super) type Given = Result<Response, Box<dyn Any + Send>>;

type Results = Abortable<CatchUnwind<AssertUnwindSafe<BoxStream<'static, Response>>>>;

/// The operations that run, by the id the client gave them.
#[derive(Default)]
pub(super) struct Operations {
    queue: FuturesUnordered<StreamFuture<Operation>>,
    by_id: HashMap<Arc<str>, AbortHandle>,
}

/// One operation, taken out of the queue with what it gave.
pub(super) struct Operation {
    /// The name the client gave it.
    pub(super) id: Arc<str>,
    /// Whether it gave something before.
    pub(super) answered: bool,
    results: Results,
}

impl futures_util::Stream for Operation {
    type Item = Given;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.results.poll_next_unpin(context)
    }
}

impl Operations {
    /// How many run.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether none runs.
    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Whether one of this id runs.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Lets an operation run. Its id must be free.
    pub(super) fn start(&mut self, id: String, results: BoxStream<'static, Response>) {
        let (handle, registration) = AbortHandle::new_pair();
        let id: Arc<str> = id.into();
        debug_assert!(!self.contains(&id), "the id of a new operation is free");
        self.by_id.insert(Arc::clone(&id), handle);
        let results = Abortable::new(AssertUnwindSafe(results).catch_unwind(), registration);
        self.queue.push(Operation { id, answered: false, results }.into_future());
    }

    /// Ends an operation, if there is one of this id; the id is free at once, and nothing more of it will be given.
    pub(super) fn stop(&mut self, id: &str) {
        if let Some(handle) = self.by_id.remove(id) {
            handle.abort();
        }
    }

    /// What the next operation gives, in turn; nothing at its end, which frees its id.
    ///
    /// `None` while no operation runs.
    pub(super) async fn next(&mut self) -> Option<(Operation, Option<Given>)> {
        loop {
            let (given, operation) = self.queue.next().await?;
            // One that was stopped ends without a word. Its id may already belong to another.
            if operation.results.is_aborted() {
                continue;
            }
            if given.is_none() {
                self.by_id.remove(&operation.id);
            }
            return Some((operation, given));
        }
    }

    /// Lets an operation go on, after what it gave has gone out.
    pub(super) fn resume(&mut self, mut operation: Operation) {
        operation.answered = true;
        self.queue.push(operation.into_future());
    }

    /// Ends them all.
    pub(super) fn clear(&mut self) {
        self.by_id.clear();
        self.queue.clear();
    }
}

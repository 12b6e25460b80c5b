//! The running operations of one connection, polled in turn.
//!
//! Fairness: after each result the next operation gets its turn, so one that is always ready can't starve others. Only
//! operations that were woken are polled.
//!
//! Back-pressure: operations are polled only when the session asks for the next outcome, so results do not accumulate for a
//! slow client.
//!
//! Most connections have one operation, and the limit is about a hundred. So the operations are a plain list: an idle operation
//! holds its stream and a flag, and scanning all flags is cheap.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use async_graphql::Response;
use futures_util::{StreamExt, future::poll_fn, stream::BoxStream, task::AtomicWaker};

use crate::graphql::Bookmark;

/// What an operation yielded: a result or a panic.
pub(super) type Outcome = Result<Response, Box<dyn Any + Send>>;

/// The running operations.
#[derive(Default)]
pub(super) struct Operations {
    running: Vec<Operation>,
    /// The index of the operation whose turn it is.
    turn: usize,
    session: Arc<AtomicWaker>,
}

/// One operation.
pub(super) struct Operation {
    /// The id that the client gave it.
    pub(super) id: Box<str>,
    /// Whether it has yielded a result before.
    pub(super) has_result: bool,
    /// Its progress.
    pub(super) bookmark: Bookmark,
    /// The last cursor that a ping reported to the client.
    pub(super) last_sent: Option<Box<str>>,
    results: BoxStream<'static, Response>,
    woken: Arc<Woken>,
}

/// A flag that an operation has to be polled.
struct Woken {
    is_due: AtomicBool,
    session: Arc<AtomicWaker>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_due.store(true, Ordering::Release);
        self.session.wake();
    }
}

impl Operation {
    /// Polls it if it was woken.
    fn poll(&mut self) -> Poll<Option<Outcome>> {
        if !self.woken.is_due.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = Waker::from(Arc::clone(&self.woken));
        let mut context = Context::from_waker(&waker);
        match catch_unwind(AssertUnwindSafe(|| self.results.poll_next_unpin(&mut context))) {
            Ok(polled) => polled.map(|result| result.map(Ok)),
            Err(panic) => Poll::Ready(Some(Err(panic))),
        }
    }
}

impl Operations {
    /// The number of running operations.
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    /// Whether no operation is running.
    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Whether an operation with this id is running.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.running.iter().any(|operation| *operation.id == *id)
    }

    /// All running operations.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Operation> {
        self.running.iter_mut()
    }

    /// Starts an operation. Its id must be free.
    pub(super) fn start(&mut self, id: String, bookmark: Bookmark, results: BoxStream<'static, Response>) {
        debug_assert!(!self.contains(&id), "the id of a new operation is free");
        let woken = Arc::new(Woken { is_due: AtomicBool::new(true), session: Arc::clone(&self.session) });
        // Most connections have one operation; a vector would allocate room for four.
        self.running.reserve_exact(1);
        self.running.push(Operation { id: id.into(), has_result: false, bookmark, last_sent: None, results, woken });
    }

    /// Stops the operation with this id, if there is one. The id is free at once, and no further result is returned.
    pub(super) fn stop(&mut self, id: &str) {
        if let Some(place) = self.running.iter().position(|operation| *operation.id == *id) {
            self.remove(place);
        }
    }

    /// Stops the operation at an index returned by [`next`](Self::next).
    pub(super) fn remove(&mut self, place: usize) -> Operation {
        // The turn stays with the same operation.
        self.turn -= usize::from(place < self.turn);
        self.running.remove(place)
    }

    /// The operation at an index returned by [`next`](Self::next).
    pub(super) fn get_mut(&mut self, place: usize) -> &mut Operation {
        &mut self.running[place]
    }

    /// The index of the next operation with an outcome; the outcome is `None` at its end. An operation that has ended or
    /// panicked must be removed. Never ready while no operation is running.
    pub(super) async fn next(&mut self) -> (usize, Option<Outcome>) {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &Context<'_>) -> Poll<(usize, Option<Outcome>)> {
        self.session.register(context.waker());
        let count = self.running.len();
        for ahead in 0..count {
            let place = (self.turn + ahead) % count;
            let operation = &mut self.running[place];
            if let Poll::Ready(outcome) = operation.poll() {
                // It may have more results, but other operations come first.
                operation.woken.is_due.store(true, Ordering::Release);
                self.turn = place + 1;
                return Poll::Ready((place, outcome));
            }
        }
        Poll::Pending
    }

    /// Stops all operations.
    pub(super) fn clear(&mut self) {
        self.running.clear();
    }
}

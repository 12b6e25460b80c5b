//! A topic: the state shared by equal subscriptions, and the payloads kept for their followers.
//!
//! The hub publishes each payload to the topic once. A follower is a position, and takes the first payload after it. So slow
//! followers cost only the payloads that are kept for a while, which all of them share. A follower that falls behind those
//! reads the store itself until it has caught up ([`super::follower`]).
//!
//! ```text
//!   log   ── … p ────────────── from ──────────────── through ──▶
//!            │  not kept: read    │  kept: payloads,    │  not processed yet
//!            │  from the store    │  each at a position │
//! ```
//!
//! Invariant: `payloads` has every payload for the changes between `from` and the hub's position.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Waker},
    time::Instant,
};

use async_graphql::ServerError;
use bytes::Bytes;
use slab::Slab;

use crate::graphql::{bookmark::Progress, error::Error};

/// The largest number of payloads that a new follower may have to read after its first state.
const MAX_STEPS_FROM_START: usize = 8;

/// A position among the payloads of a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The position in the log.
    pub(super) position: i64,
    /// For a kept result, the number of its state, since time can change it without a change in the log.
    pub(super) turn: u64,
}

impl Place {
    /// The place before all states at a position.
    pub(super) fn at(position: i64) -> Self {
        Self { position, turn: 0 }
    }
}

/// A payload, shared by all followers of a topic.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    /// The place at which its receiver continues.
    pub(super) place: Place,
    /// For a live page, a digest of the page's state.
    pub(super) fingerprint: Option<u64>,
    /// When the delivery behind it arrived, if that is known.
    pub(super) arrived: Option<Instant>,
    /// The JSON of `data`.
    pub(super) data: Bytes,
    /// The errors of fields.
    pub(super) errors: Arc<[ServerError]>,
}

impl Payload {
    /// The approximate bytes of memory that it takes, with its bookkeeping.
    pub(super) fn size(&self) -> usize {
        self.data.len() + 3 * size_of::<Self>()
    }
}

/// The first state for a new follower of a kept result.
#[derive(Clone, Debug)]
pub(super) struct Start {
    /// The whole result.
    pub(super) page: Payload,
    /// The payload for a follower that already has this state.
    pub(super) unchanged: Payload,
}

/// The state shared by equal subscriptions.
pub(super) struct Topic {
    /// The position up to which the hub has processed the log.
    through: Arc<AtomicI64>,
    state: Mutex<State>,
}

struct State {
    payloads: VecDeque<Payload>,
    /// Followers before this place have missed payloads that are no longer kept.
    from: Place,
    /// The number of states so far.
    turns: u64,
    /// The wakers of waiting followers, by follower key.
    waiting: Slab<Option<Waker>>,
    /// For a kept result, a state after which all payloads are kept.
    start: Option<Box<Start>>,
    /// Whether a follower waits for a state.
    wants_start: bool,
    /// When the delivery that causes the next state arrived, if that is known.
    arrived: Option<Instant>,
    /// Set when the topic has ended.
    ended: Option<Ended>,
}

/// Why a topic has ended.
#[derive(Clone, Debug)]
pub(super) enum Ended {
    /// The gateway is stopping.
    Stopped,
    /// The source can't be read.
    Failed(Error),
}

/// What a follower gets next.
pub(super) enum Next {
    /// A payload.
    Payload(Payload),
    /// Nothing yet. The follower is woken when there is something.
    Nothing,
    /// The follower is behind the payloads that are kept.
    Behind,
    /// The topic has ended.
    Ended(Ended),
}

impl Topic {
    /// A topic that starts at a position of the hub.
    pub(super) fn new(from: i64, through: Arc<AtomicI64>) -> Self {
        let (payloads, waiting, from) = (VecDeque::new(), Slab::new(), Place::at(from));
        let state = State { payloads, from, turns: 0, waiting, start: None, wants_start: false, arrived: None, ended: None };
        Self { through, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a follower and returns its key.
    pub(super) fn enter(&self) -> usize {
        self.state().waiting.insert(None)
    }

    /// Removes a follower.
    pub(super) fn leave(&self, key: usize) {
        self.state().waiting.remove(key);
    }

    /// What a follower gets next that has everything up to `place`.
    pub(super) fn next(&self, key: usize, place: Place, context: &mut Context<'_>) -> Next {
        let mut state = self.state();
        if let Some(ended) = &state.ended {
            return Next::Ended(ended.clone());
        }
        if place < state.from {
            return Next::Behind;
        }
        let next = state.payloads.partition_point(|payload| payload.place <= place);
        if let Some(payload) = state.payloads.get(next) {
            return Next::Payload(payload.clone());
        }
        state.wait(key, context);
        Next::Nothing
    }

    /// A first state, at a position or later. If there is none, requests one and returns [`Next::Nothing`].
    pub(super) fn start(&self, key: usize, position: i64, context: &mut Context<'_>) -> Result<Start, Next> {
        let mut state = self.state();
        if let Some(ended) = &state.ended {
            return Err(Next::Ended(ended.clone()));
        }
        if let Some(start) = state.start.as_ref().filter(|start| start.page.place.position >= position) {
            return Ok(Start::clone(start));
        }
        state.wants_start = true;
        state.wait(key, context);
        Err(Next::Nothing)
    }

    /// Whether a follower waits for a first state.
    pub(super) fn wants_start(&self) -> bool {
        self.state().wants_start
    }

    /// Publishes the next state of a kept result: `steps` for followers that have the previous one, `start` for new ones.
    /// Returns the place of `steps`.
    pub(super) fn turn(&self, steps: Option<Payload>, start: Option<Start>) -> Option<Place> {
        let mut state = self.state();
        state.turns += u64::from(steps.is_some());
        let turn = state.turns;
        let turned = |mut payload: Payload| {
            payload.place.turn = turn;
            payload
        };
        let arrived = state.arrived.take();
        let steps = steps.map(|steps| Payload { arrived, ..turned(steps) });
        let place = steps.as_ref().map(|steps| steps.place);
        state.payloads.extend(steps);
        if let Some(Start { page, unchanged }) = start {
            state.start = Some(Box::new(Start { page: turned(page), unchanged: turned(unchanged) }));
            state.wants_start = false;
        } else if let Some(start) = &state.start {
            // A new follower should read a page, not a long history of steps.
            let since = state.payloads.len() - state.payloads.partition_point(|payload| payload.place <= start.page.place);
            if since > MAX_STEPS_FROM_START {
                state.start = None;
            }
        }
        wake(state);
        place
    }

    /// Notes when the delivery that causes the next state arrived, if that is known.
    pub(super) fn expect_turn(&self, arrived: Option<Instant>) {
        self.state().arrived = arrived;
    }

    /// Whether the topic has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.state().ended.is_some()
    }

    /// Ends the topic with an error for its followers.
    pub(super) fn fail(&self, error: Error) {
        self.end(Ended::Failed(error));
    }

    /// The position from which payloads are kept.
    pub(super) fn from(&self) -> i64 {
        self.state().from.position
    }

    /// Appends payloads, and wakes waiting followers.
    pub(super) fn publish(&self, payloads: impl IntoIterator<Item = Payload>) {
        let mut state = self.state();
        state.payloads.extend(payloads);
        wake(state);
    }

    /// Drops all payloads up to a place. Followers before it have to read the store.
    pub(super) fn forget(&self, place: Place) {
        let mut state = self.state();
        state.from = state.from.max(place);
        if state.start.as_ref().is_some_and(|start| start.page.place < state.from) {
            state.start = None;
        }
        let gone = state.payloads.partition_point(|payload| payload.place <= place);
        state.payloads.drain(..gone);
        if state.payloads.is_empty() {
            state.payloads.shrink_to(4);
        }
    }

    /// Like [`Self::forget`], for changes that the hub could not process: waiting followers are woken to read them.
    pub(super) fn skip(&self, position: i64) {
        self.forget(Place::at(position));
        wake(self.state());
    }

    /// Ends the topic.
    pub(super) fn end(&self, ended: Ended) {
        let mut state = self.state();
        state.ended = Some(ended);
        wake(state);
    }
}

impl State {
    fn wait(&mut self, key: usize, context: &Context<'_>) {
        match &mut self.waiting[key] {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
    }
}

/// Wakes all waiting followers, after releasing the lock that they will take.
fn wake(mut state: MutexGuard<'_, State>) {
    let wakers: Vec<Waker> = state.waiting.iter_mut().filter_map(|(_, waker)| waker.take()).collect();
    drop(state);
    wakers.into_iter().for_each(Waker::wake);
}

impl Progress for Topic {
    fn since(&self, position: i64) -> i64 {
        let through = self.through.load(Ordering::Acquire);
        let state = self.state();
        let has_more = state.payloads.back().is_some_and(|payload| payload.place.position > position);
        if position < state.from.position || has_more { position } else { position.max(through) }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::poll_fn;

    use super::*;

    fn payload(position: i64) -> Payload {
        let data = Bytes::from(position.to_string());
        Payload { place: Place::at(position), fingerprint: None, arrived: None, data, errors: Arc::new([]) }
    }

    fn topic(from: i64) -> Topic {
        Topic::new(from, Arc::new(AtomicI64::new(from)))
    }

    async fn next(topic: &Topic, key: usize, position: i64) -> Next {
        next_behind(topic, key, Place::at(position)).await
    }

    async fn next_behind(topic: &Topic, key: usize, place: Place) -> Next {
        poll_fn(|context| std::task::Poll::Ready(topic.next(key, place, context))).await
    }

    #[tokio::test]
    async fn states_at_the_same_position_are_distinct() {
        let topic = topic(10);
        let key = topic.enter();
        topic.turn(None, Some(Start { page: payload(12), unchanged: payload(12) }));
        let begun = Place { position: 12, turn: 0 };
        assert!(matches!(next_behind(&topic, key, begun).await, Next::Nothing));
        let first = topic.turn(Some(payload(12)), None).unwrap();
        let second = topic.turn(Some(payload(12)), None).unwrap();
        for (has, gets) in [(begun, first), (first, second)] {
            let Next::Payload(payload) = next_behind(&topic, key, has).await else { panic!("there is one") };
            assert_eq!(payload.place, gets);
        }
        assert!(matches!(next_behind(&topic, key, second).await, Next::Nothing));
        topic.forget(first);
        assert!(matches!(next_behind(&topic, key, begun).await, Next::Behind));
        assert!(matches!(next_behind(&topic, key, first).await, Next::Payload(payload) if payload.place == second));
    }

    #[tokio::test]
    async fn a_follower_gets_each_payload_after_its_position_once() {
        let topic = topic(10);
        let key = topic.enter();
        topic.publish([payload(12), payload(15)]);
        assert!(matches!(next(&topic, key, 10).await, Next::Payload(Payload { place: Place { position: 12, .. }, .. })));
        assert!(matches!(next(&topic, key, 12).await, Next::Payload(Payload { place: Place { position: 15, .. }, .. })));
        assert!(matches!(next(&topic, key, 13).await, Next::Payload(Payload { place: Place { position: 15, .. }, .. })));
        assert!(matches!(next(&topic, key, 15).await, Next::Nothing));
        assert!(matches!(next(&topic, key, 9).await, Next::Behind));
        topic.forget(Place::at(12));
        assert!(matches!(next(&topic, key, 10).await, Next::Behind));
        assert!(matches!(next(&topic, key, 12).await, Next::Payload(Payload { place: Place { position: 15, .. }, .. })));
        topic.end(Ended::Stopped);
        assert!(matches!(next(&topic, key, 12).await, Next::Ended(Ended::Stopped)));
    }

    #[tokio::test]
    async fn progress_never_passes_a_pending_payload() {
        let topic = topic(10);
        topic.through.store(20, Ordering::Release);
        assert_eq!(topic.since(10), 20, "nothing matched");
        topic.publish([payload(25)]);
        assert_eq!(topic.since(10), 10, "the payload at 25 is pending");
        topic.through.store(30, Ordering::Release);
        assert_eq!(topic.since(10), 10);
        assert_eq!(topic.since(25), 30);
        assert_eq!(topic.since(5), 5, "it has to read the store");
    }
}

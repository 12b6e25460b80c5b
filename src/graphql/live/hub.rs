//! The hub: a task that takes each batch of changes, finds the topics it concerns, and publishes their payloads.
//!
//! ```text
//!   feed ── batch ──▶ what each scope sees, read once ──▶ topics whose filters match
//!                                                            │  read once for all documents, written once for equal ones
//!                                                            ▼
//!                                                         payloads ──▶ topics ──▶ followers
//! ```
//!
//! The hub waits only while the database is unavailable. It skips topics whose work is slow or
//! fails, for example because of a slow filter: their followers then read these changes themselves, one statement at a time.
//!
//! Payloads are kept for [`KEPT_FOR`], for all topics together at most [`KEPT_BYTES`].

mod updater;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, StreamExt, stream};
use tokio::{
    sync::{Notify, OnceCell, Semaphore},
    time::{Instant, timeout},
};

use self::updater::Updater;
use super::{
    registry::{
        Concerned, Open, Registry, Route,
        changes::{Changes, Concerning, Recorded},
        subject::Subject,
        watching::{ExecutionKey, Watching},
    },
    topic::{Ended, Payload, Place, Topic},
};
use crate::{
    clock::Clock,
    domain::{scope::Scope, time::Timestamp},
    feed::{self, Arrived, Batch, Feed},
    graphql::loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, TicketById},
    retry::retry,
    store::{self, Store},
};

/// How long payloads are kept for slow followers.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// The largest total size of the payloads kept.
const KEPT_BYTES: usize = 8 * 1024 * 1024;

/// The time limit for serving a topic. Beyond it, the followers read the changes themselves.
const PATIENCE: Duration = Duration::from_secs(1);

/// The number of scopes, or groups of topics, that are read concurrently.
const READS: usize = 4;

/// The number of followers that read the store themselves concurrently.
const READERS: usize = 8;

/// The state that all subscriptions of a gateway share.
pub(super) struct Hub {
    pub(super) feed: Feed,
    pub(super) clock: Clock,
    /// The position up to which the hub has processed the log.
    pub(super) through: Arc<AtomicI64>,
    /// Permits for followers to read the store themselves.
    pub(super) readers: Semaphore,
    registry: Mutex<Registry>,
    backlog: Mutex<Backlog>,
    running: OnceCell<()>,
    /// Wakes the updater: results may be due.
    pub(super) due: Notify,
}

/// The payloads kept in topics, oldest first.
#[derive(Default)]
struct Backlog {
    payloads: VecDeque<Backlogged>,
    bytes: usize,
}

/// A payload kept in a topic.
struct Backlogged {
    since: Instant,
    topic: Weak<Topic>,
    place: Place,
    bytes: usize,
}

/// Topics that get the same payload for each change.
struct Group<Q: Subject> {
    watching: Arc<Watching<Q>>,
    /// Indexes of changes.
    changes: BTreeSet<usize>,
    topics: Vec<(Arc<Topic>, Vec<usize>)>,
}

impl Hub {
    pub(super) fn new(feed: Feed, clock: Clock) -> Self {
        Self {
            feed,
            clock,
            through: Arc::default(),
            readers: Semaphore::new(READERS),
            registry: Mutex::default(),
            backlog: Mutex::default(),
            running: OnceCell::new(),
            due: Notify::new(),
        }
    }

    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the task at the newest change, unless it is running.
    pub(super) async fn run(self: &Arc<Self>, store: &Store) -> Result<(), feed::Error> {
        let start = async || {
            let position = self.feed.head().await?;
            self.registry().position = position;
            self.through.store(position, Ordering::Release);
            self.feed.serve(position);
            self.spawn(self.clone().follow(position));
            self.spawn(Updater::new(self.clone(), store.reader(Scope::Everything), position).run());
            Ok(())
        };
        self.running.get_or_try_init(start).await.copied()
    }

    /// Starts a task that runs until the gateway stops. If it panics, the gateway stops, since subscriptions would wait for ever.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.feed.stop().clone();
        tokio::spawn(async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                tracing::error!("subscriptions can't be served any more: stopping");
                stop.cancel();
            }
        });
    }

    /// The position up to which the log has been processed.
    pub(super) fn through(&self) -> i64 {
        self.through.load(Ordering::Acquire)
    }

    async fn follow(self: Arc<Self>, mut position: i64) {
        let mut is_stuck = false;
        while !self.feed.stop().is_cancelled() {
            match self.feed.after(position).await {
                Ok(Some(batch)) => {
                    position = batch.last().map_or(position, |change| change.position);
                    self.registry().position = position;
                    self.serve(&batch, position).await;
                    self.through.store(position, Ordering::Release);
                    self.feed.serve(position);
                    self.due.notify_one();
                    if std::mem::take(&mut is_stuck) {
                        tracing::info!(position, "changes can be read again");
                    }
                    // A commit since the batch was read has woken the feed.
                    if batch.len() < feed::BATCH {
                        self.feed.more().await;
                    }
                }
                Ok(None) => self.feed.more().await,
                Err(error) => {
                    if !std::mem::replace(&mut is_stuck, true) {
                        tracing::error!(%error, position, "changes can't be read: subscriptions end until this is repaired");
                    }
                    // Repeated at every attempt, for subscriptions that started in the meantime.
                    self.registry().end(&Ended::Failed(error.into()));
                    self.feed.more().await;
                }
            }
            self.forget_old();
        }
        self.registry().end(&Ended::Stopped);
    }

    async fn serve(&self, batch: &Batch, end: i64) {
        let (now, arrived) = (self.clock.now(), &self.feed.arrivals(batch));
        tokio::join!(
            self.serve_those_of::<MessageByKey>(batch, arrived, end, now),
            self.serve_those_of::<ConversationById>(batch, arrived, end, now),
            self.serve_those_of::<CustomerById>(batch, arrived, end, now),
            self.serve_those_of::<TicketById>(batch, arrived, end, now),
            self.serve_those_of::<EventBySeq>(batch, arrived, end, now),
        );
    }

    /// Serves the topics for one type of object.
    async fn serve_those_of<Q: Subject>(&self, batch: &Batch, arrived: &Arrived, end: i64, now: Timestamp) {
        let recorded = &Recorded::<Q>::of(batch, arrived);
        if recorded.is_empty() {
            return;
        }
        let scopes: Vec<_> = {
            let mut registry = self.registry();
            Q::routes(&mut registry).values().filter_map(|of| Some((of.any()?.clone(), of.look_at_subjects()))).collect()
        };
        stream::iter(scopes)
            .map(|(any, look_at_subjects)| async move {
                let reader = &any.watching.reader;
                let Some(changes) = patient(|| recorded.seen_by(reader)).await else {
                    return self.skip_all::<Q>(&any, end);
                };
                let changes = &*changes;
                if changes.changes.is_empty() {
                    return;
                }
                let subjects = if look_at_subjects { patient(|| changes.read(reader)).await } else { Some(Vec::new()) };
                let concerned = match &subjects {
                    Some(subjects) => self.concerned::<Q>(&any, changes, subjects, now),
                    None => return self.skip_all::<Q>(&any, end),
                };
                let Concerned { mut matched, open } = concerned;
                for open in open {
                    match decided(changes, &open, &any, now).await {
                        Some(places) => matched.extend(open.routes.into_iter().map(|route| (route, places.clone()))),
                        None => open.routes.iter().for_each(|route| route.topic.skip(end)),
                    }
                }
                self.publish_all(changes, matched, end, now).await;
            })
            .buffer_unordered(READS)
            .for_each(async |()| {})
            .await;
    }

    fn concerned<Q: Subject>(
        &self,
        any: &Route<Q>,
        changes: &Changes<Q>,
        subjects: &[Option<Q::Answer>],
        now: Timestamp,
    ) -> Concerned<Q> {
        let mut registry = self.registry();
        match Q::routes(&mut registry).get(any.watching.reader.scope()) {
            // A filter registered after the objects were read starts after this batch.
            Some(routes) => routes.concerned(changes.subjects.len(), subjects, now),
            None => Concerned { matched: Vec::new(), open: Vec::new() },
        }
    }

    /// Leaves this batch to the followers of all topics in a scope.
    fn skip_all<Q: Subject>(&self, any: &Route<Q>, end: i64) {
        let mut registry = self.registry();
        if let Some(routes) = Q::routes(&mut registry).get(any.watching.reader.scope()) {
            routes.skip(end);
        }
    }

    /// Makes the payloads of all matching topics, and publishes them.
    async fn publish_all<Q: Subject>(
        &self,
        changes: &Changes<Q>,
        matched: Vec<(Route<Q>, Vec<usize>)>,
        end: i64,
        now: Timestamp,
    ) {
        let mut groups: HashMap<ExecutionKey, Group<Q>> = HashMap::new();
        for (Route { topic, watching }, subjects) in matched {
            let from = topic.from();
            let is_due = |change: &Concerning| change.position > from && subjects.contains(&change.subject);
            let places: Vec<usize> =
                (0..).zip(&changes.changes).filter_map(|(place, change)| is_due(change).then_some(place)).collect();
            if places.is_empty() {
                continue;
            }
            let group = groups.entry(watching.execution_key()).or_insert_with(|| Group {
                watching,
                changes: BTreeSet::new(),
                topics: Vec::new(),
            });
            group.changes.extend(&places);
            group.topics.push((topic, places));
        }
        let (joinable, others): (Vec<_>, Vec<_>) = groups.into_values().partition(|group| group.watching.is_joinable());
        let together = std::iter::once(joinable).chain(others.into_iter().map(|group| vec![group]));
        let published = stream::iter(together).map(|groups| self.publish(changes, groups, end, now));
        published.buffer_unordered(READS).for_each(async |()| {}).await;
    }

    /// Publishes the payloads of groups whose objects are read together.
    async fn publish<Q: Subject>(&self, changes: &Changes<Q>, groups: Vec<Group<Q>>, end: i64, now: Timestamp) {
        let concerning = |group: &Group<Q>| group.changes.iter().map(|place| changes.changes[*place]).collect();
        let concerned: Vec<Vec<Concerning>> = groups.iter().map(concerning).collect();
        let requests: Vec<_> =
            groups.iter().zip(&concerned).map(|(group, concerned)| (&*group.watching, concerned.as_slice())).collect();
        let Some(payloads) = patient(|| Watching::answers(&requests, &changes.subjects, now)).await else {
            return groups.iter().flat_map(|group| &group.topics).for_each(|(topic, _)| topic.skip(end));
        };
        for (group, payloads) in groups.into_iter().zip(payloads) {
            let payloads: HashMap<usize, Payload> =
                group.changes.iter().zip(payloads).filter_map(|(place, payload)| Some((*place, payload?))).collect();
            for (topic, places) in group.topics {
                let of_topic: Vec<Payload> = places.iter().filter_map(|place| payloads.get(place).cloned()).collect();
                self.keep(&topic, &of_topic);
                topic.publish(of_topic);
                // After each topic, since a batch may have payloads for many.
                self.forget_old();
            }
        }
    }

    /// Records that a topic keeps payloads.
    pub(super) fn keep(&self, topic: &Arc<Topic>, payloads: &[Payload]) {
        let mut backlog = self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
        for payload in payloads {
            let bytes = payload.size();
            backlog.bytes += bytes;
            let kept = Backlogged { since: Instant::now(), topic: Arc::downgrade(topic), place: payload.place, bytes };
            backlog.payloads.push_back(kept);
        }
    }

    /// Drops payloads that are too old or exceed the size limit.
    fn forget_old(&self) {
        let mut backlog = self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(oldest) = backlog.payloads.front() {
            if oldest.since.elapsed() < KEPT_FOR && backlog.bytes <= KEPT_BYTES {
                return;
            }
            if let Some(topic) = oldest.topic.upgrade() {
                topic.forget(oldest.place);
            }
            backlog.bytes -= oldest.bytes;
            backlog.payloads.pop_front();
        }
    }
}

/// The indexes of all objects that match a filter. `None` if the store did not answer in time.
async fn decided<Q: Subject>(changes: &Changes<Q>, open: &Open<Q>, any: &Route<Q>, now: Timestamp) -> Option<Vec<usize>> {
    let decided = patient(|| changes.decided(&any.watching.reader, &open.filter, &open.undecided, now)).await?;
    Some(open.matched.iter().copied().chain(decided).collect())
}

/// Reads from the store, waiting while it is unavailable. `None` if the read takes too long or fails.
async fn patient<T, F: Future<Output = Result<T, store::Error>>>(mut read: impl FnMut() -> F) -> Option<T> {
    let read = || {
        let read = timeout(PATIENCE, read());
        async { read.await.unwrap_or(Err(store::Error::Timeout(PATIENCE))) }
    };
    let result = retry("reading the objects of changes", store::Error::is_unavailable, read).await;
    if let Err(error) = &result {
        tracing::debug!(%error, "subscriptions read changes themselves");
    }
    result.ok()
}

//! The change feed: reads the changes after a position from the store in batches, and waits for more.
//!
//! Commits of this gateway, and of others through notifications, only wake the waiting reader. [`Feed::more`] also polls, so
//! a crash between commit and wake loses nothing. Positions have no gaps, so a reader needs only the position of the last
//! change it has read.
//!
//! Temporary errors (the database is unavailable, or busy beyond the time limit) are retried. Any other error, such as a
//! damaged row, is returned: no reader advances past it.

mod arrivals;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::arrivals::Arrivals;
pub use self::arrivals::Arrived;
use crate::{
    domain::{
        change::{Change, LiveCursor},
        scope::Scope,
    },
    metrics::Metrics,
    retry::{Backoff, retry},
    store::{self, Notifications, Reader, Store},
};

/// The largest number of changes in a batch.
pub const BATCH: usize = 200;

/// The longest wait for more changes without a notification.
const POLL: Duration = Duration::from_secs(1);

/// The value of `served` before the first subscription.
const NEVER_SERVED: i64 = -1;

/// Why a subscription can't start or has to end.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The text is not a live cursor.
    #[error("`{0}` is not a live cursor: expected one from `head` or from an earlier payload, unchanged")]
    InvalidCursor(String),
    /// The cursor belongs to another store.
    #[error("this cursor comes from another store: start again from `head`")]
    OtherStore,
    /// The cursor is beyond the end of the log.
    #[error("this cursor is ahead of everything stored here: start again from `head`")]
    FutureCursor,
    /// The store can't be read, and a retry would not help.
    #[error("{0}")]
    Store(Arc<store::Error>),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// Changes in log order, at least one.
pub type Batch = Arc<[Change]>;

/// The feed of one gateway. Cheap to clone.
#[derive(Clone)]
pub struct Feed(Arc<Shared>);

struct Shared {
    reader: Reader,
    store_id: Arc<str>,
    wake: Notify,
    /// The position up to which subscribers were served; [`NEVER_SERVED`] before the first subscription.
    served: AtomicI64,
    arrivals: Arrivals,
    metrics: Metrics,
    stop: CancellationToken,
}

impl Feed {
    /// Starts the feed of a store, which runs until `stop`. Writers and readers record to `metrics`.
    pub async fn start(store: &Store, metrics: Metrics, stop: CancellationToken) -> Result<Self, Error> {
        let feed = Self(Arc::new(Shared {
            reader: store.reader(Scope::Everything),
            store_id: store.id().into(),
            wake: Notify::new(),
            served: AtomicI64::new(NEVER_SERVED),
            arrivals: Arrivals::default(),
            metrics,
            stop,
        }));
        tokio::spawn(feed.clone().listen(store.notifications().await?));
        Ok(feed)
    }

    /// The metrics of the gateway.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Records that subscribers were served up to a position.
    pub fn serve(&self, position: i64) {
        self.0.served.store(position, Ordering::Relaxed);
    }

    /// The position up to which subscribers were served; `None` before the first subscription.
    pub fn served(&self) -> Option<i64> {
        Some(self.0.served.load(Ordering::Relaxed)).filter(|position| *position != NEVER_SERVED)
    }

    /// Records when deliveries arrived at this gateway, by ascending sequence number. Must be called before the commit: a
    /// notification may reach the feed before the writer continues.
    pub fn arrived(&self, events: impl IntoIterator<Item = (i64, Instant)>) {
        self.0.arrivals.record(events);
    }

    /// The times of arrival of the deliveries behind these changes, where they arrived at this gateway.
    pub fn arrivals(&self, batch: &Batch) -> Arrived {
        self.0.arrivals.of(batch)
    }

    /// Wakes the waiting reader after a commit.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// The position of the newest change.
    pub async fn head(&self) -> Result<i64, Error> {
        Ok(self.0.reader.head().await?)
    }

    /// Validates the cursor that a client resumes after. `known` is a position known to be stored.
    pub async fn resume(&self, cursor: &str, known: i64) -> Result<LiveCursor, Error> {
        let read = LiveCursor::decode(cursor).ok_or_else(|| Error::InvalidCursor(cursor.chars().take(64).collect()))?;
        if read.store_id != *self.0.store_id {
            return Err(Error::OtherStore);
        }
        if read.position > known && read.position > self.head().await? {
            return Err(Error::FutureCursor);
        }
        Ok(read)
    }

    /// The id of the store, which live cursors contain.
    pub fn store_id(&self) -> &Arc<str> {
        &self.0.store_id
    }

    /// Cancelled when the gateway stops.
    pub fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }

    /// Waits until something may have been committed, for at most [`POLL`], or until the gateway stops. Only one task may wait.
    pub async fn more(&self) {
        tokio::select! {
            () = self.0.wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            () = self.0.stop.cancelled() => {}
        }
    }

    /// The next stored changes after a position; `None` if there are none, or the gateway stops. Retries temporary errors,
    /// including time-outs: the statement reads a short range of a key, so a time-out means a busy database.
    pub async fn after(&self, position: i64) -> Result<Option<Batch>, Error> {
        let may_pass = |error: &store::Error| error.is_unavailable() || error.is_timeout();
        let read = retry("reading changes", may_pass, || self.0.reader.changes_after(position, BATCH as u64));
        match self.0.stop.run_until_cancelled(read).await {
            None => Ok(None),
            Some(changes) => {
                let changes = changes?;
                Ok((!changes.is_empty()).then(|| changes.into()))
            }
        }
    }

    /// Wakes the waiting reader when the database notifies of another gateway's commit.
    async fn listen(self, mut notifications: Notifications) {
        let mut lost: Option<Backoff> = None;
        while let Some(notified) = self.0.stop.run_until_cancelled(notifications.next()).await {
            self.wake();
            match notified {
                Ok(()) => {
                    if lost.take().is_some() {
                        tracing::info!("LISTEN connection is back");
                    }
                }
                Err(error) => {
                    if lost.is_none() {
                        tracing::warn!(%error, "LISTEN connection lost; polling until it is back");
                    }
                    let backoff = lost.get_or_insert_with(Backoff::new);
                    self.0.stop.run_until_cancelled(backoff.wait()).await;
                }
            }
        }
    }
}

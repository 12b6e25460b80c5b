//! The feed: every change after a cursor, then whatever comes.
//!
//! One task, the tail, reads the `change` table and broadcasts what is new. Commits, here and (through notifications) by other
//! gateways, only wake it, and it polls as well, so a crash between commit and wake loses nothing. Positions have no gaps,
//! which makes a subscriber's rule simple:
//!
//! ```text
//!   store   ── c+1 … h ──────────────▶ read from the store until it has no more
//!   tail          ┊    h-3 … h+4 ────▶ then take batches, skipping what was read
//!                 ┊              gap or lag: read from the store again, at the own position
//! ```
//!
//! The receiver is taken before the store is read, so nothing falls between the two. No change is skipped silently, and what
//! waits for a slow subscriber is bounded by the broadcast.
//!
//! A read that may pass (the database is out of reach, or busy beyond the time limit) is retried. On any other error, such as
//! a damaged row, the tail does not advance: every subscriber ends with that error, and so do later ones, until the tail can
//! read on.

mod batch;

use std::{sync::Arc, time::Duration};

use futures_util::Stream;
use tokio::{
    sync::{Notify, broadcast},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

pub use self::batch::Batch;
use crate::{
    domain::{change::LiveCursor, scope::Scope},
    retry::{Backoff, retry},
    store::{self, Notifications, Reader, Store},
};

/// Changes read at a time. Times [`WAITING_BATCHES`], it bounds the objects kept for slow subscribers.
const BATCH: u64 = 200;

/// Batches that wait for a slow subscriber. One that is further behind reads the store instead.
const WAITING_BATCHES: usize = 128;

/// The time between two reads of the tail when nothing wakes it.
const POLL: Duration = Duration::from_secs(1);

/// Why a subscription can't start, or ends.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Not a live cursor.
    #[error("`{0}` is not a live cursor: expected one from `head` or from an earlier payload, unchanged")]
    InvalidCursor(String),
    /// A cursor of another store.
    #[error("this cursor comes from another store: start again from `head`")]
    OtherStore,
    /// A cursor beyond everything stored.
    #[error("this cursor is ahead of everything stored here: start again from `head`")]
    FutureCursor,
    /// The store can't be read, and trying again would not help.
    #[error("{0}")]
    Store(Arc<store::Error>),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// What the tail broadcasts: a batch, or the error that keeps it from reading on.
type Tailed = Result<Arc<Batch>, Error>;

/// The feed of one gateway. Cheap to clone.
#[derive(Clone)]
pub struct Feed(Arc<Shared>);

struct Shared {
    reader: Reader,
    store_id: String,
    wake: Notify,
    batches: broadcast::Sender<Tailed>,
    stop: CancellationToken,
}

impl Feed {
    /// Starts tailing the store's changes, until `stop`.
    pub async fn start(store: &Store, stop: CancellationToken) -> Result<(Self, JoinHandle<()>), Error> {
        let reader = store.reader(Scope::Everything);
        let head = reader.head().await?;
        let (batches, _) = broadcast::channel(WAITING_BATCHES);
        let feed = Self(Arc::new(Shared { reader, store_id: store.id().to_owned(), wake: Notify::new(), batches, stop }));
        let tail = tokio::spawn(feed.clone().tail(head));
        tokio::spawn(feed.clone().listen(store.notifications().await?));
        Ok((feed, tail))
    }

    /// Tells the tail that something was committed.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// The live cursor of the newest change.
    pub async fn head(&self) -> Result<LiveCursor, Error> {
        Ok(self.0.reader.live_cursor(self.0.reader.head().await?))
    }

    /// The position of a cursor that a client resumes after.
    pub async fn resume(&self, after: &str) -> Result<i64, Error> {
        let cursor = LiveCursor::decode(after).ok_or_else(|| Error::InvalidCursor(after.chars().take(64).collect()))?;
        if cursor.store_id != self.0.store_id {
            return Err(Error::OtherStore);
        }
        if cursor.position > self.0.reader.head().await? {
            return Err(Error::FutureCursor);
        }
        Ok(cursor.position)
    }

    /// Every change after the cursor, in order and each once, then whatever comes; without a cursor, from now on. The stream
    /// ends when the gateway stops, or with an error that does not pass.
    pub async fn subscribe(
        &self,
        after: Option<&str>,
    ) -> Result<impl Stream<Item = Result<Arc<Batch>, Error>> + Send + 'static, Error> {
        let receiver = self.0.batches.subscribe();
        let position = match after {
            None => self.0.reader.head().await?,
            Some(after) => self.resume(after).await?,
        };
        Ok(self.clone().changes(position, receiver))
    }

    fn changes(self, mut position: i64, mut receiver: broadcast::Receiver<Tailed>) -> impl Stream<Item = Tailed> + Send {
        async_stream::try_stream! {
            loop {
                // Boxed, since a live subscriber does not need its memory.
                while let Some(batch) = Box::pin(self.stored_after(position)).await? {
                    position = batch.end();
                    yield batch;
                }
                // Up to date with the store: live, until a gap or a lag.
                loop {
                    let batch = tokio::select! {
                        batch = receiver.recv() => batch,
                        () = self.0.stop.cancelled() => return,
                    };
                    let batch = match batch {
                        Ok(batch) => batch?,
                        Err(broadcast::error::RecvError::Lagged(_)) => break,
                        Err(broadcast::error::RecvError::Closed) => return,
                    };
                    if batch.end() <= position {
                        continue;
                    }
                    let fresh = batch.changes().partition_point(|change| change.position <= position);
                    if batch.changes()[fresh].position != position + 1 {
                        break;
                    }
                    position = batch.end();
                    yield if fresh == 0 { batch } else { Arc::new(Batch::new(batch.changes()[fresh..].to_vec())) };
                }
            }
        }
    }

    /// The next stored changes after a position; `None` when there are none, or the gateway stops. Retries what may pass:
    /// this statement is a short range of a key, so a time-out tells of a busy database and not of the statement.
    async fn stored_after(&self, position: i64) -> Result<Option<Arc<Batch>>, Error> {
        let may_pass = |error: &store::Error| error.is_unavailable() || error.is_timeout();
        let read = retry("reading changes", may_pass, || self.0.reader.changes_after(position, BATCH));
        match self.0.stop.run_until_cancelled(read).await {
            None => Ok(None),
            Some(changes) => {
                let changes = changes?;
                Ok((!changes.is_empty()).then(|| Arc::new(Batch::new(changes))))
            }
        }
    }

    /// Wakes the tail when another gateway has committed, as far as the database notifies.
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

    async fn tail(self, mut position: i64) {
        let mut stuck = false;
        while !self.0.stop.is_cancelled() {
            match self.stored_after(position).await {
                Ok(Some(batch)) => {
                    position = batch.end();
                    // Without subscribers there is nobody to send to, which is no error.
                    let _ = self.0.batches.send(Ok(batch));
                    if std::mem::take(&mut stuck) {
                        tracing::info!(position, "changes can be read again");
                    }
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    if !std::mem::replace(&mut stuck, true) {
                        tracing::error!(%error, position, "changes can't be read: subscriptions end until this is repaired");
                    }
                    // Again at every poll, for those who subscribed since.
                    let _ = self.0.batches.send(Err(error));
                }
            }
            let woken = async { if stuck { std::future::pending().await } else { self.0.wake.notified().await } };
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(POLL) => {}
                () = self.0.stop.cancelled() => {}
            }
        }
    }
}

//! The feed: every change after a cursor, then whatever comes.
//!
//! One task tails the `change` table and broadcasts what it reads; the writer (and, elsewhere, other gateways) only wakes
//! it, and a slow poll stands behind that, so a crash between commit and wake loses nothing. Positions have no gaps, which
//! makes a subscriber's rule simple:
//!
//! ```text
//!   store   ── c+1 … h ──────────────▶ read from the store until it has no more
//!   tail          ┊    h-3 … h+4 ────▶ then take batches, skipping what was read
//!                 ┊              gap or lag: read from the store again, at the own position
//! ```
//!
//! The receiver is taken before the store is read, so nothing falls between the two. Nobody is skipped silently, and what
//! waits for a slow subscriber is bounded by the broadcast.

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
    store::{self, Reader, Store, Wakes},
};

/// Changes read at a time. Times [`WAITING_BATCHES`], it bounds what is kept of the objects that changed.
const BATCH: u64 = 200;

/// Batches that wait for a slow subscriber; one that is further behind reads the store instead.
const WAITING_BATCHES: usize = 128;

/// How long the tail sleeps at most when nobody wakes it.
const POLL: Duration = Duration::from_secs(1);

/// How long a failed read of the store waits before it is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// Why a subscription can't start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a live cursor at all.
    #[error("`{0}` is not a live cursor: expected one from `head` or from an earlier payload, unchanged")]
    InvalidCursor(String),
    /// A cursor that another store gave.
    #[error("this cursor comes from another store: start again from `head`")]
    OtherStore,
    /// A cursor beyond everything stored.
    #[error("this cursor is ahead of everything stored here: start again from `head`")]
    FutureCursor,
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The feed of one gateway. Cheap to clone.
#[derive(Clone)]
pub struct Feed(Arc<Shared>);

struct Shared {
    reader: Reader,
    store_id: String,
    wake: Notify,
    batches: broadcast::Sender<Arc<Batch>>,
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
        tokio::spawn(feed.clone().hear(store.wakes().await?));
        Ok((feed, tail))
    }

    /// Tells the tail that something was committed.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// The live cursor of now.
    pub async fn head(&self) -> Result<LiveCursor, Error> {
        Ok(self.0.reader.live_cursor(self.0.reader.head().await?))
    }

    /// Every change after the cursor, in order and each once, then whatever comes; without a cursor, from now on. The stream
    /// ends when the gateway stops; a store that can't be read meanwhile is waited for.
    pub async fn subscribe(&self, after: Option<&str>) -> Result<impl Stream<Item = Arc<Batch>> + Send + 'static, Error> {
        let receiver = self.0.batches.subscribe();
        let head = self.0.reader.head().await?;
        let position = match after {
            None => head,
            Some(text) => {
                let cursor = LiveCursor::decode(text).ok_or_else(|| Error::InvalidCursor(text.chars().take(64).collect()))?;
                if cursor.store_id != self.0.store_id {
                    return Err(Error::OtherStore);
                }
                if cursor.position > head {
                    return Err(Error::FutureCursor);
                }
                cursor.position
            }
        };
        Ok(self.clone().changes(position, receiver))
    }

    fn changes(self, mut position: i64, mut receiver: broadcast::Receiver<Arc<Batch>>) -> impl Stream<Item = Arc<Batch>> + Send {
        async_stream::stream! {
            loop {
                // Boxed, since who is live does not need it.
                while let Some(batch) = Box::pin(self.stored_after(position)).await {
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
                        Ok(batch) => batch,
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

    /// The next stored changes after a position, or `None` when there are none, or the gateway stops. Tries again for as
    /// long as the store can't be read.
    async fn stored_after(&self, position: i64) -> Option<Arc<Batch>> {
        while !self.0.stop.is_cancelled() {
            match self.0.reader.changes_after(position, BATCH).await {
                Ok(changes) => return (!changes.is_empty()).then(|| Arc::new(Batch::new(changes))),
                Err(error) => {
                    tracing::warn!(%error, position, "changes can't be read, trying again");
                    tokio::select! {
                        () = tokio::time::sleep(RETRY) => {}
                        () = self.0.stop.cancelled() => {}
                    }
                }
            }
        }
        None
    }

    /// Wakes the tail when another gateway committed, as far as the database tells.
    async fn hear(self, mut wakes: Wakes) {
        while !self.0.stop.is_cancelled() {
            let heard = tokio::select! {
                heard = wakes.next() => heard,
                () = self.0.stop.cancelled() => return,
            };
            self.wake();
            if let Err(error) = heard {
                tracing::warn!(%error, "commits of other gateways are not heard just now");
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    async fn tail(self, mut position: i64) {
        while !self.0.stop.is_cancelled() {
            while let Some(batch) = self.stored_after(position).await {
                position = batch.end();
                // Without subscribers there is nobody to send to, which is no error.
                let _ = self.0.batches.send(batch);
            }
            tokio::select! {
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                () = self.0.stop.cancelled() => {}
            }
        }
    }
}

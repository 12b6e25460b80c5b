//! The writer: stores the waiting deliveries in one transaction, then answers all of them (group commit).
//!
//! Between batches it adds new texts to the search indexes: when many are waiting, and when it is idle.
//!
//! The queue is bounded; when it is full, senders get an error and retry (back-pressure). If a batch fails, its entries are
//! stored one by one, so that only the faulty entry fails. If an event of a restored log fails, the writer ends: later events
//! must not be stored without it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::{JoinHandle, spawn_blocking},
    time::timeout,
};

use crate::{
    clock::Clock,
    feed::Feed,
    store::{self, Appended, Entry, Store},
};

/// The number of deliveries after which new texts are added to the search indexes. Until then every search scans them.
const INDEX_AT: u32 = 1000;

/// The idle time after which new texts are added to the search indexes. Under a steady trickle of deliveries they are thus not
/// added one by one.
const IDLE: Duration = Duration::from_secs(2);

/// Settings of the writer.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The capacity of the queue, in deliveries.
    pub queue: usize,
    /// The largest number of deliveries in one transaction.
    pub batch: usize,
}

/// Why a delivery was not stored. The sender may retry it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The queue is full.
    #[error("too many deliveries are waiting to be stored")]
    Busy,
    /// The gateway is stopping.
    #[error("the gateway is stopping")]
    Stopped,
    /// The store failed.
    #[error("{0}")]
    Store(Arc<store::Error>),
}

struct Job {
    entry: Entry,
    arrived: Instant,
    answer: oneshot::Sender<Result<Appended, Error>>,
}

/// A handle to the writer. When the last clone is dropped, the writer stores its queue and ends.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the writer of a store. It wakes `feed`, if given, after each commit.
    pub fn start(store: Store, feed: Option<Feed>, clock: Clock, settings: Settings) -> (Self, JoinHandle<()>) {
        let (jobs, waiting) = mpsc::channel(settings.queue);
        // On its own thread, since SQLite blocks it.
        let runtime = Handle::current();
        let task = spawn_blocking(move || runtime.block_on(write(store, feed, clock, settings.batch, waiting)));
        (Self { jobs }, task)
    }

    /// Stores an entry. Fails immediately if the queue is full.
    pub async fn submit(&self, entry: Entry) -> Result<Appended, Error> {
        let (answer, answered) = oneshot::channel();
        self.jobs.try_send(Job { entry, arrived: Instant::now(), answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Stopped,
        })?;
        answered.await.unwrap_or(Err(Error::Stopped))
    }

    /// The number of deliveries in the queue, and its capacity.
    pub fn queued(&self) -> (usize, usize) {
        (self.jobs.max_capacity() - self.jobs.capacity(), self.jobs.max_capacity())
    }

    /// Stores an entry. Waits while the queue is full.
    pub async fn submit_waiting(&self, entry: Entry) -> Result<Appended, Error> {
        self.queue(entry).await?.await
    }

    /// Waits while the queue is full, then queues the entry and returns a future for its outcome. Entries are stored in the
    /// order in which they are queued.
    pub async fn queue(&self, entry: Entry) -> Result<impl Future<Output = Result<Appended, Error>> + use<>, Error> {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(Job { entry, arrived: Instant::now(), answer }).await.map_err(|_| Error::Stopped)?;
        Ok(async { answered.await.unwrap_or(Err(Error::Stopped)) })
    }
}

async fn write(store: Store, feed: Option<Feed>, clock: Clock, batch: usize, mut waiting: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(batch);
    // Texts that an earlier process left unindexed.
    let mut unindexed = store.unindexed(INDEX_AT).await.unwrap_or(INDEX_AT);
    loop {
        let received = waiting.recv_many(&mut jobs, batch);
        let received = if unindexed == 0 { Ok(received.await) } else { timeout(IDLE, received).await };
        match received {
            Ok(0) => break,
            Ok(_) => {}
            Err(_idle) => {
                index(&store, &mut unindexed).await;
                continue;
            }
        }
        unindexed = unindexed.saturating_add(u32::try_from(jobs.len()).unwrap_or(u32::MAX));
        let arrived: Vec<Instant> = jobs.iter().map(|job| job.arrived).collect();
        let (entries, answers): (Vec<Entry>, Vec<_>) = jobs.drain(..).map(|job| (job.entry, job.answer)).unzip();
        let began = Instant::now();
        let results = store_batch(&store, feed.as_ref(), &clock, &entries, &arrived).await;
        let broken = entries.iter().zip(&results).any(|(entry, result)| entry.seq().is_some() && result.is_err());
        if let Some(feed) = &feed {
            measure(feed, began, &results);
            feed.wake();
        }
        for (answer, result) in answers.into_iter().zip(results) {
            // A sender that disconnected gets no answer; the event stays stored.
            let _ = answer.send(result);
        }
        if broken {
            return;
        }
        if unindexed >= INDEX_AT {
            index(&store, &mut unindexed).await;
        }
    }
    if unindexed > 0 {
        index(&store, &mut unindexed).await;
    }
}

/// Records the metrics of a batch.
fn measure(feed: &Feed, began: Instant, results: &[Result<Appended, Error>]) {
    let metrics = feed.metrics();
    metrics.batch.record_count(results.len());
    metrics.commit_seconds.record_time(began.elapsed());
    if results.iter().any(Result::is_err) {
        metrics.batches_failed.increment();
    }
}

/// Adds new texts to the search indexes. If that fails, the texts keep waiting, and searches still find them.
async fn index(store: &Store, unindexed: &mut u32) {
    *unindexed = 0;
    if let Err(error) = store.index_searched().await {
        tracing::warn!(%error, "new texts could not be added to the search indexes");
    }
}

async fn store_batch(
    store: &Store,
    feed: Option<&Feed>,
    clock: &Clock,
    entries: &[Entry],
    arrived: &[Instant],
) -> Vec<Result<Appended, Error>> {
    match store_together(store, feed, clock, entries, arrived).await {
        Ok(appended) => appended.into_iter().map(Ok).collect(),
        Err(error) if entries.len() > 1 && !error.is_unavailable() => {
            tracing::warn!(%error, entries = entries.len(), "a batch could not be stored, storing its entries one by one");
            let (mut results, mut broken) = (Vec::with_capacity(entries.len()), false);
            for (entry, arrived) in entries.iter().zip(arrived) {
                if broken {
                    results.push(Err(Error::Stopped));
                    continue;
                }
                let (entries, arrived) = (std::slice::from_ref(entry), std::slice::from_ref(arrived));
                let alone = store_together(store, feed, clock, entries, arrived).await;
                broken = alone.is_err() && entry.seq().is_some();
                results.push(alone.map(|appended| appended[0]).map_err(|error| Error::Store(Arc::new(error))));
            }
            results
        }
        Err(error) => {
            let error = Error::Store(Arc::new(error));
            entries.iter().map(|_| Err(error.clone())).collect()
        }
    }
}

/// Stores entries in one transaction and records their times of arrival.
async fn store_together(
    store: &Store,
    feed: Option<&Feed>,
    clock: &Clock,
    entries: &[Entry],
    arrived: &[Instant],
) -> Result<Vec<Appended>, store::Error> {
    let note = |appended: &[Appended]| {
        let Some(feed) = feed else { return };
        feed.arrived(appended.iter().zip(arrived).filter_map(|(appended, arrived)| match appended {
            Appended::Event { seq, duplicate: false } => Some((*seq, *arrived)),
            _ => None,
        }));
    };
    store.append_with(entries, clock.now(), note).await
}

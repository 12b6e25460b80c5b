//! What has been received, counted without a lock, for all subscribers write here.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use tokio::{sync::Notify, time::Instant};

/// The width of a class of times.
const CLASS_MICROS: u64 = 50;

/// Times up to ten seconds; what is longer counts as that.
const CLASSES: usize = 200_000;

pub(crate) struct Tally {
    began: Instant,
    /// When each message was sent, in microseconds after `began`.
    sent: Vec<AtomicU64>,
    received: AtomicU64,
    awaited: AtomicU64,
    complete: Notify,
    classes: Vec<AtomicU32>,
}

impl Tally {
    pub(crate) fn new(messages: u64) -> Self {
        Self {
            began: Instant::now(),
            sent: (0..=messages).map(|_| AtomicU64::new(0)).collect(),
            received: AtomicU64::new(0),
            awaited: AtomicU64::new(u64::MAX),
            complete: Notify::new(),
            classes: (0..CLASSES).map(|_| AtomicU32::new(0)).collect(),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap()
    }

    /// A new measurement.
    pub(crate) fn begin(&self) {
        self.received.store(0, Relaxed);
        self.awaited.store(u64::MAX, Relaxed);
        for class in &self.classes {
            class.store(0, Relaxed);
        }
    }

    pub(crate) fn sent(&self, number: u64) {
        self.sent[usize::try_from(number).unwrap()].store(self.now(), Relaxed);
    }

    pub(crate) fn received(&self, number: u64) {
        let took = self.now() - self.sent[usize::try_from(number).unwrap()].load(Relaxed);
        let class = usize::try_from(took / CLASS_MICROS).unwrap().min(CLASSES - 1);
        self.classes[class].fetch_add(1, Relaxed);
        if self.received.fetch_add(1, Relaxed) + 1 >= self.awaited.load(Relaxed) {
            self.complete.notify_one();
        }
    }

    /// Waits until so much has been received.
    pub(crate) async fn wait_for(&self, count: u64) {
        self.awaited.store(count, Relaxed);
        while self.received.load(Relaxed) < count {
            tokio::select! {
                () = self.complete.notified() => {}
                // The last one may have come just before it was waited for.
                () = tokio::time::sleep(std::time::Duration::from_millis(5)) => {}
            }
        }
        assert_eq!(self.received.load(Relaxed), count, "nothing comes twice");
    }

    /// The time within which this part of all deliveries came, in milliseconds.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a part of a count")]
    pub(crate) fn percentile(&self, part: f64) -> f64 {
        let counts: Vec<u64> = self.classes.iter().map(|class| class.load(Relaxed).into()).collect();
        let rank = (counts.iter().sum::<u64>() as f64 * part) as u64;
        let mut below = 0;
        let class = counts.iter().position(|count| {
            below += count;
            below > rank
        });
        class.unwrap_or(CLASSES) as f64 * CLASS_MICROS as f64 / 1000.0
    }
}

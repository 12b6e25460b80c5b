//! Counts what all subscribers receive, without a lock since they count concurrently; and records errors.

use std::{
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::schedule::Schedule;

/// The width of a histogram bucket.
const CLASS: Duration = Duration::from_micros(20);

/// The longest time recorded, a minute; longer ones count as that.
const CLASSES: usize = 3_000_000;

/// The interval at which completion is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

#[derive(Default)]
pub(crate) struct Tally {
    received: AtomicU64,
    timed: OnceLock<Timed>,
    faults: Mutex<Faults>,
}

#[derive(Default)]
struct Faults {
    count: u64,
    first: Option<String>,
}

/// The delivery times of scheduled messages.
struct Timed {
    schedule: Schedule,
    classes: Vec<AtomicU32>,
}

impl Tally {
    /// From now on, records the times of the messages of this schedule, from their scheduled instants.
    pub(crate) fn time(&self, schedule: Schedule) {
        let timed = Timed { schedule, classes: (0..CLASSES).map(|_| AtomicU32::new(0)).collect() };
        assert!(self.timed.set(timed).is_ok(), "times are recorded once");
    }

    /// Records that a subscriber has received this message.
    pub(crate) fn received(&self, number: u64) {
        if let Some(timed) = self.timed.get()
            && let Some(at) = timed.schedule.at(number)
        {
            let class = at.elapsed().as_nanos() / CLASS.as_nanos();
            timed.classes[usize::try_from(class).unwrap().min(CLASSES - 1)].fetch_add(1, Relaxed);
        }
        self.received.fetch_add(1, Relaxed);
    }

    /// The number of deliveries so far.
    pub(crate) fn so_far(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// Records an error.
    pub(crate) fn fault(&self, what: impl FnOnce() -> String) {
        let mut faults = self.faults.lock().unwrap();
        faults.count += 1;
        faults.first.get_or_insert_with(what);
    }

    /// Fails if an error was recorded.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let faults = self.faults.lock().unwrap();
        match &faults.first {
            Some(first) if faults.count == 1 => bail!("{first}"),
            Some(first) => bail!("{first} (the first of {} faults)", faults.count),
            None => Ok(()),
        }
    }

    /// Waits until this number of deliveries is reached, and returns the instant; `None` after the time limit.
    pub(crate) async fn wait_for(&self, count: u64, patience: Duration) -> anyhow::Result<Option<Instant>> {
        let until = Instant::now() + patience;
        loop {
            self.check()?;
            let (received, now) = (self.so_far(), Instant::now());
            if received > count {
                bail!("{received} deliveries arrived, but only {count} were due");
            }
            if received == count {
                return Ok(Some(now));
            }
            if now > until {
                return Ok(None);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// The time within which this part of `of` scheduled deliveries arrived; `None` if fewer have arrived.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a part of a count")]
    pub(crate) fn percentile(&self, part: f64, of: u64) -> anyhow::Result<Option<Duration>> {
        let timed = self.timed.get().context("no times were recorded")?;
        let rank = ((of as f64 * part).ceil() as u64).max(1);
        let mut within = 0;
        let class = timed.classes.iter().position(|count| {
            within += u64::from(count.load(Relaxed));
            within >= rank
        });
        Ok(class.map(|class| CLASS * u32::try_from(class + 1).expect("there are fewer classes")))
    }
}

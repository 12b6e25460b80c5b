//! What has been received, counted without a lock, for all subscribers write here; and what went wrong for any of them.

use std::{
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::schedule::Schedule;

/// The width of a class of times.
const CLASS: Duration = Duration::from_micros(20);

/// Times up to a minute; what is longer counts as that.
const CLASSES: usize = 3_000_000;

/// How often it is looked whether all has come.
const LOOK: Duration = Duration::from_millis(2);

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

/// The times of messages that were sent by a schedule.
struct Timed {
    schedule: Schedule,
    classes: Vec<AtomicU32>,
}

impl Tally {
    /// From now on, takes the times of the messages of this schedule, counted from the scheduled instants.
    pub(crate) fn time(&self, schedule: Schedule) {
        let timed = Timed { schedule, classes: (0..CLASSES).map(|_| AtomicU32::new(0)).collect() };
        assert!(self.timed.set(timed).is_ok(), "times are taken once");
    }

    /// A subscriber has received this message.
    pub(crate) fn received(&self, number: u64) {
        if let Some(timed) = self.timed.get()
            && let Some(at) = timed.schedule.at(number)
        {
            let class = at.elapsed().as_nanos() / CLASS.as_nanos();
            timed.classes[usize::try_from(class).unwrap().min(CLASSES - 1)].fetch_add(1, Relaxed);
        }
        self.received.fetch_add(1, Relaxed);
    }

    /// How many deliveries there were.
    pub(crate) fn so_far(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// Something went wrong.
    pub(crate) fn fault(&self, what: impl FnOnce() -> String) {
        let mut faults = self.faults.lock().unwrap();
        faults.count += 1;
        faults.first.get_or_insert_with(what);
    }

    /// Fails if something went wrong.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let faults = self.faults.lock().unwrap();
        match &faults.first {
            Some(first) if faults.count == 1 => bail!("{first}"),
            Some(first) => bail!("{first} (the first of {} faults)", faults.count),
            None => Ok(()),
        }
    }

    /// Waits until so much has been received in all, and gives the instant; `None` if that takes too long.
    pub(crate) async fn wait_for(&self, count: u64, patience: Duration) -> anyhow::Result<Option<Instant>> {
        let until = Instant::now() + patience;
        loop {
            self.check()?;
            let (received, now) = (self.so_far(), Instant::now());
            if received > count {
                bail!("{received} deliveries came where {count} were due");
            }
            if received == count {
                return Ok(Some(now));
            }
            if now > until {
                return Ok(None);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The time within which this part of so many scheduled deliveries came; `None` if fewer have come.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a part of a count")]
    pub(crate) fn percentile(&self, part: f64, of: u64) -> anyhow::Result<Option<Duration>> {
        let timed = self.timed.get().context("no times were taken")?;
        let rank = ((of as f64 * part).ceil() as u64).max(1);
        let mut within = 0;
        let class = timed.classes.iter().position(|count| {
            within += u64::from(count.load(Relaxed));
            within >= rank
        });
        Ok(class.map(|class| CLASS * u32::try_from(class + 1).expect("there are fewer classes")))
    }
}

//! The updater: a task that updates live pages and live statistics.
//!
//! It follows the log behind the hub, and determines for each result whether a batch may concern it. It then updates the results
//! that are due: because of a change, because of the time, or because a follower needs a first state. It pauses between rounds,
//! so that changes in quick succession become one payload.
//!
//! A slow result does not delay others: the updater goes on, and checks that result again when its update is done. Changes read
//! during an update can't be judged by the old state, so they always make the result due again.

use std::{collections::HashSet, panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    sync::Semaphore,
    task::{JoinError, JoinSet},
    time::{Instant, sleep},
};

use super::{
    super::{
        live_result::{Objects, PreparedBatch},
        registry::LiveTopic,
        topic::{Payload, Topic},
    },
    Hub, patient,
};
use crate::{
    domain::change::SubjectType,
    graphql::error::Error,
    store::{self, Extent, Reader, StaffMark},
};

/// The pause between two rounds.
const PAUSE: Duration = Duration::from_millis(40);

/// The longest pause if nothing happens.
const POLL: Duration = Duration::from_secs(1);

/// The number of results that are updated concurrently.
const READS: usize = 4;

/// The outcome of an update.
type Advanced = (Arc<Topic>, Result<Option<Payload>, store::Error>);

/// The state of the task.
pub(super) struct Updater {
    hub: Arc<Hub>,
    /// Reads without restriction.
    reader: Reader,
    position: i64,
    staff: Option<StaffMark>,
    /// Updates in progress. Each is a task: it holds a connection, so it must go on while the updater waits for one.
    advancing: JoinSet<Advanced>,
    /// The topics, by address, whose results are being updated.
    busy: HashSet<usize>,
    reads: Arc<Semaphore>,
    /// When the database was last found unavailable. Nothing is started for a while after that.
    lost: Option<Instant>,
}

impl Updater {
    pub(super) fn new(hub: Arc<Hub>, reader: Reader, position: i64) -> Self {
        let reads = Arc::new(Semaphore::new(READS));
        let (advancing, busy) = (JoinSet::new(), HashSet::new());
        Self { hub, reader, position, staff: None, advancing, busy, reads, lost: None }
    }

    pub(super) async fn run(mut self) {
        let stop = self.hub.feed.stop().clone();
        let mut stopped = pin!(stop.cancelled());
        while !stop.is_cancelled() {
            let results = self.hub.registry().live_results();
            self.read_changes(&results).await;
            let has_started = self.start(&results);
            let mut pause = pin!(sleep(if has_started { PAUSE } else { self.until_due(&results) }));
            loop {
                tokio::select! {
                    () = &mut stopped => return,
                    Some(advanced) = self.advancing.join_next() => {
                        self.finish(advanced);
                        if !has_started {
                            break;
                        }
                    }
                    () = &mut pause => break,
                    () = self.hub.due.notified(), if !has_started => break,
                }
            }
        }
    }

    /// Starts updating the results that are due. Returns whether there were any.
    fn start(&mut self, results: &[LiveTopic]) -> bool {
        if self.lost.is_some_and(|lost| lost.elapsed() < POLL) {
            return false;
        }
        let (now, before) = (self.hub.clock.now(), self.advancing.len());
        for (topic, result) in results {
            if !self.is_busy(topic) && (topic.wants_start() || result.is_due(now)) {
                let (topic, result, reads) = (topic.clone(), result.clone(), self.reads.clone());
                self.busy.insert(address(&topic));
                let advance = async move {
                    let _permit = reads.acquire().await;
                    let advanced = AssertUnwindSafe(result.advance(topic.clone())).catch_unwind().await;
                    let advanced = advanced.unwrap_or_else(|_| {
                        // It ends this result alone.
                        topic.fail(Error::Internal);
                        Ok(None)
                    });
                    (topic, advanced)
                };
                self.advancing.spawn(advance);
            }
        }
        self.advancing.len() > before
    }

    fn finish(&mut self, advanced: Result<Advanced, JoinError>) {
        // Only the end of the process aborts it.
        let Ok((topic, advanced)) = advanced else { return };
        self.busy.remove(&address(&topic));
        match advanced {
            Ok(steps) => {
                self.hub.keep(&topic, steps.as_slice());
                topic.expect_turn(None);
                self.lost = None;
            }
            Err(error) => {
                if self.lost.replace(Instant::now()).is_none() {
                    tracing::warn!(%error, "live results can't be read, retrying");
                }
            }
        }
    }

    fn is_busy(&self, topic: &Arc<Topic>) -> bool {
        self.busy.contains(&address(topic))
    }

    /// Reads the log and passes the changes to all results.
    async fn read_changes(&mut self, results: &[LiveTopic]) {
        if results.is_empty() {
            self.position = self.hub.through();
            self.staff = None;
            return;
        }
        let types: Vec<SubjectType> = results.iter().filter_map(|(_, result)| result.objects()).collect();
        let depend_on_staff = results.iter().any(|(_, result)| result.depends_on_staff());
        while self.position < self.hub.through() {
            // Subscriptions to changes get the error; results wait until the log can be read again.
            let Ok(Some(batch)) = self.hub.feed.after(self.position).await else { return };
            let reader = &self.reader;
            // Objects that can't be read in time may have changed in any way.
            let objects = patient(|| Objects::read(reader, &batch, &types)).await.unwrap_or_default();
            let staff = if depend_on_staff { patient(|| staff_mark(reader)).await } else { None };
            let staff_changed = depend_on_staff && (staff.is_none() || staff != self.staff);
            let arrived = self.hub.feed.arrivals(&batch).first();
            let prepared = PreparedBatch::new(batch, self.hub.clock.now(), staff_changed, objects);
            self.position = prepared.end;
            self.staff = staff;
            for (topic, result) in results {
                if self.is_busy(topic) {
                    result.mark_due();
                } else {
                    result.check(&prepared);
                }
                if result.is_due(prepared.now) {
                    topic.expect_turn(arrived);
                }
            }
        }
    }

    /// How long until a result is due.
    fn until_due(&self, results: &[LiveTopic]) -> Duration {
        let now = self.hub.clock.now();
        let idle = results.iter().filter(|(topic, _)| !self.is_busy(topic));
        let next = idle.filter_map(|(_, result)| result.due()).min().filter(|_| self.lost.is_none());
        let milliseconds = next.map(|due| due.as_millis() - now.as_millis() + 1);
        let wait = milliseconds.map(|wait| Duration::from_millis(u64::try_from(wait).unwrap_or(1)));
        wait.map_or(POLL, |wait| wait.min(POLL))
    }
}

fn address(topic: &Arc<Topic>) -> usize {
    Arc::as_ptr(topic).addr()
}

async fn staff_mark(reader: &Reader) -> Result<StaffMark, store::Error> {
    let mark = reader.in_session(Extent::Statement, |mut session| async move {
        let mark = session.staff_mark().await;
        (session, mark)
    });
    mark.await?
}

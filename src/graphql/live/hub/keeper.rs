//! The keeper: one task that keeps live pages and live statistics up to date.
//!
//! It reads the log behind the hub, notes for each result whether a batch may concern it, and starts to bring those up to date
//! that are due: by a change, by the time, or because somebody begins to follow. Between two looks there is a pause, so that
//! changes close together become one payload.
//!
//! A result that takes long holds up no other: the keeper goes on, and looks at that one again when it is done. What is noted
//! meanwhile can't be judged by its old state, so it is due again whatever it was.

use std::{collections::HashSet, pin::pin, sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep},
};

use super::{
    super::{
        kept::{Noted, Objects},
        registry::Keeping,
        topic::{Payload, Topic},
    },
    Hub, patient,
};
use crate::{
    domain::change::SubjectType,
    store::{self, Extent, Reader, StaffMark},
};

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// The longest wait when nothing happens.
const POLL: Duration = Duration::from_secs(1);

/// Results that are read at the same time.
const READS: usize = 4;

/// A result that is being brought up to date.
type Advancing = BoxFuture<'static, (Arc<Topic>, Result<Option<Payload>, store::Error>)>;

/// The task.
pub(super) struct Keeper {
    hub: Arc<Hub>,
    /// Reads everything.
    reader: Reader,
    position: i64,
    staff: Option<StaffMark>,
    advancing: FuturesUnordered<Advancing>,
    /// Whose results are being brought up to date: the addresses of the topics.
    busy: HashSet<usize>,
    reads: Arc<Semaphore>,
    /// When the database was found out of reach: nothing is started for a while.
    lost: Option<Instant>,
}

impl Keeper {
    pub(super) fn new(hub: Arc<Hub>, reader: Reader, position: i64) -> Self {
        let reads = Arc::new(Semaphore::new(READS));
        let (advancing, busy) = (FuturesUnordered::new(), HashSet::new());
        Self { hub, reader, position, staff: None, advancing, busy, reads, lost: None }
    }

    pub(super) async fn run(mut self) {
        let stop = self.hub.feed.stop().clone();
        let mut stopped = pin!(stop.cancelled());
        while !stop.is_cancelled() {
            let keeping = self.hub.registry().keeping();
            self.note(&keeping).await;
            let has_started = self.start(&keeping);
            let mut pause = pin!(sleep(if has_started { PAUSE } else { self.until_due(&keeping) }));
            loop {
                tokio::select! {
                    () = &mut stopped => return,
                    Some((topic, advanced)) = self.advancing.next() => {
                        self.finish(&topic, advanced);
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

    /// Starts to bring up to date what is due. Whether anything was.
    fn start(&mut self, keeping: &[Keeping]) -> bool {
        if self.lost.is_some_and(|lost| lost.elapsed() < POLL) {
            return false;
        }
        let (now, before) = (self.hub.clock.now(), self.advancing.len());
        for (topic, kept) in keeping {
            if !self.is_busy(topic) && (topic.wants_start() || kept.is_due(now)) {
                let (topic, kept, reads) = (topic.clone(), kept.clone(), self.reads.clone());
                self.busy.insert(address(&topic));
                let advance = async move {
                    let _permit = reads.acquire().await;
                    let advanced = kept.advance(topic.clone()).await;
                    (topic, advanced)
                };
                self.advancing.push(advance.boxed());
            }
        }
        self.advancing.len() > before
    }

    fn finish(&mut self, topic: &Arc<Topic>, advanced: Result<Option<Payload>, store::Error>) {
        self.busy.remove(&address(topic));
        match advanced {
            Ok(steps) => {
                self.hub.keep(topic, steps.as_slice());
                topic.expect_turn(None);
                self.lost = None;
            }
            Err(error) => {
                if self.lost.replace(Instant::now()).is_none() {
                    tracing::warn!(%error, "live results can't be read, trying again");
                }
            }
        }
    }

    fn is_busy(&self, topic: &Arc<Topic>) -> bool {
        self.busy.contains(&address(topic))
    }

    /// Reads the log, and has all results take note.
    async fn note(&mut self, keeping: &[Keeping]) {
        if keeping.is_empty() {
            self.position = self.hub.through();
            self.staff = None;
            return;
        }
        let wanted: Vec<SubjectType> = keeping.iter().filter_map(|(_, kept)| kept.objects()).collect();
        let depend_on_staff = keeping.iter().any(|(_, kept)| kept.depends_on_staff());
        while self.position < self.hub.through() {
            // Whoever follows changes gets the error; results wait until the log can be read again.
            let Ok(Some(batch)) = self.hub.feed.after(self.position).await else { return };
            let reader = &self.reader;
            // Of objects that can't be read in time everything is possible.
            let objects = patient(|| Objects::read(reader, &batch, &wanted)).await.unwrap_or_default();
            let staff = if depend_on_staff { patient(|| staff_mark(reader)).await } else { None };
            let staff_changed = depend_on_staff && (staff.is_none() || staff != self.staff);
            let arrived = self.hub.feed.arrivals(&batch).first();
            let noted = Noted::new(batch, self.hub.clock.now(), staff_changed, objects);
            self.position = noted.end;
            self.staff = staff;
            for (topic, kept) in keeping {
                if self.is_busy(topic) {
                    kept.touch();
                } else {
                    kept.note(&noted);
                }
                if kept.is_due(noted.now) {
                    topic.expect_turn(arrived);
                }
            }
        }
    }

    /// How long nothing is due.
    fn until_due(&self, keeping: &[Keeping]) -> Duration {
        let now = self.hub.clock.now();
        let idle = keeping.iter().filter(|(topic, _)| !self.is_busy(topic));
        let next = idle.filter_map(|(_, kept)| kept.due()).min().filter(|_| self.lost.is_none());
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

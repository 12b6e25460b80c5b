//! The keeper: one task that keeps live pages and live statistics up to date.
//!
//! It reads the log behind the hub, notes for each result whether a batch may concern it, and brings those up to date that are
//! due: by a change, by the time, or because somebody begins to follow. Between two rounds there is a pause, so that changes
//! close together become one payload.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use super::{
    super::{
        kept::{Noted, Objects},
        registry::Keeping,
    },
    Hub, patient,
};
use crate::{
    domain::{change::SubjectType, time::Timestamp},
    feed::Batch,
    store::{Extent, Reader, StaffMark},
};

/// The pause between two rounds.
const PAUSE: Duration = Duration::from_millis(40);

/// The longest wait when nothing happens.
const POLL: Duration = Duration::from_secs(1);

/// Results that are read at the same time.
const READS: usize = 4;

/// The task.
pub(super) struct Keeper {
    hub: Arc<Hub>,
    /// Reads everything.
    reader: Reader,
    position: i64,
    staff: Option<StaffMark>,
}

impl Keeper {
    pub(super) fn new(hub: Arc<Hub>, reader: Reader, position: i64) -> Self {
        Self { hub, reader, position, staff: None }
    }

    pub(super) async fn run(mut self) {
        let stop = self.hub.feed.stop().clone();
        while !stop.is_cancelled() {
            let keeping = self.hub.registry().keeping();
            self.note(&keeping).await;
            let now = self.hub.clock.now();
            let due = keeping.iter().filter(|(topic, kept)| topic.wants_start() || kept.is_due(now));
            let mut advancing = Vec::new();
            for (topic, kept) in due {
                let (topic, advanced) = (topic.clone(), kept.clone().advance(topic.clone()));
                advancing.push(async move { (topic, advanced.await) });
            }
            let has_worked = !advancing.is_empty();
            stream::iter(advancing)
                .buffer_unordered(READS)
                .for_each(async |(topic, advanced)| match advanced {
                    Ok(steps) => self.hub.keep(&topic, steps.as_slice()),
                    Err(error) => tracing::warn!(%error, "a live result can't be read, trying again"),
                })
                .await;
            let wait = if has_worked { PAUSE } else { until_due(&keeping, now) };
            tokio::select! {
                () = sleep(wait) => {}
                () = self.hub.due.notified(), if !has_worked => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Reads the log, and has all results take note.
    async fn note(&mut self, keeping: &[Keeping]) {
        if keeping.is_empty() {
            self.position = self.hub.through();
            self.staff = None;
            return;
        }
        while self.position < self.hub.through() {
            // Whoever follows changes gets the error; results wait until the log can be read again.
            let Ok(Some(batch)) = self.hub.feed.after(self.position).await else { return };
            let Some(noted) = patient(|| self.noted(batch.clone(), keeping)).await else { return };
            let (noted, staff) = noted;
            self.position = noted.end;
            self.staff = staff;
            for (_, kept) in keeping {
                kept.note(&noted);
            }
        }
    }

    async fn noted(&self, batch: Batch, keeping: &[Keeping]) -> Result<(Noted, Option<StaffMark>), crate::store::Error> {
        let wanted: Vec<SubjectType> = keeping.iter().filter_map(|(_, kept)| kept.objects()).collect();
        let objects = Objects::read(&self.reader, &batch, &wanted).await?;
        let staff = if keeping.iter().any(|(_, kept)| kept.depends_on_staff()) {
            let mark = self.reader.in_session(Extent::Statement, |mut session| async move {
                let mark = session.staff_mark().await;
                (session, mark)
            });
            Some(mark.await??)
        } else {
            None
        };
        let noted = Noted::new(batch, self.hub.clock.now(), staff != self.staff, objects);
        Ok((noted, staff))
    }
}

/// How long nothing is due.
fn until_due(keeping: &[Keeping], now: Timestamp) -> Duration {
    let next = keeping.iter().filter_map(|(_, kept)| kept.due()).min();
    let milliseconds = next.map(|due| due.as_millis() - now.as_millis() + 1);
    let wait = milliseconds.map(|wait| Duration::from_millis(u64::try_from(wait).unwrap_or(1)));
    wait.map_or(POLL, |wait| wait.min(POLL))
}

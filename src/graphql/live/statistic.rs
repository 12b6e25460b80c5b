//! A live statistic: recomputed at most once a second, and only after a change that may concern it.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use async_graphql::{ServerError, Value};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::time::{Duration, Instant};

use super::{
    executed::Executed,
    live_result::{LiveResult, PreparedBatch},
    topic::{Payload, Start, Topic},
};
use crate::{
    domain::{
        change::{Change, SubjectType},
        dependency::Dependencies,
        time::Timestamp,
    },
    graphql::{code::UNAVAILABLE, subscription::CountedAt},
    store::{self, Extent, Reader, Store},
};

/// The shortest interval between two payloads.
const INTERVAL: Duration = Duration::from_secs(1);

/// A live statistic.
pub(super) struct Statistic {
    pub(super) executed: Executed,
    pub(super) store: Store,
    pub(super) reader: Reader,
    /// What the counts depend on.
    pub(super) depends: Dependencies,
    pub(super) through: Arc<AtomicI64>,
    pub(super) is_stale: AtomicBool,
    pub(super) state: Mutex<Option<State>>,
}

/// The last result.
pub(super) struct State {
    cursor: String,
    data: Bytes,
    counted: Instant,
    /// When the next ticket becomes overdue.
    due: Option<Timestamp>,
}

impl Statistic {
    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, store::Error> {
        if !self.depends.time {
            return Ok(None);
        }
        let due = self.reader.in_session(Extent::Statement, move |mut session| async move {
            let due = session.next_due(now).await;
            (session, due)
        });
        due.await?
    }

    /// Computes the statistic, and publishes it to the topic if it has changed.
    async fn count(&self, topic: &Arc<Topic>) -> Result<Option<Payload>, store::Error> {
        let now = self.executed.clock.now();
        let due = self.next_due(now).await?;
        let before = self.state().as_ref().map(|state| (state.cursor.clone(), state.data.clone()));
        let reader = self.store.snapshot_reader(self.reader.scope().clone());
        let position = reader.head().await?;
        let cursor = reader.live_cursor(position).to_string();
        // The cursor of the last payload is reused, so that an equal result gives an equal payload.
        let reused = before.as_ref().map_or(&cursor, |(cursor, _)| cursor);
        let mut payload = self.executed.payload(reader.clone(), position, CountedAt(reused.clone())).await;
        let is_same = payload.as_ref().zip(before.as_ref()).is_some_and(|(payload, (_, data))| payload.data == data);
        if !is_same && before.is_some() {
            payload = self.executed.payload(reader.clone(), position, CountedAt(cursor.clone())).await;
        }
        reader.finish().await;
        let Some(payload) = payload else { return Ok(None) };
        if payload.errors.iter().any(is_unavailable) {
            return Err(store::Error::Lost);
        }
        let (cursor, data) = match before {
            Some(before) if is_same => before,
            _ => (cursor, payload.data.clone()),
        };
        *self.state() = Some(State { cursor, data: data.clone(), counted: Instant::now(), due });
        let latest = Payload { data, ..payload };
        let start = Start { page: latest.clone(), unchanged: latest.clone() };
        let changed = (!is_same).then_some(latest);
        let place = topic.turn(changed.clone(), Some(start));
        self.through.store(position, Ordering::Release);
        Ok(changed.zip(place).map(|(changed, place)| Payload { place, ..changed }))
    }
}

/// Whether an error says that the database is unavailable.
fn is_unavailable(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code.is_some_and(|code| *code == Value::from(UNAVAILABLE))
}

impl LiveResult for Statistic {
    fn through(&self) -> &Arc<AtomicI64> {
        &self.through
    }

    fn check(&self, prepared: &PreparedBatch) {
        if prepared.end <= self.through.load(Ordering::Acquire) {
            return;
        }
        let is_touched = prepared.batch.iter().any(|change| self.depends.has(change.subject_type))
            || (self.depends.staff && prepared.staff_changed);
        if is_touched {
            self.mark_due();
        } else if !self.is_stale.load(Ordering::Acquire) {
            self.through.store(prepared.end, Ordering::Release);
        }
    }

    fn mark_due(&self) {
        self.is_stale.store(true, Ordering::Release);
    }

    fn depends_on_staff(&self) -> bool {
        self.depends.staff
    }

    fn objects(&self) -> Option<SubjectType> {
        None
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let state = self.state();
        let Some(state) = &*state else { return true };
        let is_touched = self.is_stale.load(Ordering::Acquire) || state.due.is_some_and(|due| due < now);
        is_touched && state.counted.elapsed() >= INTERVAL
    }

    fn due(&self) -> Option<Timestamp> {
        let state = self.state();
        let state = state.as_ref()?;
        let wait = INTERVAL.saturating_sub(state.counted.elapsed());
        let pending = self.is_stale.load(Ordering::Acquire).then(|| {
            let milliseconds = i64::try_from(wait.as_millis()).unwrap_or(0);
            Timestamp::clamped(self.executed.clock.now().as_millis() + milliseconds)
        });
        pending.or(state.due)
    }

    fn may_have_changed(&self, _: &[Change]) -> bool {
        true
    }

    fn advance(self: Arc<Self>, topic: Arc<Topic>) -> BoxFuture<'static, std::result::Result<Option<Payload>, store::Error>> {
        Box::pin(async move {
            self.is_stale.store(false, Ordering::Release);
            let counted = self.count(&topic).await;
            if counted.is_err() {
                self.mark_due();
            }
            match counted {
                Err(error) if !error.is_unavailable() => {
                    topic.fail(error.into());
                    Ok(None)
                }
                counted => counted,
            }
        })
    }
}

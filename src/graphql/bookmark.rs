//! The resume cursor of a subscription, exchanged between the subscription and its transport.
//!
//! A client of server-sent events repeats its original request when it reconnects, with the id of the last event it received in
//! `Last-Event-ID`. So the transport must learn the cursor of each result even if the client did not select it, and must be able
//! to override the argument `after`.
//!
//! ```text
//!   transport ── after ──▶ subscription ── begin ──▶ transport: the cursor before the first result
//!                               └── reach, result ──▶ transport: the cursor of that result
//! ```
//!
//! A subscription resolves one result at a time, so the cursor reached last is that of the last result.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use tokio::sync::SetOnce;

use crate::domain::change::LiveCursor;

/// No result yet.
const NOWHERE: i64 = -1;

/// The resume cursor of one subscription. A transport puts it into the request's data. Clones share their state.
#[derive(Clone, Debug, Default)]
pub struct Bookmark(Arc<State>);

#[derive(Debug)]
struct State {
    after: Option<String>,
    begun: SetOnce<Begun>,
    /// The position of the last result.
    reached: AtomicI64,
}

impl Default for State {
    fn default() -> Self {
        Self { after: None, begun: SetOnce::new(), reached: NOWHERE.into() }
    }
}

struct Begun {
    store_id: Arc<str>,
    position: i64,
    cursor: String,
    progress: Arc<dyn Progress>,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").field("cursor", &self.cursor).finish_non_exhaustive()
    }
}

/// How far a subscription has been looked through.
pub(super) trait Progress: Send + Sync {
    /// The position up to which nothing is left for somebody who has everything up to `position`.
    fn since(&self, position: i64) -> i64;
}

impl Bookmark {
    /// Resumes after `cursor`, which overrides the argument `after`.
    pub fn after(cursor: Option<String>) -> Self {
        Self(Arc::new(State { after: cursor, ..State::default() }))
    }

    /// Waits until the subscription has started, and returns the cursor that it started after.
    pub async fn begun(&self) -> &str {
        &self.0.begun.wait().await.cursor
    }

    /// The cursor of the last result. None before the first.
    pub fn reached(&self) -> Option<String> {
        let position = self.0.reached.load(Ordering::Acquire);
        Some(self.0.begun.get().filter(|_| position != NOWHERE)?.cursor(position))
    }

    /// The cursor up to which nothing is left for a client that has every result that was taken from the subscription. None
    /// before it has started.
    pub fn progress(&self) -> Option<String> {
        let begun = self.0.begun.get()?;
        let position = self.0.reached.load(Ordering::Acquire).max(begun.position);
        Some(begun.cursor(begun.progress.since(position)))
    }

    /// The cursor that the client resumes after, if it resumes.
    pub(super) fn left(&self) -> Option<&str> {
        self.0.after.as_deref()
    }

    /// The subscription has started after a position of a store.
    pub(super) fn begin(&self, store_id: Arc<str>, position: i64, progress: Arc<dyn Progress>) {
        let cursor = LiveCursor { store_id: store_id.to_string(), position }.to_string();
        // A document has one subscription root field, so this is called once.
        let _ = self.0.begun.set(Begun { store_id, position, cursor, progress });
    }

    /// A result was taken.
    pub(super) fn reach(&self, position: i64) {
        self.0.reached.store(position, Ordering::Release);
    }
}

impl Begun {
    fn cursor(&self, position: i64) -> String {
        LiveCursor { store_id: self.store_id.to_string(), position }.to_string()
    }
}

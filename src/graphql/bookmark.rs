//! The resume cursor of a subscription, exchanged between the subscription and its transport.
//!
//! A client of server-sent events repeats its original request when it reconnects, with the id of the last event it received in
//! `Last-Event-ID`. So the transport must learn the cursor of each result even if the client did not select it, and must be able
//! to override the argument `after`.
//!
//! ```text
//!   transport ── after ──▶ subscription ── begin ──▶ transport: the cursor before the first result
//!                               ├── reach, result ──▶ transport: the cursor of that result, which it took
//!                               └── pass ───────────▶ transport: progress, where nothing matched
//! ```
//!
//! A subscription resolves one result at a time, so the cursor reached last is that of the last result. It is progress only
//! once the transport has taken the result: until then a client that came back behind it would miss it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::SetOnce;

/// The resume cursor of one subscription. A transport puts it into the request's data. Clones share their state.
#[derive(Clone, Debug, Default)]
pub struct Bookmark(Arc<State>);

#[derive(Debug, Default)]
struct State {
    after: Option<String>,
    begin: SetOnce<String>,
    place: Mutex<Place>,
}

#[derive(Debug, Default)]
struct Place {
    reached: Option<String>,
    progress: Option<String>,
}

impl Bookmark {
    /// Resumes after `cursor`, which overrides the argument `after`.
    pub fn after(cursor: Option<String>) -> Self {
        Self(Arc::new(State { after: cursor, ..State::default() }))
    }

    /// Waits until the subscription has started, and returns the cursor that it started after.
    pub async fn begun(&self) -> &str {
        self.0.begin.wait().await
    }

    /// The transport has taken a result from the subscription. Gives the cursor of this result; none if it has none.
    pub fn took(&self) -> Option<String> {
        let mut place = self.place();
        let Place { reached, progress } = &mut *place;
        progress.clone_from(reached);
        reached.clone()
    }

    /// The cursor up to which everything was taken by the transport or did not match. It only goes on. None before the
    /// subscription has started, and for operations that are none.
    pub fn progress(&self) -> Option<String> {
        self.place().progress.clone().or_else(|| self.0.begin.get().cloned())
    }

    /// The cursor that the client resumes after, if it resumes.
    pub(super) fn left(&self) -> Option<&str> {
        self.0.after.as_deref()
    }

    pub(super) fn begin(&self, cursor: String) {
        // A document has one subscription root field, so this is called once.
        let _ = self.0.begin.set(cursor);
    }

    pub(super) fn reach(&self, cursor: &str) {
        self.place().reached = Some(cursor.to_owned());
    }

    /// Nothing is to come up to this cursor: all results before it were taken.
    pub(super) fn pass(&self, cursor: String) {
        self.place().progress = Some(cursor);
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.0.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

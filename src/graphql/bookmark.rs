//! The resume cursor of a subscription, shared between the subscription and its transport.
//!
//! After a reconnect, a client of server-sent events repeats its original request, with the id of the last event it received in
//! `Last-Event-ID`. So the transport must know the cursor of each result, even if the client did not select it, and must be
//! able to override the argument `after`.
//!
//! ```text
//!   transport ── after ──▶ subscription ── begin ──▶ transport: the cursor before the first result, if nothing is needed before
//!                               └── reach, result ──▶ transport: the cursor of that result, and progress where nothing matched
//! ```
//!
//! A result counts as reached when the transport takes it from the stream.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::SetOnce;

use crate::domain::change::LiveCursor;

/// The resume cursor of one subscription. A transport puts it into the request's data. Clones share their state.
#[derive(Clone, Debug, Default)]
pub struct Bookmark(Arc<State>);

#[derive(Debug, Default)]
struct State {
    after: Option<String>,
    begun: SetOnce<Begun>,
    /// The position of the last result.
    reached: Mutex<Option<Reached>>,
}

/// The position of a result.
#[derive(Clone, Copy, Debug)]
struct Reached {
    position: i64,
    /// For a live page, a digest of the page's state.
    page: Option<u64>,
}

struct Begun {
    store_id: Arc<str>,
    position: i64,
    /// The cursor to resume after without any result; `None` if the client needs the first result, which is a whole state.
    cursor: Option<String>,
    progress: Arc<dyn Progress>,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").field("cursor", &self.cursor).finish_non_exhaustive()
    }
}

/// How far a subscription has read the log.
pub(super) trait Progress: Send + Sync {
    /// The position up to which nothing is pending for a client that has every result up to `position`.
    fn since(&self, position: i64) -> i64;
}

impl Bookmark {
    /// Resumes after `cursor`, which overrides the argument `after`.
    pub fn after(cursor: Option<String>) -> Self {
        Self(Arc::new(State { after: cursor, ..State::default() }))
    }

    /// Waits until the subscription has started, and returns the cursor it starts after; `None` if a client can't resume before
    /// the first result.
    pub async fn begun(&self) -> Option<&str> {
        self.0.begun.wait().await.cursor.as_deref()
    }

    /// The cursor of the last result; `None` before the first.
    pub fn reached(&self) -> Option<String> {
        Some(self.0.begun.get()?.cursor(self.last()?))
    }

    /// The cursor up to which nothing is pending for a client that has received every result taken from the subscription.
    /// `None` before it has started, and if a client can't resume yet.
    pub fn progress(&self) -> Option<String> {
        let begun = self.0.begun.get()?;
        let at_start = || begun.cursor.as_ref().map(|_| Reached { position: begun.position, page: None });
        let last = self.last().or_else(at_start)?;
        Some(begun.cursor(Reached { position: begun.progress.since(last.position), ..last }))
    }

    /// The cursor to resume after, if the client resumes.
    pub(super) fn left(&self) -> Option<&str> {
        self.0.after.as_deref()
    }

    /// Records that the subscription has started after a position of a store. `is_first_needed` if its first result is a whole
    /// state that the client does not have.
    pub(super) fn begin(&self, store_id: Arc<str>, position: i64, is_first_needed: bool, progress: Arc<dyn Progress>) {
        let cursor = (!is_first_needed).then(|| LiveCursor::at(&store_id, position).to_string());
        // A document has one subscription root field, so this is called only once.
        let _ = self.0.begun.set(Begun { store_id, position, cursor, progress });
    }

    /// Records that a result was taken.
    pub(super) fn reach(&self, position: i64, page: Option<u64>) {
        *self.0.reached.lock().unwrap_or_else(PoisonError::into_inner) = Some(Reached { position, page });
    }

    fn last(&self) -> Option<Reached> {
        *self.0.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Begun {
    fn cursor(&self, Reached { position, page }: Reached) -> String {
        LiveCursor { store_id: self.store_id.to_string(), position, page }.to_string()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    struct Through(i64);

    impl Progress for Through {
        fn since(&self, position: i64) -> i64 {
            self.0.max(position)
        }
    }

    #[test]
    fn a_client_that_needs_the_first_result_can_not_resume_before_it() {
        let bookmark = Bookmark::default();
        bookmark.begin("store".into(), 3, true, Arc::new(Through(5)));
        assert_eq!((bookmark.begun().now_or_never(), bookmark.progress()), (Some(None), None));
        bookmark.reach(4, Some(9));
        let at = |position| LiveCursor { store_id: "store".into(), position, page: Some(9) }.to_string();
        assert_eq!((bookmark.reached(), bookmark.progress()), (Some(at(4)), Some(at(5))));
    }

    #[test]
    fn a_client_that_only_waits_for_changes_can_resume_from_the_start() {
        let bookmark = Bookmark::default();
        bookmark.begin("store".into(), 3, false, Arc::new(Through(5)));
        let at = |position| LiveCursor::at("store", position).to_string();
        assert_eq!((bookmark.begun().now_or_never(), bookmark.progress()), (Some(Some(&*at(3))), Some(at(5))));
    }
}

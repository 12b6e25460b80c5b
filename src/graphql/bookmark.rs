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

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::SetOnce;

/// The resume cursor of one subscription. A transport puts it into the request's data. Clones share their state.
#[derive(Clone, Debug, Default)]
pub struct Bookmark(Arc<State>);

#[derive(Debug, Default)]
struct State {
    after: Option<String>,
    begin: SetOnce<String>,
    reached: Mutex<Option<String>>,
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

    /// The cursor of the last result. None before the first.
    pub fn reached(&self) -> Option<String> {
        self.0.reached.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        *self.0.reached.lock().unwrap_or_else(PoisonError::into_inner) = Some(cursor.to_owned());
    }
}

//! A place in a subscription that its transport keeps for the client.
//!
//! A client of server-sent events remembers the id of the last event it got and names it when it comes back, whatever it
//! selects and whatever its request said at first. So the cursor has to leave the subscription beside the result, and come
//! back in beside the argument `after`, which it beats.
//!
//! ```text
//!   transport ── after ──▶ subscription ── begin ──▶ transport: the place before the first result
//!                               └── reach, result ──▶ transport: the place of that result
//! ```
//!
//! A subscription resolves one result at a time, so the place it reached last is the place of the result it gave last.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::SetOnce;

/// A place in one subscription. A transport puts it into the request's data. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Bookmark(Arc<Pages>);

#[derive(Debug, Default)]
struct Pages {
    after: Option<String>,
    begin: SetOnce<String>,
    reached: Mutex<Option<String>>,
}

impl Bookmark {
    /// The place where the client left: the subscription goes on after it.
    pub fn after(cursor: Option<String>) -> Self {
        Self(Arc::new(Pages { after: cursor, ..Pages::default() }))
    }

    /// The place that the subscription begins after, once it has begun.
    pub async fn begun(&self) -> &str {
        self.0.begin.wait().await
    }

    /// The place of the result that the subscription gave last.
    pub fn reached(&self) -> Option<String> {
        self.0.reached.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where the client left, if it was there before.
    pub(super) fn left(&self) -> Option<&str> {
        self.0.after.as_deref()
    }

    pub(super) fn begin(&self, cursor: String) {
        // A document has one subscription, so nobody was here before.
        let _ = self.0.begin.set(cursor);
    }

    pub(super) fn reach(&self, cursor: &str) {
        *self.0.reached.lock().unwrap_or_else(PoisonError::into_inner) = Some(cursor.to_owned());
    }
}

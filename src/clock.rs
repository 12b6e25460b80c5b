//! The clock: the one place that asks the machine for the time. Everyone else is given a [`Clock`], so tests are exact.

use std::{fmt, sync::Arc};

use crate::domain::time::Timestamp;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::told(|| {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
            let now = chrono::Utc::now();
            Timestamp::clamped(now.timestamp_millis())
        })
    }

    /// A clock that stands still.
    pub fn fixed(at: Timestamp) -> Self {
        Self::told(move || at)
    }

    /// A clock that shows what it is told, such as one that is put forward by hand.
    pub fn told(tell: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// The time it is.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

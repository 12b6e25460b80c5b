//! The end of a credential, which connections and operations that use it wait for.
//!
//! All identities of one API key share one [`Ending`], and so do all JWTs that expire in the same second. So idle connections
//! need no timers of their own.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
};

use tokio_util::sync::CancellationToken;

use crate::domain::time::Timestamp;

/// Why a credential is no longer valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was revoked.
    Revoked,
    /// It has expired.
    Expired,
}

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        })
    }
}

/// The shared end of one or several credentials.
#[derive(Debug, Default)]
pub(super) struct Ending {
    token: CancellationToken,
    why: OnceLock<End>,
}

impl Ending {
    /// Marks it as ended. Only the first call has an effect.
    pub(super) fn end(&self, why: End) {
        let _ = self.why.set(why);
        self.token.cancel();
    }

    /// The reason, if it has ended.
    pub(super) fn now(&self) -> Option<End> {
        self.token.is_cancelled().then(|| self.why.get().copied().unwrap_or(End::Revoked))
    }

    /// Waits until it ends.
    pub(super) async fn wait(&self) -> End {
        self.token.cancelled().await;
        self.why.get().copied().unwrap_or(End::Revoked)
    }
}

/// Endings at known times.
#[derive(Debug, Default)]
pub(super) struct Expiries(Mutex<BTreeMap<i64, Weak<Ending>>>);

impl Expiries {
    /// The ending of credentials that expire at `at`.
    pub(super) fn at(&self, at: Timestamp) -> Arc<Ending> {
        let mut endings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Rounded up, so that nothing ends early.
        let second = at.as_millis().saturating_add(999).div_euclid(1000);
        let slot = endings.entry(second).or_default();
        slot.upgrade().unwrap_or_else(|| {
            let ending = Arc::new(Ending::default());
            *slot = Arc::downgrade(&ending);
            ending
        })
    }

    /// Ends what has expired, and drops endings that are no longer used.
    pub(super) fn pass(&self, now: Timestamp) {
        let mut endings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        endings.retain(|second, ending| match ending.upgrade() {
            Some(ending) if second.saturating_mul(1000) <= now.as_millis() => {
                ending.end(End::Expired);
                false
            }
            Some(_) => true,
            None => false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expired_endings_end_and_unused_ones_are_dropped() {
        let expiries = Expiries::default();
        let at = |ms| Timestamp::from_millis(ms).unwrap();
        let (early, same, late) = (expiries.at(at(1500)), expiries.at(at(2000)), expiries.at(at(9000)));
        drop(expiries.at(at(5000)));
        assert!(Arc::ptr_eq(&early, &same));
        expiries.pass(at(1999));
        assert_eq!((early.now(), late.now()), (None, None));
        assert_eq!(expiries.0.lock().unwrap().len(), 2);
        expiries.pass(at(2000));
        assert_eq!((early.now(), late.now()), (Some(End::Expired), None));
    }
}

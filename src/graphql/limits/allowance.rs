//! Limits for each credential: complexity per minute, concurrent requests and live connections.
//!
//! They apply in addition to the limits of a single request, and are counted for each credential on each gateway. Complexity is
//! refilled at a constant rate (a leaky bucket): after an idle minute the whole amount is available again.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use async_graphql::{ErrorExtensionValues, ServerError, Value, value};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Excess;
use crate::graphql::{code, error::Limit};

/// The allowance of each credential of a role. `None` means no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Allowed {
    /// Complexity per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complexity_per_minute: Option<NonZeroU32>,
    /// Concurrent queries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_requests: Option<NonZeroU32>,
    /// Concurrent live connections: WebSocket, server-sent events, multipart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<NonZeroU32>,
}

type Rate = RateLimiter<governor::state::NotKeyed, governor::state::InMemoryState, DefaultClock, StateInformationMiddleware>;

/// The use of its allowance by one credential.
pub struct Allowance {
    rate: Option<(Rate, NonZeroU32)>,
    requests: Option<Arc<Semaphore>>,
    connections: Option<Arc<Semaphore>>,
}

/// Permission to run a request or hold a connection. Returned when dropped.
#[derive(Debug)]
pub struct Permit {
    _permit: Option<OwnedSemaphorePermit>,
}

/// The complexity left after a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    limit: u32,
    remaining: u32,
}

impl Left {
    /// The value of `extensions.rateLimit`.
    pub(super) fn shown(self) -> Value {
        let used = u64::from(self.limit.saturating_sub(self.remaining));
        let reset_seconds = (used * 60).div_ceil(u64::from(self.limit));
        value!({ "limit": self.limit, "remaining": self.remaining, "resetSeconds": reset_seconds })
    }
}

/// The allowance of a credential is used up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: retry in {} s", retry_after.as_secs())]
pub struct Used {
    what: &'static str,
    /// How long to wait before a retry, in whole seconds.
    pub retry_after: Duration,
}

impl Used {
    fn now(what: &'static str) -> Self {
        Self { what, retry_after: Duration::from_secs(1) }
    }
}

impl From<Used> for ServerError {
    fn from(used: Used) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code::RATE_LIMITED);
        extensions.set("retryAfterSeconds", used.retry_after.as_secs());
        Self { extensions: Some(extensions), ..Self::new(used.to_string(), None) }
    }
}

impl Allowance {
    /// A new allowance, nothing used.
    pub fn of(allowed: &Allowed) -> Self {
        let at_once = |most: Option<NonZeroU32>| most.map(|most| Arc::new(Semaphore::new(most.get() as usize)));
        let rate = allowed
            .complexity_per_minute
            .map(|most| (RateLimiter::direct(Quota::per_minute(most)).with_middleware::<StateInformationMiddleware>(), most));
        Self { rate, requests: at_once(allowed.concurrent_requests), connections: at_once(allowed.connections) }
    }

    /// Takes complexity. Fails if too little is left, or if the amount exceeds that of a whole minute.
    pub(super) fn spend(&self, complexity: u64) -> Result<Option<Left>, ServerError> {
        let Some((rate, limit)) = &self.rate else { return Ok(None) };
        let cost = u32::try_from(complexity).ok().and_then(|cost| NonZeroU32::new(cost.max(1))).unwrap_or(NonZeroU32::MAX);
        match rate.check_n(cost) {
            Ok(Ok(state)) => Ok(Some(Left { limit: limit.get(), remaining: state.remaining_burst_capacity() })),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                let retry_after = Duration::from_secs(wait.as_secs() + 1);
                Err(Used { what: "the complexity of this minute is used up", retry_after }.into())
            }
            Err(_) => {
                let excess = Excess { limit: Limit::Complexity, allowed: limit.get().into(), requested: complexity };
                Err(excess.into())
            }
        }
    }

    /// Begins a request.
    pub(super) fn begin(&self) -> Result<Permit, Used> {
        permit(self.requests.as_ref(), "too many requests run at the same time")
    }

    /// Opens a live connection.
    pub fn connect(&self) -> Result<Permit, Used> {
        permit(self.connections.as_ref(), "too many connections are open")
    }
}

fn permit(free: Option<&Arc<Semaphore>>, what: &'static str) -> Result<Permit, Used> {
    let permit = free.map(|free| free.clone().try_acquire_owned().map_err(|_| Used::now(what)));
    Ok(Permit { _permit: permit.transpose()? })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::{Allowance, Allowed};

    fn code(error: &async_graphql::ServerError) -> String {
        error.extensions.as_ref().and_then(|extensions| extensions.get("code")).unwrap().to_string()
    }

    #[test]
    fn complexity_runs_out_and_more_than_a_minutes_amount_is_never_allowed() {
        let allowance = Allowance::of(&Allowed { complexity_per_minute: NonZeroU32::new(100), ..Allowed::default() });
        let left = allowance.spend(60).unwrap().unwrap().shown();
        assert_eq!(left.to_string(), "{limit: 100, remaining: 40, resetSeconds: 36}");
        assert_eq!(code(&allowance.spend(60).unwrap_err()), r#""RATE_LIMITED""#);
        assert_eq!(code(&allowance.spend(101).unwrap_err()), r#""LIMIT_EXCEEDED""#);
        allowance.spend(0).unwrap();
    }

    #[test]
    fn permits_are_returned_when_dropped() {
        let one = NonZeroU32::new(1);
        let allowance = Allowance::of(&Allowed { concurrent_requests: one, connections: one, complexity_per_minute: None });
        let (request, connection) = (allowance.begin().unwrap(), allowance.connect().unwrap());
        assert!(allowance.begin().is_err() && allowance.connect().is_err());
        drop((request, connection));
        assert!(allowance.begin().is_ok() && allowance.connect().is_ok());
        assert!(allowance.spend(u64::MAX).unwrap().is_none(), "without a limit nothing is counted");
    }
}

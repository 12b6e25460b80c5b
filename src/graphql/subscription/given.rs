//! Payloads that are worked out elsewhere. Whoever executes a subscription for one of them puts it into the request's data, and
//! the field of the subscription answers with it alone. Its arguments were checked when the subscription started.

use std::sync::{Mutex, PoisonError};

use async_graphql::Context;

/// A payload in a request's data.
pub(in crate::graphql) struct Given<T>(Mutex<Option<T>>);

impl<T> Given<T> {
    /// The payload that the field will answer with.
    #[cfg_attr(not(test), expect(dead_code, reason = "what works payloads out is built on top"))]
    pub(in crate::graphql) fn of(payload: T) -> Self {
        Self(Mutex::new(Some(payload)))
    }
}

/// The payload that was put into the request's data for this field, if one was. It is taken out.
pub(super) fn given<T: Send + 'static>(ctx: &Context<'_>) -> Option<T> {
    ctx.data_opt::<Given<T>>()?.0.lock().unwrap_or_else(PoisonError::into_inner).take()
}

//! Payloads that were determined elsewhere. The executor of a single payload puts it into the request's data, and the
//! subscription field returns only that. Its arguments were checked when the subscription started.

use std::sync::{Mutex, PoisonError};

use async_graphql::Context;

/// A payload in a request's data.
pub(in crate::graphql) struct Given<T>(Mutex<Option<T>>);

impl<T> Given<T> {
    /// Wraps the payload for the field to return.
    pub(in crate::graphql) fn of(payload: T) -> Self {
        Self(Mutex::new(Some(payload)))
    }
}

/// Takes the payload for this field out of the request's data, if there is one.
pub(super) fn given<T: Send + 'static>(ctx: &Context<'_>) -> Option<T> {
    ctx.data_opt::<Given<T>>()?.0.lock().unwrap_or_else(PoisonError::into_inner).take()
}

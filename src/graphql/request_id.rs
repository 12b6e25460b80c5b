//! The id of a request in logs and in errors.

use std::{any::TypeId, sync::Arc};

use async_graphql::Request;

/// The id by which logs (`request_id`) and internal errors (`requestId`) refer to a request. A transport may put it into the
/// request's data; otherwise the schema generates one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

impl RequestId {
    /// The id of a request.
    pub(super) fn of(request: &Request) -> Self {
        let given = request.data.get(&TypeId::of::<Self>()).and_then(|id| id.downcast_ref::<Self>());
        given.cloned().unwrap_or_else(|| Self(format!("{:016x}", rand::random::<u64>()).into()))
    }
}

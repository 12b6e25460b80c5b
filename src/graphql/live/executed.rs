//! Payloads made by async-graphql, for documents with fields that plans don't support. Each payload is an execution of its own,
//! with the change in the request's data.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use futures_util::StreamExt;

use super::topic::{Payload, Place};
use crate::{
    clock::Clock,
    graphql::{
        completed::completed, document::Document, executor::Executor, request::RequestContext, request_id::RequestId,
        subscription::Given,
    },
    store::Reader,
};

/// A document that async-graphql executes for each payload.
pub(super) struct Executed {
    pub(super) executor: Executor,
    pub(super) document: Arc<Document>,
    pub(super) text: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Variables,
    pub(super) id: RequestId,
    /// Waits while the database is unavailable.
    pub(super) reader: Reader,
    pub(super) clock: Clock,
}

impl Executed {
    /// The payload for `given`; `None` if the document yields none.
    pub(super) async fn payload<T: Send + Sync + 'static>(&self, reader: Reader, position: i64, given: T) -> Option<Payload> {
        let mut request = Request::new(self.text.clone()).variables(self.variables.clone());
        request.operation_name.clone_from(&self.operation_name);
        request.data.insert(Arc::new(RequestContext::new(reader, &self.clock)));
        request.data.insert(Given::of(given));
        self.document.prepare(&mut request);
        let response = self.executor.execute_stream(request).boxed().next().await?;
        let response = completed(response, &self.id, Some(&self.document));
        let data = serde_json::to_vec(&response.data).expect("a GraphQL response is plain data");
        Some(Payload {
            place: Place::at(position),
            fingerprint: None,
            arrived: None,
            data: data.into(),
            errors: response.errors.into(),
        })
    }
}

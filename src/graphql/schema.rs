//! The schema that transports execute: async-graphql's schema in a wrapper that every request passes.
//!
//! The wrapper creates the context that a request's resolvers share, gives every error a code, and orders the keys of the
//! response. It is not an async-graphql extension, because an extension adds a call to the resolution of every field.
//!
//! A query reads one snapshot of the store, and its response reports the live cursor of that snapshot in
//! `extensions.position`: the response contains everything up to it, and a subscription `after` it delivers everything that
//! follows. A subscription reads the latest committed state, and waits while the database is unavailable.

use std::{any::TypeId, collections::HashMap, sync::Arc};

use async_graphql::{Data, Executor, Request, Response, ServerError, ValidationMode, Value};
use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use tracing::{Instrument, Span};

use super::{
    bookmark::Bookmark,
    completed::completed,
    document::Document,
    error::{Error, Result},
    executor,
    limits::{Introspection, Limited, Rules},
    live::{Live, Opened, Opening},
    plan::Answer,
    request::RequestContext,
    request_id::RequestId,
    role::{Masking, Role, Viewer},
    sdl::sdl,
};
use crate::{
    clock::Clock,
    domain::{scope::Scope, time::Timestamp},
    feed::Feed,
    store::{Reader, Store, Tally},
};

/// The schema with its request limits: what every transport executes. Cheap to clone.
pub type Api = Limited<Schema>;

/// The key in a response's `extensions` for the live cursor at which it was read.
const POSITION: &str = "position";

/// The schema over a store. Cheap to clone.
#[derive(Clone)]
pub struct Schema {
    types: executor::Executor,
    /// The executors for roles with masks, by role name.
    masking: Arc<HashMap<Arc<str>, executor::Executor>>,
    live: Live,
    store: Store,
    clock: Clock,
}

/// Builds the API for a store and its change feed. `clock` decides which tickets are overdue.
pub fn api<'r>(
    store: Store,
    feed: &Feed,
    clock: Clock,
    limits: impl Into<Rules>,
    roles: impl IntoIterator<Item = &'r Arc<Role>>,
) -> Api {
    Limited::new(schema(store, feed, clock, roles), &sdl(), limits, feed.metrics().clone())
}

/// Builds the schema without request limits.
pub(super) fn schema<'r>(store: Store, feed: &Feed, clock: Clock, roles: impl IntoIterator<Item = &'r Arc<Role>>) -> Schema {
    // Every document is validated beforehand (see `Document::validate`), so the executor runs only the rules that it needs
    // itself.
    let builder = || executor::builder().validation_mode(ValidationMode::Fast);
    let masked = roles.into_iter().filter(|role| !role.masks().is_empty());
    let masking = masked.map(|role| (role.name().clone(), builder().extension(Masking(role.masks().clone())).finish())).collect();
    let live = Live::new(store.clone(), feed.clone(), clock.clone());
    Schema { types: builder().finish(), masking: Arc::new(masking), live, store, clock }
}

/// The request data that a transport must supply: the client that the request is executed for. Without it, a request fails.
pub fn request_data(viewer: Viewer) -> Data {
    let mut data = Data::default();
    if let Some(allowance) = viewer.allowance() {
        data.insert(allowance.clone());
    }
    if !viewer.sees_schema() {
        data.insert(Introspection::Refused);
    }
    data.insert(viewer);
    data
}

impl Schema {
    /// Executes a query. A subscription needs [`Executor::execute_stream`].
    pub async fn execute(&self, mut request: Request) -> Response {
        let id = RequestId::of(&request);
        let document = Document::of(&mut request);
        let span = span(&id, &document);
        let execution = async {
            let (viewer, reader) = match self.admit(&mut request, Store::snapshot_reader) {
                Ok(admitted) => admitted,
                Err(error) => return refused(error),
            };
            if let Err(errors) = validated(&document, &request, &viewer) {
                return Response::from_errors(errors);
            }
            if let Some(response) = planned(&document, &request, &viewer, &reader, self.clock.now()).await {
                return response;
            }
            if let Ok(document) = &document {
                document.prepare(&mut request);
            }
            // Boxed, since the future is large and most queries are planned.
            let mut response = Box::pin(self.executor(&viewer).execute(request)).await;
            if let Some(position) = reader.finish().await {
                let cursor = reader.live_cursor(position).to_string();
                response.extensions.insert(POSITION.to_owned(), cursor.into());
            }
            response
        };
        let response = execution.instrument(span).await;
        completed(response, &id, document.as_deref().ok())
    }

    /// Adds the shared context of the request's resolvers, and returns the viewer and the reader.
    fn admit(&self, request: &mut Request, reader: impl FnOnce(&Store, Scope) -> Reader) -> Result<(Viewer, Reader)> {
        let viewer = request.data.get(&TypeId::of::<Viewer>()).and_then(|viewer| viewer.downcast_ref::<Viewer>());
        let Some(viewer) = viewer.cloned() else {
            tracing::error!("request without a viewer: its transport must set one with `request_data`");
            return Err(Error::Internal);
        };
        let mut reader = reader(&self.store, viewer.scope().clone());
        if let Some(tally) = request.data.get(&TypeId::of::<Tally>()).and_then(|tally| tally.downcast_ref::<Tally>()) {
            reader = reader.counted(tally);
        }
        request.data.insert(Arc::new(RequestContext::new(reader.clone(), &self.clock)));
        Ok((viewer, reader))
    }

    /// async-graphql's executor for a viewer.
    fn executor(&self, viewer: &Viewer) -> &executor::Executor {
        viewer.role().and_then(|role| self.masking.get(role.name())).unwrap_or(&self.types)
    }
}

impl Executor for Schema {
    async fn execute(&self, request: Request) -> Response {
        Self::execute(self, request).await
    }

    fn execute_stream(&self, mut request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let id = RequestId::of(&request);
        let document = Document::of(&mut request);
        let span = span(&id, &document);
        let opening = span.in_scope(|| {
            let (viewer, _) = self.admit(&mut request, Store::waiting_reader).map_err(|error| Box::new(refused(error)))?;
            validated(&document, &request, &viewer).map_err(|errors| Box::new(Response::from_errors(errors)))?;
            let document = document.map_err(|error| Box::new(Response::from_errors(vec![error])))?;
            let bookmark = request.data.get(&TypeId::of::<Bookmark>()).and_then(|data| data.downcast_ref::<Bookmark>()).cloned();
            let executor = self.executor(&viewer).clone();
            Ok::<_, Box<Response>>(Opening { request, document, viewer, executor, id: id.clone(), bookmark })
        });
        let opening = match opening {
            Ok(opening) => opening,
            Err(response) => return stream::once(async move { completed(*response, &id, None) }).boxed(),
        };
        let live = self.live.clone();
        let opened = async move {
            match live.open(opening).await {
                Opened::Follows(follower) => follower.boxed(),
                Opened::Failed(response) => stream::once(async { response }).boxed(),
                Opened::Refused(Opening { mut request, document, executor, id, .. }) => {
                    document.prepare(&mut request);
                    let responses = Executor::execute_stream(&executor, request, session_data);
                    responses.map(move |response| completed(response, &id, Some(&document))).boxed()
                }
            }
        };
        // Boxed separately, so that the stream does not reserve space for the state needed only to start it.
        opened.instrument(span).boxed().flatten_stream().boxed()
    }
}

/// The document of a request, or the error if it has none.
type Parsed = std::result::Result<Arc<Document>, ServerError>;

/// The response to a query that can be planned; `None` for any other.
async fn planned(document: &Parsed, request: &Request, viewer: &Viewer, reader: &Reader, now: Timestamp) -> Option<Response> {
    let plan = document.as_ref().ok()?.plan(&request.variables, viewer.masked())?;
    Some(match plan.answer(reader, &request.variables, now).await? {
        Ok(Answer { data, errors, position, .. }) => {
            let mut response = Response::new(Value::Binary(data.into()));
            response.errors = errors;
            if let Some(position) = position {
                response.extensions.insert(POSITION.to_owned(), position.into());
            }
            response
        }
        Err(error) => refused(error.into()),
    })
}

/// The data of a response. Data written by a plan is JSON already, held as [`Value::Binary`], which no type of the schema uses
/// otherwise.
pub fn data(response: &Response) -> serde_json::Result<serde_json::Value> {
    match &response.data {
        Value::Binary(json) => serde_json::from_slice(json),
        data => data.clone().into_json(),
    }
}

/// Validates the document of a request before execution.
fn validated(document: &Parsed, request: &Request, viewer: &Viewer) -> std::result::Result<(), Vec<ServerError>> {
    match document {
        Ok(document) => {
            document.validate(&request.variables)?;
            viewer.check(document, &request.variables).map_err(|error| vec![error])
        }
        Err(error) => Err(vec![error.clone()]),
    }
}

/// The span of a request: its log lines carry its id, under the same name as those of HTTP, and the name of its operation.
fn span(id: &RequestId, document: &Parsed) -> Span {
    let operation = document.as_ref().ok().and_then(|document| document.operation_name());
    tracing::info_span!("graphql", request_id = &*id.0, operation)
}

fn refused(error: Error) -> Response {
    let error = async_graphql::Error::from(error);
    Response::from_errors(vec![ServerError { extensions: error.extensions, ..ServerError::new(error.message, None) }])
}

//! The schema that transports execute: async-graphql's, behind a door that every request passes.
//!
//! The door makes what a request's resolvers share, gives a code to every error, and puts an answer into the order asked for.
//! It is no extension of async-graphql, since one of those would stand before every single field.
//!
//! A query reads one state of the store from its first statement to its last, and its answer says in `extensions.position`
//! at which live cursor that is: nothing before it is missing, and a subscription `after` it brings all that follows. A
//! subscription reads what is newest, and waits while the database is out of reach.

use std::{any::TypeId, sync::Arc};

use async_graphql::{Data, EmptyMutation, Executor, Request, Response, SDLExportOptions, ServerError};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tracing::{Instrument, Span};

use super::{
    Query, Subscription,
    arrange::{self, Arrangement},
    error::{Error, Result, with_code, with_request},
    limits::{Limited, Limits},
    request::RequestContext,
    request_id::RequestId,
};
use crate::{
    clock::Clock,
    domain::scope::Scope,
    feed::Feed,
    store::{Reader, Store},
};

type Types = async_graphql::Schema<Query, EmptyMutation, Subscription>;

/// The schema behind its limits: what every transport executes on. Cheap to clone.
pub type Api = Limited<Schema>;

/// Selections inside one another that async-graphql bears, fragments included; the limits allow fewer.
const MAX_RECURSION: usize = 100;

/// What an answer's `extensions` call the live cursor at which it was read.
const POSITION: &str = "position";

/// The schema over a store. Cheap to clone.
#[derive(Clone)]
pub struct Schema {
    types: Types,
    store: Store,
    clock: Clock,
}

/// The API over a store and the feed of its changes. `clock` tells which tickets are overdue.
pub fn api(store: Store, feed: Feed, clock: Clock, limits: Limits) -> Api {
    Limited::new(schema(store, feed, clock), &sdl(), limits)
}

/// The same without limits.
pub(super) fn schema(store: Store, feed: Feed, clock: Clock) -> Schema {
    let builder = Types::build(Query, EmptyMutation, Subscription).limit_recursive_depth(MAX_RECURSION);
    let types = builder.data(feed).finish();
    Schema { types, store, clock }
}

/// What a transport puts into a request's data: who reads. A request without it is refused.
pub fn request_data(scope: Scope) -> Data {
    let mut data = Data::default();
    data.insert(scope);
    data
}

/// The schema in GraphQL's own language, as `schema.graphql` holds it. It needs no store.
pub fn sdl() -> String {
    let types = Types::new(Query, EmptyMutation, Subscription);
    types.sdl_with_options(SDLExportOptions::new().prefer_single_line_descriptions().use_space_ident())
}

impl Schema {
    /// Answers a query. A subscription needs [`Executor::execute_stream`].
    pub async fn execute(&self, mut request: Request) -> Response {
        let id = RequestId::of(&request);
        let arrangement = Arrangement::of(&mut request);
        let execution = async {
            match self.admit(&mut request, Store::snapshot_reader) {
                Ok(reader) => {
                    let mut response = self.types.execute(request).await;
                    if let Some(position) = reader.finish().await {
                        let cursor = reader.live_cursor(position).to_string();
                        response.extensions.insert(POSITION.to_owned(), cursor.into());
                    }
                    response
                }
                Err(error) => refused(error),
            }
        };
        completed(execution.instrument(span(&id)).await, &id, &arrangement)
    }

    /// Gives the request what its resolvers share, and returns what they read with.
    fn admit(&self, request: &mut Request, reader: impl FnOnce(&Store, Scope) -> Reader) -> Result<Reader> {
        let Some(scope) = request.data.get(&TypeId::of::<Scope>()).and_then(|scope| scope.downcast_ref::<Scope>()) else {
            tracing::error!("a transport did not say who reads");
            return Err(Error::Internal);
        };
        let reader = reader(&self.store, *scope);
        request.data.insert(Arc::new(RequestContext::new(reader.clone(), self.clock.clone())));
        Ok(reader)
    }
}

impl Executor for Schema {
    async fn execute(&self, request: Request) -> Response {
        Self::execute(self, request).await
    }

    fn execute_stream(&self, mut request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let id = RequestId::of(&request);
        let span = span(&id);
        let arrangement = Arrangement::of(&mut request);
        let mut responses = span.in_scope(|| match self.admit(&mut request, Store::waiting_reader) {
            Ok(_) => Executor::execute_stream(&self.types, request, session_data),
            Err(error) => stream::once(async { refused(error) }).boxed(),
        });
        let responses = async_stream::stream! {
            while let Some(response) = responses.next().instrument(span.clone()).await {
                yield completed(response, &id, &arrangement);
            }
        };
        responses.boxed()
    }
}

/// The span of a request: its log lines carry its id, under the same name as those of HTTP.
fn span(id: &RequestId) -> Span {
    tracing::info_span!("graphql", request_id = &*id.0)
}

fn completed(mut response: Response, id: &RequestId, arrangement: &Arrangement) -> Response {
    arrange::with_nulls(&mut response.data, &response.errors);
    arrangement.arrange(&mut response.data);
    for error in &mut response.errors {
        with_code(error);
        with_request(error, id);
    }
    response
}

fn refused(error: Error) -> Response {
    let error = async_graphql::Error::from(error);
    Response::from_errors(vec![ServerError { extensions: error.extensions, ..ServerError::new(error.message, None) }])
}

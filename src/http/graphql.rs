//! `/graphql`: GraphQL over HTTP as its specification says, streams by `Accept`, WebSocket by upgrade, and the page for
//! browsers; beside it the SDL.
//!
//! ```text
//!   request ─ receive ─▶ weigh ─ which operation? ─▶ form of the answer, by accept ─▶ whole, or events, or parts
//!      │ refusal           │ errors                                  │ refusal
//!      ▼                   ▼                                         ▼
//!    4xx, JSON     whole, events or parts                      405, 406, JSON
//! ```
//!
//! | status | when |
//! |---|---|
//! | 200 | the request was executed; in `application/json` also when its document is wrong |
//! | 400 | no GraphQL request; in `application/graphql-response+json` also when its document is wrong |
//! | 405 | neither GET nor POST, a mutation by GET, a subscription by GET that asks for no stream |
//! | 406 | nothing that the client takes can be given |
//! | 408, 413 | the body is too slow, or too long |
//! | 415 | the body is not JSON |
//! | 503 | too many streams are open, the database is out of reach, or the gateway stops |
//!
//! Whatever the status, the body is a GraphQL response, and an error in it has its code.

mod accept;
mod events;
mod parts;
mod receive;
mod refusal;
mod stream;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{BatchRequest, Data, Executor as _, Request, Response, ServerError, parser::types::OperationType};
use axum::{
    extract::{self, State, ws::WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{self, IntoResponse},
};
use futures_util::{FutureExt, StreamExt, future::join_all};
use tokio_util::sync::CancellationToken;

use self::{
    accept::{Accept, Form},
    refusal::Refusal,
    stream::Results,
};
use super::{
    App, RETRY_AFTER,
    answer::{Answer, is_request_error, panicked},
    graphiql, header_list, text, websocket,
};
use crate::{
    domain::scope::Scope,
    graphql::{self, Bookmark, RequestId, error::code, limits::ReportComplexity},
};

/// The sockets over this schema.
pub type Sockets = websocket::Sockets<graphql::Api>;

/// What one request may take. What its operation may take is limited by [`graphql::limits`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest body, in bytes.
    pub max_body_bytes: usize,
    /// How long the body may take to arrive.
    pub read_timeout: Duration,
    /// How many requests one body may hold as an array; at 0, none may come so.
    pub max_batch: usize,
    /// The time between two signs of life in a stream.
    pub heartbeat: Duration,
}

/// What `/graphql` needs.
#[derive(Clone)]
pub(super) struct Api {
    schema: graphql::Api,
    sockets: Sockets,
    limits: Limits,
    stop: CancellationToken,
}

impl Api {
    pub(super) fn new(app: &App, sockets: Sockets) -> Self {
        Self { schema: app.schema.clone(), sockets, limits: app.graphql.clone(), stop: app.stop.clone() }
    }
}

/// The sockets of an app.
pub(super) fn sockets(app: &App) -> Sockets {
    let origins = app.origins.clone();
    let data: websocket::OperationData = Arc::new(|| graphql::request_data(Scope::Everything));
    let hooks = websocket::Hooks {
        allow_origin: Box::new(move |headers| origins.allows_handshake(headers)),
        admit: Box::new(move |_, _| Ok(data.clone())),
    };
    websocket::Sockets::new(app.schema.clone(), app.websocket.clone(), hooks, app.stop.clone())
}

/// Whatever comes to `/graphql`.
pub(super) async fn serve(
    State(api): State<Api>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: extract::Request,
) -> response::Response {
    if let Ok(upgrade) = upgrade {
        return api.sockets.upgrade(request.headers().clone(), upgrade);
    }
    if request.method() == Method::GET && wants_page(&request) {
        return graphiql::page(request.headers());
    }
    let accept = Accept::of(request.headers());
    let answered = api.answer(request, &accept).await;
    let mut response = answered.unwrap_or_else(|refusal| refusal.respond(accept.best_whole()));
    response.headers_mut().append(header::VARY, header::ACCEPT.into());
    response
}

/// Whatever comes to `/graphql` before there is a database.
pub(super) async fn not_ready(headers: HeaderMap) -> response::Response {
    Refusal::NotReady.respond(Accept::of(&headers).best_whole())
}

/// Whether a browser asks for a page, rather than a client for data.
fn wants_page(request: &extract::Request) -> bool {
    let accepts_html = header_list::items(request.headers(), header::ACCEPT)
        .any(|range| header_list::value(range).eq_ignore_ascii_case("text/html"));
    accepts_html && !request.uri().query().is_some_and(|query| query.contains("query="))
}

/// Who reads, what the request is called, and whether its complexity is to be told.
fn request_data(headers: &HeaderMap) -> Data {
    let mut data = graphql::request_data(Scope::Everything);
    if let Some(id) = text(headers, "x-request-id") {
        data.insert(RequestId(id.into()));
    }
    if headers.contains_key("x-report-complexity") {
        data.insert(ReportComplexity);
    }
    data
}

impl Api {
    async fn answer(&self, request: extract::Request, accept: &Accept) -> Result<response::Response, Refusal> {
        let best = accept.best().ok_or(Refusal::NotAcceptable(
            "application/json, application/graphql-response+json, text/event-stream and multipart/mixed are there",
        ))?;
        let by_get = request.method() != Method::POST;
        let headers = request.headers().clone();
        let left = text(&headers, "last-event-id").filter(|id| !id.is_empty()).map(str::to_owned);
        match receive::receive(request, &self.limits).await? {
            BatchRequest::Single(mut request) => {
                request.data = request_data(&headers);
                self.answer_one(request, by_get, left, best, accept).await
            }
            BatchRequest::Batch(requests) => {
                let answers = join_all(requests.into_iter().map(|mut request| {
                    request.data = request_data(&headers);
                    self.execute(request)
                }));
                let answers = answers.await;
                let answers: Vec<_> = answers.iter().map(Answer).collect();
                Ok(json(StatusCode::OK, accept.best_whole(), &answers))
            }
        }
    }

    async fn answer_one(
        &self,
        mut request: Request,
        by_get: bool,
        left: Option<String>,
        best: Form,
        accept: &Accept,
    ) -> Result<response::Response, Refusal> {
        let operation = match self.schema.weigh(&mut request) {
            Ok(operation) => operation,
            Err(error) => {
                let response = Response::from_errors(vec![error]);
                return if best.is_stream() { self.stream(best, Results::one(response)) } else { Ok(whole(best, &response)) };
            }
        };
        let form = match operation {
            Some(OperationType::Mutation) if by_get => return Err(Refusal::ByPostOnly("mutations are done")),
            Some(OperationType::Subscription) => match accept.best_stream() {
                Some(form) => form,
                None if by_get => return Err(Refusal::ByPostOnly("without a stream in `Accept`, this is answered")),
                None => {
                    return Err(Refusal::NotAcceptable(
                        "a subscription is answered in text/event-stream or multipart/mixed;subscriptionSpec=1.0, \
                         or over WebSocket",
                    ));
                }
            },
            _ => best,
        };
        if !form.is_stream() {
            return Ok(whole(form, &self.execute(request).await));
        }
        let bookmark = Bookmark::after(left.filter(|_| form == Form::Events));
        request.data.insert(bookmark.clone());
        let mut responses = self.schema.execute_stream(request, None).peekable();
        if operation == Some(OperationType::Subscription) {
            // One that can't begin now is not begun, so that the client comes back.
            let failed = tokio::select! {
                biased;
                _ = bookmark.begun() => None,
                first = Pin::new(&mut responses).peek() => first.filter(|response| is_unavailable(response)),
            };
            if let Some(response) = failed {
                return Ok(whole(accept.best_whole(), response));
            }
        }
        let responses = responses.boxed();
        self.stream(form, Results { responses, last: operation == Some(OperationType::Subscription), bookmark })
    }

    fn stream(&self, form: Form, results: Results) -> Result<response::Response, Refusal> {
        let held = self.sockets.hold().ok_or(Refusal::Full)?;
        let write = if form == Form::Events { events::write } else { parts::write };
        let body = stream::body(results, write, self.limits.heartbeat, self.stop.clone(), held);
        // Proxies must neither keep what comes nor wait for more of it.
        let no_cache = HeaderValue::from_static("no-cache");
        let no_buffer = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
        let headers = [(header::CONTENT_TYPE, form.content_type()), (header::CACHE_CONTROL, no_cache), no_buffer];
        Ok((headers, body).into_response())
    }

    /// Executes a request that is answered once. A panic ends that request alone.
    async fn execute(&self, request: Request) -> Response {
        let execution = AssertUnwindSafe(self.schema.execute(request)).catch_unwind();
        execution.await.unwrap_or_else(|_| Response::from_errors(vec![panicked()]))
    }
}

/// A result in a form that holds one.
fn whole(form: Form, response: &Response) -> response::Response {
    let mut answer = json(status(form, response), form, &Answer(response));
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    }
    answer
}

/// Whether something could not be read because the database is out of reach.
fn is_unavailable(response: &Response) -> bool {
    let unavailable = async_graphql::Value::from(code::UNAVAILABLE);
    let code = |error: &ServerError| error.extensions.as_ref().and_then(|extensions| extensions.get("code")).cloned();
    response.errors.iter().any(|error| code(error).as_ref() == Some(&unavailable))
}

/// In `application/json` a client can't tell whose status it is, so the specification wants 200 for every GraphQL response
/// that was executed. One that lacks what could not be read just now is none: it should be asked for again.
fn status(form: Form, response: &Response) -> StatusCode {
    if is_unavailable(response) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    if form == Form::Json || !is_request_error(response) {
        return StatusCode::OK;
    }
    let code = response.errors[0].extensions.as_ref().and_then(|extensions| extensions.get("code"));
    match code {
        Some(async_graphql::Value::String(code)) if code == code::INTERNAL => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn json(status: StatusCode, form: Form, body: &impl serde::Serialize) -> response::Response {
    let body = serde_json::to_string(body).expect("a GraphQL response is plain data");
    (status, [(header::CONTENT_TYPE, form.content_type())], body).into_response()
}

/// `GET /schema.graphql`
pub(super) async fn sdl() -> response::Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], graphql::sdl()).into_response()
}

//! `/graphql`: GraphQL over HTTP as specified, streams by `Accept`, WebSocket by upgrade, and the GraphiQL page for
//! browsers; also `/schema.graphql`.
//!
//! ```text
//!   request ─ receive ─▶ weigh ─ operation type ─▶ format of the response, by accept ─▶ single, sse or multipart
//!      │ refusal           │ errors                            │ refusal
//!      ▼                   ▼                                   ▼
//!    4xx, JSON     single, sse or multipart              405, 406, JSON
//! ```
//!
//! | status | when |
//! |---|---|
//! | 200 | the request was executed; for `application/json` also if its document is invalid |
//! | 400 | not a GraphQL request; for `application/graphql-response+json` also if its document is invalid |
//! | 401 | the credential is missing or invalid |
//! | 403 | the client is not allowed to make this request; for `application/json` it is 200 |
//! | 405 | neither GET nor POST, a mutation by GET, a subscription by GET without a stream in `Accept` |
//! | 406 | no format in `Accept` is available |
//! | 408, 413 | the body arrives too slowly, or is too large |
//! | 415 | the body is not JSON |
//! | 429 | the credential's allowance is used up |
//! | 503 | too many streams are open, the database is unavailable, or the gateway is stopping |
//!
//! The client is authenticated before anything else is read. Only the page is public.
//!
//! For every status the body is a GraphQL response, and each error in it has a code.

mod accept;
mod caching;
mod multipart;
mod receive;
mod refusal;
mod sse;
mod stream;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{BatchRequest, Data, Executor as _, Request, Response, ServerError, parser::types::OperationType};
use axum::{
    extract::{self, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{self, IntoResponse},
};
use futures_util::{FutureExt, StreamExt, future::join_all};
use tokio_util::sync::CancellationToken;

use self::{
    accept::{Accept, Format},
    caching::{Caching, NOT_KEPT},
    refusal::Refusal,
    stream::Results,
};
use super::{
    App, RETRY_AFTER,
    answer::{Answer, is_request_error, panicked},
    client::{Authenticator, Client},
    graphiql, header_list, problem, text, websocket,
};
use crate::{
    access,
    graphql::{
        self, Bookmark, RequestId,
        error::code,
        limits::{Introspection, ReportComplexity},
    },
    metrics::Transport,
};

/// The WebSocket connections of this schema.
pub type Sockets = websocket::Sockets<graphql::Api>;

/// The limits of one HTTP request. Operations are limited by [`graphql::limits`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum size of the body, in bytes.
    pub max_body_bytes: usize,
    /// How long the body may take to arrive.
    pub read_timeout: Duration,
    /// The maximum number of requests in a batch (a JSON array); 0 refuses batches.
    pub max_batch: usize,
    /// The interval of heartbeats in an idle stream.
    pub heartbeat: Duration,
}

/// The state of `/graphql`.
pub(super) struct Api {
    schema: graphql::Api,
    authenticator: Authenticator,
    sockets: Sockets,
    limits: Limits,
    has_page: bool,
    stop: CancellationToken,
}

impl Api {
    pub(super) fn new(app: &App, sockets: Sockets) -> Self {
        let (schema, authenticator, stop) = (app.schema.clone(), app.authenticator(), app.stop.clone());
        Self { schema, authenticator, sockets, limits: app.graphql.clone(), has_page: app.graphiql, stop }
    }
}

/// The WebSocket connections of an app.
pub(super) fn sockets(app: &App) -> Sockets {
    let (origins, authenticator) = (app.origins.clone(), app.authenticator());
    let hooks = websocket::Hooks {
        allow_origin: Box::new(move |headers| origins.allows_handshake(headers)),
        admit: Box::new(move |handshake, init| admit(authenticator.clone(), handshake, init).boxed()),
    };
    websocket::Sockets::new(app.schema.clone(), app.websocket.clone(), hooks, app.stop.clone())
}

/// Authenticates the client of a socket.
async fn admit(
    authenticator: Authenticator,
    handshake: Box<Parts>,
    init: serde_json::Map<String, serde_json::Value>,
) -> Result<websocket::Admitted, websocket::Refused> {
    let client = authenticator.client_of_socket(&handshake, &init).await.map_err(|refused| match refused {
        access::Refused::Missing => websocket::Refused::Unauthorized,
        access::Refused::Invalid { .. } => websocket::Refused::Forbidden("Forbidden".to_owned()),
        access::Refused::Unavailable => websocket::Refused::Unavailable,
    })?;
    let ended = if client.may_end() {
        client.ended().map(|_| websocket::Refused::Forbidden("Forbidden".to_owned())).boxed()
    } else {
        // It has no state, so boxing it does not allocate.
        std::future::pending().boxed()
    };
    let permit = client.viewer().connect().map_err(|_| websocket::Refused::Limited)?;
    let operation_data: websocket::OperationData = Arc::new(move || {
        // Held for as long as the connection can start operations.
        let _held = &permit;
        let mut data = client.request_data();
        data.insert(Transport::WebSocket);
        data
    });
    Ok(websocket::Admitted { operation_data, ended })
}

/// Handles any request to `/graphql`.
pub(super) async fn serve(
    State(api): State<Arc<Api>>,
    upgrade: Result<websocket::Upgrade, websocket::NotAnUpgrade>,
    request: extract::Request,
) -> response::Response {
    if let Ok(upgrade) = upgrade {
        return api.sockets.upgrade(request.into_parts().0, upgrade);
    }
    if request.method() == Method::GET && wants_page(&request) {
        if api.has_page {
            return graphiql::page(request.headers());
        }
        return problem(StatusCode::NOT_FOUND, "GraphiQL is turned off by the setting graphql.graphiql");
    }
    let accept = Accept::of(request.headers());
    let caching = Caching::of(&request);
    let answered = api.answer(request, &accept).await;
    let mut response = answered.unwrap_or_else(|refusal| refusal.respond(accept.best_single()));
    caching.mark(&mut response);
    response
}

/// Handles any request to `/graphql` while the store is not open.
pub(super) async fn not_ready(headers: HeaderMap) -> response::Response {
    Refusal::NotReady.respond(Accept::of(&headers).best_single())
}

/// Whether this is a browser that requests the page, rather than a client that requests data.
fn wants_page(request: &extract::Request) -> bool {
    let accepts_html = header_list::items(request.headers(), header::ACCEPT)
        .any(|range| header_list::value(range).eq_ignore_ascii_case("text/html"));
    let is_request = |query: &str| ["query=", "documentId=", "extensions="].iter().any(|name| query.contains(name));
    accepts_html && !request.uri().query().is_some_and(is_request)
}

/// The request data for plain HTTP, with the id for logs and whether to report the complexity.
fn http_data(client: &Client, headers: &HeaderMap) -> Data {
    let mut data = client.request_data();
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
        let (head, body) = request.into_parts();
        let client = self.authenticator.client_of_request(&head).await?;
        tokio::select! {
            biased;
            end = client.ended() => Err(end.into()),
            answered = self.answer_to(&client, extract::Request::from_parts(head, body), accept) => answered,
        }
    }

    async fn answer_to(
        &self,
        client: &Client,
        request: extract::Request,
        accept: &Accept,
    ) -> Result<response::Response, Refusal> {
        let best = accept.best().ok_or(Refusal::NotAcceptable(
            "application/json, application/graphql-response+json, text/event-stream and \
             multipart/mixed;subscriptionSpec=1.0 are available",
        ))?;
        let by_get = request.method() != Method::POST;
        let headers = request.headers().clone();
        let last_event_id = text(&headers, "last-event-id").filter(|id| !id.is_empty()).map(str::to_owned);
        match receive::receive(request, &self.limits).await? {
            BatchRequest::Single(mut request) => {
                request.data = http_data(client, &headers);
                self.answer_one(client, request, by_get, last_event_id, best, accept).await
            }
            BatchRequest::Batch(requests) => {
                let answers = join_all(requests.into_iter().map(|mut request| {
                    request.data = http_data(client, &headers);
                    self.execute(request)
                }));
                let answers = answers.await;
                Ok(json(StatusCode::OK, accept.best_single(), batch(&answers)))
            }
        }
    }

    async fn answer_one(
        &self,
        client: &Client,
        mut request: Request,
        by_get: bool,
        last_event_id: Option<String>,
        best: Format,
        accept: &Accept,
    ) -> Result<response::Response, Refusal> {
        let operation = match self.schema.weigh(&mut request) {
            Ok(operation) => operation,
            Err(error) => {
                let response = Response::from_errors(vec![error]);
                return Ok(if best.is_stream() {
                    self.stream(client, best, Results::one(response), self.permit(client)?)
                } else {
                    single(best, &response)
                });
            }
        };
        let format = match operation {
            Some(OperationType::Mutation) if by_get => return Err(Refusal::PostOnly("a mutation")),
            Some(OperationType::Subscription) => match accept.best_stream() {
                Some(format) => format,
                None if by_get => return Err(Refusal::PostOnly("a subscription without a stream in `Accept`")),
                None => {
                    return Err(Refusal::NotAcceptable(
                        "a subscription needs text/event-stream or multipart/mixed;subscriptionSpec=1.0, or WebSocket",
                    ));
                }
            },
            _ => best,
        };
        if !format.is_stream() {
            return Ok(single(format, &self.execute(request).await));
        }
        let permit = self.permit(client)?;
        let bookmark = Bookmark::after(last_event_id.filter(|_| format == Format::EventStream));
        request.data.insert(bookmark.clone());
        request.data.insert(if format == Format::EventStream { Transport::Sse } else { Transport::Multipart });
        // 503 and 429 make the client retry; an error within a stream would not.
        let is_retried = |response: &Response| is_unavailable(response) || is_rate_limited(response);
        if operation != Some(OperationType::Subscription) {
            let response = self.execute(request).await;
            return Ok(if is_retried(&response) {
                single(accept.best_single(), &response)
            } else {
                self.stream(client, format, Results::one(response), permit)
            });
        }
        let mut responses = self.schema.execute_stream(request, None).peekable();
        let failed = tokio::select! {
            biased;
            _ = bookmark.begun() => None,
            first = Pin::new(&mut responses).peek() => first.filter(|response| is_retried(response)),
        };
        if let Some(response) = failed {
            return Ok(single(accept.best_single(), response));
        }
        let results = Results { responses: responses.boxed(), is_live: true, bookmark };
        Ok(self.stream(client, format, results, permit))
    }

    /// A share of the live connections, of the gateway and of the client.
    fn permit(&self, client: &Client) -> Result<impl Send + use<>, Refusal> {
        Ok((self.sockets.acquire().ok_or(Refusal::Full)?, client.viewer().connect()?))
    }

    fn stream(&self, client: &Client, format: Format, results: Results, permit: impl Send + 'static) -> response::Response {
        let write: stream::Write = if format == Format::EventStream { sse::write } else { multipart::write };
        let body = stream::body(results, write, self.limits.heartbeat, self.stop.clone(), client.ended(), permit);
        // Proxies must neither cache nor buffer a stream.
        let no_cache = HeaderValue::from_static("no-cache");
        let no_buffer = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
        let headers = [(header::CONTENT_TYPE, format.content_type()), (header::CACHE_CONTROL, no_cache), no_buffer];
        (headers, body).into_response()
    }

    /// Executes a query or mutation. A panic becomes an error of this request alone.
    async fn execute(&self, request: Request) -> Response {
        let execution = AssertUnwindSafe(self.schema.execute(request)).catch_unwind();
        execution.await.unwrap_or_else(|_| Response::from_errors(vec![panicked()]))
    }
}

/// A response with a single result.
fn single(format: Format, response: &Response) -> response::Response {
    let content_type = [(header::CONTENT_TYPE, format.content_type())];
    let mut answer = (status(format, response), content_type, Answer(response).to_json()).into_response();
    if !response.errors.is_empty() {
        answer.headers_mut().insert(header::CACHE_CONTROL, NOT_KEPT);
    }
    match answer.status() {
        StatusCode::SERVICE_UNAVAILABLE => {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let after = extension(&response.errors[0], "retryAfterSeconds").map_or(1, |after| match after {
                async_graphql::Value::Number(seconds) => seconds.as_u64().unwrap_or(1),
                _ => 1,
            });
            answer.headers_mut().insert(header::RETRY_AFTER, after.into());
        }
        _ => {}
    }
    answer
}

/// Whether a read failed because the database is unavailable.
fn is_unavailable(response: &Response) -> bool {
    response.errors.iter().any(|error| has_code(error, code::UNAVAILABLE))
}

/// Whether the credential's allowance is used up.
fn is_rate_limited(response: &Response) -> bool {
    response.errors.first().is_some_and(|error| has_code(error, code::RATE_LIMITED))
}

fn extension<'e>(error: &'e ServerError, key: &str) -> Option<&'e async_graphql::Value> {
    error.extensions.as_ref().and_then(|extensions| extensions.get(key))
}

fn has_code(error: &ServerError, code: &'static str) -> bool {
    matches!(extension(error, "code"), Some(async_graphql::Value::String(other)) if other == code)
}

/// The HTTP status of a GraphQL response. For `application/json` the specification requires 200 even for a request error, since
/// a client can't tell which server sent another status. 503 and 429 are exceptions, so that clients and proxies retry.
fn status(format: Format, response: &Response) -> StatusCode {
    if is_unavailable(response) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    if is_rate_limited(response) {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    if format == Format::Json || !is_request_error(response) {
        return StatusCode::OK;
    }
    match &response.errors[0] {
        error if has_code(error, code::INTERNAL) => StatusCode::INTERNAL_SERVER_ERROR,
        error if has_code(error, code::FORBIDDEN) => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn json(status: StatusCode, format: Format, body: Vec<u8>) -> response::Response {
    (status, [(header::CONTENT_TYPE, format.content_type())], body).into_response()
}

/// The responses to a batch as JSON. A batch is not empty.
fn batch(answers: &[Response]) -> Vec<u8> {
    let mut json = Vec::with_capacity(answers.iter().map(|answer| Answer(answer).room()).sum());
    for (n, answer) in answers.iter().enumerate() {
        json.push(if n == 0 { b'[' } else { b',' });
        Answer(answer).write(&mut json);
    }
    json.push(b']');
    json
}

/// `GET /schema.graphql`
pub(super) async fn sdl(State(app): State<App>, request: extract::Request) -> response::Response {
    if app.introspection == Introspection::Refused {
        return problem(StatusCode::FORBIDDEN, "the schema is hidden by the setting graphql.introspection");
    }
    match app.authenticator().client_of_request(&request.into_parts().0).await {
        Err(refused) => return Refusal::from(refused).respond(Format::Json),
        Ok(client) if !client.viewer().sees_schema() => {
            return problem(StatusCode::FORBIDDEN, "the schema is hidden from this role by its setting `introspection`");
        }
        Ok(_) => {}
    }
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], graphql::sdl()).into_response()
}

//! The HTTP server: routes, and the middleware around all of them (request ids, logs, CORS, compression).
//!
//! It knows axum, and passes deliveries to `ingest` and operations to `graphql`. Every error has a JSON body.

mod answer;
mod client;
pub mod connections;
mod gate;
mod graphiql;
pub mod graphql;
mod header_list;
mod health;
mod metrics;
mod origin;
pub mod peer;
pub mod webhook;
pub mod websocket;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::{
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};

use crate::{
    access::Access,
    clock::Clock,
    domain::zone::Zone,
    feed::Feed,
    graphql::{Api, Roles, limits::Introspection},
    ingest::Writer,
    store::Store,
    traces,
};

pub use gate::Gate;
pub use graphql::Sockets;
pub use metrics::Readership;
pub use origin::Origins;
use peer::Peer;

/// `Retry-After` of a 503, in seconds. Senders of deliveries get a shorter time.
const RETRY_AFTER: &str = "5";

/// The error message while the store is not open.
const NOT_READY: &str = "the database is not reachable yet: retry later";

/// The state that the routes share.
#[derive(Clone)]
pub struct App {
    /// The store, for readiness.
    pub store: Store,
    /// Authenticates clients.
    pub access: Access,
    /// The roles.
    pub roles: Roles,
    /// The feed of changes, with the metrics of the gateway.
    pub feed: Feed,
    /// The writer.
    pub writer: Writer,
    /// The GraphQL API.
    pub schema: Api,
    /// The time zone of the CRM.
    pub zone: Zone,
    /// The current time.
    pub clock: Clock,
    /// The schemes that authenticate deliveries.
    pub deliveries: Arc<webhook::Schemes>,
    /// The allowed web origins.
    pub origins: Arc<Origins>,
    /// The maximum size of a delivery, in bytes.
    pub max_delivery_bytes: usize,
    /// The limits of a GraphQL request over HTTP.
    pub graphql: graphql::Limits,
    /// The time limit of a delivery.
    pub request_timeout: Duration,
    /// The limits of WebSocket connections.
    pub websocket: websocket::Limits,
    /// Whether clients may use introspection. If not, `/schema.graphql` is refused too.
    pub introspection: Introspection,
    /// Whether the GraphiQL page is served.
    pub graphiql: bool,
    /// Who may read the metrics here. None: they have an address of their own.
    pub metrics: Option<Readership>,
    /// Cancelled when the gateway stops.
    pub stop: CancellationToken,
}

impl App {
    fn authenticator(&self) -> client::Authenticator {
        client::Authenticator { access: self.access.clone(), roles: self.roles.clone(), metrics: self.feed.metrics().clone() }
    }
}

/// The router, and the live connections to wait for when stopping.
pub fn router(app: &App) -> (Router, Sockets) {
    let sockets = graphql::sockets(app);
    // GraphQL requests have their own time limits, which are reported as GraphQL errors.
    let timeout = from_fn_with_state(app.request_timeout, limit_time);
    let api = Router::new().route("/graphql", any(graphql::serve)).with_state(Arc::new(graphql::Api::new(app, sockets.clone())));
    let mut webhooks =
        Router::new().route("/webhooks", post(webhook::receive)).route("/webhooks/{segment}", post(webhook::receive));
    if app.deliveries.take_path_tokens() {
        webhooks = webhooks
            .route("/webhooks/t/{token}", post(webhook::receive))
            .route("/webhooks/t/{token}/{segment}", post(webhook::receive));
    }
    let webhooks = webhooks.layer(DefaultBodyLimit::max(app.max_delivery_bytes)).layer(timeout.clone()).with_state(app.clone());
    let rest = Router::new()
        .route("/schema.graphql", get(graphql::sdl))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(app.clone());
    let metrics = app.metrics.clone().map_or_else(Router::new, |readership| metrics::routes(app, sockets.clone(), readership));
    let request_id = HeaderName::from_static("x-request-id");
    // Compression would delay the results of a stream. The page's assets are already compressed.
    let compressible = SizeAbove::new(1024)
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::const_new("multipart/mixed"))
        .and(NotForContentType::const_new("image/"));
    let router = Router::new()
        .merge(api)
        .merge(webhooks)
        .merge(rest.merge(metrics).layer(timeout))
        .merge(if app.graphiql { graphiql::routes() } else { Router::new() })
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::new(request_id.clone(), MakeRequestUuid))
                .layer(TraceLayer::new_for_http().make_span_with(span))
                .layer(PropagateRequestIdLayer::new(request_id))
                .layer(app.origins.cors())
                .layer(CompressionLayer::new().compress_when(compressible)),
        );
    (router, sockets)
}

/// Limits the time of a request. A delivery that takes longer may still be stored, and its repetition is then a duplicate.
async fn limit_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        let late = problem(StatusCode::SERVICE_UNAVAILABLE, format!("not done within {} s: send it again", limit.as_secs_f64()));
        ([(header::RETRY_AFTER, webhook::RETRY_AFTER)], late).into_response()
    })
}

/// The router of an address that metrics have for themselves.
pub fn metrics_router(app: &App, sockets: Sockets, readership: Readership) -> Router {
    metrics::routes(app, sockets, readership).fallback(async || problem(StatusCode::NOT_FOUND, "there is only /metrics here"))
}

fn span(request: &Request) -> tracing::Span {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let address = request.extensions().get::<Peer>().map(|Peer(address)| tracing::field::display(address));
    let span = tracing::info_span!("request", method = %request.method(), path, request_id = id, address);
    traces::continue_trace(&span, request.headers());
    span
}

/// An error response with the body `{"error": …}`.
fn problem(status: StatusCode, error: impl Into<String>) -> Response {
    (status, Json(serde_json::json!({ "error": error.into() }))).into_response()
}

async fn not_found(request: Request) -> Response {
    let known = "/graphql, /webhooks/<event>, /schema.graphql, /metrics, /healthz and /readyz";
    problem(StatusCode::NOT_FOUND, format!("no such path: {}; available are {known}", shown_path(&request)))
}

async fn method_not_allowed(request: Request) -> Response {
    let path = shown_path(&request);
    problem(StatusCode::METHOD_NOT_ALLOWED, format!("{path} does not support the method {}", request.method()))
}

/// The path of a request for logs and errors, without the segment that may be a delivery's token.
fn shown_path(request: &Request) -> String {
    let path = request.uri().path();
    path.find("/t/").map_or_else(|| path.to_owned(), |token| format!("{}/t/…", &path[..token]))
}

/// The value of a header, if it is visible ASCII.
fn text<'h>(headers: &'h header::HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

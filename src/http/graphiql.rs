//! GraphiQL, for `GET /` and for browsers at `GET /graphql`.
//!
//! `build.rs` decides which of two pages is compiled in. The embedded one is our own bundle of `ui/` and needs nothing
//! but this server. Where npm was missing, or `DESKGRAPH_UI=cdn` was set, a short page loads GraphiQL from a CDN. This
//! module knows HTTP and the bundle, and nothing of the schema.
//!
//! The page is revalidated by its `ETag` at every visit; the names of its assets contain a hash of their content, so they
//! are cached for ever.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use axum::routing::get;

#[cfg(graphiql_embedded)]
mod embedded;
#[cfg(graphiql_embedded)]
use embedded as source;

#[cfg(not(graphiql_embedded))]
mod cdn;
#[cfg(not(graphiql_embedded))]
use cdn as source;

const NO_SNIFFING: (HeaderName, HeaderValue) = (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
const HTML: (HeaderName, HeaderValue) = (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
/// A cached page is revalidated before it is used.
const ASK_AGAIN: (HeaderName, HeaderValue) = (CACHE_CONTROL, HeaderValue::from_static("no-cache"));

/// The page, or 304 where `headers`, the request's, show that the client has it already.
pub(super) fn page(headers: &HeaderMap) -> Response {
    source::page(headers)
}

/// `GET /`, and the page's assets under `/ui/`.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/", get(async |headers: HeaderMap| page(&headers))).merge(source::routes())
}

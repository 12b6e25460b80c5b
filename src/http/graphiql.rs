//! GraphiQL: the page that shows the product, for `GET /` and for browsers at `GET /graphql`.
//!
//! `build.rs` decides which of two pages is compiled in. The embedded one is our own bundle of `ui/` and needs nothing
//! but this server; where npm was missing, or `DESKGRAPH_UI=cdn` was set, the page is async-graphql's, which loads
//! GraphiQL from a CDN. This module knows HTTP and the bundle, and nothing of the schema.
//!
//! A page is always asked for again, by its `ETag`; what it loads has a hash of its content in its name and never is.

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
/// A cached page is used only after this server said that it is still the same.
const ASK_AGAIN: (HeaderName, HeaderValue) = (CACHE_CONTROL, HeaderValue::from_static("no-cache"));

/// The page itself. `headers` are the request's: who holds this very page already is answered 304.
pub(super) fn page(headers: &HeaderMap) -> Response {
    source::page(headers)
}

/// `GET /`, and everything that the page loads under `/ui/`.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/", get(async |headers: HeaderMap| page(&headers))).merge(source::routes())
}

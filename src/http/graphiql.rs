//! The GraphiQL page, at `GET /` and for browsers at `GET /graphql`.
//!
//! `build.rs` decides which of two pages is compiled in. The embedded page is a bundle of `ui/` and loads everything from this
//! server. If npm was missing at build time, or `DESKGRAPH_UI=cdn` was set, a small page loads GraphiQL from a CDN. This module
//! knows HTTP and the bundle, but not the schema.
//!
//! Caching: browsers revalidate the page by its `ETag`. Its assets have a content hash in their names and never expire.

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
/// A cached page must be revalidated before it is used.
const REVALIDATE: (HeaderName, HeaderValue) = (CACHE_CONTROL, HeaderValue::from_static("no-cache"));

/// The page, or 304 if the request's `headers` show that the client has it.
pub(super) fn page(headers: &HeaderMap) -> Response {
    source::page(headers)
}

/// `GET /`, and the page's assets under `/ui/`.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/", get(async |headers: HeaderMap| page(&headers))).merge(source::routes())
}

//! The page for builds without npm: a short document that loads GraphiQL from a CDN.
//!
//! It runs scripts from another origin, so it has no Content-Security-Policy. It serves nothing under `/ui/`.

use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::{HTML, NO_SNIFFING, REVALIDATE};

/// Loads GraphiQL 4.1.2, the last release that comes as a single script for the browser.
const PAGE: &str = include_str!("cdn.html");

pub(super) fn page(_: &HeaderMap) -> Response {
    ([HTML, REVALIDATE, NO_SNIFFING], PAGE).into_response()
}

pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
}

#[cfg(test)]
mod tests {
    use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

    use super::*;

    #[tokio::test]
    async fn the_page_uses_this_server_and_a_pinned_graphiql() {
        let response = page(&HeaderMap::new());
        assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(!response.headers().contains_key(CONTENT_SECURITY_POLICY));
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let html = std::str::from_utf8(&body).unwrap();
        assert!(html.contains("new URL('/graphql', location.href)"), "{html}");
        let loaded: Vec<&str> = html.split('"').filter(|part| part.contains("://")).collect();
        assert!(loaded.len() > 3 && loaded.iter().all(|address| address.starts_with("https://unpkg.com/")), "{loaded:?}");
        assert!(loaded.iter().all(|address| address.contains("/react") || address.contains("/graphiql@4.1.2/")), "{loaded:?}");
    }
}

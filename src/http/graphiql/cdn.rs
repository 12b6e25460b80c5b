//! async-graphql's page, for builds without npm: a short document that loads GraphiQL from a CDN.
//!
//! It runs inline scripts and scripts of another origin, so it has no Content-Security-Policy. It has no assets under `/ui/`.

use async_graphql::http::GraphiQLSource;
use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::{HTML, NO_SNIFFING, REVALIDATE};

/// The last release that consists of a single script file, as async-graphql's page needs.
const GRAPHIQL_VERSION: &str = "4.1.2";

pub(super) fn page(_: &HeaderMap) -> Response {
    let html = GraphiQLSource::build()
        .endpoint("/graphql")
        .subscription_endpoint("/graphql")
        .version(GRAPHIQL_VERSION)
        .title("deskgraph")
        .finish();
    ([HTML, REVALIDATE, NO_SNIFFING], html).into_response()
}

pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
}

#[cfg(test)]
mod tests {
    use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

    use super::*;

    #[tokio::test]
    async fn the_page_talks_to_this_server_with_a_pinned_graphiql() {
        let response = page(&HeaderMap::new());
        assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(!response.headers().contains_key(CONTENT_SECURITY_POLICY));
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let html = std::str::from_utf8(&body).unwrap();
        assert!(html.contains("createUrl('/graphql', true)"), "{html}");
        assert!(html.contains("graphiql@4.1.2/"), "{html}");
    }
}

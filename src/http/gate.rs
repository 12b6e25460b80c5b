//! What answers while the gateway has no database yet: it is alive and not ready, and whoever asks may ask again.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use tower::ServiceExt;

use super::{NOT_READY, RETRY_AFTER, graphql, health, problem};

/// The way to the router that answers once the gateway has started. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<OnceLock<Router>>);

impl Gate {
    /// From now on this router answers.
    pub fn open(&self, router: Router) {
        // A gateway starts once.
        let _ = self.0.set(router);
    }

    /// What a server serves: the router behind the gate, and until it is open, that it is not.
    pub fn router(&self) -> Router {
        let gate = self.clone();
        let closed =
            Router::new().route("/healthz", get(health::alive)).route("/graphql", any(graphql::not_ready)).fallback(waiting);
        Router::new().fallback(move |request: Request| async move {
            let router = gate.0.get().cloned().unwrap_or(closed);
            match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        })
    }
}

async fn waiting() -> Response {
    let answer = problem(StatusCode::SERVICE_UNAVAILABLE, NOT_READY);
    ([(header::RETRY_AFTER, RETRY_AFTER)], answer).into_response()
}

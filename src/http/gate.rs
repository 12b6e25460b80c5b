//! Serves requests until the store is open: healthy, not ready, 503 with `Retry-After` for everything else.
//!
//! The port is opened before the store, since a database server may be unavailable for a while. After [`Gate::open`], all
//! requests go to the real router.

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

/// Holds the router that takes over once the store is open. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<OnceLock<Router>>);

impl Gate {
    /// Hands all further requests to `router`. Only the first call has an effect.
    pub fn open(&self, router: Router) {
        let _ = self.0.set(router);
    }

    /// The router to serve: forwards to the router given to [`Self::open`], or responds with 503 while there is none.
    pub fn router(&self) -> Router {
        let gate = self.clone();
        let closed =
            Router::new().route("/healthz", get(health::alive)).route("/graphql", any(graphql::not_ready)).fallback(not_ready);
        Router::new().fallback(move |request: Request| async move {
            let router = gate.0.get().cloned().unwrap_or(closed);
            match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        })
    }
}

async fn not_ready() -> Response {
    let answer = problem(StatusCode::SERVICE_UNAVAILABLE, NOT_READY);
    ([(header::RETRY_AFTER, RETRY_AFTER)], answer).into_response()
}

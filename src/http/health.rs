//! Health checks: `/healthz` (the process is running) and `/readyz` (requests are served).
//!
//! A gateway that waits for its database, or is stopping, is healthy but not ready.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{App, problem};

/// `GET /healthz`
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: 200 if the database responds and the gateway is not stopping. Migrations were applied before the store was
/// opened.
pub(super) async fn ready(State(app): State<App>) -> Response {
    if app.stop.is_cancelled() {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "the gateway is stopping");
    }
    match app.store.ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            problem(StatusCode::SERVICE_UNAVAILABLE, "the database does not respond")
        }
    }
}

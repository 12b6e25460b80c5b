//! Alive, and ready.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{App, problem};

/// The process runs.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Requests will be answered: the database answers (its migrations were done before the port was opened) and the gateway
/// is not stopping.
pub(super) async fn ready(State(app): State<App>) -> Response {
    if app.stop.is_cancelled() {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match app.store.ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            problem(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}

//! `POST /webhooks` and `POST /webhooks/{segment}`: accepts authenticated deliveries, and responds once they are committed and
//! synced to disk. With a token in the path: `POST /webhooks/t/{token}` and `POST /webhooks/t/{token}/{segment}`.
//!
//! | response | when |
//! |---|---|
//! | 200 `{"id": "evt_7", "duplicate": false}` | stored, now or by an earlier delivery |
//! | 400 | the body is not JSON; not stored |
//! | 401 | no scheme authenticates it; not stored |
//! | 404 | the path names no event |
//! | 413 | the body is too large; not stored |
//! | 422 `{"error", "kind", "path", "reason"}` | JSON, but not a valid event; stored as a rejected delivery (dead letter) |
//! | 503 with `Retry-After` | the queue is full, the database is unavailable, or storing takes too long; the sender must retry |

mod admitted;
mod key;
mod refused;
mod schemes;
pub mod signed_body;
pub mod standard;
pub mod token;

use std::time::Instant;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use self::admitted::Admitted;
use super::{App, problem, text};
use crate::{
    domain::{id::NodeId, kind::EventKind},
    ingest::{self, Source},
    metrics::DeliveryOutcome,
    store::{Appended, Entry},
};

pub use axum::http::HeaderName;
pub use schemes::Schemes;

/// `Retry-After` of a 503, in seconds.
pub(super) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// Handles a delivery. If the path names the event kind, which is usual, the body is the payload. Otherwise the kind is taken
/// from an envelope, a header or the payload's shape.
pub(super) async fn receive(State(app): State<App>, delivery: Admitted) -> Response {
    let headers = delivery.headers();
    let kind = delivery.kind();
    let event_type = text(headers, "x-event-type").filter(|_| kind.is_none()).map(str::to_owned);
    let source = Source { kind, event_type, delivery_id: delivery_id(headers), ..Source::default() };
    let began = Instant::now();
    let response = store(&app, &source, &delivery).await;
    app.feed.metrics().delivery_seconds.record_time(began.elapsed());
    response
}

/// Counts what became of a delivery.
fn count(app: &App, kind: Option<EventKind>, outcome: DeliveryOutcome) {
    app.feed.metrics().deliveries.of((kind, outcome)).increment();
}

/// The delivery's id: `webhook-id` (Standard Webhooks) or `x-event-id`.
fn delivery_id(headers: &HeaderMap) -> Option<String> {
    let id = text(headers, "webhook-id").or_else(|| text(headers, "x-event-id"))?.trim();
    (!id.is_empty()).then(|| id.to_owned())
}

async fn store(app: &App, source: &Source, delivery: &Admitted) -> Response {
    let unreadable = || count(app, source.kind, DeliveryOutcome::Unreadable);
    let Ok(body) = std::str::from_utf8(delivery.body()) else {
        unreadable();
        return problem(StatusCode::BAD_REQUEST, "the body is not JSON: it is not UTF-8");
    };
    let entry = match ingest::read(body, source, &app.zone) {
        Ok(entry) => entry,
        Err(error) => {
            unreadable();
            return problem(StatusCode::BAD_REQUEST, error.to_string());
        }
    };
    let (kind, rejection) = match &entry {
        Entry::Rejection(rejection) => (rejection.kind, Some((rejection.kind, rejection.path.clone(), rejection.reason.clone()))),
        Entry::Delivery(delivery) => (Some(delivery.event.kind()), None),
    };
    match (app.writer.submit(entry).await, rejection) {
        (Ok(Appended::Event { seq, duplicate }), _) => {
            count(app, kind, if duplicate { DeliveryOutcome::Duplicate } else { DeliveryOutcome::Stored });
            Json(json!({ "id": NodeId::Event(seq).to_string(), "duplicate": duplicate })).into_response()
        }
        (Ok(Appended::Rejected { id }), rejection) => {
            count(app, kind, DeliveryOutcome::Rejected);
            let (kind, path, reason) = rejection.unwrap_or_default();
            tracing::info!(rejected = id, kind = kind.map(EventKind::name), path, "delivery rejected");
            let answer = json!({
                "error": format!("{path}: {reason}"),
                "kind": kind.map(EventKind::name),
                "path": path,
                "reason": reason,
            });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(answer)).into_response()
        }
        (Err(error), _) => {
            count(app, kind, DeliveryOutcome::Unavailable);
            match &error {
                ingest::Error::Store(cause) => tracing::error!(error = %cause, "storing a delivery failed"),
                ingest::Error::Busy | ingest::Error::Stopped => tracing::debug!(%error, "delivery refused: retry"),
            }
            let message = match error {
                ingest::Error::Store(_) => "the database could not store this delivery: send it again".to_owned(),
                busy => format!("{busy}: send it again"),
            };
            ([(header::RETRY_AFTER, RETRY_AFTER)], problem(StatusCode::SERVICE_UNAVAILABLE, message)).into_response()
        }
    }
}

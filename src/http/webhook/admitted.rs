//! An authenticated delivery. Only this module creates one, and only from a request that [`Schemes`](super::Schemes) verified,
//! so nothing else can be parsed or stored.
//!
//! ```text
//!   address ─▶ body, bounded ─▶ verify ─▶ Admitted ─▶ event and store
//!      │ 404        │ 413, 400     │ 401, one audit line
//! ```

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{count, schemes::Refusal};
use crate::{
    domain::kind::EventKind,
    http::{App, peer::Peer, problem},
    metrics::DeliveryOutcome,
};

/// An authenticated delivery.
pub(in crate::http) struct Admitted {
    headers: HeaderMap,
    kind: Option<EventKind>,
    body: Bytes,
}

impl Admitted {
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The kind named in the path.
    pub(super) fn kind(&self) -> Option<EventKind> {
        self.kind
    }

    /// The body as received.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }
}

impl FromRequest<App> for Admitted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let count = |kind, outcome| count(app, kind, outcome);
        let path = RawPathParams::from_request_parts(&mut parts, app).await.map_err(|_| {
            count(None, DeliveryOutcome::Unreadable);
            problem(StatusCode::BAD_REQUEST, "the path is not UTF-8")
        })?;
        let param = |name| path.iter().find_map(|(key, value)| (key == name).then_some(value));
        let kind = match param("segment") {
            Some(segment) => Some(EventKind::from_segment(segment).ok_or_else(|| {
                count(None, DeliveryOutcome::Unreadable);
                no_event(segment)
            })?),
            None => None,
        };
        let token = param("token");
        let peer = parts.extensions.get::<Peer>().copied();
        let headers = parts.headers.clone();
        let body = Bytes::from_request(Request::from_parts(parts, body), app).await.map_err(|error| {
            count(kind, DeliveryOutcome::Unreadable);
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                let limit = app.max_delivery_bytes;
                return problem(error.status(), format!("the body is larger than {limit} bytes (webhooks.max_body_bytes)"));
            }
            problem(StatusCode::BAD_REQUEST, error.body_text())
        })?;
        if let Err(refusal) = app.deliveries.verify(&headers, token, &body, app.clock.now()) {
            count(kind, DeliveryOutcome::Unauthorized);
            return Err(refused(refusal, peer, app.deliveries.challenge()));
        }
        Ok(Self { headers, kind, body })
    }
}

fn no_event(segment: &str) -> Response {
    let known = EventKind::ALL.map(EventKind::segment).join(", ");
    problem(StatusCode::NOT_FOUND, format!("unknown event `{segment}`: expected one of {known}"))
}

/// Responds to a delivery that failed authentication, and logs it.
fn refused(Refusal { used, reason }: Refusal, peer: Option<Peer>, challenge: Option<&'static str>) -> Response {
    let address = peer.map(|Peer(address)| tracing::field::display(address));
    tracing::warn!(target: "audit", address, scheme = used, reason, "delivery refused");
    let mut response = problem(StatusCode::UNAUTHORIZED, format!("delivery refused: {reason}")).into_response();
    if let Some(challenge) = challenge {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static(challenge));
    }
    response
}

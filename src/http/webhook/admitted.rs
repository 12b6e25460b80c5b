//! A delivery that was let in. Only this module makes one, and only from a request that [`Schemes`](super::Schemes) verified, so
//! that nothing else can be parsed or stored.
//!
//! ```text
//!   body, bounded ─▶ verify ─▶ Admitted ─▶ event and store
//!        │ 413, 400     │ 401, one audit line
//! ```

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::schemes::Refusal;
use crate::http::{App, peer::Peer, problem};

/// A delivery that was let in.
pub(in crate::http) struct Admitted {
    headers: HeaderMap,
    segment: Option<String>,
    body: Bytes,
}

impl Admitted {
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The segment of the path that names the event, decoded.
    pub(super) fn segment(&self) -> Option<&str> {
        self.segment.as_deref()
    }

    /// The body as it was received.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }
}

impl FromRequest<App> for Admitted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let path = RawPathParams::from_request_parts(&mut parts, app).await;
        let param = |name| {
            let params = path.as_ref().ok()?;
            params.iter().find_map(|(key, value)| (key == name).then(|| value.to_owned()))
        };
        let (token, segment) = (param("token"), param("segment"));
        let peer = parts.extensions.get::<Peer>().copied();
        let headers = parts.headers.clone();
        let body = Bytes::from_request(Request::from_parts(parts, body), app).await.map_err(|error| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                let limit = app.max_delivery_bytes;
                return problem(error.status(), format!("the body is larger than {limit} bytes (webhooks.max_body_bytes)"));
            }
            problem(StatusCode::BAD_REQUEST, error.body_text())
        })?;
        if let Err(refusal) = app.deliveries.verify(&headers, token.as_deref(), &body, app.clock.now()) {
            return Err(refused(refusal, peer, app.deliveries.challenge()));
        }
        if path.is_err() {
            return Err(problem(StatusCode::BAD_REQUEST, "the path is not UTF-8"));
        }
        Ok(Self { headers, segment, body })
    }
}

/// Answers a delivery that was not let in, and leaves a trace of it.
fn refused(Refusal { used, reason }: Refusal, peer: Option<Peer>, challenge: Option<&'static str>) -> Response {
    let address = peer.map(|Peer(address)| tracing::field::display(address));
    tracing::warn!(target: "audit", address, scheme = used, reason, "delivery refused");
    let mut response = problem(StatusCode::UNAUTHORIZED, format!("not let in: {reason}")).into_response();
    if let Some(challenge) = challenge {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static(challenge));
    }
    response
}

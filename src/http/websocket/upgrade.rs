//! The opening handshake of a socket (RFC 6455, 4.2), over HTTP/1.1.
//!
//! axum's own upgrade keeps the connection to itself, together with the buffers of a socket: see [`Socket`].

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tungstenite::{handshake::derive_accept_key, protocol::WebSocketConfig};

use super::{protocol::Protocol, socket::Socket};
use crate::http::header_list;

/// A request to open a socket.
#[derive(Debug)]
pub struct Upgrade {
    connection: OnUpgrade,
    /// The value of `Sec-WebSocket-Accept` for the request's key.
    accept: HeaderValue,
    protocol: Option<Protocol>,
}

/// The request is not a WebSocket upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnUpgrade;

impl IntoResponse for NotAnUpgrade {
    fn into_response(self) -> Response {
        (StatusCode::UPGRADE_REQUIRED, [(header::UPGRADE, "websocket")]).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = NotAnUpgrade;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, NotAnUpgrade> {
        let has = |name, word: &str| header_list::items(&head.headers, name).any(|item| item.eq_ignore_ascii_case(word));
        let is_upgrade = head.method == Method::GET
            && has(header::CONNECTION, "upgrade")
            && has(header::UPGRADE, "websocket")
            && has(header::SEC_WEBSOCKET_VERSION, "13");
        let key = head.headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_upgrade).ok_or(NotAnUpgrade)?;
        let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes())).map_err(|_| NotAnUpgrade)?;
        let protocol = offered(&head.headers);
        let connection = head.extensions.remove::<OnUpgrade>().ok_or(NotAnUpgrade)?;
        Ok(Self { connection, accept, protocol })
    }
}

/// The preferred sub-protocol among those that the client offers.
fn offered(headers: &HeaderMap) -> Option<Protocol> {
    let is_offered = |name| header_list::items(headers, header::SEC_WEBSOCKET_PROTOCOL).any(|offered| offered == name);
    Protocol::ALL.into_iter().find(|protocol| is_offered(protocol.name()))
}

impl Upgrade {
    /// The negotiated sub-protocol; `None` if the client offers no supported one.
    pub(super) fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    /// Accepts the request. `serve` gets the socket after the response was sent.
    pub(super) fn accept<F: Future<Output = ()> + Send>(
        self,
        config: WebSocketConfig,
        serve: impl FnOnce(Socket) -> F + Send + 'static,
    ) -> Response {
        let Self { connection, accept, protocol } = self;
        tokio::spawn(async move {
            match connection.await {
                // Boxed, so that it takes no room in the task of an idle connection.
                Ok(upgraded) => serve(Box::pin(Socket::new(TokioIo::new(upgraded), config)).await).await,
                Err(error) => tracing::debug!(%error, "connection lost before it became a socket"),
            }
        });
        let name = |name: &'static str| HeaderValue::from_static(name);
        let headers =
            [(header::CONNECTION, name("upgrade")), (header::UPGRADE, name("websocket")), (header::SEC_WEBSOCKET_ACCEPT, accept)];
        let protocol = protocol.map(|protocol| (header::SEC_WEBSOCKET_PROTOCOL, name(protocol.name())));
        let headers: Vec<(HeaderName, HeaderValue)> = headers.into_iter().chain(protocol).collect();
        (StatusCode::SWITCHING_PROTOCOLS, axum::response::AppendHeaders(headers)).into_response()
    }
}

//! Accepts connections and serves HTTP/1.1 on them until the gateway stops, with or without TLS ([`tls`]).
//!
//! hyper implements the protocol. This module limits how long a connection may be blocked by its client between requests: the
//! TLS handshake, the head of a request ([`HEAD_TIMEOUT`]), a client that does not read its response (the write timeout), the
//! rest of an unread body ([`unread`]), and closing a connection ([`lingering`]). Request bodies are limited where they are
//! read. It adds the client's address to each request ([`Peer`](super::peer::Peer)), and knows nothing else about requests.
//!
//! hyper-util's `GracefulShutdown` is not used: it supports HTTP/1 connections with upgrades only through hyper-util's `auto`
//! builder, which includes HTTP/2 and waits for the first bytes without a timeout.

mod lingering;
pub mod tls;
mod unread;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::Request, middleware};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_io_timeout::TimeoutWriter;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use self::{lingering::LingeringClose, tls::Tls};
use super::peer::Proxies;
use crate::retry::Backoff;

/// How long the head of a request may take to arrive, and how long a connection may wait for its next request.
const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// The size of a connection's buffers. It also limits the head of a request, and with it the length of a query in a URL.
const BUFFER_BYTES: usize = 128 * 1024;

/// How much longer than the write timeout a connection is kept. A WebSocket session applies the same timeout itself, and
/// needs this time to send its close frame.
const CLOSE_FRAME_GRACE: Duration = Duration::from_secs(5);

/// How connections are served.
#[derive(Clone)]
pub struct Settings {
    /// How long a client may read nothing of a response before its connection is closed.
    pub write_timeout: Duration,
    /// TLS, if enabled.
    pub tls: Option<Tls>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub proxies: Arc<Proxies>,
}

/// Serves connections until `stop` is cancelled, then closes the listener and waits for running requests to finish. Dropping
/// the future aborts them.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken, settings: Settings) {
    let router = router.layer(middleware::from_fn(unread::drain_or_close));
    let mut connections = JoinSet::new();
    // `accept` fails, for example, if the process runs out of file descriptors.
    let mut backoff = Backoff::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    backoff = Backoff::new();
                    connections.spawn(accept(stream, address, router.clone(), stop.clone(), settings.clone()));
                }
                Err(error) if is_client_error(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "accepting a connection failed, retrying");
                    backoff.wait().await;
                }
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Whether `accept` failed because the client had already disconnected.
fn is_client_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Serves a new connection, after the handshake if TLS is enabled.
async fn accept(stream: TcpStream, address: SocketAddr, router: Router, stop: CancellationToken, settings: Settings) {
    // Sends small frames immediately instead of coalescing them.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(settings.write_timeout + CLOSE_FRAME_GRACE));
    let stream = Box::pin(stream);
    let Settings { tls, proxies, .. } = settings;
    let Some(tls) = tls else { return connection(stream, address, router, stop, proxies).await };
    let handshake = tokio::select! {
        handshake = tls.accept(stream) => handshake,
        () = stop.cancelled() => return,
    };
    match handshake {
        Ok(stream) => connection(stream, address, router, stop, proxies).await,
        Err(error) => tracing::debug!(%error, %address, "TLS handshake failed"),
    }
}

async fn connection<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    stream: S,
    address: SocketAddr,
    router: Router,
    stop: CancellationToken,
    proxies: Arc<Proxies>,
) {
    let stream = LingeringClose::new(stream);
    let service = router.map_request(move |mut request: Request<Incoming>| {
        let peer = proxies.client(address.ip(), request.headers());
        request.extensions_mut().insert(peer);
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "connection lost");
    }
}

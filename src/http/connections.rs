//! The connections that requests come in on, from the first byte to the last.
//!
//! hyper serves each; what a client could make it wait for, without end and without any request at work, is bounded here:
//! the head of a request, and a client that reads nothing of what waits for it. Bodies of requests are bounded where they
//! are read.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Sleep, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::retry::Backoff;

/// How long the head of a request may take, and how long a connection may wait for the next request.
const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// How much of an answer waits for its client here. It also bounds the head of a request, and so a query in an address.
const BUFFER_BYTES: usize = 128 * 1024;

/// How much longer than others a WebSocket may be unread: it has this rule itself, and tries to say why it closes.
const GOODBYE: Duration = Duration::from_secs(5);

/// Serves what comes in until `stop`; then nothing more is let in, and this waits for the requests that run. Dropped, it cuts
/// them off. A connection whose client reads nothing for `write_timeout` is closed.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken, write_timeout: Duration) {
    let mut connections = JoinSet::new();
    // Accepting fails, for instance, when there are no file descriptors left.
    let mut backoff = Backoff::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    backoff = Backoff::new();
                    connections.spawn(connection(stream, router.clone(), stop.clone(), write_timeout));
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted, trying again");
                    backoff.wait().await;
                }
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Whether a client was gone before it could be let in.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(stream: TcpStream, router: Router, stop: CancellationToken, write_timeout: Duration) {
    // Small frames must not wait for more of them.
    let _ = stream.set_nodelay(true);
    let stream = Impatient { stream, patience: write_timeout + GOODBYE, unread: None };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
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

/// A stream that fails when nothing of what is written to it could go out for some time.
struct Impatient {
    stream: TcpStream,
    patience: Duration,
    unread: Option<Pin<Box<Sleep>>>,
}

impl Impatient {
    fn watch<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.unread = None;
            return written;
        }
        let patience = self.patience;
        ready!(self.unread.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads nothing")))
    }
}

impl AsyncRead for Impatient {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Impatient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

//! Closes a connection so that its client can still read the response.
//!
//! When a socket is closed while bytes of the client are unread, the kernel resets the connection, and many clients then
//! lose the response: they fail while they write the rest of the body, or the reset discards what they have not read yet.
//! So a close first ends the write half only, then reads and drops what still arrives until the client closes, too. The
//! wait is bounded: [`QUIET`] without any bytes, [`TOTAL`] in all.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// How long a client may send nothing before its connection is closed for good.
const QUIET: Duration = Duration::from_secs(1);

/// How long a client may go on sending before its connection is closed for good.
const TOTAL: Duration = Duration::from_secs(5);

/// A stream whose shutdown waits, within bounds, for the client to close its side.
pub(super) struct LingeringClose<S> {
    stream: S,
    linger: Option<Linger>,
}

/// The wait after the write half was closed.
struct Linger {
    quiet: Pin<Box<Sleep>>,
    until: Instant,
}

impl<S> LingeringClose<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, linger: None }
    }
}

impl Linger {
    fn begin() -> Self {
        Self { quiet: Box::pin(sleep(QUIET)), until: Instant::now() + TOTAL }
    }

    /// Ready when the client has closed its side, or has had the time to do so.
    fn poll_end<S: AsyncRead + Unpin>(&mut self, stream: &mut S, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut bytes = [0; 8 * 1024];
            let mut dropped = ReadBuf::new(&mut bytes);
            match Pin::new(&mut *stream).poll_read(context, &mut dropped) {
                Poll::Ready(Ok(())) if !dropped.filled().is_empty() => {
                    let now = Instant::now();
                    if now >= self.until {
                        return Poll::Ready(());
                    }
                    self.quiet.as_mut().reset(self.until.min(now + QUIET));
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.quiet.as_mut().poll(context),
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LingeringClose<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for LingeringClose<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, linger } = &mut *self;
        if linger.is_none() {
            ready!(Pin::new(&mut *stream).poll_shutdown(context))?;
        }
        linger.get_or_insert_with(Linger::begin).poll_end(stream, context).map(Ok)
    }
}

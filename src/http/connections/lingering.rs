//! Closes a connection such that the client can still read the response.
//!
//! If a socket is closed with unread bytes from the client, the kernel resets the connection, and many clients lose the
//! response: they fail while writing the rest of the body, or the reset discards bytes they have not read yet. So closing first
//! shuts down the write half, then reads and discards what still arrives, until the client closes too. The wait is bounded:
//! [`QUIET`] without any bytes, [`TOTAL`] in all.

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

/// How long a client may be silent before the connection is closed completely.
const QUIET: Duration = Duration::from_secs(1);

/// How long a client may keep sending before the connection is closed completely.
const TOTAL: Duration = Duration::from_secs(5);

/// A stream whose shutdown waits, within limits, until the client closes its side.
pub(super) struct LingeringClose<S> {
    stream: S,
    linger: Option<Linger>,
}

/// The state of the wait after the write half was shut down.
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

    /// Ready when the client has closed its side, or when the time is up.
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

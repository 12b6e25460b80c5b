//! A socket: tungstenite reads messages and performs the close; outgoing frames are buffered here.
//!
//! tungstenite keeps a write buffer as large as its largest frame for the lifetime of the connection, splits each text off the
//! buffer, and validates it as UTF-8 again. The frames of a server are simple (RFC 6455, 5.2: a header, then the unmasked
//! payload). So they are written here, one after the other, into a buffer that is freed when sent: one allocation and one
//! system call for all waiting frames.
//!
//! tungstenite itself writes only pongs and close frames, and never in the middle of the frames here: see
//! [`Socket::poll_flush`].

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{Sink, SinkExt, StreamExt, future::poll_fn};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tungstenite::{
    Error, Message,
    protocol::{CloseFrame, Role, WebSocketConfig},
};

/// The size of waiting frames at which they are sent before more are added.
const FULL_BYTES: usize = 64 * 1024;

/// The number of waiting frames at which they are sent before more are added.
const FULL_FRAMES: u32 = 32;

/// The first byte of a text frame that is a whole message.
const TEXT: u8 = 0x81;

/// An empty ping.
const PING: [u8; 2] = [0x89, 0];

/// The room reserved for the header of a frame: enough for payloads from 126 bytes to 64 KiB.
const HEADER_BYTES: usize = 4;

/// One socket over a connection.
pub(super) struct Socket<C = TokioIo<Upgraded>> {
    stream: WebSocketStream<C>,
    /// The waiting frames.
    waiting: Vec<u8>,
    /// The number of their bytes already sent.
    sent: usize,
    /// The number of waiting frames.
    frames: u32,
}

impl<C: AsyncRead + AsyncWrite + Unpin> Socket<C> {
    /// The socket of an upgraded connection.
    pub(super) async fn new(connection: C, config: WebSocketConfig) -> Self {
        let stream = WebSocketStream::from_raw_socket(connection, Role::Server, Some(config)).await;
        Self { stream, waiting: Vec::new(), sent: 0, frames: 0 }
    }

    /// The next message from the client. Cancel-safe.
    pub(super) async fn recv(&mut self) -> Option<Result<Message, Error>> {
        self.stream.next().await
    }

    /// Whether frames are waiting.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether the waiting frames have to be sent before more are added.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= FULL_BYTES || self.frames >= FULL_FRAMES
    }

    /// Appends a text message. `write` appends its UTF-8 bytes; `room` is their expected number. If there are more than
    /// `limit`, the message is dropped and the error is its length.
    pub(super) fn text(&mut self, room: usize, limit: usize, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), usize> {
        let waiting = &mut self.waiting;
        let start = waiting.len();
        waiting.reserve(HEADER_BYTES + room);
        waiting.extend_from_slice(&[0; HEADER_BYTES]);
        write(waiting);
        let length = waiting.len() - start - HEADER_BYTES;
        if length > limit {
            waiting.truncate(start);
            return Err(length);
        }
        // The reserved header fits most messages. Others are moved.
        let mut header = [TEXT, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let header = if let Ok(short @ ..126) = u8::try_from(length) {
            header[1] = short;
            &header[..2]
        } else if let Ok(middle) = u16::try_from(length) {
            header[1] = 126;
            header[2..4].copy_from_slice(&middle.to_be_bytes());
            &header[..4]
        } else {
            header[1] = 127;
            header[2..].copy_from_slice(&(length as u64).to_be_bytes());
            &header[..]
        };
        if header.len() == HEADER_BYTES {
            waiting[start..start + HEADER_BYTES].copy_from_slice(header);
        } else {
            waiting.splice(start..start + HEADER_BYTES, header.iter().copied());
        }
        self.frames += 1;
        Ok(())
    }

    /// Appends a ping.
    pub(super) fn ping(&mut self) {
        self.waiting.extend_from_slice(&PING);
        self.frames += 1;
    }

    /// Sends all waiting frames.
    pub(super) async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|context| self.poll_flush(context)).await
    }

    /// Sends all waiting frames, as far as the connection accepts them.
    ///
    /// A frame that tungstenite has begun is finished before one of the waiting frames is begun, and vice versa.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.sent == 0 {
            ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        }
        while self.sent < self.waiting.len() {
            let written = ready!(Pin::new(self.stream.get_mut()).poll_write(context, &self.waiting[self.sent..]))?;
            if written == 0 {
                return Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).into()));
            }
            self.sent += written;
        }
        ready!(Pin::new(self.stream.get_mut()).poll_flush(context))?;
        (self.waiting, self.sent, self.frames) = (Vec::new(), 0, 0);
        Poll::Ready(Ok(()))
    }

    /// Sends all waiting frames and the close frame.
    pub(super) async fn close(&mut self, frame: CloseFrame) -> Result<(), Error> {
        self.flush().await?;
        self.stream.send(Message::Close(Some(frame))).await
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use tokio::io::{DuplexStream, ReadBuf, duplex};

    use super::*;

    /// A connection that counts its writes.
    struct Counted(DuplexStream, Rc<Cell<usize>>);

    impl AsyncRead for Counted {
        fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(context, buffer)
        }
    }

    impl AsyncWrite for Counted {
        fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.1.set(self.1.get() + 1);
            Pin::new(&mut self.0).poll_write(context, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(context)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(context)
        }
    }

    /// A socket, its client, and the number of writes by the socket. The connection buffers `bytes`.
    async fn pair(bytes: usize) -> (Socket<Counted>, WebSocketStream<DuplexStream>, Rc<Cell<usize>>) {
        let ((ours, theirs), writes) = (duplex(bytes), Rc::default());
        let socket = Socket::new(Counted(ours, Rc::clone(&writes)), WebSocketConfig::default().write_buffer_size(0)).await;
        (socket, WebSocketStream::from_raw_socket(theirs, Role::Client, None).await, writes)
    }

    fn write_text(socket: &mut Socket<Counted>, text: &str) {
        socket.text(0, usize::MAX, |out| out.extend_from_slice(text.as_bytes())).unwrap();
    }

    async fn received(client: &mut WebSocketStream<DuplexStream>) -> String {
        client.next().await.unwrap().unwrap().into_text().unwrap().to_string()
    }

    #[tokio::test]
    async fn texts_of_every_length_arrive_unchanged_in_one_write() {
        let texts =
            [0, 1, 125, 126, 127, 65_535, 65_536, 200_000, 3].map(|length| "ệ".repeat(length / 3) + &"x".repeat(length % 3));
        let (mut socket, mut client, writes) = pair(1024 * 1024).await;
        for text in &texts {
            write_text(&mut socket, text);
        }
        assert!(socket.is_waiting() && socket.is_full() && writes.get() == 0);
        socket.flush().await.unwrap();
        assert!(!socket.is_waiting() && !socket.is_full() && writes.get() == 1);
        for text in texts {
            assert_eq!(received(&mut client).await, text);
        }
    }

    #[tokio::test]
    async fn a_text_that_is_too_long_leaves_no_trace() {
        let (mut socket, mut client, _) = pair(1024).await;
        write_text(&mut socket, "before");
        assert_eq!(socket.text(0, 3, |out| out.extend_from_slice(b"long")), Err(4));
        write_text(&mut socket, "after");
        socket.flush().await.unwrap();
        assert_eq!([received(&mut client).await, received(&mut client).await], ["before", "after"]);
    }

    #[tokio::test]
    async fn a_socket_is_full_at_the_frame_limit_and_holds_no_buffer_when_empty() {
        let (mut socket, mut client, _) = pair(1024).await;
        for _ in 0..FULL_FRAMES {
            assert!(!socket.is_full());
            socket.ping();
        }
        assert!(socket.is_full());
        socket.flush().await.unwrap();
        assert_eq!(socket.waiting.capacity(), 0);
        assert!(client.next().await.unwrap().unwrap().is_ping());
    }

    #[tokio::test]
    async fn pongs_are_never_written_in_the_middle_of_a_frame() {
        let (mut socket, mut client, _) = pair(7).await;
        let serve = async {
            for n in 0..50 {
                write_text(&mut socket, &format!("{n} {}", "x".repeat(300)));
                // The pong is queued while the text is waiting.
                assert!(socket.recv().await.unwrap().unwrap().is_ping());
                socket.flush().await.unwrap();
            }
            socket.close(CloseFrame { code: 1000.into(), reason: "".into() }).await.unwrap();
        };
        let ask = async {
            for n in 0..50 {
                client.send(Message::Ping("is it you?".into())).await.unwrap();
                let (mut texts, mut pongs) = (0, 0);
                while texts + pongs < 2 {
                    match client.next().await.unwrap().unwrap() {
                        Message::Text(text) => {
                            assert!(text.starts_with(&format!("{n} xxx")) && text.ends_with('x'));
                            texts += 1;
                        }
                        Message::Pong(what) => {
                            assert_eq!(what, "is it you?");
                            pongs += 1;
                        }
                        other => panic!("{other}"),
                    }
                }
                assert_eq!((texts, pongs), (1, 1));
            }
            assert!(client.next().await.unwrap().unwrap().is_close());
        };
        tokio::join!(serve, ask);
    }
}

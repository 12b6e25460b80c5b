//! One socket: tungstenite reads messages and closes, and what is sent is gathered here.
//!
//! tungstenite keeps a write buffer as large as its largest frame for as long as the connection lives, takes each text apart
//! from the buffer, and checks that it is UTF-8 once more. The frames of a server are simple (RFC 6455, 5.2: a header, then
//! the payload without a mask). So they are written here, one behind the other, straight into a buffer that goes out at once
//! and is gone when it is sent: one allocation and one system call for all frames that wait.
//!
//! tungstenite itself writes only pongs and close frames, and never amid the frames here: see [`Socket::poll_flush`].

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

/// Frames of so many bytes are sent before there are more.
const FULL_BYTES: usize = 64 * 1024;

/// So many frames are sent before there are more.
const FULL_FRAMES: u32 = 32;

/// The first byte of a text frame that is a whole message.
const TEXT: u8 = 0x81;

/// An empty ping.
const PING: [u8; 2] = [0x89, 0];

/// The room left for the header of a frame: as much as a payload of 126 bytes to 64 KiB takes.
const HEADER_BYTES: usize = 4;

/// One socket over a connection.
pub(super) struct Socket<C = TokioIo<Upgraded>> {
    stream: WebSocketStream<C>,
    /// Frames to be sent.
    waiting: Vec<u8>,
    /// How many bytes of them are sent.
    sent: usize,
    /// How many there are.
    frames: u32,
}

impl<C: AsyncRead + AsyncWrite + Unpin> Socket<C> {
    /// The socket of a connection that was upgraded.
    pub(super) async fn new(connection: C, config: WebSocketConfig) -> Self {
        let stream = WebSocketStream::from_raw_socket(connection, Role::Server, Some(config)).await;
        Self { stream, waiting: Vec::new(), sent: 0, frames: 0 }
    }

    /// The next message of the client. It loses nothing when it is dropped.
    pub(super) async fn recv(&mut self) -> Option<Result<Message, Error>> {
        self.stream.next().await
    }

    /// Whether frames are waiting to be sent.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether so much is waiting that it is to be sent first.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= FULL_BYTES || self.frames >= FULL_FRAMES
    }

    /// Appends a text message, for which there should be `room`, as `write` appends it to what is waiting: UTF-8. If it is
    /// longer than `limit`, it is not sent, and the error is its length.
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
        // The room suits most messages. The others are moved.
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

    /// Sends everything that is waiting.
    pub(super) async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|context| self.poll_flush(context)).await
    }

    /// Sends everything that is waiting, as far as the connection takes it.
    ///
    /// What tungstenite has begun to write is finished before a frame here is begun, and the other way round.
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

    /// Sends everything that is waiting, and the close frame.
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

    /// A connection that counts how often something is written to it.
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

    /// A socket, its client, and how often the socket wrote. The connection holds this many bytes.
    async fn pair(bytes: usize) -> (Socket<Counted>, WebSocketStream<DuplexStream>, Rc<Cell<usize>>) {
        let ((ours, theirs), writes) = (duplex(bytes), Rc::default());
        let socket = Socket::new(Counted(ours, Rc::clone(&writes)), WebSocketConfig::default().write_buffer_size(0)).await;
        (socket, WebSocketStream::from_raw_socket(theirs, Role::Client, None).await, writes)
    }

    fn say(socket: &mut Socket<Counted>, text: &str) {
        socket.text(0, usize::MAX, |out| out.extend_from_slice(text.as_bytes())).unwrap();
    }

    async fn heard(client: &mut WebSocketStream<DuplexStream>) -> String {
        client.next().await.unwrap().unwrap().into_text().unwrap().to_string()
    }

    #[tokio::test]
    async fn texts_of_every_length_are_read_as_they_were_written_and_go_out_in_one_write() {
        let texts =
            [0, 1, 125, 126, 127, 65_535, 65_536, 200_000, 3].map(|length| "ệ".repeat(length / 3) + &"x".repeat(length % 3));
        let (mut socket, mut client, writes) = pair(1024 * 1024).await;
        for text in &texts {
            say(&mut socket, text);
        }
        assert!(socket.is_waiting() && socket.is_full() && writes.get() == 0);
        socket.flush().await.unwrap();
        assert!(!socket.is_waiting() && !socket.is_full() && writes.get() == 1);
        for text in texts {
            assert_eq!(heard(&mut client).await, text);
        }
    }

    #[tokio::test]
    async fn a_text_that_is_too_long_leaves_no_trace() {
        let (mut socket, mut client, _) = pair(1024).await;
        say(&mut socket, "before");
        assert_eq!(socket.text(0, 3, |out| out.extend_from_slice(b"long")), Err(4));
        say(&mut socket, "after");
        socket.flush().await.unwrap();
        assert_eq!([heard(&mut client).await, heard(&mut client).await], ["before", "after"]);
    }

    #[tokio::test]
    async fn so_many_frames_are_full_and_an_empty_socket_holds_no_buffer() {
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
    async fn answers_to_pings_never_come_amid_a_frame_however_little_the_connection_takes_at_a_time() {
        let (mut socket, mut client, _) = pair(7).await;
        let serve = async {
            for n in 0..50 {
                say(&mut socket, &format!("{n} {}", "x".repeat(300)));
                // The answer is queued while the text is waiting.
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

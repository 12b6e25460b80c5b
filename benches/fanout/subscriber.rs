//! A subscriber that takes as little CPU as possible, so that the server is measured: it reads frames from the raw connection
//! into a shared buffer, and only searches them for the number.

mod frames;

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};

use self::frames::{Frame, split};
use crate::{tally::Tally, traffic::MARK};

/// An empty pong frame, masked with zeros.
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

/// A WebSocket.
pub(crate) struct Connection {
    stream: TcpStream,
    /// The beginning of an incomplete frame.
    rest: Vec<u8>,
}

/// The control frames that the server has sent.
#[derive(Default)]
struct ControlFrames {
    pings: usize,
    closed: Option<String>,
}

impl Connection {
    /// Connects, and initialises the protocol.
    pub(crate) async fn open(address: &str, path: &str) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(address).await.context("no connection")?;
        stream.set_nodelay(true)?;
        let upgrade = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        );
        stream.write_all(upgrade.as_bytes()).await?;
        let mut head = Vec::with_capacity(512);
        let end = loop {
            if let Some(at) = head.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            ensure!(stream.read_buf(&mut head).await? > 0, "the connection ended before the upgrade");
        };
        ensure!(head.starts_with(b"HTTP/1.1 101"), "no upgrade: {}", String::from_utf8_lossy(&head));
        let mut connection = Self { stream, rest: head[end..].to_vec() };
        connection.send(&json!({ "type": "connection_init" })).await?;
        connection.next_with(b"connection_ack").await?;
        Ok(connection)
    }

    /// Sends the subscription, and waits until the server has read it.
    pub(crate) async fn subscribe(&mut self, document: &str, variables: &Value) -> anyhow::Result<()> {
        let payload = json!({ "query": document, "variables": variables });
        self.send(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await?;
        self.send(&json!({ "type": "ping" })).await?;
        self.next_with(br#""pong""#).await?;
        self.rest.shrink_to_fit();
        Ok(())
    }

    /// The next text that contains `mark`. Only pings and pongs may arrive before it.
    pub(crate) async fn next_with(&mut self, mark: &[u8]) -> anyhow::Result<String> {
        loop {
            let (mut found, mut other) = (None, None);
            self.read(|text| {
                let owned = String::from_utf8_lossy(text).into_owned();
                if contains(text, mark) {
                    found.get_or_insert(owned);
                } else if !is_of_connection(text) {
                    other.get_or_insert(owned);
                }
            })
            .await?;
            match (found, other) {
                (_, Some(other)) => bail!("unexpected message: {other}"),
                (Some(found), None) => return Ok(found),
                (None, None) => {}
            }
        }
    }

    /// Counts received messages until the connection ends, which is an error.
    pub(crate) async fn count(mut self, tally: Arc<Tally>) {
        loop {
            let read = self.read(|text| match number(text) {
                Some(number) => tally.received(number),
                None if is_of_connection(text) => {}
                None => tally.fault(|| format!("unexpected message: {}", String::from_utf8_lossy(text))),
            });
            if let Err(error) = read.await {
                tally.fault(|| format!("a subscriber lost its connection: {error:#}"));
                return;
            }
        }
    }

    /// Sends a text, masked with zeros.
    async fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        let text = message.to_string();
        let length = u16::try_from(text.len()).context("the message is too long")?.to_be_bytes();
        let head: &[u8] = match text.len() {
            0..126 => &[0x81, 0x80 | length[1], 0, 0, 0, 0],
            _ => &[0x81, 0x80 | 0x7e, length[0], length[1], 0, 0, 0, 0],
        };
        Ok(self.stream.write_all(&[head, text.as_bytes()].concat()).await?)
    }

    /// Waits for data, passes on complete texts, and answers pings.
    async fn read(&mut self, mut text: impl FnMut(&[u8])) -> anyhow::Result<()> {
        let mut pings = 0;
        let mut text = |frame: &[u8]| {
            pings += usize::from(frame.starts_with(br#"{"type":"ping""#));
            text(frame);
        };
        let Self { stream, rest } = self;
        let control = poll_fn(|context| {
            BUFFER.with_borrow_mut(|buffer| {
                let mut read = ReadBuf::new(buffer);
                ready!(Pin::new(&mut *stream).poll_read(context, &mut read))?;
                if read.filled().is_empty() {
                    return Poll::Ready(Err(io::Error::other("it ended")));
                }
                Poll::Ready(Ok(take(rest, read.filled(), &mut text)))
            })
        })
        .await?;
        for _ in 0..control.pings {
            self.stream.write_all(&PONG).await?;
        }
        for _ in 0..pings {
            self.send(&json!({ "type": "pong" })).await?;
        }
        match control.closed {
            Some(reason) => bail!("the server closed it: {reason}"),
            None => Ok(()),
        }
    }
}

/// Handles the complete frames, and stores the incomplete rest.
fn take(rest: &mut Vec<u8>, bytes: &[u8], text: &mut impl FnMut(&[u8])) -> ControlFrames {
    let joined = (!rest.is_empty()).then(|| {
        rest.extend_from_slice(bytes);
        std::mem::take(rest)
    });
    let mut left = joined.as_deref().unwrap_or(bytes);
    let mut control = ControlFrames::default();
    while let Some((frame, behind)) = split(left) {
        left = behind;
        match frame {
            Frame::Text(frame) => text(frame),
            Frame::Ping => control.pings += 1,
            Frame::Close(reason) => control.closed = Some(reason),
            Frame::Other => {}
        }
    }
    rest.extend_from_slice(left);
    control
}

fn contains(text: &[u8], mark: &[u8]) -> bool {
    text.windows(mark.len()).any(|window| window == mark)
}

/// Whether a message concerns the connection rather than an operation.
fn is_of_connection(text: &[u8]) -> bool {
    text.starts_with(br#"{"type":"ping""#) || text.starts_with(br#"{"type":"pong""#)
}

/// The number of the message in a frame.
fn number(text: &[u8]) -> Option<u64> {
    let after = text.windows(MARK.len()).position(|window| window == MARK)? + MARK.len();
    let digits = text[after..].iter().skip_while(|byte| **byte != b'-').skip(1).take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

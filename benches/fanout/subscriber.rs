//! A subscriber that costs as little as it can, so that the server is measured: it reads frames from the bare connection, and
//! looks only for the number in them.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::tally::Tally;

const QUERY: &str = "subscription($after: String, $filter: MessageFilter) { \
    messageAdded(after: $after, filter: $filter) { cursor message { id text } } }";

/// Before the number of a message.
const MARK: &[u8] = br#""text":""#;

/// A frame like those of the gateway.
pub(crate) fn frame(number: u64) -> String {
    let cursor = "0123456789abcdef0123456789abcdef0123456789ab";
    let message = format!(r#"{{"id":"zalo:m-{number}","text":"{number}"}}"#);
    let data = format!(r#"{{"messageAdded":{{"cursor":"{cursor}","message":{message}}}}}"#);
    format!(r#"{{"type":"next","id":"1","payload":{{"data":{data}}}}}"#)
}

/// Opens a connection and subscribes, then counts what comes until the connection is lost.
pub(crate) async fn subscribe(base: &str, variables: Value, tally: Arc<Tally>) {
    let address = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let upgrade = format!(
        "GET /graphql HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
    );
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    let mut frames = Frames { stream, read: Vec::new(), taken: 0 };
    frames.say(&json!({ "type": "connection_init" })).await;
    frames.until(b"connection_ack").await;
    let payload = json!({ "query": QUERY, "variables": variables });
    frames.say(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
    frames.say(&json!({ "type": "ping" })).await;
    frames.until(b"pong").await;
    tokio::spawn(async move {
        while let Some(text) = frames.next().await {
            if let Some(number) = number(text) {
                tally.received(number);
            }
        }
    });
}

/// The number of a message, from 0, if it is one that is counted.
fn number(text: &[u8]) -> Option<u64> {
    let at = text.windows(MARK.len()).position(|window| window == MARK)? + MARK.len();
    let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit());
    let number = digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    number.checked_sub(1)
}

struct Frames {
    stream: TcpStream,
    read: Vec<u8>,
    /// How much of it was taken.
    taken: usize,
}

impl Frames {
    /// Sends a text, masked with zeros.
    async fn say(&mut self, message: &Value) {
        let text = message.to_string();
        let length = u16::try_from(text.len()).unwrap().to_be_bytes();
        let frame = [&[0x81, 0x80 | 0x7e, length[0], length[1], 0, 0, 0, 0], text.as_bytes()].concat();
        self.stream.write_all(&frame).await.unwrap();
    }

    async fn until(&mut self, mark: &[u8]) {
        loop {
            let text = self.next().await.expect("an answer");
            if text.windows(mark.len()).any(|window| window == mark) {
                return;
            }
        }
    }

    /// The next text; nothing when the connection is lost.
    async fn next(&mut self) -> Option<&[u8]> {
        loop {
            let (opcode, head, length) = match self.read[self.taken..] {
                [first, 126, high, low, ..] => (first & 0xf, 4, usize::from(u16::from_be_bytes([high, low]))),
                [_, 126, ..] => (0, 4, 0),
                [first, length @ 0..=125, ..] => (first & 0xf, 2, usize::from(length)),
                [_, 127, ..] => panic!("such a long frame was not expected"),
                _ => (0, 2, 0),
            };
            let frame = self.taken + head..self.taken + head + length;
            if self.read.len() < frame.end || self.read.len() < self.taken + 2 {
                self.read.drain(..self.taken);
                self.taken = 0;
                if self.stream.read_buf(&mut self.read).await.is_ok_and(|bytes| bytes > 0) {
                    continue;
                }
                return None;
            }
            self.taken = frame.end;
            match opcode {
                1 => return Some(&self.read[frame]),
                // A ping, to be answered by an empty pong.
                9 => self.stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await.ok()?,
                _ => {}
            }
        }
    }
}

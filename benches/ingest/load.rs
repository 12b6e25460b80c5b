//! The load: connections that each post a new message as soon as they have a response.
//!
//! Sockets are written and read directly, and responses are parsed only for their status and their end, so that the load takes
//! little CPU time from the server under test.

use std::{
    io::Write,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::message::Messages;

/// The path for messages at the gateway and the bare server.
pub(crate) const PATH: &str = "/webhooks/message-sent";

/// A number of posters for a duration. No two runs have messages in common.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) posters: u32,
    pub(crate) run: u32,
    pub(crate) time: Duration,
}

/// The posted and acknowledged messages.
#[derive(Default)]
pub(crate) struct Posted {
    /// The duration of each request, in microseconds.
    pub(crate) took: Vec<u32>,
    /// Total bytes of the payloads.
    pub(crate) bytes: u64,
    /// The time until the last request was answered.
    pub(crate) time: Duration,
}

impl Load {
    /// Posts to a server.
    pub(crate) async fn post(self, base: &str) -> Posted {
        let address: SocketAddr = base.strip_prefix("http://").unwrap().parse().unwrap();
        let started = Instant::now();
        let mut posting = JoinSet::new();
        for poster in 0..self.posters {
            posting.spawn(async move {
                let mut connection = Connection::open(address).await;
                let mut messages = Messages::new(self.run, poster);
                let mut posted = Posted::default();
                while started.elapsed() < self.time {
                    let sent = Instant::now();
                    let body = messages.next();
                    posted.bytes += body.len() as u64;
                    connection.post(body).await;
                    posted.took.push(u32::try_from(sent.elapsed().as_micros()).unwrap());
                }
                posted
            });
        }
        let mut all = Posted::default();
        for posted in posting.join_all().await {
            all.took.extend(posted.took);
            all.bytes += posted.bytes;
        }
        all.time = started.elapsed();
        all
    }
}

struct Connection {
    stream: TcpStream,
    host: SocketAddr,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, host: address, request: Vec::with_capacity(4 * 1024), answer: Vec::with_capacity(4 * 1024) }
    }

    /// Posts a body, and waits for the whole response, which must be a success.
    async fn post(&mut self, body: &str) {
        let (host, length) = (self.host, body.len());
        self.request.clear();
        write!(
            self.request,
            "POST {PATH} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        self.stream.write_all(&self.request).await.unwrap();
        self.answer.clear();
        let mut end = None;
        loop {
            assert!(self.stream.read_buf(&mut self.answer).await.unwrap() > 0, "the connection was closed");
            end = end.or_else(|| end_of(&self.answer));
            if end.is_some_and(|end| self.answer.len() >= end) {
                assert!(self.answer.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&self.answer));
                return;
            }
        }
    }
}

/// The end of a response, once its head is complete.
fn end_of(answer: &[u8]) -> Option<usize> {
    let length = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = str::from_utf8(&answer[..length]).unwrap();
    let body = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("the length of the body");
    Some(length + 4 + body.parse::<usize>().unwrap())
}

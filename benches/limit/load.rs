//! The load: connections that each send the next request as soon as they have a response.
//!
//! Sockets are written and read directly, with prepared requests, and responses are parsed only for their end and for `data`,
//! so that the load takes little CPU time from the server under test.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// The number of concurrent connections.
pub(crate) const CONNECTIONS: usize = 32;

/// The requests of a case to a server, as sent.
pub(crate) struct Requests {
    address: SocketAddr,
    bytes: Vec<Vec<u8>>,
}

impl Requests {
    /// Requests with these bodies to a path.
    pub(crate) fn new(base: &str, path: &str, bodies: &[String]) -> Self {
        let host = base.strip_prefix("http://").unwrap();
        let bytes = bodies.iter().map(|body| {
            let length = body.len();
            format!(
                "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .into_bytes()
        });
        Self { address: host.parse().unwrap(), bytes: bytes.collect() }
    }

    /// The response to the request with this number.
    pub(crate) async fn send(&self, number: usize) -> Vec<u8> {
        let mut connection = Connection::open(self.address).await;
        let (start, end) = connection.send(&self.bytes[number]).await;
        connection.read[start..end].to_vec()
    }

    /// Sends requests for a while. Returns the duration of each, in microseconds, and the time until the last response.
    pub(crate) async fn load(self: Arc<Self>, time: Duration) -> (Vec<u32>, Duration) {
        let started = Instant::now();
        let mut connections = JoinSet::new();
        for number in 0..CONNECTIONS {
            let requests = Arc::clone(&self);
            connections.spawn(async move {
                let mut connection = Connection::open(requests.address).await;
                let mut took = Vec::new();
                let mut requests = requests.bytes.iter().cycle().skip(number * requests.bytes.len() / CONNECTIONS);
                while started.elapsed() < time {
                    let sent = Instant::now();
                    connection.send(requests.next().unwrap()).await;
                    took.push(u32::try_from(sent.elapsed().as_micros()).unwrap());
                }
                took
            });
        }
        let took = connections.join_all().await.concat();
        (took, started.elapsed())
    }
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::with_capacity(64 * 1024) }
    }

    /// Sends a request, and returns the position of the response's body in `read`.
    async fn send(&mut self, request: &[u8]) -> (usize, usize) {
        self.stream.write_all(request).await.unwrap();
        self.read.clear();
        let mut body = None;
        loop {
            assert!(self.stream.read_buf(&mut self.read).await.unwrap() > 0, "the connection was closed");
            let (start, end) = match body {
                Some(body) => body,
                None => match head(&self.read) {
                    Some(found) => *body.insert(found),
                    None => continue,
                },
            };
            if self.read.len() >= end {
                let answer = &self.read[start..end];
                assert!(answer.starts_with(br#"{"data":{"#), "{}", String::from_utf8_lossy(answer));
                return (start, end);
            }
        }
    }
}

/// The position of a response's body, once its head is complete.
fn head(read: &[u8]) -> Option<(usize, usize)> {
    let length = read.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = str::from_utf8(&read[..length]).unwrap();
    let mut headers = head.lines().filter_map(|line| line.split_once(": "));
    let (_, body) = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length")).expect("a content-length");
    Some((length + 4, length + 4 + body.parse::<usize>().unwrap()))
}

//! The limits of single WebSocket connections and of all together.
//!
//! Each limit bounds memory or time that a client could otherwise claim without limit. The defaults suit well-behaved clients,
//! including those that do not read for half a minute. The last number in a comment is the default.

use std::time::Duration;

/// The limits of one server's sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long `connection_init` may take to arrive (then closed with 4408). 10 s.
    pub init_timeout: Duration,
    /// The maximum number of operations on one connection. A further one gets an `error` message with the code
    /// `LIMIT_EXCEEDED`; the running ones continue.
    pub max_operations: usize,
    /// The maximum size of a client's message, in bytes (closed with 1009 if it is larger). 256 KiB.
    pub max_message_bytes: usize,
    /// The maximum size of a message to a client, in bytes. An operation with a larger result ends with an `error` message
    /// with the code `LIMIT_EXCEEDED`. 16 MiB.
    pub max_response_bytes: usize,
    /// The interval of keep-alive pings. Many proxies drop a connection that is idle for a minute.
    pub ping_interval: Duration,
    /// How long a client may send nothing after a ping (then closed with 1013). 60 s.
    pub pong_timeout: Duration,
    /// How long a connection may have no operation (then closed with 1001). 10 min.
    pub idle_timeout: Duration,
    /// How long a frame may wait for a client that does not read (then closed with 1013, or dropped if the close frame can't be
    /// sent either). The time starts when the socket buffers on both sides are full.
    pub write_timeout: Duration,
    /// The maximum number of live connections in all, WebSocket and streams over HTTP together; a further one is refused
    /// with 503 and `Retry-After`, before the upgrade.
    pub max_connections: usize,
}

impl Limits {
    /// The limits of a server, of which these four are settings.
    pub fn new(max_connections: usize, max_operations: usize, ping_interval: Duration, write_timeout: Duration) -> Self {
        Self {
            init_timeout: Duration::from_secs(10),
            max_operations,
            max_message_bytes: 256 * 1024,
            max_response_bytes: 16 * 1024 * 1024,
            ping_interval,
            pong_timeout: Duration::from_mins(1),
            idle_timeout: Duration::from_mins(10),
            write_timeout,
            max_connections,
        }
    }
}

//! What one client may ask of a socket, and what all of them may ask together. Every number bounds memory or time that a
//! client would otherwise decide over; the defaults let honest clients through, one that pauses for half a minute included.

use std::time::Duration;

/// The limits of the sockets of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a socket may stay without `connection_init` (closed with 4408 then). 10 s.
    pub init_timeout: Duration,
    /// How many operations may run on one connection at once; one more is answered with an `error` message of the code
    /// `LIMIT_EXCEEDED`, and those that run go on.
    pub max_operations: usize,
    /// The longest message a client may send, in bytes (closed with 1009 when it is longer). 256 KiB.
    pub max_message_bytes: usize,
    /// The longest message that is sent to a client, in bytes. An operation with a longer answer ends with an `error`
    /// message of the code `LIMIT_EXCEEDED`. 16 MiB.
    pub max_response_bytes: usize,
    /// The time between two keep-alive pings. 25 s, below the minute after which many proxies drop a silent connection.
    pub ping_interval: Duration,
    /// How long after a ping nothing at all may be heard of a client before it counts as gone (closed with 1013). 60 s.
    pub pong_timeout: Duration,
    /// How long a connection may stay without any operation (closed with 1001). 10 min.
    pub idle_timeout: Duration,
    /// How long one frame may wait for a client that does not read (closed with 1013, or cut off when not even that goes
    /// out). It begins when the buffers of the operating systems between the two are full.
    pub write_timeout: Duration,
    /// How many sockets may be open in all, with the streams that are given room among them; one more is refused
    /// with 503 and `Retry-After` before the upgrade.
    pub max_connections: usize,
}

impl Limits {
    /// The limits of a server, of which these three are settings.
    pub fn new(max_connections: usize, max_operations: usize, write_timeout: Duration) -> Self {
        Self {
            init_timeout: Duration::from_secs(10),
            max_operations,
            max_message_bytes: 256 * 1024,
            max_response_bytes: 16 * 1024 * 1024,
            ping_interval: Duration::from_secs(25),
            pong_timeout: Duration::from_mins(1),
            idle_timeout: Duration::from_mins(10),
            write_timeout,
            max_connections,
        }
    }
}

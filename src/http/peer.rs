//! Who is at the other end of a connection: an extension of each request, set where connections are accepted. Logs and limits
//! read it; nothing else depends on it.

use std::net::IpAddr;

/// The address at the other end of a request's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

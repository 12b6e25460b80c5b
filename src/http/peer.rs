//! The address of a request's client.
//!
//! [`Peer`] is an extension of every request. It is the address of the connection or, if that is a trusted proxy, the address
//! that the proxy reports in `X-Forwarded-For`. Each proxy appends the address that it was called from. So the client is the
//! rightmost address that is not a trusted proxy; entries to the left of it may be forged and are ignored.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peer(pub IpAddr);

/// The trusted proxies.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Trusts proxies in these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// The client behind a connection from `address` with these headers.
    pub fn client(&self, address: IpAddr, headers: &HeaderMap) -> Peer {
        let mut client = address.to_canonical();
        if !self.trusts(client) {
            return Peer(client);
        }
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        // A line that is not text counts as an invalid entry.
        let entries = lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
        for entry in entries {
            let Some(forwarded) = address_in(entry.trim()) else { break };
            client = forwarded;
            if !self.trusts(client) {
                break;
            }
        }
        Peer(client)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Parses an address as proxies write it: some append the port.
fn address_in(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().ok().or_else(|| Some(entry.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(trusted: &[&str], address: &str, lines: &[&'static str]) -> String {
        let proxies = Proxies::new(trusted.iter().map(|network| network.parse().unwrap()).collect());
        let headers = lines.iter().map(|line| (FORWARDED_FOR, HeaderValue::from_static(line))).collect();
        proxies.client(address.parse().unwrap(), &headers).0.to_string()
    }

    #[test]
    fn the_header_is_ignored_from_other_addresses() {
        assert_eq!(client(&[], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client(&["::/0"], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn the_client_is_the_rightmost_address_that_is_no_trusted_proxy() {
        for (lines, expected) in [
            (&[][..], "10.0.0.1"),
            (&["198.51.100.1"], "198.51.100.1"),
            (&["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
            (&["192.0.2.66, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
            (&["192.0.2.66", "198.51.100.1", "10.0.0.7,10.0.0.8"], "198.51.100.1"),
            (&["10.0.0.9, 10.0.0.7"], "10.0.0.9"),
            (&["198.51.100.1:4711"], "198.51.100.1"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["::ffff:198.51.100.1"], "198.51.100.1"),
        ] {
            assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn an_invalid_entry_ends_the_trusted_chain() {
        for lines in [&["198.51.100.1, unknown"][..], &["198.51.100.1, "], &[""], &["198.51.100.1", "no; address"]] {
            assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", lines), "10.0.0.1", "{lines:?}");
        }
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"]), "10.0.0.2");
    }

    #[test]
    fn a_proxy_that_comes_over_ipv6_with_an_ipv4_address_is_the_same_proxy() {
        assert_eq!(client(&["10.0.0.1/32"], "::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    }
}

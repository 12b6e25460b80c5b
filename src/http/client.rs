//! Who sends a request: reads the credential of a request or of a handshake, has it checked, and keeps the audit trail.

use std::net::SocketAddr;

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, header, request::Parts},
};
use serde_json::{Map, Value};

use crate::access::{Access, End, Identity, Refused, audit};

/// What stands for a credential that can't be read, so that it is refused and not taken for none.
const UNREADABLE: &str = "";

/// A client that was let in.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) identity: Identity,
    address: Option<SocketAddr>,
}

impl Client {
    /// Who sends a request with this head.
    pub(super) async fn of_request(access: &Access, request: &Parts) -> Result<Self, Refused> {
        Self::known_by(access, header(&request.headers), request).await
    }

    /// Who opens a socket: what `connection_init` says comes before what the handshake says.
    pub(super) async fn of_socket(access: &Access, handshake: &Parts, init: &Map<String, Value>) -> Result<Self, Refused> {
        Self::known_by(access, payload(init).or_else(|| header(&handshake.headers)), handshake).await
    }

    async fn known_by(access: &Access, authorization: Option<&str>, head: &Parts) -> Result<Self, Refused> {
        let address = head.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        match access.authenticate(authorization).await {
            Ok(identity) => Ok(Self { identity, address }),
            Err(refused) => {
                audit::refused(&refused, address);
                Err(refused)
            }
        }
    }

    /// Waits until the credential ends, and notes that something ends with it.
    pub(super) fn ended(&self) -> impl Future<Output = End> + Send + use<> {
        let client = self.clone();
        async move {
            let end = client.identity.ended().await;
            audit::ended(&client.identity, end, client.address);
            end
        }
    }
}

/// The credential in the headers.
fn header(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let value = sent.next()?;
    let is_one = sent.next().is_none();
    Some(value.to_str().ok().filter(|_| is_one).unwrap_or(UNREADABLE))
}

/// The credential in the payload of `connection_init`, whatever the case of its key. `null` is none.
fn payload(init: &Map<String, Value>) -> Option<&str> {
    let mut sent = init.iter().filter(|(key, value)| key.eq_ignore_ascii_case("authorization") && !value.is_null());
    let (_, value) = sent.next()?;
    let is_one = sent.next().is_none();
    Some(value.as_str().filter(|_| is_one).unwrap_or(UNREADABLE))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_credential_that_is_unreadable_or_there_twice_is_not_taken_for_none() {
        let init = |value: Value| value.as_object().unwrap().clone();
        assert_eq!(payload(&init(json!({ "AUTHORIZATION": "Bearer x", "other": 1 }))), Some("Bearer x"));
        assert_eq!(payload(&init(json!({ "authorization": null }))), None);
        assert_eq!(payload(&init(json!({ "authorization": 7 }))), Some(UNREADABLE));
        assert_eq!(payload(&init(json!({ "authorization": "Bearer x", "Authorization": "Bearer y" }))), Some(UNREADABLE));
        let mut headers = HeaderMap::new();
        assert_eq!(header(&headers), None);
        headers.insert("authorization", "Bearer x".parse().unwrap());
        assert_eq!(header(&headers), Some("Bearer x"));
        headers.append("authorization", "Bearer y".parse().unwrap());
        assert_eq!(header(&headers), Some(UNREADABLE));
        headers.insert("authorization", axum::http::HeaderValue::from_bytes(b"Bearer \xff").unwrap());
        assert_eq!(header(&headers), Some(UNREADABLE));
    }
}

//! Authenticates the client of a request or of a WebSocket handshake: extracts the credential, has it checked, assigns the
//! client its role, and writes the audit log.

use std::net::IpAddr;

use async_graphql::Data;
use axum::http::{HeaderMap, header, request::Parts};
use serde_json::{Map, Value};

use super::peer::Peer;
use crate::{
    access::{Access, End, Identity, Refused, Who, audit},
    graphql::{self, Roles, Viewer},
    metrics::{CredentialFault, Metrics},
};

/// Stands for a credential that can't be read, so that it is refused and not treated as missing.
const UNREADABLE: &str = "";

/// Authenticates clients.
#[derive(Clone)]
pub(super) struct Authenticator {
    /// Verifies credentials.
    pub(super) access: Access,
    /// The configured roles.
    pub(super) roles: Roles,
    /// Counts who is refused.
    pub(super) metrics: Metrics,
}

/// An authenticated client.
#[derive(Clone)]
pub(super) struct Client {
    identity: Identity,
    viewer: Viewer,
    address: Option<IpAddr>,
}

impl Authenticator {
    /// Authenticates the sender of a request.
    pub(super) async fn client_of_request(&self, request: &Parts) -> Result<Client, Refused> {
        self.let_in(header(&request.headers), request).await
    }

    /// Authenticates a socket's client: a credential in `connection_init` takes precedence over one in the handshake.
    pub(super) async fn client_of_socket(&self, handshake: &Parts, init: &Map<String, Value>) -> Result<Client, Refused> {
        self.let_in(payload(init).or_else(|| header(&handshake.headers)), handshake).await
    }

    async fn let_in(&self, authorization: Option<&str>, head: &Parts) -> Result<Client, Refused> {
        let address = head.extensions.get::<Peer>().map(|peer| peer.0);
        match self.access.authenticate(authorization).await {
            Ok(identity) => {
                let viewer = self.viewer(&identity, address);
                Ok(Client { identity, viewer, address })
            }
            Err(refused) => {
                audit::refused(&refused, address);
                self.metrics.credentials_refused.of(fault(&refused)).increment();
                Err(refused)
            }
        }
    }

    /// The viewer for an identity. Without a credential, use is counted by address.
    fn viewer(&self, identity: &Identity, address: Option<IpAddr>) -> Viewer {
        let Some(role) = &identity.role else { return Viewer::of_everything() };
        let credential = match &identity.who {
            Who::Key(id) => format!("key {id}"),
            Who::Subject(subject) => format!("subject {subject}"),
            Who::Anonymous | Who::Open => format!("address {address:?}"),
        };
        let role = self.roles.named(role).expect("access only accepts configured roles");
        Viewer::with(role, identity.staff.as_ref(), &credential)
    }
}

impl Client {
    /// The request data of this client.
    pub(super) fn request_data(&self) -> Data {
        graphql::request_data(self.viewer.clone())
    }

    /// The client's viewer: its scope and allowance.
    pub(super) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Whether the credential can end. Without a credential, nothing can.
    pub(super) fn may_end(&self) -> bool {
        self.identity.may_end()
    }

    /// Waits until the credential ends, and logs that something was closed with it.
    pub(super) fn ended(&self) -> impl Future<Output = End> + Send + use<> {
        let client = self.clone();
        async move {
            let end = client.identity.ended().await;
            audit::ended(&client.identity, end, client.address);
            end
        }
    }
}

/// What was wrong, for metrics.
fn fault(refused: &Refused) -> CredentialFault {
    match refused {
        Refused::Missing => CredentialFault::Missing,
        Refused::Invalid { .. } => CredentialFault::Invalid,
        Refused::Unavailable => CredentialFault::Unavailable,
    }
}

/// The credential in the headers.
fn header(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let value = sent.next()?;
    let is_one = sent.next().is_none();
    Some(value.to_str().ok().filter(|_| is_one).unwrap_or(UNREADABLE))
}

/// The credential in the payload of `connection_init`. The key is case-insensitive; `null` means none.
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
    fn an_unreadable_or_repeated_credential_is_not_treated_as_missing() {
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

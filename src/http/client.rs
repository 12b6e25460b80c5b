//! Who sends a request: reads the credential of a request or of a handshake, has it checked, gives the client what its role may
//! see, and keeps the audit trail.

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

/// What stands for a credential that can't be read, so that it is refused and not taken for none.
const UNREADABLE: &str = "";

/// Lets clients in.
#[derive(Clone)]
pub(super) struct Door {
    /// Checks credentials.
    pub(super) access: Access,
    /// What roles may see.
    pub(super) roles: Roles,
    /// Counts who is refused.
    pub(super) metrics: Metrics,
}

/// A client that was let in.
#[derive(Clone)]
pub(super) struct Client {
    identity: Identity,
    viewer: Viewer,
    address: Option<IpAddr>,
}

impl Door {
    /// Who sends a request with this head.
    pub(super) async fn client_of_request(&self, request: &Parts) -> Result<Client, Refused> {
        self.let_in(header(&request.headers), request).await
    }

    /// Who opens a socket: what `connection_init` says comes before what the handshake says.
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

    /// What somebody may see and use. Without a credential, use is counted by address.
    fn viewer(&self, identity: &Identity, address: Option<IpAddr>) -> Viewer {
        let Some(role) = &identity.role else { return Viewer::of_everything() };
        let credential = match &identity.who {
            Who::Key(id) => format!("key {id}"),
            Who::Subject(subject) => format!("subject {subject}"),
            Who::Anonymous | Who::Open => format!("address {address:?}"),
        };
        let role = self.roles.named(role).expect("access lets nobody in whose role is not configured");
        Viewer::with(role, identity.staff.as_ref(), &credential)
    }
}

impl Client {
    /// The context of a request of this client.
    pub(super) fn request_data(&self) -> Data {
        graphql::request_data(self.viewer.clone())
    }

    /// What it may see and use.
    pub(super) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Whether the credential can end. Who has none can stay.
    pub(super) fn may_end(&self) -> bool {
        self.identity.may_end()
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

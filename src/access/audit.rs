//! The audit log: one line for each credential that is refused, that is revoked, or that ends while it is in use. A line names
//! the credential and the reason, without secrets or personal data.

use std::net::IpAddr;

use super::{End, Identity, Refused, Who};

/// A credential was refused. A missing credential is not logged.
pub fn refused(refused: &Refused, address: Option<IpAddr>) {
    if let Refused::Invalid { why, key, subject } = refused {
        let address = address.map(tracing::field::display);
        let (key, subject) = (key.as_deref(), subject.as_deref().map(tracing::field::debug));
        tracing::warn!(target: "audit", key, subject, address, why = &**why, "credential refused");
    }
}

/// A connection or operation was closed because its credential ended.
pub fn ended(identity: &Identity, end: End, address: Option<IpAddr>) {
    let address = address.map(tracing::field::display);
    let (key, subject) = match &identity.who {
        Who::Key(id) => (Some(&**id), None),
        Who::Subject(subject) => (None, Some(tracing::field::debug(subject))),
        Who::Anonymous | Who::Open => (None, None),
    };
    tracing::warn!(target: "audit", key, subject, address, why = %end, "credential ended: its connections are closed");
}

/// An API key was revoked by a command.
pub fn revoked(key: &str) {
    tracing::warn!(target: "audit", key, why = "revoked by command", "credential revoked");
}

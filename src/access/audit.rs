//! The audit trail: one line for each credential that is refused, revoked, or ends while something runs on it. A line says whose
//! it is and why, and has neither secrets nor personal data.

use std::net::IpAddr;

use super::{End, Identity, Refused, Who};

/// A credential was refused. That somebody has none is nothing to note.
pub fn refused(refused: &Refused, address: Option<IpAddr>) {
    if let Refused::Invalid { why, key, subject } = refused {
        let address = address.map(tracing::field::display);
        let (key, subject) = (key.as_deref(), subject.as_deref().map(tracing::field::debug));
        tracing::warn!(target: "audit", key, subject, address, why = &**why, "credential refused");
    }
}

/// Something that ran on a credential was ended with it.
pub fn ended(identity: &Identity, end: End, address: Option<IpAddr>) {
    let address = address.map(tracing::field::display);
    let (key, subject) = match &identity.who {
        Who::Key(id) => (Some(&**id), None),
        Who::Subject(subject) => (None, Some(tracing::field::debug(subject))),
        Who::Anonymous | Who::Open => (None, None),
    };
    tracing::warn!(target: "audit", key, subject, address, why = %end, "credential ended: what ran on it is closed");
}

/// Somebody revoked an API key.
pub fn revoked(key: &str) {
    tracing::warn!(target: "audit", key, why = "revoked by command", "credential revoked");
}

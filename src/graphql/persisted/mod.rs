//! Documents that requests name instead of sending their text. The request limits resolve names first, so all transports
//! support them.
//!
//! | a request names it by | the gateway knows it because |
//! |---|---|
//! | `documentId` | it is trusted: read at the start ([`trusted`]) |
//! | `extensions.persistedQuery.sha256Hash` | it is trusted, or a client has sent it before ([`registered`]) |
//!
//! A name stands for one text. If a request has a text too, it must be that text, so that a URL with a name always means the
//! same document and a proxy may cache the response.
//!
//! This module knows requests and documents, but no transports. A request without `extensions` costs one look-up in an empty
//! map.

mod named;
mod registered;
mod trusted;

#[cfg(test)]
mod tests;

use std::path::Path;

use async_graphql::{Request, ServerError};

use self::{
    named::{Hash, Name},
    registered::Registered,
    trusted::Trusted,
};
pub use self::{
    named::{is_named, set_document_id},
    trusted::Unusable,
};
use super::{code, error::coded};

/// Which documents may be named, and whether others may be sent.
pub struct Persisted {
    trusted: Trusted,
    registered: Option<Registered>,
    only_trusted: bool,
}

/// A text that a client sent with its hash, to be stored if the request passes the checks.
pub(super) struct Registration(Hash);

impl Persisted {
    /// No document can be named, and every text may be sent.
    pub fn off() -> Self {
        Self { trusted: Trusted::default(), registered: None, only_trusted: false }
    }

    /// Stores texts that clients send with their hash, up to `bytes` in total.
    #[must_use]
    pub fn registering(self, bytes: u64) -> Self {
        Self { registered: Some(Registered::new(bytes)), ..self }
    }

    /// Trusts the documents in a folder or manifest, by their ids and hashes.
    pub fn trusting(self, path: &Path) -> Result<Self, Unusable> {
        Ok(Self { trusted: Trusted::read(path)?, ..self })
    }

    /// Refuses all documents that are not trusted.
    #[must_use]
    pub fn only_trusted(self) -> Self {
        Self { only_trusted: true, ..self }
    }

    /// Resolves the document that a request names, and sets its text. Refuses documents that must not be executed.
    pub(super) fn resolve(&self, request: &mut Request) -> Result<Option<Registration>, ServerError> {
        if request.extensions.0.is_empty() && !self.only_trusted {
            return Ok(None);
        }
        if let Some(id) = named::document_id(request)? {
            supply(request, self.trusted.text(&id).ok_or_else(|| self.unknown(&id))?)?;
        }
        match named::persisted_query(request)? {
            Some(name) => self.resolve_persisted_query(request, &name),
            None if self.only_trusted && !self.trusted.has(&request.query) => Err(not_trusted()),
            None => Ok(None),
        }
    }

    fn resolve_persisted_query(&self, request: &mut Request, name: &Name) -> Result<Option<Registration>, ServerError> {
        if let Some(text) = self.trusted.text(&name.hash) {
            return supply(request, text).map(|()| None);
        }
        let is_trusted = self.trusted.has(&request.query);
        if self.only_trusted && !is_trusted {
            return Err(not_trusted());
        }
        let registered = match &self.registered {
            None if !is_trusted => return Err(coded(code::PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported")),
            registered => registered.as_ref(),
        };
        let hash = name.hash()?;
        let known = registered.and_then(|registered| registered.text(hash));
        if request.query.is_empty() {
            let text = known.ok_or_else(|| coded(code::PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound"))?;
            text.as_ref().clone_into(&mut request.query);
            return Ok(None);
        }
        if known.is_some_and(|text| *text == *request.query) {
            return Ok(None);
        }
        if hash != Hash::of(&request.query) {
            return Err(coded(
                code::BAD_USER_INPUT,
                "`persistedQuery.sha256Hash` is not the SHA-256 of `query`: hash the text exactly as it is sent, in UTF-8",
            ));
        }
        Ok((!is_trusted).then_some(Registration(hash)))
    }

    /// Stores the text of a request that passed the checks.
    pub(super) fn register(&self, Registration(hash): Registration, text: &str) {
        if let Some(registered) = &self.registered {
            registered.keep(hash, text);
        }
    }

    fn unknown(&self, id: &str) -> ServerError {
        if self.only_trusted {
            return not_trusted();
        }
        let id: String = id.chars().take(100).collect();
        coded(code::NOT_FOUND, format!("`documentId`: no trusted document has the id or the SHA-256 `{id}`"))
    }
}

/// Sets the text of a request. If the request has one already, it must be the same.
fn supply(request: &mut Request, text: &str) -> Result<(), ServerError> {
    if request.query.is_empty() {
        text.clone_into(&mut request.query);
        return Ok(());
    }
    if trusted::same(&request.query, text) {
        return Ok(());
    }
    Err(coded(code::BAD_USER_INPUT, "`query` is not the text of the document that the request names: send one of both"))
}

fn not_trusted() -> ServerError {
    coded(code::FORBIDDEN, "only trusted documents are executed here, and this is not one of them")
}

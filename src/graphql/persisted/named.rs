//! How a request names its document: `documentId`, as the draft on persisted documents of GraphQL over HTTP has it, and
//! `extensions.persistedQuery` of Apollo's clients.
//!
//! async-graphql's request has no place for the first, so it stands among the extensions here.

use async_graphql::{Request, ServerError, Value};
use sha2::{Digest, Sha256};

use super::super::{code, error::coded};

/// The extension that holds `documentId`.
const DOCUMENT_ID: &str = "documentId";

/// The extension of Apollo's clients.
const PERSISTED_QUERY: &str = "persistedQuery";

/// The only version of `persistedQuery`.
const VERSION: u64 = 1;

/// Names the document of a request by `documentId`.
pub fn set_document_id(request: &mut Request, id: String) {
    request.extensions.0.insert(DOCUMENT_ID.to_owned(), Value::String(id));
}

/// Whether a request names a document, so that it may come without a text.
pub fn is_named(request: &Request) -> bool {
    let is_there = |name| request.extensions.0.get(name).is_some_and(|value: &Value| *value != Value::Null);
    is_there(DOCUMENT_ID) || is_there(PERSISTED_QUERY)
}

pub(super) fn document_id(request: &Request) -> Result<Option<String>, ServerError> {
    match request.extensions.0.get(DOCUMENT_ID) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) => Ok(Some(id.clone())),
        Some(_) => Err(coded(code::BAD_USER_INPUT, "`documentId` is not a string")),
    }
}

/// What `persistedQuery` says.
pub(super) struct Name {
    /// A hash as it came, or the id in a manifest.
    pub(super) hash: String,
    is_version_1: bool,
}

pub(super) fn persisted_query(request: &Request) -> Result<Option<Name>, ServerError> {
    let said = match request.extensions.0.get(PERSISTED_QUERY) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(said)) => said,
        Some(_) => return Err(coded(code::BAD_USER_INPUT, "`extensions.persistedQuery` is not an object")),
    };
    let Some(Value::String(hash)) = said.get("sha256Hash") else {
        return Err(coded(code::BAD_USER_INPUT, "`extensions.persistedQuery.sha256Hash` is not a string"));
    };
    let is_version_1 = matches!(said.get("version"), Some(Value::Number(version)) if version.as_u64() == Some(VERSION));
    Ok(Some(Name { hash: hash.clone(), is_version_1 }))
}

impl Name {
    /// The hash, of a protocol and a form that are known.
    pub(super) fn hash(&self) -> Result<Hash, ServerError> {
        if !self.is_version_1 {
            return Err(coded(code::BAD_USER_INPUT, "`extensions.persistedQuery.version` is not 1"));
        }
        Hash::from_hex(&self.hash).ok_or_else(|| {
            coded(code::BAD_USER_INPUT, "`extensions.persistedQuery.sha256Hash` is not a SHA-256 in 64 hexadecimal digits")
        })
    }
}

/// The SHA-256 of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Hash([u8; 32]);

impl Hash {
    pub(super) fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    pub(super) fn from_hex(hex: &str) -> Option<Self> {
        if hex.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            *byte = digit(digits[0])? << 4 | digit(digits[1])?;
        }
        Some(Self(bytes))
    }
}

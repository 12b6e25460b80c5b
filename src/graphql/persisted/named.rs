//! Parses how a request names its document: by `documentId`, as in the persisted documents draft of GraphQL over HTTP, or by
//! `extensions.persistedQuery`, as Apollo's clients do.
//!
//! async-graphql's request has no field for `documentId`, so it is kept among the extensions.

use async_graphql::{Request, ServerError, Value};
use sha2::{Digest, Sha256};

use super::super::{code, error::coded};

/// The extension key that holds `documentId`.
const DOCUMENT_ID: &str = "documentId";

/// The extension key of Apollo's clients.
const PERSISTED_QUERY: &str = "persistedQuery";

/// The only supported version of `persistedQuery`.
const VERSION: u64 = 1;

/// Sets the `documentId` of a request.
pub fn set_document_id(request: &mut Request, id: String) {
    request.extensions.0.insert(DOCUMENT_ID.to_owned(), Value::String(id));
}

/// Whether a request names a document, so that its text may be missing.
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

/// The content of `persistedQuery`.
pub(super) struct Name {
    /// A hash as sent, or the id in a manifest.
    pub(super) hash: String,
    is_version_1: bool,
}

pub(super) fn persisted_query(request: &Request) -> Result<Option<Name>, ServerError> {
    let extension = match request.extensions.0.get(PERSISTED_QUERY) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(extension)) => extension,
        Some(_) => return Err(coded(code::BAD_USER_INPUT, "`extensions.persistedQuery` is not an object")),
    };
    let Some(Value::String(hash)) = extension.get("sha256Hash") else {
        return Err(coded(code::BAD_USER_INPUT, "`extensions.persistedQuery.sha256Hash` is not a string"));
    };
    let is_version_1 = matches!(extension.get("version"), Some(Value::Number(version)) if version.as_u64() == Some(VERSION));
    Ok(Some(Name { hash: hash.clone(), is_version_1 }))
}

impl Name {
    /// Parses the hash, if protocol version and format are supported.
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

//! Why a credential is refused.

use std::{borrow::Cow, fmt, sync::Arc};

/// Why a client is refused.
#[derive(Clone, Debug)]
pub enum Refused {
    /// There is no credential, and no role for anonymous clients.
    Missing,
    /// The credential is not valid.
    Invalid {
        /// The reason.
        why: Cow<'static, str>,
        /// The id of the API key, if it is certain.
        key: Option<Arc<str>>,
        /// The subject of the token, if its signature is valid.
        subject: Option<Arc<str>>,
    },
    /// The database with the keys is unavailable.
    Unavailable,
}

impl Refused {
    pub(super) fn invalid(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid { why: why.into(), key: None, subject: None }
    }

    pub(super) fn key(why: &'static str, key: impl Into<Arc<str>>) -> Self {
        Self::Invalid { why: why.into(), key: Some(key.into()), subject: None }
    }

    pub(super) fn subject(why: String, subject: impl Into<Arc<str>>) -> Self {
        Self::Invalid { why: why.into(), key: None, subject: Some(subject.into()) }
    }
}

/// The message for the client.
impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("a credential is needed: send `Authorization: Bearer <API key or JWT>`"),
            Self::Invalid { why, .. } => formatter.write_str(why),
            Self::Unavailable => formatter.write_str("the credential can't be checked at the moment: retry later"),
        }
    }
}

impl std::error::Error for Refused {}

//! Why a credential is refused.

use std::{borrow::Cow, fmt, sync::Arc};

/// Why a client is not let in.
#[derive(Clone, Debug)]
pub enum Refused {
    /// There is no credential, and no role for those who have none.
    Missing,
    /// The credential is not good.
    Invalid {
        /// Why.
        why: Cow<'static, str>,
        /// Whose it is, as far as that is certain: the id of a key.
        key: Option<Arc<str>>,
        /// The subject of a token that is genuine.
        subject: Option<Arc<str>>,
    },
    /// The database that knows the keys is out of reach.
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

/// What the client is told.
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

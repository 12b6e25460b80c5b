//! Errors as clients see them: a message, a code, and what helps to correct the request.
//!
//! Internal details never reach a client. A store error is logged here, once, and answered with a fixed text. async-graphql's
//! feature `custom-error-conversion` prevents `?` from exposing other errors by accident.

use std::{borrow::Cow, time::Duration};

use async_graphql::{ErrorExtensionValues, ServerError, Value};

use super::request_id::RequestId;
pub use super::{
    code,
    exceeded::{Exceeded, Limit},
};
use crate::{
    domain::{id::InvalidId, page::InvalidPage},
    feed, store,
};

/// The result of a resolver.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a field failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// An argument is invalid.
    #[error("{message}")]
    BadInput { argument: Cow<'static, str>, message: String },
    /// An argument exceeds a limit.
    #[error("`{argument}` exceeds the limit `{}`: {requested} {}, at most {allowed} allowed", .limit.name(), .limit.what())]
    TooMuch { limit: Limit, argument: Cow<'static, str>, allowed: usize, requested: usize },
    /// A database statement exceeded its time limit.
    #[error("the database query timed out after {} ms: request less data or narrow the filter", .0.as_millis())]
    Timeout(Duration),
    /// A live cursor can't be resumed from.
    #[error("{message}")]
    Cursor { code: &'static str, message: String },
    /// The database is unavailable; already logged.
    #[error("the database is unavailable: try again in a moment")]
    Unavailable,
    /// An internal error; already logged.
    #[error("internal error")]
    Internal,
}

impl Error {
    /// Logs an internal error; `context` says what failed.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static), context: &'static str) -> Self {
        tracing::error!(error, "{context}");
        Self::Internal
    }

    /// Logs that a required link has no target.
    pub(crate) fn dangling(link: &'static str, from: impl std::fmt::Display) -> Self {
        tracing::error!(link, %from, "a required link has no target");
        Self::Internal
    }

    /// An argument is not a valid id.
    pub(crate) fn id(argument: &'static str, error: &InvalidId) -> Self {
        Self::BadInput { argument: argument.into(), message: error.to_string() }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::BadInput { .. } => code::BAD_USER_INPUT,
            Self::TooMuch { .. } | Self::Timeout(_) => code::LIMIT_EXCEEDED,
            Self::Cursor { code, .. } => code,
            Self::Unavailable => code::UNAVAILABLE,
            Self::Internal => code::INTERNAL,
        }
    }

    fn extensions(&self) -> ErrorExtensionValues {
        match self {
            Self::TooMuch { limit, argument, allowed, requested } => Exceeded {
                limit: *limit,
                argument: Some(argument.clone()),
                allowed: *allowed as u64,
                requested: Some(*requested as u64),
            }
            .extensions(),
            Self::Timeout(allowed) => {
                let allowed = u64::try_from(allowed.as_millis()).unwrap_or(u64::MAX);
                Exceeded::new(Limit::StatementTime, allowed, None).extensions()
            }
            Self::BadInput { argument, .. } => self.coded(Some(argument)),
            Self::Cursor { .. } => self.coded(Some("after")),
            Self::Unavailable | Self::Internal => self.coded(None),
        }
    }

    fn coded(&self, argument: Option<&str>) -> ErrorExtensionValues {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code());
        if let Some(argument) = argument {
            extensions.set("argument", argument);
        }
        extensions
    }
}

impl From<&store::Error> for Error {
    fn from(error: &store::Error) -> Self {
        if let store::Error::Timeout(allowed) = error {
            return Self::Timeout(*allowed);
        }
        if error.is_unavailable() {
            tracing::warn!(error = error as &dyn std::error::Error, "the database is unavailable");
            return Self::Unavailable;
        }
        Self::internal(error, "the store could not be read")
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::from(&error)
    }
}

impl From<InvalidPage> for Error {
    fn from(error: InvalidPage) -> Self {
        let argument = match error {
            InvalidPage::BothEnds => "last",
            InvalidPage::Size { argument, .. } | InvalidPage::Cursor { argument } | InvalidPage::OtherOrder { argument, .. } => {
                argument
            }
        };
        Self::BadInput { argument: argument.into(), message: error.to_string() }
    }
}

impl From<feed::Error> for Error {
    fn from(error: feed::Error) -> Self {
        let message = error.to_string();
        match error {
            feed::Error::InvalidCursor(_) => Self::BadInput { argument: "after".into(), message },
            feed::Error::OtherStore => Self::Cursor { code: code::CURSOR_OF_ANOTHER_STORE, message },
            feed::Error::FutureCursor => Self::Cursor { code: code::CURSOR_AHEAD, message },
            feed::Error::Store(error) => error.as_ref().into(),
        }
    }
}

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        Self { message: error.to_string(), source: None, extensions: Some(error.extensions()) }
    }
}

/// An error with a code in its extensions.
pub fn coded(code: &'static str, message: impl Into<String>) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    ServerError { extensions: Some(extensions), ..ServerError::new(message, None) }
}

/// Adds a code to an error that has none: async-graphql's errors about a document or an argument's type.
pub(crate) fn with_code(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", code::BAD_USER_INPUT);
    }
}

/// Adds the id of the request to an internal error.
pub(crate) fn with_request(error: &mut ServerError, request: &RequestId) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code") == Some(&Value::from(code::INTERNAL)) {
        extensions.set("requestId", request.0.as_ref());
    }
}

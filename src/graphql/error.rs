//! What clients are told when something can't be done: a message, a code from one list, and what helps to mend it.
//!
//! Inner text never reaches a client. An error of the store is logged here, once, and answered with a fixed text; the
//! feature `custom-error-conversion` of async-graphql keeps `?` from turning any other error into a message by accident.

use std::{borrow::Cow, time::Duration};

use async_graphql::{ErrorExtensionValues, ServerError, Value};

use super::request::RequestId;
use crate::{
    domain::{id::InvalidId, page::InvalidPage},
    feed, store,
};

/// The values of `extensions.code`.
pub mod code {
    /// An argument or the document itself is wrong; `argument` names which, where it is one.
    pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
    /// More was asked for than is allowed; `limit` and `asked` say how much.
    pub const LIMIT_EXCEEDED: &str = "LIMIT_EXCEEDED";
    /// What the request depends on does not exist.
    pub const NOT_FOUND: &str = "NOT_FOUND";
    /// A live cursor that another store gave: start again from `head`.
    pub const CURSOR_OF_ANOTHER_STORE: &str = "CURSOR_OF_ANOTHER_STORE";
    /// A live cursor beyond everything stored: start again from `head`.
    pub const CURSOR_AHEAD: &str = "CURSOR_AHEAD";
    /// No page of this origin, or nobody like this client, may ask.
    pub const FORBIDDEN: &str = "FORBIDDEN";
    /// What HTTP's method does not do: a mutation by GET, say.
    pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
    /// The answer has no form that the client takes.
    pub const NOT_ACCEPTABLE: &str = "NOT_ACCEPTABLE";
    /// The body of the request is not JSON.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
    /// It can't be done now; the same request may succeed later.
    pub const UNAVAILABLE: &str = "UNAVAILABLE";
    /// A fault of the gateway; `requestId` finds it in the log.
    pub const INTERNAL: &str = "INTERNAL";
}

/// What a resolver returns.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a field can't be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// An argument is not what was expected.
    #[error("{message}")]
    BadInput { argument: Cow<'static, str>, message: String },
    /// More was asked for than is allowed.
    #[error("`{argument}` exceeds the limit {limit}: {asked} where {allowed} are allowed")]
    TooMuch { limit: &'static str, argument: Cow<'static, str>, allowed: usize, asked: usize },
    /// Reading took longer than it may.
    #[error("the database was read for {} ms, which is as long as it may take: ask for less, or narrow the filter", .0.as_millis())]
    TooSlow(Duration),
    /// A live cursor that can't be resumed from.
    #[error("{message}")]
    Cursor { code: &'static str, message: String },
    /// The database is out of reach, which was logged.
    #[error("the database can't be reached now: ask again in a moment")]
    Unavailable,
    /// A fault of ours, which was logged.
    #[error("internal error")]
    Internal,
}

impl Error {
    /// A fault of ours: `context` says in the log what could not be done.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static), context: &'static str) -> Self {
        tracing::error!(error, "{context}");
        Self::Internal
    }

    /// A link that the store promises to lead somewhere leads nowhere.
    pub(crate) fn dangling(link: &'static str, from: impl std::fmt::Display) -> Self {
        tracing::error!(link, %from, "a link leads nowhere");
        Self::Internal
    }

    /// An argument is not an id.
    pub(crate) fn id(argument: &'static str, error: &InvalidId) -> Self {
        Self::BadInput { argument: argument.into(), message: error.to_string() }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::BadInput { .. } => code::BAD_USER_INPUT,
            Self::TooMuch { .. } | Self::TooSlow(_) => code::LIMIT_EXCEEDED,
            Self::Cursor { code, .. } => code,
            Self::Unavailable => code::UNAVAILABLE,
            Self::Internal => code::INTERNAL,
        }
    }

    fn extensions(&self) -> ErrorExtensionValues {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code());
        match self {
            Self::BadInput { argument, .. } => extensions.set("argument", argument.as_ref()),
            Self::TooMuch { limit, argument, allowed, asked } => {
                extensions.set("argument", argument.as_ref());
                extensions.set("limit", *limit);
                extensions.set("allowed", *allowed);
                extensions.set("requested", *asked);
            }
            Self::TooSlow(allowed) => {
                extensions.set("limit", "statementTime");
                extensions.set("allowed", u64::try_from(allowed.as_millis()).unwrap_or(u64::MAX));
            }
            Self::Cursor { .. } => extensions.set("argument", "after"),
            Self::Unavailable | Self::Internal => {}
        }
        extensions
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        if let store::Error::TooSlow(allowed) = error {
            return Self::TooSlow(allowed);
        }
        if error.is_unavailable() {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database is out of reach");
            return Self::Unavailable;
        }
        Self::internal(&error, "the store could not be read")
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
            feed::Error::Store(error) => error.into(),
        }
    }
}

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        Self { message: error.to_string(), source: None, extensions: Some(error.extensions()) }
    }
}

/// Gives a code to an error that has none. Ours all have one; what is left is what async-graphql finds wrong with a
/// document or with the type of an argument.
pub(crate) fn with_code(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", code::BAD_USER_INPUT);
    }
}

/// Gives a fault of ours the name under which the log knows the request.
pub(crate) fn with_request(error: &mut ServerError, request: &RequestId) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code") == Some(&Value::from(code::INTERNAL)) {
        extensions.set("requestId", request.0.as_ref());
    }
}

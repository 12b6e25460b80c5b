//! The errors of an HTTP request other than those in its GraphQL document, each with status, code and message.

use std::time::Duration;

use async_graphql::ServerError;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use super::accept::Format;
use crate::{
    access,
    graphql::{
        error::{Exceeded, Limit, code, coded},
        limits::allowance::Used,
    },
    http::{NOT_READY, RETRY_AFTER, answer::Answer},
};

/// Why a request is not executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// It is not a well-formed GraphQL request.
    #[error("{0}")]
    Unreadable(String),
    /// The media type, charset or coding of the body is not supported.
    #[error("{0}: send the request as JSON, with `Content-Type: application/json`")]
    MediaType(String),
    /// The body is larger than this number of bytes.
    #[error("the request body is larger than {0} bytes")]
    TooLong(usize),
    /// The body did not arrive within this time.
    #[error("the request body did not arrive within {} s", .0.as_secs_f32())]
    TooSlow(Duration),
    /// The batch has more than this number of requests.
    #[error("{}", if *.0 == 0 { "batches are not supported: send one request at a time".to_owned() }
                  else { format!("the batch has more than {0} requests", .0) })]
    Batch(usize),
    /// The method is neither GET nor POST.
    #[error("/graphql supports GET and POST only")]
    Method,
    /// The operation is not allowed by GET.
    #[error("{0} must be sent by POST")]
    PostOnly(&'static str),
    /// No format in `Accept` is available.
    #[error("no media type in `Accept` is available for this response: {0}")]
    NotAcceptable(&'static str),
    /// The credential is missing, invalid, revoked or expired.
    #[error("{0}")]
    Unauthenticated(String),
    /// The credential can't be verified at the moment.
    #[error("{0}")]
    Unchecked(String),
    /// The credential has its maximum number of live connections.
    #[error("{0}")]
    Limited(Used),
    /// The limit of live connections is reached, or the gateway is stopping.
    #[error("no more streams can be opened at the moment: retry later")]
    Full,
    /// The store is not open yet.
    #[error("{NOT_READY}")]
    NotReady,
}

impl From<access::Refused> for Refusal {
    fn from(refused: access::Refused) -> Self {
        match refused {
            access::Refused::Unavailable => Self::Unchecked(refused.to_string()),
            _ => Self::Unauthenticated(refused.to_string()),
        }
    }
}

impl From<Used> for Refusal {
    fn from(used: Used) -> Self {
        Self::Limited(used)
    }
}

impl From<access::End> for Refusal {
    fn from(end: access::End) -> Self {
        Self::Unauthenticated(format!("the credential is no longer valid: {end}"))
    }
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unreadable(_) | Self::Batch(_) => StatusCode::BAD_REQUEST,
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Method | Self::PostOnly(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable(_) => StatusCode::NOT_ACCEPTABLE,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unchecked(_) | Self::Full | Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => code::BAD_USER_INPUT,
            Self::MediaType(_) => code::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLong(_) | Self::TooSlow(_) | Self::Batch(_) => code::LIMIT_EXCEEDED,
            Self::Method | Self::PostOnly(_) => code::METHOD_NOT_ALLOWED,
            Self::NotAcceptable(_) => code::NOT_ACCEPTABLE,
            Self::Unauthenticated(_) => code::UNAUTHENTICATED,
            Self::Limited(_) => code::RATE_LIMITED,
            Self::Unchecked(_) | Self::Full | Self::NotReady => code::UNAVAILABLE,
        }
    }

    /// The header that tells the client how to retry or what is supported.
    fn hint(&self) -> Option<(header::HeaderName, HeaderValue)> {
        let (name, value) = match self {
            Self::MediaType(_) => (header::HeaderName::from_static("accept-post"), "application/json"),
            // The rest of the body is already late. Without this header, the connection would wait for it again.
            Self::TooSlow(_) => (header::CONNECTION, "close"),
            Self::Method => (header::ALLOW, "GET, HEAD, POST"),
            Self::PostOnly(_) => (header::ALLOW, "POST"),
            Self::Unauthenticated(_) => (header::WWW_AUTHENTICATE, "Bearer"),
            Self::Limited(used) => return Some((header::RETRY_AFTER, used.retry_after.as_secs().into())),
            Self::Unchecked(_) | Self::Full | Self::NotReady => (header::RETRY_AFTER, RETRY_AFTER),
            Self::Unreadable(_) | Self::TooLong(_) | Self::Batch(_) | Self::NotAcceptable(_) => return None,
        };
        Some((name, HeaderValue::from_static(value)))
    }

    /// The GraphQL error of the response.
    pub(super) fn error(&self) -> ServerError {
        let (limit, allowed) = match self {
            Self::TooLong(bytes) => (Limit::BodyBytes, *bytes as u64),
            Self::TooSlow(time) => (Limit::BodyTime, u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
            Self::Batch(requests) => (Limit::Batch, *requests as u64),
            Self::Limited(used) => return used.clone().into(),
            _ => return coded(self.code(), self.to_string()),
        };
        Exceeded::new(limit, allowed, None).error(self.to_string())
    }

    /// The response, in a format for single results.
    pub(super) fn respond(&self, format: Format) -> Response {
        let errors = async_graphql::Response::from_errors(vec![self.error()]);
        let mut response = super::json(self.status(), format, Answer(&errors).to_json());
        response.headers_mut().extend(self.hint());
        response
    }
}

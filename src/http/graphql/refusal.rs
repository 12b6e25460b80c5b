//! What is wrong with an HTTP request before, or whatever, GraphQL it carries: status, code and message.

use std::time::Duration;

use async_graphql::ServerError;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use super::accept::Form;
use crate::{
    graphql::error::{Exceeded, Limit, code},
    http::{
        NOT_READY, RETRY_AFTER,
        answer::{Answer, coded},
    },
};

/// Why a request is not executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// It is no GraphQL request.
    #[error("{0}")]
    Unreadable(String),
    /// The body is of a kind that is not read.
    #[error("{0}: send the request as JSON, with `Content-Type: application/json`")]
    MediaType(String),
    /// The body is longer than the bytes given.
    #[error("the body of a request may have {0} bytes")]
    TooLong(usize),
    /// The body did not come in the time given.
    #[error("the body of a request must arrive within {} s", .0.as_secs_f32())]
    TooSlow(Duration),
    /// A batch holds more requests than the number given.
    #[error("{}", if *.0 == 0 { "batches are not answered here: send one request at a time".to_owned() }
                  else { format!("a batch may hold {0} requests", .0) })]
    Batch(usize),
    /// Neither GET nor POST.
    #[error("GraphQL is asked by GET or POST")]
    Method,
    /// An operation that GET must not or cannot do.
    #[error("{0} by POST only")]
    ByPostOnly(&'static str),
    /// Nothing that the client takes can be given.
    #[error("the answer can't have a form that `Accept` names: {0}")]
    NotAcceptable(&'static str),
    /// As many streams are open as may be, or the gateway stops.
    #[error("no more streams can be opened now")]
    Full,
    /// The gateway has no database yet.
    #[error("{NOT_READY}")]
    NotReady,
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unreadable(_) | Self::Batch(_) => StatusCode::BAD_REQUEST,
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Method | Self::ByPostOnly(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable(_) => StatusCode::NOT_ACCEPTABLE,
            Self::Full | Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => code::BAD_USER_INPUT,
            Self::MediaType(_) => code::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLong(_) | Self::TooSlow(_) | Self::Batch(_) => code::LIMIT_EXCEEDED,
            Self::Method | Self::ByPostOnly(_) => code::METHOD_NOT_ALLOWED,
            Self::NotAcceptable(_) => code::NOT_ACCEPTABLE,
            Self::Full | Self::NotReady => code::UNAVAILABLE,
        }
    }

    /// The header that helps to do it right.
    fn hint(&self) -> Option<(header::HeaderName, HeaderValue)> {
        let (name, value) = match self {
            Self::MediaType(_) => (header::HeaderName::from_static("accept-post"), "application/json"),
            // What is left of the body is not waited for.
            Self::TooLong(_) | Self::TooSlow(_) => (header::CONNECTION, "close"),
            Self::Method => (header::ALLOW, "GET, HEAD, POST"),
            Self::ByPostOnly(_) => (header::ALLOW, "POST"),
            Self::Full | Self::NotReady => (header::RETRY_AFTER, RETRY_AFTER),
            Self::Unreadable(_) | Self::Batch(_) | Self::NotAcceptable(_) => return None,
        };
        Some((name, HeaderValue::from_static(value)))
    }

    /// The error that the answer holds.
    pub(super) fn error(&self) -> ServerError {
        let (limit, allowed) = match self {
            Self::TooLong(bytes) => (Limit::BodyBytes, *bytes as u64),
            Self::TooSlow(time) => (Limit::BodyTime, u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
            Self::Batch(requests) => (Limit::Batch, *requests as u64),
            _ => return coded(self.code(), self.to_string()),
        };
        Exceeded::new(limit, allowed, None).error(self.to_string())
    }

    /// The answer, in a form that is no stream.
    pub(super) fn respond(&self, form: Form) -> Response {
        let errors = async_graphql::Response::from_errors(vec![self.error()]);
        let mut response = super::json(self.status(), form, &Answer(&errors));
        response.headers_mut().extend(self.hint());
        response
    }
}

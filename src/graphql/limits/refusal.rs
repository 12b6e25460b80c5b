//! Why a request is refused before execution, as an error for the client.

use std::fmt;

use async_graphql::{Pos, ServerError};

use crate::graphql::error::{Exceeded, Limit, with_code};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// It exceeds a limit.
    Exceeds(Excess),
    /// The document is invalid.
    Invalid(ServerError),
}

impl Refusal {
    pub(super) fn invalid(message: impl Into<String>, pos: Pos) -> Self {
        Self::Invalid(ServerError::new(message, Some(pos)))
    }
}

impl From<Excess> for Refusal {
    fn from(excess: Excess) -> Self {
        Self::Exceeds(excess)
    }
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Exceeds(excess) => excess.into(),
            Refusal::Invalid(mut error) => {
                with_code(&mut error);
                error
            }
        }
    }
}

/// A limit that a whole request exceeds, its value, and the requested amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Excess {
    pub(super) limit: Limit,
    pub(super) allowed: u64,
    pub(super) requested: u64,
}

impl From<Excess> for ServerError {
    fn from(excess: Excess) -> Self {
        // The time that a request would have taken is not known.
        let requested = (excess.limit != Limit::Time).then_some(excess.requested);
        Exceeded::new(excess.limit, excess.allowed, requested).error(excess.to_string())
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, allowed, requested } = self;
        match limit {
            Limit::Time => write!(out, "the request timed out after {allowed} ms"),
            _ => write!(
                out,
                "the request exceeds the limit `{}`: {requested} {}, at most {allowed} allowed",
                limit.name(),
                limit.what()
            ),
        }
    }
}

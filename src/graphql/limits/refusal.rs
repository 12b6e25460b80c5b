//! Why a request is not executed, and how the client is told.

use std::fmt;

use async_graphql::{ErrorExtensionValues, Pos, ServerError};

use crate::graphql::error::{code, with_code};

/// Why a request is not executed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// It asks for more than is allowed.
    Exceeds(Excess),
    /// The document is wrong.
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

/// A limit, what it allows, and what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Excess {
    pub(super) limit: Limit,
    pub(super) allowed: u64,
    pub(super) requested: u64,
}

impl From<Excess> for ServerError {
    fn from(excess: Excess) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code::LIMIT_EXCEEDED);
        extensions.set("limit", excess.limit.name());
        extensions.set("allowed", excess.allowed);
        // Nobody knows how long it would have taken.
        if excess.limit != Limit::Time {
            extensions.set("requested", excess.requested);
        }
        Self { extensions: Some(extensions), ..Self::new(excess.to_string(), None) }
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, allowed, requested } = self;
        match limit {
            Limit::Time => write!(out, "the request was stopped after {allowed} ms, which is as long as one may take"),
            _ => write!(out, "{} of the request: {requested}, where at most {allowed} are allowed", limit.what()),
        }
    }
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    QueryBytes,
    Tokens,
    NameBytes,
    Nesting,
    Depth,
    Selections,
    Aliases,
    Directives,
    DirectivesPerField,
    RootFields,
    Input,
    Comparisons,
    Introspection,
    Complexity,
    Time,
}

impl Limit {
    /// Its name in `extensions.limit`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::QueryBytes => "queryBytes",
            Self::Tokens => "tokens",
            Self::NameBytes => "nameBytes",
            Self::Nesting => "nesting",
            Self::Depth => "depth",
            Self::Selections => "selections",
            Self::Aliases => "aliases",
            Self::Directives => "directives",
            Self::DirectivesPerField => "directivesPerField",
            Self::RootFields => "rootFields",
            Self::Input => "input",
            Self::Comparisons => "comparisons",
            Self::Introspection => "introspection",
            Self::Complexity => "complexity",
            Self::Time => "time",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::QueryBytes => "bytes in the text",
            Self::Tokens => "tokens in the text",
            Self::NameBytes => "bytes in the longest name",
            Self::Nesting => "levels of brackets, values or fragments",
            Self::Depth => "levels of fields",
            Self::Selections => "fields and fragments, each fragment at every spread",
            Self::Aliases => "aliases",
            Self::Directives => "directives",
            Self::DirectivesPerField => "directives at one place",
            Self::RootFields => "root fields",
            Self::Input => "bytes of arguments, each variable at every use",
            Self::Comparisons => "comparisons that tell which fields can be merged",
            Self::Introspection => "complexity of the introspection",
            Self::Complexity => "complexity",
            Self::Time => "time",
        }
    }
}

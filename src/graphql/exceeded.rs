//! The error `LIMIT_EXCEEDED`: all limits, and the only place that builds the error, for every transport.
//!
//! Its `extensions` have these keys only: `limit`, the limit's name; `allowed`, its value; `requested`, the requested amount,
//! if known; `argument`, the path of the argument, if there is one. Times are in milliseconds.

use std::borrow::Cow;

use async_graphql::{ErrorExtensionValues, ServerError};

use super::code;

macro_rules! limits {
    ($($(#[$doc:meta])* $limit:ident = $name:literal, $what:literal;)+) => {
        /// A limit that a request can exceed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Limit {$(
            $(#[$doc])*
            $limit,
        )+}

        impl Limit {
            /// Its name in `extensions.limit`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$limit => $name,)+
                }
            }

            /// The unit it counts, for messages.
            pub const fn what(self) -> &'static str {
                match self {
                    $(Self::$limit => $what,)+
                }
            }
        }
    };
}

limits! {
    /// The size of the document. Setting `limits.query_bytes`.
    QueryBytes = "queryBytes", "bytes in the document";
    /// The tokens of the document. Setting `limits.tokens`.
    Tokens = "tokens", "tokens in the document";
    /// The length of the longest name. Setting `limits.name_bytes`.
    NameBytes = "nameBytes", "bytes in the longest name";
    /// Nesting of brackets, values and fragments. Setting `limits.nesting`.
    Nesting = "nesting", "levels of brackets, values or fragments";
    /// Nesting of fields. Setting `limits.depth`.
    Depth = "depth", "levels of fields";
    /// Fields and fragments. Setting `limits.selections`.
    Selections = "selections", "fields and fragments, each fragment at every spread";
    /// Setting `limits.aliases`.
    Aliases = "aliases", "aliases";
    /// Setting `limits.directives`.
    Directives = "directives", "directives";
    /// Setting `limits.directives_per_field`.
    DirectivesPerField = "directivesPerField", "directives at one place";
    /// Setting `limits.root_fields`.
    RootFields = "rootFields", "root fields";
    /// The total size of all arguments. Setting `limits.input`.
    Input = "input", "bytes of arguments, each variable at every use";
    /// Setting `limits.comparisons`.
    Comparisons = "comparisons", "comparisons that tell which fields can be merged";
    /// Setting `limits.introspection`.
    Introspection = "introspection", "complexity of the introspection";
    /// Setting `limits.complexity`.
    Complexity = "complexity", "complexity";
    /// The time of a query. Setting `limits.time_seconds`.
    Time = "time", "milliseconds for a query";
    /// The time of one statement of the database. Setting `limits.statement_time_seconds`.
    StatementTime = "statementTime", "milliseconds for a statement of the database";
    /// The number of ids in `nodes`.
    Nodes = "nodes", "ids";
    /// The nesting of filters.
    FilterDepth = "filterDepth", "levels of filters";
    /// The total number of values in the lists of a filter.
    FilterValues = "filterValues", "values in the lists of the filter";
    /// The number of conditions in a filter.
    FilterConditions = "filterConditions", "conditions in the filter";
    /// The rows of a statistic.
    StatisticsRows = "statisticsRows", "rows of the statistic";
    /// The size of the body of a request.
    BodyBytes = "bodyBytes", "bytes in the body of a request";
    /// The time for the body of a request to arrive.
    BodyTime = "bodyTime", "milliseconds for the body of a request";
    /// The number of requests in a batch. Setting `graphql.max_batch`.
    Batch = "batch", "requests in a batch";
    /// Concurrent operations on one WebSocket. Setting `graphql.max_operations_per_connection`.
    Operations = "operations", "operations at the same time on a connection";
    /// The size of one message to a WebSocket client.
    ResponseBytes = "responseBytes", "bytes in a response";
}

/// An exceeded limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// The limit.
    pub limit: Limit,
    /// The path of the argument that exceeds it, if it is an argument.
    pub argument: Option<Cow<'static, str>>,
    /// The value of the limit.
    pub allowed: u64,
    /// The requested amount, if known.
    pub requested: Option<u64>,
}

impl Exceeded {
    /// A limit exceeded by the request as a whole.
    pub fn new(limit: Limit, allowed: u64, requested: Option<u64>) -> Self {
        Self { limit, argument: None, allowed, requested }
    }

    /// The `extensions` of the error.
    pub fn extensions(&self) -> ErrorExtensionValues {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code::LIMIT_EXCEEDED);
        extensions.set("limit", self.limit.name());
        extensions.set("allowed", self.allowed);
        if let Some(requested) = self.requested {
            extensions.set("requested", requested);
        }
        if let Some(argument) = &self.argument {
            extensions.set("argument", argument.as_ref());
        }
        extensions
    }

    /// Builds the error with a message.
    pub fn error(&self, message: impl Into<String>) -> ServerError {
        ServerError { extensions: Some(self.extensions()), ..ServerError::new(message, None) }
    }
}

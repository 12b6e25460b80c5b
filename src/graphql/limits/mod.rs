//! Request limits: weighs a request before it is executed, and refuses it if it exceeds a limit. [`Limited`] is an [`Executor`]
//! around another one, so every transport has the same limits.
//!
//! ```text
//!   name or text ─ bytes ─ tokens, nesting ─▶ parsed once ─ weigh: depth, selections, … complexity ─ merge ─▶ executor
//! ```
//!
//! A request may name its document instead of sending the text; the name is resolved first ([`super::persisted`]).
//! Introspection is refused here if [`Rules`] or the request's own data ([`Introspection`]) say so.
//!
//! Results that don't depend on variables are computed once per document and [cached](documents).
//!
//! The work of each step is bounded by the steps before it. async-graphql visits a fragment at every spread, so these visits
//! are counted beforehand, looking at each fragment once.
//!
//! **Complexity** is the largest number of objects that a response can have. An object counts 1, and its selection counts once
//! for each object it can occur in:
//! - a scalar, an enum, `__typename`: 0;
//! - an object: 1 + its selection;
//! - a connection: 1 + its page size × (1 + the selection of each object). The page size is `first` or `last`, 20 without them,
//!   200 at most. `nodes` and `edges` count separately. With only `pageInfo`, the page is read and counts too; with only
//!   `totalCount`, just the 1 counts;
//! - a live page: the same, with `page` as `nodes` and `steps` as `edges`, since a payload may have either;
//! - `nodes(ids: …)`: one object per id; any other list of objects: 5 objects.
//!
//! All selections are added up, including fragments on different types, repeated fields (which are read again), and fields with
//! `@skip` or `@include`. An object with more than 50 selected scalars counts 1 more for each further 50, and a field with more
//! than 1 KiB of arguments counts 1 more for each KiB.

pub mod allowance;
mod documents;
mod fragments;
mod input;
mod merge;
mod refusal;
mod root;
mod shape;
mod tokens;
mod weigh;

#[cfg(test)]
mod tests;

use std::{any::TypeId, sync::Arc, time::Duration};

use async_graphql::{Data, Executor, Request, Response, ServerError, Value, parser::types::OperationType, value};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream, stream::BoxStream};
use serde::{Deserialize, Serialize};

use self::{
    allowance::{Allowance, Left, Permit},
    documents::Cache,
    refusal::{Excess, Refusal},
    shape::Shape,
    weigh::Weight,
};
use super::{
    document::Document,
    error::{Limit, code, coded},
    monitor::Monitor,
    persisted::Persisted,
};
use crate::metrics::Metrics;

/// The largest number of errors about a document in one response.
const MAX_DOCUMENT_ERRORS: usize = 100;

/// The limits of a request. A request that exceeds one is not executed; the error names the limit, its value and the requested
/// amount. A fragment counts each time it is spread. `config.default.toml` has the default values and the reasons for them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Bytes of the document.
    pub query_bytes: u64,
    /// Tokens of the document: names, values, punctuation.
    pub tokens: u64,
    /// Bytes of the longest name.
    pub name_bytes: u64,
    /// Nesting of brackets in the document, of lists and objects in a variable's value, and of selections through fragments.
    pub nesting: u64,
    /// Nesting of fields.
    pub depth: u64,
    /// Fields, spreads and inline fragments of all operations.
    pub selections: u64,
    /// Aliases of all operations.
    pub aliases: u64,
    /// Directives of all operations.
    pub directives: u64,
    /// Directives at one place.
    pub directives_per_field: u64,
    /// Root fields of the operation that runs.
    pub root_fields: u64,
    /// Bytes of all arguments. Each value counts 8 bytes more than its text, and a variable counts at every use.
    pub input: u64,
    /// Comparisons needed to check that fields under one response key can be merged.
    pub comparisons: u64,
    /// The complexity of introspection, counted separately.
    pub introspection: u64,
    /// The complexity of everything else.
    pub complexity: u64,
    /// Approximate bytes of memory for cached documents. 0 disables the cache.
    pub document_cache_bytes: u64,
    /// The time limit of a statement that reads the database. The store enforces it.
    #[serde(rename = "statement_time_seconds", with = "seconds")]
    pub statement_time: Duration,
    /// The time limit of a query. Subscriptions have none.
    #[serde(rename = "time_seconds", with = "seconds")]
    pub time: Duration,
}

/// A duration as whole seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}

/// In a request's data: the response reports its complexity in `extensions.complexity`. A client requests this with
/// `"extensions": {"complexity": true}` or, over HTTP, with a header `X-Report-Complexity`.
#[derive(Clone, Copy, Debug)]
pub struct ReportComplexity;

/// In a request's data: whether the request may use introspection (`__schema`, `__type`). The gateway's own rule applies too,
/// and alone if a request has no such data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Introspection {
    /// Introspection is executed.
    Allowed,
    /// It is refused with the code `FORBIDDEN`.
    Refused,
}

/// The rules for all requests of a gateway.
pub struct Rules {
    /// The limits.
    pub limits: Limits,
    /// Which documents can be sent by name.
    pub persisted: Persisted,
    /// Whether introspection is allowed.
    pub introspection: Introspection,
    /// A query that takes longer is logged.
    pub slow: Option<Duration>,
}

impl From<Limits> for Rules {
    /// Only limits: introspection is allowed, and no documents can be named.
    fn from(limits: Limits) -> Self {
        Self { limits, persisted: Persisted::off(), introspection: Introspection::Allowed, slow: None }
    }
}

/// An executor that refuses requests beyond the limits. Clones share their state.
#[derive(Clone)]
pub struct Limited<E> {
    executor: E,
    monitor: Monitor,
    scale: Arc<Scale>,
}

/// The inputs for weighing requests.
struct Scale {
    limits: Limits,
    persisted: Persisted,
    introspection: Introspection,
    shape: Shape,
    documents: Cache,
}

impl<E> Limited<E> {
    /// Wraps an executor of the schema that `sdl` describes, and counts its requests in `metrics`. The executor's own recursion
    /// limit (`limit_recursive_depth`) should not be lower than `nesting`.
    pub fn new(executor: E, sdl: &str, rules: impl Into<Rules>, metrics: Metrics) -> Self {
        let Rules { limits, persisted, introspection, slow } = rules.into();
        let shape = Shape::of_sdl(sdl).expect("a schema writes an SDL that its own parser reads");
        let documents = Cache::new(limits.document_cache_bytes);
        let monitor = Monitor::new(metrics, slow);
        Self { executor, monitor, scale: Arc::new(Scale { limits, persisted, introspection, shape, documents }) }
    }

    /// Weighs a request ahead of its execution, for a transport that must know what kind of operation it starts; nothing
    /// where that is not clear. If it may not be executed, the error has the reason. The outcome is stored in the request's data, and the
    /// request is not weighed again.
    pub fn weigh(&self, request: &mut Request) -> Result<Option<OperationType>, ServerError> {
        let admitted = self.scale.admit(request).map_err(|refusal| self.not_executed(refusal))?;
        request.data.insert(admitted);
        Ok(admitted.operation)
    }

    /// The error of a request that is not executed, which is counted.
    fn not_executed(&self, refused: impl Into<ServerError>) -> ServerError {
        let error = refused.into();
        self.monitor.refused(&error);
        error
    }
}

impl<E: Executor> Executor for Limited<E> {
    async fn execute(&self, mut request: Request) -> Response {
        let admitted = match self.scale.admit(&mut request) {
            Ok(admitted) => admitted,
            Err(refusal) => return Response::from_errors(vec![self.not_executed(refusal)]),
        };
        self.execute_admitted(request, admitted).await
    }

    fn execute_stream(&self, request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let limited = self.clone();
        // Weighed when the stream is first polled, so that it runs in the task of this operation.
        async { limited.stream(request, session_data) }.boxed().flatten_stream().boxed()
    }
}

impl<E: Executor> Limited<E> {
    async fn execute_admitted(&self, mut request: Request, admitted: Admitted) -> Response {
        let allowance = allowance(&request);
        let (left, _running) = match charged(allowance.as_deref(), admitted.complexity) {
            Ok(charged) => charged,
            Err(error) => return Response::from_errors(vec![self.not_executed(error)]),
        };
        let monitored = self.monitor.query(Document::attached(&request), admitted.complexity);
        request.data.insert(monitored.tally().clone());
        let mut response = admitted.finish(self.scale.in_time(self.executor.execute(request).boxed()).await);
        if let Some(left) = left {
            response.extensions.insert("rateLimit".to_owned(), left.shown());
        }
        monitored.answered(&response);
        response
    }

    fn stream(self, mut request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let admitted = match self.scale.admit(&mut request) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                let error = self.not_executed(refusal);
                return stream::once(async { Response::from_errors(vec![error]) }).boxed();
            }
        };
        if admitted.operation == Some(OperationType::Subscription) {
            // A subscription is charged when it starts. The number of connections limits how many run concurrently.
            let spent = allowance(&request).map_or(Ok(None), |allowance| allowance.spend(admitted.complexity));
            if let Err(error) = spent {
                let error = self.not_executed(error);
                return stream::once(async { Response::from_errors(vec![error]) }).boxed();
            }
            let mut monitored = self.monitor.subscription(Document::attached(&request), admitted.complexity);
            let responses = self.executor.execute_stream(request, session_data);
            let finish = move |response| {
                monitored.responded(&response);
                admitted.finish(response)
            };
            return responses.map(finish).boxed();
        }
        stream::once(async move { self.execute_admitted(request, admitted).await }).boxed()
    }
}

/// The allowance of a request's credential, if it has one.
fn allowance(request: &Request) -> Option<Arc<Allowance>> {
    request.data.get(&TypeId::of::<Arc<Allowance>>())?.downcast_ref::<Arc<Allowance>>().cloned()
}

/// Starts a request and charges its complexity. The permit must be held while the request runs.
fn charged(allowance: Option<&Allowance>, complexity: u64) -> Result<(Option<Left>, Option<Permit>), ServerError> {
    let Some(allowance) = allowance else { return Ok((None, None)) };
    let permit = allowance.begin()?;
    Ok((allowance.spend(complexity)?, Some(permit)))
}

/// A request that passed the checks.
#[derive(Clone, Copy)]
struct Admitted {
    operation: Option<OperationType>,
    complexity: u64,
    report: Option<Excess>,
}

impl Admitted {
    fn finish(self, mut response: Response) -> Response {
        if response.data == Value::Null && response.errors.iter().all(|error| error.path.is_empty()) {
            response.errors.truncate(MAX_DOCUMENT_ERRORS);
        }
        if let Some(Excess { allowed, requested, .. }) = self.report {
            response.extensions.insert("complexity".to_owned(), value!({ "requested": requested, "allowed": allowed }));
        }
        response
    }
}

impl Scale {
    /// Checks whether a request may be executed. If so, attaches its document for the executor.
    fn admit(&self, request: &mut Request) -> Result<Admitted, Refusal> {
        let weighed = request.data.get(&TypeId::of::<Admitted>()).and_then(|admitted| admitted.downcast_ref());
        if let Some(admitted) = weighed {
            return Ok(*admitted);
        }
        let limits = &self.limits;
        allow(Limit::QueryBytes, request.query.len() as u64, limits.query_bytes)?;
        let registration = self.persisted.resolve(request).map_err(Refusal::Invalid)?;
        allow(Limit::QueryBytes, request.query.len() as u64, limits.query_bytes)?;
        let name = request.operation_name.as_deref();
        let entry = self.documents.entry(&request.query, name, limits);
        entry.check_text()?;
        allow(Limit::Nesting, input::nesting(&request.variables, limits.nesting.saturating_add(1)), limits.nesting)?;
        let known = entry.parsed(&request.query, name)?;
        let weight = known.weight(name, &request.variables, &self.shape)?;
        self.allow_introspection(request, &weight)?;
        self.allow(&weight)?;
        known.check_merges()?;
        if let Some(registration) = registration {
            self.persisted.register(registration, &request.query);
        }
        known.document.attach(request);
        let is_requested = request.data.contains_key(&TypeId::of::<ReportComplexity>())
            || request.extensions.0.get("complexity") == Some(&Value::Boolean(true));
        let report = Excess { limit: Limit::Complexity, allowed: limits.complexity, requested: weight.complexity };
        Ok(Admitted { operation: weight.operation, complexity: weight.complexity, report: is_requested.then_some(report) })
    }

    fn allow(&self, weight: &Weight) -> Result<(), Excess> {
        let (limits, whole) = (&self.limits, &weight.whole);
        allow(Limit::Nesting, whole.nesting, limits.nesting)?;
        allow(Limit::Depth, whole.depth, limits.depth)?;
        allow(Limit::Selections, whole.selections, limits.selections)?;
        allow(Limit::Aliases, whole.aliases, limits.aliases)?;
        allow(Limit::Directives, whole.directives, limits.directives)?;
        allow(Limit::DirectivesPerField, whole.directives_per_field, limits.directives_per_field)?;
        allow(Limit::RootFields, weight.root_fields, limits.root_fields)?;
        allow(Limit::Input, whole.input, limits.input)?;
        allow(Limit::Comparisons, weight.comparisons, limits.comparisons)?;
        allow(Limit::Introspection, weight.introspection, limits.introspection)?;
        allow(Limit::Complexity, weight.complexity, limits.complexity)
    }

    fn allow_introspection(&self, request: &Request, weight: &Weight) -> Result<(), Refusal> {
        let of_request = request.data.get(&TypeId::of::<Introspection>()).and_then(|rule| rule.downcast_ref());
        let refuses = |rule: &Introspection| *rule == Introspection::Refused;
        if weight.introspection > 0 && (refuses(&self.introspection) || of_request.is_some_and(refuses)) {
            let why = "introspection is not allowed here: `__schema` and `__type` are refused, `__typename` is not";
            return Err(Refusal::Invalid(coded(code::FORBIDDEN, why)));
        }
        Ok(())
    }

    async fn in_time(&self, execution: BoxFuture<'_, Response>) -> Response {
        let time = self.limits.time;
        tokio::time::timeout(time, execution).await.unwrap_or_else(|_| {
            let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            refused(Excess { limit: Limit::Time, allowed: milliseconds, requested: milliseconds }.into())
        })
    }
}

fn allow(limit: Limit, requested: u64, allowed: u64) -> Result<(), Excess> {
    if requested <= allowed { Ok(()) } else { Err(Excess { limit, allowed, requested }) }
}

fn refused(refusal: Refusal) -> Response {
    Response::from_errors(vec![ServerError::from(refusal)])
}

//! Monitors requests: counts them by operation and outcome, and logs slow ones.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{Response, ServerError, Value};

use super::{
    document::Document,
    error::{Limit, code},
};
use crate::{
    metrics::{Metrics, Operation, RequestOutcome},
    store::Tally,
};

/// Monitors the requests of a gateway. Cheap to clone.
#[derive(Clone)]
pub(super) struct Monitor {
    metrics: Metrics,
    /// Queries that take longer are logged.
    slow: Option<Duration>,
}

/// A monitored query. If it is dropped before its answer, it counts as cancelled by the client.
pub(super) struct MonitoredQuery {
    monitor: Monitor,
    document: Option<Arc<Document>>,
    complexity: u64,
    began: Instant,
    tally: Tally,
    has_ended: bool,
}

/// A subscription that is monitored until its first response.
pub(super) struct MonitoredSubscription {
    monitor: Monitor,
    document: Option<Arc<Document>>,
    has_ended: bool,
}

impl Monitor {
    pub(super) fn new(metrics: Metrics, slow: Option<Duration>) -> Self {
        Self { metrics, slow }
    }

    /// Starts monitoring a query.
    pub(super) fn query(&self, document: Option<Arc<Document>>, complexity: u64) -> MonitoredQuery {
        self.metrics.complexity.record_count(usize::try_from(complexity).unwrap_or(usize::MAX));
        let (began, tally) = (Instant::now(), Tally::default());
        MonitoredQuery { monitor: self.clone(), document, complexity, began, tally, has_ended: false }
    }

    /// Starts monitoring the start of a subscription.
    pub(super) fn subscription(&self, document: Option<Arc<Document>>, complexity: u64) -> MonitoredSubscription {
        self.metrics.complexity.record_count(usize::try_from(complexity).unwrap_or(usize::MAX));
        MonitoredSubscription { monitor: self.clone(), document, has_ended: false }
    }

    /// Records a request that is refused before execution.
    pub(super) fn refused(&self, error: &ServerError) {
        self.metrics.operations().other().requests.of(outcome_of(error)).increment();
    }

    /// The metrics of a document's operation. Only executed operations get series of their own, so that invalid requests can't
    /// use up the limited number of names.
    fn operation(&self, document: Option<&Arc<Document>>, outcome: RequestOutcome) -> Arc<Operation> {
        let operations = self.metrics.operations();
        let Some(document) = document else { return operations.other() };
        if let Some(operation) = document.metrics().get() {
            return operation.clone();
        }
        match document.operation_name() {
            None => operations.anonymous(),
            Some(name) if outcome != RequestOutcome::Ok => operations.known(name),
            Some(name) => document.metrics().get_or_init(|| operations.named(name)).clone(),
        }
    }
}

impl MonitoredQuery {
    /// The counter of its statements.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Records the response.
    pub(super) fn answered(mut self, response: &Response) {
        self.end(outcome(response));
    }

    fn end(&mut self, outcome: RequestOutcome) {
        self.has_ended = true;
        let time = self.began.elapsed();
        let taken = self.tally.taken();
        let operation = self.monitor.operation(self.document.as_ref(), outcome);
        operation.requests.of(outcome).increment();
        operation.seconds.record_time(time);
        self.monitor.metrics.statements.record(f64::from(taken.statements));
        if self.monitor.slow.is_some_and(|slow| time >= slow) {
            let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(
                operation = self.document.as_ref().and_then(|document| document.operation_name()).unwrap_or("anonymous"),
                milliseconds = milliseconds(time),
                outcome = ?outcome,
                statements = taken.statements,
                statement_milliseconds = milliseconds(taken.time),
                slowest_statement_milliseconds = milliseconds(taken.slowest),
                complexity = self.complexity,
                "slow query"
            );
        }
    }
}

impl Drop for MonitoredQuery {
    fn drop(&mut self) {
        if !self.has_ended {
            self.end(if std::thread::panicking() { RequestOutcome::Failed } else { RequestOutcome::Cancelled });
        }
    }
}

impl MonitoredSubscription {
    /// Records the outcome of the first response, which tells whether the subscription started. Later responses are ignored.
    pub(super) fn responded(&mut self, response: &Response) {
        if !self.has_ended {
            let is_failure = response.data == Value::Null;
            self.end(if is_failure { outcome(response) } else { RequestOutcome::Ok });
        }
    }

    fn end(&mut self, outcome: RequestOutcome) {
        self.has_ended = true;
        self.monitor.operation(self.document.as_ref(), outcome).requests.of(outcome).increment();
    }
}

impl Drop for MonitoredSubscription {
    /// A subscription that ends without a response counts as a success.
    fn drop(&mut self) {
        if !self.has_ended {
            self.end(RequestOutcome::Ok);
        }
    }
}

/// The outcome of a response, from its most severe error.
fn outcome(response: &Response) -> RequestOutcome {
    response.errors.iter().map(outcome_of).max().unwrap_or(RequestOutcome::Ok)
}

fn outcome_of(error: &ServerError) -> RequestOutcome {
    let extension = |key| match error.extensions.as_ref().and_then(|extensions| extensions.get(key)) {
        Some(Value::String(text)) => text.as_str(),
        _ => "",
    };
    match extension("code") {
        code::INTERNAL => RequestOutcome::Failed,
        code::UNAVAILABLE => RequestOutcome::Unavailable,
        code::LIMIT_EXCEEDED if [Limit::Time, Limit::StatementTime].map(Limit::name).contains(&extension("limit")) => {
            RequestOutcome::Timeout
        }
        code::LIMIT_EXCEEDED | code::FORBIDDEN | code::RATE_LIMITED | code::UNAUTHENTICATED => RequestOutcome::Refused,
        _ => RequestOutcome::Invalid,
    }
}

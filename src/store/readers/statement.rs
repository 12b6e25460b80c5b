//! A running statement: it is counted and, if traces are exported, has a span.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::Statement;
use tracing::{Level, Span};

use super::Readers;

/// The target of statement spans. Logs exclude it.
const TARGET: &str = "deskgraph::statement";

/// Counts the statements of one request. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    statements: AtomicU32,
    microseconds: AtomicU64,
    slowest: AtomicU64,
}

/// The number and duration of statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The number of statements.
    pub statements: u32,
    /// Their total duration.
    pub time: Duration,
    /// The duration of the slowest.
    pub slowest: Duration,
}

impl Tally {
    /// The counts so far.
    pub fn taken(&self) -> Taken {
        let Counted { statements, microseconds, slowest } = &*self.0;
        let duration = |microseconds: &AtomicU64| Duration::from_micros(microseconds.load(Ordering::Relaxed));
        Taken { statements: statements.load(Ordering::Relaxed), time: duration(microseconds), slowest: duration(slowest) }
    }

    fn add(&self, time: Duration) {
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.0.statements.fetch_add(1, Ordering::Relaxed);
        self.0.microseconds.fetch_add(microseconds, Ordering::Relaxed);
        self.0.slowest.fetch_max(microseconds, Ordering::Relaxed);
    }
}

/// A running statement; it ends when this is dropped.
pub(in crate::store) struct Running {
    tally: Option<Tally>,
    began: Instant,
    _span: Span,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(tally) = &self.tally {
            tally.add(self.began.elapsed());
        }
    }
}

impl Readers {
    /// Starts a statement: applies the scope, counts it and opens its span. Every reading statement passes here.
    pub(in crate::store) fn begin(&self, statement: &mut Statement) -> Running {
        self.scope(statement);
        if let Some(observe) = &self.observe {
            observe(&statement.to_string());
        }
        // The text has placeholders instead of values.
        let span = tracing::trace_span!(
            target: TARGET,
            "statement",
            "db.system.name" = self.dialect().system(),
            "db.query.text" = statement.sql,
        );
        Running { tally: self.tally.clone(), began: Instant::now(), _span: span }
    }
}

/// The current span, for statements on another thread or task; none if nothing collects spans.
pub(in crate::store) fn carried_span() -> Span {
    if tracing::enabled!(target: TARGET, Level::TRACE) { Span::current() } else { Span::none() }
}

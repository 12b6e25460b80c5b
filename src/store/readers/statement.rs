//! A statement while it runs: it is counted, and it has a span where traces are exported.

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

/// The target of statements' spans. Logs never show them: they are for traces.
const TARGET: &str = "deskgraph::statement";

/// Counts the statements of one request. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    statements: AtomicU32,
    microseconds: AtomicU64,
    slowest: AtomicU64,
}

/// What statements took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How many there were.
    pub statements: u32,
    /// The time of all.
    pub time: Duration,
    /// The time of the slowest.
    pub slowest: Duration,
}

impl Tally {
    /// What was counted so far.
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

/// A statement that runs, until this is dropped.
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
    /// Makes a statement the one that is run, and notes that it runs. Every statement passes here.
    pub(in crate::store) fn begin(&self, statement: &mut Statement) -> Running {
        self.scope(statement);
        if let Some(observe) = &self.observe {
            observe(&statement.to_string());
        }
        // The text has places for values, and no values.
        let span = tracing::trace_span!(
            target: TARGET,
            "statement",
            "db.system.name" = self.dialect().system(),
            "db.query.text" = statement.sql,
        );
        Running { tally: self.tally.clone(), began: Instant::now(), _span: span }
    }
}

/// The span that statements on another thread or task belong to; none where nobody looks at them.
pub(in crate::store) fn carried_span() -> Span {
    if tracing::enabled!(target: TARGET, Level::TRACE) { Span::current() } else { Span::none() }
}

//! SQLite's connections for whole requests, each with its prepared statements.
//!
//! A job leases a connection, runs all its statements there in one read transaction, and returns it. It runs on a blocking
//! thread, so a request changes threads twice, however many statements it needs. A job that looks up a few keys runs on the
//! current thread, since changing threads would take longer than the job. SQLite's progress handler enforces each statement's
//! time limit, and interrupts the statement of a job whose caller was dropped.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags};
use sea_orm::{ConnAcquireErr, DbErr, Value};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

use super::{
    super::{cells::Rows, sqlite},
    Error, InUse,
};

/// Instructions of SQLite's virtual machine between two calls of the progress handler, which take some tens of microseconds.
const STEPS: i32 = 4000;

/// The deadline while no statement runs.
const NEVER: u64 = u64::MAX;

/// The connections. Cheap to clone.
#[derive(Clone)]
pub(in crate::store) struct Leases(Arc<Shared>);

struct Shared {
    /// Open connections that are not leased.
    idle: Mutex<Vec<Connected>>,
    free: Arc<Semaphore>,
    connections: u32,
    acquire_timeout: Duration,
    opener: Opener,
}

impl Leases {
    /// Connections to a file, each opened by its first job.
    pub(super) fn of(file: &Path, connections: u32, limit: Duration, acquire_timeout: Duration, busy: Duration) -> Self {
        let opener = Opener { file: file.to_owned(), limit, busy };
        let free = Arc::new(Semaphore::new(connections as usize));
        Self(Arc::new(Shared { idle: Mutex::default(), free, connections, acquire_timeout, opener }))
    }

    /// Runs a job on a leased connection and returns its result. With `is_short`, it runs on the current thread.
    pub(in crate::store) async fn run<T: Send + 'static>(
        &self,
        is_short: bool,
        job: impl FnOnce(Connected) -> (Connected, T) + Send + 'static,
    ) -> Result<T, Error> {
        let permit = self.permit().await?;
        let abandoned = Abandoned(Arc::default());
        let (shared, is_abandoned) = (self.0.clone(), abandoned.0.clone());
        let run = move || shared.run(permit, is_abandoned, job);
        if is_short {
            return run();
        }
        spawn_blocking(run).await.unwrap_or_else(|error| Err(Error::Abandoned(error.to_string())))
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        let not_acquired = |why| Error::Database(DbErr::ConnectionAcquire(why));
        if let Ok(permit) = self.0.free.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let permit = timeout(self.0.acquire_timeout, self.0.free.clone().acquire_owned()).await;
        permit.map_err(|_| not_acquired(ConnAcquireErr::Timeout))?.map_err(|_| not_acquired(ConnAcquireErr::ConnectionClosed))
    }

    /// The number of connections in use and available.
    pub(in crate::store) fn in_use(&self) -> InUse {
        InUse::of(self.0.connections, self.0.free.available_permits())
    }

    /// Waits for running jobs and closes the connections.
    pub(super) async fn close(&self) {
        // Acquiring permits fails if the pool is already closed.
        let Ok(_all) = self.0.free.acquire_many(self.0.connections).await else { return };
        self.0.free.close();
        self.0.idle().clear();
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connected>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T>(
        &self,
        permit: OwnedSemaphorePermit,
        is_abandoned: Arc<AtomicBool>,
        job: impl FnOnce(Connected) -> (Connected, T),
    ) -> Result<T, Error> {
        let idle = self.idle().pop();
        let mut connected = idle.map_or_else(|| self.opener.open(), Ok)?;
        connected.set_abandoned_flag(is_abandoned);
        // A panic discards the connection; the next job opens another.
        let ended = catch_unwind(AssertUnwindSafe(|| job(connected)));
        let (connected, result) = ended.map_err(|_| Error::Abandoned("a read panicked".into()))?;
        self.idle().push(connected);
        drop(permit);
        Ok(result)
    }
}

/// When dropped, tells the running job that its caller is gone. Has no effect after the job has ended.
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The parameters for opening a connection.
struct Opener {
    file: PathBuf,
    limit: Duration,
    busy: Duration,
}

impl Opener {
    fn open(&self) -> Result<Connected, Error> {
        let db = sqlite::open(&self.file, OpenFlags::SQLITE_OPEN_READ_ONLY, self.busy)?;
        let interruption =
            Arc::new(Interruption { began: Instant::now(), deadline: AtomicU64::new(NEVER), is_abandoned: Mutex::default() });
        let checked = interruption.clone();
        db.progress_handler(STEPS, Some(move || checked.must_interrupt()))?;
        Ok(Connected { db, interruption, limit: self.limit })
    }
}

/// The state that the progress handler checks.
struct Interruption {
    began: Instant,
    /// The deadline of the running statement, in milliseconds since `began`.
    deadline: AtomicU64,
    /// Whether the caller of the running job is gone.
    is_abandoned: Mutex<Arc<AtomicBool>>,
}

impl Interruption {
    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(NEVER)
    }

    fn must_interrupt(&self) -> bool {
        self.elapsed() >= self.deadline.load(Ordering::Relaxed)
            || self.is_abandoned.lock().unwrap_or_else(PoisonError::into_inner).load(Ordering::Relaxed)
    }
}

/// A leased connection.
pub(in crate::store) struct Connected {
    db: Connection,
    interruption: Arc<Interruption>,
    limit: Duration,
}

impl Connected {
    fn set_abandoned_flag(&mut self, is_abandoned: Arc<AtomicBool>) {
        *self.interruption.is_abandoned.lock().unwrap_or_else(PoisonError::into_inner) = is_abandoned;
    }

    /// Runs a statement that returns no rows.
    pub(in crate::store) fn execute(&mut self, sql: &str) -> Result<(), Error> {
        self.db.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// Whether a transaction is open.
    pub(in crate::store) fn is_in_transaction(&self) -> bool {
        !self.db.is_autocommit()
    }

    /// All rows of a statement, within the time limit.
    pub(in crate::store) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Rows, Error> {
        let deadline = self.interruption.elapsed().saturating_add(u64::try_from(self.limit.as_millis()).unwrap_or(NEVER));
        self.interruption.deadline.store(deadline, Ordering::Relaxed);
        let rows = sqlite::query(&self.db, sql, values);
        self.interruption.deadline.store(NEVER, Ordering::Relaxed);
        rows.map_err(
            |error| if self.interruption.elapsed() >= deadline { Error::Timeout(self.limit) } else { Error::Sqlite(error) },
        )
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// A query that never ends by itself.
    const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS i FROM n";

    fn leases(limit: Duration) -> (Leases, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("leases.db");
        Connection::open(&file).unwrap().execute_batch("CREATE TABLE t (i INTEGER, r REAL, s TEXT, n TEXT)").unwrap();
        (Leases::of(&file, 1, limit, Duration::from_mins(1), Duration::from_secs(1)), folder)
    }

    async fn ask(leases: &Leases, sql: &'static str) -> Result<Option<i64>, Error> {
        let job = move |mut connected: Connected| {
            let rows = connected.query(sql, &[]);
            (connected, rows)
        };
        Ok(leases.run(false, job).await??.iter().next().and_then(|row| row.int(0)))
    }

    #[tokio::test]
    async fn a_statement_that_takes_too_long_is_ended_and_its_connection_goes_on() {
        let limit = Duration::from_millis(50);
        let (leases, _folder) = leases(limit);
        for _ in 0..3 {
            let error = ask(&leases, ENDLESS).await.unwrap_err();
            assert!(matches!(error, Error::Timeout(allowed) if allowed == limit), "{error}");
            assert_eq!(ask(&leases, "SELECT 7").await.unwrap(), Some(7));
        }
    }

    #[tokio::test]
    async fn a_job_that_nobody_waits_for_is_ended_and_its_connection_goes_on() {
        let (leases, _folder) = leases(Duration::from_hours(1));
        for _ in 0..3 {
            let mut abandoned = Box::pin(ask(&leases, ENDLESS));
            assert!(futures_util::poll!(&mut abandoned).is_pending());
            drop(abandoned);
            assert_eq!(ask(&leases, "SELECT 7").await.unwrap(), Some(7));
        }
    }

    #[tokio::test]
    async fn a_job_that_panics_fails_alone() {
        let (leases, _folder) = leases(Duration::from_hours(1));
        for is_short in [false, true] {
            let panics = |_: Connected| -> (Connected, ()) { panic!("as a test") };
            assert!(matches!(leases.run(is_short, panics).await, Err(Error::Abandoned(_))));
            assert_eq!(ask(&leases, "SELECT 7").await.unwrap(), Some(7));
        }
    }

    #[tokio::test]
    async fn values_of_every_type_are_read_by_position() {
        let (leases, folder) = leases(Duration::from_hours(1));
        let db = Connection::open(folder.path().join("leases.db")).unwrap();
        db.execute_batch("INSERT INTO t VALUES (-3, 1.5, 'đ', NULL), (9, 2, '', 'x')").unwrap();
        let job = |mut connected: Connected| {
            let rows = connected.query("SELECT i, r, s, n FROM t WHERE i > ? ORDER BY i", &[Value::from(-9_i64)]);
            (connected, rows)
        };
        let rows = leases.run(true, job).await.unwrap().unwrap();
        let read: Vec<_> = rows.iter().map(|row| (row.int(0), row.real(1), row.text(2), row.is_null(3), row.text(0))).collect();
        assert_eq!(read, [(Some(-3), Some(1.5), Some("đ"), true, None), (Some(9), Some(2.0), Some(""), false, None)]);
    }

    #[tokio::test]
    async fn closed_connections_are_out_of_reach() {
        let (leases, _folder) = leases(Duration::from_secs(10));
        leases.close().await;
        leases.close().await;
        assert!(ask(&leases, "SELECT 7").await.unwrap_err().is_unavailable());
    }
}

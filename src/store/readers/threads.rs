//! SQLite's readers for whole requests: threads, each with its own connection and its prepared statements.
//!
//! A job gets the connection of one thread, runs all its statements there in one read transaction, and gives it back. A
//! request therefore changes threads twice, however many statements it needs. Each statement has a time limit, which SQLite's
//! progress handler enforces; it also interrupts the statement of a job that nobody waits for any more.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use sea_orm::{ConnAcquireErr, DbErr, Value};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

use super::{super::cells::Rows, Error};

/// Instructions of SQLite's virtual machine between two calls of the progress handler: some tens of microseconds.
const STEPS: i32 = 4000;

/// The deadline of a connection that runs no statement.
const NEVER: u64 = u64::MAX;

/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 256;

/// The threads. Cheap to clone.
#[derive(Clone)]
pub(in crate::store) struct Threads(Arc<Shared>);

struct Shared {
    /// The threads without a job: as many as the semaphore has permits.
    idle: Mutex<Vec<mpsc::Sender<Job>>>,
    free: Arc<Semaphore>,
    threads: u32,
    acquire_timeout: Duration,
}

/// What a thread is given: work, and what it returns afterwards.
struct Job {
    run: Box<dyn FnOnce(Result<Connected, Error>) -> Option<Connected> + Send>,
    home: mpsc::Sender<Job>,
    permit: OwnedSemaphorePermit,
    shared: Arc<Shared>,
}

impl Threads {
    /// Starts them. Each opens its connection with its first job.
    pub(super) fn start(file: &Path, threads: u32, limit: Duration, acquire_timeout: Duration, busy: Duration) -> Self {
        let idle = (0..threads)
            .map(|number| {
                let (sender, jobs) = mpsc::channel();
                let opener = Opener { file: file.to_owned(), limit, busy };
                let started = thread::Builder::new().name(format!("reader-{number}")).spawn(move || work(&jobs, &opener));
                started.expect("the system starts another thread");
                sender
            })
            .collect();
        let free = Arc::new(Semaphore::new(threads as usize));
        Self(Arc::new(Shared { idle: Mutex::new(idle), free, threads, acquire_timeout }))
    }

    /// Runs a job on a thread and waits for what it returns with the connection.
    pub(in crate::store) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(Connected) -> (Connected, T) + Send + 'static,
    ) -> Result<T, Error> {
        let not_acquired = |why| Error::Database(DbErr::ConnectionAcquire(why));
        let permit = timeout(self.0.acquire_timeout, self.0.free.clone().acquire_owned()).await;
        let permit = permit
            .map_err(|_| not_acquired(ConnAcquireErr::Timeout))?
            .map_err(|_| not_acquired(ConnAcquireErr::ConnectionClosed))?;
        let home = self.0.idle().pop().ok_or_else(|| not_acquired(ConnAcquireErr::ConnectionClosed))?;
        let (sender, answer) = oneshot::channel();
        let abandoned = Abandoned(Arc::default());
        let is_abandoned = abandoned.0.clone();
        let run = move |connected: Result<Connected, Error>| match connected {
            Ok(mut connected) => {
                connected.watch(is_abandoned);
                let (connected, result) = job(connected);
                // Nobody waits any more if this fails.
                let _ = sender.send(Ok(result));
                Some(connected)
            }
            Err(error) => {
                let _ = sender.send(Err(error));
                None
            }
        };
        let job = Job { run: Box::new(run), home: home.clone(), permit, shared: self.0.clone() };
        home.send(job).map_err(|_| Error::Abandoned("a reading thread has ended".into()))?;
        answer.await.unwrap_or_else(|_| Err(Error::Abandoned("a read panicked".into())))
    }

    /// Waits for running jobs and ends the threads.
    pub(super) async fn close(&self) {
        // Without permits, they have ended already.
        let Ok(_all) = self.0.free.acquire_many(self.0.threads).await else { return };
        self.0.free.close();
        self.0.idle().clear();
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<mpsc::Sender<Job>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the thread, when it is dropped, that nobody waits for the job any more. After the job, that does no harm.
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs jobs until there can be no more.
fn work(jobs: &mpsc::Receiver<Job>, opener: &Opener) {
    let mut kept = None;
    while let Ok(Job { run, home, permit, shared }) = jobs.recv() {
        let connected = kept.take().map_or_else(|| opener.open(), Ok);
        // A panic ends the job and its connection; the caller is told by the dropped channel.
        kept = catch_unwind(AssertUnwindSafe(|| run(connected))).unwrap_or(None);
        shared.idle().push(home);
        drop(permit);
    }
}

/// How a connection is opened.
struct Opener {
    file: PathBuf,
    limit: Duration,
    busy: Duration,
}

impl Opener {
    fn open(&self) -> Result<Connected, Error> {
        // A connection stays on one thread, so SQLite needs no locks of its own.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&self.file, flags)?;
        db.busy_timeout(self.busy)?;
        // As `connect::prepared` says.
        for (name, value) in [("mmap_size", 2_147_418_112_i64), ("cache_size", -65536), ("temp_store", 2)] {
            db.pragma_update(None, name, value)?;
        }
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        let watched = Arc::new(Watched { began: Instant::now(), deadline: AtomicU64::new(NEVER), job: Mutex::default() });
        let looked_at = watched.clone();
        db.progress_handler(STEPS, Some(move || looked_at.is_over()))?;
        Ok(Connected { db, watched, limit: self.limit })
    }
}

/// What the progress handler looks at.
struct Watched {
    began: Instant,
    /// The end of the running statement's time, in milliseconds since `began`.
    deadline: AtomicU64,
    /// Whether the running job is abandoned.
    job: Mutex<Arc<AtomicBool>>,
}

impl Watched {
    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(NEVER)
    }

    fn is_over(&self) -> bool {
        self.elapsed() >= self.deadline.load(Ordering::Relaxed)
            || self.job.lock().unwrap_or_else(PoisonError::into_inner).load(Ordering::Relaxed)
    }
}

/// A connection on its thread.
pub(in crate::store) struct Connected {
    db: Connection,
    watched: Arc<Watched>,
    limit: Duration,
}

impl Connected {
    fn watch(&mut self, is_abandoned: Arc<AtomicBool>) {
        *self.watched.job.lock().unwrap_or_else(PoisonError::into_inner) = is_abandoned;
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

    /// All rows that a statement gives, within the time limit.
    pub(in crate::store) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Rows, Error> {
        let deadline = self.watched.elapsed().saturating_add(u64::try_from(self.limit.as_millis()).unwrap_or(NEVER));
        self.watched.deadline.store(deadline, Ordering::Relaxed);
        let rows = self.rows(sql, values);
        self.watched.deadline.store(NEVER, Ordering::Relaxed);
        let is_late = self.watched.elapsed() >= deadline;
        rows.map_err(|error| if is_late { Error::Timeout(self.limit) } else { Error::Sqlite(error) })
    }

    fn rows(&self, sql: &str, values: &[Value]) -> Result<Rows, rusqlite::Error> {
        let mut statement = self.db.prepare_cached(sql)?;
        for (at, value) in values.iter().enumerate() {
            bind(&mut statement, at + 1, value)?;
        }
        let width = statement.column_count();
        let mut found = Rows::new(width);
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            for at in 0..width {
                match row.get_ref(at)? {
                    ValueRef::Null | ValueRef::Blob(_) => found.push_int(None),
                    ValueRef::Integer(value) => found.push_int(Some(value)),
                    ValueRef::Real(value) => found.push_real(Some(value)),
                    ValueRef::Text(text) => found.push_text(Some(&String::from_utf8_lossy(text))),
                }
            }
        }
        Ok(found)
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, at: usize, value: &Value) -> Result<(), rusqlite::Error> {
    match value {
        Value::Bool(value) => statement.raw_bind_parameter(at, value),
        Value::Int(value) => statement.raw_bind_parameter(at, value),
        Value::BigInt(value) => statement.raw_bind_parameter(at, value),
        // As sea-orm binds it for SQLite: limits of pages.
        Value::BigUnsigned(value) => statement.raw_bind_parameter(at, value.and_then(|value| i64::try_from(value).ok())),
        Value::Unsigned(value) => statement.raw_bind_parameter(at, value),
        Value::Double(value) => statement.raw_bind_parameter(at, value),
        Value::String(value) => statement.raw_bind_parameter(at, value.as_deref()),
        other => Err(rusqlite::Error::ToSqlConversionFailure(format!("no form for {other:?}").into())),
    }
}

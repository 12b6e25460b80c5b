//! The connections that read for clients: each runs one statement at a time, and none for longer than it may.
//!
//! SQLite has no limit on a statement's time. It asks a progress handler now and then whether to go on, which here looks at
//! the connection's deadline. A statement whose reader went away is ended the same way, and its connection serves the next
//! one only then: whoever gives up, by a time limit or by hanging up, leaves no work behind.

use std::{
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, SqlxSqliteConnector,
    Statement,
    sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::Error;

/// Steps of SQLite's machine between two looks at the deadline: some tens of microseconds.
const STEPS: i32 = 4000;

/// What a connection without a statement has for a deadline.
const NEVER: u64 = u64::MAX;

/// What the deadline of an abandoned statement becomes.
const NOW: u64 = 0;

type Observe = Arc<dyn Fn(&str) + Send + Sync>;

/// The connections that read. Cheap to clone.
#[derive(Clone)]
pub(super) struct Readers {
    shared: Arc<Shared>,
    observe: Option<Observe>,
}

struct Shared {
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
    connections: u32,
    began: Instant,
    /// How long a statement may take.
    limit: Duration,
    runtime: Handle,
}

struct Connection {
    db: DatabaseConnection,
    /// Milliseconds from the beginning at which its statement has to end.
    deadline: Arc<AtomicU64>,
}

impl Readers {
    /// Opens the connections.
    pub(super) async fn open(
        url: &str,
        connections: u32,
        limit: Duration,
        prepare: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Self, Error> {
        let options = prepare(SqliteConnectOptions::from_str(url).map_err(|_| Error::Address(url.to_owned()))?);
        let began = Instant::now();
        let mut idle = Vec::new();
        for _ in 0..connections {
            idle.push(Connection::open(options.clone(), began).await?);
        }
        let free = Arc::new(Semaphore::new(connections as usize));
        let shared = Shared { idle: Mutex::new(idle), free, connections, began, limit, runtime: Handle::current() };
        Ok(Self { shared: Arc::new(shared), observe: None })
    }

    /// Calls `observe` with every statement from now on.
    pub(super) fn observe(&mut self, observe: impl Fn(&str) + Send + Sync + 'static) {
        self.observe = Some(Arc::new(observe));
    }

    /// Whether a connection answers.
    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        let lease = self.lease("").await?;
        let answer = lease.db().ping().await;
        lease.end(answer)
    }

    /// Lets running statements end and closes the connections.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        // Closed already, where there is no permit to get.
        let Ok(_all) = self.shared.free.acquire_many(self.shared.connections).await else { return Ok(()) };
        self.shared.free.close();
        let connections = std::mem::take(&mut *self.shared.idle());
        for connection in connections {
            connection.db.close().await?;
        }
        Ok(())
    }

    async fn lease(&self, statement: &str) -> Result<Lease, DbErr> {
        let closed = || DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);
        let permit = self.shared.free.clone().acquire_owned().await.map_err(|_| closed())?;
        let connection = self.shared.idle().pop().ok_or_else(closed)?;
        if let Some(observe) = &self.observe {
            observe(statement);
        }
        let deadline = self.shared.elapsed().saturating_add(millis(self.shared.limit));
        connection.deadline.store(deadline, Ordering::Relaxed);
        Ok(Lease { connection: Some(connection), permit: Some(permit), deadline, shared: self.shared.clone() })
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn elapsed(&self) -> u64 {
        millis(self.began.elapsed())
    }
}

impl Connection {
    async fn open(options: SqliteConnectOptions, began: Instant) -> Result<Self, DbErr> {
        let deadline = Arc::new(AtomicU64::new(NEVER));
        let looked_at = deadline.clone();
        // A pool of one, never renewed, because sea-orm takes no single connection.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                let deadline = looked_at.clone();
                Box::pin(async move {
                    let goes_on = move || millis(began.elapsed()) < deadline.load(Ordering::Relaxed);
                    connection.lock_handle().await?.set_progress_handler(STEPS, goes_on);
                    Ok(())
                })
            })
            .connect_with(options)
            .await
            .map_err(|error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(Arc::new(error))))?;
        Ok(Self { db: SqlxSqliteConnector::from_sqlx_sqlite_pool(pool), deadline })
    }
}

/// A connection while it runs a statement.
struct Lease {
    connection: Option<Connection>,
    permit: Option<OwnedSemaphorePermit>,
    deadline: u64,
    shared: Arc<Shared>,
}

impl Lease {
    fn db(&self) -> &DatabaseConnection {
        &self.connection.as_ref().expect("a lease has its connection until it ends").db
    }

    /// Gives the connection back, and says of a statement that failed at its deadline that it took too long.
    fn end<T>(mut self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if let Some(connection) = self.connection.take() {
            connection.deadline.store(NEVER, Ordering::Relaxed);
            self.shared.idle().push(connection);
        }
        let is_late = self.shared.elapsed() >= self.deadline;
        result.map_err(|error| if is_late { too_slow(self.shared.limit) } else { error })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Nobody waits for the statement any more.
        let (Some(connection), permit) = (self.connection.take(), self.permit.take()) else { return };
        connection.deadline.store(NOW, Ordering::Relaxed);
        let shared = self.shared.clone();
        self.shared.runtime.spawn(async move {
            // It is answered behind the statement, in the order of the connection.
            let _ = connection.db.ping().await;
            connection.deadline.store(NEVER, Ordering::Relaxed);
            shared.idle().push(connection);
            drop(permit);
        });
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(NEVER)
}

/// What [`Error`] reads as [`Error::TooSlow`].
fn too_slow(limit: Duration) -> DbErr {
    DbErr::Custom(format!("{TOO_SLOW}{}", limit.as_millis()))
}

const TOO_SLOW: &str = "too slow: ";

/// How long a statement was allowed to take that was ended for it.
pub(super) fn exceeded(error: &DbErr) -> Option<Duration> {
    let DbErr::Custom(text) = error else { return None };
    text.strip_prefix(TOO_SLOW)?.parse().ok().map(Duration::from_millis)
}

#[async_trait::async_trait]
impl ConnectionTrait for Readers {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let lease = self.lease(&statement.sql).await?;
        let result = lease.db().execute_raw(statement).await;
        lease.end(result)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let lease = self.lease(sql).await?;
        let result = lease.db().execute_unprepared(sql).await;
        lease.end(result)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let lease = self.lease(&statement.sql).await?;
        let result = lease.db().query_one_raw(statement).await;
        lease.end(result)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let lease = self.lease(&statement.sql).await?;
        let result = lease.db().query_all_raw(statement).await;
        lease.end(result)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use tempfile::TempDir;

    use super::*;

    /// It never ends by itself.
    const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS i FROM n";

    async fn readers(limit: Duration) -> (Readers, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("readers.db").display());
        (Readers::open(&url, 1, limit, |options| options).await.unwrap(), folder)
    }

    async fn ask(readers: &Readers, sql: &str) -> Result<i64, Error> {
        let row = readers.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
        Ok(row.expect("a row").try_get("", "i")?)
    }

    #[tokio::test]
    async fn a_statement_that_takes_too_long_is_ended_and_its_connection_goes_on() {
        let limit = Duration::from_millis(50);
        let (readers, _folder) = readers(limit).await;
        for _ in 0..3 {
            let error = ask(&readers, ENDLESS).await.unwrap_err();
            assert!(matches!(error, Error::TooSlow(allowed) if allowed == limit), "{error}");
            assert_eq!(ask(&readers, "SELECT 7 AS i").await.unwrap(), 7);
        }
        readers.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_statement_that_nobody_waits_for_is_ended_and_its_connection_goes_on() {
        let (readers, _folder) = readers(Duration::from_hours(1)).await;
        for _ in 0..3 {
            let mut abandoned = Box::pin(ask(&readers, ENDLESS));
            assert!(futures_util::poll!(&mut abandoned).is_pending());
            drop(abandoned);
            assert_eq!(ask(&readers, "SELECT 7 AS i").await.unwrap(), 7);
        }
        readers.close().await.unwrap();
    }

    #[tokio::test]
    async fn closed_readers_are_out_of_reach() {
        let (readers, _folder) = readers(Duration::from_secs(10)).await;
        readers.close().await.unwrap();
        readers.close().await.unwrap();
        assert!(ask(&readers, "SELECT 7 AS i").await.unwrap_err().is_unavailable());
        assert!(matches!(futures_util::poll!(Box::pin(readers.ping())), Poll::Ready(Err(_))));
    }
}

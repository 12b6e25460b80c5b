//! SQLite's reading connections: each runs one statement at a time, with a time limit.
//!
//! SQLite has no time limit for statements. It calls a progress handler periodically, which here interrupts the statement once
//! the connection's deadline has passed. A statement whose caller was dropped is interrupted the same way, and its connection is
//! reused only after that, so an abandoned statement leaves no work behind.

use std::{
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DatabaseTransaction, DbErr, SqlxSqliteConnector, TransactionTrait,
    sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{Error, InUse};

/// Instructions of SQLite's virtual machine between two calls of the progress handler, which take some tens of microseconds.
const STEPS: i32 = 4000;

/// The deadline while no statement runs.
const NEVER: u64 = u64::MAX;

/// The deadline of an abandoned statement.
const NOW: u64 = 0;

/// The connections. Cheap to clone.
#[derive(Clone)]
pub(in crate::store) struct Connections(Arc<Shared>);

struct Shared {
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
    connections: u32,
    began: Instant,
    /// The time limit of a statement.
    limit: Duration,
    /// How long a statement waits for a free connection.
    acquire_timeout: Duration,
    runtime: Handle,
}

struct Connection {
    db: DatabaseConnection,
    /// The deadline of its statement, in milliseconds since `began`.
    deadline: Arc<AtomicU64>,
}

impl Connections {
    /// Opens the connections.
    pub(super) async fn open(
        url: &str,
        connections: u32,
        limit: Duration,
        acquire_timeout: Duration,
        prepare: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Self, Error> {
        let options = SqliteConnectOptions::from_str(url).map_err(|error| Error::Address(error.to_string()))?;
        let options = prepare(options);
        let began = Instant::now();
        let mut idle = Vec::new();
        for _ in 0..connections {
            idle.push(Connection::open(options.clone(), began).await?);
        }
        let free = Arc::new(Semaphore::new(connections as usize));
        let shared =
            Shared { idle: Mutex::new(idle), free, connections, began, limit, acquire_timeout, runtime: Handle::current() };
        Ok(Self(Arc::new(shared)))
    }

    /// Checks that a connection answers.
    pub(super) async fn ping(&self) -> Result<(), Error> {
        let lease = self.lease().await?;
        let answer = lease.db().ping().await;
        lease.end(answer)
    }

    /// The number of connections in use and available.
    pub(in crate::store) fn in_use(&self) -> InUse {
        InUse::of(self.0.connections, self.0.free.available_permits())
    }

    /// Waits for running statements and closes the connections.
    pub(super) async fn close(&self) -> Result<(), Error> {
        // Acquiring permits fails if the pool is already closed.
        let Ok(_all) = self.0.free.acquire_many(self.0.connections).await else { return Ok(()) };
        self.0.free.close();
        let connections = std::mem::take(&mut *self.0.idle());
        for connection in connections {
            connection.db.close().await?;
        }
        Ok(())
    }

    /// Leases a connection for one statement.
    pub(super) async fn lease(&self) -> Result<Lease, Error> {
        let not_acquired = |why| Error::Database(DbErr::ConnectionAcquire(why));
        let closed = || not_acquired(ConnAcquireErr::ConnectionClosed);
        let permit = timeout(self.0.acquire_timeout, self.0.free.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| not_acquired(ConnAcquireErr::Timeout))?.map_err(|_| closed())?;
        let connection = self.0.idle().pop().ok_or_else(closed)?;
        let deadline = self.0.deadline();
        connection.deadline.store(deadline, Ordering::Relaxed);
        Ok(Lease { connection: Some(connection), permit: Some(permit), deadline, shared: self.0.clone() })
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn elapsed(&self) -> u64 {
        millis(self.began.elapsed())
    }

    /// The deadline of a statement that starts now.
    fn deadline(&self) -> u64 {
        self.elapsed().saturating_add(millis(self.limit))
    }
}

impl Connection {
    async fn open(options: SqliteConnectOptions, began: Instant) -> Result<Self, DbErr> {
        let deadline = Arc::new(AtomicU64::new(NEVER));
        let looked_at = deadline.clone();
        // A pool with one permanent connection, because sea-orm does not accept a single connection.
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

/// A leased connection, for one statement or the statements of a transaction.
pub(super) struct Lease {
    connection: Option<Connection>,
    permit: Option<OwnedSemaphorePermit>,
    deadline: u64,
    shared: Arc<Shared>,
}

impl Lease {
    pub(super) fn db(&self) -> &DatabaseConnection {
        &self.connection.as_ref().expect("a lease has its connection until it ends").db
    }

    /// Begins a transaction on the connection.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.db().begin().await
    }

    /// Restarts the time limit for another statement on the connection.
    pub(super) fn renew(&mut self) {
        self.deadline = self.shared.deadline();
        if let Some(connection) = &self.connection {
            connection.deadline.store(self.deadline, Ordering::Relaxed);
        }
    }

    /// Ends a statement's time limit. A statement that failed after its deadline has timed out.
    pub(super) fn ended<T>(&self, result: Result<T, DbErr>) -> Result<T, Error> {
        if let Some(connection) = &self.connection {
            connection.deadline.store(NEVER, Ordering::Relaxed);
        }
        let is_late = self.shared.elapsed() >= self.deadline;
        result.map_err(|error| if is_late { Error::Timeout(self.shared.limit) } else { Error::Database(error) })
    }

    /// Ends a statement's time limit and returns the connection.
    pub(super) fn end<T>(mut self, result: Result<T, DbErr>) -> Result<T, Error> {
        let result = self.ended(result);
        if let Some(connection) = self.connection.take() {
            self.shared.idle().push(connection);
        }
        result
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // The caller was dropped: interrupt the statement.
        let (Some(connection), permit) = (self.connection.take(), self.permit.take()) else { return };
        connection.deadline.store(NOW, Ordering::Relaxed);
        let shared = self.shared.clone();
        self.shared.runtime.spawn(async move {
            // The connection answers only after the interrupted statement has ended.
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

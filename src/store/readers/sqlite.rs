//! SQLite's connections that read: each runs one statement at a time, and none for longer than it may.
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
    ConnAcquireErr, DatabaseConnection, DatabaseTransaction, DbErr, SqlxSqliteConnector, TransactionTrait,
    sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{Error, too_slow};

/// Steps of SQLite's machine between two looks at the deadline: some tens of microseconds.
const STEPS: i32 = 4000;

/// What a connection without a statement has for a deadline.
const NEVER: u64 = u64::MAX;

/// What the deadline of an abandoned statement becomes.
const NOW: u64 = 0;

/// The connections. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connections(Arc<Shared>);

struct Shared {
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
    connections: u32,
    began: Instant,
    /// How long a statement may take.
    limit: Duration,
    /// How long it waits for a connection.
    patience: Duration,
    runtime: Handle,
}

struct Connection {
    db: DatabaseConnection,
    /// Milliseconds from the beginning at which its statement has to end.
    deadline: Arc<AtomicU64>,
}

impl Connections {
    /// Opens them.
    pub(super) async fn open(
        url: &str,
        connections: u32,
        limit: Duration,
        patience: Duration,
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
        let shared = Shared { idle: Mutex::new(idle), free, connections, began, limit, patience, runtime: Handle::current() };
        Ok(Self(Arc::new(shared)))
    }

    /// Whether a connection answers.
    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        let lease = self.lease().await?;
        let answer = lease.db().ping().await;
        lease.end(answer)
    }

    /// Lets running statements end and closes the connections.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        // Closed already, where there is no permit to get.
        let Ok(_all) = self.0.free.acquire_many(self.0.connections).await else { return Ok(()) };
        self.0.free.close();
        let connections = std::mem::take(&mut *self.0.idle());
        for connection in connections {
            connection.db.close().await?;
        }
        Ok(())
    }

    /// A connection for one statement.
    pub(super) async fn lease(&self) -> Result<Lease, DbErr> {
        let closed = || DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);
        let permit = timeout(self.0.patience, self.0.free.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?.map_err(|_| closed())?;
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

    /// When a statement that begins now has to end.
    fn deadline(&self) -> u64 {
        self.elapsed().saturating_add(millis(self.limit))
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

/// A connection while it runs a statement, or the statements of a transaction.
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

    /// Another statement begins on the connection.
    pub(super) fn renew(&mut self) {
        self.deadline = self.shared.deadline();
        if let Some(connection) = &self.connection {
            connection.deadline.store(self.deadline, Ordering::Relaxed);
        }
    }

    /// The statement ended. One that failed at its deadline took too long.
    pub(super) fn ended<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if let Some(connection) = &self.connection {
            connection.deadline.store(NEVER, Ordering::Relaxed);
        }
        let is_late = self.shared.elapsed() >= self.deadline;
        result.map_err(|error| if is_late { too_slow(self.shared.limit) } else { error })
    }

    /// The statement ended, and the connection goes back.
    pub(super) fn end<T>(mut self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        let result = self.ended(result);
        if let Some(connection) = self.connection.take() {
            self.shared.idle().push(connection);
        }
        result
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

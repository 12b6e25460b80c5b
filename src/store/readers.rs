//! The connections that read for clients, with a time limit for each statement.
//!
//! Statements run on a [`Source`]: each on the newest state, or all on one [`Snapshot`]. A source deliberately does not
//! implement sea-orm's `ConnectionTrait`: it is read-only and returns the store's errors, so that a time-out keeps its type.
//! Planned queries use sessions (`store::session`) instead, which on SQLite lease connections of their own ([`leases`]).

mod leases;
mod pipelines;
mod snapshot;
mod sqlite;
mod statement;

use std::{sync::Arc, time::Duration};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, QueryTrait, Select, Selector, SelectorTrait, Statement,
    StatementBuilder, Value,
};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

pub use self::statement::{Taken, Tally};
pub(super) use self::{leases::Connected, pipelines::Pipelines, snapshot::Snapshot, statement::carried_span};
use super::{
    Error, Options,
    bulk::{self, Stored},
    cells::Rows,
    connect,
    dialect::Dialect,
    error::sql_state,
    postgres,
};
use crate::{domain::text, retry::retry};

type Observe = Arc<dyn Fn(&str) + Send + Sync>;

/// Applies a reader's scope to a statement before it runs.
pub(super) type Scoping = Arc<dyn Fn(&mut Statement) + Send + Sync>;

/// The reading connections. Cheap to clone.
#[derive(Clone)]
pub(super) struct Readers {
    pool: Pool,
    /// The time limit of a statement.
    limit: Duration,
    register: Arc<snapshot::Register>,
    observe: Option<Observe>,
    /// Applies the reader's scope to every statement.
    scoping: Option<Scoping>,
    /// Counts the statements of a request.
    tally: Option<Tally>,
}

/// The connections to a database.
#[derive(Clone)]
pub(super) enum Pool {
    /// One pool for single statements and one for whole requests.
    Sqlite(sqlite::Connections, leases::Leases),
    /// PostgreSQL, which enforces the time limit itself: one pool, and shared connections for quick statements.
    Postgres(DatabaseConnection, pipelines::Pipelines),
}

/// The usage of a pool of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse {
    /// The number of connections in use.
    pub busy: u32,
    /// The number of available connections, open or not.
    pub idle: u32,
}

impl InUse {
    pub(super) fn of(connections: u32, idle: usize) -> Self {
        let idle = u32::try_from(idle).unwrap_or(u32::MAX).min(connections);
        Self { busy: connections - idle, idle }
    }
}

impl Readers {
    /// Opens the connections.
    pub(super) async fn open(options: &Options) -> Result<Self, Error> {
        let limit = options.statement_time;
        let pool = if connect::is_sqlite(&options.url) {
            let busy_timeout = options.busy_timeout;
            let prepare = |sqlite| connect::prepared(sqlite, busy_timeout);
            let (url, readers, acquire) = (&options.url, options.readers, options.acquire_timeout);
            let connections = sqlite::Connections::open(url, readers, limit, acquire, prepare).await?;
            let file = connect::sqlite_file(url)?;
            Pool::Sqlite(connections, leases::Leases::of(&file, readers, limit, acquire, busy_timeout))
        } else {
            let db = connect::readers(options).await?;
            let pipelines = pipelines::Pipelines::open(&connect::reader_options(options)?, limit, options.acquire_timeout);
            Pool::Postgres(db, pipelines)
        };
        let register = Arc::default();
        tokio::spawn(snapshot::watch(Arc::downgrade(&register)));
        Ok(Self { pool, limit, register, observe: None, scoping: None, tally: None })
    }

    /// Calls `observe` with every statement from now on.
    pub(super) fn observe(&mut self, observe: impl Fn(&str) + Send + Sync + 'static) {
        self.observe = Some(Arc::new(observe));
    }

    /// Checks that a connection answers.
    pub(super) async fn ping(&self) -> Result<(), Error> {
        match &self.pool {
            Pool::Sqlite(connections, _) => connections.ping().await,
            Pool::Postgres(db, _) => Ok(db.ping().await?),
        }
    }

    /// Waits for running statements and closes the connections.
    pub(super) async fn close(&self) -> Result<(), Error> {
        match &self.pool {
            Pool::Sqlite(connections, leases) => {
                leases.close().await;
                connections.close().await
            }
            Pool::Postgres(db, pipelines) => {
                pipelines.close().await;
                Ok(db.clone().close().await?)
            }
        }
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The same connections, for readers with the given scope.
    pub(super) fn within(&self, scoping: Option<Scoping>) -> Self {
        Self { scoping, ..self.clone() }
    }

    /// The SQL dialect.
    pub(super) fn dialect(&self) -> Dialect {
        Dialect::of_backend(self.backend())
    }

    /// Applies the reader's scope to a statement.
    pub(super) fn scope(&self, statement: &mut Statement) {
        if let Some(give_scope) = &self.scoping {
            give_scope(statement);
        }
    }

    fn backend(&self) -> DbBackend {
        match &self.pool {
            Pool::Sqlite(..) => DbBackend::Sqlite,
            Pool::Postgres(..) => DbBackend::Postgres,
        }
    }

    /// Runs a statement on its own connection.
    async fn query(&self, mut statement: Statement) -> Result<Vec<QueryResult>, Error> {
        let _running = self.begin(&mut statement);
        let readers = self.clone();
        spawn_detached(async move {
            match &readers.pool {
                Pool::Sqlite(connections, _) => {
                    let lease = connections.lease().await?;
                    let result = lease.db().query_all_raw(statement).await;
                    lease.end(result)
                }
                Pool::Postgres(db, _) => readers.in_time(db.query_all_raw(statement).await),
            }
        })
        .await
    }

    /// Runs a statement on its own connection. On SQLite it is a leased one, on a blocking thread, so that a
    /// caller can stop waiting.
    async fn rows(&self, mut statement: Statement) -> Result<Rows, Error> {
        let Pool::Sqlite(_, leases) = &self.pool else { return postgres::rows(&self.query(statement).await?) };
        let _running = self.begin(&mut statement);
        let (values, span) = (statement.values.map_or(Vec::new(), |values| values.0), carried_span());
        leases
            .run(false, move |mut connected| {
                let _entered = span.enter();
                let rows = connected.query(&statement.sql, &values);
                (connected, rows)
            })
            .await?
    }

    /// Converts a result of PostgreSQL; its error for a statement that exceeded the time limit becomes [`Error::Timeout`].
    pub(super) fn in_time<T>(&self, result: Result<T, sea_orm::DbErr>) -> Result<T, Error> {
        result.map_err(|error| match sql_state(&error).as_deref() {
            Some("57014") => Error::Timeout(self.limit),
            _ => Error::Database(error),
        })
    }
}

/// Runs a future in its own task, so that a caller delayed by a slow client holds no connection. Dropping the caller aborts
/// the task.
pub(super) async fn spawn_detached<T: Send + 'static>(
    doing: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let ended = AbortOnDropHandle::new(tokio::spawn(doing.instrument(carried_span()))).await;
    ended.unwrap_or_else(|error| Err(Error::Abandoned(error.to_string())))
}

/// Where a reader's statements run. Cheap to clone.
#[derive(Clone)]
pub(super) enum Source {
    /// Each statement sees the newest state.
    Newest(Readers),
    /// Each statement sees the newest state, and waits while the database is unreachable.
    Waiting(Readers),
    /// All statements see one snapshot.
    Snapshot(Arc<Snapshot>),
}

impl Source {
    /// Counts all statements from now on. A shared snapshot is not counted.
    pub(super) fn count(&mut self, tally: &Tally) {
        let readers = match self {
            Self::Newest(readers) | Self::Waiting(readers) => Some(readers),
            Self::Snapshot(snapshot) => Arc::get_mut(snapshot).map(Snapshot::readers_mut),
        };
        if let Some(readers) = readers {
            readers.tally = Some(tally.clone());
        }
    }

    /// The connections that it uses.
    pub(super) fn readers(&self) -> &Readers {
        match self {
            Self::Newest(readers) | Self::Waiting(readers) => readers,
            Self::Snapshot(snapshot) => snapshot.readers(),
        }
    }

    fn backend(&self) -> DbBackend {
        match self {
            Self::Newest(readers) | Self::Waiting(readers) => readers.backend(),
            Self::Snapshot(snapshot) => snapshot.backend(),
        }
    }

    /// The SQL dialect.
    pub(super) fn dialect(&self) -> Dialect {
        Dialect::of_backend(self.backend())
    }

    /// All rows of a handwritten statement.
    pub(super) async fn query_sql(&self, sql: String, values: Vec<Value>) -> Result<Vec<QueryResult>, Error> {
        self.query(Statement::from_sql_and_values(self.backend(), sql, values)).await
    }

    /// All rows of a statement.
    pub(super) async fn query_all(&self, statement: &impl StatementBuilder) -> Result<Vec<QueryResult>, Error> {
        self.query(statement.build(&self.backend())).await
    }

    /// The first row of a statement.
    pub(super) async fn query_one(&self, statement: &impl StatementBuilder) -> Result<Option<QueryResult>, Error> {
        Ok(self.query_all(statement).await?.into_iter().next())
    }

    /// All items of a selector, such as a select's `into_model` or `into_tuple`.
    pub(super) async fn select<S: SelectorTrait>(&self, selector: Selector<S>) -> Result<Vec<S::Item>, Error> {
        let rows = self.query(selector.into_statement(self.backend())).await?;
        rows.into_iter().map(|row| Ok(S::from_raw_query_result(row)?)).collect()
    }

    async fn query(&self, mut statement: Statement) -> Result<Vec<QueryResult>, Error> {
        replace_nul(&mut statement);
        match self {
            Self::Newest(readers) => readers.query(statement).await,
            Self::Waiting(readers) => {
                retry("reading the database", Error::is_unavailable, || readers.query(statement.clone())).await
            }
            Self::Snapshot(snapshot) => snapshot.clone().query(statement).await,
        }
    }
}

impl bulk::Rows for Source {
    async fn all<E: Stored>(&self, select: Select<E>) -> Result<Vec<E::Model>, Error> {
        let mut statement = select.build(self.backend());
        replace_nul(&mut statement);
        let rows = match self {
            Self::Newest(readers) => readers.rows(statement).await?,
            Self::Waiting(readers) => {
                retry("reading the database", Error::is_unavailable, || readers.rows(statement.clone())).await?
            }
            Self::Snapshot(_) => return self.select(select.into_model::<E::Model>()).await,
        };
        bulk::models::<E>(&rows)
    }
}

/// Replaces NUL characters, which PostgreSQL does not accept, in bound texts, as they were replaced in stored texts.
pub(super) fn replace_nul(statement: &mut Statement) {
    for value in statement.values.iter_mut().flat_map(|values| &mut values.0) {
        if let Value::String(Some(text)) = value
            && text.contains('\0')
        {
            *text = text::without_nul(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use tempfile::TempDir;

    use super::*;

    /// A query that never ends by itself.
    const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS i FROM n";

    async fn readers(limit: Duration) -> (Readers, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("readers.db").display());
        let options = Options { readers: 1, statement_time: limit, ..crate::config::Config::defaults_at(url).store().unwrap() };
        (Readers::open(&options).await.unwrap(), folder)
    }

    async fn ask(readers: &Readers, sql: &str) -> Result<i64, Error> {
        let rows = Source::Newest(readers.clone()).query_sql(sql.to_owned(), Vec::new()).await?;
        Ok(rows[0].try_get("", "i")?)
    }

    #[tokio::test]
    async fn a_statement_that_takes_too_long_is_ended_and_its_connection_goes_on() {
        let limit = Duration::from_millis(50);
        let (readers, _folder) = readers(limit).await;
        for _ in 0..3 {
            let error = ask(&readers, ENDLESS).await.unwrap_err();
            assert!(matches!(error, Error::Timeout(allowed) if allowed == limit), "{error}");
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
    async fn a_delayed_caller_holds_no_connection() {
        let (readers, _folder) = readers(Duration::from_hours(1)).await;
        let mut held_up = Box::pin(ask(&readers, "SELECT 7 AS i"));
        assert!(futures_util::poll!(&mut held_up).is_pending());
        assert_eq!(ask(&readers, "SELECT 8 AS i").await.unwrap(), 8, "the only connection is free again");
        assert_eq!(held_up.await.unwrap(), 7);
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

//! The connections that read for clients, within a time limit for each statement.
//!
//! A [`Source`] is what a reader runs its statements on: the newest state for each statement, or one state for all of them
//! ([`Snapshot`]). With read replicas, a source will be asked for by the position that it must have reached.

mod snapshot;
mod sqlite;

use std::{sync::Arc, time::Duration};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value};
use tokio_util::task::AbortOnDropHandle;

pub(super) use self::snapshot::Snapshot;
use super::{Error, Options, connect};
use crate::domain::text;

/// How long a patient reader waits before it tries again.
const RETRY: Duration = Duration::from_millis(500);

type Observe = Arc<dyn Fn(&str) + Send + Sync>;

/// The connections that read. Cheap to clone.
#[derive(Clone)]
pub(super) struct Readers {
    pool: Pool,
    /// How long a statement may take.
    limit: Duration,
    register: Arc<snapshot::Register>,
    observe: Option<Observe>,
}

#[derive(Clone)]
enum Pool {
    Sqlite(sqlite::Connections),
    /// PostgreSQL ends statements by itself.
    Postgres(DatabaseConnection),
}

impl Readers {
    /// Opens the connections.
    pub(super) async fn open(options: &Options) -> Result<Self, Error> {
        let limit = options.statement_time;
        let pool = if connect::is_sqlite(&options.url) {
            let busy_timeout = options.busy_timeout;
            let prepare = |sqlite| connect::prepared(sqlite, busy_timeout);
            Pool::Sqlite(sqlite::Connections::open(&options.url, options.readers, limit, options.acquire_timeout, prepare).await?)
        } else {
            Pool::Postgres(connect::readers(options).await?)
        };
        let register = Arc::default();
        tokio::spawn(snapshot::watch(Arc::downgrade(&register)));
        Ok(Self { pool, limit, register, observe: None })
    }

    /// Calls `observe` with every statement from now on.
    pub(super) fn observe(&mut self, observe: impl Fn(&str) + Send + Sync + 'static) {
        self.observe = Some(Arc::new(observe));
    }

    /// Whether a connection answers.
    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        match &self.pool {
            Pool::Sqlite(connections) => connections.ping().await,
            Pool::Postgres(db) => db.ping().await,
        }
    }

    /// Lets running statements end and closes the connections.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        match &self.pool {
            Pool::Sqlite(connections) => connections.close().await,
            Pool::Postgres(db) => db.clone().close().await,
        }
    }

    fn observed(&self, statement: &Statement) {
        if let Some(observe) = &self.observe {
            observe(&statement.to_string());
        }
    }

    fn backend(&self) -> DbBackend {
        match &self.pool {
            Pool::Sqlite(_) => DbBackend::Sqlite,
            Pool::Postgres(_) => DbBackend::Postgres,
        }
    }

    /// Runs a statement on a connection of its own.
    async fn query(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.observed(&statement);
        let readers = self.clone();
        apart(async move {
            match &readers.pool {
                Pool::Sqlite(connections) => {
                    let lease = connections.lease().await?;
                    let result = lease.db().query_all_raw(statement).await;
                    lease.end(result)
                }
                Pool::Postgres(db) => db.query_all_raw(statement).await.map_err(|error| readers.named(error)),
            }
        })
        .await
    }

    /// PostgreSQL's word for a statement that took too long, as ours.
    fn named(&self, error: DbErr) -> DbErr {
        if super::error::sql_state(&error).as_deref() == Some("57014") { too_slow(self.limit) } else { error }
    }
}

/// Does something in a task of its own: whoever waits for it may be held up by a slow client, and what it holds must not be.
/// It is given up when nobody waits any more.
async fn apart<T: Send + 'static>(doing: impl Future<Output = Result<T, DbErr>> + Send + 'static) -> Result<T, DbErr> {
    let ended = AbortOnDropHandle::new(tokio::spawn(doing)).await;
    ended.unwrap_or_else(|error| Err(DbErr::Custom(format!("reading did not end: {error}"))))
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

/// What statements are run on. Cheap to clone.
#[derive(Clone)]
pub(super) enum Source {
    /// Each statement sees what is newest.
    Newest(Readers),
    /// The same, and while the database is out of reach, a statement waits for it.
    Patient(Readers),
    /// All statements see one state.
    Snapshot(Arc<Snapshot>),
}

#[async_trait::async_trait]
impl ConnectionTrait for Source {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Newest(readers) | Self::Patient(readers) => readers.backend(),
            Self::Snapshot(snapshot) => snapshot.backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        Err(only_reads(&statement.sql))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        Err(only_reads(sql))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, mut statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        ask_for_stored_texts(&mut statement);
        match self {
            Self::Newest(readers) => readers.query(statement).await,
            Self::Patient(readers) => loop {
                match readers.query(statement.clone()).await {
                    Err(error) if super::error::is_out_of_reach(&error) => {
                        tracing::warn!(%error, "the database is out of reach, trying again");
                        tokio::time::sleep(RETRY).await;
                    }
                    result => return result,
                }
            },
            Self::Snapshot(snapshot) => snapshot.clone().query(statement).await,
        }
    }
}

/// Lets clients ask for texts with the character NUL, which PostgreSQL takes nowhere: it is replaced here as it was in what is
/// stored.
fn ask_for_stored_texts(statement: &mut Statement) {
    for value in statement.values.iter_mut().flat_map(|values| &mut values.0) {
        if let Value::String(Some(text)) = value
            && text.contains('\0')
        {
            *text = text::without_nul(text);
        }
    }
}

fn only_reads(sql: &str) -> DbErr {
    DbErr::Custom(format!("a connection that reads was asked to run `{sql}`"))
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
        let options = Options { readers: 1, statement_time: limit, ..crate::config::Config::defaults_at(url).store().unwrap() };
        (Readers::open(&options).await.unwrap(), folder)
    }

    async fn ask(readers: &Readers, sql: &str) -> Result<i64, Error> {
        let row = Source::Newest(readers.clone()).query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
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
    async fn whoever_is_held_up_holds_no_connection() {
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

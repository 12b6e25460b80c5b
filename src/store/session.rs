//! A session: one snapshot of the store, from which selected columns are read.
//!
//! Planned queries read through a [`Session`]. Its statements name the columns that the query selects and return them by
//! position ([`Rows`]). On SQLite a session has its own connection and never awaits. On PostgreSQL it is a transaction or a
//! single statement. The first statement also returns the log position.

mod lists;
mod tables;
mod watch;

use futures_util::FutureExt;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, QueryResult, Statement, StatementBuilder, Value,
};

pub use self::{
    lists::{Listing, Paged},
    tables::{Keyed, Table},
    watch::StaffMark,
};
use super::{
    Error, Reader,
    cells::Rows,
    dialect::Dialect,
    narrow::Count,
    postgres::{self, Planned},
    readers::{Connected, Pipelines, Pool, Readers, carried_span, replace_nul, spawn_detached},
    view::View,
};

/// How much a session will read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Rows of a few keys, in one statement that takes microseconds.
    Keys,
    /// One statement of any size, except searches.
    Statement,
    /// Several statements.
    Statements,
}

/// One snapshot of the store.
pub struct Session {
    on: On,
    readers: Readers,
    view: View,
    position: Option<i64>,
    is_lost: bool,
}

enum On {
    /// SQLite: a leased connection, and whether there is only one statement, which needs no transaction. Otherwise the first
    /// statement begins the transaction.
    Leased(Connected, bool),
    /// PostgreSQL, for several statements. The first one begins the transaction.
    Transaction(DatabaseConnection, Option<DatabaseTransaction>),
    /// PostgreSQL, for one statement, which needs no transaction.
    Alone(DatabaseConnection, Pipelines),
}

impl Reader {
    /// Reads one snapshot of the store. `work` gets a session and returns it with its result. On SQLite it runs on a blocking
    /// thread, unless the extent is short, and must not await anything but the session. On PostgreSQL it runs in its own task.
    pub async fn in_session<T, W, F>(&self, extent: Extent, work: W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: FnOnce(Session) -> F + Send + 'static,
        F: Future<Output = (Session, T)> + Send + 'static,
    {
        let readers = self.db().readers().clone();
        let view = self.view();
        let session = move |on, readers| Session { on, readers, view, position: None, is_lost: false };
        match readers.pool() {
            Pool::Sqlite(_, leases) => {
                let leases = leases.clone();
                let span = carried_span();
                let job = move |connected| {
                    let _entered = span.enter();
                    let work = work(session(On::Leased(connected, extent == Extent::Keys), readers));
                    let (session, result) = work.now_or_never().expect("a session on SQLite never waits");
                    (session.ended(), result)
                };
                leases.run(extent == Extent::Keys, job).await
            }
            Pool::Postgres(db, pipelines) => {
                let on = match extent {
                    Extent::Keys | Extent::Statement => On::Alone(db.clone(), pipelines.clone()),
                    Extent::Statements => On::Transaction(db.clone(), None),
                };
                let work = work(session(on, readers));
                spawn_detached(async move {
                    let (session, result) = work.await;
                    if let On::Transaction(_, Some(transaction)) = session.on {
                        // The transaction wrote nothing, so nobody needs to wait for its end.
                        tokio::spawn(transaction.rollback());
                    }
                    Ok(result)
                })
                .await
            }
        }
    }
}

impl Session {
    /// The log position of the snapshot, which contains all changes up to it.
    pub async fn position(&mut self) -> Result<i64, Error> {
        if let Some(position) = self.position {
            return Ok(position);
        }
        let rows = match &mut self.on {
            On::Leased(connected, _) => {
                if !connected.is_in_transaction() {
                    connected.execute("BEGIN")?;
                }
                connected.query(POSITION, &[])?
            }
            On::Alone(..) | On::Transaction(..) => {
                postgres::rows(&self.results(Statement::from_string(DbBackend::Postgres, POSITION)).await?)?
            }
        };
        let position = rows.iter().next().and_then(|row| row.int(0)).unwrap_or(0);
        self.position = Some(position);
        Ok(position)
    }

    /// The position, if anything was read yet.
    pub fn known_position(&self) -> Option<i64> {
        self.position
    }

    /// Whether a statement failed because the database is unreachable.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// The SQL dialect.
    fn sql(&self) -> Dialect {
        self.view.sql
    }

    fn backend(&self) -> DbBackend {
        self.sql().backend()
    }

    async fn select(&mut self, select: &impl StatementBuilder) -> Result<Rows, Error> {
        self.query(select.build(&self.backend()), Planned::ByEstimate).await
    }

    async fn query(&mut self, mut statement: Statement, planned: Planned) -> Result<Rows, Error> {
        replace_nul(&mut statement);
        if self.sql() == Dialect::Postgres {
            postgres::prepare(&mut statement, planned);
        }
        if self.position.is_some() {
            return self.run(statement, planned).await;
        }
        if let On::Leased(_, false) = self.on {
            self.position().await?;
            return self.run(statement, planned).await;
        }
        // The first statement also returns the position, as its first column.
        let found = &statement.sql;
        if planned == Planned::Once {
            let sql = format!(r#"SELECT ({POSITION}), "found".* FROM ({found}) AS "found""#);
            let mut rows = self.run(Statement { sql, ..statement.clone() }, planned).await?;
            if let Some(position) = rows.take_first() {
                self.position = Some(position);
                return Ok(rows);
            }
        }
        // Returns a row for the position even if there are no others, which costs more.
        statement.sql =
            format!(r#"SELECT "head".*, "found".* FROM ({POSITION}) AS "head" LEFT JOIN ({found}) AS "found" ON TRUE"#);
        let mut rows = self.run(statement, planned).await?;
        self.position = Some(rows.take_first().unwrap_or(0));
        Ok(rows)
    }

    async fn run(&mut self, mut statement: Statement, planned: Planned) -> Result<Rows, Error> {
        let _running = self.readers.begin(&mut statement);
        if let (On::Alone(_, pipelines), Planned::Once) = (&self.on, planned)
            && let Some(rows) = pipelines.query(&statement).await
        {
            return rows;
        }
        let rows = match &mut self.on {
            On::Leased(connected, _) => {
                let values = statement.values.as_ref().map_or(&[][..], |values| &values.0);
                connected.query(&statement.sql, values)
            }
            On::Alone(..) | On::Transaction(..) => self.results(statement).await.and_then(|rows| postgres::rows(&rows)),
        };
        self.is_lost |= rows.as_ref().is_err_and(Error::is_unavailable);
        rows
    }

    /// The number of rows that PostgreSQL estimates for a statement.
    async fn guess(&mut self, select: &impl StatementBuilder) -> Result<i64, Error> {
        let mut statement = select.build(&self.backend());
        replace_nul(&mut statement);
        self.readers.scope(&mut statement);
        statement.sql.insert_str(0, "EXPLAIN (FORMAT JSON) ");
        Ok(postgres::guessed_rows(&self.results(statement).await?).unwrap_or(i64::MAX))
    }

    /// Runs a statement on PostgreSQL.
    async fn results(&mut self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        let result = match &mut self.on {
            On::Leased(..) => unreachable!("it reads SQLite"),
            On::Alone(db, _) => db.query_all_raw(statement).await,
            On::Transaction(db, begun) => {
                let transaction = match begun.take() {
                    Some(transaction) => transaction,
                    // The connection makes every transaction a read-only one of one state: see `connect::readers`.
                    None => postgres::begin(db).await?,
                };
                let result = transaction.query_all_raw(statement).await;
                if result.is_ok() {
                    *begun = Some(transaction);
                }
                // A failed transaction accepts no statements. Later statements see a newer state, which the position permits.
                result
            }
        };
        self.readers.in_time(result)
    }

    /// Ends the transaction and returns the connection.
    fn ended(self) -> Connected {
        let On::Leased(mut connected, _) = self.on else { unreachable!("it was made with a connection") };
        if connected.is_in_transaction()
            && let Err(error) = connected.execute("COMMIT")
        {
            tracing::debug!(%error, "a read transaction could not be ended");
        }
        connected
    }
}

/// The log position of a snapshot.
const POSITION: &str = r#"SELECT max("position") AS "position" FROM "change""#;

impl Count for Session {
    async fn count(&mut self, sql: String, values: Vec<Value>) -> Result<i64, Error> {
        let rows = self.query(Statement::from_sql_and_values(self.backend(), sql, values), Planned::ByEstimate).await?;
        Ok(rows.iter().next().and_then(|row| row.int(0)).unwrap_or(0))
    }
}

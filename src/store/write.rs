//! Writing: the single writing connection and its transactions.
//!
//! A statement's text does not depend on the number of rows, so it is prepared once. SQLite (`sqlite`) runs it for each row on
//! the caller's thread. PostgreSQL (`postgres`) gets all rows as arrays, one per column. Both are used through [`Transaction`],
//! whose methods name tables by their entities.

mod checkpoint;
mod postgres;
mod sqlite;
mod table;

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, QueryTrait, Select, StatementBuilder, Value};

use self::table::Upsert;
use super::{
    Error, Options,
    bulk::{self, Stored},
    cells::Rows,
    connect,
    dialect::Dialect,
    notifications,
    search::{row::SearchedRow, tail},
};

/// The writing connection. Cheap to clone.
#[derive(Clone)]
pub(super) enum Connection {
    Sqlite(sqlite::Connection),
    Postgres(DatabaseConnection),
}

impl Connection {
    /// Opens the connection. A SQLite file must exist.
    pub(super) async fn open(options: &Options) -> Result<Self, Error> {
        Ok(if connect::is_sqlite(&options.url) {
            Self::Sqlite(sqlite::Connection::open(&connect::sqlite_file(&options.url)?, options.busy_timeout)?)
        } else {
            Self::Postgres(connect::writer(options).await?)
        })
    }

    /// Opens a SQLite file that is thrown away after its use.
    pub(super) fn open_scratch(options: &Options) -> Result<Self, Error> {
        Ok(Self::Sqlite(sqlite::Connection::open_scratch(&connect::sqlite_file(&options.url)?)?))
    }

    /// Begins a transaction that holds the exclusive right to write from its start. What it reads stays current until it commits,
    /// and the order of positions is the order of commits: every cursor relies on this invariant.
    pub(super) async fn begin(&self) -> Result<Transaction, Error> {
        Ok(match self {
            Self::Sqlite(connection) => Transaction::Sqlite(connection.begin().await?),
            Self::Postgres(db) => Transaction::Postgres(postgres::begin(db).await?),
        })
    }

    /// Waits for the running transaction, and closes the connection.
    pub(super) async fn close(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(db) => Ok(db.close().await?),
        }
    }
}

/// A writing transaction. Dropping it rolls back.
pub(super) enum Transaction {
    Sqlite(sqlite::Transaction),
    Postgres(DatabaseTransaction),
}

impl Transaction {
    pub(super) async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(db) => db.commit(),
            Self::Postgres(db) => Ok(db.commit().await?),
        }
    }

    pub(super) async fn rollback(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(db) => db.rollback(),
            Self::Postgres(db) => Ok(db.rollback().await?),
        }
    }

    /// The SQL dialect.
    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// All rows whose column has one of the values.
    pub(super) async fn rows_in<E: Stored>(
        &self,
        column: E::Column,
        values: impl IntoIterator<Item: Into<Value>>,
    ) -> Result<Vec<E::Model>, Error> {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        if values.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Sqlite(db) => db.rows_in::<E>(column, &values),
            Self::Postgres(db) => postgres::rows_in::<E>(db, column, values).await,
        }
    }

    /// Deletes all rows whose column has one of the values.
    pub(super) async fn delete_in<E: EntityTrait>(&self, column: E::Column, values: Vec<String>) -> Result<(), Error> {
        if values.is_empty() {
            return Ok(());
        }
        match self {
            Self::Sqlite(db) => db.delete_in::<E>(column, &values),
            Self::Postgres(db) => postgres::delete_in::<E>(db, column, values).await,
        }
    }

    /// Deletes all rows of a table.
    pub(super) async fn clear<E: EntityTrait>(&self) -> Result<(), Error> {
        self.execute(&E::delete_many().into_query()).await
    }

    /// Inserts new rows.
    pub(super) async fn insert<E: Stored>(&self, rows: Vec<E::Model>) -> Result<(), Error> {
        self.write::<E>(rows, None).await
    }

    /// Inserts rows, or replaces rows with the same key.
    pub(super) async fn upsert<E: Stored>(&self, rows: Vec<E::Model>) -> Result<(), Error> {
        self.write::<E>(rows, Some(Upsert::Replace)).await
    }

    /// Inserts rows with a count, or adds their counts to the rows with the same keys.
    pub(super) async fn add<E: Stored>(&self, count: E::Column, rows: Vec<E::Model>) -> Result<(), Error> {
        self.write::<E>(rows, Some(Upsert::Add(count))).await
    }

    /// Inserts or updates searchable rows, given each stored row and its new state. On SQLite unchanged columns are not written,
    /// and new texts wait to be indexed ([`Self::index_searched`]).
    pub(super) async fn save<E: SearchedRow>(&self, rows: Vec<(Option<E::Model>, E::Model)>) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        match self {
            Self::Sqlite(db) => db.save::<E>(rows),
            Self::Postgres(db) => postgres::save::<E>(db, rows).await,
        }
    }

    /// Deletes searchable rows.
    pub(super) async fn delete_searched<E: SearchedRow>(&self, id: E::Column, ids: Vec<String>) -> Result<(), Error> {
        if let Self::Sqlite(db) = self {
            for row in self.rows_in::<E>(id, ids.iter().cloned()).await? {
                db.leave_search::<E>(&row)?;
            }
        }
        self.delete_in::<E>(id, ids).await
    }

    /// Clears the search indexes. The tables must be cleared too.
    pub(super) fn clear_searched(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(db) => db.with(tail::clear),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Adds the waiting texts to the search indexes. Does nothing on PostgreSQL, which maintains its indexes itself.
    pub(super) fn index_searched(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(db) => db.with(tail::index),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// The number of texts waiting to be indexed, counted up to `bound`.
    pub(super) fn unindexed(&self, bound: u32) -> Result<u32, Error> {
        match self {
            Self::Sqlite(db) => db.with(|db| tail::waiting(db, bound)),
            Self::Postgres(_) => Ok(0),
        }
    }

    async fn write<E: Stored>(&self, rows: Vec<E::Model>, upsert: Option<Upsert<E::Column>>) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        match self {
            Self::Sqlite(db) => db.write::<E>(rows, upsert),
            Self::Postgres(db) => postgres::write::<E>(db, rows, upsert, None).await,
        }
    }

    /// All rows of a statement.
    pub(super) async fn query(&self, statement: &impl StatementBuilder) -> Result<Rows, Error> {
        match self {
            Self::Sqlite(db) => db.query(&statement.build(&DbBackend::Sqlite)),
            Self::Postgres(db) => postgres::query(db, statement).await,
        }
    }

    /// Runs a statement that returns no rows.
    pub(super) async fn execute(&self, statement: &impl StatementBuilder) -> Result<(), Error> {
        match self {
            Self::Sqlite(db) => db.execute(&statement.build(&DbBackend::Sqlite)),
            Self::Postgres(db) => postgres::execute(db, statement).await,
        }
    }

    /// Runs a statement without values on SQLite, and nothing on PostgreSQL.
    pub(super) fn run_on_sqlite(&self, sql: &str) -> Result<(), Error> {
        match self {
            Self::Sqlite(db) => db.with(|db| db.execute_batch(sql)),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Notifies other gateways of the newest position when this transaction commits.
    pub(super) async fn notify(&self, head: i64) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(db) => postgres::notify(db, notifications::CHANGES, head.to_string()).await,
        }
    }

    /// Notifies all gateways to check an API key again when this transaction commits.
    pub(super) async fn notify_of_key(&self, id: &str) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(db) => postgres::notify(db, notifications::KEYS, id.to_owned()).await,
        }
    }
}

impl bulk::Rows for Transaction {
    async fn all<E: Stored>(&self, select: Select<E>) -> Result<Vec<E::Model>, Error> {
        match self {
            Self::Sqlite(db) => db.models::<E>(&select.build(DbBackend::Sqlite)),
            Self::Postgres(db) => Ok(select.all(db).await?),
        }
    }
}

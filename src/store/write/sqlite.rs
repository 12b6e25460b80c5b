//! Writes to SQLite: runs a prepared statement for each row, on the caller's thread.

use std::{
    fmt::Write,
    path::Path,
    sync::{Arc, Mutex as Lock, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rusqlite::{ErrorCode, OpenFlags};
use sea_orm::{ActiveModelTrait, ConnAcquireErr, DbErr, EntityTrait, IdenStatic, IntoActiveModel, Iterable, Statement, Value};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{
    super::{
        Error,
        bulk::{self, Stored},
        cells::Rows,
        search::{row::SearchedRow, tail},
        sqlite,
    },
    checkpoint::Checkpoints,
    table::{Upsert, columns, key, on_conflict, quoted},
};

/// An open connection.
struct Open {
    db: rusqlite::Connection,
    /// `None` if the file is thrown away after its use.
    checkpoints: Option<Checkpoints>,
}

type Slot = Option<Open>;

/// The pause between two attempts to begin a transaction while another process writes.
const PAUSE: Duration = Duration::from_millis(10);

/// The writing connection, until it is closed.
#[derive(Clone)]
pub(in crate::store) struct Connection {
    slot: Arc<Mutex<Slot>>,
    busy: Duration,
}

impl Connection {
    pub(super) fn open(file: &Path, busy: Duration) -> Result<Self, Error> {
        let db = sqlite::open(file, OpenFlags::SQLITE_OPEN_READ_WRITE, busy)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        // Syncs every commit.
        db.pragma_update(None, "synchronous", "full")?;
        let checkpoints = Some(Checkpoints::start(&db, file, busy));
        Ok(Self { slot: Arc::new(Mutex::new(Some(Open { db, checkpoints }))), busy })
    }

    /// Opens a file that is thrown away after its use: nothing is synced, and texts are not searched.
    pub(super) fn open_scratch(file: &Path) -> Result<Self, Error> {
        let db = sqlite::open(file, OpenFlags::SQLITE_OPEN_READ_WRITE, Duration::ZERO)?;
        for (name, value) in [("locking_mode", "exclusive"), ("journal_mode", "memory"), ("synchronous", "off")] {
            db.pragma_update(None, name, value)?;
        }
        Ok(Self { slot: Arc::new(Mutex::new(Some(Open { db, checkpoints: None }))), busy: Duration::ZERO })
    }

    /// Begins a transaction once no other writer is active. SQLite itself would block the thread, which the
    /// other writer may need.
    pub(super) async fn begin(&self) -> Result<Transaction, Error> {
        let transaction = Transaction { db: Lock::new(self.slot.clone().lock_owned().await) };
        let begun = Instant::now();
        loop {
            let tried = transaction.with(|db| {
                db.busy_timeout(Duration::ZERO)?;
                let tried = sqlite::execute(db, "BEGIN IMMEDIATE", &[]);
                db.busy_timeout(self.busy)?;
                Ok(tried)
            });
            match tried? {
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && begun.elapsed() < self.busy => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(error.into()),
                Ok(()) => return Ok(transaction),
            }
        }
    }

    pub(super) async fn close(self) -> Result<(), Error> {
        let Some(Open { db, checkpoints }) = self.slot.lock().await.take() else { return Ok(()) };
        drop(checkpoints);
        db.close().map_err(|(_, error)| error.into())
    }
}

/// A transaction.
pub(in crate::store) struct Transaction {
    /// The lock makes it shareable between threads; it is never contended.
    db: Lock<OwnedMutexGuard<Slot>>,
}

impl Transaction {
    pub(super) fn with<T>(&self, act: impl FnOnce(&rusqlite::Connection) -> Result<T, rusqlite::Error>) -> Result<T, Error> {
        let slot = self.slot();
        let closed = || Error::Database(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed));
        Ok(act(&slot.as_ref().ok_or_else(closed)?.db)?)
    }

    pub(super) fn commit(self) -> Result<(), Error> {
        self.with(|db| sqlite::execute(db, "COMMIT", &[]))?;
        if let Some(Open { db, checkpoints: Some(checkpoints) }) = self.slot().as_ref() {
            checkpoints.committed(db);
        }
        Ok(())
    }

    fn slot(&self) -> MutexGuard<'_, OwnedMutexGuard<Slot>> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether texts are searched: not in a file that is thrown away.
    fn is_searched(&self) -> bool {
        self.slot().as_ref().is_some_and(|open| open.checkpoints.is_some())
    }

    pub(super) fn rollback(self) -> Result<(), Error> {
        self.with(|db| sqlite::execute(db, "ROLLBACK", &[]))
    }

    pub(super) fn query(&self, statement: &Statement) -> Result<Rows, Error> {
        self.with(|db| sqlite::query(db, &statement.sql, values(statement)))
    }

    pub(super) fn execute(&self, statement: &Statement) -> Result<(), Error> {
        self.with(|db| sqlite::execute(db, &statement.sql, values(statement)))
    }

    /// All rows of a select of all columns in entity order.
    pub(super) fn models<E: Stored>(&self, statement: &Statement) -> Result<Vec<E::Model>, Error> {
        bulk::models::<E>(&self.query(statement)?)
    }

    pub(super) fn rows_in<E: Stored>(&self, column: E::Column, values: &[Value]) -> Result<Vec<E::Model>, Error> {
        let (columns, table, column) = (columns::<E>(), E::default(), quoted(&column));
        let sql = format!("SELECT {columns} FROM \"{}\" WHERE {column} = ?1", table.table_name());
        let mut found = Vec::new();
        for value in values {
            let rows = self.with(|db| sqlite::query(db, &sql, std::slice::from_ref(value)))?;
            found.extend(bulk::models::<E>(&rows)?);
        }
        Ok(found)
    }

    pub(super) fn delete_in<E: EntityTrait>(&self, column: E::Column, values: &[String]) -> Result<(), Error> {
        let (table, column) = (E::default(), quoted(&column));
        let sql = format!("DELETE FROM \"{}\" WHERE {column} = ?1", table.table_name());
        self.with(|db| values.iter().try_for_each(|value| sqlite::execute(db, &sql, &[Value::from(value.as_str())])))
    }

    pub(super) fn write<E: Stored>(&self, rows: Vec<E::Model>, upsert: Option<Upsert<E::Column>>) -> Result<(), Error> {
        let sql = insert::<E>(upsert);
        self.with(|db| {
            let mut insert = db.prepare_cached(&sql)?;
            rows.into_iter().try_for_each(|row| insert_row::<E>(&mut insert, row))
        })
    }

    /// Inserts new rows, and updates only the changed columns of the others, so that indexes without changed columns are not
    /// touched.
    pub(super) fn save<E: SearchedRow>(&self, rows: Vec<(Option<E::Model>, E::Model)>) -> Result<(), Error> {
        let (sql, is_searched) = (insert::<E>(None), self.is_searched());
        self.with(|db| {
            let mut insert = db.prepare_cached(&sql)?;
            rows.into_iter().try_for_each(|(before, now)| match before {
                None => {
                    let waiting = if is_searched { tail::waiting_words::<E>(&now) } else { None };
                    insert_row::<E>(&mut insert, now)?;
                    waiting.map_or(Ok(()), |words| tail::wait::<E>(db, db.last_insert_rowid(), &words))
                }
                Some(before) => {
                    if is_searched {
                        tail::change::<E>(db, &before, &now)?;
                    }
                    update::<E>(db, before, now)
                }
            })
        })
    }

    /// Removes a row that is about to be deleted from the search indexes.
    pub(super) fn leave_search<E: SearchedRow>(&self, row: &E::Model) -> Result<(), Error> {
        if self.is_searched() { self.with(|db| tail::remove::<E>(db, row)) } else { Ok(()) }
    }
}

fn insert_row<E: Stored>(statement: &mut rusqlite::Statement<'_>, row: E::Model) -> Result<(), rusqlite::Error> {
    let mut row = row.into_active_model();
    for (at, column) in E::Column::iter().enumerate() {
        let value = row.take(column).into_value().expect("a model has a value for every column");
        sqlite::bind(statement, at + 1, &value)?;
    }
    statement.raw_execute()?;
    Ok(())
}

/// Updates the changed columns of a row.
fn update<E: Stored>(db: &rusqlite::Connection, before: E::Model, now: E::Model) -> Result<(), rusqlite::Error> {
    let (mut before, mut now) = (before.into_active_model(), now.into_active_model());
    let keys = key::<E>();
    let (mut sets, mut key_condition, mut values) = (String::new(), String::new(), Vec::new());
    for column in E::Column::iter() {
        let (old, new) = (before.take(column).into_value(), now.take(column).into_value());
        let is_key = keys.iter().any(|key| key.as_str() == column.as_str());
        let (list, separator) = if is_key { (&mut key_condition, " AND ") } else { (&mut sets, ", ") };
        if is_key || old != new {
            values.push(new.expect("a model has a value for every column"));
            let separator = if list.is_empty() { "" } else { separator };
            let _ = write!(list, "{separator}\"{}\" = ?{}", column.as_str(), values.len());
        }
    }
    if sets.is_empty() {
        return Ok(());
    }
    let table = E::default();
    sqlite::execute(db, &format!("UPDATE \"{}\" SET {sets} WHERE {key_condition}", table.table_name()), &values)
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // A commit or rollback normally ended it before. If this fails, SQLite reports the error at the next statement.
        let _ = self.with(|db| if db.is_autocommit() { Ok(()) } else { sqlite::execute(db, "ROLLBACK", &[]) });
    }
}

/// The SQL that inserts a row.
fn insert<E: Stored>(upsert: Option<Upsert<E::Column>>) -> String {
    let table = E::default();
    let places: Vec<String> = (1..=E::Column::iter().count()).map(|at| format!("?{at}")).collect();
    format!(
        "INSERT INTO \"{}\" ({}) VALUES ({}){}",
        table.table_name(),
        columns::<E>(),
        places.join(", "),
        on_conflict::<E>(upsert)
    )
}

fn values(statement: &Statement) -> &[Value] {
    statement.values.as_ref().map_or(&[], |values| &values.0)
}

//! Locks between the gateways of one database: PostgreSQL's advisory locks.
//!
//! SQLite needs none, since a file has only one writer at a time.

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, Statement};

use super::{Error, dialect::Dialect};

/// The key of the write lock.
const WRITING: i64 = 0x6465_736b_0001;

/// The key of the migration lock.
const MIGRATING: i64 = 0x6465_736b_0002;

/// Acquires the write lock until the transaction ends. Must be called before anything is read on which the writes
/// depend.
pub(super) async fn write_alone(db: &DatabaseTransaction) -> Result<(), Error> {
    take(db, "SELECT pg_advisory_xact_lock($1)", WRITING).await
}

/// Acquires the migration lock until the connection is closed.
pub(super) async fn migrate_alone(db: &DatabaseConnection) -> Result<(), Error> {
    take(db, "SELECT pg_advisory_lock($1)", MIGRATING).await
}

/// Refuses a server on which two sessions can hold the same advisory lock, such as `CockroachDB`.
pub(super) async fn refuse_without_locks(db: &DatabaseConnection) -> Result<(), Error> {
    if Dialect::of(db) == Dialect::Sqlite {
        return Ok(());
    }
    let version = Statement::from_string(db.get_database_backend(), "SELECT version() AS version");
    let version: String = db.query_one_raw(version).await?.map_or(Ok(String::new()), |row| row.try_get("", "version"))?;
    if version.contains("CockroachDB") { Err(Error::NoLocks("CockroachDB".to_owned())) } else { Ok(()) }
}

async fn take(db: &impl ConnectionTrait, sql: &str, right: i64) -> Result<(), Error> {
    if Dialect::of(db) == Dialect::Postgres {
        db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [right.into()])).await?;
    }
    Ok(())
}

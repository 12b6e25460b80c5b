//! Opening connections: what each database is told about how it is used.
//!
//! On SQLite a file in WAL mode, synced at every commit, with one connection that writes. On PostgreSQL commits are synced
//! too, whatever the server's default, and everything that waits for a lock does so for a limited time.

use std::{str::FromStr, time::Duration};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::{
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{Error, Options};

/// A connection that was idle for so long is asked whether it still answers.
const IDLE: Duration = Duration::from_secs(5);

/// Whether an address is of a SQLite database.
pub(super) fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// The one connection that writes.
pub(super) async fn writer(options: &Options) -> Result<DatabaseConnection, Error> {
    let lock_timeout = options.busy_timeout.as_millis().to_string();
    open(options, 1, &[("synchronous_commit", "on"), ("lock_timeout", &lock_timeout)]).await
}

/// The connections on which the gateway reads for itself, taking as long as that takes.
pub(super) async fn upkeep(options: &Options, connections: u32) -> Result<DatabaseConnection, Error> {
    open(options, connections, &[("client_min_messages", "warning")]).await
}

/// PostgreSQL's connections that read for clients.
pub(super) async fn readers(options: &Options) -> Result<DatabaseConnection, Error> {
    // None is a limit of 1 ms, and 0 would be no limit.
    let statement_timeout = options.statement_time.as_millis().max(1).to_string();
    // Compiling a statement takes longer than what a reader may ask for.
    open(options, options.readers, &[("statement_timeout", &statement_timeout), ("jit", "off")]).await
}

async fn open(options: &Options, connections: u32, told: &[(&str, &str)]) -> Result<DatabaseConnection, Error> {
    check(&options.url)?;
    let mut connect = ConnectOptions::new(options.url.replacen("postgresql://", "postgres://", 1));
    connect.max_connections(connections).acquire_timeout(options.acquire_timeout).sqlx_logging(false);
    if is_sqlite(&options.url) {
        let busy_timeout = options.busy_timeout;
        connect.map_sqlx_sqlite_opts(move |sqlite| prepared(sqlite, busy_timeout));
    } else {
        let told: Vec<(String, String)> = told.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        connect.set_application_name("deskgraph").test_before_acquire_if_idle_for(IDLE);
        connect.map_sqlx_postgres_opts(move |postgres| postgres.options(told.iter().map(|(name, value)| (name, value))));
    }
    Ok(Database::connect(connect).await?)
}

/// Refuses an address that is not understood, without repeating it: it may hold a password.
fn check(url: &str) -> Result<(), Error> {
    let refused = |reason: &dyn std::fmt::Display| Err(Error::Address(reason.to_string()));
    if is_sqlite(url) {
        SqliteConnectOptions::from_str(url).map(|_| ()).or_else(|error| refused(&error))
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        PgConnectOptions::from_str(url).map(|_| ()).or_else(|error| refused(&error))
    } else {
        refused(&"it begins with neither `sqlite:` nor `postgres:`")
    }
}

/// How every connection treats a SQLite file.
pub(super) fn prepared(sqlite: SqliteConnectOptions, busy_timeout: Duration) -> SqliteConnectOptions {
    sqlite
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(busy_timeout)
        .foreign_keys(false)
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-65536")
        // As much as SQLite takes: what the system has in memory is then read without a call.
        .pragma("mmap_size", "2147418112")
        .pragma("wal_autocheckpoint", "4000")
}

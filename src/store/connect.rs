//! Opens connections with the settings that each database needs.
//!
//! SQLite: a file in WAL mode, synced at every commit, with one connection that writes. PostgreSQL: commits are synced
//! whatever the server's default is, and the writer waits a limited time for locks.

use std::{path::PathBuf, str::FromStr, time::Duration};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::{
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{Error, Options, error::is_no_file};

/// A connection that was idle this long is tested before it is used.
const IDLE: Duration = Duration::from_secs(5);

/// Whether a URL names a SQLite database.
pub(super) fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// The file that a SQLite URL names.
pub(super) fn sqlite_file(url: &str) -> Result<PathBuf, Error> {
    let options = SqliteConnectOptions::from_str(url).map_err(|error| Error::Address(error.to_string()))?;
    Ok(options.get_filename().to_owned())
}

/// Opens PostgreSQL's writing connection.
pub(super) async fn writer(options: &Options) -> Result<DatabaseConnection, Error> {
    let lock_timeout = options.busy_timeout.as_millis().to_string();
    let settings = [
        ("synchronous_commit", "on"),
        ("lock_timeout", lock_timeout.as_str()),
        ("jit", "off"),
        // Nearly every statement of the writer looks rows up by key. A plan made while its table was empty would otherwise scan
        // the whole table until the server analyzes it, and every statement would be planned again for its values.
        ("enable_seqscan", "off"),
        ("plan_cache_mode", "force_generic_plan"),
    ];
    open(options, 1, &settings).await
}

/// Opens the connections for the gateway's own work, which has no time limit.
pub(super) async fn upkeep(options: &Options, connections: u32) -> Result<DatabaseConnection, Error> {
    open(options, connections, &[("client_min_messages", "warning")]).await
}

/// Opens PostgreSQL's connections that read for clients.
pub(super) async fn readers(options: &Options) -> Result<DatabaseConnection, Error> {
    let statement_timeout = statement_timeout(options);
    open(options, options.readers, &reader_settings(&statement_timeout)).await
}

/// The options of those connections, for another driver.
pub(super) fn reader_options(options: &Options) -> Result<PgConnectOptions, Error> {
    let parsed = PgConnectOptions::from_str(&options.url).map_err(|error| Error::Address(error.to_string()))?;
    Ok(parsed.options(reader_settings(&statement_timeout(options))))
}

/// In milliseconds. PostgreSQL takes 0 as "no limit".
fn statement_timeout(options: &Options) -> String {
    options.statement_time.as_millis().max(1).to_string()
}

fn reader_settings(statement_timeout: &str) -> [(&str, &str); 4] {
    [
        ("statement_timeout", statement_timeout),
        // Compiling a statement takes longer than running it.
        ("jit", "off"),
        // Every transaction reads one snapshot; setting this here saves a statement per transaction.
        ("default_transaction_isolation", "repeatable read"),
        ("default_transaction_read_only", "on"),
    ]
}

/// Opens read-only connections to an existing database. Fails if a SQLite file does not exist.
pub(super) async fn looking(options: &Options, connections: u32) -> Result<DatabaseConnection, Error> {
    if !is_sqlite(&options.url) {
        return open(options, connections, &[("client_min_messages", "warning"), ("jit", "off")]).await;
    }
    let file = sqlite_file(&options.url)?;
    if !file.exists() {
        return Err(Error::NoDatabase(format!("the file {} does not exist", file.display())));
    }
    let mut connect = ConnectOptions::new(options.url.clone());
    connect.max_connections(connections).acquire_timeout(options.acquire_timeout).sqlx_logging(false);
    let busy_timeout = options.busy_timeout;
    connect.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite.read_only(true).create_if_missing(false).busy_timeout(busy_timeout).foreign_keys(false)
    });
    Ok(Database::connect(connect).await?)
}

async fn open(options: &Options, connections: u32, settings: &[(&str, &str)]) -> Result<DatabaseConnection, Error> {
    check(&options.url)?;
    let mut connect = ConnectOptions::new(options.url.replacen("postgresql://", "postgres://", 1));
    connect.max_connections(connections).acquire_timeout(options.acquire_timeout).sqlx_logging(false);
    if is_sqlite(&options.url) {
        let busy_timeout = options.busy_timeout;
        connect.map_sqlx_sqlite_opts(move |sqlite| prepared(sqlite, busy_timeout));
    } else {
        let settings: Vec<(String, String)> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        connect.set_application_name("deskgraph").test_before_acquire_if_idle_for(IDLE);
        connect.map_sqlx_postgres_opts(move |postgres| postgres.options(settings.iter().map(|(name, value)| (name, value))));
    }
    Database::connect(connect).await.map_err(|error| match sqlite_file(&options.url) {
        Ok(file) if is_no_file(&error) => Error::NoFile(file),
        _ => error.into(),
    })
}

/// Refuses an invalid URL. The message does not repeat the URL, which may contain a password.
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

/// The options of every connection to a SQLite file.
pub(super) fn prepared(sqlite: SqliteConnectOptions, busy_timeout: Duration) -> SqliteConnectOptions {
    sqlite
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(busy_timeout)
        .foreign_keys(false)
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-65536")
        // SQLite's maximum: pages in the operating system's cache are then read without a system call.
        .pragma("mmap_size", "2147418112")
        .pragma("wal_autocheckpoint", "4000")
        // A connection's thread passes rows through this queue. It must hold a nested page, so that the thread does not block.
        .row_buffer_size(1024)
}

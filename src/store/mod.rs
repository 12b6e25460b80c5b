//! The store: the log, its projections, and the only code that names `sea_orm` or `entity`.
//!
//! Writing goes through [`Store::append`], which the one writer of `ingest` calls; reading goes through a [`Reader`], which
//! is given a [`Scope`]. On SQLite there is one connection that writes and a pool that reads.

mod bulk;
mod changes;
mod dialect;
mod error;
mod filter;
mod log;
mod page;
mod projection;
mod read;
mod readers;
mod rebuild;
mod rejected;
mod rows;
mod search;
mod statistics;
mod verify;

use std::{sync::Arc, time::Duration};

use chrono_tz::Tz;
use entity::meta;
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, EntityTrait, Set, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
    sea_query::OnConflict,
    sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

pub use error::Error;
pub use log::{Appended, Delivery, Entry, Rejection, StoredEvent};
pub use page::Parent;
pub use read::{Counts, Pages, Reader};
pub use rejected::RejectedDelivery;
pub use search::{Hit, Searched};
pub use verify::{Difference, Verified};

use self::readers::Readers;
use crate::domain::scope::Scope;

/// Connections for the gateway's own reading: a rebuild holds one while another may look at rejected deliveries.
const UPKEEP: u32 = 2;

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://FILE?mode=rwc` or `postgres://…`
    pub url: String,
    /// The CRM's time zone, in which local times of payloads are read.
    pub zone: Tz,
    /// Connections that read for clients.
    pub readers: u32,
    /// How long a statement may take that reads for a client.
    pub statement_time: Duration,
    /// How long a write waits for another process's write.
    pub busy_timeout: Duration,
    /// So many matches of each type are ranked by a search, the newest.
    pub search_matches: u32,
}

impl Options {
    /// The defaults for a database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            zone: chrono_tz::Asia::Ho_Chi_Minh,
            readers: 4,
            statement_time: Duration::from_secs(10),
            busy_timeout: Duration::from_secs(30),
            search_matches: 10_000,
        }
    }
}

/// An open store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: DatabaseConnection,
    /// Reads for clients.
    readers: Readers,
    /// Reads the log for the gateway's own work, which takes as long as it takes.
    upkeep: DatabaseConnection,
    zone: Tz,
    id: Arc<str>,
    search_matches: u32,
}

impl Store {
    /// Opens the database, bringing it up to date.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let writer = connect(options, 1).await?;
        refuse_newer(&writer).await?;
        Migrator::up(&writer, None).await?;
        let id = store_id(&writer).await?;
        let busy_timeout = options.busy_timeout;
        let prepare = move |sqlite| prepared(sqlite, busy_timeout);
        let readers = Readers::open(&options.url, options.readers, options.statement_time, prepare).await?;
        let upkeep = connect(options, UPKEEP).await?;
        Ok(Self { writer, readers, upkeep, zone: options.zone, id: id.into(), search_matches: options.search_matches })
    }

    /// Reads, as far as the scope lets.
    pub fn reader(&self, scope: Scope) -> Reader {
        Reader::new(self.readers.clone(), scope, self.id.clone(), self.zone, self.search_matches)
    }

    /// The id of this store: cursors of another one are told apart by it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The time zone in which local times of payloads are read.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Calls `observe` with every statement that readers run from now on.
    pub fn observe_reads(&mut self, observe: impl Fn(&str) + Send + Sync + 'static) {
        self.readers.observe(observe);
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        Ok(self.readers.ping().await?)
    }

    /// Lets running statements end and closes every connection.
    pub async fn close(self) -> Result<(), Error> {
        self.readers.close().await?;
        self.upkeep.close().await?;
        Ok(self.writer.close().await?)
    }

    /// A transaction that may write from its start, so that what it reads stays true until it commits.
    async fn begin(&self) -> Result<DatabaseTransaction, Error> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }
}

async fn connect(options: &Options, connections: u32) -> Result<DatabaseConnection, Error> {
    if !options.url.starts_with("sqlite:") && !options.url.starts_with("postgres") {
        return Err(Error::Address(options.url.clone()));
    }
    let busy_timeout = options.busy_timeout;
    let mut connect = ConnectOptions::new(options.url.clone());
    connect.max_connections(connections).sqlx_logging(false).map_sqlx_sqlite_opts(move |sqlite| prepared(sqlite, busy_timeout));
    Ok(Database::connect(connect).await?)
}

/// How every connection treats a file.
fn prepared(sqlite: SqliteConnectOptions, busy_timeout: Duration) -> SqliteConnectOptions {
    sqlite
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(busy_timeout)
        .foreign_keys(false)
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-65536")
        .pragma("mmap_size", "268435456")
        .pragma("wal_autocheckpoint", "4000")
}

/// A database with migrations that this program does not know was written by a newer one.
async fn refuse_newer(db: &DatabaseConnection) -> Result<(), Error> {
    Migrator::install(db).await?;
    let known: Vec<String> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let applied = Migrator::get_migration_models(db).await?;
    match applied.into_iter().find(|migration| !known.contains(&migration.version)) {
        Some(unknown) => Err(Error::NewerDatabase(unknown.version)),
        None => Ok(()),
    }
}

/// The id of the store, drawn when it is first opened.
async fn store_id(db: &impl ConnectionTrait) -> Result<String, Error> {
    const KEY: &str = "store_id";
    let drawn = format!("{:016x}", rand::random::<u64>());
    meta::Entity::insert(meta::ActiveModel { key: Set(KEY.to_owned()), value: Set(drawn.clone()) })
        .on_conflict(OnConflict::column(meta::Column::Key).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(meta::Entity::find_by_id(KEY.to_owned()).one(db).await?.map_or(drawn, |row| row.value))
}

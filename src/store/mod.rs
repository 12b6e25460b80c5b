//! The store: the log, its projections, and the only code that names `sea_orm` or `entity`.
//!
//! Writing goes through [`Store::append`], which the one writer of `ingest` calls; reading goes through a [`Reader`], which
//! is given a [`Scope`]. One connection writes, and a pool reads.

mod bulk;
mod changes;
mod connect;
mod dialect;
mod error;
mod export;
mod filter;
mod lock;
mod log;
mod page;
mod projection;
mod read;
mod readers;
mod rebuild;
mod rejected;
mod restored;
mod rows;
mod search;
mod statistics;
mod verify;
mod wakes;

use std::{sync::Arc, time::Duration};

use entity::meta;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, IsolationLevel, Set, SqliteTransactionMode,
    TransactionOptions, TransactionTrait, sea_query::OnConflict,
};

pub use error::Error;
pub use export::Log;
pub use log::{Appended, Delivery, Entry, Rejection, StoredEvent};
pub use page::Parent;
pub use read::{Counts, Pages, Reader};
pub use rejected::RejectedDelivery;
pub use search::{Hit, Searched};
pub use verify::{Difference, Verified};
pub use wakes::Wakes;

use self::{
    dialect::Dialect,
    readers::{Readers, Snapshot, Source},
};
use crate::domain::{scope::Scope, zone::Zone};

/// Connections for the gateway's own reading: a rebuild holds one while another may look at rejected deliveries.
const UPKEEP: u32 = 2;

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://FILE?mode=rwc` or `postgres://…`
    pub url: String,
    /// The CRM's time zone, in which local times of payloads are read.
    pub zone: Zone,
    /// Connections that read for clients.
    pub readers: u32,
    /// How long a statement may take that reads for a client.
    pub statement_time: Duration,
    /// How long a write waits for another process's write.
    pub busy_timeout: Duration,
    /// How long a statement waits for a connection, where they are all taken or the database is out of reach.
    pub acquire_timeout: Duration,
    /// So many matches of each type are ranked by a search, the newest.
    pub search_matches: u32,
}

impl Options {
    /// Whether the database is a server that may come and go, rather than a file.
    pub fn is_remote(&self) -> bool {
        !connect::is_sqlite(&self.url)
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
    zone: Zone,
    id: Arc<str>,
    search_matches: u32,
    options: Arc<Options>,
}

impl Store {
    /// Opens the database, bringing it up to date.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let upkeep = connect::upkeep(options, 1).await?;
        let migrated = bring_up_to_date(&upkeep).await;
        // With the connection goes the lock that others wait for.
        upkeep.close().await?;
        migrated?;
        let writer = connect::writer(options).await?;
        let id = store_id(&writer).await?;
        let readers = Readers::open(options).await?;
        let upkeep = connect::upkeep(options, UPKEEP).await?;
        Ok(Self {
            writer,
            readers,
            upkeep,
            zone: options.zone.clone(),
            id: id.into(),
            search_matches: options.search_matches,
            options: Arc::new(options.clone()),
        })
    }

    /// Reads what is newest, as far as the scope lets.
    pub fn reader(&self, scope: Scope) -> Reader {
        self.reading(Source::Newest(self.readers.clone()), scope)
    }

    /// As [`Self::reader`], and waits while the database is out of reach.
    pub fn patient_reader(&self, scope: Scope) -> Reader {
        self.reading(Source::Patient(self.readers.clone()), scope)
    }

    /// Reads one state of the store, which is taken at the first statement, as far as the scope lets.
    pub fn snapshot_reader(&self, scope: Scope) -> Reader {
        self.reading(Source::Snapshot(Arc::new(Snapshot::of(self.readers.clone()))), scope)
    }

    fn reading(&self, source: Source, scope: Scope) -> Reader {
        Reader::new(source, scope, self.id.clone(), self.zone.clone(), self.search_matches)
    }

    /// Hears of commits, also by other gateways, as far as the database tells of them.
    pub async fn wakes(&self) -> Result<Wakes, Error> {
        Wakes::open(&self.options).await
    }

    /// The id of this store: cursors of another one are told apart by it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The time zone in which local times of payloads are read.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Calls `observe` with every statement, its values in it, that readers run from now on; a snapshot's own are not among them.
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

    /// A transaction that alone may write from its start, so that what it reads stays true until it commits, and so that the
    /// order of numbers is the order of commits: the invariant on which every cursor stands.
    async fn begin(&self) -> Result<DatabaseTransaction, Error> {
        let options = match Dialect::of(&self.writer) {
            Dialect::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            },
            // Each statement behind the lock has to see what was committed while it was waited for.
            Dialect::Postgres => {
                TransactionOptions { isolation_level: Some(IsolationLevel::ReadCommitted), ..TransactionOptions::default() }
            }
        };
        let db = self.writer.begin_with_options(options).await?;
        lock::write_alone(&db).await?;
        Ok(db)
    }
}

/// Applies the migrations that are missing, one gateway at a time: the others wait for the lock of this connection.
async fn bring_up_to_date(db: &DatabaseConnection) -> Result<(), Error> {
    lock::migrate_alone(db).await?;
    refuse_newer(db).await?;
    Ok(migration::up(db).await?)
}

/// A database with migrations that this program does not know was written by a newer one.
async fn refuse_newer(db: &DatabaseConnection) -> Result<(), Error> {
    match migration::unknown(db).await? {
        Some(migration) => Err(Error::NewerDatabase(migration)),
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

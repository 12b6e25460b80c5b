//! The store: the log, its projections, and the only code that names `sea_orm` or `entity`.
//!
//! Writing goes through [`Store::append`], which only the writer of `ingest` calls. Reading goes through a [`Reader`], which
//! is made for a [`Scope`]. One connection writes, a pool of connections reads.

mod backup;
mod bulk;
mod cells;
mod changes;
mod connect;
mod dialect;
mod error;
mod export;
mod filter;
mod identity;
mod indexes;
mod inspection;
mod keys;
mod lock;
mod log;
mod narrow;
mod notifications;
mod page;
mod postgres;
mod projection;
mod read;
mod readers;
mod rebuild;
mod rejected;
mod restored;
mod rows;
mod scoped;
mod scratch;
mod search;
mod session;
mod sqlite;
mod statistics;
mod verify;
mod view;
mod vitals;
mod write;

use std::{sync::Arc, time::Duration};

use sea_orm::DatabaseConnection;

pub use backup::{Copied, copy_sqlite};
pub use cells::{Row, Rows};
pub use error::Error;
pub use export::Log;
pub use inspection::{Durability, EventsOfKind, Inspection, RejectedAlike, Sampled, Schema, Size, Statistics};
pub use keys::{ApiKey, Revocation};
pub use log::{Appended, Delivery, Entry, Rejection, StoredEvent};
pub use notifications::Notifications;
pub use page::Parent;
pub use projection::tables::projection_tables;
pub use read::{Counts, Pages, Reader};
pub use readers::{InUse, Taken, Tally};
pub use rejected::RejectedDelivery;
pub use search::{Hit, Searched};
pub use session::{Extent, Keyed, Listing, Paged, Session, StaffMark, Table};
pub use verify::{Difference, Verified};
pub use vitals::Vitals;

use self::{
    readers::{Readers, Snapshot, Source},
    scoped::ViewsOfScopes,
};
use crate::domain::{scope::Scope, zone::Zone};

/// Connections for the gateway's own work: an export may hold one while another reads rejected deliveries.
const UPKEEP: u32 = 2;

/// The options of a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://FILE?mode=rwc` or `postgres://…`
    pub url: String,
    /// The CRM's time zone, in which local times of payloads are read.
    pub zone: Zone,
    /// The number of connections that read for clients.
    pub readers: u32,
    /// The time limit of a statement that reads for a client.
    pub statement_time: Duration,
    /// How long a write waits for another process to finish writing.
    pub busy_timeout: Duration,
    /// How long a statement waits for a free connection or an unreachable database.
    pub acquire_timeout: Duration,
    /// The number of newest matches of each type that a search ranks.
    pub search_matches: u32,
    /// What to do with projections that another version of deskgraph wrote.
    pub outdated: Outdated,
}

/// What opening a store does if another version of the code wrote its projections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outdated {
    /// Rebuild them if the log has at most this many events, else refuse to open with [`Error::OutdatedProjections`].
    Rebuild {
        /// The largest number of events in the log for which to rebuild.
        max_events: u64,
    },
    /// Open the store as it is, to rebuild, verify or export it. Nothing can then be appended.
    Keep,
}

impl Default for Outdated {
    /// At startup a rebuild may take about a minute, and folding processes at least 4,000 events a second.
    fn default() -> Self {
        Self::Rebuild { max_events: 200_000 }
    }
}

impl Options {
    /// Whether the database is a server rather than a file.
    pub fn is_remote(&self) -> bool {
        !connect::is_sqlite(&self.url)
    }
}

/// An open store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: write::Connection,
    /// Connections that read for clients.
    readers: Readers,
    views: Arc<ViewsOfScopes>,
    /// Connections for the gateway's own work, without a time limit.
    upkeep: DatabaseConnection,
    zone: Zone,
    id: Arc<str>,
    search_matches: u32,
    options: Arc<Options>,
}

impl Store {
    /// Opens the database and migrates it: first its tables, then its projections.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let migrating = connect::upkeep(options, 1).await?;
        let opened = Self::open_alone(options, &migrating).await;
        // Closing the connection releases the lock, for which other gateways wait.
        migrating.close().await?;
        opened
    }

    /// Opens an existing database. Fails instead of creating one, so that a mistyped URL creates no empty database.
    pub async fn open_existing(options: &Options) -> Result<Self, Error> {
        Inspection::open(options).await?.close().await?;
        Self::open(options).await
    }

    /// Opens the database while holding the migration lock.
    async fn open_alone(options: &Options, migrating: &DatabaseConnection) -> Result<Self, Error> {
        bring_up_to_date(migrating).await?;
        let store = Self::connect(options).await?;
        match store.bring_projections_up_to_date().await {
            Ok(()) => Ok(store),
            Err(error) => {
                store.close().await?;
                Err(error)
            }
        }
    }

    async fn connect(options: &Options) -> Result<Self, Error> {
        let upkeep = connect::upkeep(options, UPKEEP).await?;
        let id = identity::of(&upkeep).await?;
        let writer = write::Connection::open(options).await?;
        let readers = Readers::open(options).await?;
        Ok(Self {
            writer,
            readers,
            views: Arc::default(),
            upkeep,
            zone: options.zone.clone(),
            id: id.into(),
            search_matches: options.search_matches,
            options: Arc::new(options.clone()),
        })
    }

    /// A reader of the newest state, within the scope.
    pub fn reader(&self, scope: Scope) -> Reader {
        self.reading(Source::Newest, scope)
    }

    /// Like [`Self::reader`], but its statements wait while the database is unreachable.
    pub fn waiting_reader(&self, scope: Scope) -> Reader {
        self.reading(Source::Waiting, scope)
    }

    /// A reader of one snapshot of the store, within the scope. Its first statement takes the snapshot.
    pub fn snapshot_reader(&self, scope: Scope) -> Reader {
        self.reading(|readers| Source::Snapshot(Arc::new(Snapshot::of(readers))), scope)
    }

    fn reading(&self, source: impl FnOnce(Readers) -> Source, scope: Scope) -> Reader {
        let readers = self.readers.within(self.views.of(&scope, self.readers.dialect()));
        Reader::new(source(readers), scope, self.id.clone(), self.zone.clone(), self.search_matches)
    }

    /// Notifications of changes that other gateways commit.
    pub async fn notifications(&self) -> Result<Notifications, Error> {
        Notifications::open(&self.options, notifications::CHANGES).await
    }

    /// Notifications of revoked API keys.
    pub async fn key_notifications(&self) -> Result<Notifications, Error> {
        Notifications::open(&self.options, notifications::KEYS).await
    }

    /// The id of this store, which its live cursors carry.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The time zone in which local times of payloads are read.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Calls `observe` with every statement, including its values, that readers run from now on, except the statements that
    /// open and close snapshots.
    pub fn observe_reads(&mut self, observe: impl Fn(&str) + Send + Sync + 'static) {
        self.readers.observe(observe);
    }

    /// Checks that the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        self.readers.ping().await
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(self) -> Result<(), Error> {
        self.readers.close().await?;
        self.upkeep.close().await?;
        self.writer.close().await
    }
}

/// Applies pending migrations. The caller's lock makes other gateways wait.
async fn bring_up_to_date(db: &DatabaseConnection) -> Result<(), Error> {
    lock::refuse_without_locks(db).await?;
    lock::migrate_alone(db).await?;
    refuse_newer(db).await?;
    Ok(migration::up(db).await?)
}

/// Refuses a database with unknown migrations: a newer version of deskgraph applied them.
async fn refuse_newer(db: &DatabaseConnection) -> Result<(), Error> {
    match migration::unknown(db).await? {
        Some(migration) => Err(Error::NewerDatabase(migration)),
        None => Ok(()),
    }
}

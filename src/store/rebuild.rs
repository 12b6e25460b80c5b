//! Rebuild: clears every projection and folds the log again, with the code that folds live traffic.
//!
//! `meta` holds the version of the code that wrote the projections ([`VERSION`]). Every writer of projections checks it in the
//! same transaction, so projections are never a mix of two versions. A store with another version is rebuilt when it is opened,
//! if its log is short enough.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use entity::{event, meta};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, IsolationLevel, PaginatorTrait,
    TransactionOptions, TransactionTrait,
};
use tokio::{
    runtime::Handle,
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

use super::{
    Error, Outdated, Store,
    bulk::Stored,
    dialect::Dialect,
    indexes, log,
    projection::{
        self, Logged, history,
        tables::{self, VERSION, VERSION_KEY, Visitor, parse_version},
    },
    write::Transaction,
};
use crate::domain::zone::Zone;

/// The number of events folded at a time.
const BATCH: u64 = 4000;

/// The number of batches that are read and parsed ahead.
const AHEAD: usize = 1;

/// The interval between progress messages in the log during a rebuild at startup.
const PROGRESS: Duration = Duration::from_secs(5);

impl Store {
    /// Rebuilds all projections from the log in one transaction: readers see the old ones until it commits. The log and the
    /// positions of changes stay, so live cursors stay valid. Calls `progress` with the number of events done and the total.
    /// Returns the number of events.
    pub async fn rebuild(&self, progress: impl FnMut(u64, u64)) -> Result<u64, Error> {
        let db = self.writer.begin().await?;
        let done = self.rebuild_in(&db, progress).await?;
        db.commit().await?;
        Ok(done)
    }

    async fn rebuild_in(&self, db: &Transaction, progress: impl FnMut(u64, u64)) -> Result<u64, Error> {
        db.clear_searched()?;
        tables::visit_all(&mut Clear(db)).await?;
        // On PostgreSQL dropping an index would block readers until the commit.
        let dropped = if db.dialect() == Dialect::Sqlite { indexes::drop_unneeded(db).await? } else { Vec::new() };
        // The write lock is held, so the log does not change.
        let log = Arc::new(self.snapshot().await?);
        let done = replay(&log, db, &self.zone, progress).await?;
        indexes::create(db, &dropped)?;
        db.upsert::<meta::Entity>(vec![meta::Model { key: VERSION_KEY.to_owned(), value: VERSION.to_string() }]).await?;
        Ok(done)
    }

    /// Rebuilds or refuses projections of another version, as the options say. An empty store only gets the version.
    pub(super) async fn bring_projections_up_to_date(&self) -> Result<(), Error> {
        if version(&self.upkeep).await? == VERSION {
            return Ok(());
        }
        let db = self.writer.begin().await?;
        // Another process may have rebuilt them while this one waited for the lock.
        let found = version(&self.upkeep).await?;
        if found == VERSION {
            return db.rollback().await;
        }
        let events = event::Entity::find().count(&self.upkeep).await?;
        match self.options.outdated {
            Outdated::Rebuild { max_events } if events > max_events => {
                db.rollback().await?;
                return Err(Error::OutdatedProjections { found, expected: VERSION, events });
            }
            Outdated::Keep if events > 0 => {
                tracing::warn!(found, expected = VERSION, "the projections have another version: run `deskgraph rebuild`");
                return db.rollback().await;
            }
            Outdated::Rebuild { .. } | Outdated::Keep => {}
        }
        if events > 0 {
            tracing::info!(found, expected = VERSION, events, "the projections have another version: rebuilding them");
        }
        let mut reported_at = Instant::now();
        let done = self.rebuild_in(&db, |done, total| {
            if reported_at.elapsed() >= PROGRESS {
                reported_at = Instant::now();
                tracing::info!(done, total, "rebuilding the projections");
            }
        });
        let done = done.await?;
        db.commit().await?;
        if events > 0 {
            tracing::info!(events = done, "the projections are rebuilt");
        }
        Ok(())
    }

    /// A read-only snapshot of the whole store.
    pub(super) async fn snapshot(&self) -> Result<DatabaseTransaction, Error> {
        snapshot(&self.upkeep).await
    }
}

/// A read-only snapshot of a database.
pub(super) async fn snapshot(db: &DatabaseConnection) -> Result<DatabaseTransaction, Error> {
    // On SQLite every read transaction is a snapshot.
    let isolation_level = match db.get_database_backend() {
        DbBackend::Sqlite => None,
        _ => Some(IsolationLevel::RepeatableRead),
    };
    Ok(db.begin_with_options(TransactionOptions { isolation_level, ..TransactionOptions::default() }).await?)
}

/// The stored version of the projections; 0 if the store predates versioning.
async fn version(db: &impl ConnectionTrait) -> Result<u32, Error> {
    let row = meta::Entity::find_by_id(VERSION_KEY.to_owned()).one(db).await?;
    parse_version(row.map(|row| row.value).as_deref())
}

/// Deletes the rows of projection tables.
struct Clear<'a>(&'a Transaction);

impl Visitor for Clear<'_> {
    async fn visit<E: Stored>(&mut self) -> Result<(), Error> {
        self.0.clear::<E>().await
    }
}

/// Folds the log into empty projections, while another thread reads and parses the next events.
pub(super) async fn replay(
    log: &Arc<DatabaseTransaction>,
    db: &Transaction,
    zone: &Zone,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64, Error> {
    let total = event::Entity::find().count(&**log).await?;
    let mut done = 0;
    progress(done, total);
    let (mut batches, reading) = read_ahead(log.clone(), zone.clone());
    while let Some(logged) = batches.recv().await {
        projection::project(db, &**log, zone, &logged).await?;
        db.index_searched()?;
        done += logged.len() as u64;
        progress(done, total);
    }
    reading.await.unwrap_or_else(|error| Err(Error::Abandoned(error.to_string())))?;
    Ok(done)
}

/// Reads and parses the log on another thread, in batches. It ends early if the receiver is dropped.
fn read_ahead(log: Arc<DatabaseTransaction>, zone: Zone) -> (mpsc::Receiver<Vec<Logged>>, JoinHandle<Result<(), Error>>) {
    let (parsed, batches) = mpsc::channel(AHEAD);
    let runtime = Handle::current();
    let read = async move || {
        let mut after = 0;
        loop {
            let rows = log::events_after(&*log, after, BATCH).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.seq;
            let logged = rows.iter().map(|row| history::logged(&zone, row)).collect::<Result<_, _>>()?;
            if parsed.send(logged).await.is_err() {
                return Ok(());
            }
        }
    };
    (batches, spawn_blocking(move || runtime.block_on(read())))
}

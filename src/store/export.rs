//! Reads the whole log from one snapshot.

use entity::{event, rejected_delivery};
use sea_orm::{DatabaseTransaction, EntityTrait, PaginatorTrait};

use super::{Error, Store, StoredEvent, log};

/// The number of events per read.
const BATCH: u64 = 200;

/// A snapshot of the log, unaffected by later appends.
pub struct Log {
    db: DatabaseTransaction,
    after: i64,
    /// The number of events.
    pub events: u64,
    /// The number of rejected deliveries, which are stored beside the log.
    pub rejected: u64,
}

impl Store {
    /// Takes a snapshot of the log.
    pub async fn log(&self) -> Result<Log, Error> {
        let db = self.snapshot().await?;
        let events = event::Entity::find().count(&db).await?;
        let rejected = rejected_delivery::Entity::find().count(&db).await?;
        Ok(Log { db, after: 0, events, rejected })
    }
}

impl Log {
    /// The next events in log order; empty at the end.
    pub async fn next(&mut self) -> Result<Vec<StoredEvent>, Error> {
        let rows = log::events_after(&self.db, self.after, BATCH).await?;
        self.after = rows.last().map_or(self.after, |row| row.seq);
        rows.into_iter().map(log::stored_event).collect()
    }

    /// Releases the snapshot.
    pub async fn close(self) -> Result<(), Error> {
        Ok(self.db.commit().await?)
    }
}

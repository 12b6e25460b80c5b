//! The log, read from its beginning to its end, as it was at one moment.

use entity::{event, rejected_delivery};
use sea_orm::{DatabaseTransaction, EntityTrait, PaginatorTrait};

use super::{Error, Store, StoredEvent, log};

/// Events read at a time.
const BATCH: u64 = 200;

/// The log of a store, whatever is appended meanwhile.
pub struct Log {
    db: DatabaseTransaction,
    after: i64,
    /// How many events it has.
    pub events: u64,
    /// How many rejected deliveries there are beside it.
    pub rejected: u64,
}

impl Store {
    /// The log as it is now.
    pub async fn log(&self) -> Result<Log, Error> {
        let db = self.snapshot().await?;
        let events = event::Entity::find().count(&db).await?;
        let rejected = rejected_delivery::Entity::find().count(&db).await?;
        Ok(Log { db, after: 0, events, rejected })
    }
}

impl Log {
    /// The next events in the order of the log, none at its end.
    pub async fn next(&mut self) -> Result<Vec<StoredEvent>, Error> {
        let rows = log::events_after(&self.db, self.after, BATCH).await?;
        self.after = rows.last().map_or(self.after, |row| row.seq);
        rows.into_iter().map(log::stored_event).collect()
    }

    /// Lets go of that moment.
    pub async fn close(self) -> Result<(), Error> {
        Ok(self.db.commit().await?)
    }
}

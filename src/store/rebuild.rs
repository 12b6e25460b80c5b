//! Rebuilding: throwing every projection away and folding the log again, with the code that folds live traffic.

use std::sync::Arc;

use entity::{
    assignee, conversation, custom_field, customer, customer_status, event, message, read_by, social_account, staff, ticket,
    ticket_alias,
};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IsolationLevel, PaginatorTrait, TransactionOptions,
    TransactionTrait,
};

use super::{
    Error, Store, log,
    projection::{self, Logged, history},
};
use crate::domain::time::Timestamp;

/// Events folded at a time.
const BATCH: u64 = 500;

impl Store {
    /// Folds all projections again from the log, in one transaction: readers see the old ones until the new ones are
    /// complete. The log and the positions of changes stay, so live cursors stay valid. Calls `progress` with the events
    /// done and the events in all.
    pub async fn rebuild(&self, progress: impl FnMut(u64, u64)) -> Result<u64, Error> {
        let db = self.begin().await?;
        clear(&db).await?;
        let done = replay(&db, &db, self, progress).await?;
        db.commit().await?;
        Ok(done)
    }

    /// A transaction that reads one state of the whole store, whatever is written meanwhile.
    pub(super) async fn snapshot(&self) -> Result<DatabaseTransaction, Error> {
        // A transaction that reads on SQLite does so by itself.
        let isolation_level = match self.upkeep.get_database_backend() {
            DbBackend::Sqlite => None,
            _ => Some(IsolationLevel::RepeatableRead),
        };
        Ok(self.upkeep.begin_with_options(TransactionOptions { isolation_level, ..TransactionOptions::default() }).await?)
    }

    /// Folds this store's log, as `log` sees it, into the projections of another one, which is empty.
    pub(super) async fn replay_into(
        &self,
        log: &DatabaseTransaction,
        other: &Self,
        progress: impl FnMut(u64, u64),
    ) -> Result<u64, Error> {
        let db = other.begin().await?;
        let done = replay(log, &db, self, progress).await?;
        db.commit().await?;
        Ok(done)
    }
}

async fn clear(db: &impl ConnectionTrait) -> Result<(), Error> {
    assignee::Entity::delete_many().exec(db).await?;
    conversation::Entity::delete_many().exec(db).await?;
    custom_field::Entity::delete_many().exec(db).await?;
    customer::Entity::delete_many().exec(db).await?;
    customer_status::Entity::delete_many().exec(db).await?;
    message::Entity::delete_many().exec(db).await?;
    read_by::Entity::delete_many().exec(db).await?;
    social_account::Entity::delete_many().exec(db).await?;
    staff::Entity::delete_many().exec(db).await?;
    ticket::Entity::delete_many().exec(db).await?;
    ticket_alias::Entity::delete_many().exec(db).await?;
    Ok(())
}

async fn replay(
    log: &impl ConnectionTrait,
    db: &DatabaseTransaction,
    store: &Store,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64, Error> {
    let total = event::Entity::find().count(log).await?;
    let (mut done, mut after) = (0, 0);
    progress(done, total);
    loop {
        let rows = log::events_after(log, after, BATCH).await?;
        let Some(last) = rows.last() else { return Ok(done) };
        after = last.seq;
        let mut logged = Vec::with_capacity(rows.len());
        for row in &rows {
            logged.push(Logged {
                seq: row.seq,
                received_at: Timestamp::clamped(row.received_at),
                event: Arc::new(history::read_stored(&store.zone, row)?),
                digest: row.message_digest.clone(),
            });
        }
        projection::project(db, log, &store.zone, &logged).await?;
        done += rows.len() as u64;
        progress(done, total);
    }
}

//! A snapshot: one state of the store for all statements of a request, and its position in the log.
//!
//! The first statement takes the snapshot, which then holds a connection until it is finished or dropped. Statements of one
//! request run one after the other, since a snapshot has one connection.
//!
//! A slow client can delay its request. So that it does not block other requests, its statements run in their own tasks, and a
//! snapshot that was not read for a while is released. Later reads of the request then see a newer state, which the meaning of
//! its position permits.

use std::{
    sync::{Arc, PoisonError, Weak},
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryResult, QuerySelect, Statement};
use tokio::{
    sync::Mutex,
    time::{MissedTickBehavior, interval},
};

use super::{super::postgres, Error, Pool, Readers, spawn_detached, sqlite};

/// A snapshot that was not read for this long is released.
const UNREAD: Duration = Duration::from_millis(500);

/// The open snapshots of the readers.
pub(super) type Register = std::sync::Mutex<Vec<Weak<Snapshot>>>;

/// Releases unread snapshots while the readers exist.
pub(super) async fn watch(register: Weak<Register>) {
    let mut looks = interval(UNREAD / 2);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let Some(register) = register.upgrade() else { return };
        let mut register = register.lock().unwrap_or_else(PoisonError::into_inner);
        register.retain(|snapshot| snapshot.upgrade().is_some_and(|snapshot| snapshot.is_kept()));
    }
}

/// A snapshot, taken by its first statement.
pub(in crate::store) struct Snapshot {
    readers: Readers,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    position: Option<i64>,
    open: Option<Open>,
}

/// A transaction, and on SQLite the lease of its connection. The order of fields matters: the transaction is dropped first.
struct Open {
    transaction: DatabaseTransaction,
    lease: Option<sqlite::Lease>,
    read_at: Instant,
}

impl Snapshot {
    /// A snapshot that is not yet taken.
    pub(in crate::store) fn of(readers: Readers) -> Self {
        Self { readers, state: Mutex::default() }
    }

    /// The connections that it uses.
    pub(super) fn readers(&self) -> &Readers {
        &self.readers
    }

    pub(super) fn readers_mut(&mut self) -> &mut Readers {
        &mut self.readers
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.readers.backend()
    }

    /// Releases the snapshot if it was left unread. Returns whether it is still open.
    fn is_kept(&self) -> bool {
        // If it is locked, it is being read.
        let Ok(mut state) = self.state.try_lock() else { return true };
        if state.open.as_ref().is_some_and(|open| open.read_at.elapsed() > UNREAD) {
            state.open = None;
        }
        // A closed snapshot is registered again when it is reopened.
        state.open.is_some()
    }

    /// Runs a statement.
    pub(super) async fn query(self: Arc<Self>, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        spawn_detached(async move { self.run(statement).await }).await
    }

    async fn run(self: Arc<Self>, mut statement: Statement) -> Result<Vec<QueryResult>, Error> {
        let mut state = self.state.lock().await;
        let open = self.opened(&mut state).await?;
        let _running = self.readers.begin(&mut statement);
        let result = open.query(&self.readers, statement).await;
        if result.is_err() {
            // PostgreSQL accepts no statements in a failed transaction. Later statements see a newer state.
            state.open = None;
        }
        result
    }

    /// The log position of the snapshot, which contains all changes up to it. Takes the snapshot if needed.
    pub(in crate::store) async fn position(self: Arc<Self>) -> Result<i64, Error> {
        spawn_detached(async move {
            let mut state = self.state.lock().await;
            self.opened(&mut state).await?;
            Ok(state.position.unwrap_or(0))
        })
        .await
    }

    /// Ends the snapshot and returns its position, if it was taken. The connection is returned in the background.
    pub(in crate::store) async fn finish(&self) -> Option<i64> {
        let mut state = self.state.lock().await;
        if let Some(Open { transaction, lease, .. }) = state.open.take() {
            tokio::spawn(async move {
                let ended = transaction.rollback().await;
                let ended = if let Some(lease) = lease { lease.end(ended) } else { ended.map_err(Error::from) };
                if let Err(error) = ended {
                    tracing::debug!(%error, "a snapshot's transaction could not be rolled back");
                }
            });
        }
        state.position
    }

    async fn opened<'a>(self: &Arc<Self>, state: &'a mut State) -> Result<&'a mut Open, Error> {
        if state.open.is_none() {
            let mut open = Open::begin(&self.readers).await?;
            let newest = entity::change::Entity::find()
                .select_only()
                .column_as(sea_orm::ColumnTrait::max(&entity::change::Column::Position), "position");
            let row = open.query(&self.readers, sea_orm::QueryTrait::build(&newest, self.backend())).await?;
            let position = row.first().map_or(Ok(None), |row| row.try_get::<Option<i64>>("", "position"))?;
            // After a failure the first position stays valid: a newer state contains it.
            state.position.get_or_insert(position.unwrap_or(0));
            state.open = Some(open);
            self.readers.register.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(self));
        }
        Ok(state.open.as_mut().expect("it was opened above"))
    }
}

impl Open {
    async fn begin(readers: &Readers) -> Result<Self, Error> {
        match &readers.pool {
            Pool::Sqlite(connections, _) => {
                let lease = connections.lease().await?;
                match lease.begin().await {
                    Ok(transaction) => Ok(Self { transaction, lease: Some(lease), read_at: Instant::now() }),
                    Err(error) => lease.end(Err(error)),
                }
            }
            // The connection makes every transaction a read-only one of one state: see `connect::readers`.
            Pool::Postgres(db, _) => Ok(Self { transaction: postgres::begin(db).await?, lease: None, read_at: Instant::now() }),
        }
    }

    async fn query(&mut self, readers: &Readers, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        if let Some(lease) = &mut self.lease {
            lease.renew();
        }
        let result = self.transaction.query_all_raw(statement).await;
        self.read_at = Instant::now();
        match &self.lease {
            Some(lease) => lease.ended(result),
            None => readers.in_time(result),
        }
    }
}

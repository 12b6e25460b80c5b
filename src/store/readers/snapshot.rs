//! One state of the store for all statements of a request, and the position of the log at which it is.
//!
//! It is taken when the first statement is run, and holds a connection until it is finished or dropped. Statements of one
//! request take turns on it, since a state belongs to a connection.

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IsolationLevel, QueryResult, QuerySelect,
    Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::Mutex;

use super::{Pool, Readers, sqlite};

/// One state of the store.
pub(in crate::store) struct Snapshot {
    readers: Readers,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    position: Option<i64>,
    open: Option<Open>,
}

/// A transaction, and where SQLite's runs. It ends before its connection is given back.
struct Open {
    transaction: DatabaseTransaction,
    lease: Option<sqlite::Lease>,
}

impl Snapshot {
    /// One that is not taken yet.
    pub(in crate::store) fn of(readers: Readers) -> Self {
        Self { readers, state: Mutex::default() }
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.readers.backend()
    }

    pub(super) async fn query(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut state = self.state.lock().await;
        let open = self.opened(&mut state).await?;
        self.readers.observed(&statement);
        let result = open.query(&self.readers, statement).await;
        if result.is_err() {
            // PostgreSQL takes nothing more in a transaction that failed. What follows sees a newer state.
            state.open = None;
        }
        result
    }

    /// The position of the log at which the state is: nothing before it is missing. Takes the snapshot.
    pub(in crate::store) async fn position(&self) -> Result<i64, DbErr> {
        let mut state = self.state.lock().await;
        self.opened(&mut state).await?;
        Ok(state.position.unwrap_or(0))
    }

    /// Ends it, and gives its position if it was taken.
    pub(in crate::store) async fn finish(&self) -> Option<i64> {
        let mut state = self.state.lock().await;
        if let Some(Open { transaction, lease }) = state.open.take() {
            let ended = transaction.rollback().await;
            let ended = if let Some(lease) = lease { lease.end(ended) } else { ended };
            if let Err(error) = ended {
                tracing::debug!(%error, "a snapshot could not be ended in order");
            }
        }
        state.position
    }

    async fn opened<'a>(&self, state: &'a mut State) -> Result<&'a mut Open, DbErr> {
        if state.open.is_none() {
            let mut open = Open::begin(&self.readers).await?;
            let newest = entity::change::Entity::find()
                .select_only()
                .column_as(sea_orm::ColumnTrait::max(&entity::change::Column::Position), "position");
            let row = open.query(&self.readers, sea_orm::QueryTrait::build(&newest, self.backend())).await?;
            let position = row.first().map_or(Ok(None), |row| row.try_get::<Option<i64>>("", "position"))?;
            // After a failure the first position still holds: what is newer is there as well.
            state.position.get_or_insert(position.unwrap_or(0));
            state.open = Some(open);
        }
        Ok(state.open.as_mut().expect("it was opened above"))
    }
}

impl Open {
    async fn begin(readers: &Readers) -> Result<Self, DbErr> {
        match &readers.pool {
            Pool::Sqlite(connections) => {
                let lease = connections.lease().await?;
                match lease.begin().await {
                    Ok(transaction) => Ok(Self { transaction, lease: Some(lease) }),
                    Err(error) => lease.end(Err(error)),
                }
            }
            Pool::Postgres(db) => {
                let options = TransactionOptions {
                    isolation_level: Some(IsolationLevel::RepeatableRead),
                    access_mode: Some(AccessMode::ReadOnly),
                    ..TransactionOptions::default()
                };
                Ok(Self { transaction: db.begin_with_options(options).await?, lease: None })
            }
        }
    }

    async fn query(&mut self, readers: &Readers, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Some(lease) = &mut self.lease else {
            return self.transaction.query_all_raw(statement).await.map_err(|error| readers.named(error));
        };
        lease.renew();
        let result = self.transaction.query_all_raw(statement).await;
        lease.ended(result)
    }
}

//! Notifications: PostgreSQL's `LISTEN` and `NOTIFY` tell each gateway when another one has committed changes, or when an API
//! key was revoked.
//!
//! A notification only wakes the listeners, which then read what is new from the store. SQLite has no notifications.

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, Statement, sqlx::postgres::PgListener};

use super::{Error, Options, connect, dialect::Dialect};

/// The channel of changes. The payload is the newest position.
pub(super) const CHANGES: &str = "deskgraph_change";

/// The channel of revoked keys. The payload is the key's id.
pub(super) const KEYS: &str = "deskgraph_key";

/// Notifications of one kind.
pub struct Notifications {
    channel: &'static str,
    /// The database to listen on; `None` on SQLite.
    db: Option<DatabaseConnection>,
    listener: Option<PgListener>,
}

impl Notifications {
    pub(super) async fn open(options: &Options, channel: &'static str) -> Result<Self, Error> {
        let db = if connect::is_sqlite(&options.url) { None } else { Some(connect::upkeep(options, 1).await?) };
        Ok(Self { channel, db, listener: None })
    }

    /// Waits until something was committed, or may have been committed while this listener was disconnected. On SQLite, waits
    /// forever. After an error, the next call reconnects.
    pub async fn next(&mut self) -> Result<(), Error> {
        let Some(db) = &self.db else { return std::future::pending().await };
        let Some(listener) = &mut self.listener else {
            let mut listener = PgListener::connect_with(db.get_postgres_connection_pool()).await.map_err(lost)?;
            listener.listen(self.channel).await.map_err(lost)?;
            self.listener = Some(listener);
            // Commits before this moment were not notified, so report one.
            return Ok(());
        };
        let received = listener.try_recv().await;
        if matches!(received, Ok(Some(_))) {
            // One return stands for all commits so far.
            while listener.next_buffered().is_some() {}
        } else {
            self.listener = None;
        }
        Ok(received.map(|_| ()).map_err(lost)?)
    }
}

fn lost(error: sea_orm::sqlx::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into()))
}

/// Notifies all listeners of a channel when the transaction commits.
pub(super) async fn notify(db: &DatabaseTransaction, channel: &'static str, payload: String) -> Result<(), Error> {
    if Dialect::of(db) == Dialect::Postgres {
        let values = [channel.into(), payload.into()];
        let notify = Statement::from_sql_and_values(db.get_database_backend(), "SELECT pg_notify($1, $2)", values);
        db.query_one_raw(notify).await?;
    }
    Ok(())
}

//! Hearing of commits that other gateways make on the same database: PostgreSQL's `LISTEN` and `NOTIFY`, which carry the
//! head of the log and nothing else. They only wake; what was committed is read from the store.

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, Statement, sqlx::postgres::PgListener};

use super::{Error, Options, connect, dialect::Dialect};

const CHANNEL: &str = "deskgraph_change";

/// Commits on the database, as far as it tells of them.
pub struct Wakes {
    /// On PostgreSQL, where to listen.
    db: Option<DatabaseConnection>,
    listener: Option<PgListener>,
}

impl Wakes {
    pub(super) async fn open(options: &Options) -> Result<Self, Error> {
        let db = if connect::is_sqlite(&options.url) { None } else { Some(connect::upkeep(options, 1).await?) };
        Ok(Self { db, listener: None })
    }

    /// Waits until something was committed, here or elsewhere, or may have been while nobody listened. On SQLite nothing is
    /// ever heard. An error means that the database is out of reach just now.
    pub async fn next(&mut self) -> Result<(), Error> {
        let Some(db) = &self.db else { return std::future::pending().await };
        let Some(listener) = &mut self.listener else {
            let mut listener = PgListener::connect_with(db.get_postgres_connection_pool()).await.map_err(unheard)?;
            listener.listen(CHANNEL).await.map_err(unheard)?;
            self.listener = Some(listener);
            // What was committed before was not heard.
            return Ok(());
        };
        let heard = listener.try_recv().await;
        if matches!(heard, Ok(Some(_))) {
            // One waking is enough for all that was committed meanwhile.
            while listener.next_buffered().is_some() {}
        } else {
            // The next call listens anew.
            self.listener = None;
        }
        Ok(heard.map(|_| ()).map_err(unheard)?)
    }
}

fn unheard(error: sea_orm::sqlx::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into()))
}

/// Tells everyone who listens where the log ends, once the transaction is committed.
pub(super) async fn announce(db: &DatabaseTransaction, head: i64) -> Result<(), Error> {
    if Dialect::of(db) == Dialect::Postgres {
        let values = [CHANNEL.into(), head.to_string().into()];
        let notify = Statement::from_sql_and_values(db.get_database_backend(), "SELECT pg_notify($1, $2)", values);
        db.query_one_raw(notify).await?;
    }
    Ok(())
}

//! Checks of a PostgreSQL server: whether sessions, locks and notifications behave as gateways require.
//!
//! The statements are sent as plain text rather than prepared, so that the checks also run through a transaction pooler.

use std::{collections::BTreeSet, time::Duration};

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{
        self, Decode, PgConnection, Postgres, Row, Type,
        postgres::{PgListener, PgPool},
    },
};
use tokio::time::timeout;

use super::{super::dialect::Dialect, Inspection};
use crate::store::Error;

/// How long to wait for something that a working server delivers at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// The session of a connection.
const PID: &str = "SELECT pg_backend_pid()";

impl Inspection {
    /// The server's name and version as it reports them; `None` on SQLite.
    pub async fn server_version(&self) -> Result<Option<String>, Error> {
        let Some(pool) = self.server() else { return Ok(None) };
        let mut session = pool.acquire().await.map_err(lost)?;
        Ok(Some(ask(&mut session, "SELECT version()").await?))
    }

    /// Whether a transaction pooler sits in between: it gives each transaction any server session.
    pub async fn is_pooled_by_transaction(&self) -> Result<bool, Error> {
        let Some(pool) = self.server() else { return Ok(false) };
        let (mut one, mut other) = (pool.acquire().await.map_err(lost)?, pool.acquire().await.map_err(lost)?);
        let (mut ones, mut others) = (BTreeSet::new(), BTreeSet::new());
        // A pooler prefers the session used last. So after a transaction of the second client, its session is given to the first.
        for _ in 0..3 {
            ones.insert(ask::<i32>(&mut one, PID).await?);
            run(&mut other, "BEGIN").await?;
            others.insert(ask::<i32>(&mut other, PID).await?);
            // The open transaction keeps its session. If there is no other, this waits.
            let again = if ones.is_disjoint(&others) { timeout(PATIENCE, ask::<i32>(&mut one, PID)).await.ok() } else { None };
            run(&mut other, "ROLLBACK").await?;
            let Some(again) = again.transpose()? else { return Ok(true) };
            ones.insert(again);
        }
        Ok(ones.len() > 1 || others.len() > 1)
    }

    /// Whether a lock held by one session excludes another. Always true on SQLite, which locks the file.
    pub async fn locks_work(&self) -> Result<bool, Error> {
        const TAKE: &str = "SELECT pg_try_advisory_lock(110460061483267)";
        const GIVE: &str = "SELECT pg_advisory_unlock_all()::text";
        let Some(pool) = self.server() else { return Ok(true) };
        let (mut one, mut other) = (pool.acquire().await.map_err(lost)?, pool.acquire().await.map_err(lost)?);
        // Another `doctor` may hold the lock just now; that proves that locks work.
        let mine: bool = ask(&mut one, TAKE).await?;
        let taken_twice: bool = mine && ask(&mut other, TAKE).await?;
        run(&mut one, GIVE).await?;
        run(&mut other, GIVE).await?;
        Ok(!taken_twice)
    }

    /// Whether a notification reaches another session. Always true on SQLite, which needs none.
    pub async fn notifications_work(&self) -> Result<bool, Error> {
        let Some(pool) = self.server() else { return Ok(true) };
        let channel = format!("deskgraph_doctor_{:016x}", rand::random::<u64>());
        let mut listener = PgListener::connect_with(pool).await.map_err(lost)?;
        listener.listen(&channel).await.map_err(lost)?;
        let notify = format!("SELECT pg_notify('{channel}', '')::text");
        sqlx::raw_sql(sqlx::AssertSqlSafe(notify)).execute(pool).await.map_err(lost)?;
        match timeout(PATIENCE, listener.recv()).await {
            Ok(received) => received.map(|_| true).map_err(|error| lost(error).into()),
            Err(_) => Ok(false),
        }
    }

    /// The server's clock in milliseconds since the epoch; `None` on SQLite, which uses the clock of this machine.
    pub async fn server_clock(&self) -> Result<Option<i64>, Error> {
        let Some(pool) = self.server() else { return Ok(None) };
        let mut session = pool.acquire().await.map_err(lost)?;
        Ok(Some(ask(&mut session, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint").await?))
    }

    fn server(&self) -> Option<&PgPool> {
        (self.dialect() == Dialect::Postgres).then(|| self.db.get_postgres_connection_pool())
    }
}

async fn run(session: &mut PgConnection, sql: &'static str) -> Result<(), Error> {
    sqlx::raw_sql(sql).execute(session).await.map_err(lost)?;
    Ok(())
}

async fn ask<T>(session: &mut PgConnection, sql: &'static str) -> Result<T, Error>
where
    T: for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin,
{
    let row = sqlx::raw_sql(sql).fetch_one(session).await.map_err(lost)?;
    Ok(row.try_get(0).map_err(lost)?)
}

fn lost(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

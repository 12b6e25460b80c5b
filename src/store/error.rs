//! What can go wrong with the store. Absence is never an error here: it is an `Option`.

use std::time::Duration;

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, Error as Sqlx},
};

use super::readers;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused, failed or is not there.
    #[error("database: {0}")]
    Database(DbErr),
    /// A statement took longer than one may that reads for a client, and was ended.
    #[error("a statement was ended after {} ms, which is as long as one may take", .0.as_millis())]
    TooSlow(Duration),
    /// A stored row does not read as what was written: damage, or another program's writing.
    #[error("{table} `{id}` is damaged: {reason}. `deskgraph rebuild` makes projections anew from the log")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An event of another log came with its number, and can't have it here.
    #[error("event {seq} does not fit into this log ({reason}): restore a log into an empty database, or into a copy of itself")]
    Misplaced {
        /// The number.
        seq: i64,
        /// Why it can't.
        reason: String,
    },
    /// The database was brought further by a newer deskgraph.
    #[error("the database holds the migration `{0}`, which this deskgraph does not know: run the newer deskgraph")]
    NewerDatabase(String),
    /// The address of the database is not one that is understood.
    #[error(
        "the address of the database is not understood: {0}. Expected sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    Address(String),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        readers::exceeded(&error).map_or(Self::Database(error), Self::TooSlow)
    }
}

impl Error {
    /// Whether the database is out of reach, so that trying the same again later may help and trying each part now won't.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Database(error) if is_out_of_reach(error))
    }

    pub(super) fn damaged(table: &'static str, id: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Damaged { table, id: id.into(), reason: reason.to_string() }
    }
}

/// The five characters by which PostgreSQL tells one error from another, or SQLite's number.
pub(super) fn sql_state(error: &DbErr) -> Option<String> {
    let Sqlx::Database(error) = driver(error)? else { return None };
    Some(error.code()?.into_owned())
}

/// Whether a database does not answer, has no room, or takes nothing just now: its state is at fault, and not the statement.
pub(super) fn is_out_of_reach(error: &DbErr) -> bool {
    let Some(driver) = driver(error) else { return matches!(error, DbErr::ConnectionAcquire(_)) };
    match driver {
        Sqlx::Io(_) | Sqlx::Tls(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::WorkerCrashed | Sqlx::BeginFailed => true,
        Sqlx::Database(error) => error.code().is_some_and(|code| {
            if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                // Connection exceptions, insufficient resources (a full disk among them), a shutdown, a standby, a lock timeout.
                ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) || matches!(&*code, "25006" | "55P03" | "58030")
            } else {
                // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN, whatever the extension.
                code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13 | 14))
            }
        }),
        _ => false,
    }
}

fn driver(error: &DbErr) -> Option<&Sqlx> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

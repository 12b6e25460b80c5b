//! What can go wrong with the store. Absence is never an error here: it is an `Option`.

use std::time::Duration;

use sea_orm::DbErr;

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
    /// The database was brought further by a newer deskgraph.
    #[error("the database holds the migration `{0}`, which this deskgraph does not know: run the newer deskgraph")]
    NewerDatabase(String),
    /// The address of the database is not one that is understood.
    #[error("`{0}` is not a database address: expected sqlite://FILE?mode=rwc or postgres://…")]
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
        matches!(self, Self::Database(DbErr::ConnectionAcquire(_) | DbErr::Conn(_)))
    }

    pub(super) fn damaged(table: &'static str, id: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Damaged { table, id: id.into(), reason: reason.to_string() }
    }
}

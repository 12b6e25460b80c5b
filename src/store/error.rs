//! The errors of the store, and which of them may be retried.
//!
//! Absence is never an error: it is an `Option`. A caller may retry while [`Error::is_unavailable`], and a bounded number of
//! times on [`Error::Timeout`]. Every other error is permanent.

use std::{path::PathBuf, time::Duration};

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, Error as Sqlx},
};

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed or is unreachable.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// SQLite failed on a reading connection.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A statement that reads for a client exceeded the time limit, and was cancelled.
    #[error("statement timed out after {} ms", .0.as_millis())]
    Timeout(Duration),
    /// A task that ran a statement panicked or was cancelled.
    #[error("a statement was abandoned: {0}")]
    Abandoned(String),
    /// The database became unreachable while several statements read one snapshot.
    #[error("the database became unreachable")]
    Lost,
    /// A stored row has invalid content: it is damaged, or another program wrote it.
    #[error("{table} `{id}` is damaged: {reason}. {}", remedy(table))]
    Damaged {
        /// The table's name.
        table: &'static str,
        /// The row's key.
        id: String,
        /// What is wrong with the row.
        reason: String,
    },
    /// An event of an exported log can't get its original sequence number in this log.
    #[error("event {seq} does not fit into this log ({reason}): restore a log into an empty database, or into a copy of itself")]
    Misplaced {
        /// Its sequence number.
        seq: i64,
        /// Why not.
        reason: String,
    },
    /// A newer deskgraph migrated the database.
    #[error("the database has the migration `{0}`, which this deskgraph does not know: run the newer deskgraph")]
    NewerDatabase(String),
    /// Another version of deskgraph built the projections, and the log is too long to rebuild them at startup.
    #[error(
        "the projections have version {found} and this deskgraph needs version {expected}. The log has {events} events, too many \
         to rebuild them at the start: stop all gateways, run `deskgraph rebuild`, then start again"
    )]
    OutdatedProjections {
        /// The version in the store, 0 if it has none.
        found: u32,
        /// The version of this program.
        expected: u32,
        /// The number of events in the log.
        events: u64,
    },
    /// Another version of deskgraph has rebuilt the projections since this one opened the store.
    #[error(
        "the projections have version {found} now and this deskgraph writes version {expected}: restart it, or run the other version"
    )]
    OtherVersion {
        /// The version in the store, 0 if it has none.
        found: u32,
        /// The version of this program.
        expected: u32,
    },
    /// There is no database of deskgraph at the address.
    #[error(
        "there is no deskgraph database there: {0}. Name another one with --database-url or in the settings; `deskgraph serve` \
         makes a new one"
    )]
    NoDatabase(String),
    /// The database's file can't be opened, or not be created.
    #[error(
        "{} can't be opened or created: its folder must exist and be writable for the user of this process. An address without \
         ?mode=rwc creates no file", .0.display()
    )]
    NoFile(PathBuf),
    /// The server speaks PostgreSQL's protocol but lacks a feature that safe operation requires.
    #[error(
        "{0} can't be used: its advisory locks do nothing, so two gateways would overwrite each other. Use PostgreSQL 15 or newer"
    )]
    NoLocks(String),
    /// A copy of the database is damaged.
    #[error("the copy is damaged: {0}. Check the disk, and the database with `PRAGMA integrity_check`")]
    DamagedCopy(String),
    /// The address of the database is invalid.
    #[error("invalid database address: {0}. Expected sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST/DATABASE")]
    Address(String),
}

impl Error {
    /// Whether the database is unreachable or refuses writes for now, so that the same call may succeed later.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(error) => is_out_of_reach(error),
            Self::Lost => true,
            Self::Sqlite(error) => {
                use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, SystemIoFailure};
                let code = error.sqlite_error_code();
                matches!(code, Some(DatabaseBusy | DatabaseLocked | SystemIoFailure | DiskFull | CannotOpen))
            }
            _ => false,
        }
    }

    /// Whether a statement exceeded its time limit. The same statement may succeed under less load.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(_))
    }

    /// Whether the database's disk is full.
    pub fn is_full_disk(&self) -> bool {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            // SQLITE_FULL, and disk_full of PostgreSQL.
            Self::Database(error) => sql_state(error).is_some_and(|code| matches!(code.as_str(), "13" | "53100")),
            _ => false,
        }
    }

    pub(super) fn damaged(table: &'static str, id: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Damaged { table, id: id.into(), reason: reason.to_string() }
    }
}

/// How to repair a damaged row.
fn remedy(table: &str) -> &'static str {
    match table {
        "event" | "event_subject" | "change" | "meta" => "Restore the database from a backup",
        _ => "`deskgraph rebuild` restores projections from the log",
    }
}

/// PostgreSQL's SQLSTATE or SQLite's error code.
pub(super) fn sql_state(error: &DbErr) -> Option<String> {
    let Sqlx::Database(error) = driver(error)? else { return None };
    Some(error.code()?.into_owned())
}

/// Whether SQLite could neither open nor create the file.
pub(super) fn is_no_file(error: &DbErr) -> bool {
    // SQLITE_CANTOPEN, with any extended code. PostgreSQL's codes have five characters.
    sql_state(error).is_some_and(|code| code.len() < 5 && code.parse::<u32>().is_ok_and(|code| code & 0xff == 14))
}

/// How sqlx reports that PostgreSQL closed a new connection before it answered, as it does in a crash: sqlx reads one byte and does not
/// detect that there is none.
const CLOSED_AT_START: &str = "unexpected response from SSLRequest: 0x00";

/// Whether the state of the database is the cause rather than the statement: unreachable, full, busy or read-only.
fn is_out_of_reach(error: &DbErr) -> bool {
    let Some(driver) = driver(error) else { return matches!(error, DbErr::ConnectionAcquire(_)) };
    match driver {
        Sqlx::Protocol(error) => error.contains(CLOSED_AT_START),
        Sqlx::Io(_) | Sqlx::Tls(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::WorkerCrashed | Sqlx::BeginFailed => true,
        Sqlx::Database(error) => error.code().is_some_and(|code| {
            if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                // Connection exceptions, insufficient resources (such as a full disk), shutdown, standby, lock timeout, I/O error.
                ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) || matches!(&*code, "25006" | "55P03" | "58030")
            } else {
                // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN, with any extended code.
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

#[cfg(test)]
mod tests {
    use sea_orm::Database;
    use tokio::{io::AsyncReadExt, net::TcpListener};

    use super::Error;

    #[tokio::test]
    async fn a_server_that_closes_a_new_connection_is_unavailable() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = server.accept().await {
                // The whole request is read, so that the end of the connection is no reset.
                let _ = connection.read_exact(&mut [0; 8]).await;
            }
        });
        let error = Database::connect(format!("postgres://u@{address}/d")).await.map_err(Error::from).err().unwrap();
        assert!(error.to_string().contains("SSLRequest") && error.is_unavailable(), "{error}");
    }

    #[test]
    fn a_full_disk_is_told_from_other_errors() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch("PRAGMA max_page_count = 2; CREATE TABLE t (x)").unwrap();
        let full = Error::from(db.execute("INSERT INTO t VALUES (zeroblob(100000))", []).unwrap_err());
        assert!(full.is_full_disk() && full.is_unavailable(), "{full}");
        let other = Error::from(db.execute("INSERT INTO none VALUES (1)", []).unwrap_err());
        assert!(!other.is_full_disk() && !other.is_unavailable(), "{other}");
    }
}

//! Copies a SQLite database while gateways use it.
//!
//! `VACUUM INTO` reads one consistent snapshot and does not block writers. Row numbers are kept, which search indexes rely on:
//! every searched table declares its row number as a column.
//!
//! The copy has no store id. It draws a new one when it is first opened, as a restored database must (`store::identity`).

use std::path::Path;

use rusqlite::OpenFlags;
use tokio::task::spawn_blocking;

use super::{Error, Options, connect, identity, sqlite};

/// The result of a copy that was made and checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The number of events in its log.
    pub events: u64,
}

/// Copies the SQLite database that `options` names to a new or empty file and checks the copy. The caller syncs the file.
pub async fn copy_sqlite(options: &Options, into: &Path) -> Result<Copied, Error> {
    let (file, into, busy) = (connect::sqlite_file(&options.url)?, into.to_owned(), options.busy_timeout);
    let copied = spawn_blocking(move || {
        let original = sqlite::open(&file, OpenFlags::SQLITE_OPEN_READ_ONLY, busy)?;
        original.execute("VACUUM INTO ?1", [into.to_string_lossy()])?;
        let copy = sqlite::open(&into, OpenFlags::SQLITE_OPEN_READ_WRITE, busy)?;
        copy.execute("DELETE FROM meta WHERE key = ?1", [identity::KEY])?;
        let faults: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if faults != "ok" {
            return Err(Error::DamagedCopy(faults));
        }
        let events: i64 = copy.query_row("SELECT count(*) FROM event", [], |row| row.get(0))?;
        copy.close().map_err(|(_, error)| error)?;
        Ok(Copied { events: events.unsigned_abs() })
    });
    copied.await.unwrap_or_else(|error| Err(Error::Abandoned(error.to_string())))
}

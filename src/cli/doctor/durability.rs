//! Checks that acknowledged deliveries survive a crash.

use super::{Finding, unanswered};
use crate::store::{Durability, Inspection};

const CHECK: &str = "durability";

/// PRAGMA synchronous: every commit is synced.
const FULL: i64 = 2;

/// Checks that the database accepts writes and syncs them.
pub(super) async fn check(store: &Inspection) -> Finding {
    match store.durability().await {
        Ok(Durability::Sqlite { journal_mode, synchronous: None }) => Finding::warning(
            CHECK,
            format!("the file is in journal mode `{journal_mode}`, as a restored or copied one"),
            "start a gateway, which sets it to WAL; if it does not change, the file system does not support WAL: use a local disk",
        ),
        Ok(Durability::Sqlite { synchronous: Some(FULL..), .. }) => Finding::good(CHECK, "WAL, every commit is synced"),
        Ok(Durability::Sqlite { synchronous: Some(_), .. }) => Finding::problem(
            CHECK,
            "commits are not synced: acknowledged deliveries are lost if the machine crashes",
            "use a SQLite that honours PRAGMA synchronous; the one that deskgraph brings does",
        ),
        Ok(Durability::Postgres { takes_writes: false, .. }) => Finding::problem(
            CHECK,
            "the server accepts no writes: it is a standby, or its default_transaction_read_only is on",
            "set database.url to the primary",
        ),
        Ok(Durability::Postgres { settings_arrive: false, .. }) => Finding::problem(
            CHECK,
            "the connection options of deskgraph do not reach the server: time limits and synced commits are not in effect",
            "connect to PostgreSQL itself, without a pooler that ignores the startup parameter `options`",
        ),
        Ok(Durability::Postgres { fsync: false, .. }) => Finding::problem(
            CHECK,
            "fsync is off: a crash of the server may lose acknowledged deliveries, and damage the whole database",
            "set fsync = on in postgresql.conf, and reload",
        ),
        Ok(Durability::Postgres { full_page_writes: false, .. }) => Finding::problem(
            CHECK,
            "full_page_writes is off: a crash of the server may damage pages",
            "set full_page_writes = on in postgresql.conf, and reload, unless the file system writes pages whole (ZFS)",
        ),
        Ok(Durability::Postgres { synchronous_commit, .. }) if synchronous_commit == "off" => Finding::problem(
            CHECK,
            "synchronous_commit is off on the connection that writes",
            "remove the setting that overrides it: deskgraph requests `on`",
        ),
        Ok(Durability::Postgres { synchronous_commit, .. }) => {
            Finding::good(CHECK, format!("fsync, full_page_writes, synchronous_commit = {synchronous_commit}"))
        }
        Err(error) if error.is_unavailable() => Finding::problem(
            CHECK,
            format!("nothing can be written: {error}"),
            "check whether the disk is full or read-only, and whether another process holds the lock (a running `deskgraph rebuild` does)",
        ),
        Err(error) => unanswered(CHECK, &error),
    }
}

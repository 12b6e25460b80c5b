//! Checks that a database server supports several gateways: sessions, locks and notifications. SQLite needs none of these.

use super::{Finding, unanswered};
use crate::store::Inspection;

const FILE: &str = "a SQLite file needs none";

/// Checks the kind of server.
pub(super) async fn kind(store: &Inspection) -> Finding {
    const CHECK: &str = "server";
    match store.server_version().await {
        Err(error) => unanswered(CHECK, &error),
        Ok(None) => Finding::skipped(CHECK, FILE),
        Ok(Some(version)) if version.contains("CockroachDB") => Finding::problem(
            CHECK,
            "CockroachDB's advisory locks have no effect: two gateways would overwrite each other",
            "use PostgreSQL 15 or newer; the log can be moved with `deskgraph export` and `ingest`",
        ),
        Ok(Some(version)) => Finding::good(CHECK, version.split(" on ").next().unwrap_or_default()),
    }
}

/// Checks that each connection has a server session of its own.
pub(super) async fn sessions(store: &Inspection) -> Finding {
    const CHECK: &str = "sessions";
    const REMEDY: &str = "connect to PostgreSQL itself (database.url), or set the pooler to session mode: locks, LISTEN and prepared \
                          statements need a session";
    match (store.server_version().await, store.is_pooled_by_transaction().await) {
        (Ok(None), _) => Finding::skipped(CHECK, FILE),
        (_, Ok(false)) => Finding::good(CHECK, "each connection has its own session"),
        (_, Ok(true)) => Finding::problem(CHECK, "there is a transaction pooler in front of the database", REMEDY),
        (_, Err(error)) => Finding::problem(CHECK, format!("sessions can't be told apart: {error}"), REMEDY),
    }
}

/// Checks that advisory locks exclude other sessions.
pub(super) async fn locks(store: &Inspection) -> Finding {
    const CHECK: &str = "locks";
    match (store.server_version().await, store.locks_work().await) {
        (Ok(None), _) => Finding::skipped(CHECK, FILE),
        (_, Ok(true)) => Finding::good(CHECK, "advisory locks exclude other sessions"),
        (_, Ok(false)) => Finding::problem(
            CHECK,
            "two sessions got the same advisory lock: two gateways would overwrite each other",
            "run at most one gateway, or move to PostgreSQL 15 or newer",
        ),
        (_, Err(error)) => unanswered(CHECK, &error),
    }
}

/// Checks that gateways are notified of each other's commits.
pub(super) async fn notifications(store: &Inspection) -> Finding {
    const CHECK: &str = "notifications";
    match (store.server_version().await, store.notifications_work().await) {
        (Ok(None), _) => Finding::skipped(CHECK, FILE),
        (_, Ok(true)) => Finding::good(CHECK, "NOTIFY reaches LISTEN"),
        (_, Ok(false)) => Finding::warning(
            CHECK,
            "NOTIFY does not reach LISTEN: what one gateway stores reaches subscribers of others up to a second late",
            "connect to PostgreSQL itself, without a proxy that drops notifications",
        ),
        (_, Err(error)) => unanswered(CHECK, &error),
    }
}

//! Checks that the database is reachable and has the schema of this program.

use super::{Finding, unanswered};
use crate::{
    config::Config,
    store::{Error, Inspection, Schema},
};

/// Checks that the database responds.
pub(super) fn reachable(config: &Config, opened: &Result<Inspection, Error>) -> Finding {
    const CHECK: &str = "database";
    let shown = config.shown_database();
    let Err(error) = opened else { return Finding::good(CHECK, format!("{shown} answers")) };
    let text = error.to_string();
    if text.contains("unsupported startup parameter") {
        return Finding::problem(
            "sessions",
            format!("a pooler in front of the database refuses connections of deskgraph: {text}"),
            "connect to PostgreSQL itself (database.url): deskgraph has its own pool, and needs sessions",
        );
    }
    let remedy = match error {
        Error::NoDatabase(_) | Error::Address(_) => {
            "correct database.url (--database-url), or run `deskgraph serve` for a new one"
        }
        error if error.is_unavailable() => {
            "check that the server runs, that database.url is right, and that no firewall blocks this machine"
        }
        _ => "follow the message; database.url, --database-url and DATABASE_URL set the database",
    };
    Finding::problem(CHECK, format!("{shown} can't be opened: {text}"), remedy)
}

/// Checks that its migrations are those of this program.
pub(super) async fn schema(store: &Inspection) -> Finding {
    const CHECK: &str = "schema";
    match store.schema().await {
        Err(error) => unanswered(CHECK, &error),
        Ok(Schema { unknown, .. }) if !unknown.is_empty() => Finding::problem(
            CHECK,
            format!("a newer deskgraph has migrated the database: {}", unknown.join(", ")),
            "run that version or a newer one; this one refuses to start",
        ),
        Ok(Schema { pending, .. }) if !pending.is_empty() => Finding::problem(
            CHECK,
            format!("migrations are missing: {}", pending.join(", ")),
            "run `deskgraph migrate`, or start a gateway of this version, which applies them",
        ),
        Ok(Schema { applied, .. }) => Finding::good(CHECK, format!("all {applied} migrations are applied")),
    }
}

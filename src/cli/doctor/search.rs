//! Checks the search indexes.

use super::{Finding, unanswered};
use crate::store::Inspection;

const CHECK: &str = "search";

/// The largest number of waiting texts that is counted.
const BOUND: u32 = 100_000;

/// The number of waiting texts that a running gateway never reaches.
const MANY: u32 = 20_000;

/// Checks that the indexes exist and are up to date.
pub(super) async fn check(store: &Inspection) -> Finding {
    match (store.broken_indexes().await, store.unindexed(BOUND).await) {
        (Err(error), _) | (_, Err(error)) => unanswered(CHECK, &error),
        (Ok(broken), _) if !broken.is_empty() => Finding::problem(
            CHECK,
            format!("indexes are missing or invalid: {}", broken.join(", ")),
            "on PostgreSQL: REINDEX INDEX CONCURRENTLY; if they are missing, restore the database from a backup",
        ),
        (Ok(_), Ok(waiting)) if waiting >= MANY => Finding::warning(
            CHECK,
            format!(
                "{waiting}{} texts wait to be indexed: searches read them one by one",
                if waiting == BOUND { " or more" } else { "" }
            ),
            "start a gateway, which indexes between deliveries; if one runs, see its log",
        ),
        (Ok(_), Ok(0)) => Finding::good(CHECK, "everything is indexed"),
        (Ok(_), Ok(waiting)) => {
            Finding::good(CHECK, format!("{waiting} texts wait to be indexed, and are found in the meantime"))
        }
    }
}

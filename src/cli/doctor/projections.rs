//! Checks that the projections, which clients read, match the log.

use super::{Finding, unanswered};
use crate::store::{Error, Inspection};

/// Checks the version of the code that folded the projections.
pub(super) async fn version(store: &Inspection) -> Finding {
    const CHECK: &str = "projections";
    match store.projection_versions().await {
        Err(error) => unanswered(CHECK, &error),
        Ok((found, expected)) if found == expected => Finding::good(CHECK, format!("of version {found}")),
        Ok((found, expected)) if found > expected => Finding::problem(
            CHECK,
            format!("of version {found}, but this deskgraph uses version {expected}"),
            "run the newer deskgraph; this one refuses to write",
        ),
        Ok((found, expected)) => Finding::problem(
            CHECK,
            format!("of version {found}, but this deskgraph needs version {expected}"),
            "stop all gateways, run `deskgraph rebuild`, and start them again",
        ),
    }
}

/// Checks a sample of rows against the log.
pub(super) async fn sample(store: &Inspection) -> Finding {
    const CHECK: &str = "sample";
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => return Finding::skipped(CHECK, format!("there is no room for temporary files: {error}")),
    };
    match store.sample(folder.path()).await {
        Ok(sampled) if sampled.differences.is_empty() => {
            Finding::good(CHECK, format!("{} rows match the {} events about them", sampled.rows, sampled.events))
        }
        Ok(sampled) => {
            let tables: std::collections::BTreeSet<_> = sampled.differences.iter().map(|difference| difference.table).collect();
            let tables = tables.into_iter().collect::<Vec<_>>().join(", ");
            Finding::problem(
                CHECK,
                format!("{} of {} rows differ from the log ({tables})", sampled.differences.len(), sampled.rows),
                "run `deskgraph rebuild`; `deskgraph verify` shows the differences. Find out what changed them: only gateways may write there",
            )
        }
        Err(error @ Error::Damaged { .. }) => {
            Finding::problem(CHECK, error.to_string(), "restore the database from a backup (docs/operations.md)")
        }
        Err(error) if error.is_unavailable() => Finding::skipped(
            CHECK,
            format!(
                "the comparison needs the database and room for temporary files in {}: {error}",
                std::env::temp_dir().display()
            ),
        ),
        Err(error) => unanswered(CHECK, &error),
    }
}

//! `deskgraph doctor`: checks everything that a gateway relies on, and reports what is wrong with a remedy. It changes nothing,
//! and can run beside gateways.
//!
//! Each check is a function that returns one [`Finding`], in a file for its topic. A database check that can't be made because
//! an earlier one failed is reported as skipped.

mod certificates;
mod clock;
mod database;
mod disk;
mod durability;
mod endpoints;
mod finding;
mod keys;
mod projections;
mod search;
mod server;
mod settings;
mod tokens;

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use self::finding::{Finding, Report};
use crate::{
    clock::Clock,
    config::{self, Config},
    store::{Inspection, Options, Outdated},
};

/// How long to wait for a response of the database, or for another writer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Check settings, database, disk, keys and the running gateway, and report problems with their remedies
///
/// Exits with 1 if there is a problem. Warnings alone exit with 0.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// The report if the settings are invalid, since nothing else can be checked then.
    pub(super) fn without_settings(&self, error: &config::Error) -> u8 {
        Report::new(vec![settings::refused(error)]).print(self.json)
    }

    pub(super) async fn run(&self, config: &Config) -> Result<u8> {
        let clock = Clock::system();
        let options = Options { outdated: Outdated::Keep, acquire_timeout: PATIENCE, busy_timeout: PATIENCE, ..config.store()? };
        let mut findings = vec![settings::check(config)];
        findings.extend(of_database(config, &options, &clock).await);
        findings.push(disk::check(&options));
        findings.extend(certificates::check(config, &options, clock.now()));
        findings.push(tokens::check(config).await);
        findings.push(endpoints::check(config).await);
        Ok(Report::new(findings).print(self.json))
    }
}

/// The checks of the database.
async fn of_database(config: &Config, options: &Options, clock: &Clock) -> Vec<Finding> {
    let opened = Inspection::open(options).await;
    let mut findings = vec![database::reachable(config, &opened)];
    let Ok(store) = opened else { return findings };
    findings.push(server::kind(&store).await);
    let pooled = server::sessions(&store).await;
    let is_pooled = pooled.is_problem();
    findings.push(pooled);
    if is_pooled {
        findings.push(Finding::skipped("the rest", "the remaining checks of the database need sessions"));
        // Connections through a pooler may not close cleanly.
        let _ = store.close().await;
        return findings;
    }
    findings.push(server::locks(&store).await);
    findings.push(server::notifications(&store).await);
    findings.push(durability::check(&store).await);
    findings.push(clock::check(&store, clock).await);
    let (schema, versions) = (database::schema(&store).await, projections::version(&store).await);
    let is_comparable = !schema.is_problem() && !versions.is_problem();
    findings.extend([schema, versions]);
    if is_comparable {
        findings.push(projections::sample(&store).await);
        findings.push(search::check(&store).await);
        findings.push(keys::check(config, &store, clock.now()).await);
    } else {
        findings.push(Finding::skipped("sample", "log and projections can't be compared until that is fixed"));
    }
    if let Err(error) = store.close().await {
        tracing::debug!(%error, "the database was not closed cleanly");
    }
    findings
}

/// The result of a check if the database did not respond.
fn unanswered(check: &'static str, error: &dyn std::fmt::Display) -> Finding {
    Finding::problem(check, format!("the database does not respond: {error}"), "see the log of the database, and run this again")
}

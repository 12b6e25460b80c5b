//! What was measured, as a Markdown table.

use std::time::Duration;

use crate::cases::Case;

/// The rounds of one server at a case.
#[derive(Default)]
pub(crate) struct Series {
    /// What each request took, in microseconds.
    pub(crate) took: Vec<u32>,
    /// How long the rounds were.
    pub(crate) time: Duration,
    /// What the server took of the processors.
    pub(crate) server: Duration,
    /// What its database did, where that is seen.
    pub(crate) database: Option<Duration>,
}

impl Series {
    fn per_second(&self) -> f64 {
        self.took.len() as f64 / self.time.as_secs_f64()
    }

    /// The request that so many hundredths of the others were not slower than, in milliseconds.
    fn percentile(&self, hundredths: usize) -> f64 {
        let mut took = self.took.clone();
        took.sort_unstable();
        f64::from(took[(took.len() * hundredths).div_ceil(100).max(1) - 1]) / 1000.0
    }

    fn cpu(&self) -> String {
        let each = |time: Duration| format!("{:.3}", time.as_secs_f64() * 1000.0 / self.took.len() as f64);
        self.database.map_or_else(|| each(self.server), |database| format!("{} + {}", each(self.server), each(database)))
    }
}

/// Prints its head.
pub(crate) fn head(store: &str) {
    let cpu = if store == "SQLite" { "CPU ms" } else { "CPU ms, server + database" };
    println!(
        "\n| {store} | gateway/s | limit/s | ratio | gateway p50 / p99 ms | limit p50 / p99 ms | gateway {cpu} | limit {cpu} |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
}

/// Prints the row of a case.
pub(crate) fn row(case: Case, gateway: &Series, limit: &Series) {
    let (of_gateway, of_limit) = (gateway.per_second(), limit.per_second());
    let times = |series: &Series| format!("{:.1} / {:.1}", series.percentile(50), series.percentile(99));
    println!(
        "| {case} | {of_gateway:.0} | {of_limit:.0} | {:.2} | {} | {} | {} | {} |",
        of_gateway / of_limit,
        times(gateway),
        times(limit),
        gateway.cpu(),
        limit.cpu(),
    );
}

//! The results as a Markdown table.

use std::time::Duration;

use crate::cases::Case;

/// The rounds of one server and case.
#[derive(Default)]
pub(crate) struct Series {
    /// The duration of each request, in microseconds.
    pub(crate) took: Vec<u32>,
    /// The total duration of the rounds.
    pub(crate) time: Duration,
    /// The CPU time of the server.
    pub(crate) server: Duration,
    /// The CPU time of its database, if known.
    pub(crate) database: Option<Duration>,
}

impl Series {
    fn per_second(&self) -> f64 {
        self.took.len() as f64 / self.time.as_secs_f64()
    }

    /// A percentile of the request durations, in milliseconds.
    fn percentile(&self, hundredths: usize) -> f64 {
        let mut took = self.took.clone();
        took.sort_unstable();
        f64::from(took[(took.len() * hundredths).div_ceil(100).max(1) - 1]) / 1000.0
    }

    /// The CPU time per request, in milliseconds: of the server, and of its database if known.
    fn cpu(&self) -> (f64, Option<f64>) {
        let each = |time: Duration| time.as_secs_f64() * 1000.0 / self.took.len() as f64;
        (each(self.server), self.database.map(each))
    }
}

/// Prints its head.
pub(crate) fn head(store: &str) {
    let cpu = if store == "SQLite" { "CPU ms" } else { "CPU ms, server + database" };
    println!(
        "\n| {store} | gateway/s | limit/s | ratio | ratio of CPU | gateway p50 / p99 ms | limit p50 / p99 ms | gateway {cpu} | limit {cpu} |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
}

/// Prints the row of a case. The higher a ratio, the closer the gateway is to the limit.
pub(crate) fn row(case: Case, gateway: &Series, limit: &Series) {
    let times = |series: &Series| format!("{:.1} / {:.1}", series.percentile(50), series.percentile(99));
    let cpu = |series: &Series| match series.cpu() {
        (server, Some(database)) => format!("{server:.3} + {database:.3}"),
        (server, None) => format!("{server:.3}"),
    };
    let all = |(server, database): (f64, Option<f64>)| server + database.unwrap_or_default();
    println!(
        "| {case} | {:.0} | {:.0} | {:.2} | {:.2} | {} | {} | {} | {} |",
        gateway.per_second(),
        limit.per_second(),
        gateway.per_second() / limit.per_second(),
        all(limit.cpu()) / all(gateway.cpu()),
        times(gateway),
        times(limit),
        cpu(gateway),
        cpu(limit),
    );
}

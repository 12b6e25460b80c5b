//! The results as a Markdown table.

use std::{sync::Arc, time::Duration};

use crate::{cases::Case, load::Requests, memory};

/// A server with its requests of one case.
pub(crate) struct Contender {
    pub(crate) name: String,
    /// Its process, which may have children.
    pub(crate) process: u32,
    pub(crate) requests: Arc<Requests>,
    pub(crate) series: Series,
}

impl Contender {
    pub(crate) fn new(name: String, process: u32, requests: Arc<Requests>) -> Self {
        Self { name, process, requests, series: Series::default() }
    }
}

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

    fn times(&self) -> String {
        format!("{:.1} / {:.1}", self.percentile(50), self.percentile(99))
    }

    fn parts_of_cpu(&self) -> String {
        match self.cpu() {
            (server, Some(database)) => format!("{server:.3} + {database:.3}"),
            (server, None) => format!("{server:.3}"),
        }
    }

    fn whole_cpu(&self) -> f64 {
        let (server, database) = self.cpu();
        server + database.unwrap_or_default()
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
    println!(
        "| {case} | {:.0} | {:.0} | {:.2} | {:.2} | {} | {} | {} | {} |",
        gateway.per_second(),
        limit.per_second(),
        gateway.per_second() / limit.per_second(),
        limit.whole_cpu() / gateway.whole_cpu(),
        gateway.times(),
        limit.times(),
        gateway.parts_of_cpu(),
        limit.parts_of_cpu(),
    );
}

/// Prints a table of all servers, and their memory after the measurement.
pub(crate) fn peers(store: &str, measured: &[(Case, Vec<Contender>)]) {
    println!(
        "\n| {store} | server | requests/s | ratio to the limit | ratio of CPU | p50 / p99 ms | CPU ms, server + database |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|");
    for (case, contenders) in measured {
        let limit = &contenders[1].series;
        for Contender { name, series, .. } in contenders {
            println!(
                "| {case} | {name} | {:.0} | {:.2} | {:.2} | {} | {} |",
                series.per_second(),
                series.per_second() / limit.per_second(),
                limit.whole_cpu() / series.whole_cpu(),
                series.times(),
                series.parts_of_cpu(),
            );
        }
    }
    let all = measured.last().into_iter().flat_map(|(_, contenders)| contenders);
    let memory = all.map(|one| format!("{} {:.0}", one.name, memory::of_family(one.process)));
    println!("\nMemory of the servers' processes after the measurement, in MB: {}", memory.collect::<Vec<_>>().join(", "));
}

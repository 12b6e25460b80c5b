//! The results as a Markdown table: a row for each server, with its ratios to the baseline's row above.

use std::time::Duration;

use crate::{
    measure::{Figures, LATE, Plan},
    server::Kind,
    traffic::Traffic,
};

pub(crate) struct Table {
    baseline: Option<Figures>,
}

impl Table {
    /// Prints its head.
    pub(crate) fn begin(traffic: &Traffic, plan: &Plan) -> Self {
        let (subscribers, setting) = (traffic.subscribers, traffic.setting.name());
        let reached = traffic.mean_deliveries();
        println!(
            "\n{subscribers} subscribers, {setting}; a message reaches {reached:.0}; paced at {:.1} messages/s\n",
            plan.rate
        );
        println!("| {:18} | KB idle | burst/s | of bare | CPU µs | paced p50 ms | p99 ms | × bare's | CPU µs |", "server");
        println!("|{:-<20}|--:|--:|--:|--:|--:|--:|--:|--:|", "");
        Self { baseline: None }
    }

    /// Prints a row, or the reason for a missing one.
    pub(crate) fn row(&mut self, kind: Kind, measured: anyhow::Result<Figures>) {
        let name = kind.name();
        let figures = match measured {
            Ok(figures) => figures,
            Err(error) => return println!("| {name:18} | failed: {error:#} |"),
        };
        let (burst, paced) = (&figures.burst, &figures.paced);
        let baseline = self.baseline.as_ref().filter(|_| kind != Kind::Bare);
        let of_bare = baseline.map(|bare| burst.deliveries_per_second / bare.burst.deliveries_per_second);
        let times_bare = baseline.and_then(|bare| Some(paced.p99?.as_secs_f64() / bare.paced.p99?.as_secs_f64()));
        let idle = figures.idle_kb;
        println!(
            "| {name:18} | {idle:.1} | {:.0} | {} | {:.1} | {} | {} | {} | {:.1} |",
            burst.deliveries_per_second,
            ratio(of_bare),
            burst.cpu_micros,
            millis(paced.p50),
            millis(paced.p99),
            ratio(times_bare),
            paced.cpu_micros,
        );
        if kind == Kind::Bare {
            self.baseline = Some(figures);
        }
    }
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"))
}

/// A time in milliseconds. Without one, the deliveries took longer than the time limit.
fn millis(time: Option<Duration>) -> String {
    match time {
        Some(time) => format!("{:.2}", time.as_secs_f64() * 1000.0),
        None => format!("> {}", LATE.as_millis()),
    }
}

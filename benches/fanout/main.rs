//! The cost of delivering to many WebSocket subscribers: `cargo bench --bench fanout`; `-- --help` has its options.
//!
//! ```text
//!   this process: N subscribers, the sender ──▶ another process: one of the servers
//! ```
//!
//! For each number of subscribers, one run measures three *settings* (`setting.rs`): all send one document; each follows its
//! own conversation; twenty documents and filters are mixed. Each setting has four servers, each in its own process:
//! - the baseline: bare axum, which sends a prepared frame of the gateway's size to the subscribers of a message;
//! - the same, which first commits the frame to a table of SQLite: what a message costs that must not be lost;
//! - the gateway, which has also stored each message durably by then;
//! - graphql-ws on Node.js, which holds all objects in memory.
//!
//! Measured are the memory per idle subscriber, a *burst* (messages posted as fast as they are accepted, with a bounded number
//! of deliveries in flight) and a *paced* rate (an open loop: the time from the scheduled instant to the receipt by each
//! subscriber). Subscribers and sender share the cores with the server, equally for every server.

#![allow(missing_docs, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement, run by hand")]

mod bare;
#[path = "../limit/cpu.rs"]
mod cpu;
mod files;
mod frame;
#[path = "../limit/listening.rs"]
mod listening;
mod measure;
mod node;
mod schedule;
mod server;
mod setting;
mod subscriber;
#[path = "../../tests/support/mod.rs"]
mod support;
mod table;
mod tally;
mod traffic;

use std::{process::ExitCode, sync::Arc, time::Duration};

use clap::{Parser, ValueEnum};

use self::{frame::Frame, measure::Plan, server::Kind, setting::Setting, traffic::Traffic};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the cost of delivering to many subscribers.
#[derive(Parser)]
struct Options {
    /// The numbers of subscribers, measured one after the other.
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = [1000, 5000, 10_000])]
    subscribers: Vec<usize>,
    /// Measures only these settings and servers. Ratios need `bare`.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<Only>,
    /// The largest number of subscriptions opened per second, since each makes the gateway read its store.
    #[arg(long, value_name = "SUBSCRIPTIONS", default_value_t = 2000.0)]
    opening: f64,
    /// How long messages are posted as fast as they are accepted.
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    burst: f64,
    /// How long messages are posted at a fixed rate.
    #[arg(long, value_name = "SECONDS", default_value_t = 15.0)]
    paced: f64,
    /// Messages per second at the fixed rate, in every setting. Default: 20, or 50 if each subscriber has its own conversation.
    #[arg(long, value_name = "MESSAGES")]
    rate: Option<f64>,
    /// The largest number of deliveries per second at the fixed rate: the rate is lowered if there would be more.
    #[arg(long, value_name = "DELIVERIES", default_value_t = 100_000.0)]
    most: f64,
    /// Passed by cargo to a benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    /// Run as the baseline, with room for this number of waiting frames per subscriber.
    #[arg(long, hide = true)]
    bare: Option<usize>,
    /// The file to which the baseline commits.
    #[arg(long, hide = true)]
    committing: Option<std::path::PathBuf>,
    /// The limit of open files was raised.
    #[arg(long, hide = true)]
    raised: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    /// All subscribers send one document.
    Common,
    /// Each follows its own conversation.
    Own,
    /// Twenty documents and filters.
    Mixed,
    /// Bare axum with a prepared frame.
    Bare,
    /// The same, which commits the frame first.
    Durable,
    /// The gateway.
    Gateway,
    /// graphql-ws on Node.js.
    Node,
}

impl Options {
    /// The selected ones; all if none was named.
    fn chosen<T: Copy>(&self, all: &[(Only, T)]) -> Vec<T> {
        let any = all.iter().any(|(name, _)| self.only.contains(name));
        all.iter().filter(|(name, _)| !any || self.only.contains(name)).map(|(_, one)| *one).collect()
    }

    fn plan(&self, traffic: &Traffic) -> Plan {
        let rate = self.rate.unwrap_or(traffic.setting.messages_per_second());
        Plan {
            opening: Duration::from_secs_f64(1.0 / self.opening),
            burst: Duration::from_secs_f64(self.burst),
            paced: Duration::from_secs_f64(self.paced),
            rate: rate.min(self.most / traffic.mean_deliveries()),
        }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(waiting) = options.bare {
        runtime.block_on(bare::serve(waiting, options.committing.as_deref()));
        return ExitCode::SUCCESS;
    }
    files::allow_open(options.subscribers.iter().max().unwrap() + 500, options.raised);
    runtime.block_on(run(&options))
}

async fn run(options: &Options) -> ExitCode {
    let settings = options.chosen(&[(Only::Common, Setting::Common), (Only::Own, Setting::Own), (Only::Mixed, Setting::Mixed)]);
    let servers =
        [(Only::Bare, Kind::Bare), (Only::Durable, Kind::Durable), (Only::Gateway, Kind::Gateway), (Only::Node, Kind::Node)];
    let servers = options.chosen(&servers);
    let cores = std::thread::available_parallelism().unwrap();
    let frame = match Frame::of_gateway().await {
        Ok(frame) => frame,
        Err(error) => {
            eprintln!("no frame of the gateway to take the baseline's from: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    println!("WebSocket; {cores} cores for server, subscribers and sender; frames of {} bytes", frame.len());
    let mut complete = true;
    for &subscribers in &options.subscribers {
        for &setting in &settings {
            let traffic = Arc::new(Traffic::new(setting, subscribers));
            let plan = options.plan(&traffic);
            let mut table = table::Table::begin(&traffic, &plan);
            for &kind in &servers {
                let measured = measure::measure(kind, &traffic, &plan, &frame).await;
                complete &= measured.is_ok();
                table.row(kind, measured);
            }
        }
    }
    if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

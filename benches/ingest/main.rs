//! How many webhooks per second are stored and acknowledged, compared with the minimum that a durable store has to do:
//!
//! ```text
//! cargo bench --bench ingest -- [--posters 64] [--seconds 5] [--rounds 2] [--postgres URL] [--no-sqlite]
//!
//!   this process: 64 posters ──▶ another process: the gateway                               ──▶ its database
//!                           ├──▶ another process: a bare group commit                       ──▶ its database
//!                           └──▶ another process: the gateway, one transaction per event    ──▶ its database
//! ```
//!
//! Each poster waits for the response before it posts the next message (`load`), and every message is new (`message`). All
//! three servers respond when the message is committed and synced to disk. The bare one (`bare`) does not parse the body: it
//! inserts the text into a table of two columns, many in one transaction (`commit`).
//!
//! - The three take turns, so that other activity on the machine affects them equally. Each is warmed up first.
//! - The load comes from this process, with one thread, on the same machine. The CPU time per event is that of the server's
//!   process alone, and of all processes of PostgreSQL if they run on this machine.
//! - The size on disk covers everything posted to a server, measured after it has stopped. A SQLite file is measured whole,
//!   after a checkpoint; for a PostgreSQL database it is the growth since the server started. A few thousand events are not
//!   representative.
//! - The bare server itself counts the mean batch size. For a gateway on PostgreSQL it is derived from the transactions that
//!   wrote the log; on SQLite it is not known.
//! - SQLite files are in the folder for temporary files (`TMPDIR`), which should be on a disk. Databases on the server are named
//!   `deskgraph_bench_…` and dropped afterwards.

#![allow(missing_docs, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement, run by hand")]

mod bare;
mod commit;
#[path = "../limit/cpu.rs"]
mod cpu;
mod fresh;
mod load;
mod measured;
mod message;
#[path = "../../tests/support/mod.rs"]
mod support;
mod table;

use std::time::Duration;

use clap::Parser;

use self::{
    fresh::Place,
    load::Load,
    measured::{Kind, Measured, Series},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long each server is warmed up.
const WARM_UP: Duration = Duration::from_millis(500);

/// Compares the gateway's ingest with a bare group commit.
#[derive(Parser)]
#[command(name = "ingest", max_term_width = 100)]
struct Options {
    /// Connections that post concurrently: at most the size of the gateway's queue
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4096))]
    posters: u32,
    /// Duration of a round
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Rounds for each server
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Also measure on this PostgreSQL server, in temporary databases
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Skip SQLite
    #[arg(long, requires = "postgres")]
    no_sqlite: bool,
    /// Passed by cargo to a benchmark
    #[arg(long, hide = true)]
    bench: bool,
    /// Run as the bare server over this database
    #[arg(long, value_name = "URL", hide = true)]
    bare: Option<String>,
}

fn main() {
    let options = Options::parse();
    let cores = std::thread::available_parallelism().unwrap().get();
    if let Some(url) = options.bare {
        let workers = cores.clamp(2, 4);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap();
        runtime.block_on(bare::serve(&url));
        return;
    }
    println!(
        "{cores} cores for servers, load and database; {} posters; {} rounds of {} s",
        options.posters, options.rounds, options.seconds
    );
    // The load has one thread.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if !options.no_sqlite {
        runtime.block_on(measure("SQLite", &Place::Files, &options));
    }
    if let Some(url) = &options.postgres {
        runtime.block_on(measure("PostgreSQL", &Place::Server(url.clone()), &options));
    }
}

/// Measures all servers on one kind of database, and prints the results.
async fn measure(store: &str, place: &Place, options: &Options) {
    let database_server = match place {
        Place::Files => None,
        Place::Server(url) => cpu::Server::at(url).await,
    };
    let mut servers = Vec::new();
    for kind in Kind::ALL {
        servers.push(Measured::start(kind, place, database_server).await);
    }
    for server in &mut servers {
        server.warm_up(Load { posters: options.posters, run: 0, time: WARM_UP }).await;
    }
    for run in 1..=options.rounds {
        for server in &mut servers {
            server.round(Load { posters: options.posters, run, time: Duration::from_secs_f64(options.seconds) }).await;
        }
    }
    let mut series = Vec::new();
    for server in servers {
        series.push(server.end().await);
    }
    print(store, &series);
}

fn print(store: &str, all: &[Series]) {
    let mut rows = vec![
        [store, "events/s", "p50 ms", "p99 ms", "CPU ms/event", "events/commit", "disk B/event", "disk B/payload B"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for series in all {
        let cpu = match series.cpu_ms() {
            (server, Some(database)) => format!("{server:.3} + {database:.3}"),
            (server, None) => format!("{server:.3}"),
        };
        rows.push(vec![
            series.kind.to_string(),
            format!("{:.0}", series.per_second()),
            format!("{:.1}", series.percentile_ms(50)),
            format!("{:.1}", series.percentile_ms(99)),
            cpu,
            series.batch.map_or_else(|| "–".to_owned(), |batch| format!("{batch:.1}")),
            format!("{:.0}", series.bytes_per_event),
            format!("{:.2}", series.bytes_per_payload_byte),
        ]);
    }
    table::print(&rows);
    if all.iter().any(|series| series.cpu_ms().1.is_some()) {
        println!("CPU: server + database");
    }
    let rate = |kind| all.iter().find(|series| series.kind == kind).unwrap().per_second();
    let bare = rate(Kind::Bare);
    println!("{} / {}: {:.2}", Kind::Gateway, Kind::Bare, rate(Kind::Gateway) / bare);
    println!("{} / {}: {:.2}", Kind::OnePerEvent, Kind::Bare, rate(Kind::OnePerEvent) / bare);
}

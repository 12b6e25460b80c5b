//! How far the gateway is from the limit of what it answers: requests over HTTP, to it and to a server written by hand.
//!
//! ```text
//! cargo bench --bench limit -- [--messages 1000000] [--seconds 3] [--only newest,nested] [--keep FOLDER] [--postgres URL]
//!
//!   this process: 32 connections ──▶ another process: the gateway  ──▶ one store
//!                                └─▶ another process: the limit    ──┘
//! ```
//!
//! The limit (`server`) is a bare axum handler for each case (`cases`), built as the gateway is: prepared statements written for the
//! schema as it is (`sqlite`, `postgres`), binary rows, JSON written straight into bytes (`json`, `nested`). It gets the same bodies,
//! and reads only the variables of them. Before a case is measured both must have answered the same data to some of its requests.
//!
//! - The store is filled by the fold that stores deliveries. With `--keep` and `--keep-databases` it stays and is used again, also
//!   by the bench `query`. On PostgreSQL it is vacuumed and analyzed first, as the server would do by itself in time.
//! - The two take turns, so that what else the machine does meets both. Each case is warmed up first: the figures are of servers
//!   that have been running.
//! - The load comes from this process, with one thread. Beside the ratio of requests a second stands that of the processors'
//!   time for each, of the server's process and of all processes of PostgreSQL where they run on this machine: it holds also
//!   where the load or something else takes a part of the processors.

#![allow(missing_docs, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement, run by hand")]

mod cases;
mod cpu;
mod facts;
#[path = "../query/fill.rs"]
mod fill;
mod json;
mod load;
mod nested;
#[path = "../query/place.rs"]
mod place;
mod postgres;
mod server;
mod sqlite;
#[path = "../../tests/support/mod.rs"]
mod support;
mod table;

use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use clap::Parser;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use self::{
    cases::Case,
    facts::Facts,
    load::Requests,
    place::Place,
    support::{database::Database, process::Process},
    table::Series,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Requests of a case whose answers are compared.
const COMPARED: usize = 32;

/// How long a case is warmed up.
const WARM_UP: Duration = Duration::from_millis(500);

/// Compares the gateway with servers written by hand.
#[derive(Clone, Parser)]
#[command(name = "limit", max_term_width = 100)]
struct Options {
    /// The size of the store, in messages
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1000..=10_000_000))]
    messages: u32,
    /// How long a round is
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Rounds of each server at each case
    #[arg(long, default_value_t = 2)]
    rounds: u32,
    /// Only these cases
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_values_t = Case::ALL.to_vec(), value_enum, hide_default_value = true)]
    only: Vec<Case>,
    /// Keep the filled SQLite file in this folder, and use the one that is there already
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Measure on this server, too, in a database of its own
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Keep that database, and use the one that is there already
    #[arg(long, requires = "postgres")]
    keep_databases: bool,
    /// Leave SQLite out
    #[arg(long, requires = "postgres")]
    no_sqlite: bool,
    /// What cargo says to a benchmark
    #[arg(long, hide = true)]
    bench: bool,
    /// To be the limit over this store
    #[arg(long, value_name = "URL", hide = true)]
    limit: Option<String>,
}

fn main() {
    let options = Options::parse();
    let cores = std::thread::available_parallelism().unwrap().get();
    if let Some(url) = options.limit {
        let workers = cores.clamp(2, 4);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap();
        runtime.block_on(server::serve(&url));
        return;
    }
    println!("{cores} cores for servers, load and database; {} connections; {} messages", load::CONNECTIONS, options.messages);
    let passing = tempfile::tempdir().unwrap();
    if !options.no_sqlite {
        let folder = options.keep.clone().unwrap_or_else(|| passing.path().to_owned());
        std::fs::create_dir_all(&folder).unwrap();
        measure("SQLite", &Place::Folder(folder), &options);
    }
    if let Some(url) = &options.postgres {
        measure("PostgreSQL", &Place::Server(url.clone()), &options);
    }
}

/// Measures all cases on a store.
fn measure(name: &str, place: &Place, options: &Options) {
    let messages = options.messages;
    let url = place.address(&messages.to_string());
    let filling = tokio::runtime::Runtime::new().unwrap();
    filling.block_on(async {
        let store = place.filled(messages, 1, async |store| fill::fill(store, messages).await).await;
        store.close().await.unwrap();
    });
    // The load has one thread.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure_all(name, &url, options));
    if matches!(place, Place::Server(_)) && !options.keep_databases {
        filling.block_on(place.forget(messages));
    }
}

async fn measure_all(name: &str, url: &str, options: &Options) {
    let mut database_server = None;
    if name == "PostgreSQL" {
        sea_orm::Database::connect(url).await.unwrap().execute_unprepared("VACUUM ANALYZE").await.unwrap();
        database_server = cpu::Server::at(url).await;
    }
    let gateway = Process::start(&Database::at(url), &["serve", "--database-url", url]).await;
    let limit = Limit::start(url).await;
    let facts = Facts::gather(url, &gateway.base).await;
    let (of_gateway, of_limit) = (gateway.id(), limit.child.id().unwrap());
    table::head(name);
    for case in options.only.iter().copied() {
        let bodies = case.bodies(&facts);
        let asked_gateway = Arc::new(Requests::new(&gateway.base, "/graphql", &bodies));
        let asked_limit = Arc::new(Requests::new(&limit.base, case.path(), &bodies));
        compare(case, &bodies, &asked_gateway, &asked_limit).await;
        let mut both = [(asked_gateway, of_gateway, Series::default()), (asked_limit, of_limit, Series::default())];
        for (requests, ..) in &both {
            Arc::clone(requests).load(WARM_UP).await;
        }
        for _ in 0..options.rounds {
            for (requests, process, series) in &mut both {
                let spent = || (cpu::of_process(*process), database_server.map(cpu::Server::so_far));
                let before = spent();
                let (took, time) = Arc::clone(requests).load(Duration::from_secs_f64(options.seconds)).await;
                let after = spent();
                series.took.extend(took);
                series.time += time;
                series.server += after.0.saturating_sub(before.0);
                if let (Some(before), Some(after)) = (before.1, after.1) {
                    *series.database.get_or_insert_default() += after.saturating_sub(before);
                }
            }
        }
        let [(.., gateway), (.., limit)] = both;
        table::row(case, &gateway, &limit);
    }
    gateway.terminate().await;
}

/// Sees to it that both answer the same.
async fn compare(case: Case, bodies: &[String], gateway: &Requests, limit: &Requests) {
    for (number, body) in bodies.iter().enumerate().take(COMPARED) {
        let data = |answer: Vec<u8>| serde_json::from_slice::<Value>(&answer).unwrap()["data"].take();
        let (expected, found) = (data(gateway.ask(number).await), data(limit.ask(number).await));
        assert!(expected.pointer(case.finds()).is_some_and(|found| !found.is_null()), "{case}: nothing is found by {body}");
        assert_eq!(expected, found, "{case}: {body}");
    }
}

/// The limit as a process.
struct Limit {
    child: Child,
    base: String,
}

impl Limit {
    async fn start(url: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.args(["--limit", url]).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let base = lines.next_line().await.unwrap().expect("it says where it listens");
        Self { child, base }
    }
}

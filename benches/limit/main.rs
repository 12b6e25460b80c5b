//! How close the gateway comes to hand-written SQL: requests over HTTP, to the gateway and to a server written for these
//! queries.
//!
//! ```text
//! cargo bench --bench limit -- [--messages 1000000] [--seconds 3] [--only newest,nested] [--keep FOLDER] [--postgres URL] [--peers]
//!
//!   this process: 32 connections ──▶ another process: the gateway  ──▶ one store
//!                                ├─▶ another process: the limit    ──┤
//!                                └─▶ other processes: the peers    ──┘
//! ```
//!
//! The hand-written server, called *the limit* (`server`), is a bare axum handler for each case (`cases`), built like the
//! gateway: prepared statements written for the schema (`sqlite`, `postgres`), binary rows, JSON written directly as bytes
//! (`json`, `nested`). It gets the same bodies, and reads only their variables. Before a case is measured, the responses of
//! both to some of its requests must have the same data.
//!
//! With `--peers`, two GraphQL servers on Node.js read the same PostgreSQL database (`peer`): GraphQL Yoga with resolvers written
//! by hand, and PostGraphile. They get the same requests, translated to their schemas, and must have given the same data as well. Each has two processes behind one port.
//!
//! - The store is filled by the same fold that stores deliveries. With `--keep` and `--keep-databases` it is kept and reused,
//!   also by the bench `query`. On PostgreSQL it is vacuumed and analyzed first, as autovacuum would do eventually.
//! - The servers take turns, so that other activity on the machine affects them equally. Each case is warmed up first: the figures
//!   are those of servers that have been running.
//! - The load comes from this process, with one thread. Besides the ratio of requests per second, the table has the ratio of
//!   CPU time per request, of the server's processes and of all processes of PostgreSQL if they run on this machine. It remains
//!   valid if the load or other programs use part of the CPU.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::struct_excessive_bools,
    reason = "a measurement, run by hand"
)]

mod cases;
mod cpu;
mod facts;
#[path = "../query/fill.rs"]
mod fill;
mod json;
mod listening;
mod load;
mod memory;
mod nested;
#[path = "../fanout/node.rs"]
mod node;
mod peer;
#[path = "../query/place.rs"]
mod place;
mod postgraphile;
mod postgres;
mod server;
mod sqlite;
#[path = "../../tests/support/mod.rs"]
mod support;
mod table;

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::Parser;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tokio::process::Command;

use self::{
    cases::Case,
    facts::Facts,
    listening::Listening,
    load::Requests,
    peer::Peer,
    place::Place,
    support::{database::Database, process::Process},
    table::Contender,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The number of requests per case whose responses are compared.
const COMPARED: usize = 32;

/// How long a case is warmed up.
const WARM_UP: Duration = Duration::from_millis(500);

/// The same on Node.js, which compiles while it runs.
const WARM_UP_OF_PEER: Duration = Duration::from_secs(3);

/// Compares the gateway with hand-written servers.
#[derive(Clone, Parser)]
#[command(name = "limit", max_term_width = 100)]
struct Options {
    /// The size of the store, in messages
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1000..=10_000_000))]
    messages: u32,
    /// Duration of a round
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Rounds for each server and case
    #[arg(long, default_value_t = 2)]
    rounds: u32,
    /// Only these cases
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_values_t = Case::ALL.to_vec(), value_enum, hide_default_value = true)]
    only: Vec<Case>,
    /// Keep the filled SQLite file in this folder, and reuse an existing one
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Also measure on this PostgreSQL server, in a temporary database
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Keep that database, and reuse an existing one
    #[arg(long, requires = "postgres")]
    keep_databases: bool,
    /// Skip SQLite
    #[arg(long, requires = "postgres")]
    no_sqlite: bool,
    /// Also measure GraphQL Yoga and PostGraphile on that PostgreSQL server; needs Node.js 22 or newer with npm
    #[arg(long, requires = "postgres")]
    peers: bool,
    /// Passed by cargo to a benchmark
    #[arg(long, hide = true)]
    bench: bool,
    /// Run as the limit over this store
    #[arg(long, value_name = "URL", hide = true)]
    limit: Option<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let cores = std::thread::available_parallelism().unwrap().get();
    if let Some(url) = options.limit {
        let workers = cores.clamp(2, 4);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap();
        runtime.block_on(server::serve(&url));
        return ExitCode::SUCCESS;
    }
    if options.peers
        && let Err(error) = tokio::runtime::Runtime::new().unwrap().block_on(peer::prepare())
    {
        eprintln!("the peers can't be started: {error:#}");
        return ExitCode::FAILURE;
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
    ExitCode::SUCCESS
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
        filling.block_on(place.delete(messages));
    }
}

async fn measure_all(name: &str, url: &str, options: &Options) {
    let mut database_server = None;
    let mut peers = Vec::new();
    if name == "PostgreSQL" {
        sea_orm::Database::connect(url).await.unwrap().execute_unprepared("VACUUM ANALYZE").await.unwrap();
        database_server = cpu::Server::at(url).await;
        for kind in if options.peers { &peer::Kind::ALL[..] } else { &[] } {
            peers.push(Peer::start(*kind, url).await.unwrap());
        }
    }
    let gateway = Process::start(&Database::at(url), &["serve", "--database-url", url]).await;
    let limit = start_limit(url).await;
    let facts = Facts::gather(url, &gateway.base).await;
    let mut measured = Vec::new();
    table::head(name);
    for case in options.only.iter().copied() {
        let bodies = case.bodies(&facts);
        let gateway_requests = Arc::new(Requests::new(&gateway.base, "/graphql", &bodies));
        let limit_requests = Arc::new(Requests::new(&limit.base, case.path(), &bodies));
        compare(case, &bodies, &gateway_requests, &limit_requests, |of_gateway, of_limit| (of_gateway, of_limit)).await;
        let mut contenders = vec![
            Contender::new("gateway".to_owned(), gateway.id(), Arc::clone(&gateway_requests)),
            Contender::new("limit".to_owned(), limit.id, limit_requests),
        ];
        for Peer { kind, process } in &peers {
            let translated = kind.bodies(case, &bodies, &process.base).await;
            let requests = Arc::new(Requests::new(&process.base, "/graphql", &translated));
            compare(case, &bodies, &gateway_requests, &requests, |of_gateway, of_peer| kind.alike(case, of_gateway, of_peer))
                .await;
            contenders.push(Contender::new(kind.to_string(), process.id, requests));
        }
        for (place, contender) in contenders.iter().enumerate() {
            let time = if place < 2 { WARM_UP } else { WARM_UP_OF_PEER };
            Arc::clone(&contender.requests).load(time).await;
        }
        for _ in 0..options.rounds {
            for Contender { requests, process, series, .. } in &mut contenders {
                let spent = || (cpu::of_family(*process), database_server.map(cpu::Server::so_far));
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
        table::row(case, &contenders[0].series, &contenders[1].series);
        measured.push((case, contenders));
    }
    if options.peers && name == "PostgreSQL" {
        table::peers(name, &measured);
    }
    gateway.terminate().await;
}

/// Asserts that both give the same data, once `alike` has brought it into one form.
async fn compare(
    case: Case,
    bodies: &[String],
    gateway: &Requests,
    other: &Requests,
    alike: impl Fn(Value, Value) -> (Value, Value),
) {
    for (number, body) in bodies.iter().enumerate().take(COMPARED) {
        let data = |answer: Vec<u8>| serde_json::from_slice::<Value>(&answer).unwrap()["data"].take();
        let expected = data(gateway.send(number).await);
        assert!(expected.pointer(case.finds()).is_some_and(|found| !found.is_null()), "{case}: nothing is found by {body}");
        let (expected, found) = alike(expected, data(other.send(number).await));
        assert_eq!(expected, found, "{case}: {body}");
    }
}

/// The limit as a process.
async fn start_limit(url: &str) -> Listening {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--limit", url]);
    Listening::start(command).await.unwrap()
}

//! How long it takes to load a history of events into a store, to rebuild its projections and to verify them, and how much disk
//! space and memory that takes:
//!
//! ```text
//! cargo bench --bench load -- [--events 200000] [--postgres URL] [--no-sqlite] [--keep-file FILE]
//!
//!   demo shop ──▶ file of envelopes, in ten parts ─┬─▶ deskgraph ingest (ten times), deskgraph rebuild, deskgraph verify
//!                                                  └─▶ this process: the payloads as text into a table of one column
//! ```
//!
//! - The file (`file`) is the same in each run. The commands are processes of the real binary (`command`). An import is the sum
//!   of ten imports of a tenth of the file each, to show whether the last tenth takes longer than the first.
//! - The baseline (`bare`) inserts the same payloads in transactions of 5,000, synced to disk like the gateway's.
//! - The rate of an import counts lines, some of which are repetitions; that of `rebuild` and `verify` counts stored events.
//! - CPU time is that of the command, and of all processes of PostgreSQL if they run on this machine. Memory is the sampled
//!   peak of the command's process. It includes the mapped pages of a SQLite file, which the system reclaims as needed; the
//!   process's own allocations are shown separately.
//! - The size on disk is that of the SQLite file after a checkpoint, or the growth of the PostgreSQL database, divided by the bytes
//!   of all payloads in the file. The largest tables and indexes are those after the import.
//! - SQLite files are in the folder for temporary files (`TMPDIR`), which should be on a disk. Databases on the server are named
//!   `deskgraph_bench_…` and dropped afterwards.

#![allow(missing_docs, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement, run by hand")]

mod bare;
mod command;
#[path = "../limit/cpu.rs"]
mod cpu;
mod figures;
mod file;
#[path = "../ingest/fresh.rs"]
mod fresh;
mod size;
#[path = "../../tests/support/mod.rs"]
mod support;
#[path = "../ingest/table.rs"]
mod table;

use std::path::PathBuf;

use clap::Parser;

use self::{
    bare::Bare,
    figures::Figures,
    file::File,
    fresh::{Fresh, Place},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures imports, rebuilds and verifications.
#[derive(Parser)]
#[command(name = "load", max_term_width = 100)]
struct Options {
    /// Number of lines in the file
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(5000..=20_000_000))]
    events: u32,
    /// Also measure on this PostgreSQL server, in temporary databases
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Skip SQLite
    #[arg(long, requires = "postgres")]
    no_sqlite: bool,
    /// Also write the whole file here, and keep it
    #[arg(long, value_name = "FILE")]
    keep_file: Option<PathBuf>,
    /// Passed by cargo to a benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    let cores = std::thread::available_parallelism().unwrap().get();
    let folder = tempfile::tempdir().unwrap();
    let file = File::write(folder.path(), options.events);
    println!("{cores} cores; {}", file.summary());
    if let Some(path) = &options.keep_file {
        file.join(path);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if !options.no_sqlite {
        runtime.block_on(measure("SQLite", &Place::Files, &file));
    }
    if let Some(url) = &options.postgres {
        runtime.block_on(measure("PostgreSQL", &Place::Server(url.clone()), &file));
    }
}

/// Measures all commands and the baseline on one kind of database, and prints the results.
async fn measure(store: &str, place: &Place, file: &File) {
    let server = match place {
        Place::Files => None,
        Place::Server(url) => cpu::Server::at(url).await,
    };
    let database = Fresh::make(place, "load_deskgraph").await;
    let empty = bytes_if_empty(&database, place).await;
    // So that the first part of the file does not differ from the others.
    command::run(&database, &["migrate"], server);
    let mut rows = vec![Figures::head(store)];
    let size = async |database: &Fresh| (database.bytes().await - empty) as f64 / file.payload_bytes as f64;

    let (mut ingest, mut stored) = (Figures::default(), 0);
    for part in &file.parts {
        let run = command::run(&database, &["ingest", part.path.to_str().unwrap()], server);
        stored += run.events();
        ingest.add(part.lines, &run.figures);
    }
    rows.push(ingest.row("deskgraph ingest", Some(size(&database).await)));
    let largest = size::largest(&database).await;

    let mut rebuild = Figures::default();
    rebuild.add(stored, &command::run(&database, &["rebuild"], server).figures);
    rows.push(rebuild.row("deskgraph rebuild", Some(size(&database).await)));
    let mut verify = Figures::default();
    verify.add(stored, &command::run(&database, &["verify"], server).figures);
    rows.push(verify.row("deskgraph verify", None));
    database.delete().await;

    let database = Fresh::make(place, "load_bare").await;
    let mut bare = Bare::open(database.url()).await;
    let mut inserted = Figures::default();
    for part in &file.parts {
        inserted.add(part.lines, &bare.insert(part, server).await);
    }
    bare.close().await;
    rows.push(inserted.row("bare inserts", Some(size(&database).await)));
    database.delete().await;

    table::print(&rows);
    if server.is_some() {
        println!("CPU: command + database");
    }
    println!("ingest / bare: {:.3}", ingest.per_second() / inserted.per_second());
    table::print(&size::rows(&largest, file));
}

/// The size of an empty database, which is subtracted: 0 for a file that does not exist.
async fn bytes_if_empty(database: &Fresh, place: &Place) -> u64 {
    match place {
        Place::Files => 0,
        Place::Server(_) => database.bytes().await,
    }
}

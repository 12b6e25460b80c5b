//! A server with its own database, and its measurements.

use std::{fmt, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    bare::BATCHES,
    cpu,
    fresh::{Fresh, Place, sqlite_file},
    load::{Load, Posted},
    support::process::Process,
};

/// The settings of the gateway that commits each event separately: a file in the folder in which it runs.
const ONE_PER_EVENT: (&str, &str) = ("one-per-event.toml", "[webhooks]\nbatch = 1\n");

/// The kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The gateway with its defaults.
    Gateway,
    /// The bare group commit.
    Bare,
    /// The gateway with batches of one event.
    OnePerEvent,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Gateway, Self::Bare, Self::OnePerEvent];

    /// The name of its database on a server.
    fn database(self) -> &'static str {
        match self {
            Self::Gateway => "ingest_gateway",
            Self::Bare => "ingest_bare",
            Self::OnePerEvent => "ingest_one_per_event",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gateway => "gateway",
            Self::Bare => "bare",
            Self::OnePerEvent => "one transaction per event",
        })
    }
}

/// The process of a server.
enum Running {
    Gateway(Process),
    Bare(Child, String),
}

impl Running {
    async fn start(kind: Kind, database: &Fresh) -> Self {
        let url = database.url();
        match kind {
            Kind::Gateway => Self::Gateway(Process::start(database.database(), &["serve", "--database-url", url]).await),
            Kind::OnePerEvent => {
                let (file, settings) = ONE_PER_EVENT;
                std::fs::write(database.database().folder().join(file), settings).unwrap();
                let arguments = ["serve", "--database-url", url, "--config", file];
                Self::Gateway(Process::start(database.database(), &arguments).await)
            }
            Kind::Bare => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                let mut child = command.args(["--bare", url]).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
                let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
                let base = lines.next_line().await.unwrap().expect("its address");
                Self::Bare(child, base)
            }
        }
    }

    fn base(&self) -> &str {
        match self {
            Self::Gateway(process) => &process.base,
            Self::Bare(_, base) => base,
        }
    }

    fn id(&self) -> u32 {
        match self {
            Self::Gateway(process) => process.id(),
            Self::Bare(child, _) => child.id().unwrap(),
        }
    }

    /// Stops it, and returns the number of transactions it reports.
    async fn stop(self) -> Option<u64> {
        match self {
            Self::Gateway(process) => {
                assert_eq!(process.terminate().await, Some(0), "the gateway stops in order");
                None
            }
            Self::Bare(mut child, base) => {
                let answer = reqwest::get(format!("{base}{BATCHES}")).await.unwrap();
                let batches = answer.text().await.unwrap().parse().unwrap();
                child.kill().await.unwrap();
                Some(batches)
            }
        }
    }
}

/// A running server.
pub(crate) struct Measured {
    running: Running,
    database: Fresh,
    database_server: Option<cpu::Server>,
    /// The size of its database before the first message; 0 for a file.
    before: u64,
    /// The number and bytes of messages posted to it, including the warm-up.
    events: usize,
    payload_bytes: u64,
    series: Series,
}

/// The measurements of a server over all rounds.
pub(crate) struct Series {
    pub(crate) kind: Kind,
    /// The mean batch size, if known.
    pub(crate) batch: Option<f64>,
    took: Vec<u32>,
    time: Duration,
    server: Duration,
    database: Option<Duration>,
    /// The database's size per event.
    pub(crate) bytes_per_event: f64,
    /// The database's size per posted byte.
    pub(crate) bytes_per_payload_byte: f64,
}

impl Measured {
    /// Starts a server over an empty database.
    pub(crate) async fn start(kind: Kind, place: &Place, database_server: Option<cpu::Server>) -> Self {
        let database = Fresh::make(place, kind.database()).await;
        let running = Running::start(kind, &database).await;
        let before = match place {
            Place::Files => 0,
            Place::Server(_) => database.bytes().await,
        };
        let series = Series {
            kind,
            batch: None,
            took: Vec::new(),
            time: Duration::ZERO,
            server: Duration::ZERO,
            database: None,
            bytes_per_event: 0.0,
            bytes_per_payload_byte: 0.0,
        };
        Self { running, database, database_server, before, events: 0, payload_bytes: 0, series }
    }

    /// Posts without measuring.
    pub(crate) async fn warm_up(&mut self, load: Load) {
        self.post(load).await;
    }

    /// Posts and measures one round.
    pub(crate) async fn round(&mut self, load: Load) {
        let before = self.spent();
        let posted = self.post(load).await;
        let after = self.spent();
        let series = &mut self.series;
        series.took.extend(posted.took);
        series.time += posted.time;
        series.server += after.0.saturating_sub(before.0);
        if let (Some(before), Some(after)) = (before.1, after.1) {
            *series.database.get_or_insert_default() += after.saturating_sub(before);
        }
    }

    async fn post(&mut self, load: Load) -> Posted {
        let posted = load.post(self.running.base()).await;
        self.events += posted.took.len();
        self.payload_bytes += posted.bytes;
        posted
    }

    /// The CPU time of the server so far, and of its database.
    fn spent(&self) -> (Duration, Option<Duration>) {
        (cpu::of_process(self.running.id()), self.database_server.map(cpu::Server::so_far))
    }

    /// Stops the server, measures its database, and deletes it.
    pub(crate) async fn end(self) -> Series {
        let Self { running, database, before, events, payload_bytes, mut series, .. } = self;
        let batches = match running.stop().await {
            Some(batches) => Some(batches),
            None => transactions_of_log(&database).await,
        };
        series.batch = batches.map(|batches| events as f64 / batches as f64);
        let bytes = database.bytes().await.saturating_sub(before) as f64;
        series.bytes_per_event = bytes / events as f64;
        series.bytes_per_payload_byte = bytes / payload_bytes as f64;
        database.delete().await;
        series
    }
}

/// The number of transactions that have written a gateway's log. Only PostgreSQL records the transaction of each row.
async fn transactions_of_log(database: &Fresh) -> Option<u64> {
    if sqlite_file(database.url()).is_some() {
        return None;
    }
    let rows = database.rows("SELECT count(DISTINCT xmin::text) AS transactions FROM event").await;
    let transactions: i64 = rows[0].try_get("", "transactions").unwrap();
    Some(transactions.cast_unsigned())
}

impl Series {
    pub(crate) fn per_second(&self) -> f64 {
        self.took.len() as f64 / self.time.as_secs_f64()
    }

    /// A percentile of the request durations, in milliseconds.
    pub(crate) fn percentile_ms(&self, hundredths: usize) -> f64 {
        let mut took = self.took.clone();
        took.sort_unstable();
        f64::from(took[(took.len() * hundredths).div_ceil(100).max(1) - 1]) / 1000.0
    }

    /// The CPU time per event: of the server, and of its database if known.
    pub(crate) fn cpu_ms(&self) -> (f64, Option<f64>) {
        let each = |time: Duration| time.as_secs_f64() * 1000.0 / self.took.len() as f64;
        (each(self.server), self.database.map(each))
    }
}

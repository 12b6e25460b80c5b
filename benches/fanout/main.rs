//! What it costs to tell many subscribers: `cargo bench --bench fanout`, or `-- --subscribers 1000` for so many only.
//!
//! ```text
//!   this process: N idle subscribers, the sender ──▶ another process: the gateway, or the yardstick
//! ```
//!
//! In one run, each in a process of its own, so that its memory is measured alone:
//! - the gateway, whose subscribers all send one document;
//! - the gateway, where each subscriber asks for the messages of a conversation of its own;
//! - the yardstick: a bare axum handler that broadcasts a frame which was made before.
//!
//! Deliveries a second are of messages sent as fast as they are taken; the time from sending to receiving is of messages sent
//! one by one, each when everybody has the one before. The gateway has stored each message durably by then, and the
//! yardstick has not.

#![allow(missing_docs, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement, run by hand")]

mod bare;
mod subscriber;
#[path = "../../tests/support/mod.rs"]
mod support;
mod tally;

use std::{
    fs,
    os::unix::process::CommandExt,
    path::Path,
    process::{self, Stdio},
    sync::Arc,
    time::Duration,
};

use clap::Parser;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::{Instant, timeout},
};

use self::{
    subscriber::subscribe,
    support::{database::Database, fixed::Fixed},
    tally::Tally,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many connections are opened at a time.
const OPENING: usize = 64;

/// How many messages are sent at a time, when as many as possible are.
const SENDING: usize = 16;

/// How long the servers rest before their memory is read.
const REST: Duration = Duration::from_secs(2);

const ONE_BY_ONE: u64 = 50;

/// The bound of one measurement.
const PATIENCE: Duration = Duration::from_mins(10);

#[derive(Parser)]
struct Options {
    /// How many subscribers there are, in one measurement after the other.
    #[arg(long, value_delimiter = ',', default_values_t = [1000, 5000, 10_000])]
    subscribers: Vec<usize>,
    /// How many messages are sent as fast as they are taken, times subscribers: each may be delivered to each.
    #[arg(long, default_value_t = 500_000)]
    decisions: u64,
    /// What cargo says to a benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    /// To be the yardstick.
    #[arg(long, hide = true)]
    bare: bool,
    /// The limit of open files was raised.
    #[arg(long, hide = true)]
    raised: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Measured {
    OneDocument,
    OwnConversations,
    Bare,
}

impl Measured {
    fn name(self) -> &'static str {
        match self {
            Self::OneDocument => "gateway, one document",
            Self::OwnConversations => "gateway, filtered by conversation",
            Self::Bare => "bare axum, ready-made frame",
        }
    }
}

fn main() {
    let options = Options::parse();
    allow_open_files(options.subscribers.iter().max().unwrap() + 200, options.raised);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if options.bare {
        runtime.block_on(bare::serve());
        return;
    }
    let cores = std::thread::available_parallelism().unwrap();
    println!("WebSocket; {cores} cores for server, subscribers and sender");
    for subscribers in options.subscribers {
        let title = format!("{subscribers} subscribers");
        println!("\n{title:34} {:>14} {:>11} {:>13} {:>9} {:>9}", "KB/subscriber", "messages/s", "deliveries/s", "p50", "p99");
        for measured in [Measured::OneDocument, Measured::OwnConversations, Measured::Bare] {
            let measurement = measure(measured, subscribers as u64, options.decisions);
            runtime.block_on(async { timeout(PATIENCE, measurement).await.expect("in time") });
        }
    }
}

/// Sees to it that so many files may be open, here and in the processes started from here.
fn allow_open_files(needed: usize, raised: bool) {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap_or_default();
    let Some(Ok(allowed)) = line.split_whitespace().next().map(str::parse::<usize>) else { return };
    if allowed >= needed {
        return;
    }
    if !raised {
        let command = format!("ulimit -n {needed} && exec \"$0\" \"$@\"");
        let this = std::env::current_exe().unwrap();
        let error =
            process::Command::new("sh").args(["-c", &command]).arg(this).args(std::env::args().skip(1)).arg("--raised").exec();
        eprintln!("the limit of open files can't be raised: {error}");
    }
    eprintln!("{needed} files must be open at once, and {allowed} may be: run `ulimit -n {needed}` first, if need be as root");
    process::exit(1);
}

enum Server {
    Gateway(Fixed),
    Bare(Child, String),
}

impl Server {
    async fn start(measured: Measured) -> Self {
        if measured != Measured::Bare {
            return Self::Gateway(Fixed::start(Database::new()).await);
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.arg("--bare").stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let base = lines.next_line().await.unwrap().expect("it says where it listens");
        Self::Bare(child, base)
    }

    fn base(&self) -> &str {
        match self {
            Self::Gateway(gateway) => &gateway.base,
            Self::Bare(_, base) => base,
        }
    }

    fn memory_kb(&self) -> f64 {
        let id = match self {
            Self::Gateway(gateway) => gateway.id(),
            Self::Bare(child, _) => child.id().unwrap(),
        };
        let status = fs::read_to_string(Path::new("/proc").join(id.to_string()).join("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

/// A message to the subscribers of a conversation.
async fn send(client: &reqwest::Client, server: &Server, measured: Measured, number: u64, conversation: u64) {
    let request = if measured == Measured::Bare {
        client.post(format!("{}/publish", server.base())).body(subscriber::frame(number))
    } else {
        let payload = json!({
            "conversation_id": format!("c-{conversation}"), "message_id": format!("m-{number}"), "platform": "zalo",
            "message": number.to_string(), "type": "text", "time": 1_758_791_400_000_u64 + number, "from_id": "77",
        });
        client.post(format!("{}/webhooks/message-sent", server.base())).body(payload.to_string())
    };
    let response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{}", response.status());
    response.bytes().await.unwrap();
}

async fn head(client: &reqwest::Client, base: &str) -> Value {
    let request = client.post(format!("{base}/graphql")).json(&json!({ "query": "{ head }" }));
    request.send().await.unwrap().json::<Value>().await.unwrap()["data"]["head"].take()
}

async fn measure(measured: Measured, subscribers: u64, decisions: u64) {
    let server = Server::start(measured).await;
    let client = reqwest::Client::new();
    // So that what the first message costs is not taken for a cost of subscribers.
    send(&client, &server, measured, 0, subscribers).await;
    let after = if measured == Measured::Bare { Value::Null } else { head(&client, server.base()).await };
    tokio::time::sleep(REST).await;
    let before = server.memory_kb();

    // Each message reaches everybody, or the one whose conversation it is of.
    let reached = if measured == Measured::OwnConversations { 1 } else { subscribers };
    let at_once = (decisions / subscribers).clamp(20, 20_000);
    let tally = Arc::new(Tally::new(ONE_BY_ONE + at_once));
    let opening = (0..subscribers).map(|n| {
        let filter = match measured {
            Measured::OwnConversations => json!({ "conversationId": { "eq": format!("c-{n}") } }),
            _ => Value::Null,
        };
        subscribe(server.base(), json!({ "after": after, "filter": filter }), Arc::clone(&tally))
    });
    stream::iter(opening).buffer_unordered(OPENING).for_each(async |()| {}).await;
    tokio::time::sleep(REST).await;
    let memory = (server.memory_kb() - before) / subscribers as f64;
    for n in 0..ONE_BY_ONE {
        tally.sent(n);
        send(&client, &server, measured, n + 1, n * 7919 % subscribers).await;
        tally.wait_for((n + 1) * reached).await;
    }
    let (p50, p99) = (tally.percentile(0.5), tally.percentile(0.99));
    tally.begin();
    let began = Instant::now();
    let sending = (0..at_once).map(|n| send(&client, &server, measured, ONE_BY_ONE + n + 1, n * 7919 % subscribers));
    let sent = stream::iter(sending).buffer_unordered(SENDING).for_each(async |()| {});
    tokio::join!(sent, tally.wait_for(at_once * reached));
    let rate = at_once as f64 / began.elapsed().as_secs_f64();
    let deliveries = rate * reached as f64;
    println!("{:34} {memory:>14.1} {rate:>11.0} {deliveries:>13.0} {p50:>6.1} ms {p99:>6.1} ms", measured.name());
}

//! The latency of queries, and how it grows with the size of the store:
//!
//! ```text
//! cargo bench --bench query -- [--messages 10000,100000,1000000] [--seconds 2] [--clients 32] [--keep FOLDER]
//! cargo bench --bench query -- --postgres postgres://USER@HOST/postgres
//! ```
//!
//! For each size a store is filled (`fill`), the variables of queries are sampled from it (`facts`), and every case (`cases`)
//! is run repeatedly, one request after the other. At the end, one table shows p50 and p99 of each case at each size, and the
//! growth of p50 from the smallest size to the largest. `*` marks the cases promised to grow by at most 2× from 10,000 messages
//! to 1,000,000; `!` marks those where this run found more. With `--keep`, filled stores are kept in a folder and reused:
//! delete it after a change of the fold. Ten million messages take about 40 GB. With `--postgres` the stores are databases on a
//! server, named `deskgraph_bench_…`. Finally, the promised cases are run on the largest store by many concurrent clients.
//!
//! Design decisions:
//! - A request takes the same path as in the HTTP layer, without sockets: the body is parsed, the document parsed, weighed by
//!   the limits and executed by the schema over a SQLite file, and the response written as JSON. All of that is measured.
//! - Each request has its own ids, cursors or words, chosen by a seeded generator, so that no row stays in the processor's
//!   cache. The stores are opened as by the gateway, and the system may cache their files: the figures are those of a gateway
//!   that has been running, not of a cold start.
//! - The stores take turns at each case, so that other activity on the machine affects all sizes equally. A case runs for
//!   `--seconds` on each, and at least ten times; with fewer than a hundred runs, p99 is the slowest.
//! - With `--scoped`, the same queries are also run by a role whose rules are tested for every row and let all of them through.
//! - Nothing fails for being slow, since the machine may be busy. A request that is refused (by its time limit, for example)
//!   shows its code instead of a figure.

#![allow(clippy::unwrap_used, reason = "a measurement, run by hand")]

mod cases;
mod clients;
mod facts;
mod fill;
mod place;
mod series;
mod table;

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_graphql::{Executor, Request};
use clap::Parser;
use deskgraph::{
    clock::Clock,
    config::Config,
    feed::Feed,
    graphql::{self, Role, Viewer, role::Rules},
    metrics::Metrics,
    store::Store,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use self::{
    facts::Facts,
    place::Place,
    series::{Outcome, Series},
};

/// Requests allocate many small pieces; the gateway's binary uses this allocator too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The number of turns of each store at each case.
const ROUNDS: u32 = 5;

/// Measures the latency of queries on stores of several sizes.
#[derive(Clone, Debug, Parser)]
#[command(name = "query", max_term_width = 100)]
struct Arguments {
    /// The sizes of the stores, in messages, up to ten million
    #[arg(long, value_name = "COUNT", value_delimiter = ',', default_value = "10000,100000,1000000")]
    #[arg(value_parser = clap::value_parser!(u32).range(1000..=10_000_000))]
    messages: Vec<u32>,
    /// Duration of the measurement of each case in each store
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Keep the filled stores in this folder, and reuse existing ones
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Fill databases on this server instead of SQLite files; --keep-databases keeps them
    #[arg(long, value_name = "URL", conflicts_with = "keep")]
    postgres: Option<String>,
    /// Keep the databases, and reuse existing ones
    #[arg(long, requires = "postgres")]
    keep_databases: bool,
    /// Concurrent clients in the last part; 0 skips it
    #[arg(long, default_value_t = 32)]
    clients: u64,
    /// Run everything a second time as a role whose rules let every row through, and show both side by side
    #[arg(long)]
    scoped: bool,
    /// Number of read connections
    #[arg(long, default_value_t = 4)]
    readers: u32,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// A store, and the requests to it.
struct Measured {
    store: Store,
    api: Api,
    facts: Facts,
    stop: CancellationToken,
}

fn main() {
    let mut arguments = Arguments::parse();
    arguments.messages.sort_unstable();
    arguments.messages.dedup();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // As a separate task, like requests in the gateway.
    let rows = runtime.block_on(async { tokio::spawn(measure_all(arguments.clone())).await.unwrap() });
    let columns = arguments.messages.iter().flat_map(|messages| {
        let name = format!("{} messages", table::grouped(u128::from(*messages)));
        let scoped = arguments.scoped.then(|| "the same, scoped".to_owned());
        std::iter::once(name).chain(scoped)
    });
    table::print(&columns.collect::<Vec<_>>(), cases::CASES, &rows);
}

/// The outcomes by case, then by size.
async fn measure_all(arguments: Arguments) -> Vec<Vec<Outcome>> {
    let passing = tempfile::tempdir().unwrap();
    let place = match (arguments.postgres, arguments.keep) {
        (Some(url), _) => Place::Server(url),
        (None, Some(folder)) => Place::Folder(folder),
        (None, None) => Place::Folder(passing.path().to_owned()),
    };
    if let Place::Folder(folder) = &place {
        std::fs::create_dir_all(folder).unwrap();
    }
    let mut stores = Vec::new();
    for messages in &arguments.messages {
        stores.push(Measured::open(&place, *messages, arguments.readers).await);
    }
    let turn = Duration::from_secs_f64(arguments.seconds) / ROUNDS;
    let mut rows = Vec::new();
    for case in cases::CASES {
        let apis = stores.iter().flat_map(|store| {
            let scoped = arguments.scoped.then(|| store.api.scoped());
            std::iter::once(store.api.clone()).chain(scoped).map(|api| (api, &store.facts, Series::new(case)))
        });
        let mut all: Vec<_> = apis.collect();
        for (api, facts, series) in &mut all {
            series.warm_up(api, facts, turn).await;
        }
        for _ in 0..ROUNDS {
            for (api, facts, series) in &mut all {
                series.run(api, facts, turn).await;
            }
        }
        let outcomes: Vec<Outcome> = all.into_iter().map(|(.., series)| series.outcome()).collect();
        let shown: Vec<String> = outcomes.iter().map(Outcome::to_string).collect();
        eprintln!("{}: {}", case.name, shown.join(", "));
        rows.push(outcomes);
    }
    if let Some(largest) = stores.last().filter(|_| arguments.clients > 0) {
        println!("{} clients at once, {} messages:", arguments.clients, arguments.messages.last().unwrap());
        for case in cases::CASES.iter().filter(|case| case.promised) {
            let time = Duration::from_secs_f64(arguments.seconds);
            let rate = clients::responses_per_second(case, &largest.api, &largest.facts, arguments.clients, time).await;
            println!("{:>8.0} responses/s  {}", rate, case.name);
        }
    }
    for store in stores {
        store.close().await;
    }
    if matches!(place, Place::Server(_)) && !arguments.keep_databases {
        for messages in arguments.messages {
            place.delete(messages).await;
        }
    }
    rows
}

impl Measured {
    async fn open(place: &Place, messages: u32, readers: u32) -> Self {
        let store = place.filled(messages, readers, async |store| fill::fill(store, messages).await).await;
        let stop = CancellationToken::new();
        let feed = Feed::start(&store, Metrics::default(), stop.clone()).await.unwrap();
        let api = graphql::api(store.clone(), &feed, Clock::fixed(fill::now()), Config::defaults().limits(), []);
        let api = Api(api, Viewer::of_everything());
        let facts = Facts::gather(&api).await;
        eprintln!("{messages}: {}", facts.summary);
        Self { store, api, facts, stop }
    }

    async fn close(self) {
        self.stop.cancel();
        drop(self.api);
        self.store.close().await.unwrap();
    }
}

/// The schema with its limits, and the viewer.
#[derive(Clone)]
pub(crate) struct Api(graphql::Api, Viewer);

impl Api {
    /// The same for a role whose rules every row satisfies.
    fn scoped(&self) -> Self {
        let all = |filter: &str| Some(filter.to_owned());
        let rules = Rules {
            conversations: all(r#"{ assignees: { none: { id: { eq: "nobody" } } } }"#),
            tickets: all(r#"{ assigneeId: { ne: "nobody" } }"#),
            customers: all(r#"{ conversations: { none: { assignees: { some: { id: { eq: "nobody" } } } } } }"#),
            events: Some(true),
            ..Rules::default()
        };
        Self(self.0.clone(), Viewer::with(&Arc::new(Role::of("all", &rules).unwrap()), None, "all"))
    }

    /// Handles a request body like the HTTP layer, and returns the response body.
    async fn answer(&self, body: &str) -> String {
        let mut request: Request = serde_json::from_str(body).unwrap();
        request.data = graphql::request_data(self.1.clone());
        let response = self.0.execute(request).await;
        // Data written by a plan is already JSON.
        match &response.data {
            async_graphql::Value::Binary(json) if response.errors.is_empty() => {
                [r#"{"data":"#, std::str::from_utf8(json).unwrap(), "}"].concat()
            }
            _ => serde_json::to_string(&response).unwrap(),
        }
    }

    /// The data of a query, which must succeed.
    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut answer: Value = serde_json::from_str(&self.answer(&body).await).unwrap();
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].take()
    }
}

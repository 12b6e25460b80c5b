//! Measures one server in one setting: its memory per idle subscriber, then a burst, then a paced rate. Every wait has a time
//! limit.

use std::{
    cell::Cell,
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use futures_util::{StreamExt, TryStreamExt, future::try_join_all, stream};
use serde_json::json;
use tokio::{
    runtime::Handle,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use crate::{
    frame::Frame,
    schedule::Schedule,
    server::{Kind, Server},
    setting::Setting,
    subscriber::Connection,
    tally::Tally,
    traffic::Traffic,
};

/// The time limit of a response, of opening all connections, and of the deliveries left after a burst.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// The time limit of a start, including filling or installing.
const STARTING: Duration = Duration::from_mins(5);

/// How long to wait for the deliveries of a paced rate after its end. Later ones are not counted.
pub(crate) const LATE: Duration = Duration::from_secs(30);

/// The number of connections opened concurrently.
const OPENING: usize = 64;

/// The number of messages posted concurrently in a burst.
const POSTING: usize = 32;

/// How long a server is idle before its memory is read.
const REST: Duration = Duration::from_secs(2);

/// How long a poster waits when enough deliveries are in flight.
const PAUSE: Duration = Duration::from_millis(1);

/// The rates and durations of the measurement.
pub(crate) struct Plan {
    /// The time between opening two subscriptions.
    pub(crate) opening: Duration,
    pub(crate) burst: Duration,
    pub(crate) paced: Duration,
    /// Messages per second.
    pub(crate) rate: f64,
}

/// The results.
pub(crate) struct Figures {
    /// Memory per idle subscriber, without the first tenth.
    pub(crate) idle_kb: f64,
    pub(crate) burst: Burst,
    pub(crate) paced: Paced,
}

pub(crate) struct Burst {
    pub(crate) deliveries_per_second: f64,
    /// The server's CPU time per delivery.
    pub(crate) cpu_micros: f64,
}

pub(crate) struct Paced {
    /// `None` if more deliveries were late than the percentile allows.
    pub(crate) p50: Option<Duration>,
    pub(crate) p99: Option<Duration>,
    pub(crate) cpu_micros: f64,
}

/// Measures a server in the setting of this traffic.
pub(crate) async fn measure(kind: Kind, traffic: &Arc<Traffic>, plan: &Plan, frame: &Frame) -> anyhow::Result<Figures> {
    let (server, last) = timeout(STARTING, Server::start(kind, traffic, frame)).await.context("it did not start in time")??;
    // The subscriptions start before its first message.
    server.post(traffic, &traffic.message(last + 1)).await?;
    let (server, traffic) = (Arc::new(server), Arc::clone(traffic));
    let run = Run { server, traffic, tally: Arc::default(), next: Cell::new(last + 2), due: Cell::new(0) };

    match run.figures(plan).await {
        Err(error) if run.server.memory_kb().is_err() => Err(error.context("the server has ended")),
        figures => figures,
    }
}

struct Run {
    server: Arc<Server>,
    traffic: Arc<Traffic>,
    tally: Arc<Tally>,
    /// The number of the next message.
    next: Cell<u64>,
    /// The number of deliveries due for the messages so far.
    due: Cell<u64>,
}

impl Run {
    async fn figures(&self, plan: &Plan) -> anyhow::Result<Figures> {
        // The cost of the first subscribers includes one-time allocations, so it is not counted.
        let mut following = JoinSet::new();
        let (first, all) = (self.traffic.subscribers / 10, self.traffic.subscribers);
        let before = self.memory_kb_with(0..first, plan, &mut following).await?;
        let with_all = self.memory_kb_with(first..all, plan, &mut following).await?;
        let idle_kb = (with_all - before) / (all - first) as f64;
        let burst = self.burst(plan).await.context("in the burst")?;
        tokio::time::sleep(REST).await;
        let paced = self.paced(plan).await.context("at the paced rate")?;
        Ok(Figures { idle_kb, burst, paced })
    }

    /// Opens these subscriptions too, and returns the server's memory when it is idle. They stay open as long as the set is held.
    async fn memory_kb_with(&self, subscribers: Range<usize>, plan: &Plan, following: &mut JoinSet<()>) -> anyhow::Result<f64> {
        let turns = plan.opening.mul_f64(subscribers.len() as f64);
        let opening = self.open(subscribers, plan, following);
        timeout(turns + PATIENCE, opening).await.context("the subscriptions were not all open in time")??;
        tokio::time::sleep(REST).await;
        self.tally.check()?;
        self.server.memory_kb()
    }

    async fn open(&self, subscribers: Range<usize>, plan: &Plan, following: &mut JoinSet<()>) -> anyhow::Result<()> {
        let (address, after, start) = (self.server.address(), self.server.head().await?, tokio::time::Instant::now());
        let opening = (0..).zip(subscribers).map(|(place, subscriber)| {
            let turn = start + plan.opening * place;
            let group = self.traffic.group(subscriber);
            let subscription = self.traffic.setting.subscription(group);
            let variables = json!({ "after": after, "filter": subscription.filter });
            let (address, path) = (&address, self.server.path(group));
            async move {
                tokio::time::sleep_until(turn).await;
                let mut connection = Connection::open(address, &path).await?;
                connection.subscribe(&subscription.document, &variables).await?;
                anyhow::Ok(connection)
            }
        });
        let mut opened = stream::iter(opening).buffer_unordered(OPENING);
        while let Some(connection) = opened.try_next().await? {
            following.spawn(connection.count(Arc::clone(&self.tally)));
        }
        Ok(())
    }

    /// Takes the next numbers and returns the first of them. Records the deliveries due for their messages.
    fn take(&self, count: u32) -> u64 {
        let first = self.next.replace(self.next.get() + u64::from(count));
        let messages = (first..self.next.get()).map(|number| self.traffic.message(number));
        self.due.set(self.due.get() + messages.map(|message| self.traffic.deliveries(&message)).sum::<u64>());
        first
    }

    /// The number of deliveries that may be in flight in a burst: large, but limited.
    fn ahead(&self) -> u64 {
        let subscribers = self.traffic.subscribers as u64;
        match self.traffic.setting {
            Setting::Own => (8 * subscribers).min(20_000),
            Setting::Common | Setting::Mixed => 100_000.clamp(16 * subscribers, 2000 * subscribers),
        }
    }

    /// The server's CPU time since `before`, in microseconds.
    fn cpu_micros(&self, before: Duration) -> f64 {
        self.server.cpu().saturating_sub(before).as_secs_f64() * 1e6
    }

    async fn burst(&self, plan: &Plan) -> anyhow::Result<Burst> {
        let (began, ahead, cpu) = (Instant::now(), self.ahead(), self.server.cpu());
        let until = began + plan.burst;
        let posting = (0..POSTING).map(async |_| {
            while Instant::now() < until {
                if self.due.get().saturating_sub(self.tally.so_far()) >= ahead {
                    self.tally.check()?;
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                let message = self.traffic.message(self.take(1));
                self.server.post(&self.traffic, &message).await?;
            }
            anyhow::Ok(())
        });
        try_join_all(posting).await?;
        let Some(ended) = self.tally.wait_for(self.due.get(), PATIENCE).await? else {
            bail!("{} of {} deliveries arrived within {PATIENCE:?}", self.tally.so_far(), self.due.get());
        };
        let deliveries = self.due.get() as f64;
        Ok(Burst {
            deliveries_per_second: deliveries / (ended - began).as_secs_f64(),
            cpu_micros: self.cpu_micros(cpu) / deliveries,
        })
    }

    async fn paced(&self, plan: &Plan) -> anyhow::Result<Paced> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a small count")]
        let count = (plan.rate * plan.paced.as_secs_f64()).ceil().max(1.0) as u32;
        let (before, cpu) = (self.due.get(), self.server.cpu());
        let first = self.take(count);
        let due = self.due.get() - before;
        let interval = Duration::from_secs_f64(1.0 / plan.rate);
        let schedule = Schedule { first, count, start: Instant::now() + REST / 10, interval };
        self.tally.time(schedule);

        let posting = self.post_by(schedule).await?;
        let posted = async {
            for posted in posting {
                posted.await??;
            }
            anyhow::Ok(())
        };
        let ((), delivered) = tokio::try_join!(posted, self.tally.wait_for(self.due.get(), LATE))?;
        let arrived = if delivered.is_some() { due } else { self.tally.so_far() - before };
        Ok(Paced {
            p50: self.tally.percentile(0.5, due)?,
            p99: self.tally.percentile(0.99, due)?,
            cpu_micros: self.cpu_micros(cpu) / arrived.max(1) as f64,
        })
    }

    /// Posts each message at its instant, and returns the posts that may not have been answered.
    async fn post_by(&self, schedule: Schedule) -> anyhow::Result<Vec<JoinHandle<anyhow::Result<()>>>> {
        let (server, traffic, runtime) = (Arc::clone(&self.server), Arc::clone(&self.traffic), Handle::current());
        let posting = move || {
            let mut posting = Vec::new();
            schedule.run(|number| {
                let (server, traffic) = (Arc::clone(&server), Arc::clone(&traffic));
                posting.push(runtime.spawn(async move { server.post(&traffic, &traffic.message(number)).await }));
            });
            posting
        };
        Ok(tokio::task::spawn_blocking(posting).await?)
    }
}

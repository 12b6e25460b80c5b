//! Several gateways over one database, with racing writers, long transactions, a killed gateway and a crashing server: a
//! follower of the log at any of them gets every change, once, and in the same order.
//!
//! ```text
//!   64 posters ──▶ 4 gateways ──▶ PostgreSQL ◀── a fifth writer with large batches, a reader that holds old snapshots
//!   8 followers ──▶ each gateway in turn
//! ```

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use deskgraph::{
    config::Config,
    domain::{kind::EventKind, time::Timestamp},
    ingest::Source,
    store::{Entry, Store},
};
use futures_util::future::join_all;
use sea_orm::sqlx::{Connection, Executor, PgConnection};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use crate::support::{
    PATIENCE,
    cluster::{Cluster, Stop},
    database::Database,
    desk::read,
    fixed::{Fixed, RETRY},
    follower::{Follower, Transport, assert_logged},
    live_client::{LiveClient, LiveClients},
    message,
    requests::head,
};

const GATEWAYS: usize = 4;
const POSTERS: usize = 64;
const MESSAGES: usize = 12;
const BATCHES: usize = 8;
const BATCH: usize = 150;

/// The last message posted.
const LAST: &str = "the-last";

fn entry(id: &str) -> Entry {
    let payload = message(id, "c-batch", "hi", 1_758_791_400_000);
    let kind = Some(EventKind::MessageSent);
    read(&payload.to_string(), &Source { kind, delivery_id: Some(id.to_owned()), ..Source::default() })
}

/// Writes large batches, retrying each as needed, and returns the ids.
async fn write_batches(url: String) -> Vec<String> {
    let mut ids = Vec::new();
    for batch in 0..BATCHES {
        let of_batch: Vec<String> = (0..BATCH).map(|n| format!("b-{batch}-{n}")).collect();
        let entries: Vec<Entry> = of_batch.iter().map(|id| entry(id)).collect();
        loop {
            let appended = async {
                let store = Store::open(&Config::defaults_at(&url).store().unwrap()).await?;
                store.append(&entries, Timestamp::clamped(1_758_800_000_000)).await
            };
            match appended.await {
                Ok(_) => break,
                Err(error) => assert!(error.is_unavailable(), "{error}"),
            }
            sleep(RETRY).await;
        }
        ids.extend(of_batch);
    }
    ids
}

/// Repeatedly holds a snapshot of the database.
async fn hold_snapshots(url: String) {
    loop {
        let held = async {
            let mut connection = PgConnection::connect(&url).await?;
            connection
                .execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM event; SELECT pg_sleep(1); COMMIT")
                .await
        };
        // A crash of the server ends it too.
        let _ = held.await;
        sleep(RETRY).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_follower_of_every_gateway_gets_the_same_log() {
    let cluster = Arc::new(Cluster::new());
    // All at once: one of them runs the migrations.
    let mut gateways = join_all((0..GATEWAYS).map(|_| Fixed::start(Database::at(cluster.url())))).await;
    let bases: Vec<String> = gateways.iter().map(|gateway| gateway.base.clone()).collect();
    let head = head(&bases[0]).await;

    let followers: Vec<_> = (0..2 * GATEWAYS)
        .map(|n| {
            let transport = [Transport::WebSocket, Transport::Events, Transport::Parts][n % 3];
            let mut bases = bases.clone();
            bases.rotate_left(n % GATEWAYS);
            let follower = Follower::new(transport, n % 2 == 0, bases, &head);
            tokio::spawn(timeout(PATIENCE * 3, follower.follow_until(LAST)))
        })
        .collect();
    let clients = LiveClients::start(&bases);
    let batches = tokio::spawn(write_batches(cluster.url().to_owned()));
    let holding = tokio::spawn(hold_snapshots(cluster.url().to_owned()));
    let (acknowledged, mut count) = watch::channel(0);
    let turn = Arc::new(AtomicUsize::new(0));
    let posters: Vec<_> = (0..POSTERS)
        .map(|poster| {
            let (bases, turn, acknowledged) = (bases.clone(), Arc::clone(&turn), acknowledged.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                let mut posted = Vec::new();
                for n in 0..MESSAGES {
                    let id = format!("m-{poster}-{n}");
                    let payload = message(&id, &format!("c-{}", poster % 5), "hi", 1_758_791_400_000);
                    let base = &bases[turn.fetch_add(1, Ordering::Relaxed) % GATEWAYS];
                    Fixed::deliver(&client, base, &id, &payload).await;
                    posted.push(id);
                    acknowledged.send_modify(|count| *count += 1);
                }
                posted
            })
        })
        .collect();

    let all = POSTERS * MESSAGES;
    let mut reached = async |share: usize| {
        timeout(PATIENCE, count.wait_for(|count| *count >= all * share / 100)).await.expect("answers in time").unwrap();
    };
    reached(20).await;
    gateways[1].kill_and_start().await;
    reached(40).await;
    let crashing = Arc::clone(&cluster);
    tokio::task::spawn_blocking(move || crashing.restart(Stop::Immediate)).await.unwrap();
    reached(60).await;
    gateways[2].kill_and_start().await;

    let mut posted = batches.await.unwrap();
    for poster in posters {
        posted.extend(poster.await.unwrap());
    }
    holding.abort();
    let last = message(LAST, "c-0", "hi", 1_758_791_400_000);
    Fixed::deliver(&reqwest::Client::new(), &bases[3], LAST, &last).await;
    posted.push(LAST.to_owned());

    let log = assert_logged(&bases[0], posted).await;
    for follower in followers {
        let followed = follower.await.unwrap().expect("everything in time");
        followed.assert_got(&log);
    }
    let clients = clients.end(&bases[0]).await;
    let [connections, payloads] = [|client: &LiveClient| client.connections, |client: &LiveClient| client.payloads]
        .map(|of| clients.iter().map(of).sum::<usize>());
    assert!(connections > clients.len() && payloads > connections, "{connections} connections, {payloads} payloads");
}

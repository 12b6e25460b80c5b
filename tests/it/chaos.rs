//! A client that resumes with its cursor misses, repeats and reorders nothing, on any transport, while the gateway is
//! repeatedly killed with -9 and connections are cut in the middle of a transfer.
//!
//! ```text
//!   posters, followers ──▶ relay: cuts each connection after n bytes ──▶ gateway: killed after n responses
//! ```
//!
//! The numbers are drawn from a seed. The only waits are for actions of the gateway.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rand::{Rng, SeedableRng, rngs::SmallRng};
use tokio::{
    io::{AsyncReadExt, copy},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

use crate::support::{
    PATIENCE,
    database::Database,
    fixed::Fixed,
    follower::{Follower, Transport, assert_logged},
    live_client::LiveClients,
    message,
    requests::head,
};

const SEED: u64 = 4;
const KILLS: usize = 22;
const POSTERS: usize = 4;

/// The last message posted.
const LAST: &str = "the-last";

/// Forwards connections to the gateway, and cuts each after a number of bytes in the response direction.
async fn relay(listener: TcpListener, gateway: SocketAddr) {
    let mut random = SmallRng::seed_from_u64(SEED);
    loop {
        let (client, _) = listener.accept().await.unwrap();
        // Sometimes little more than the head of a response, usually some dozens of messages.
        let bytes = if random.random_bool(0.2) { random.random_range(0..600) } else { random.random_range(600..24_000) };
        tokio::spawn(pass(client, gateway, bytes));
    }
}

async fn pass(mut client: TcpStream, gateway: SocketAddr, bytes: u64) -> std::io::Result<u64> {
    let mut gateway = TcpStream::connect(gateway).await?;
    let (mut from_client, mut to_client) = client.split();
    let (from_gateway, mut to_gateway) = gateway.split();
    let mut from_gateway = from_gateway.take(bytes);
    tokio::select! {
        sent = copy(&mut from_client, &mut to_gateway) => sent,
        received = copy(&mut from_gateway, &mut to_client) => received,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_follower_gets_the_log_through_22_kills_and_cut_connections() {
    let mut gateway = Fixed::start(Database::new()).await;
    let head = head(&gateway.base).await;

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let relay = tokio::spawn(relay(listener, gateway.address));
    let followers: Vec<_> = (0..8)
        .map(|n| {
            let transport = [Transport::WebSocket, Transport::Events, Transport::Parts][n % 3];
            let follower = Follower::new(transport, n % 2 == 0, vec![base.clone()], &head);
            tokio::spawn(timeout(PATIENCE * 2, follower.follow_until(LAST)))
        })
        .collect();
    let clients = LiveClients::start(std::slice::from_ref(&base));
    let (acknowledged, mut count) = watch::channel(0);
    let stop = Arc::new(AtomicBool::new(false));
    let posters: Vec<_> = (0..POSTERS)
        .map(|poster| {
            let (base, stop, acknowledged) = (base.clone(), Arc::clone(&stop), acknowledged.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                let mut posted = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let id = format!("m-{poster}-{}", posted.len());
                    let payload = message(&id, &format!("c-{poster}-{}", posted.len() % 5), "hi", 1_758_791_400_000);
                    Fixed::deliver(&client, &base, &id, &payload).await;
                    posted.push(id);
                    acknowledged.send_modify(|count| *count += 1);
                }
                posted
            })
        })
        .collect();

    let mut random = SmallRng::seed_from_u64(SEED);
    for _ in 0..KILLS {
        // Sometimes immediately, while the gateway is starting.
        let more = if random.random_bool(0.2) { 0 } else { random.random_range(1..120) };
        let target = *count.borrow() + more;
        timeout(PATIENCE, count.wait_for(|count| *count >= target)).await.expect("answers in time").unwrap();
        gateway.kill_and_start().await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut posted = Vec::new();
    for poster in posters {
        posted.extend(poster.await.unwrap());
    }
    let last = message(LAST, "c-0", "hi", 1_758_791_400_000);
    Fixed::deliver(&reqwest::Client::new(), &gateway.base, LAST, &last).await;
    posted.push(LAST.to_owned());

    let log = assert_logged(&gateway.base, posted).await;
    for follower in followers {
        let followed = follower.await.unwrap().expect("everything in time");
        followed.assert_got(&log);
        assert!(
            followed.connections > KILLS / 2,
            "{} received something on only {} connections",
            followed.name(),
            followed.connections
        );
    }
    // How many gateways ran long enough to send something depends on the machine.
    let clients = clients.end(&gateway.base).await;
    let connections: usize = clients.iter().map(|client| client.connections).sum();
    let payloads: usize = clients.iter().map(|client| client.payloads).sum();
    assert!(connections > 2 * clients.len() && payloads > connections, "{connections} connections, {payloads} payloads");
    relay.abort();
}

//! How many events a second are acknowledged, with group commit and with one transaction per event, side by side in one
//! run: `cargo bench --bench ingest`. Each figure is of a gateway of its own, on a SQLite file in a temporary folder, posted
//! to over HTTP by 64 senders that each wait for their answer.

#![allow(missing_docs, clippy::unwrap_used, reason = "a measurement, run by hand")]

use std::time::{Duration, Instant};

use deskgraph::{
    clock::Clock,
    config::{Config, Overrides},
    gateway::Gateway,
};
use serde_json::json;

const POSTERS: usize = 64;
const SECONDS: u64 = 10;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!("{POSTERS} posters, {SECONDS} s each");
    let grouped = runtime.block_on(acknowledged_per_second(256));
    println!("group commit (batches of at most 256): {grouped:>8.0} events/s");
    let single = runtime.block_on(acknowledged_per_second(1));
    println!("one transaction per event:             {single:>8.0} events/s");
    println!("ratio:                                 {:>8.1}", grouped / single);
}

async fn acknowledged_per_second(batch: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::load(&Overrides {
        listen: Some("127.0.0.1:0".parse().unwrap()),
        database_url: Some(format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display())),
        ..Overrides::default()
    })
    .unwrap();
    config.webhooks.batch = batch;
    let gateway = Gateway::start(&config, Clock::system()).await.unwrap();
    let url = format!("http://{}/webhooks/message-sent", gateway.address);
    let client = reqwest::Client::new();
    let end = Instant::now() + Duration::from_secs(SECONDS);
    let started = Instant::now();
    let posters: Vec<_> = (0..POSTERS)
        .map(|poster| {
            let (client, url) = (client.clone(), url.clone());
            tokio::spawn(async move {
                let mut acknowledged = 0_u32;
                while Instant::now() < end {
                    let body = message(poster, acknowledged).to_string();
                    let response = client.post(&url).body(body).send().await.unwrap();
                    assert!(response.status().is_success(), "{}", response.status());
                    response.bytes().await.unwrap();
                    acknowledged += 1;
                }
                f64::from(acknowledged)
            })
        })
        .collect();
    let mut acknowledged = 0.0;
    for poster in posters {
        acknowledged += poster.await.unwrap();
    }
    let seconds = started.elapsed().as_secs_f64();
    gateway.stop().await.unwrap();
    acknowledged / seconds
}

fn message(poster: usize, n: u32) -> serde_json::Value {
    json!({
        "conversation_id": format!("c-{poster}-{}", n / 20), "message_id": format!("m-{poster}-{n}"), "platform": "zalo",
        "message": "Ch%C3%A0o%20shop%2C%20%C4%91%C6%A1n%20DH-1029%20bao%20gi%E1%BB%9D%20giao%3F", "type": "text",
        "time": 1_758_791_400_000_i64 + i64::from(n), "time_create_at": 1_758_791_400, "from_id": format!("77{poster}"),
        "from_display_name": "Nguyễn Thị Mai", "to_id": "2873219003322110", "oa_id": "2873219003322110", "is_platform_sender": 0,
        "is_read": 0, "is_read_by_staff": ["64d1f0000000000000000101"], "assign_by": ["64d1f0000000000000000101"], "is_closed": 0,
    })
}

//! A full disk, simulated by a file size limit.

use std::process::Stdio;

use reqwest::{StatusCode, header::RETRY_AFTER};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::timeout,
};

use crate::support::{PATIENCE, database::Database, message, process::Process, requests::query};

/// Enough deliveries of 64 KB to fill it.
const ENOUGH: usize = 1_000;

/// The binary with a file size limit of 8 MB. The shell makes exceeding it an error instead of a signal.
fn with_file_size_limit(database: &Database) -> Command {
    let mut command = Command::new("sh");
    let binary = env!("CARGO_BIN_EXE_deskgraph");
    command.args(["-c", "trap '' XFSZ; ulimit -f 16384; exec \"$0\" serve --listen 127.0.0.1:0", binary]);
    command
        .current_dir(database.folder())
        .env_remove("DATABASE_URL")
        .env_remove("DESKGRAPH_LISTEN")
        .env_remove("DESKGRAPH_CONFIG");
    command.env("DESKGRAPH_LOG__FORMAT", "json").stderr(Stdio::piped()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn a_full_disk_refuses_deliveries_for_retry_and_keeps_acknowledged_ones() {
    let database = Database::new();
    let mut gateway = with_file_size_limit(&database).spawn().unwrap();
    let mut log = BufReader::new(gateway.stderr.take().unwrap()).lines();
    let serving = async {
        loop {
            let line = log.next_line().await.unwrap().expect("the gateway serves before it ends");
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            if line["fields"]["message"] == "serving" {
                return format!("http://{}", line["fields"]["address"].as_str().unwrap());
            }
        }
    };
    let base = timeout(PATIENCE, serving).await.unwrap();
    tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });

    let client = reqwest::Client::new();
    let deliver = async |base: &str, n: usize| {
        let payload = message(&format!("m-{n}"), "c", &"đầy ".repeat(11_000), 1_758_791_400_000).to_string();
        client.post(format!("{base}/webhooks/message-sent")).body(payload).send().await.unwrap()
    };
    let mut taken = 0;
    let refused = loop {
        assert!(taken < ENOUGH, "the disk is never full");
        let answer = deliver(&base, taken).await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
        taken += 1;
    };
    assert!(taken > 10, "{taken}");
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key(RETRY_AFTER));
    gateway.kill().await.unwrap();

    let gateway = Process::start(&database, &["serve"]).await;
    assert_eq!(query(&gateway.base, "{ messages { totalCount } }", json!({})).await["messages"]["totalCount"], taken);
    assert_eq!(deliver(&gateway.base, taken).await.status(), StatusCode::OK);
    gateway.terminate().await;
}

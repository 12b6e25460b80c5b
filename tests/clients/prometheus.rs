//! `promtool` checks the metrics of a gateway that has served requests, and the alert rules in `ops/`.

use std::{path::Path, process::Stdio};

use serde_json::json;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::support::{database::Database, live::Live, message, process::Process, scraped::Scraped};

/// Runs promtool; panics with its output if it finds errors.
async fn promtool(arguments: &[&str], input: &str) {
    let ops = Path::new(env!("CARGO_MANIFEST_DIR")).join("ops");
    let mut child = Command::new("promtool")
        .args(arguments)
        .current_dir(ops)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("promtool is missing: run `scripts/test`, or `apt-get install prometheus`");
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "promtool {arguments:?}: {printed}\n{input}");
    // It exits with 0 if it has only warnings.
    assert!(printed.trim().is_empty() || printed.contains("SUCCESS"), "promtool {arguments:?}: {printed}");
}

#[tokio::test]
async fn promtool_accepts_the_metrics_and_the_alert_rules() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let mut live = Live::messages(&gateway.base, None).await;
    let client = reqwest::Client::new();
    let request = client.post(format!("{}/graphql", gateway.base)).json(&json!({ "query": "query Desk { head }" }));
    assert_eq!(request.send().await.unwrap().status(), 200);
    let posted =
        client.post(format!("{}/webhooks/message-sent", gateway.base)).json(&message("m-1", "c-1", "Chào", 1_758_791_400_000));
    assert_eq!(posted.send().await.unwrap().status(), 200);
    live.next().await;
    let scraped = Scraped::at(&gateway.base).await;
    assert!(scraped.count("deskgraph_webhook_to_subscriber_seconds_count") > 0);
    promtool(&["check", "metrics"], &scraped.text).await;
    promtool(&["check", "rules", "alerts.yml"], "").await;
}

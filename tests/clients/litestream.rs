//! Litestream beside a gateway: its replica is restored after both were killed. This is the drill in `docs/operations.md`.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::{Value, json};
use tokio::{
    process::{Child, Command},
    sync::watch,
    time::{sleep, timeout},
};

use crate::support::{
    PATIENCE,
    database::Database,
    fixed::RETRY,
    message,
    process::{Process, deskgraph},
    requests::query,
};

/// Litestream, installed by `scripts/test`.
fn litestream() -> Command {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/litestream/bin/litestream");
    let program = std::env::var_os("LITESTREAM").map_or(installed, PathBuf::from);
    assert!(program.exists(), "{} is missing: run `scripts/test`, or name one in LITESTREAM", program.display());
    let mut command = Command::new(program);
    command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

fn replicate(database: &Database, replica: &str) -> Child {
    litestream().args(["replicate", "deskgraph.db", replica]).current_dir(database.folder()).spawn().unwrap()
}

/// Restores the replica to a new file. Returns whether there was a replica.
async fn restore(database: &Database, replica: &str, file: &str) -> bool {
    let restored = litestream().args(["restore", "-o", file, replica]).current_dir(database.folder()).status().await.unwrap();
    restored.success()
}

/// The number of events in a file.
async fn events(database: &Database, file: &str) -> i64 {
    let url = format!("sqlite://{file}");
    let output = deskgraph(database).args(["stats", "--json", "--database-url", &url]).output().await.unwrap();
    let stats: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    stats["events"].as_i64().unwrap_or(0)
}

async fn post(base: &str, from: i64, to: i64) {
    let client = reqwest::Client::new();
    for n in from..to {
        let payload = message(&format!("m-{n}"), &format!("c-{}", n % 7), "Chào shop", 1_758_791_400_000 + n);
        let posted = client.post(format!("{base}/webhooks/message-sent")).json(&payload).send().await.unwrap();
        assert_eq!(posted.status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_litestream_replica_restores_after_kill_9() {
    let database = Database::sqlite();
    let replica = format!("file://{}", database.folder().join("replica").display());
    let gateway = Process::start(&database, &[]).await;
    post(&gateway.base, 0, 150).await;
    let mut replicating = replicate(&database, &replica);
    // Acknowledged deliveries are in the replica within seconds, while more arrive.
    post(&gateway.base, 150, 300).await;
    let replicated = async {
        for attempt in 0.. {
            let file = format!("attempt-{attempt}.db");
            if restore(&database, &replica, &file).await && events(&database, &file).await >= 300 {
                return;
            }
            sleep(RETRY * 10).await;
        }
    };
    timeout(PATIENCE, replicated).await.expect("acknowledged deliveries are replicated in time");
    let head = query(&gateway.base, "{ head }", json!({})).await["head"].clone();
    let base = gateway.base.clone();
    let (acknowledged, mut count) = watch::channel(300);
    let posting = tokio::spawn(async move {
        let client = reqwest::Client::new();
        for n in 300.. {
            let payload = message(&format!("m-{n}"), "c-1", "Chào shop", 1_758_791_400_000 + n);
            if client.post(format!("{base}/webhooks/message-sent")).json(&payload).send().await.is_err() {
                return n;
            }
            acknowledged.send_replace(n + 1);
        }
        unreachable!("the gateway is killed")
    });
    // Both are killed while more arrive.
    timeout(PATIENCE, count.wait_for(|count| *count >= 350)).await.expect("acknowledgements in time").unwrap();
    gateway.kill().await;
    replicating.kill().await.unwrap();
    let posted = posting.await.unwrap();
    for file in ["deskgraph.db", "deskgraph.db-wal", "deskgraph.db-shm"] {
        let _ = std::fs::remove_file(database.folder().join(file));
    }

    // The drill.
    assert!(restore(&database, &replica, "deskgraph.db").await, "the replica is restored");
    let verified = deskgraph(&database).arg("verify").output().await.unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let renewed = deskgraph(&database).arg("restored").output().await.unwrap();
    assert!(renewed.status.success(), "{}", String::from_utf8_lossy(&renewed.stderr));
    let restored = events(&database, "deskgraph.db").await;
    assert!((300..=posted + 1).contains(&restored), "{restored} of {posted} events are restored");
    let gateway = Process::start(&database, &[]).await;
    let counts = query(&gateway.base, "{ events { totalCount } messages { totalCount } }", json!({})).await;
    assert_eq!((&counts["events"]["totalCount"], &counts["messages"]["totalCount"]), (&json!(restored), &json!(restored)));
    let request = json!({ "query": "subscription($after: String) { messageAdded(after: $after) { cursor } }", "variables": { "after": head } });
    let refused =
        reqwest::Client::new().post(format!("{}/graphql", gateway.base)).header("accept", "text/event-stream").json(&request);
    let refused = refused.send().await.unwrap().text().await.unwrap();
    assert!(refused.contains("CURSOR_OF_ANOTHER_STORE"), "{refused}");
    post(&gateway.base, 100_000, 100_010).await;
    assert_eq!(gateway.terminate().await, Some(0));
}

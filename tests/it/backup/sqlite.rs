//! Backup of a SQLite file.

use std::{
    os::unix::fs::PermissionsExt as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use reqwest::StatusCode;
use serde_json::json;

use super::{errors, run};
use crate::support::{database::Database, message, process::Process, requests::query};

/// The database in the file that was copied.
const COPY: &str = "sqlite://copy.db?mode=rwc";

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_during_deliveries_has_every_delivery_acknowledged_before() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
    let posters: Vec<_> = (0..8)
        .map(|poster| {
            let (base, stop, acknowledged) = (gateway.base.clone(), stop.clone(), acknowledged.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                for n in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let payload = message(&format!("m-{poster}-{n}"), &format!("c-{poster}"), "Chào shop", 1_758_791_400_000 + n);
                    let posted = client.post(format!("{base}/webhooks/message-sent")).json(&payload).send().await.unwrap();
                    assert_eq!(posted.status(), StatusCode::OK);
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    while acknowledged.load(Ordering::SeqCst) < 100 {
        tokio::task::yield_now().await;
    }
    let before = acknowledged.load(Ordering::SeqCst);
    let (code, stderr) = run(&database, &["backup", "copy.db"]).await;
    assert!(code == Some(0) && stderr.contains("checked and synced"), "{stderr}");
    let head = query(&gateway.base, "{ head }", json!({})).await["head"].clone();
    stop.store(true, Ordering::SeqCst);
    for poster in posters {
        poster.await.unwrap();
    }
    let copy = std::fs::metadata(database.folder().join("copy.db")).unwrap();
    assert_eq!(copy.permissions().mode() & 0o777, 0o600, "only the owner can read it");

    let (code, stderr) = run(&database, &["backup", "copy.db"]).await;
    assert!(code == Some(1) && stderr.contains("copy.db exists") && stderr.contains("--force"), "{stderr}");
    assert_eq!(std::fs::metadata(database.folder().join("copy.db")).unwrap().len(), copy.len());
    assert_eq!(gateway.terminate().await, Some(0));

    let (code, stderr) = run(&database, &["verify", "--database-url", COPY]).await;
    assert_eq!(code, Some(0), "{stderr}");
    let restored = Process::start(&database, &["--database-url", COPY]).await;
    let counts = query(
        &restored.base,
        "{ events { totalCount } messages { totalCount } searched: messages(filter: {search: \"shop\"}) { totalCount } }",
        json!({}),
    )
    .await;
    assert!(counts["events"]["totalCount"].as_i64().unwrap() >= before, "{counts} of {before}");
    assert_eq!(counts["events"], counts["messages"]);
    assert_eq!(counts["searched"], counts["messages"], "the search indexes lead to the same rows");
    // The copy lacks what the original stored after it, so the original's cursors must be refused.
    let refused = errors(
        &restored.base,
        "subscription($after: String) { messageAdded(after: $after) { cursor } }",
        json!({ "after": head }),
    )
    .await;
    assert!(refused.to_string().contains("CURSOR_OF_ANOTHER_STORE"), "{refused}");
    restored.terminate().await;

    let (code, stderr) = run(&database, &["backup", "copy.db", "--force"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    let hidden: Vec<_> = std::fs::read_dir(database.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert_eq!(hidden, [""; 0], "no temporary file is left beside the copy");
}

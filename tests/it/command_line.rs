//! The command-line interface.

use std::process::Output;

use serde_json::json;

use crate::support::{
    database::Database,
    message,
    process::{Process, deskgraph},
    sample,
};

async fn run(database: &Database, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = deskgraph(database).args(arguments).output().await.unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn envelope(event: &str, data: &serde_json::Value) -> String {
    json!({ "event": event, "data": data }).to_string()
}

#[tokio::test]
async fn a_file_can_be_imported_twice_and_is_stored_once() {
    let database = Database::new();
    let close = sample("conversation-status-changed");
    let lines = [
        envelope("message.sent", &sample("message-sent")),
        envelope("conversation.status_changed", &close),
        json!({ "event": "customer.created", "receivedAt": "2025-09-25T10:00:00Z", "data": sample("customer-created") })
            .to_string(),
        // The same line again is another event, since closing twice is two events.
        envelope("conversation.status_changed", &close),
        String::new(),
    ];
    std::fs::write(database.folder().join("events.ndjson"), lines.join("\n")).unwrap();
    let (code, _, stderr) = run(&database, &["ingest", "events.ndjson"]).await;
    assert_eq!((code, stderr.trim()), (Some(0), "4 stored, 0 duplicates, 0 rejected"));
    let (code, _, stderr) = run(&database, &["ingest", "events.ndjson"]).await;
    assert_eq!((code, stderr.trim()), (Some(0), "0 stored, 4 duplicates, 0 rejected"));
    let (code, _, stderr) = run(&database, &["verify"]).await;
    assert_eq!(code, Some(0), "{stderr}");
}

#[tokio::test]
async fn a_file_is_stored_in_its_order() {
    let database = Database::new();
    let line = |n: i64| envelope("message.sent", &message(&format!("m-{n}"), "c-1", "hi", 1_758_791_400_000 - n));
    std::fs::write(database.folder().join("events.ndjson"), (0..1500).map(|n| line(n) + "\n").collect::<String>()).unwrap();
    let (code, _, stderr) = run(&database, &["ingest", "events.ndjson"]).await;
    assert_eq!((code, stderr.trim()), (Some(0), "1500 stored, 0 duplicates, 0 rejected"));
    let gateway = Process::start(&database, &[]).await;
    let ids: Vec<String> = (1..=1500).map(|seq| format!("evt_{seq}")).collect();
    let mut stored = Vec::new();
    for ids in ids.chunks(100) {
        let query = json!({
            "query": "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Event { payload } } }",
            "variables": { "ids": ids },
        });
        let response = reqwest::Client::new().post(format!("{}/graphql", gateway.base)).json(&query).send().await.unwrap();
        let answer: serde_json::Value = response.json().await.unwrap();
        let nodes = answer["data"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer}"));
        stored.extend(nodes.iter().map(|event| event["payload"]["message_id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(stored, (0..1500).map(|n| format!("m-{n}")).collect::<Vec<_>>());
    gateway.terminate().await;
}

#[tokio::test]
async fn bad_lines_are_reported_by_number_and_the_import_continues() {
    let database = Database::new();
    let lines = [
        "not json".to_owned(),
        envelope("message.sent", &json!({ "message": "no conversation" })),
        envelope("message.sent", &message("m-1", "c-1", "hi", 1_758_791_400_000)),
    ];
    std::fs::write(database.folder().join("events.ndjson"), lines.join("\n")).unwrap();
    let (code, _, stderr) = run(&database, &["ingest", "events.ndjson"]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("line 1: the body is not JSON"), "{stderr}");
    assert!(stderr.contains("line 2: $.conversation_id"), "{stderr}");
    assert!(stderr.ends_with("1 stored, 0 duplicates, 2 rejected\n"), "{stderr}");
    let (code, _, stderr) = run(&database, &["retry"]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.ends_with("0 stored, 1 still rejected\n"), "{stderr}");
}

#[tokio::test]
async fn rebuilding_changes_no_response() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let client = reqwest::Client::new();
    for (segment, name) in
        [("message-sent", "message-sent"), ("customer-created", "customer-created"), ("ticket-created", "ticket-created")]
    {
        client
            .post(format!("{}/webhooks/{segment}", gateway.base))
            .json(&sample(name))
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap();
    }
    let query = json!({ "query": "{ head customers { nodes { id name conversations { nodes { id messages { nodes { id text } } } } tickets { nodes { id name } } } } }" });
    let ask = async |base: &str| {
        client.post(format!("{base}/graphql")).json(&query).send().await.unwrap().json::<serde_json::Value>().await.unwrap()
    };
    let before = ask(&gateway.base).await;
    assert!(before.to_string().contains("DH-1029"), "{before}");
    assert_eq!(gateway.terminate().await, Some(0));
    let (code, _, stderr) = run(&database, &["rebuild"]).await;
    assert_eq!((code, stderr.trim()), (Some(0), "projections rebuilt from 3 events"));
    let gateway = Process::start(&database, &[]).await;
    assert_eq!(ask(&gateway.base).await, before);
    gateway.terminate().await;
}

#[tokio::test]
async fn settings_come_from_file_environment_and_flags_and_are_printed() {
    let database = Database::new();
    std::fs::write(database.folder().join("deskgraph.toml"), "[webhooks]\nqueue = 7\n[crm]\ntime_zone = \"Asia/Bangkok\"\n")
        .unwrap();
    let mut command = deskgraph(&database);
    command
        .args(["config", "--listen", "127.0.0.1:9"])
        .env("DESKGRAPH_CRM__TIME_ZONE", "UTC")
        .env("DATABASE_URL", "postgres://desk:secret@db.example/x");
    let printed = String::from_utf8(command.output().await.unwrap().stdout).unwrap();
    for expected in ["queue = 7", "time_zone = \"UTC\"", "listen = \"127.0.0.1:9\"", "desk:***@db.example"] {
        assert!(printed.contains(expected), "{expected} is not in {printed}");
    }
    std::fs::write(database.folder().join("deskgraph.toml"), "[webhooks]\nqeue = 7\n").unwrap();
    let (code, _, stderr) = run(&database, &["config"]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("qeue"), "{stderr}");
    let (code, _, stderr) = run(&database, &["serve", "--listen", "0.0.0.0:0", "--config", "none.toml"]).await;
    assert!(code == Some(1) && stderr.contains("none.toml does not exist"), "{stderr}");
}

#[tokio::test]
async fn listening_beyond_loopback_requires_insecure() {
    let database = Database::new();
    let (code, _, stderr) = run(&database, &["serve", "--listen", "0.0.0.0:0"]).await;
    assert!(code == Some(1) && stderr.contains("--insecure"), "{stderr}");
}

#[tokio::test]
async fn health_readiness_and_schema_are_served() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let get = async |path: &str| {
        reqwest::get(format!("{}{path}", gateway.base)).await.unwrap().error_for_status().unwrap().text().await.unwrap()
    };
    assert_eq!(get("/healthz").await, "ok\n");
    assert_eq!(get("/readyz").await, "ready\n");
    let (_, printed, _) = run(&database, &["schema"]).await;
    assert_eq!(get("/schema.graphql").await, printed);
    gateway.terminate().await;
}

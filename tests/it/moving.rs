//! Moving to another database: `deskgraph export | deskgraph ingest -` gives an identical log, and so the same responses. The
//! old store is on SQLite, the new one on the database that the tests run on.

mod answers;

use std::process::Stdio;

use demo::{Plan, past};
use deskgraph::{
    domain::{kind::EventKind, time::Timestamp},
    store::Entry,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::Command,
    time::timeout,
};

use self::answers::app;
use crate::support::{
    PATIENCE, app::NOW, app::TestApp, database::Database, entry, live::Live, message, process::deskgraph, sample, store,
};

/// The output of a command, and how it ended.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn command(app: &TestApp, arguments: &[&str]) -> Command {
    let mut command = deskgraph(&app.database);
    command.args(arguments).args(["--database-url", app.database_url()]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn run(app: &TestApp, arguments: &[&str], input: &str) -> Ran {
    let mut child = command(app, arguments).spawn().unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_owned());
    // It may end before it has read all input.
    let writing = tokio::spawn(async move { stdin.write_all(input.as_bytes()).await });
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("it ends in time").unwrap();
    let _ = writing.await.unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

async fn export(app: &TestApp) -> String {
    let ran = run(app, &["export"], "").await;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stdout
}

/// Imports a log. Returns the exit code and the last line of output.
async fn ingest(app: &TestApp, log: &str) -> (Option<i32>, String) {
    let ran = run(app, &["ingest", "-"], log).await;
    (ran.code, ran.stderr.lines().last().unwrap_or_default().to_owned())
}

fn counts(stored: usize, before: usize) -> (Option<i32>, String) {
    (Some(0), format!("{stored} stored, {before} duplicates, 0 rejected"))
}

/// A log with everything that is difficult to transfer: deliveries with and without ids, repeated and late, payloads with line
/// breaks and unusual spelling, deleted and later changed objects. Some deliveries are rejected.
async fn messy() -> TestApp {
    let app = app(Database::sqlite()).await;
    let plan = Plan { scale: 0.004, ..Plan::new(Timestamp::parse_rfc3339(NOW).unwrap().as_millis()) };
    for delivery in past(&plan) {
        let headers = [("webhook-id", delivery.id.as_str())];
        app.post_body(&format!("/{}", delivery.event), &headers, delivery.payload).await;
    }
    app.deliver_samples().await;
    for (segment, id, payload) in [
        ("customer-deleted", None, sample("customer-deleted").to_string()),
        ("ticket-deleted", None, sample("ticket-deleted").to_string()),
        (
            "customer-created",
            Some("c-\"1\" \\ é"),
            "{\r\n\t\"id\" : \"late\",\n  \"system_name\": \"\\u0110\\u1ed7 Thu \u{2028} 🌸\"\n}".into(),
        ),
        ("customer-updated", None, r#"{"id":"late","system_name":"Thu B","updatedAt":"2025-09-20T00:00:00Z"}"#.into()),
        (
            "customer-updated",
            None,
            r#"{"id":"late","system_name":"Thu A","updatedAt":"2025-09-10T00:00:00Z","cf_n":1.50e3}"#.into(),
        ),
        ("customer-deleted", None, r#"{"deletedContactIds":["late"]}"#.into()),
        ("customer-updated", None, r#"{"id":"late","note":"after the end","updatedAt":"2025-09-21T00:00:00Z"}"#.into()),
        ("conversation-status-changed", None, "\n{\"conversation_id\":\"c-9\",\n\"is_closed\":\"1\"}\n".into()),
        ("conversation-status-changed", None, "\n{\"conversation_id\":\"c-9\",\n\"is_closed\":\"1\"}\n".into()),
        (
            "message-sent",
            None,
            "{\"conversation_id\":\"c-9\",\"message\":\"a%0Ab\",\n\n\"time\":1758791400123,\"z\":1,\"a\":2,\"a\":3}".into(),
        ),
        ("message-sent", Some("rejected"), r#"{"message":"of no conversation"}"#.into()),
    ] {
        let headers: Vec<_> = id.map(|id| ("x-event-id", id)).into_iter().collect();
        let (status, answer) = app.post_body(&format!("/{segment}"), &headers, payload).await;
        assert_eq!(status, if id == Some("rejected") { 422 } else { 200 }, "{answer}");
    }
    app
}

async fn assert_verified(app: &TestApp) {
    let ran = run(app, &["verify"], "").await;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

async fn events(app: &TestApp) -> Value {
    app.query("{ events { totalCount } }").await["events"]["totalCount"].take()
}

#[tokio::test]
async fn a_moved_log_is_identical_and_so_is_every_response() {
    let old = messy().await;
    let ran = run(&old, &["export"], "").await;
    let log = ran.stdout;
    let count = log.lines().count();
    assert_eq!(events(&old).await, count);
    let stderr =
        format!("{count} events exported\nrejected deliveries not exported: 1 (`deskgraph retry` may turn them into events)\n");
    assert_eq!((ran.code, ran.stderr), (Some(0), stderr));

    let new = app(Database::new()).await;
    assert_eq!(ingest(&new, &log).await, counts(count, 0));
    assert_eq!(export(&new).await, log);
    assert_verified(&new).await;
    let (before, after) = (answers::all(&old).await, answers::all(&new).await);
    assert_eq!(before.len(), 6, "every list is compared");
    for ((list, before), (_, after)) in before.iter().zip(&after) {
        assert!(before.as_array().is_some_and(|before| !before.is_empty()), "{list} has something");
        assert_eq!(before, after, "{list}");
    }

    // The log is the same, but cursors of another store are refused.
    assert_eq!(ingest(&new, &log).await, counts(0, count));
    assert_eq!(ingest(&old, &log).await, counts(0, count));
    let head = old.query("{ head }").await["head"].take();
    let query = "subscription($after: String) { messageAdded(after: $after) { cursor } }";
    let answer = Live::start(&new.base, query, json!({ "after": head })).await.receive().await;
    assert_eq!(answer.pointer("/payload/errors/0/extensions/code"), Some(&"CURSOR_OF_ANOTHER_STORE".into()), "{answer}");
    old.stop().await;
    new.stop().await;
}

#[tokio::test]
async fn after_the_move_the_log_continues_and_recognises_repetitions() {
    let old = app(Database::sqlite()).await;
    let payload = sample("customer-created").to_string();
    let post = async |app: &TestApp, id: &str| app.post_body("/customer-created", &[("webhook-id", id)], payload.clone()).await.1;
    for id in ["d-1", "d-2"] {
        post(&old, id).await;
    }
    old.deliver("message-sent", &sample("message-sent")).await;
    let new = app(Database::new()).await;
    assert_eq!(ingest(&new, &export(&old).await).await, counts(3, 0));
    assert_eq!(post(&new, "d-2").await, json!({ "id": "evt_2", "duplicate": true }));
    assert_eq!(new.deliver("message-sent", &sample("message-sent")).await, json!({ "id": "evt_3", "duplicate": true }));
    assert_eq!(post(&new, "d-4").await, json!({ "id": "evt_4", "duplicate": false }));
    let arrivals = new.query("{ events { nodes { receivedAt } } }").await;
    let arrivals: Vec<&str> =
        arrivals["events"]["nodes"].as_array().unwrap().iter().map(|event| event["receivedAt"].as_str().unwrap()).collect();
    assert!(arrivals.is_sorted_by(|newer, older| newer > older), "{arrivals:?}");
    old.stop().await;
    new.stop().await;
}

#[tokio::test]
async fn an_interrupted_import_continues_where_it_stopped() {
    let old = messy().await;
    let log = export(&old).await;
    let count = log.lines().count();
    let half: Vec<&str> = log.lines().take(count / 2).collect();
    let new = app(Database::new()).await;
    let cut = format!("{}\n{}", half.join("\n"), &log.lines().nth(count / 2).unwrap()[..40]);
    let (code, stderr) = ingest(&new, &cut).await;
    assert!(code == Some(1) && stderr.contains(&format!("line {}: the body is not JSON", count / 2 + 1)), "{stderr}");
    assert_eq!(events(&new).await, count / 2);
    assert_eq!(ingest(&new, &log).await, counts(count - count / 2, count / 2));
    assert_eq!(export(&new).await, log);
    assert_verified(&new).await;
    old.stop().await;
    new.stop().await;
}

#[tokio::test]
async fn a_log_is_not_mixed_with_another() {
    let old = app(Database::sqlite()).await;
    for n in 0..30 {
        old.deliver("message-sent", &message(&format!("m-{n}"), "c-1", "hi", 1_758_791_400_000 + n)).await;
    }
    let log = export(&old).await;
    let lines: Vec<&str> = log.lines().collect();
    let part = |lines: &[&str]| lines.join("\n") + "\n";
    let of_a_copy = "into an empty database, or into a copy of itself";

    // A copy that diverged after event 5.
    let new = app(Database::new()).await;
    assert_eq!(ingest(&new, &part(&lines[..5])).await, counts(5, 0));
    new.deliver("message-sent", &message("other", "c-1", "hi", 1_758_791_400_000)).await;
    let (code, stderr) = ingest(&new, &log).await;
    assert!(code == Some(1) && stderr.contains("line 6: event 6") && stderr.contains(of_a_copy), "{stderr}");
    assert_eq!(events(&new).await, 6, "nothing was stored after it");

    // A line before the end of the log that is not in it, one that is there under another number, and lines out of order.
    let new = app(Database::new()).await;
    assert_eq!(ingest(&new, &part(&lines[2..5])).await, counts(3, 0));
    let (code, stderr) = ingest(&new, &log).await;
    assert!(code == Some(1) && stderr.contains("line 1: event 1") && stderr.contains(of_a_copy), "{stderr}");
    let (code, stderr) = ingest(&new, &lines[3].replace("\"seq\":4", "\"seq\":9")).await;
    assert!(code == Some(1) && stderr.contains("line 1: event 9") && stderr.contains("it is event 4 here"), "{stderr}");
    let (code, stderr) = ingest(&new, &part(&[lines[6], lines[5], lines[7]])).await;
    assert!(code == Some(1) && stderr.contains("line 2: event 6 comes after event 7"), "{stderr}");
    assert_eq!(events(&new).await, 4);

    // A line that is no event of this version.
    let bad = lines[9].replace("conversation_id", "id_conversation");
    let new = app(Database::new()).await;
    let (code, stderr) = ingest(&new, &part(&[lines[8], &bad, lines[10]])).await;
    assert!(code == Some(1) && stderr.contains("line 2: event 10 can't be restored: $.conversation_id"), "{stderr}");
    assert_eq!(events(&new).await, 1);
    old.stop().await;
}

/// A log larger than a pipe and its buffers.
async fn large() -> Database {
    let database = Database::new();
    let text = "x".repeat(100_000);
    let entries: Vec<Entry> =
        (0..150).map(|n| entry(EventKind::MessageSent, &message(&format!("m-{n}"), "c-1", &text, n))).collect();
    store(database.url(), &entries).await;
    database
}

#[tokio::test]
async fn an_export_to_a_closed_pipe_ends_quietly_and_an_interrupted_one_is_an_error() {
    let database = large().await;
    for interrupt in [false, true] {
        let mut command = deskgraph(&database);
        command.arg("export").args(["--database-url", database.url()]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        timeout(PATIENCE, output.read_line(&mut line)).await.expect("a line in time").unwrap();
        assert!(line.starts_with(r#"{"seq":1,"event":"message.sent","#), "{line}");
        if interrupt {
            let id = child.id().unwrap().to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
        } else {
            drop(output);
        }
        let ended = timeout(PATIENCE, child.wait()).await.expect("it ends in time").unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).await.unwrap();
        let expected = if interrupt { (Some(130), true) } else { (Some(141), false) };
        assert_eq!((ended.code(), stderr.contains("interrupted")), expected, "{stderr}");
        assert!(interrupt || stderr.is_empty(), "{stderr}");
    }
}

//! The drill of `docs/operations.md` for PostgreSQL: a dump while a gateway runs, restored to an empty database.

use deskgraph::domain::kind::EventKind;
use serde_json::json;
use tokio::process::Command;

use crate::support::{
    self,
    database::Database,
    entry, message,
    process::{Process, deskgraph},
    requests::query,
    sample,
};

/// A program of PostgreSQL's client, of the version of the server.
fn program(name: &str) -> Command {
    let programs = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres");
    let found = std::process::Command::new(programs).arg("programs").output().unwrap();
    let folder = String::from_utf8(found.stdout).unwrap();
    Command::new(std::path::Path::new(folder.trim()).join(name))
}

async fn run(mut command: Command) {
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_made_while_a_gateway_runs_is_restored_and_verified() {
    let (original, restored) = (Database::new(), Database::new());
    let mut entries = vec![entry(EventKind::CustomerCreated, &sample("customer-created"))];
    entries.extend((0..300).map(|n| {
        let text = "Chào shop";
        entry(EventKind::MessageSent, &message(&format!("m-{n}"), &format!("c-{}", n % 7), text, 1_758_791_400_000 + n))
    }));
    support::store(original.url(), &entries).await;
    let gateway = Process::start(&original, &[]).await;
    let dump = original.folder().join("deskgraph.dump");
    let mut dumping = program("pg_dump");
    dumping.args(["--format=custom", "--file"]).arg(&dump).arg(original.url());
    run(dumping).await;
    let head = query(&gateway.base, "{ head }", json!({})).await["head"].clone();
    gateway.kill().await;

    let mut restoring = program("pg_restore");
    restoring.args(["--exit-on-error", "--no-owner", "--dbname", restored.url()]).arg(&dump);
    run(restoring).await;
    for command in ["verify", "restored"] {
        let mut command_line = deskgraph(&restored);
        command_line.arg(command);
        run(command_line).await;
    }
    let gateway = Process::start(&restored, &[]).await;
    let counts = query(&gateway.base, "{ events { totalCount } messages { totalCount } }", json!({})).await;
    assert_eq!((&counts["events"]["totalCount"], &counts["messages"]["totalCount"]), (&json!(301), &json!(300)));
    let request = json!({ "query": "subscription($after: String) { messageAdded(after: $after) { cursor } }", "variables": { "after": head } });
    let refused =
        reqwest::Client::new().post(format!("{}/graphql", gateway.base)).header("accept", "text/event-stream").json(&request);
    let refused = refused.send().await.unwrap().text().await.unwrap();
    assert!(refused.contains("CURSOR_OF_ANOTHER_STORE"), "{refused}");
    assert_eq!(gateway.terminate().await, Some(0));
}

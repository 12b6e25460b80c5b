//! `deskgraph backup`, and restoring from it.

use serde_json::{Value, json};

use crate::support::{database::Database, process::deskgraph};

mod sqlite;

/// Runs a command. Returns the exit code and the output.
async fn run(database: &Database, arguments: &[&str]) -> (Option<i32>, String) {
    let output = deskgraph(database).args(arguments).output().await.unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn for_a_server_backup_names_the_tools_to_use() {
    let database = Database::new();
    let (code, stderr) = run(&database, &["backup", "copy", "--database-url", "postgres://127.0.0.1:1/none"]).await;
    assert!(code == Some(1) && stderr.contains("pg_dump") && stderr.contains("docs/operations.md"), "{stderr}");
}

/// The errors in the response to a query.
async fn errors(base: &str, query: &str, variables: Value) -> Value {
    let body = json!({ "query": query, "variables": variables });
    let request = reqwest::Client::new().post(format!("{base}/graphql")).header("accept", "text/event-stream").json(&body);
    let text = request.send().await.unwrap().text().await.unwrap();
    Value::from(text)
}

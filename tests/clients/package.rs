//! The npm package `@deskgraph/client` in `clients/js`: reconnection, errors, types and published files. The recipes in
//! `examples/clients` cover the rest.

use serde_json::{Value, json};
use tokio::{process::Command, time::timeout};

use super::{
    Script,
    support::{PATIENCE, database::Database, fixed::Fixed, message, process::Process, requests::head},
};

#[tokio::test]
async fn a_client_package_subscription_without_matches_resumes_from_its_progress() {
    let database = Database::new();
    std::fs::write(database.folder().join("deskgraph.toml"), "[graphql]\nheartbeat_seconds = 1\n").unwrap();
    let mut gateway = Fixed::start(database).await;
    let mut script = Script::start("tests/clients", "progress.mjs", &[&gateway.base]);
    let start = script.line().await["after"].take();
    assert!(start.is_string(), "it begins at the head");
    let client = reqwest::Client::new();
    let deliver = async |base: &str, id: &str, text: &str| {
        Fixed::deliver(&client, base, id, &message(id, "c-1", text, 1_758_791_400_000)).await;
    };
    for n in 0..5 {
        deliver(&gateway.base, &format!("m-{n}"), "often").await;
    }
    let end: Value = head(&gateway.base).await.into();
    assert_ne!(end, start);
    while script.line().await["progress"] != end {}
    gateway.kill_and_start().await;
    let line = loop {
        let line = script.line().await;
        if line.get("progress").is_none() {
            break line;
        }
    };
    assert_eq!(line["after"], end, "it resumes after its progress, not after its first cursor");
    deliver(&gateway.base, "m-5", "rare").await;
    let line = loop {
        let line = script.line().await;
        if line.get("text").is_some() {
            break line;
        }
    };
    assert_eq!(line["text"], "rare");
}

#[tokio::test]
async fn the_client_package_retries_temporarily_refused_subscriptions() {
    let database = Database::new();
    let settings = "[auth]\nanonymous_role = \"visitor\"\n[roles.visitor]\nlimits.complexity_per_minute = 600\n";
    std::fs::write(database.folder().join("deskgraph.toml"), settings).unwrap();
    let gateway = Process::start(&database, &[]).await;
    let mut script = Script::start("tests/clients", "refused.mjs", &[&gateway.base]);
    let line = script.line().await;
    assert!(line["sent"].as_u64().unwrap() > 1, "it was not refused: {line}");
    assert_eq!((&line["errors"], &line["page"]), (&json!([]), &json!([])), "{line}");
    script.end().await;
    gateway.terminate().await;
}

/// A gateway stopped by a signal neither answers nor closes connections, like a lost network.
#[tokio::test]
async fn the_client_package_drops_a_connection_that_is_dead_but_not_closed() {
    let gateway = Fixed::start(Database::new()).await;
    let client = reqwest::Client::new();
    let deliver = async |id: &str| {
        Fixed::deliver(&client, &gateway.base, id, &message(id, "c-1", id, 1_758_791_400_000)).await;
    };
    let signal = async |signal: &str| {
        let id = gateway.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().await.unwrap().success());
    };
    let mut script = Script::start("tests/clients", "silent.mjs", &[&gateway.base]);
    assert_eq!(script.line().await, json!({ "connected": true }));
    deliver("before").await;
    assert_eq!(script.line().await, json!({ "text": "before" }));
    signal("-STOP").await;
    assert_eq!(script.line().await, json!({ "closed": 4499 }));
    signal("-CONT").await;
    assert_eq!(script.line().await, json!({ "connected": true }));
    deliver("after").await;
    assert_eq!(script.line().await, json!({ "text": "after" }));
}

#[tokio::test]
async fn the_client_package_refuses_steps_for_unknown_rows_and_reports_when_to_start_again() {
    let mut script = Script::start("tests/clients", "applied.mjs", &[]);
    assert_eq!(script.line().await["ok"], true);
    script.end().await;
}

#[tokio::test]
async fn the_client_package_contains_only_its_entry_points_and_their_types() {
    let mut script = Script::start("tests/clients", "packed.mjs", &[]);
    let modules = ["apollo", "errors", "index", "live", "resume", "tanstack", "urql"];
    let mut expected = vec!["README.md".to_owned(), "package.json".to_owned()];
    expected.extend(modules.iter().flat_map(|name| [format!("dist/{name}.d.ts"), format!("dist/{name}.js")]));
    expected.sort();
    assert_eq!(script.line().await, json!(expected));
    script.end().await;
}

/// Checks the types of a package.
pub(super) async fn typecheck(folder: &str) {
    let compiler = "../../node_modules/typescript/bin/tsc";
    let mut script = Script::start(folder, compiler, &["--noEmit", "--pretty", "false"]);
    let mut found = Vec::new();
    while let Some(line) = timeout(PATIENCE * 3, script.lines.next_line()).await.expect("the compiler ends in time").unwrap() {
        found.push(line);
    }
    assert!(found.is_empty(), "{found:#?}");
    script.end().await;
}

#[tokio::test]
async fn the_client_package_type_checks_against_its_libraries() {
    typecheck("clients/js").await;
}

#[tokio::test]
async fn the_recipes_type_check_against_their_libraries() {
    typecheck("examples/clients").await;
}

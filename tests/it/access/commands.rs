//! `deskgraph keys`, run beside a gateway.

use std::process::Output;

use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::{entry_points::is_admitted, streams::Stream};
use crate::support::{
    PATIENCE,
    database::Database,
    fixed::RETRY,
    keys::id,
    process::{Process, deskgraph},
};

async fn run(database: &Database, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = deskgraph(database).args(arguments).output().await.unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn with_role() -> Database {
    let database = Database::new();
    std::fs::write(database.folder().join("deskgraph.toml"), "[roles.lead]\n[roles.agent]\n").unwrap();
    database
}

async fn listed(database: &Database) -> Vec<Value> {
    let (code, list, stderr) = run(database, &["keys", "list", "--json"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    serde_json::from_str(&list).unwrap()
}

#[tokio::test]
async fn keys_are_created_listed_used_and_revoked_while_a_gateway_serves() {
    let database = with_role();
    let gateway = Process::start(&database, &[]).await;
    let arguments = ["keys", "create", "--role", "agent", "--name", "An's phone", "--staff", "s-7", "--expires", "90d"];
    let (code, key, stderr) = run(&database, &arguments).await;
    assert_eq!(code, Some(0), "{stderr}");
    let key = key.strip_suffix('\n').unwrap();
    let (id, secret) = (id(key), key.rsplit('_').next().unwrap());
    assert_eq!((key.split('_').count(), &key[..4], secret.len()), (3, "dgk_", 64), "{key}");
    assert!(stderr.contains("can't be shown again") && !stderr.contains(secret), "{stderr}");
    let authorization = format!("Bearer {key}");
    assert!(is_admitted(&gateway.base, &authorization).await, "a new key is accepted immediately");

    let (code, table, _) = run(&database, &["keys", "list"]).await;
    let words = ["ID", "LAST USED", id, "good", "agent", "An's phone", "s-7"];
    assert!(code == Some(0) && words.iter().all(|word| table.contains(word)), "{table}");
    // The last use is recorded soon, to the hour.
    let used = async {
        loop {
            let keys = listed(&database).await;
            if let Some(used) = keys[0]["lastUsed"].as_str() {
                return used.to_owned();
            }
            sleep(RETRY).await;
        }
    };
    let used = timeout(PATIENCE, used).await.expect("the use is recorded in time");
    assert!(used.ends_with(":00:00.000Z"), "{used}");
    let keys = listed(&database).await;
    assert_eq!(
        (keys.len(), &keys[0]["id"], &keys[0]["staff"], &keys[0]["state"]),
        (1, &id.into(), &"s-7".into(), &"good".into())
    );
    assert!(keys[0]["expires"].as_str().unwrap() > keys[0]["created"].as_str().unwrap());
    assert!(!table.contains(secret) && !keys[0].to_string().contains(secret), "{table}");

    let (code, _, stderr) = run(&database, &["keys", "revoke", id]).await;
    assert!(code == Some(0) && stderr.contains("revoked"), "{stderr}");
    let refused = async {
        while is_admitted(&gateway.base, &authorization).await {
            sleep(RETRY).await;
        }
    };
    timeout(PATIENCE, refused).await.expect("the key is refused in time");
    assert_eq!(listed(&database).await[0]["state"], "revoked");
    gateway.terminate().await;
}

#[tokio::test]
async fn the_audit_log_names_each_refused_or_ended_credential_and_the_reason_without_secrets() {
    let database = with_role();
    let gateway = Process::start(&database, &[]).await;
    let (_, key, _) = run(&database, &["keys", "create", "--role", "lead", "--name", "An Nguyen"]).await;
    let key = key.trim();
    let mut streams = Stream::all(&gateway.base, key).await;
    for stream in &mut streams {
        stream.begin(&gateway.base).await;
    }
    let wrong = format!("{}{}", &key[..key.len() - 4], "0000");
    assert!(!is_admitted(&gateway.base, &format!("Bearer {wrong}")).await);
    assert!(!is_admitted(&gateway.base, "Bearer a.b.c").await);
    let (_, _, stderr) = run(&database, &["--log", "info", "keys", "revoke", id(key)]).await;
    assert!(stderr.contains("credential revoked") && stderr.contains(id(key)), "{stderr}");
    let lines = gateway.audited(5).await;
    assert_eq!((&lines[0]["message"], &lines[0]["key"]), (&"credential refused".into(), &id(key).into()));
    assert_eq!(lines[0]["why"], "the API key is not known");
    assert_eq!((&lines[1]["message"], lines[1].get("key")), (&"credential refused".into(), None));
    for line in &lines[2..] {
        assert!(line["message"].as_str().unwrap().starts_with("credential ended"), "{line}");
        assert_eq!((&line["key"], &line["why"]), (&id(key).into(), &"revoked".into()));
    }
    let all = format!("{lines:?} {stderr}");
    for secret in [key.rsplit('_').next().unwrap(), wrong.rsplit('_').next().unwrap(), "An Nguyen", "a.b.c"] {
        assert!(!all.contains(secret), "{all}");
    }
    gateway.terminate().await;
}

#[tokio::test]
async fn errors_of_the_keys_command_name_the_problem_and_the_remedy() {
    let database = with_role();
    let (_, key, _) = run(&database, &["keys", "create", "--role", "lead"]).await;
    let id = id(key.trim());
    run(&database, &["keys", "revoke", id]).await;
    for (arguments, expected) in [
        (vec!["create", "--role", "boss"], "there is no role `boss`: name one of agent, lead"),
        (vec!["create"], "--role"),
        (vec!["create", "--role", "lead", "--expires", "soon"], "such as 90d"),
        (vec!["revoke", "0123456789abcdef"], "there is no key with the id `0123456789abcdef`"),
        (vec!["revoke", id], "was already revoked, at 20"),
    ] {
        let (code, out, stderr) = run(&database, &[vec!["keys"], arguments].concat()).await;
        assert!(code != Some(0) && out.is_empty() && stderr.contains(expected), "{stderr}");
    }
    assert_eq!(listed(&database).await.len(), 1, "nothing else was stored");
    std::fs::write(database.folder().join("deskgraph.toml"), "").unwrap();
    let (_, _, stderr) = run(&database, &["keys", "create", "--role", "lead"]).await;
    assert!(stderr.contains("add a section `[roles.lead]`"), "{stderr}");
}

#[tokio::test]
async fn no_secret_of_a_key_is_stored_and_a_rebuild_leaves_keys_alone() {
    let database = with_role();
    let (_, key, _) = run(&database, &["keys", "create", "--role", "lead"]).await;
    let before = listed(&database).await;
    for command in ["rebuild", "verify"] {
        let (code, _, stderr) = run(&database, &[command]).await;
        assert_eq!(code, Some(0), "{stderr}");
    }
    assert_eq!(listed(&database).await, before);
    let secret = key.trim().rsplit('_').next().unwrap();
    for file in std::fs::read_dir(database.folder()).unwrap() {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!content.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

//! The inbox of `examples/inbox`, as `npm run dev` serves it, in a real Chromium.

use deskgraph::clock::Clock;
use serde_json::{Value, json};

use super::{
    Script,
    package::typecheck,
    support::{database::Database, fixed::Fixed, keys, message, process::Process},
};

/// The `n`th unread message, sent now.
fn unread(conversation: &str, n: usize, text: &str) -> Value {
    let time = Clock::system().now().as_millis() + i64::try_from(n).unwrap();
    message(&format!("m-{n}"), conversation, text, time)
}

/// Every third message belongs to another conversation than the open one.
#[tokio::test]
async fn the_inbox_resumes_by_cursor_and_shows_each_message_once_while_the_gateway_is_killed() {
    const MESSAGES: usize = 36;
    const KILLS: usize = MESSAGES / 12;
    let mut gateway = Fixed::start(Database::new()).await;
    let client = reqwest::Client::new();
    let deliver = async |base: &str, n: usize, text: &str| {
        let conversation = if n % 3 == 2 { "other" } else { "open" };
        Fixed::deliver(&client, base, &format!("d-{n}"), &unread(conversation, n, text)).await;
    };
    deliver(&gateway.base, 0, "text 0").await;
    let mut script = Script::start("tests/browser", "inbox-live.mjs", &[&gateway.base, "con_open"]);
    let mut expected: Vec<String> = vec!["text 0".into()];
    // Waits until the page shows all messages, and returns that line. Until then it must show a prefix of them, in order and
    // without duplicates, and it must not subscribe again without its last cursor.
    let mut has_reported_the_loss = false;
    let mut shown = async |expected: &[String], others: usize| loop {
        let line = script.line().await;
        assert_eq!((&line["violations"], &line["restarted"]), (&json!([]), &json!([])), "{line:#}");
        has_reported_the_loss |= line["status"] == "Reconnecting…";
        let messages: Vec<&str> = line["messages"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        assert!(messages.iter().zip(expected).all(|(shown, expected)| shown == expected), "{line:#}");
        let unread = json!([expected.len(), others]);
        if line["status"] == "Live"
            && messages.len() == expected.len()
            && json!([line["unread"]["con_open"], line["unread"]["con_other"].as_u64().unwrap_or(0)]) == unread
            && line["counted"] == expected.len() + others
        {
            return (line, has_reported_the_loss);
        }
    };
    let mut last = shown(&expected, 0).await;
    for n in 1..MESSAGES {
        if n % 12 == 6 {
            gateway.kill_and_start().await;
        }
        let text = format!("text {n}");
        deliver(&gateway.base, n, &text).await;
        if n % 3 != 2 {
            expected.push(text);
        }
        // The page must reconnect before the next kill.
        if n < 3 || n % 12 == 11 {
            last = shown(&expected, (n + 1) / 3).await;
        }
    }
    let (line, has_reported_the_loss) = last;
    assert!(has_reported_the_loss, "the page did not show that the connection was lost");
    for operation in ["InboxLive", "MessagesLive"] {
        let resumed = line["resumed"].as_array().unwrap().iter().filter(|resumed| *resumed == operation).count();
        assert!(resumed >= KILLS, "{operation} resumed {resumed} times: {line:#}");
    }
    deliver(&gateway.base, MESSAGES, "the end").await;
    script.end().await;
}

#[tokio::test]
async fn the_inbox_searches_and_filters_and_works_by_keyboard_and_on_a_narrow_screen() {
    let database = Database::new();
    let gateway = Process::start(&database, &["demo", "--scale", "0.02", "--rate", "0"]).await;
    // The tour compares names and counts, which change while the history is delivered.
    gateway.until_logged("the history is loaded").await;
    let mut script = Script::start("tests/browser", "inbox-tour.mjs", &[&gateway.base]);
    let seen = script.line().await;
    assert_eq!(seen["ok"], true, "{seen:#}");
    script.end().await;
    gateway.terminate().await;
}

#[tokio::test]
async fn the_inbox_asks_for_a_credential_and_shows_what_its_role_may_see() {
    let database = Database::new();
    std::fs::write(database.folder().join("deskgraph.toml"), "[roles.lead]\n").unwrap();
    let gateway = Process::start(&database, &[]).await;
    let address = format!("{}/webhooks/message-sent", gateway.base);
    let sent = reqwest::Client::new().post(address).json(&unread("open", 0, "text 0")).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let key = keys::key(database.url()).await;
    let mut script = Script::start("tests/browser", "inbox-credential.mjs", &[&gateway.base, &key]);
    let seen = script.line().await;
    assert_eq!(seen["ok"], true, "{seen:#}");
    script.end().await;
    gateway.terminate().await;
}

#[tokio::test]
async fn the_inbox_type_checks_against_the_schema() {
    // `gql.tada` generates the types from `schema.graphql`.
    Script::start("examples/inbox", "../../node_modules/gql.tada/bin/cli.js", &["generate", "output"]).end().await;
    typecheck("examples/inbox").await;
}

//! The examples of the documentation and the first tabs of GraphiQL: each is run, and answers something.

use std::path::{Path, PathBuf};

use deskgraph::domain::time::Timestamp;
use serde_json::{Value, json};

use crate::support::{app::TestApp, live::Live, message, sample};

const QUERYING: &str = include_str!("../../docs/querying.md");
const LIVE: &str = include_str!("../../docs/live.md");

/// The GraphQL blocks of a text.
fn examples(text: &'static str) -> Vec<&'static str> {
    text.split("```graphql\n").skip(1).map(|block| block.split("```").next().unwrap_or_default()).collect()
}

/// The samples, an open conversation with a question, an open ticket, and another customer.
async fn shop() -> TestApp {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    let sent_at = Timestamp::parse_rfc3339("2025-09-30T02:00:00Z").unwrap().as_millis();
    let mut question = message("zl-question", "6510c0ffee0000000000a003", "Shop giao hàng ở Đà Nẵng không?", sent_at);
    question["message_short"] = "Shop giao hàng…".into();
    app.deliver("message-sent", &question).await;
    let mut ticket = sample("ticket-created");
    ticket["ticket_id"] = "TK-000732".into();
    ticket["date_expire_timestamp"] = 1_760_000_000.into();
    app.deliver("ticket-created", &ticket).await;
    app.deliver("customer-created", &json!({ "id": "64f2aa000000000000000c05", "system_name": "Trần Hùng" })).await;
    app
}

/// Whether a list anywhere in an answer has nothing in it.
fn lacks(answer: &Value) -> bool {
    match answer {
        Value::Array(items) => items.is_empty() || items.iter().any(lacks),
        Value::Object(fields) => fields.values().any(lacks),
        _ => false,
    }
}

fn assert_full(example: &str, data: &Value) {
    let roots = data.as_object().unwrap();
    assert!(!roots.is_empty() && roots.values().all(|root| !root.is_null() && !lacks(root)), "{example}{data:#}");
}

#[tokio::test]
async fn every_example_of_querying_answers_something() {
    let app = shop().await;
    let examples = examples(QUERYING);
    assert_eq!(examples.len(), 6);
    for example in examples {
        let data = app.query(example).await;
        assert_full(example, &data);
        if example.contains("$after") {
            let cursor = data.pointer("/customers/pageInfo/endCursor");
            let next = app.query_with(example, json!({ "after": cursor })).await;
            assert_full(example, &next);
            assert_ne!(data["customers"]["nodes"], next["customers"]["nodes"]);
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn the_first_tabs_of_graphiql_answer_something() {
    let app = shop().await;
    for tab in [
        include_str!("../../ui/src/tabs/customers.graphql"),
        include_str!("../../ui/src/tabs/newest-messages.graphql"),
        include_str!("../../ui/src/tabs/open-tickets.graphql"),
    ] {
        let data = app.query(tab).await;
        let roots = data.as_object().unwrap();
        assert!(!roots.is_empty() && roots.values().all(|root| root["nodes"][0].is_object()), "{tab}{data:#}");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_live_page_among_the_tabs_of_graphiql_has_a_row() {
    let app = shop().await;
    let mut live = Live::start(&app.base, include_str!("../../ui/src/tabs/live-inbox.graphql"), json!({})).await;
    let payload = live.next().await;
    assert!(payload["conversationsLive"]["page"][0]["lastMessage"].is_object(), "{payload}");
    app.stop().await;
}

#[tokio::test]
async fn the_example_of_live_messages_resumes_after_the_head() {
    let app = TestApp::new().await;
    let example = examples(LIVE)[0];
    let request = json!({ "query": example, "operationName": "Head" });
    let answer: Value =
        app.client.post(format!("{}/graphql", app.base)).json(&request).send().await.unwrap().json().await.unwrap();
    assert!(answer.get("errors").is_none(), "{answer}");
    app.deliver_samples().await;
    let subscription = &example[example.find("subscription").unwrap()..];
    let mut live = Live::start(&app.base, subscription, json!({ "after": answer["data"]["head"] })).await;
    assert_eq!(live.next().await["messageAdded"]["message"]["id"], "msg_zalo_zl-4f1c0a9e7b");
    app.stop().await;
}

#[tokio::test]
async fn the_budget_of_a_request_is_what_the_documentation_says() {
    let app = TestApp::new().await;
    let query =
        "{ customers(first: 20) { nodes { conversations(first: 5) { nodes { messages(first: 10) { nodes { id } } } } } } }";
    let request = json!({ "query": query, "extensions": { "complexity": true } });
    let answer: Value =
        app.client.post(format!("{}/graphql", app.base)).json(&request).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["extensions"]["complexity"], json!({ "requested": 1_241, "allowed": 20_000 }));
    assert!(QUERYING.contains("takes 1,241") && QUERYING.contains("budget is 20,000"));
    app.stop().await;
}

/// The files of the documentation.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let markdown = |folder: &Path| {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect::<Vec<_>>()
    };
    [root.to_owned(), root.join("docs")].iter().flat_map(|folder| markdown(folder)).collect()
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let anchor = |heading: &str| {
        let is_kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
        heading.to_lowercase().chars().filter(is_kept).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut links = 0;
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        let targets = text.split("](").skip(1).map(|after| after.split(')').next().unwrap_or_default());
        for target in targets.filter(|target| !target.contains("://") && !target.contains(char::is_whitespace)) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { document.clone() } else { document.parent().unwrap().join(file) };
            assert!(file.exists(), "{}: there is no {target}", document.display());
            if !anchor.is_empty() {
                let has_it = anchors(&std::fs::read_to_string(&file).unwrap()).iter().any(|known| known == anchor);
                assert!(has_it, "{}: no heading is {target}", document.display());
            }
            links += 1;
        }
    }
    assert!(links > 30, "{links} links");
}

//! The limits with the real schema, over HTTP and WebSocket: typical requests pass, malicious ones are refused.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::support::{app::TestApp, live::Live};

const INTROSPECTION: &str = include_str!("../fixtures/introspection.graphql");

/// 25 fragments, each of which spreads the next one twice: 1 KB that expands to 33 million fields.
fn doubled() -> String {
    let fragments = (0..25).map(|number| {
        let next = if number == 24 { "id".to_owned() } else { format!("...F{0} ...F{0}", number + 1) };
        format!("fragment F{number} on Customer {{ {next} }} ")
    });
    format!("{{ customer(id: 1) {{ ...F0 }} }} {}", fragments.collect::<Vec<_>>().concat())
}

/// The extensions of the only error of a response without data.
fn refusal(answer: &Value) -> &Value {
    assert_eq!((answer["data"].as_object(), answer["errors"].as_array().map(Vec::len)), (None, Some(1)), "{answer}");
    &answer["errors"][0]["extensions"]
}

#[tokio::test]
async fn typical_requests_are_within_the_limits() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    let types = app.query(INTROSPECTION).await["__schema"]["types"].as_array().map(Vec::len);
    assert!(types.is_some_and(|types| types > 20));
    let nested = "query ($messages: Int) {
        customers(first: 20) { totalCount pageInfo { hasNextPage endCursor } nodes { id name statuses { name color { hex } }
          conversations(first: 5) { totalCount nodes { id platform assignees { name }
            messages(first: $messages) { totalCount nodes { id text sentAt sender { name } attachments { url } readBy { name } } } } } } } }";
    let post = || app.client.post(format!("{}/graphql", app.base));
    let plain = json!({ "query": nested, "variables": { "messages": 10 } });
    let request = json!({ "query": nested, "variables": { "messages": 10 }, "extensions": { "complexity": true } });
    let answer: Value = post().json(&request).send().await.unwrap().json().await.unwrap();
    assert!(answer.get("errors").is_none(), "{answer}");
    let by_header = post().json(&plain).header("x-report-complexity", "1");
    let by_header: Value = by_header.send().await.unwrap().json().await.unwrap();
    assert_eq!(by_header["extensions"], answer["extensions"]);
    let plain_answer: Value = post().json(&plain).send().await.unwrap().json().await.unwrap();
    assert!(plain_answer["extensions"].get("complexity").is_none(), "{plain_answer}");
    let messages = 1 + 10 * (1 + 1 + 5 + 5);
    let conversations = 1 + 5 * (1 + 5 + messages);
    let customers = 1 + 20 * (1 + 5 * 2 + conversations);
    assert_eq!(answer["extensions"]["complexity"], json!({ "requested": customers, "allowed": 20_000 }));
    app.stop().await;
}

#[tokio::test]
async fn exponential_fragments_are_refused_over_http_and_websocket() {
    let app = TestApp::new().await;
    let selections = (1 << 25) + (1 << 24);
    let expected = json!({ "code": "LIMIT_EXCEEDED", "limit": "selections", "allowed": 2_000, "requested": selections });
    assert_eq!(refusal(&app.answer(&doubled(), json!({})).await), &expected);
    let url = format!("{}/graphql?query={}", app.base, utf8_percent_encode(&doubled(), NON_ALPHANUMERIC));
    assert_eq!(refusal(&app.client.get(url).send().await.unwrap().json().await.unwrap()), &expected);
    let message = Live::start(&app.base, &doubled(), json!({})).await.receive().await;
    assert_eq!((&message["type"], &message["payload"][0]["extensions"]), (&json!("error"), &expected), "{message}");
    app.stop().await;
}

#[tokio::test]
async fn nesting_of_twenty_thousand_levels_is_refused() {
    let app = TestApp::new().await;
    let nest = |open: &str, close: &str| open.repeat(20_000) + "1" + &close.repeat(20_000);
    for query in [
        format!("{{ nodes(ids: {}) {{ id }} }}", nest("[", "]")),
        nest("{a", "}"),
        format!("query ($ids: {}) {{ nodes(ids: $ids) {{ id }} }}", nest("[", "]")),
    ] {
        let answer = app.answer(&query, json!({})).await;
        assert_eq!(refusal(&answer)["code"], "LIMIT_EXCEEDED");
    }
    // The body's own parser refuses a value that nests so deep.
    let body = format!(r#"{{"query": "{{ head }}", "variables": {{"ids": {}}}}}"#, nest("[", "]"));
    let response = app.client.post(format!("{}/graphql", app.base)).body(body).send().await.unwrap();
    assert!(response.status().is_client_error(), "{response:?}");
    app.stop().await;
}

#[tokio::test]
async fn too_many_objects_are_refused_with_the_amount() {
    let app = TestApp::new().await;
    let query = "{ customers(first: 200) { nodes { conversations(first: 200) { nodes { id } } } } }";
    let expected =
        json!({ "code": "LIMIT_EXCEEDED", "limit": "complexity", "allowed": 20_000, "requested": 1 + 200 * (1 + 201) });
    assert_eq!(refusal(&app.answer(query, json!({})).await), &expected);
    app.stop().await;
}

#[tokio::test]
async fn an_invalid_document_is_bad_user_input() {
    let app = TestApp::new().await;
    for query in ["{", "{ nothing }", "{ head(x: \"", "{ customer { id } }", "{ ...A } fragment A on Query { ...A }"] {
        assert_eq!(refusal(&app.answer(query, json!({})).await), &json!({ "code": "BAD_USER_INPUT" }), "{query}");
    }
    app.stop().await;
}

//! Every entry point for clients, with or without a credential.

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{
    PATIENCE,
    streamed::{Events, Parts},
    websocket::Client,
};

pub(super) const EVENTS: &str = "text/event-stream";
pub(super) const PARTS: &str = r#"multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json"#;
const FORMATS: [&str; 4] = ["application/json", "application/graphql-response+json", EVENTS, PARTS];
const PROTOCOLS: [&str; 2] = ["graphql-transport-ws", "graphql-ws"];

/// Posts a query for a response in this format.
pub(super) async fn post(
    base: &str,
    accept: &str,
    authorization: Option<&str>,
    query: &str,
    variables: Value,
) -> reqwest::Response {
    let mut request = reqwest::Client::new().post(format!("{base}/graphql")).header("accept", accept);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let sent = request.json(&json!({ "query": query, "variables": variables })).send();
    timeout(PATIENCE, sent).await.expect("an answer in time").unwrap()
}

/// Gets a URL.
async fn get(url: String, authorization: Option<&str>) -> reqwest::Response {
    let mut request = reqwest::Client::new().get(url);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    timeout(PATIENCE, request.send()).await.expect("an answer in time").unwrap()
}

/// A socket after `connection_init`, with a credential in the handshake and one in the payload.
pub(super) async fn socket(base: &str, protocol: &str, header: Option<&str>, init: Option<&str>) -> Client {
    let mut client = Client::open(base, Some(protocol), header.map(|value| ("authorization", value))).await.expect("a socket");
    let payload = init.map_or(json!({}), |value| json!({ "Authorization": value }));
    client.send_json(json!({ "type": "connection_init", "payload": payload })).await;
    client
}

/// Asserts that the credential is refused over every entry point; `None` means no credential. Returns the message over HTTP.
pub(super) async fn refused_everywhere(base: &str, authorization: Option<&str>) -> String {
    let mut responses = Vec::new();
    for format in FORMATS {
        responses.push((format, post(base, format, authorization, "{ head }", json!({})).await));
    }
    responses.push(("GET", get(format!("{base}/graphql?query=%7Bhead%7D"), authorization).await));
    responses.push(("the schema", get(format!("{base}/schema.graphql"), authorization).await));
    let mut message = String::new();
    for (way, response) in responses {
        assert_eq!(response.status(), 401, "{way}: {authorization:?}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer", "{way}");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{way}: {answer}");
        assert!(answer.get("data").is_none(), "{answer}");
        answer["errors"][0]["message"].as_str().unwrap().clone_into(&mut message);
    }
    let expected = if authorization.is_none() { (4401, "Unauthorized") } else { (4403, "Forbidden") };
    for protocol in PROTOCOLS {
        for (header, init) in [(authorization, None), (None, authorization)] {
            let (code, reason) = socket(base, protocol, header, init).await.close().await;
            assert_eq!((code, reason.as_str()), expected, "{protocol}: {authorization:?}");
        }
    }
    message
}

/// Asserts that the socket is open and responds.
pub(super) async fn answers(client: &mut Client, protocol: &str) {
    let (start, next) = if protocol == "graphql-ws" { ("start", "data") } else { ("subscribe", "next") };
    assert_eq!(client.receive().await["type"], "connection_ack");
    client.send_json(json!({ "type": start, "id": "1", "payload": { "query": "{ head }" } })).await;
    let result = loop {
        match client.receive().await {
            keep_alive if keep_alive["type"] == "ka" => {}
            message => break message,
        }
    };
    assert_eq!(result["type"], next, "{result}");
    assert!(result["payload"]["data"]["head"].is_string(), "{result}");
}

/// Asserts that the credential is accepted over every entry point.
pub(super) async fn admitted_everywhere(base: &str, authorization: Option<&str>) {
    for format in &FORMATS[..2] {
        let answer: Value = post(base, format, authorization, "{ head }", json!({})).await.json().await.unwrap();
        assert!(answer["data"]["head"].is_string(), "{answer}");
    }
    let mut events = Events::of(post(base, EVENTS, authorization, "{ head }", json!({})).await);
    assert!(events.event().await.result()["data"]["head"].is_string());
    let mut parts = Parts::of(post(base, PARTS, authorization, "{ head }", json!({})).await).await;
    assert!(parts.payload().await["payload"]["data"]["head"].is_string());
    let schema = get(format!("{base}/schema.graphql"), authorization).await;
    assert!(schema.text().await.unwrap().contains("type Query"));
    for protocol in PROTOCOLS {
        for (header, init) in [(authorization, None), (None, authorization)] {
            answers(&mut socket(base, protocol, header, init).await, protocol).await;
        }
    }
}

/// Whether a query with this credential is executed.
pub(super) async fn is_admitted(base: &str, authorization: &str) -> bool {
    let response = post(base, "application/json", Some(authorization), "{ head }", json!({})).await;
    assert!(matches!(response.status().as_u16(), 200 | 401), "{response:?}");
    response.status() == 200
}

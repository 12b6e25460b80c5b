//! Documents that requests name: registered by hash, or trusted, over every transport; and introspection.

use std::{fmt::Write as _, path::Path};

use deskgraph::{clock::Clock, config::Config, gateway::Gateway};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{
    app::TestApp,
    database::Database,
    requests::send,
    streamed::{Events, Parts},
    websocket::Client,
};

const JSON: &str = "application/json";
const RESPONSE: &str = "application/graphql-response+json";
const TRANSPORTS: [&str; 4] = ["post", "events", "parts", "websocket"];

/// An operation that ends by itself, and one that does not.
const TYPE: &str = "{ __typename }";
const LIVE: &str = "subscription { messageAdded { message { text } } }";

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// Names a document by its hash, and sends the text if there is one.
fn hashed(text: Option<&str>, hash: &str) -> Value {
    let mut request = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
    if let Some(text) = text {
        request["query"] = text.into();
    }
    request
}

/// The first result of a request, over each transport.
async fn first(app: &TestApp, transport: &str, request: &Value) -> Value {
    match transport {
        "post" => send(&app.base, JSON, None, request).await.json().await.unwrap(),
        "events" => Events::of(send(&app.base, "text/event-stream", None, request).await).event().await.result(),
        "parts" => Parts::ask(&app.base, request).await.payload().await["payload"].take(),
        _ => {
            let mut client = Client::ready(&app.base).await;
            client.subscribe_with("1", request).await;
            let mut message = client.receive().await;
            match message["type"].as_str() {
                Some("next") => message["payload"].take(),
                Some("error") => json!({ "errors": message["payload"] }),
                _ => panic!("{message}"),
            }
        }
    }
}

fn code(answer: &Value) -> &str {
    assert!(answer.get("data").is_none(), "{answer}");
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer}"))
}

async fn get(app: &TestApp, accept: &str, credential: Option<&str>, parameters: &[(&str, &str)]) -> reqwest::Response {
    let query: Vec<String> = parameters
        .iter()
        .map(|(name, value)| {
            format!("{name}={}", percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC))
        })
        .collect();
    let mut request = app.client.get(format!("{}/graphql?{}", app.base, query.join("&"))).header("accept", accept);
    if let Some(credential) = credential {
        request = request.header("authorization", credential);
    }
    request.send().await.unwrap()
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

#[tokio::test]
async fn an_unknown_document_is_registered_once_over_any_transport_for_all() {
    let app = TestApp::new().await;
    for (n, transport) in TRANSPORTS.iter().enumerate() {
        let text = format!("query Number{n} {{ __typename }}");
        let name = hashed(None, &hash(&text));
        let answer = first(&app, transport, &name).await;
        assert_eq!(code(&answer), "PERSISTED_QUERY_NOT_FOUND", "{transport}");
        assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotFound", "{transport}");
        let other = hashed(Some(TYPE), &hash(&text));
        assert_eq!(code(&first(&app, transport, &other).await), "BAD_USER_INPUT", "{transport}");
        let sent = first(&app, transport, &hashed(Some(&text), &hash(&text))).await;
        assert_eq!(sent["data"], json!({ "__typename": "Query" }), "{transport}: {sent}");
        for transport in TRANSPORTS {
            assert_eq!(first(&app, transport, &name).await["data"], json!({ "__typename": "Query" }), "{transport}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn a_subscription_can_be_named_too() {
    let app = TestApp::new().await;
    let refused = first(&app, "post", &hashed(Some(LIVE), &hash(LIVE))).await;
    assert_eq!(code(&refused), "NOT_ACCEPTABLE");
    let mut client = Client::ready(&app.base).await;
    client.subscribe_with("live", &hashed(None, &hash(LIVE))).await;
    assert!(client.until_pong().await.is_empty());
    let mut parts = Parts::ask(&app.base, &hashed(None, &hash(LIVE))).await;
    app.deliver_samples().await;
    assert!(client.receive().await["payload"]["data"]["messageAdded"]["message"].is_object());
    assert!(parts.payload().await["payload"]["data"]["messageAdded"]["message"].is_object());
    app.stop().await;
}

#[tokio::test]
async fn documents_that_are_invalid_or_beyond_a_limit_are_not_registered() {
    let app = TestApp::with(|config| config.limits.aliases = 1).await;
    for (text, why) in [("{ head", "BAD_USER_INPUT"), ("{ a: __typename b: __typename }", "LIMIT_EXCEEDED")] {
        assert_eq!(code(&first(&app, "post", &hashed(Some(text), &hash(text))).await), why, "{text}");
        assert_eq!(code(&first(&app, "post", &hashed(None, &hash(text))).await), "PERSISTED_QUERY_NOT_FOUND", "{text}");
    }
    app.stop().await;
}

#[tokio::test]
async fn registered_documents_stay_within_the_byte_limit() {
    let app = TestApp::with(|config| config.graphql.documents.persisted_bytes = 4096).await;
    let text = |n: usize| format!("query Q{n} {{ __typename }} # {}", "x".repeat(1000));
    for n in 0..4 {
        first(&app, "post", &hashed(Some(&text(n)), &hash(&text(n)))).await;
    }
    assert_eq!(code(&first(&app, "post", &hashed(None, &hash(&text(0)))).await), "PERSISTED_QUERY_NOT_FOUND");
    assert!(first(&app, "post", &hashed(None, &hash(&text(3)))).await["data"].is_object());
    app.stop().await;
}

#[tokio::test]
async fn if_registration_is_off_a_hash_is_refused_as_not_supported() {
    let app = TestApp::with(|config| config.graphql.documents.persisted = false).await;
    for transport in TRANSPORTS {
        let answer = first(&app, transport, &hashed(None, &hash(TYPE))).await;
        assert_eq!(code(&answer), "PERSISTED_QUERY_NOT_SUPPORTED", "{transport}");
        assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotSupported", "{transport}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_request_without_document_or_name_is_refused() {
    let app = TestApp::new().await;
    for (request, why) in [
        (json!({ "extensions": { "complexity": true } }), "`query` is missing"),
        (json!({ "extensions": { "persistedQuery": null } }), "`query` is missing"),
        (json!({ "documentId": 7 }), "`documentId` is neither"),
        (json!({ "documentId": "a", "query": 7 }), "`query` is not a string"),
        (json!({ "documentId": "a", "variables": 7 }), "`variables` is neither"),
    ] {
        let response = send(&app.base, JSON, None, &request).await;
        assert_eq!(response.status(), 400, "{request}");
        let answer: Value = response.json().await.unwrap();
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains(why), "{answer}");
    }
    let mut client = Client::ready(&app.base).await;
    client.subscribe_with("1", &json!({ "extensions": {} })).await;
    assert_eq!(client.close().await.0, 4400);
    app.stop().await;
}

#[tokio::test]
async fn only_responses_to_a_hash_in_the_url_are_cacheable() {
    let app = TestApp::new().await;
    let extensions = hashed(None, &hash(TYPE))["extensions"].to_string();
    let named = [("extensions", extensions.as_str())];
    let header = |response: &reqwest::Response, name: &str| {
        let lines = response.headers().get_all(name).iter().map(|line| line.to_str().unwrap().to_owned());
        lines.collect::<Vec<_>>().join(", ")
    };
    for (accept, status) in [(JSON, 200), (RESPONSE, 400)] {
        let unknown = get(&app, accept, None, &named).await;
        assert_eq!(unknown.status(), status);
        assert_eq!(header(&unknown, "cache-control"), "no-store");
        assert_eq!(code(&unknown.json().await.unwrap()), "PERSISTED_QUERY_NOT_FOUND");
    }
    let unreadable = get(&app, JSON, None, &[("variables", "x")]).await;
    assert_eq!((unreadable.status().as_u16(), &*header(&unreadable, "cache-control")), (400, "no-store"));

    let sent = get(&app, JSON, None, &[("extensions", &extensions), ("query", TYPE)]).await;
    assert_eq!(sent.status(), 200);
    let known = get(&app, JSON, None, &named).await;
    assert_eq!(header(&known, "cache-control"), "");
    for name in ["accept", "authorization"] {
        assert!(header(&known, "vary").split(", ").any(|varies| varies == name), "{:?}", known.headers());
    }
    assert_eq!(known.json::<Value>().await.unwrap()["data"], json!({ "__typename": "Query" }));
    let own = get(&app, JSON, Some("Bearer x"), &named).await;
    assert_eq!(header(&own, "cache-control"), "private");
    let browser = get(&app, "text/html, */*", None, &named).await;
    assert_eq!(browser.headers()["content-type"], "application/json; charset=utf-8", "not the page");
    app.stop().await;
}

#[tokio::test]
async fn only_trusted_documents_named_by_id_or_hash_are_executed_over_every_transport() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("Type.graphql", "{ __typename }\n"), ("Live.gql", LIVE)]);
    let app = TestApp::with(|config| {
        config.graphql.documents.trusted = folder.path().display().to_string();
        config.graphql.documents.only_trusted = true;
    })
    .await;
    let introspection = "{ __schema { queryType { name } } }";
    for transport in TRANSPORTS {
        for trusted in [
            json!({ "documentId": "Type" }),
            json!({ "query": TYPE }),
            hashed(None, &hash(TYPE)),
            hashed(Some(TYPE), &hash(TYPE)),
        ] {
            let answer = first(&app, transport, &trusted).await;
            assert_eq!(answer["data"], json!({ "__typename": "Query" }), "{transport} {trusted}: {answer}");
        }
        for other in [
            json!({ "query": "{ head }" }),
            json!({ "query": introspection }),
            json!({ "documentId": "Head" }),
            hashed(None, &hash("{ head }")),
            hashed(Some("{ head }"), &hash("{ head }")),
        ] {
            assert_eq!(code(&first(&app, transport, &other).await), "FORBIDDEN", "{transport} {other}");
        }
    }
    assert_eq!(get(&app, RESPONSE, None, &[("documentId", "Type")]).await.status(), 200);
    assert_eq!(get(&app, RESPONSE, None, &[("query", "{ head }")]).await.status(), 403);
    assert_eq!(get(&app, JSON, None, &[("query", "{ head }")]).await.status(), 200);
    let mut client = Client::ready(&app.base).await;
    client.subscribe_with("live", &json!({ "documentId": "Live" })).await;
    assert!(client.until_pong().await.is_empty());
    app.deliver_samples().await;
    assert!(client.receive().await["payload"]["data"]["messageAdded"].is_object());
    app.stop().await;
}

#[tokio::test]
async fn documents_of_a_manifest_are_trusted_in_addition_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let apollo = json!({
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{ "id": "type", "body": TYPE, "name": "", "type": "query" }],
    });
    for manifest in [apollo, json!({ "type": TYPE })] {
        write(folder.path(), &[("manifest.json", &manifest.to_string())]);
        let app = TestApp::with(|config| {
            config.graphql.documents.trusted = folder.path().join("manifest.json").display().to_string();
        })
        .await;
        for transport in TRANSPORTS {
            for request in [json!({ "documentId": "type" }), hashed(None, &hash(TYPE)), json!({ "query": TYPE })] {
                assert!(first(&app, transport, &request).await["data"].is_object(), "{transport} {request}");
            }
            assert_eq!(code(&first(&app, transport, &json!({ "documentId": "other" })).await), "NOT_FOUND");
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn a_gateway_does_not_start_with_documents_of_another_schema() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("Old.graphql", "{ noSuchField }")]);
    let database = Database::new();
    let mut config = Config::defaults_at(database.url());
    config.server.listen = "127.0.0.1:0".parse().unwrap();
    config.graphql.documents.trusted = folder.path().display().to_string();
    let error = Gateway::start(&config, Clock::system()).await.err().unwrap().to_string();
    for part in ["graphql.documents.trusted", "Old.graphql", "noSuchField"] {
        assert!(error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn introspection_and_the_page_can_be_turned_off() {
    let app = TestApp::with(|config| {
        config.graphql.introspection = false;
        config.graphql.graphiql = false;
    })
    .await;
    for transport in TRANSPORTS {
        for text in [
            "{ __schema { queryType { name } } }",
            "{ __type(name: \"Query\") { name } }",
            "{ head ...F } fragment F on Query { __schema { queryType { name } } }",
            "{ __typename ... on Query { __type(name: \"Query\") { __typename } } }",
        ] {
            assert_eq!(code(&first(&app, transport, &json!({ "query": text })).await), "FORBIDDEN", "{transport} {text}");
        }
        assert!(first(&app, transport, &json!({ "query": TYPE })).await["data"].is_object());
    }
    for (path, accept, status) in
        [("/schema.graphql", "*/*", 403), ("/", "text/html", 404), ("/graphql", "text/html", 404), ("/ui/main.js", "*/*", 404)]
    {
        let response = app.client.get(format!("{}{path}", app.base)).header("accept", accept).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert!(response.json::<Value>().await.unwrap()["error"].is_string(), "{path}");
    }
    app.stop().await;
}

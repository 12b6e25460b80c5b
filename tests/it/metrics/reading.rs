//! Access to the metrics: who may scrape, and at which address.

use deskgraph::config::{Config, secret::Secret};
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{app::TestApp, keys::with_roles};

const TOKEN: &str = "a-token-of-24-characters";

fn with_token(config: &mut Config) {
    config.metrics.tokens = vec![Secret::new(TOKEN)];
}

async fn read(base: &str, token: Option<&str>) -> (StatusCode, String) {
    let request = reqwest::Client::new().get(format!("{base}/metrics"));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let response = request.send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

#[tokio::test]
async fn metrics_are_open_if_no_role_is_configured() {
    let app = TestApp::new().await;
    let (status, text) = read(&app.base, None).await;
    assert_eq!(status, 200);
    assert!(text.contains("deskgraph_build_info{version="), "{text}");
}

#[tokio::test]
async fn with_roles_metrics_are_refused_and_the_error_names_the_settings() {
    let app = TestApp::with(with_roles).await;
    let (status, text) = read(&app.base, None).await;
    assert_eq!(status, 403);
    assert!(text.contains("metrics.tokens") && text.contains("metrics.listen"), "{text}");
}

#[tokio::test]
async fn metrics_require_a_configured_token_which_gives_no_other_access() {
    let app = TestApp::with(|config| {
        with_roles(config);
        with_token(config);
    })
    .await;
    for wrong in [None, Some("another-token-of-24-chars"), Some(&TOKEN[1..])] {
        let (status, text) = read(&app.base, wrong).await;
        assert_eq!(status, 401, "{text}");
        assert!(!text.contains("deskgraph_"), "{text}");
    }
    assert_eq!(read(&app.base, Some(TOKEN)).await.0, 200);
    // The token gives access to the metrics only.
    let request = app.client.post(format!("{}/graphql", app.base)).bearer_auth(TOKEN).body(r#"{"query":"{ head }"}"#);
    assert_eq!(request.header("content-type", "application/json").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_metrics_address_serves_nothing_else() {
    let app = TestApp::with(|config| {
        with_roles(config);
        config.metrics.listen = "127.0.0.1:0".into();
    })
    .await;
    let own = format!("http://{}", app.metrics_address().unwrap());
    assert_eq!(read(&own, None).await.0, 200);
    assert_eq!(read(&app.base, None).await.0, 404);
    for path in ["/", "/graphql", "/webhooks/message-sent", "/schema.graphql", "/healthz"] {
        let response = reqwest::get(format!("{own}{path}")).await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert!(response.json::<Value>().await.unwrap()["error"].as_str().unwrap().contains("/metrics"), "{path}");
    }
    app.stop().await;
    assert!(reqwest::get(format!("{own}/metrics")).await.is_err(), "the metrics address closes with the gateway");
}

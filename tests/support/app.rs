//! A gateway in this process, with its own database, a fixed clock and a free port.

use deskgraph::{
    clock::Clock,
    config::{Config, Overrides},
    domain::time::Timestamp,
    gateway::Gateway,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{PATIENCE, database::Database};

/// The time of every test app's clock.
pub const NOW: &str = "2025-10-01T00:00:00.000Z";

pub struct TestApp {
    gateway: Gateway,
    config: Config,
    clock: Clock,
    pub client: reqwest::Client,
    pub base: String,
    pub database: Database,
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With changed settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::on(Database::new(), change).await
    }

    /// On a given database, with changed settings.
    pub async fn on(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        Self::with_clock(Clock::fixed(Timestamp::parse_rfc3339(NOW).unwrap()), database, change).await
    }

    /// With a clock that the test controls.
    pub async fn with_clock(clock: Clock, database: Database, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::load(&Overrides {
            listen: Some("127.0.0.1:0".parse().unwrap()),
            database_url: Some(database.url().to_owned()),
            ..Overrides::default()
        })
        .unwrap();
        // A slow machine must not look like an unavailable database.
        config.database.acquire_timeout_seconds = PATIENCE.as_secs();
        change(&mut config);
        Self::start(config, clock, database).await
    }

    async fn start(config: Config, clock: Clock, database: Database) -> Self {
        let gateway = Gateway::start(&config, clock.clone()).await.unwrap();
        let base = format!("http://{}", gateway.address);
        Self { gateway, config, clock, client: reqwest::Client::new(), base, database }
    }

    pub async fn stop(self) -> Database {
        self.gateway.stop().await.unwrap();
        self.database
    }

    /// Restarts on the same database.
    pub async fn restart(self) -> Self {
        let (config, clock) = (self.config.clone(), self.clock.clone());
        let database = self.stop().await;
        Self::start(config, clock, database).await
    }

    /// Where its metrics are, if they have an address of their own.
    pub fn metrics_address(&self) -> Option<std::net::SocketAddr> {
        self.gateway.metrics_address
    }

    pub fn database_url(&self) -> &str {
        &self.config.database.url
    }

    /// Posts a delivery to `/webhooks{path}` and returns status and response.
    pub async fn post_body(&self, path: &str, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
        let mut request = self.client.post(format!("{}/webhooks{path}", self.base)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Posts a payload to its event's URL and asserts that it is stored. Returns the response.
    pub async fn deliver(&self, segment: &str, payload: &Value) -> Value {
        let (status, answer) = self.post_body(&format!("/{segment}"), &[], payload.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// Delivers all samples, which form one story.
    pub async fn deliver_samples(&self) {
        for (segment, sample) in [
            ("message-sent", "message-sent"),
            ("message-sent", "message-sent-facebook-image"),
            ("customer-created", "customer-created"),
            ("ticket-created", "ticket-created"),
            ("customer-updated", "customer-updated"),
            ("ticket-updated", "ticket-updated"),
            ("conversation-status-changed", "conversation-status-changed"),
        ] {
            self.deliver(segment, &super::sample(sample)).await;
        }
    }

    /// The whole response to a request.
    pub async fn answer(&self, query: &str, variables: Value) -> Value {
        let request = json!({ "query": query, "variables": variables });
        self.client.post(format!("{}/graphql", self.base)).json(&request).send().await.unwrap().json().await.unwrap()
    }

    /// The data of a query, which must succeed.
    pub async fn query(&self, query: &str) -> Value {
        self.query_with(query, json!({})).await
    }

    /// The data of a query with variables, which must succeed.
    pub async fn query_with(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].take()
    }
}

//! The schema over a real store: its responses, and the number of statements they take.

mod cost;
mod damage;
#[path = "../../../tests/support/database.rs"]
#[allow(dead_code, missing_docs, unreachable_pub, reason = "the tests of behaviour use all of it")]
mod database;
#[path = "../../../tests/support/desk.rs"]
#[allow(dead_code, missing_docs, unreachable_pub, reason = "the tests of behaviour use all of it")]
mod desk;
mod documents;
mod errors;
mod links;
mod live;
mod live_pages;
mod live_results;
mod relinked;
mod shared;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_graphql::{Request, Response};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use self::{database::Database, desk::entry};
use super::{
    request_data,
    role::Viewer,
    schema::{Schema, schema},
};
use crate::{
    clock::Clock,
    config::Config,
    domain::{kind::EventKind, time::Timestamp},
    feed::Feed,
    metrics::Metrics,
    store::{Entry, Options, Store},
};

/// The current time in these tests.
const NOW: &str = "2025-10-01T00:00:00Z";

/// A schema over its own store.
struct Desk {
    schema: Schema,
    store: Store,
    feed: Feed,
    statements: Arc<Mutex<Vec<String>>>,
    /// The time of the clock.
    now: Arc<Mutex<Timestamp>>,
    database: Database,
}

impl Desk {
    async fn open() -> Self {
        Self::with_statement_time(Duration::from_secs(10)).await
    }

    async fn with_statement_time(statement_time: Duration) -> Self {
        // Not a copy of another store, which would have the same id.
        let database = Database::new();
        // A slow machine must not look like an unavailable database.
        let acquire_timeout = Duration::from_mins(1);
        let options = Options { statement_time, acquire_timeout, ..Config::defaults_at(database.url()).store().unwrap() };
        let mut store = Store::open(&options).await.unwrap();
        let feed = Feed::start(&store, Metrics::default(), CancellationToken::new()).await.unwrap();
        let statements = Arc::<Mutex<Vec<String>>>::default();
        let seen = statements.clone();
        store.observe_reads(move |sql| seen.lock().unwrap().push(sql.to_owned()));
        let now = Arc::new(Mutex::new(now()));
        let shown = now.clone();
        let schema = schema(store.clone(), &feed, Clock::from_fn(move || *shown.lock().unwrap()), []);
        Self { schema, store, feed, statements, now, database }
    }

    fn url(&self) -> &str {
        self.database.url()
    }

    /// Stores payloads and wakes the feed.
    async fn store(&self, payloads: &[(EventKind, Value)]) {
        let entries: Vec<Entry> = payloads.iter().map(|(kind, payload)| entry(*kind, payload)).collect();
        self.store.append(&entries, now()).await.unwrap();
        self.feed.wake();
    }

    /// Makes every read of messages run forever, by replacing their table with a view.
    async fn stall_messages(&self) {
        let db = sea_orm::Database::connect(self.url()).await.unwrap();
        let endless = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
        let view = format!(r#"CREATE VIEW "message" AS SELECT * FROM "hidden" WHERE ({endless}) > 0"#);
        // In one transaction, so that no reader finds neither of them.
        db.execute_unprepared(&format!(r#"BEGIN; ALTER TABLE "message" RENAME TO "hidden"; {view}; COMMIT"#)).await.unwrap();
        db.close().await.unwrap();
    }

    /// Undoes [`Self::stall_messages`].
    async fn restore_messages(&self) {
        let db = sea_orm::Database::connect(self.url()).await.unwrap();
        let restored = r#"BEGIN; DROP VIEW "message"; ALTER TABLE "hidden" RENAME TO "message"; COMMIT"#;
        db.execute_unprepared(restored).await.unwrap();
        db.close().await.unwrap();
    }

    /// The data of a query, which must succeed, and its statements.
    async fn ask(&self, query: &str) -> (Value, Vec<String>) {
        self.statements.lock().unwrap().clear();
        let response = self.respond(query).await;
        assert!(response.errors.is_empty(), "{query}: {:?}", response.errors);
        (response.data.into_json().unwrap(), self.statements.lock().unwrap().clone())
    }

    async fn data(&self, query: &str) -> Value {
        self.ask(query).await.0
    }

    /// Executes on a worker thread of the runtime, as a server does.
    async fn respond(&self, query: &str) -> Response {
        let (schema, request) = (self.schema.clone(), request(query));
        read(tokio::spawn(async move { schema.execute(request).await }).await.unwrap())
    }
}

/// A response with its data as values, even if a plan wrote it as JSON.
fn read(mut response: Response) -> Response {
    if let async_graphql::Value::Binary(json) = &response.data {
        response.data = serde_json::from_slice(json).unwrap();
    }
    response
}

/// The data of a response.
fn data(response: Response) -> Value {
    read(response).data.into_json().unwrap()
}

fn request(query: &str) -> Request {
    let mut request = Request::new(query);
    request.data = request_data(Viewer::of_everything());
    request
}

fn now() -> Timestamp {
    Timestamp::parse_rfc3339(NOW).unwrap()
}

/// A customer with an account on Zalo.
fn customer(id: &str, zalo: &str) -> (EventKind, Value) {
    let payload = json!({
        "id": id, "system_name": format!("Khách {id}"), "social": [{"type": "zalo", "id": zalo, "name": "Zalo"}],
        "status": [{"id": "s", "value": "Tiềm năng", "color": {"r": 255, "g": 170, "b": 0}}],
        "manager": {"_id": "m1", "full_name": "Lê Minh"}, "createdAt": "2025-09-01T00:00:00Z", "cf_tags": ["vip", 1], "cf_points": 3,
    });
    (EventKind::CustomerCreated, payload)
}

/// An inbound message from a contact on Zalo.
fn message(id: &str, conversation: &str, from: &str) -> (EventKind, Value) {
    let payload = json!({
        "message_id": id, "conversation_id": conversation, "platform": "zalo", "from_id": from, "oa_id": "oa", "message": "Ch%C3%A0o",
        "time": 1_758_791_400_123_i64, "is_platform_sender": 0, "assign_by": ["m1"], "is_read_by_staff": ["m1"],
        "attachments": ["https://files.example/a.png"],
    });
    (EventKind::MessageSent, payload)
}

/// A ticket of a customer.
fn ticket(id: &str, customer: &str) -> (EventKind, Value) {
    let payload = json!({
        "ticket_id": id, "name": format!("Ticket {id}"), "level": "urgent", "status": "process", "customer": customer, "employee": "m1",
        "date_created_timestamp": 1_758_792_000, "date_expire_timestamp": 1_758_964_800, "time_notify": "30", "time_notify_unit": "Phút",
    });
    (EventKind::TicketCreated, payload)
}

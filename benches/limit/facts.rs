//! Ids, cursors and texts that exist in a store, read before anything is measured.

use deskgraph::domain::page::{Cursor, SortValue};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::{Value, json};

/// The largest number of ids and cursors of a kind.
const DRAWN: i64 = 2000;

/// The intended number of matches of `contains`, and the number of texts with about as many.
const MATCHES: i64 = 1000;
const NEEDLES: usize = 8;

/// The facts about a store.
pub(crate) struct Facts {
    /// Global ids of messages.
    pub(crate) messages: Vec<String>,
    /// Cursors in the middle of the list of messages.
    pub(crate) deep_messages: Vec<String>,
    /// Cursors in the list of customers, each with a full page after it.
    pub(crate) customer_cursors: Vec<String>,
    /// Texts that about a thousand messages contain.
    pub(crate) needles: Vec<String>,
}

impl Facts {
    /// Reads them from a database, and the texts through the gateway over it.
    pub(crate) async fn gather(database_url: &str, gateway: &str) -> Self {
        let db = Database::connect(database_url).await.unwrap();
        let messages = rows(
            &db,
            format!(
                "SELECT key AS id, sent_at AS at FROM (
                   SELECT key, sent_at, row_number() OVER (ORDER BY sent_at DESC, key DESC) AS n, count(*) OVER () AS total FROM message
                 ) numbered WHERE n % (total / {DRAWN} + 1) = 0"
            ),
        );
        let deep = rows(
            &db,
            format!(
                "SELECT key AS id, sent_at AS at FROM message ORDER BY sent_at DESC, key DESC
                 LIMIT {DRAWN} OFFSET (SELECT count(*) / 2 FROM message)"
            ),
        );
        let customers = rows(
            &db,
            format!(
                "SELECT id, created_at AS at FROM (
                   SELECT id, created_at, row_number() OVER (ORDER BY created_at DESC, id DESC) AS n, count(*) OVER () AS total
                   FROM customer WHERE version_at IS NOT NULL AND deleted_at IS NULL AND created_at IS NOT NULL
                 ) numbered WHERE n < total - 20 AND n % (total / {DRAWN} + 1) = 0"
            ),
        );
        let cursors = |order: &str, rows: Vec<(String, i64)>| -> Vec<String> {
            let cursor = |(id, at)| Cursor { order: order.to_owned(), value: SortValue::Int(at), id }.encode();
            rows.into_iter().map(cursor).collect()
        };
        let facts = Self {
            messages: messages.await.into_iter().map(|(key, _)| format!("msg_{key}")).collect(),
            deep_messages: cursors("message.sent_at.desc", deep.await),
            customer_cursors: cursors("customer.created_at.desc", customers.await),
            needles: needles(gateway).await,
        };
        db.close().await.unwrap();
        facts
    }
}

/// Ids with an instant or a count.
async fn rows(db: &DatabaseConnection, sql: String) -> Vec<(String, i64)> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get("", "id").unwrap(), row.try_get("", "at").unwrap())).collect()
}

/// Prefixes of order numbers, the best first.
async fn needles(gateway: &str) -> Vec<String> {
    let client = reqwest::Client::new();
    let mut counted = Vec::new();
    for number in (1..=99).chain((100..=990).step_by(10)) {
        let needle = format!("DH-{number}");
        let query = "query Count($needle: String) { messages(filter: { text: { contains: $needle } }) { totalCount } }";
        let body = json!({ "query": query, "variables": { "needle": needle } });
        let answer: Value = client.post(format!("{gateway}/graphql")).json(&body).send().await.unwrap().json().await.unwrap();
        let matches = answer["data"]["messages"]["totalCount"].as_i64().unwrap();
        counted.push(((matches - MATCHES).abs(), matches, needle));
    }
    counted.sort();
    let near = counted.iter().take_while(|(_, matches, _)| (MATCHES / 2..=MATCHES * 2).contains(matches)).count();
    counted.truncate(near.clamp(1, NEEDLES));
    let shown: Vec<String> = counted.iter().map(|(_, matches, needle)| format!("{needle} in {matches}")).collect();
    eprintln!("contains: {}", shown.join(", "));
    counted.into_iter().map(|(_, _, needle)| needle).collect()
}

//! A rebuild drops the indexes of lists and creates them again.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::with_samples;
use crate::support::desk::Desk;

/// One of the indexes that a rebuild on SQLite does without.
const DROPPED: &str = "message_sent_at_key";

/// One that folding needs.
const KEPT: &str = "message_conversation_id_sent_at_key_outbound";

/// The SQL of all indexes, by name.
async fn indexes(raw: &DatabaseConnection) -> BTreeMap<String, Option<String>> {
    let (backend, sql) = match raw.get_database_backend() {
        DbBackend::Sqlite => (DbBackend::Sqlite, "SELECT name, sql FROM sqlite_schema WHERE type = 'index'"),
        backend => {
            let sql = "SELECT indexname::text AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = current_schema()";
            (backend, sql)
        }
    };
    let rows = raw.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get("", "name").unwrap(), row.try_get("", "sql").unwrap())).collect()
}

/// The place of an index in the order of their creation.
async fn place(raw: &DatabaseConnection, index: &str) -> i64 {
    let sql = match raw.get_database_backend() {
        DbBackend::Sqlite => format!("SELECT rowid AS place FROM sqlite_schema WHERE name = '{index}'"),
        _ => format!("SELECT CAST(oid AS bigint) AS place FROM pg_class WHERE relname = '{index}'"),
    };
    let row = raw.query_one_raw(Statement::from_string(raw.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "place").unwrap()
}

/// Those of a new store.
async fn of_a_new_store() -> BTreeMap<String, Option<String>> {
    let desk = Desk::new().await;
    let indexes = indexes(&desk.raw().await).await;
    assert!(indexes.contains_key(DROPPED) && indexes.contains_key(KEPT));
    indexes
}

#[tokio::test]
async fn a_rebuild_leaves_the_same_indexes() {
    let desk = with_samples().await;
    let raw = desk.raw().await;
    desk.store.rebuild(|_, _| {}).await.unwrap();
    assert_eq!(indexes(&raw).await, of_a_new_store().await);
    let is_new = place(&raw, DROPPED).await > place(&raw, KEPT).await;
    assert_eq!(is_new, raw.get_database_backend() == DbBackend::Sqlite, "it was created again after the other");
    desk.assert_verified().await;
}

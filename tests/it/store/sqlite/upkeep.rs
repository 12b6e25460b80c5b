//! Background work of the writer: indexing texts, and checkpoints of the write-ahead log.

use std::{fs::File, io::Read, path::Path};

use deskgraph::domain::kind::EventKind;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tokio::time::timeout;

use crate::support::{
    PATIENCE,
    app::TestApp,
    desk::{Desk, at, entry},
    message,
};

async fn count(raw: &DatabaseConnection, sql: &str) -> i64 {
    let row = raw.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn new_texts_are_indexed_when_the_writer_is_idle() {
    let app = TestApp::new().await;
    app.deliver("message-sent", &message("m1", "k", "hoa", 1_758_791_400_000)).await;
    let raw = sea_orm::Database::connect(app.database_url()).await.unwrap();
    let indexed = async {
        while count(&raw, "SELECT count(*) FROM message_words WHERE message_words MATCH 'hoa'").await == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, indexed).await.expect("the message is indexed");
    assert_eq!(count(&raw, "SELECT count(*) FROM message_parts WHERE message_parts MATCH 'hoa'").await, 1);
    assert_eq!(count(&raw, "SELECT count(*) FROM search_tail").await, 0);
    app.stop().await;
}

/// The salt in the header of a write-ahead log, which changes each time the log is reset.
fn salt(log: &Path) -> [u8; 8] {
    let mut header = [0; 32];
    File::open(log).unwrap().read_exact(&mut header).unwrap();
    header[16..24].try_into().unwrap()
}

#[tokio::test]
async fn the_write_ahead_log_is_reset_while_events_are_stored() {
    let desk = Desk::new().await;
    let stored = async |n: i64, padding: &str| {
        let mut payload = message(&format!("m{n}"), "k", "hoa", 1_758_791_400_000 + n);
        payload["padding"] = padding.into();
        desk.store.append(&[entry(EventKind::MessageSent, &payload)], at(n)).await.unwrap();
    };
    stored(0, "").await;
    let file = desk.database.url().trim_start_matches("sqlite://").split('?').next().unwrap();
    let log = format!("{file}-wal");
    let first = salt(log.as_ref());
    let padding = "x".repeat(1_000_000);
    for n in 1..=70 {
        stored(n, &padding).await;
    }
    let mut n = 71;
    let starts_again = async {
        while salt(log.as_ref()) == first {
            stored(n, "").await;
            n += 1;
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, starts_again).await.expect("the log is copied and starts again");
    desk.store.close().await.unwrap();
}

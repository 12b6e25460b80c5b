//! Quick reads, which share pipelined connections: what they do not wait for, and what happens when a connection is lost.

use reqwest::StatusCode;
use sea_orm::sqlx::{self, Connection, Executor, PgConnection};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{
    connect,
    failing::{lock_messages, until_a_statement_waits},
    support::{PATIENCE, app::TestApp, cluster::Cluster, database::Database, fixed::RETRY, message, requests::ask},
};

const JSON: &str = "application/json";
const CONVERSATION: &str = r#"{ conversation(id: "c") { sourceId platform } }"#;
const NEWEST: &str = "{ messages(first: 2) { nodes { sourceId text sentAt direction } } }";

/// Waits until as many connections of the gateway as this meet a condition.
async fn until_connected(observer: &mut PgConnection, condition: &str, count: i64) {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity LEFT JOIN pg_stat_ssl USING (pid)
         WHERE datname = current_database() AND application_name = 'deskgraph pipeline' AND {condition}"
    );
    let connected = async {
        loop {
            let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.as_str())).fetch_one(&mut *observer).await.unwrap();
            if found == count {
                return;
            }
            sleep(RETRY).await;
        }
    };
    timeout(PATIENCE, connected).await.unwrap_or_else(|_| panic!("{count} connections with {condition}"));
}

async fn with_messages(app: &TestApp) {
    for (number, id) in ["m-1", "m-2", "m-3"].into_iter().enumerate() {
        app.deliver("message-sent", &message(id, "c", "Chào", 1_758_791_400_000 + i64::try_from(number).unwrap())).await;
    }
}

async fn assert_answers(app: &TestApp) {
    assert_conversation(app).await;
    let newest = app.query(NEWEST).await;
    let ids: Vec<&str> =
        newest["messages"]["nodes"].as_array().unwrap().iter().map(|node| node["sourceId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["m-3", "m-2"]);
}

async fn assert_conversation(app: &TestApp) {
    assert_eq!(app.query(CONVERSATION).await["conversation"]["sourceId"], "c");
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_reads_do_not_wait_for_a_connection_of_the_pool() {
    let app = TestApp::with(|config| config.database.readers = 1).await;
    with_messages(&app).await;
    let mut observer = connect(app.database_url()).await;
    until_connected(&mut observer, "state = 'idle'", 2).await;
    let lock = lock_messages(&app).await;
    let base = app.base.clone();
    let unread = "{ messages(filter: { isRead: { eq: false } }) { totalCount } }";
    let slow = tokio::spawn(async move { ask(&base, JSON, None, unread, json!({})).await });
    // The only connection of the pool is busy.
    until_a_statement_waits(&app).await;
    assert_conversation(&app).await;
    assert!(!slow.is_finished());
    lock.close().await.unwrap();
    assert_eq!(slow.await.unwrap().status(), StatusCode::OK);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_pipeline_fails_no_read_and_is_opened_again() {
    let app = TestApp::new().await;
    with_messages(&app).await;
    let mut observer = connect(app.database_url()).await;
    until_connected(&mut observer, "true", 2).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'deskgraph pipeline'";
    for _ in 0..3 {
        observer.execute(end).await.unwrap();
        assert_answers(&app).await;
        until_connected(&mut observer, "true", 2).await;
        assert_answers(&app).await;
    }
    let _database = app.stop().await;
    until_connected(&mut observer, "true", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_table_fails_no_prepared_read() {
    let app = TestApp::new().await;
    with_messages(&app).await;
    let mut observer = connect(app.database_url()).await;
    until_connected(&mut observer, "true", 2).await;
    for change in ["ADD COLUMN extra text", "DROP COLUMN extra"] {
        assert_answers(&app).await;
        observer.execute(sqlx::AssertSqlSafe(format!("ALTER TABLE message {change}"))).await.unwrap();
        assert_answers(&app).await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelines_use_the_tls_of_the_address() {
    let cluster = Cluster::new();
    let authority = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, authority.cert.pem()).unwrap();
    cluster.serve_tls(&authority.cert.pem(), &authority.signing_key.serialize_pem());
    let address = |host: &str, options: &str| format!("{}?{options}", cluster.url().replace("127.0.0.1", host));
    let verified = format!("sslmode=verify-full&sslrootcert={}", root.display());
    for (address, is_encrypted) in [
        (address("127.0.0.1", "sslmode=disable"), false),
        (address("127.0.0.1", "sslmode=prefer"), true),
        (address("127.0.0.1", "sslmode=require"), true),
        (address("localhost", &verified), true),
    ] {
        let app = TestApp::on(Database::at(&address), |_| {}).await;
        let mut observer = connect(&address).await;
        until_connected(&mut observer, &format!("ssl = {is_encrypted}"), 2).await;
        let answer: Value = app.query(NEWEST).await;
        assert!(answer["messages"]["nodes"].is_array(), "{answer}");
        app.stop().await;
    }
}

//! `deskgraph doctor` on PostgreSQL: no finding for a suitable server, and one for each deficiency.
//!
//! Deficiencies are simulated by functions of the same names that take precedence over the server's own.

use std::process::Output;

use sea_orm::sqlx::{self, Executor};
use serde_json::Value;

use crate::{
    connect,
    support::{self, cluster::Cluster, database::Database, pooler::Pooler, process::deskgraph, sample},
};

use deskgraph::domain::kind::EventKind;

/// A database with some content.
async fn store(database: &Database) {
    let entries = [support::entry(EventKind::MessageSent, &sample("message-sent"))];
    support::store(database.url(), &entries).await;
}

/// The report about the database at a URL.
async fn report(url: &str) -> (Option<i32>, Value) {
    let database = Database::at(url);
    let mut command = deskgraph(&database);
    command.args(["doctor", "--json", "--listen", "127.0.0.1:0", "--database-url", url]);
    let Output { status, stdout, stderr } = command.output().await.unwrap();
    let report = serde_json::from_slice(&stdout).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&stderr)));
    (status.code(), report)
}

/// The finding of a check.
fn finding<'r>(report: &'r Value, check: &str) -> &'r Value {
    let found = report["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("{check} is missing: {report:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suitable_server_passes_every_check() {
    let cluster = Cluster::new();
    store(&Database::at(cluster.url())).await;
    let (code, found) = report(cluster.url()).await;
    assert_eq!((code, &found["problems"], &found["warnings"]), (Some(0), &0.into(), &0.into()), "{found:#}");
    for check in ["server", "sessions", "locks", "notifications", "durability", "clock", "schema", "sample", "search"] {
        assert_eq!(finding(&found, check)["outcome"], "ok", "{found:#}");
    }
    let mut connection = connect(cluster.url()).await;
    for (setting, check) in [("fsync", "fsync is off"), ("full_page_writes", "full_page_writes is off")] {
        for value in ["off", "on"] {
            connection
                .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(format!("ALTER SYSTEM SET {setting} = {value}"))))
                .await
                .unwrap();
            connection.execute("SELECT pg_reload_conf()").await.unwrap();
            let (code, found) = report_until(cluster.url(), |code| code == Some(i32::from(value == "off"))).await;
            let detail = finding(&found, "durability")["detail"].as_str().unwrap();
            assert_eq!(detail.contains(check), value == "off", "{code:?}: {detail}");
        }
    }
}

/// Waits for a report with the expected exit code, since a server takes a moment to reload its settings.
async fn report_until(url: &str, is_expected: impl Fn(Option<i32>) -> bool) -> (Option<i32>, Value) {
    let reported = async {
        loop {
            let (code, found) = report(url).await;
            if is_expected(code) {
                return (code, found);
            }
        }
    };
    tokio::time::timeout(support::PATIENCE, reported).await.expect("the server reads its settings")
}

#[tokio::test(flavor = "multi_thread")]
async fn deficiencies_of_a_server_are_reported() {
    for (function, check, outcome, detail) in [
        (
            "version() RETURNS text AS $$ SELECT 'CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu)' $$",
            "server",
            "problem",
            "CockroachDB",
        ),
        ("pg_try_advisory_lock(bigint) RETURNS boolean AS $$ SELECT true $$", "locks", "problem", "two sessions"),
        ("pg_notify(text, text) RETURNS void AS $$ SELECT $$", "notifications", "warning", "NOTIFY"),
        (
            "clock_timestamp() RETURNS timestamptz AS $$ SELECT pg_catalog.clock_timestamp() + interval '1 hour' $$",
            "clock",
            "problem",
            "s ahead of this machine's",
        ),
        (
            "clock_timestamp() RETURNS timestamptz AS $$ SELECT pg_catalog.clock_timestamp() - interval '10 seconds' $$",
            "clock",
            "warning",
            "s behind this machine's",
        ),
    ] {
        let database = Database::new();
        store(&database).await;
        override_function(&database, function).await;
        let (_, found) = report(database.url()).await;
        let finding = finding(&found, check);
        assert_eq!(finding["outcome"], outcome, "{found:#}");
        assert!(finding["detail"].as_str().unwrap().contains(detail), "{finding:#}");
        assert!(finding["remedy"].is_string(), "{finding:#}");
    }
}

/// Overrides one of the server's functions in a database.
async fn override_function(database: &Database, function: &str) {
    let mut connection = connect(database.url()).await;
    let statement = format!(
        "CREATE FUNCTION public.{function} LANGUAGE sql;
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$"
    );
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statement))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_gateway_starts_on_a_server_whose_locks_have_no_effect() {
    let database = Database::new();
    override_function(&database, "version() RETURNS text AS $$ SELECT 'CockroachDB CCL v23.1.11' $$").await;
    let output = deskgraph(&database).args(["serve", "--listen", "127.0.0.1:0"]).output().await.unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("CockroachDB") && stderr.contains("advisory locks do nothing"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_is_reported_unless_it_provides_sessions() {
    let database = Database::new();
    store(&database).await;
    for (mode, ignores, detail) in [
        ("transaction", true, "transaction pooler"),
        ("statement", true, "sessions"),
        ("transaction", false, "unsupported startup parameter"),
    ] {
        let pooler = Pooler::start(database.url(), mode, ignores).await;
        let (code, found) = report(&pooler.url).await;
        let finding = finding(&found, "sessions");
        assert_eq!((code, &finding["outcome"]), (Some(1), &"problem".into()), "{mode}: {found:#}");
        assert!(finding["detail"].as_str().unwrap().contains(detail), "{mode}: {finding:#}");
        assert!(finding["remedy"].as_str().unwrap().contains("database.url"), "{mode}: {finding:#}");
    }
    // There are sessions, but connection options are lost.
    let pooler = Pooler::start(database.url(), "session", true).await;
    let (_, found) = report(&pooler.url).await;
    assert_eq!(finding(&found, "sessions")["outcome"], "ok", "{found:#}");
    let durability = finding(&found, "durability");
    assert_eq!(durability["outcome"], "problem", "{found:#}");
    assert!(durability["detail"].as_str().unwrap().contains("do not reach the server"), "{durability:#}");
}

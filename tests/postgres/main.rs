//! Tests only for PostgreSQL. They need the server's programs and a server in `TEST_POSTGRES_URL`. `scripts/test` provides
//! both; without them the tests fail and say so.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod backup;
mod doctor;
mod dropped_reads;
mod failing;
mod notifications;
mod pipelined;
mod plans;
mod race;

#[path = "../support/mod.rs"]
mod support;

use sea_orm::sqlx::{self, Connection, Executor, PgConnection};
use support::{
    cluster::{Cluster, Stop},
    database::{Database, on_postgres},
};

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

#[tokio::test]
async fn each_test_has_its_own_database_which_is_dropped_despite_connections() {
    assert!(on_postgres(), "TEST_DATABASE is not postgres: run `scripts/test`");
    let (one, other) = (Database::new(), Database::new());
    let mut connection = connect(one.url()).await;
    connection.execute("CREATE TABLE t (x text); INSERT INTO t VALUES ('here')").await.unwrap();
    assert!(connect(other.url()).await.execute("SELECT * FROM t").await.is_err());
    let mut beside = connect(other.url()).await;
    let name: String = sqlx::query_scalar("SELECT current_database()::text").fetch_one(&mut connection).await.unwrap();
    let mut exists = async || -> bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)";
        sqlx::query_scalar(sql).bind(&name).fetch_one(&mut beside).await.unwrap()
    };
    assert!(exists().await);
    drop(one);
    assert!(!exists().await);
}

#[tokio::test]
async fn a_copied_database_has_the_same_content() {
    let original = Database::new();
    let mut connection = connect(original.url()).await;
    connection.execute("CREATE TABLE t (x text); INSERT INTO t VALUES ('copied')").await.unwrap();
    connection.close().await.unwrap();
    let copy = Database::copy_of(&original);
    let copied: String = sqlx::query_scalar("SELECT x FROM t").fetch_one(&mut connect(copy.url()).await).await.unwrap();
    assert_eq!(copied, "copied");
}

#[tokio::test]
async fn a_private_server_keeps_committed_data_through_a_crash() {
    let cluster = Cluster::new();
    let mut connection = connect(cluster.url()).await;
    connection.execute("CREATE TABLE t (x text); INSERT INTO t VALUES ('kept')").await.unwrap();
    cluster.restart(Stop::Immediate);
    assert!(connection.execute("SELECT 1").await.is_err(), "the connection is gone");
    let kept: String = sqlx::query_scalar("SELECT x FROM t").fetch_one(&mut connect(cluster.url()).await).await.unwrap();
    assert_eq!(kept, "kept");
    cluster.stop(Stop::Fast);
    assert!(PgConnection::connect(cluster.url()).await.is_err());
    cluster.start();
    connect(cluster.url()).await.ping().await.unwrap();
}

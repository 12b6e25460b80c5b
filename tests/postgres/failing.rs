//! Responses to clients and senders while PostgreSQL is missing, stopped, busy or not prepared; and recovery afterwards:
//! acknowledged deliveries are stored once, refused ones are not stored.

use std::{process::Output, time::Duration};

use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use sea_orm::sqlx::{self, Connection, Executor, PgConnection};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{
    connect,
    support::{
        PATIENCE,
        app::TestApp,
        cluster::{Cluster, Stop},
        database::Database,
        fixed::{Fixed, RETRY},
        follower::log,
        live::Live,
        message,
        process::deskgraph,
        requests::{self, query},
    },
};

/// `Retry-After`, in seconds, for GraphQL clients and for senders of webhooks.
const CLIENTS: &str = "5";
const SENDERS: &str = "1";

const JSON: &str = "application/json";
/// With a filter that the count tables can't answer, so that messages are read.
const COUNT: &str = "{ messages(filter: {isRead: {eq: true}}) { totalCount } }";

async fn ask(base: &str, accept: &str, query: &str) -> Response {
    requests::ask(base, accept, None, query, json!({})).await
}

async fn deliver(base: &str, id: &str) -> Response {
    let request = reqwest::Client::new().post(format!("{base}/webhooks/message-sent")).header("webhook-id", id);
    timeout(PATIENCE, request.json(&hello(id)).send()).await.unwrap().unwrap()
}

fn hello(id: &str) -> Value {
    message(id, "c", "hi", 1_758_791_400_000)
}

/// Asserts that the delivery is acknowledged as a new one.
async fn assert_stored(response: Response) {
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    assert_eq!((status, &answer["duplicate"]), (StatusCode::OK, &json!(false)), "{answer}");
    assert!(answer["id"].as_str().unwrap().starts_with("evt_"), "{answer}");
}

/// Asserts that the log has exactly these deliveries in this order, and their messages.
async fn assert_holds(base: &str, ids: &[&str]) {
    assert_eq!(log(base).await, ids);
    let data = query(base, "{ messages(first: 200) { totalCount nodes { sourceId } } }", json!({})).await;
    let mut messages: Vec<&str> =
        data["messages"]["nodes"].as_array().unwrap().iter().map(|message| message["sourceId"].as_str().unwrap()).collect();
    messages.sort_unstable();
    let mut expected = ids.to_vec();
    expected.sort_unstable();
    assert_eq!(messages, expected);
    assert_eq!(data["messages"]["totalCount"], ids.len());
}

/// Asserts that the response is 503 with this `Retry-After`. Returns its body.
async fn refused(response: Response, seconds: &str) -> Value {
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
    let body: Value = response.json().await.unwrap();
    assert_eq!((status, retry_after.as_deref()), (StatusCode::SERVICE_UNAVAILABLE, Some(seconds)), "{body}");
    body
}

/// Asserts that a delivery is refused with this message.
async fn assert_delivery_refused(response: Response, expected: &str) {
    let body = refused(response, SENDERS).await;
    let error = body["error"].as_str().unwrap();
    assert!(error.contains("database") && error.contains(expected), "{body}");
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
}

/// Asserts that a request is refused: a single error with the right code, and null for the requested field.
async fn assert_request_refused(response: Response, data: Value) {
    let body = refused(response, CLIENTS).await;
    let errors = body["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[0]["extensions"]["code"]), (1, &json!("UNAVAILABLE")), "{body}");
    assert!(errors[0]["message"].as_str().unwrap().contains("database"), "{body}");
    assert_eq!(body["data"], data, "{body}");
}

async fn status(base: &str, path: &str) -> Option<StatusCode> {
    reqwest::get(format!("{base}{path}")).await.ok().map(|response| response.status())
}

async fn until(base: &str, path: &str, expected: StatusCode) {
    let reached = async {
        while status(base, path).await != Some(expected) {
            sleep(RETRY).await;
        }
    };
    timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("{path} did not become {expected}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_waits_for_an_unavailable_database() {
    let cluster = Cluster::new();
    let mut gateway = Fixed::start(Database::at(cluster.url())).await;
    cluster.stop(Stop::Fast);
    gateway.kill_and_start().await;
    until(&gateway.base, "/healthz", StatusCode::OK).await;
    assert_eq!(status(&gateway.base, "/readyz").await, Some(StatusCode::SERVICE_UNAVAILABLE));
    // At this point the gateway can't tell deliveries from other requests: all get the same response until it has started.
    let body = refused(deliver(&gateway.base, "m-1").await, CLIENTS).await;
    assert!(body["error"].as_str().unwrap().contains("database"), "{body}");
    assert_request_refused(ask(&gateway.base, JSON, "{ head }").await, Value::Null).await;
    cluster.start();
    until(&gateway.base, "/readyz", StatusCode::OK).await;
    assert_holds(&gateway.base, &[]).await;
    assert_stored(deliver(&gateway.base, "m-1").await).await;
    assert_holds(&gateway.base, &["m-1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_the_database_loses_nothing() {
    let cluster = Cluster::new();
    let gateway = Fixed::start(Database::at(cluster.url())).await;
    let base = &gateway.base;
    let mut live = Live::messages(base, None).await;
    assert_stored(deliver(base, "before").await).await;
    assert_eq!(live.next().await["messageAdded"]["message"]["sourceId"], "before");

    cluster.stop(Stop::Immediate);
    assert_delivery_refused(deliver(base, "meanwhile").await, "send it again").await;
    for accept in [JSON, "application/graphql-response+json"] {
        assert_request_refused(ask(base, accept, COUNT).await, json!({ "messages": null })).await;
        assert_request_refused(
            ask(base, accept, "{ message(id: \"msg_zalo_before\") { id } }").await,
            json!({ "message": null }),
        )
        .await;
    }
    for accept in ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"] {
        assert_request_refused(ask(base, accept, "subscription { messageAdded { cursor } }").await, Value::Null).await;
        assert_request_refused(ask(base, accept, COUNT).await, json!({ "messages": null })).await;
    }
    assert_eq!(status(base, "/readyz").await, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(status(base, "/healthz").await, Some(StatusCode::OK));

    cluster.start();
    until(base, "/readyz", StatusCode::OK).await;
    for id in ["meanwhile", "after"] {
        Fixed::deliver(&reqwest::Client::new(), base, id, &hello(id)).await;
    }
    for expected in ["meanwhile", "after"] {
        assert_eq!(live.next().await["messageAdded"]["message"]["sourceId"], expected, "without an error in between, and once");
    }
    assert_holds(base, &["before", "meanwhile", "after"]).await;
}

/// Locks the messages until dropped.
pub(crate) async fn lock_messages(app: &TestApp) -> PgConnection {
    let mut connection = connect(app.database_url()).await;
    connection.execute("BEGIN; LOCK TABLE message IN ACCESS EXCLUSIVE MODE").await.unwrap();
    connection
}

/// Waits until a statement waits for that lock.
pub(crate) async fn until_a_statement_waits(app: &TestApp) {
    let mut connection = connect(app.database_url()).await;
    let waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let waited = async {
        while connection.fetch_optional(waits).await.unwrap().is_none() {
            sleep(RETRY).await;
        }
    };
    timeout(PATIENCE, waited).await.expect("a statement waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_without_a_free_connection_get_a_retryable_error() {
    let app = TestApp::with(|config| {
        config.database.readers = 1;
        config.database.acquire_timeout_seconds = 1;
    })
    .await;
    let lock = lock_messages(&app).await;
    let base = app.base.clone();
    let first = tokio::spawn(async move { ask(&base, JSON, COUNT).await });
    until_a_statement_waits(&app).await;
    let customers = "{ customers { totalCount } }";
    assert_request_refused(ask(&app.base, JSON, customers).await, json!({ "customers": null })).await;
    lock.close().await.unwrap();
    let first = first.await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    let first: Value = first.json().await.unwrap();
    assert_eq!((&first["data"], first.get("errors")), (&json!({ "messages": { "totalCount": 0 } }), None));
    assert_eq!(app.query(customers).await["customers"]["totalCount"], 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_statement_is_cancelled_and_reported() {
    let app = TestApp::with(|config| config.limits.statement_time = Duration::from_secs(1)).await;
    let lock = lock_messages(&app).await;
    let response = ask(&app.base, JSON, COUNT).await;
    assert_eq!(response.status(), StatusCode::OK);
    let answer: Value = response.json().await.unwrap();
    let error = &answer["errors"][0];
    let extensions = json!({ "code": "LIMIT_EXCEEDED", "limit": "statementTime", "allowed": 1000 });
    assert_eq!((&error["extensions"], &error["path"]), (&extensions, &json!(["messages", "totalCount"])), "{answer}");
    assert!(error["message"].as_str().unwrap().contains("1000 ms"), "{answer}");
    assert_eq!((answer["errors"].as_array().unwrap().len(), &answer["data"]), (1, &json!({ "messages": null })), "{answer}");
    lock.close().await.unwrap();
    assert_eq!(app.query(COUNT).await["messages"]["totalCount"], 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waits_too_long_for_the_lock_gets_a_retryable_error() {
    let app = TestApp::with(|config| config.database.lock_timeout_seconds = 1).await;
    let lock = lock_messages(&app).await;
    assert_delivery_refused(deliver(&app.base, "m").await, "send it again").await;
    lock.close().await.unwrap();
    assert_holds(&app.base, &[]).await;
    assert_stored(deliver(&app.base, "m").await).await;
    assert_holds(&app.base, &["m"]).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_takes_too_long_gets_a_retryable_error_and_is_stored_once() {
    let app = TestApp::with(|config| config.server.request_timeout_seconds = 1).await;
    let lock = lock_messages(&app).await;
    let refused = refused(deliver(&app.base, "m").await, SENDERS).await;
    assert!(refused["error"].as_str().unwrap().contains("not done within 1 s: send it again"), "{refused}");
    lock.close().await.unwrap();
    // As a sender would, since a slow machine may take longer again.
    while deliver(&app.base, "m").await.status() != StatusCode::OK {}
    assert_holds(&app.base, &["m"]).await;
    app.stop().await;
}

/// The error output of a program that exited with an error.
fn stderr_of_failed(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{stderr}");
    stderr
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_privilege_for_the_extension_the_error_names_the_command_for_a_superuser() {
    let cluster = Cluster::new();
    let mut connection = connect(cluster.url()).await;
    for statement in ["CREATE ROLE poor LOGIN", "GRANT CREATE ON SCHEMA public TO poor"] {
        connection.execute(statement).await.unwrap();
    }
    let mut url = reqwest::Url::parse(cluster.url()).unwrap();
    url.set_username("poor").unwrap();
    let migrate = async || {
        let database = Database::at(cluster.url());
        deskgraph(&database).args(["migrate", "--database-url", url.as_str()]).output().await.unwrap()
    };
    let stderr = stderr_of_failed(&migrate().await);
    assert!(stderr.contains("CREATE EXTENSION pg_trgm") && stderr.contains("permission denied"), "{stderr}");
    let mut has_search_index = async || -> bool {
        let index = "SELECT EXISTS (SELECT 1 FROM pg_indexes WHERE indexdef LIKE '%gin_trgm_ops%')";
        sqlx::query_scalar(index).fetch_one(&mut connection).await.unwrap()
    };
    assert!(!has_search_index().await);
    connect(cluster.url()).await.execute("CREATE EXTENSION pg_trgm").await.unwrap();
    let migrated = migrate().await;
    assert_eq!(migrated.status.code(), Some(0), "{}", String::from_utf8_lossy(&migrated.stderr));
    assert!(has_search_index().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_url_is_an_error_without_waiting() {
    let cluster = Cluster::new();
    let mut url = reqwest::Url::parse(cluster.url()).unwrap();
    url.set_path("nowhere");
    for (url, expected) in [
        (url.as_str(), "database \"nowhere\" does not exist"),
        ("postgres://[", "invalid IPv6 address"),
        ("mysql://localhost/x", "neither `sqlite:` nor `postgres:`"),
    ] {
        let database = Database::at(cluster.url());
        let serving = deskgraph(&database).args(["serve", "--listen", "127.0.0.1:0", "--database-url", url]).output();
        let ended = timeout(PATIENCE, serving).await.unwrap_or_else(|_| panic!("the program waits for {url}")).unwrap();
        let stderr = stderr_of_failed(&ended);
        assert!(stderr.contains(expected), "{url}: {stderr}");
        assert!(!stderr.contains("waiting for it"), "{url}: {stderr}");
    }
}

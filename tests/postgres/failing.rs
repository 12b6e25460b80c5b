//! A database that is not there, goes away, is full of waiting, or may not be prepared: what is answered then, and that
//! everything goes on when it is over.

use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use sea_orm::sqlx::{Connection, Executor, PgConnection};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::support::{
    PATIENCE,
    app::TestApp,
    cluster::{Cluster, Stop},
    database::Database,
    fixed::{Fixed, RETRY},
    live::Live,
    message,
    process::deskgraph,
};

const MESSAGE: &str = "message-sent";

async fn ask(base: &str, accept: &str, query: &str) -> Response {
    let request = reqwest::Client::new().post(format!("{base}/graphql")).header("accept", accept);
    timeout(PATIENCE, request.json(&json!({ "query": query })).send()).await.unwrap().unwrap()
}

async fn deliver(base: &str, id: &str) -> Response {
    let payload = message(id, "c", "hi", 1_758_791_400_000);
    let request = reqwest::Client::new().post(format!("{base}/webhooks/{MESSAGE}")).header("webhook-id", id);
    timeout(PATIENCE, request.body(payload.to_string()).send()).await.unwrap().unwrap()
}

async fn assert_come_back(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let seconds: u32 = response.headers()[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!(seconds > 0);
    response.json().await.unwrap()
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
async fn a_start_waits_for_a_database_that_is_not_there_yet() {
    let cluster = Cluster::new();
    let mut gateway = Fixed::start(Database::at(cluster.url())).await;
    cluster.stop(Stop::Fast);
    gateway.kill_and_start().await;
    until(&gateway.base, "/healthz", StatusCode::OK).await;
    assert_eq!(status(&gateway.base, "/readyz").await, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_come_back(deliver(&gateway.base, "m-1").await).await;
    let answer = assert_come_back(ask(&gateway.base, "application/json", "{ head }").await).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
    cluster.start();
    until(&gateway.base, "/readyz", StatusCode::OK).await;
    assert_eq!(deliver(&gateway.base, "m-1").await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_is_waited_for_and_nothing_is_lost() {
    let cluster = Cluster::new();
    let gateway = Fixed::start(Database::at(cluster.url())).await;
    let base = &gateway.base;
    let mut live = Live::messages(base, None).await;
    assert_eq!(deliver(base, "before").await.status(), StatusCode::OK);
    assert_eq!(live.next().await["messageAdded"]["message"]["sourceId"], "before");

    cluster.stop(Stop::Immediate);
    let answer = assert_come_back(deliver(base, "meanwhile").await).await;
    assert!(answer["error"].as_str().unwrap().contains("send it again"), "{answer}");
    for accept in ["application/json", "application/graphql-response+json"] {
        let answer = assert_come_back(ask(base, accept, "{ messages { totalCount } }").await).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
    }
    for accept in ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"] {
        let answer = assert_come_back(ask(base, accept, "subscription { messageAdded { cursor } }").await).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
    }
    assert_eq!(status(base, "/readyz").await, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(status(base, "/healthz").await, Some(StatusCode::OK));

    cluster.start();
    until(base, "/readyz", StatusCode::OK).await;
    Fixed::deliver(&reqwest::Client::new(), base, "meanwhile", &message("meanwhile", "c", "hi", 1_758_791_400_000)).await;
    Fixed::deliver(&reqwest::Client::new(), base, "after", &message("after", "c", "hi", 1_758_791_400_000)).await;
    for expected in ["meanwhile", "after"] {
        assert_eq!(live.next().await["messageAdded"]["message"]["sourceId"], expected, "no error in between, and nothing twice");
    }
}

/// Keeps everyone from the messages until it is dropped.
async fn lock_messages(app: &TestApp) -> PgConnection {
    let mut connection = PgConnection::connect(app.database_url()).await.unwrap();
    connection.execute("BEGIN; LOCK TABLE message IN ACCESS EXCLUSIVE MODE").await.unwrap();
    connection
}

/// Waits until a statement waits for that lock.
async fn until_someone_waits(app: &TestApp) {
    let mut connection = PgConnection::connect(app.database_url()).await.unwrap();
    let waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let waited = async {
        while connection.fetch_optional(waits).await.unwrap().is_none() {
            sleep(RETRY).await;
        }
    };
    timeout(PATIENCE, waited).await.expect("a statement waits");
}

const COUNT: &str = "{ messages { totalCount } }";

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_every_connection_taken_is_told_to_come_back() {
    let app = TestApp::with(|config| {
        config.database.readers = 1;
        config.database.acquire_timeout_seconds = 1;
    })
    .await;
    let lock = lock_messages(&app).await;
    let base = app.base.clone();
    let first = tokio::spawn(async move { ask(&base, "application/json", COUNT).await });
    until_someone_waits(&app).await;
    let answer = assert_come_back(ask(&app.base, "application/json", "{ customers { totalCount } }").await).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
    lock.close().await.unwrap();
    assert_eq!(first.await.unwrap().json::<Value>().await.unwrap()["data"]["messages"]["totalCount"], 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_ended_and_named() {
    let app = TestApp::with(|config| config.limits.statement_time = std::time::Duration::from_secs(1)).await;
    let lock = lock_messages(&app).await;
    let answer: Value = ask(&app.base, "application/json", COUNT).await.json().await.unwrap();
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!((&extensions["code"], &extensions["limit"]), (&"LIMIT_EXCEEDED".into(), &"statementTime".into()), "{answer}");
    lock.close().await.unwrap();
    assert_eq!(app.query(COUNT).await["messages"]["totalCount"], 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waits_too_long_for_another_is_told_to_come_back() {
    let app = TestApp::with(|config| config.database.lock_timeout_seconds = 1).await;
    let lock = lock_messages(&app).await;
    assert_come_back(deliver(&app.base, "m").await).await;
    lock.close().await.unwrap();
    assert_eq!(deliver(&app.base, "m").await.status(), StatusCode::OK);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_make_the_extension_is_told_what_a_superuser_has_to_run() {
    let cluster = Cluster::new();
    let mut connection = PgConnection::connect(cluster.url()).await.unwrap();
    for statement in ["CREATE ROLE poor LOGIN", "GRANT CREATE ON SCHEMA public TO poor"] {
        connection.execute(statement).await.unwrap();
    }
    let mut url = reqwest::Url::parse(cluster.url()).unwrap();
    url.set_username("poor").unwrap();
    let migrate = async || {
        let database = Database::at(cluster.url());
        deskgraph(&database).args(["migrate", "--database-url", url.as_str()]).output().await.unwrap()
    };
    let refused = migrate().await;
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("CREATE EXTENSION pg_trgm"), "{said}");
    connection.execute("CREATE EXTENSION pg_trgm").await.unwrap();
    let migrated = migrate().await;
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_can_never_work_is_an_error_and_not_waited_for() {
    let cluster = Cluster::new();
    let mut url = reqwest::Url::parse(cluster.url()).unwrap();
    url.set_path("nowhere");
    for url in [url.as_str(), "postgres://[", "mysql://localhost/x"] {
        let database = Database::at(cluster.url());
        let serving = deskgraph(&database).args(["serve", "--listen", "127.0.0.1:0", "--database-url", url]).output();
        let refused = timeout(PATIENCE, serving).await.unwrap_or_else(|_| panic!("{url} is waited for")).unwrap();
        assert!(!refused.status.success(), "{url}");
        assert!(!refused.stderr.is_empty());
    }
}

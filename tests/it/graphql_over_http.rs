//! GraphQL over HTTP: formats, statuses, and the GraphQL errors of refused requests.

use std::time::Duration;

use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderMap},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{PATIENCE, app::TestApp};

const JSON: &str = "application/json";
const RESPONSE: &str = "application/graphql-response+json";

/// A response: status, headers, body.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn form(&self) -> &str {
        self.headers[CONTENT_TYPE].to_str().unwrap()
    }

    /// The code of the only error of a response without data.
    fn refusal(&self) -> &str {
        assert!(self.body.get("data").is_none(), "{}", self.body);
        assert_eq!(self.body["errors"].as_array().map(Vec::len), Some(1), "{}", self.body);
        assert!(self.body["errors"][0]["message"].is_string(), "{}", self.body);
        self.body["errors"][0]["extensions"]["code"].as_str().expect("a code")
    }
}

async fn ask(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Answer {
    let mut request = app.client.request(method, format!("{}/graphql{path}", app.base)).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, body: response.json().await.unwrap() }
}

async fn post(app: &TestApp, accept: &str, request: &Value) -> Answer {
    ask(app, Method::POST, "", &[("content-type", JSON), ("accept", accept)], request.to_string()).await
}

async fn get(app: &TestApp, accept: &str, parameters: &[(&str, &str)]) -> Answer {
    let query: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    ask(app, Method::GET, &format!("?{}", query.join("&")), &[("accept", accept)], "").await
}

fn encoded(text: &str) -> impl std::fmt::Display {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}

#[tokio::test]
async fn the_client_selects_one_of_two_json_formats() {
    let app = TestApp::new().await;
    for (accept, form) in [
        (JSON, "application/json; charset=utf-8"),
        (RESPONSE, "application/graphql-response+json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
        ("application/graphql-response+json, application/json;q=0.9", "application/graphql-response+json; charset=utf-8"),
    ] {
        for answer in
            [post(&app, accept, &json!({ "query": "{ head }" })).await, get(&app, accept, &[("query", "{ head }")]).await]
        {
            assert_eq!((answer.status, answer.form()), (StatusCode::OK, form), "{accept}");
            assert!(answer.body["data"]["head"].is_string() && answer.body.get("errors").is_none(), "{}", answer.body);
            let varies =
                answer.headers.get_all("vary").iter().any(|names| names.to_str().unwrap().eq_ignore_ascii_case("accept"));
            assert!(varies, "{:?}", answer.headers);
        }
    }
    let without_accept = ask(&app, Method::POST, "", &[("content-type", JSON)], r#"{"query":"{head}"}"#).await;
    assert_eq!(without_accept.form(), "application/json; charset=utf-8");
    app.stop().await;
}

#[tokio::test]
async fn an_invalid_document_is_200_in_json_and_400_in_the_newer_format() {
    let app = TestApp::new().await;
    let wrong = [
        json!({ "query": "{" }),
        json!({ "query": "{ nothing }" }),
        json!({ "query": "query A { head } query B { head }" }),
        json!({ "query": "query A { head }", "operationName": "B" }),
        json!({ "query": "query ($id: ID!) { customer(id: $id) { id } }", "variables": { "id": null } }),
    ];
    for request in &wrong {
        for (accept, status) in [(JSON, StatusCode::OK), (RESPONSE, StatusCode::BAD_REQUEST)] {
            let answer = post(&app, accept, request).await;
            assert_eq!((answer.status, answer.refusal()), (status, "BAD_USER_INPUT"), "{request} {accept}: {}", answer.body);
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn an_execution_error_is_200_with_data() {
    let app = TestApp::new().await;
    let request = json!({ "query": "{ customers(first: 100000) { nodes { id } } }" });
    for accept in [JSON, RESPONSE] {
        let answer = post(&app, accept, &request).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body.get("data"), Some(&Value::Null), "{}", answer.body);
        assert!(answer.body["errors"][0]["path"].is_array(), "{}", answer.body);
    }
    app.stop().await;
}

#[tokio::test]
async fn all_parameters_can_be_in_the_url() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    let query = "query A { head } query B($first: Int) { customers(first: $first) { nodes { name } } }";
    let parameters =
        [("query", query), ("operationName", "B"), ("variables", r#"{"first":1}"#), ("extensions", r#"{"complexity":true}"#)];
    let answer = get(&app, RESPONSE, &parameters).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["data"]["customers"]["nodes"].as_array().map(Vec::len), Some(1), "{}", answer.body);
    assert!(answer.body["extensions"]["complexity"].is_object(), "{}", answer.body);
    let empty = get(&app, RESPONSE, &[("query", "{ head }"), ("operationName", ""), ("variables", ""), ("other", "x")]).await;
    assert_eq!(empty.status, StatusCode::OK, "{}", empty.body);
    app.stop().await;
}

#[tokio::test]
async fn a_malformed_request_is_400_with_the_reason() {
    let app = TestApp::new().await;
    for (body, why) in [
        ("", "empty"),
        ("{", "not JSON"),
        ("\"{ head }\"", "an object"),
        ("null", "an object"),
        ("{}", "`query` is missing"),
        (r#"{"query":null}"#, "`query` is missing"),
        (r#"{"query":7}"#, "`query` is not a string"),
        (r#"{"query":"{head}","operationName":7}"#, "`operationName`"),
        (r#"{"query":"{head}","variables":[]}"#, "`variables`"),
        (r#"{"query":"{head}","variables":"{}"}"#, "`variables`"),
        (r#"{"query":"{head}","extensions":[]}"#, "`extensions`"),
        ("{\"query\":\"\u{1}\"}", "not JSON"),
    ] {
        for accept in [JSON, RESPONSE] {
            let answer = ask(&app, Method::POST, "", &[("content-type", JSON), ("accept", accept)], body).await;
            assert_eq!((answer.status, answer.refusal()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"), "{body}");
            assert!(answer.body["errors"][0]["message"].as_str().unwrap().contains(why), "{body}: {}", answer.body);
        }
    }
    let not_utf8 = ask(&app, Method::POST, "", &[("content-type", JSON)], b"{\"query\":\"\xff\"}".to_vec()).await;
    assert_eq!((not_utf8.status, not_utf8.refusal()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"));
    for parameters in [
        &[("variables", "{}")][..],
        &[("query", "{ head }"), ("variables", "{")],
        &[("query", "{ head }"), ("variables", "7")],
        &[("query", "{ head }"), ("extensions", "[]")],
        &[("query", "{ head }"), ("query", "{ head }")],
    ] {
        let answer = get(&app, JSON, parameters).await;
        assert_eq!((answer.status, answer.refusal()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"), "{parameters:?}");
    }
    app.stop().await;
}

#[tokio::test]
async fn null_is_equivalent_to_an_absent_parameter() {
    let app = TestApp::new().await;
    let request = json!({ "query": "{ head }", "operationName": null, "variables": null, "extensions": null });
    let answer = post(&app, RESPONSE, &request).await;
    assert_eq!((answer.status, answer.body.get("errors")), (StatusCode::OK, None));
    app.stop().await;
}

#[tokio::test]
async fn bodies_that_are_not_plain_json_are_415() {
    let app = TestApp::new().await;
    let body = r#"{"query":"{ head }"}"#;
    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "multipart/form-data; boundary=x")],
        &[("content-type", "application/graphql")],
        &[("content-type", "nonsense")],
        &[("content-type", "application/json; charset=utf-16")],
        &[("content-type", JSON), ("content-encoding", "gzip")],
    ] {
        let answer = ask(&app, Method::POST, "", headers, body).await;
        assert_eq!(
            (answer.status, answer.refusal()),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
            "{headers:?}"
        );
        assert_eq!(answer.headers["accept-post"], JSON);
    }
    for kind in ["application/json; charset=UTF-8", "Application/JSON"] {
        let answer = ask(&app, Method::POST, "", &[("content-type", kind)], body).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_client_that_accepts_no_available_format_gets_406() {
    let app = TestApp::new().await;
    for accept in ["application/xml", "text/plain", "multipart/mixed", "application/json;q=0"] {
        let answer = post(&app, accept, &json!({ "query": "{ head }" })).await;
        assert_eq!((answer.status, answer.refusal()), (StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE"), "{accept}");
    }
    for accept in [JSON, RESPONSE, "*/*"] {
        let answer = post(&app, accept, &json!({ "query": "subscription { messageAdded { cursor } }" })).await;
        assert_eq!((answer.status, answer.refusal()), (StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE"), "{accept}");
    }
    app.stop().await;
}

#[tokio::test]
async fn an_unsupported_method_is_405_with_the_supported_ones() {
    let app = TestApp::new().await;
    for query in ["mutation { __typename }", "subscription { messageAdded { cursor } }"] {
        for accept in [JSON, RESPONSE] {
            let answer = get(&app, accept, &[("query", query)]).await;
            assert_eq!((answer.status, answer.refusal()), (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"), "{query}");
            assert_eq!(answer.headers[ALLOW], "POST");
        }
    }
    let many = "query A { head } mutation B { __typename }";
    assert_eq!(get(&app, JSON, &[("query", many), ("operationName", "A")]).await.status, StatusCode::OK);
    assert_eq!(get(&app, JSON, &[("query", many), ("operationName", "B")]).await.status, StatusCode::METHOD_NOT_ALLOWED);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = ask(&app, method, "", &[("content-type", JSON)], r#"{"query":"{head}"}"#).await;
        assert_eq!((answer.status, answer.refusal()), (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"));
        assert_eq!(answer.headers[ALLOW], "GET, HEAD, POST");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_is_too_long_is_413() {
    let app = TestApp::with(|config| config.graphql.max_body_bytes = 100).await;
    let short = json!({ "query": format!("{{ head }} #{}", "x".repeat(60)) }).to_string();
    let long = json!({ "query": format!("{{ head }} #{}", "x".repeat(90)) }).to_string();
    assert!(short.len() <= 100 && long.len() > 100);
    assert_eq!(ask(&app, Method::POST, "", &[("content-type", JSON)], short).await.status, StatusCode::OK);
    let answer = ask(&app, Method::POST, "", &[("content-type", JSON)], long.clone()).await;
    assert_eq!((answer.status, answer.refusal()), (StatusCode::PAYLOAD_TOO_LARGE, "LIMIT_EXCEEDED"));
    let extensions = &answer.body["errors"][0]["extensions"];
    assert_eq!((&extensions["limit"], &extensions["allowed"]), (&json!("bodyBytes"), &json!(100)));
    // A length that is not announced.
    let mut socket = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    socket.write_all(format!("{head}{:x}\r\n{long}\r\n", long.len()).as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, socket.read_to_string(&mut answer)).await.expect("the connection is closed in time").unwrap();
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("LIMIT_EXCEEDED"), "{answer}");
    app.stop().await;
}

#[tokio::test]
async fn a_slow_body_is_408_and_the_connection_is_closed() {
    let app = TestApp::with(|config| config.graphql.read_timeout_seconds = 1).await;
    let mut socket = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = socket.split();
    let mut answer = Vec::new();
    let trickle = async {
        while writer.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        read = timeout(PATIENCE, reader.read_to_end(&mut answer)) => drop(read.expect("the connection is closed in time")),
        () = trickle => unreachable!(),
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("LIMIT_EXCEEDED") && answer.contains("bodyTime"), "{answer}");
    app.stop().await;
}

#[tokio::test]
async fn batches_are_refused_unless_enabled_and_then_limited() {
    let batch = json!([{ "query": "{ head }" }, { "query": "{ nothing }" }]);
    let app = TestApp::new().await;
    let answer = post(&app, JSON, &batch).await;
    assert_eq!((answer.status, answer.refusal()), (StatusCode::BAD_REQUEST, "LIMIT_EXCEEDED"));
    app.stop().await;
    let app = TestApp::with(|config| config.graphql.max_batch = 2).await;
    let answer = post(&app, JSON, &batch).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body[0]["data"]["head"].is_string(), "{}", answer.body);
    assert!(answer.body[1].get("data").is_none() && answer.body[1]["errors"].is_array(), "{}", answer.body);
    let answer = post(&app, JSON, &json!([{ "query": "{ head }" }, { "query": "{ head }" }, { "query": "{ head }" }])).await;
    assert_eq!((answer.status, answer.refusal()), (StatusCode::BAD_REQUEST, "LIMIT_EXCEEDED"));
    for wrong in [json!([]), json!([7]), json!([{ "query": "{ head }" }, {}])] {
        let answer = post(&app, JSON, &wrong).await;
        assert_eq!((answer.status, answer.refusal()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"), "{wrong}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_browser_gets_the_page_and_a_query_in_the_url_a_response() {
    let app = TestApp::new().await;
    let ask = async |path: &str| {
        let url = format!("{}/graphql{path}", app.base);
        let response = app.client.get(url).header(ACCEPT, "text/html,application/xml;q=0.9,*/*;q=0.8").send().await.unwrap();
        (response.status(), response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned())
    };
    assert_eq!(ask("").await, (StatusCode::OK, "text/html; charset=utf-8".to_owned()));
    assert_eq!(ask("?query=%7Bhead%7D").await, (StatusCode::OK, "application/json; charset=utf-8".to_owned()));
    app.stop().await;
}

#[tokio::test]
async fn an_internal_error_has_a_fixed_text_and_the_request_id() {
    let app = TestApp::new().await;
    let raw = sea_orm::Database::connect(app.database_url()).await.unwrap();
    raw.execute_unprepared("DROP TABLE customer").await.unwrap();
    raw.close().await.unwrap();
    // With a filter, since the total without one is read from a count table.
    let query = json!({"query": "{ customers(filter: { name: { eq: \"Mai\" } }) { totalCount } }"}).to_string();
    for given in [Some("abc"), None] {
        let mut headers = vec![("content-type", JSON), ("accept", RESPONSE)];
        headers.extend(given.map(|id| ("x-request-id", id)));
        let answer = ask(&app, Method::POST, "", &headers, query.clone()).await;
        let error = &answer.body["errors"][0];
        assert_eq!((&error["message"], &error["extensions"]["code"]), (&json!("internal error"), &json!("INTERNAL")));
        let id = error["extensions"]["requestId"].as_str().expect("a request id");
        assert_eq!(answer.headers["x-request-id"], id);
        assert!(given.is_none_or(|given| given == id), "{id}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_slow_statement_is_cancelled_and_the_limit_is_named() {
    let app = TestApp::with(|config| config.limits.statement_time = Duration::from_secs(1)).await;
    // Replaces the table with a view that never ends.
    let raw = sea_orm::Database::connect(app.database_url()).await.unwrap();
    raw.execute_unprepared("ALTER TABLE staff RENAME TO staff_member").await.unwrap();
    raw.execute_unprepared(
        "CREATE VIEW staff AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, '' AS name FROM n",
    )
    .await
    .unwrap();
    raw.close().await.unwrap();
    let answer =
        post(&app, RESPONSE, &json!({"query": "{ staffMembers(filter: { name: { isNull: false } }) { totalCount } }"})).await;
    let extensions = &answer.body["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["limit"]),
        (&json!("LIMIT_EXCEEDED"), &json!("statementTime")),
        "{}",
        answer.body
    );
    app.stop().await;
}

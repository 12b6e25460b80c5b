//! Which deliveries are accepted with configured schemes, and that nothing of the others is stored.

use base64::{Engine, prelude::BASE64_STANDARD};
use deskgraph::{
    config::{
        secret::Secret,
        webhooks::{Hmac, Standard, Token, Webhooks},
    },
    domain::time::Timestamp,
    http::webhook::signed_body::Encoding,
};
use hmac::{KeyInit, Mac};
use reqwest::{StatusCode, header::WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::support::{
    app::{NOW, TestApp},
    database::Database,
    desk,
    process::Process,
    sample,
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEXT_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazuhwbCk6qU=";
const FOREIGN_SECRET: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const BODY_SECRET: &str = "mật khẩu";
const TOKEN: &str = "token/with-24-characters";
const OTHER_TOKEN: &str = "another-with-24-characters";
const GUESSED: &str = "guessed-with-24-characters";
const EVENT: &str = "/conversation-status-changed";

fn secrets(secrets: &[&str]) -> Vec<Secret> {
    secrets.iter().map(|secret| Secret::new(*secret)).collect()
}

fn standard(values: &[&str]) -> Standard {
    Standard { secrets: secrets(values), ..Standard::default() }
}

fn meta() -> Hmac {
    Hmac {
        secrets: secrets(&["old", BODY_SECRET]),
        header: "X-Hub-Signature-256".into(),
        prefix: "sha256=".into(),
        ..Hmac::default()
    }
}

fn token() -> Token {
    Token { tokens: secrets(&[TOKEN, OTHER_TOKEN]), ..Token::default() }
}

async fn app(change: impl FnOnce(&mut Webhooks)) -> TestApp {
    TestApp::with(|config| {
        change(&mut config.webhooks);
        assert!(config.webhooks_are_verified());
    })
    .await
}

/// HMAC-SHA256, computed by the library and not by the gateway.
fn hmac(secret: &[u8], signed: &[u8]) -> Vec<u8> {
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
    mac.update(signed);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// `v1,…` of Standard Webhooks.
fn v1(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    let secret = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed = format!("{id}.{timestamp}.{body}");
    format!("v1,{}", BASE64_STANDARD.encode(hmac(&secret, signed.as_bytes())))
}

/// The time of the app's clock, in seconds.
fn now() -> i64 {
    Timestamp::parse_rfc3339(NOW).unwrap().as_millis() / 1000
}

fn body() -> String {
    sample("conversation-status-changed").to_string()
}

/// Posts with these headers to a path. Returns the status and the error.
async fn post(app: &TestApp, path: &str, headers: &[(&str, String)], body: &str) -> (StatusCode, Value) {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    app.post_body(path, &headers, body.to_owned()).await
}

/// The headers of a delivery that is signed now.
fn signed(secret: &str, id: &str, body: &str) -> [(&'static str, String); 3] {
    with_signature(id, now(), v1(secret, id, now(), body))
}

fn with_signature(id: &str, timestamp: i64, signature: String) -> [(&'static str, String); 3] {
    [("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp.to_string()), ("webhook-signature", signature)]
}

async fn assert_accepted(app: &TestApp, path: &str, headers: &[(&str, String)]) {
    let (status, answer) = post(app, path, headers, &body()).await;
    assert_eq!((status, &answer["duplicate"]), (StatusCode::OK, &json!(false)), "{headers:?}: {answer}");
}

/// Asserts a 401 with a reason that contains this text.
async fn assert_refused(app: &TestApp, path: &str, headers: &[(&str, String)], body: &str, reason: &str) {
    let (status, answer) = post(app, path, headers, body).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{headers:?}: {answer}");
    assert!(answer["error"].as_str().unwrap().contains(reason), "{headers:?}: {answer}");
    assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
}

/// Asserts that the store has this number of events and no rejected delivery.
async fn assert_stored(app: TestApp, events: u64) {
    assert_eq!(app.query("{ events { totalCount } }").await["events"]["totalCount"], events);
    let database = app.stop().await;
    let store = desk::open(database.url()).await;
    assert_eq!(store.rejected_count().await.unwrap(), 0);
    store.close().await.unwrap();
}

#[tokio::test]
async fn standard_webhooks_are_accepted_if_signed_recent_and_unchanged() {
    let app = app(|webhooks| webhooks.standard = Some(standard(&[SECRET, NEXT_SECRET]))).await;
    let body = body();
    let right = |id: &str| v1(SECRET, id, now(), &body);
    for (id, signature) in [
        ("good", right("good")),
        ("rotated", v1(NEXT_SECRET, "rotated", now(), &body)),
        ("second", format!("v1,{} {}", BASE64_STANDARD.encode([0; 32]), right("second"))),
        ("versions", format!("v1a,AAAA v2,{} {}", &right("versions")[3..], right("versions"))),
    ] {
        assert_accepted(&app, EVENT, &with_signature(id, now(), signature)).await;
    }
    for off in [-300, 300] {
        let id = format!("off by {off}");
        let signature = v1(SECRET, &id, now() + off, &body);
        assert_accepted(&app, EVENT, &with_signature(&id, now() + off, signature)).await;
    }

    let off = |seconds: i64| with_signature("off", now() + seconds, v1(SECRET, "off", now() + seconds, &body));
    let signature = |signature: String| with_signature("x", now(), signature);
    for (case, headers, reason) in [
        ("forged", signed(FOREIGN_SECRET, "x", &body), "matches"),
        ("a signature of another body", signed(SECRET, "x", "{}"), "matches"),
        ("of another id", signature(right("y")), "matches"),
        ("of another time", with_signature("x", now() + 1, right("x")), "matches"),
        ("past", off(-301), "301 seconds in the past"),
        ("future", off(301), "301 seconds in the future"),
        ("truncated", signature(right("x")[..43].to_owned()), "matches"),
        ("another version", signature(right("x").replace("v1,", "v2,")), "no `v1,<Base64>`"),
        ("no version", signature(right("x")[3..].to_owned()), "no `v1,<Base64>`"),
        ("an empty signature", signature("v1,".into()), "matches"),
        ("many empty ones", signature("v1, v1, ,".into()), "matches"),
        ("nothing", signature(String::new()), "webhook-signature"),
    ] {
        println!("{case}");
        assert_refused(&app, EVENT, &headers, &body, reason).await;
    }
    assert_refused(&app, EVENT, &[], &body, "webhook-id, webhook-timestamp, webhook-signature").await;
    assert_refused(&app, EVENT, &signed(SECRET, "x", &body)[..1], &body, "webhook-timestamp, webhook-signature").await;
    assert_stored(app, 6).await;
}

#[tokio::test]
async fn a_replay_and_the_senders_own_retry_are_duplicates() {
    let app = app(|webhooks| webhooks.standard = Some(standard(&[SECRET]))).await;
    let body = body();
    let delivery = signed(SECRET, "d-1", &body);
    assert_accepted(&app, EVENT, &delivery).await;
    let (status, again) = post(&app, EVENT, &delivery, &body).await;
    assert_eq!((status, again), (StatusCode::OK, json!({ "id": "evt_1", "duplicate": true })));
    // The sender's own retry has another timestamp.
    let retry = with_signature("d-1", now() + 60, v1(SECRET, "d-1", now() + 60, &body));
    let (status, again) = post(&app, EVENT, &retry, &body).await;
    assert_eq!((status, again), (StatusCode::OK, json!({ "id": "evt_1", "duplicate": true })));
    assert_stored(app, 1).await;
}

#[tokio::test]
async fn refused_deliveries_are_not_parsed_and_reveal_nothing() {
    let app = app(|webhooks| {
        webhooks.standard = Some(standard(&[SECRET]));
        webhooks.max_body_bytes = 1000;
    })
    .await;
    // With a valid signature these would be 400 and 422.
    for (path, body) in [(EVENT, "{"), ("/message-sent", r#"{"message": "x"}"#), ("", "{}"), (EVENT, "")] {
        assert_refused(&app, path, &[], body, "webhook-signature").await;
        assert_refused(&app, path, &signed(FOREIGN_SECRET, "x", body), body, "matches").await;
    }
    for (path, body, expected) in [
        (EVENT, "{", StatusCode::BAD_REQUEST),
        ("/message-edited", "{}", StatusCode::NOT_FOUND),
        (EVENT, &"x".repeat(1001), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let (status, answer) = post(&app, path, &signed(SECRET, "x", body), body).await;
        assert_eq!(status, expected, "{answer}");
    }
    assert_stored(app, 0).await;
}

#[tokio::test]
async fn a_signature_of_the_body_is_accepted_in_each_senders_format() {
    let body = body();
    let right = hmac(BODY_SECRET.as_bytes(), body.as_bytes());
    let wrong = hmac(b"another", body.as_bytes());
    let base64 = Hmac { secrets: secrets(&[BODY_SECRET]), encoding: Encoding::Base64, ..Hmac::default() };
    let hub = "x-hub-signature-256";
    for (hmac, accepted, refused) in [
        (
            meta(),
            (hub, format!("sha256={}", hex(&right))),
            vec![
                (hub, format!("sha256={}", hex(&wrong)), "does not match"),
                (hub, hex(&right), "begin with `sha256=`"),
                (hub, "sha256=".into(), "does not match"),
                (hub, format!("sha256={}", &hex(&right)[..40]), "does not match"),
                (hub, format!("sha256={}", BASE64_STANDARD.encode(&right)), "hexadecimal"),
                ("x-signature", format!("sha256={}", hex(&right)), "no header x-hub-signature-256"),
            ],
        ),
        (
            base64,
            ("x-signature", BASE64_STANDARD.encode(&right)),
            vec![
                ("x-signature", BASE64_STANDARD.encode(&wrong), "does not match"),
                ("x-signature", hex(&right), "does not match"),
                ("x-signature", "%".into(), "Base64"),
            ],
        ),
    ] {
        let app = app(|webhooks| webhooks.hmac = Some(hmac)).await;
        assert_accepted(&app, EVENT, std::slice::from_ref(&accepted)).await;
        let (status, _) = post(&app, "", std::slice::from_ref(&accepted), &body).await;
        assert_eq!(status, StatusCode::OK, "the address for every event takes the same signature");
        assert_refused(&app, EVENT, &[accepted], &format!("{body} "), "does not match").await;
        for (header, value, reason) in refused {
            assert_refused(&app, EVENT, &[(header, value)], &body, reason).await;
        }
        assert_stored(app, 2).await;
    }
}

#[tokio::test]
async fn a_token_is_accepted_in_its_header_and_in_the_path() {
    let in_path = Token { header: "X-Token".into(), in_path: true, ..token() };
    let by_path = app(|webhooks| webhooks.token = Some(in_path)).await;
    let encoded = TOKEN.replace('/', "%2F");
    assert_accepted(&by_path, EVENT, &[("x-token", TOKEN.into())]).await;
    assert_accepted(&by_path, &format!("/t/{OTHER_TOKEN}{EVENT}"), &[]).await;
    assert_accepted(&by_path, &format!("/t/{encoded}{EVENT}"), &[]).await;
    let envelope = json!({ "event": "ticket.deleted", "data": sample("ticket-deleted") }).to_string();
    let (status, answer) = post(&by_path, &format!("/t/{encoded}"), &[], &envelope).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    for path in ["/t/another", "/t/another/message-sent"] {
        let (status, answer) = post(&by_path, path, &[], &envelope).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}: {answer}");
    }
    for (path, expected) in [("/t/%ff/message-sent", StatusCode::BAD_REQUEST), ("/t/another/no-event", StatusCode::NOT_FOUND)] {
        let (status, answer) = post(&by_path, path, &[], &envelope).await;
        assert_eq!(status, expected, "{path} is no address: {answer}");
    }
    assert_refused(&by_path, EVENT, &[("x-token", format!("Bearer {TOKEN}"))], &body(), "is not known").await;
    assert_refused(&by_path, EVENT, &[("authorization", format!("Bearer {TOKEN}"))], &body(), "no token in x-token").await;
    assert_stored(by_path, 4).await;

    let by_header = app(|webhooks| webhooks.token = Some(token())).await;
    for value in [format!("Bearer {TOKEN}"), format!("bearer {OTHER_TOKEN}")] {
        assert_accepted(&by_header, EVENT, &[("authorization", value)]).await;
    }
    assert_refused(&by_header, EVENT, &[("authorization", TOKEN.into())], &body(), "`Bearer <token>`").await;
    assert_refused(&by_header, EVENT, &[("authorization", format!("Bearer {}", &TOKEN[1..]))], &body(), "not known").await;
    let url = format!("{}/webhooks{EVENT}", by_header.base);
    let refused = by_header.client.post(url).body(body()).send().await.unwrap();
    assert_eq!(refused.headers()[WWW_AUTHENTICATE], "Bearer realm=\"webhooks\"");
    let (status, answer) = post(&by_header, &format!("/t/{encoded}{EVENT}"), &[], &body()).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "such paths are off");
    assert!(!answer.to_string().contains("24-characters"), "{answer}");
    assert_stored(by_header, 2).await;
}

#[tokio::test]
async fn with_several_schemes_one_is_enough() {
    let app = app(|webhooks| {
        webhooks.standard = Some(standard(&[SECRET]));
        webhooks.hmac = Some(meta());
        webhooks.token = Some(token());
    })
    .await;
    let body = body();
    let hub = |secret: &[u8]| ("x-hub-signature-256", format!("sha256={}", hex(&hmac(secret, body.as_bytes()))));
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    let [id, timestamp, signature] = signed(SECRET, "d-1", &body);
    assert_accepted(&app, EVENT, &[hub(b"old")]).await;
    assert_accepted(&app, EVENT, &[bearer(TOKEN)]).await;
    assert_accepted(&app, EVENT, &[bearer("x"), hub(b"x"), id, timestamp, signature]).await;
    let forged = signed(FOREIGN_SECRET, "d-2", &body);
    assert_accepted(&app, EVENT, &[&forged[..], &[bearer(TOKEN)]].concat()).await;
    let all_wrong = [&forged[..], &[bearer("x"), hub(b"x")]].concat();
    assert_refused(&app, EVENT, &all_wrong, &body, "webhook-signature").await;
    assert_refused(&app, EVENT, &[bearer("x")], &body, "delivery refused: the token in authorization is not known").await;
    assert_refused(&app, EVENT, &[], &body, "no header x-hub-signature-256").await;
    assert_stored(app, 4).await;
}

#[tokio::test]
async fn secrets_come_from_files_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        vec![file]
    };
    let app = app(|webhooks| {
        webhooks.standard = Some(Standard { secrets_files: file("standard", &format!("{SECRET}\n")), ..Standard::default() });
        webhooks.hmac = Some(Hmac { secrets_files: file("hmac", BODY_SECRET), ..Hmac::default() });
        webhooks.token = Some(Token { tokens_files: file("token", &format!("{TOKEN}\r\n")), ..Token::default() });
    })
    .await;
    assert_accepted(&app, EVENT, &signed(SECRET, "d-1", &body())).await;
    assert_accepted(&app, EVENT, &[("x-signature", hex(&hmac(BODY_SECRET.as_bytes(), body().as_bytes())))]).await;
    assert_accepted(&app, EVENT, &[("authorization", format!("Bearer {TOKEN}"))]).await;
    assert_stored(app, 3).await;
}

#[tokio::test]
async fn each_refused_delivery_is_logged_once_without_secrets() {
    let database = Database::new();
    let settings = format!(
        "[webhooks.standard]\nsecrets = [\"{SECRET}\"]\n[webhooks.token]\ntokens = [\"{OTHER_TOKEN}\"]\nin_path = true\n"
    );
    std::fs::write(database.folder().join("deskgraph.toml"), settings).unwrap();
    let gateway = Process::start(&database, &["--log", "trace"]).await;
    let client = reqwest::Client::new();
    let post = async |path: String, headers: &[(&str, &str)]| {
        let mut request = client.post(format!("{}/webhooks{path}", gateway.base)).body(body());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    };
    let accepted = [post(format!("/t/{OTHER_TOKEN}{EVENT}"), &[]).await, post(format!("/t/{OTHER_TOKEN}"), &[]).await];
    assert!(accepted.iter().all(|response| response.status() == StatusCode::OK));
    let refused = [
        post(format!("/t/{GUESSED}{EVENT}"), &[]).await,
        post(EVENT.into(), &[("authorization", &format!("Bearer {GUESSED}"))]).await,
        post(EVENT.into(), &[("webhook-id", "x"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,")]).await,
        post(EVENT.into(), &[]).await,
    ];
    assert!(refused.iter().all(|response| response.status() == StatusCode::UNAUTHORIZED));
    let elsewhere = [
        client.get(format!("{}/webhooks/t/{OTHER_TOKEN}{EVENT}", gateway.base)).send().await.unwrap(),
        post(format!("/t/{OTHER_TOKEN}/a/b"), &[]).await,
        post(format!("/t/{OTHER_TOKEN}/no-event"), &[]).await,
    ];
    for (response, status) in elsewhere.into_iter().zip([405, 404, 404]) {
        assert_eq!(response.status(), status);
        let answer = response.text().await.unwrap();
        assert!(!answer.contains(OTHER_TOKEN), "{answer}");
    }
    let (code, log) = gateway.terminate_with_log().await;
    assert_eq!(code, Some(0));
    assert!(log.iter().any(|line| line.contains("/webhooks/t/{token}/{segment}")), "requests are logged");
    for secret in [SECRET, &SECRET[6..], OTHER_TOKEN, GUESSED] {
        let found = log.iter().find(|line| line.contains(secret));
        assert!(found.is_none(), "{found:?}");
    }
    let audit: Vec<Value> =
        log.iter().map(|line| serde_json::from_str(line).unwrap()).filter(|line: &Value| line["target"] == "audit").collect();
    let schemes: Vec<_> = audit
        .iter()
        .map(|line| {
            let fields = &line["fields"];
            assert_eq!((&line["level"], &fields["address"]), (&json!("WARN"), &json!("127.0.0.1")), "{line}");
            assert!(!fields["reason"].as_str().unwrap().is_empty(), "{line}");
            fields["scheme"].as_str().unwrap()
        })
        .collect();
    assert_eq!(schemes, ["token", "token", "standard", "none"]);
}

#[tokio::test]
async fn the_demo_delivers_to_itself_if_a_scheme_is_configured() {
    let database = Database::new();
    let settings = format!("[webhooks.token]\ntokens = [\"{OTHER_TOKEN}\"]\n");
    std::fs::write(database.folder().join("deskgraph.toml"), settings).unwrap();
    let gateway = Process::start(&database, &["demo", "--scale", "0.001", "--rate", "50"]).await;
    let client = reqwest::Client::new();
    let count = async || -> u64 {
        let request = json!({ "query": "{ events { totalCount } }" });
        let answer: Value =
            client.post(format!("{}/graphql", gateway.base)).json(&request).send().await.unwrap().json().await.unwrap();
        answer["data"]["events"]["totalCount"].as_u64().unwrap()
    };
    tokio::time::timeout(crate::support::PATIENCE, async { while count().await == 0 {} }).await.expect("the demo delivers");
    let other = client.post(format!("{}/webhooks{EVENT}", gateway.base)).body(body()).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::UNAUTHORIZED, "deliveries of others are refused");
    assert_eq!(gateway.terminate().await, Some(0));
}

#[tokio::test]
async fn a_gateway_does_not_start_with_an_invalid_scheme() {
    let database = Database::new();
    let mut config = deskgraph::config::Config::defaults_at(database.url());
    config.server.listen = "127.0.0.1:0".parse().unwrap();
    config.webhooks.standard = Some(standard(&["whsec_c2VjcmV0"]));
    let clock = deskgraph::clock::Clock::fixed(desk::at(0));
    let error = deskgraph::gateway::Gateway::start(&config, clock).await.err().unwrap().to_string();
    assert!(error.contains("webhooks.standard.secrets") && !error.contains("c2VjcmV0"), "{error}");
}

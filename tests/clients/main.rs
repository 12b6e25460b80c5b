//! The official clients, a real browser, Litestream and Prometheus' promtool against the real binary. `scripts/test` installs
//! what they need (Node.js, npm packages, Chromium, Litestream, promtool); without it they fail and say so.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::{path::Path, process::Stdio};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

mod inbox;
mod litestream;
mod package;
mod prometheus;
mod schema;
mod tls;

#[path = "../support/mod.rs"]
mod support;

use support::{PATIENCE, database::Database, fixed::Fixed, message, process::Process};

/// A script run by Node.js, read line by line.
struct Script {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Script {
    fn start(folder: &str, script: &str, arguments: &[&str]) -> Self {
        Self::start_with(folder, script, arguments, &[])
    }

    /// The same, with variables of the environment.
    fn start_with(folder: &str, script: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = repository.join(folder);
        // At the root: the client package and the examples.
        for installed in ["", "tests/clients", "tests/browser", "tests/schema"] {
            let installed = repository.join(installed);
            assert!(
                installed.join("node_modules").exists(),
                "the npm packages are missing: run `scripts/test`, or `npm ci` in {}",
                installed.display()
            );
        }
        let mut child = Command::new("node")
            .arg(script)
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Node.js is missing: run `scripts/test`, or `apt-get install nodejs npm`");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    async fn line(&mut self) -> Value {
        let line = timeout(PATIENCE * 3, self.lines.next_line()).await.expect("a line in time").unwrap();
        serde_json::from_str(&line.expect("another line")).unwrap()
    }

    async fn end(mut self) {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("the script ends in time").unwrap();
        assert!(status.success(), "the script failed: {status}");
    }
}

/// Posts messages to a client that follows them, first with one subscription and then with one that resumes.
async fn follow(gateway: &Process, script: &mut Script, count: usize) {
    let line = script.line().await;
    assert!(line["head"].is_string() && line["refused"][0].as_str().unwrap().contains("noSuchField"), "{line}");
    let client = reqwest::Client::new();
    let mut texts = Vec::new();
    for (n, part) in ["received", "resumed"].into_iter().enumerate() {
        for n in n * count..(n + 1) * count {
            let payload = message(&format!("m-{n}"), "c-1", &format!("text%20{n}"), 1_758_791_400_000);
            let address = format!("{}/webhooks/message-sent", gateway.base);
            client.post(address).json(&payload).send().await.unwrap().error_for_status().unwrap();
        }
        let line = script.line().await;
        texts.extend(
            line[part].as_array().unwrap_or_else(|| panic!("{line}")).iter().map(|added| added["message"]["text"].clone()),
        );
    }
    let expected: Vec<Value> = (0..2 * count).map(|n| format!("text {n}").into()).collect();
    assert_eq!(texts, expected);
}

#[tokio::test]
async fn the_official_websocket_client_queries_subscribes_and_resumes() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let mut script = Script::start("tests/clients", "graphql-ws.mjs", &[&gateway.base, "20"]);
    follow(&gateway, &mut script, 20).await;
    script.end().await;
    gateway.terminate().await;
}

#[tokio::test]
async fn the_official_websocket_client_gets_a_close_code_for_each_protocol_violation() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let mut script = Script::start("tests/clients", "close-codes.mjs", &[&gateway.base]);
    // Without credentials no client is refused, so 4403 is tested elsewhere, with hooks.
    for (violation, code) in [
        ("an unknown message type", 4400),
        ("an operation before the acknowledgement", 4401),
        ("no sub-protocol", 4406),
        ("no connection_init", 4408),
        ("an id in use", 4409),
        ("a second connection_init", 4429),
    ] {
        assert_eq!(script.line().await[violation], code, "{violation}");
    }
    assert_eq!(script.line().await["open"], true);
    assert_eq!(gateway.terminate().await, Some(0));
    assert_eq!(script.line().await["the gateway stops"], 1001);
    script.end().await;
}

#[tokio::test]
async fn the_official_client_of_server_sent_events_resumes_when_its_connection_is_cut() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let mut script = Script::start("tests/clients", "graphql-sse.mjs", &[&gateway.base, "20"]);
    follow(&gateway, &mut script, 20).await;
    script.end().await;
    gateway.terminate().await;
}

#[tokio::test]
async fn apollo_client_queries_subscribes_resumes_and_is_notified_of_a_stop_over_plain_http() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let mut script = Script::start("tests/clients", "apollo.mjs", &[&gateway.base, "20"]);
    follow(&gateway, &mut script, 20).await;
    assert_eq!(gateway.terminate().await, Some(0));
    assert_eq!(script.line().await["stopped"], "UNAVAILABLE");
    script.end().await;
}

/// Apollo Client with its link for persisted queries: the requests of each step, as `METHOD hash text status`.
async fn persisted(gateway: &Process, steps: &[(&str, &[&str])]) {
    let mut script = Script::start("tests/clients", "apollo-persisted.mjs", &[&gateway.base]);
    for (name, expected) in steps {
        let line = script.line().await;
        assert_eq!(line["name"], *name, "{line}");
        let requests = line["requests"].as_array().unwrap().iter().map(|request| {
            let part = |key: &'static str| if request[key] == true { key } else { "-" };
            format!("{} {} {} {}", request["method"].as_str().unwrap(), part("hash"), part("text"), request["status"])
        });
        assert_eq!(requests.collect::<Vec<_>>(), *expected, "{line}");
        assert_eq!(line["data"]["customers"]["totalCount"], 0, "{line}");
    }
    assert_eq!(script.line().await["name"], "waiting");
    let received = async {
        // The subscription starts some time after the line, so messages are sent until one arrives.
        let mut n = 0;
        loop {
            let payload = message(&format!("m-{n}"), "c-1", "text", 1_758_791_400_000);
            let address = format!("{}/webhooks/message-sent", gateway.base);
            reqwest::Client::new().post(address).json(&payload).send().await.unwrap().error_for_status().unwrap();
            n += 1;
            if let Ok(line) = timeout(std::time::Duration::from_millis(200), script.lines.next_line()).await {
                return line.unwrap().expect("another line");
            }
        }
    };
    let line: Value = serde_json::from_str(&timeout(PATIENCE, received).await.expect("a message in time")).unwrap();
    assert!(line["data"]["messageAdded"]["message"].is_object(), "{line}");
    script.end().await;
}

#[tokio::test]
async fn apollo_clients_link_for_persisted_queries_works_unchanged_by_get_and_post() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let steps: [(&str, &[&str]); 6] = [
        ("POST, not known", &["POST hash - 400", "POST hash text 200"]),
        ("POST, known", &["POST hash - 200"]),
        ("POST, known to another client", &["POST hash - 200"]),
        ("GET, not known", &["GET hash - 400", "POST hash text 200"]),
        ("GET, known", &["GET hash - 200"]),
        ("GET, known to another client", &["GET hash - 200"]),
    ];
    persisted(&gateway, &steps).await;
    gateway.terminate().await;
}

#[tokio::test]
async fn apollo_clients_link_for_persisted_queries_falls_back_to_texts_if_registration_is_off() {
    let database = Database::new();
    std::fs::write(database.folder().join("deskgraph.toml"), "[graphql.documents]\npersisted = false\n").unwrap();
    let gateway = Process::start(&database, &[]).await;
    let steps: [(&str, &[&str]); 6] = [
        ("POST, not known", &["POST hash - 400", "POST - text 200"]),
        ("POST, known", &["POST - text 200"]),
        ("POST, known to another client", &["POST hash - 400", "POST - text 200"]),
        ("GET, not known", &["GET hash - 400", "POST - text 200"]),
        ("GET, known", &["POST - text 200"]),
        ("GET, known to another client", &["GET hash - 400", "POST - text 200"]),
    ];
    persisted(&gateway, &steps).await;
    gateway.terminate().await;
}

/// Follows new messages with one of the recipes, through four kills.
async fn follow_through_kills(recipe: &str) {
    let mut gateway = Fixed::start(Database::new()).await;
    let mut script = Script::start("examples/clients", "follow.mjs", &[recipe, &gateway.base]);
    assert!(script.line().await["head"].is_string());
    let client = reqwest::Client::new();
    let mut received = Vec::new();
    for n in 0..200 {
        if n % 50 == 25 {
            gateway.kill_and_start().await;
        }
        let id = format!("m-{n}");
        let payload = message(&id, &format!("c-{}", n % 3), &format!("text%20{n}"), 1_758_791_400_000);
        Fixed::deliver(&client, &gateway.base, &id, &payload).await;
        // The client must have reconnected before the next kill.
        if n % 50 == 49 {
            while received.len() <= n {
                received.push(script.line().await["text"].take());
            }
        }
    }
    let expected: Vec<Value> = (0..200).map(|n| format!("text {n}").into()).collect();
    assert_eq!(received, expected);
}

#[tokio::test]
async fn the_recipe_for_graphql_ws_misses_and_repeats_nothing_when_the_gateway_is_killed() {
    follow_through_kills("graphql-ws").await;
}

#[tokio::test]
async fn the_recipe_for_apollo_client_misses_and_repeats_nothing_when_the_gateway_is_killed() {
    follow_through_kills("apollo").await;
}

#[tokio::test]
async fn the_recipe_for_urql_misses_and_repeats_nothing_when_the_gateway_is_killed() {
    follow_through_kills("urql").await;
}

/// Runs one of the recipes for an inbox, while conversations enter, move, change, are pushed out, leave and return.
async fn watch_the_inbox(recipe: &str) {
    let mut gateway = Fixed::start(Database::new()).await;
    let client = reqwest::Client::new();
    let mut script = Script::start("examples/clients", "watch.mjs", &[recipe, &gateway.base]);
    let sent = |id: &str, conversation: usize, text: &str, minute: i64| {
        message(id, &format!("k-{conversation}"), text, 1_758_791_400_000 + minute * 60_000)
    };
    let closed = |conversation: usize| json!({ "conversation_id": format!("k-{conversation}"), "is_closed": true });
    let mut read = sent("m-1", 1, "one", 1);
    read["is_read"] = 1.into();
    let mut received = Vec::new();
    for (kind, event) in [
        ("message-sent", sent("m-1", 1, "one", 1)),
        ("message-sent", sent("m-2", 2, "two", 2)),
        ("message-sent", sent("m-3", 3, "three", 3)),
        ("message-sent", read),
        // The first moves to the top, and another one pushes out the last.
        ("message-sent", sent("m-4", 1, "again", 4)),
        ("message-sent", sent("m-5", 4, "pushes", 5)),
        // One leaves from the middle, so the one that was pushed out returns.
        ("conversation-status-changed", closed(1)),
        ("conversation-status-changed", closed(4)),
        ("message-sent", sent("m-6", 5, "last", 6)),
    ] {
        if event["message_id"] == "m-5" {
            gateway.kill_and_start().await;
        }
        let address = format!("{}/webhooks/{kind}", gateway.base);
        let delivered = async {
            while !client.post(&address).json(&event).send().await.is_ok_and(|answer| answer.status() == 200) {
                tokio::time::sleep(support::fixed::RETRY).await;
            }
        };
        timeout(PATIENCE, delivered).await.expect("an acknowledgement in time");
        let list = "{ conversations(filter: { isClosed: { eq: false } }, orderBy: { field: LAST_MESSAGE_AT, direction: DESC }, first: 3) {
            nodes { id unreadCount lastMessage { id text } } } }";
        let expected = support::requests::query(&gateway.base, list, json!({})).await["conversations"]["nodes"].take();
        let shown = async {
            loop {
                let shown = without_type_names(script.line().await);
                let is_expected = shown == expected;
                received.push(shown);
                if is_expected {
                    return;
                }
            }
        };
        timeout(PATIENCE, shown).await.unwrap_or_else(|_| panic!("{event}: expected {expected} after {received:#?}"));
    }
}

/// Removes `__typename`, which Apollo Client adds.
fn without_type_names(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_type_names).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(name, _)| name != "__typename");
            Value::Object(fields.map(|(name, value)| (name, without_type_names(value))).collect())
        }
        value => value,
    }
}

#[tokio::test]
async fn the_recipe_for_an_inbox_in_apollo_client_shows_the_same_rows_as_the_list() {
    watch_the_inbox("inbox-apollo").await;
}

#[tokio::test]
async fn the_recipe_for_an_inbox_in_urql_shows_the_same_rows_as_the_list() {
    watch_the_inbox("inbox-urql").await;
}

#[tokio::test]
async fn the_recipe_for_an_inbox_in_tanstack_db_shows_the_same_rows_as_the_list() {
    watch_the_inbox("inbox-tanstack").await;
}

#[tokio::test]
async fn every_audit_of_graphql_over_http_passes() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let mut script = Script::start("tests/clients", "graphql-http.mjs", &[&gateway.base]);
    let line = script.line().await;
    let names: Vec<String> = line["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|audit| format!("{} {}: {}", audit["id"], audit["name"], audit["reason"]))
        .collect();
    assert!(names.is_empty(), "{names:#?}");
    assert!(line["audits"].as_u64().unwrap() > 50, "{line}");
    script.end().await;
    gateway.terminate().await;
}

#[tokio::test]
async fn graphiql_without_internet_runs_the_first_tab_and_shows_three_live_messages() {
    let database = Database::new();
    let gateway = Process::start(&database, &["demo", "--scale", "0.01", "--rate", "4"]).await;
    let mut script = Script::start("tests/browser", "graphiql.mjs", &[&gateway.base]);
    let seen = script.line().await;
    assert_eq!(seen["ok"], true, "{seen:#}");
    script.end().await;
    gateway.terminate().await;
}

#[tokio::test]
async fn only_deliveries_signed_by_the_official_standard_webhooks_library_are_accepted() {
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazuhwbCk6qU=";
    let database = Database::new();
    std::fs::write(database.folder().join("deskgraph.toml"), format!("[webhooks.standard]\nsecrets = [\"{SECRET}\"]\n")).unwrap();
    let gateway = Process::start(&database, &[]).await;
    let mut script = Script::start("tests/clients", "standard-webhooks.mjs", &[&gateway.base, SECRET, OTHER]);
    let line = script.line().await;
    for (delivery, id, duplicate) in
        [("signed", "evt_1", false), ("replayed", "evt_1", true), ("rotated", "evt_1", true), ("tolerated", "evt_2", false)]
    {
        assert_eq!(line[delivery], json!([200, { "id": id, "duplicate": duplicate }]), "{delivery}: {line}");
    }
    for (delivery, reason) in [
        ("forged", "no signature in webhook-signature matches"),
        ("changed", "no signature in webhook-signature matches"),
        ("stale", "in the past"),
        ("early", "in the future"),
        ("unsigned", "webhook-signature"),
    ] {
        assert_eq!(line[delivery][0], 401, "{delivery}: {line}");
        assert!(line[delivery][1]["error"].as_str().unwrap().contains(reason), "{delivery}: {line}");
    }
    script.end().await;
}

/// The response of the issuer.
async fn issuer(method: reqwest::Method, url: &str) -> String {
    let response = reqwest::Client::new().request(method, url).send();
    timeout(PATIENCE, response).await.expect("an answer in time").unwrap().error_for_status().unwrap().text().await.unwrap()
}

#[tokio::test]
async fn tokens_of_a_real_issuer_are_accepted_through_a_key_rotation_and_an_outage() {
    let mut script = Script::start("tests/clients", "jwks.mjs", &[]);
    let url = script.line().await["url"].as_str().unwrap().to_owned();
    let database = Database::new();
    let settings = format!(
        "[roles.lead]\n[auth.jwt]\nissuer = \"https://id.example.com\"\naudience = \"deskgraph\"\n\
         algorithms = [\"RS256\", \"ES256\"]\njwks_url = \"{url}/keys\"\n"
    );
    std::fs::write(database.folder().join("deskgraph.toml"), settings).unwrap();
    let gateway = Process::start(&database, &[]).await;
    let token =
        async |key: &str, algorithm: &str| issuer(reqwest::Method::POST, &format!("{url}/token?key={key}&alg={algorithm}")).await;
    let status = async |token: &str| {
        let request = reqwest::Client::new().post(format!("{}/graphql", gateway.base)).bearer_auth(token);
        request.json(&serde_json::json!({ "query": "{ head }" })).send().await.unwrap().status().as_u16()
    };
    let fetched = async || issuer(reqwest::Method::GET, &format!("{url}/fetched")).await.parse::<u32>().unwrap();
    // The first fetch may still be running; a token waits for it.
    for algorithm in ["RS256", "ES256"] {
        assert_eq!(status(&token("old", algorithm).await).await, 200, "{algorithm}");
    }
    let before = fetched().await;
    issuer(reqwest::Method::POST, &format!("{url}/rotate")).await;
    for algorithm in ["RS256", "ES256"] {
        assert_eq!(status(&token("new", algorithm).await).await, 200, "{algorithm}");
    }
    assert_eq!(fetched().await, before + 1, "an unknown key makes the gateway fetch the set again");
    for _ in 0..5 {
        assert_eq!(status(&token("stranger", "RS256").await).await, 401);
        assert_eq!(status(&token("old", "RS256").await).await, 401);
    }
    assert_eq!(fetched().await, before + 1, "but only once a minute");
    let last = token("new", "RS256").await;
    script.child.kill().await.unwrap();
    assert_eq!(status(&last).await, 200, "without the issuer, the last keys are used");
    gateway.terminate().await;
}

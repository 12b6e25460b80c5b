//! `deskgraph doctor`: no finding for a healthy gateway, and one for each fault, tested one at a time.

use std::{path::Path, process::Stdio};

use deskgraph::{
    clock::Clock,
    domain::{kind::EventKind, time::Timestamp},
    store::Entry,
};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use sea_orm::{ConnectionTrait, Database as Connected};
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpListener, process::Command};

use crate::support::{
    self,
    database::{Database, on_postgres},
    desk::delivery,
    entry,
    keys::key_with,
    process::{Process, deskgraph},
    sample,
};

/// A database with the sample story.
async fn database() -> Database {
    let database = Database::new();
    let entries = [
        entry(EventKind::MessageSent, &sample("message-sent")),
        entry(EventKind::CustomerCreated, &sample("customer-created")),
        entry(EventKind::MessageSent, &sample("message-sent-facebook-image")),
        entry(EventKind::TicketCreated, &sample("ticket-created")),
        entry(EventKind::CustomerUpdated, &sample("customer-updated")),
        entry(EventKind::TicketUpdated, &sample("ticket-updated")),
        entry(EventKind::ConversationStatusChanged, &sample("conversation-status-changed")),
    ];
    support::store(database.url(), &entries).await;
    database
}

/// Runs a command that prints a report. Returns the exit code and the report.
async fn report(command: &mut Command) -> (Option<i32>, Value) {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().await.unwrap();
    let printed = serde_json::from_slice(&output.stdout);
    let report = printed.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), report)
}

/// The doctor, at an address without a gateway.
fn doctor(database: &Database) -> Command {
    let mut command = deskgraph(database);
    command.args(["doctor", "--json", "--listen", "127.0.0.1:0"]);
    command
}

/// The checks with this outcome.
fn checks<'r>(report: &'r Value, outcome: &str) -> Vec<&'r str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().filter(|finding| finding["outcome"] == outcome).map(|finding| finding["check"].as_str().unwrap()).collect()
}

/// Findings that always occur here: the test server does not sync.
fn always() -> Vec<&'static str> {
    if on_postgres() { vec!["durability"] } else { Vec::new() }
}

#[tokio::test]
async fn a_healthy_gateway_passes_every_check() {
    let database = database().await;
    let gateway = Process::start(&database, &[]).await;
    let address = gateway.base.trim_start_matches("http://");
    let (code, found) = report(deskgraph(&database).args(["doctor", "--json", "--listen", address])).await;
    assert_eq!(checks(&found, "problem"), always(), "{found:#}");
    assert_eq!(checks(&found, "warning"), [""; 0], "{found:#}");
    assert_eq!(code, Some(i32::from(on_postgres())));
    let good = checks(&found, "ok");
    for check in ["settings", "database", "schema", "clock", "projections", "sample", "search", "gateway"] {
        assert!(good.contains(&check), "{check}: {found:#}");
    }
    let compared = &found["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == "sample").unwrap()["detail"];
    assert!(compared.as_str().unwrap().ends_with("match the 7 events about them"), "{compared}");
    let table = deskgraph(&database).args(["doctor", "--listen", address]).output().await.unwrap();
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(
        table.lines().any(|line| line.starts_with("ok ") && line.contains("gateway") && line.contains("is ready")),
        "{table}"
    );
    gateway.terminate().await;
}

#[tokio::test]
async fn a_conversation_too_long_to_compare_is_no_problem() {
    let database = Database::new();
    let message = |n: i64| support::message(&format!("m-{n}"), "long", "hi", 1_758_791_400_000 + n);
    let entries: Vec<_> = (0..1100).map(|n| entry(EventKind::MessageSent, &message(n))).collect();
    support::store(database.url(), &entries).await;
    let (_, found) = report(&mut doctor(&database)).await;
    assert!(checks(&found, "ok").contains(&"sample"), "{found:#}");
}

/// A fault.
enum Broken {
    /// In the database, by a statement for SQLite and one for PostgreSQL.
    Stored(&'static str, &'static str),
    /// The settings file has this content.
    Settings(String),
    /// An API key with this role, which expires within a day or never, for settings with the role `lead`.
    Key(&'static str, bool),
    /// The certificate of the gateway, which expires on this day after today.
    Certificate(i64),
    /// The database URL points to a database that does not exist.
    Elsewhere,
    /// No file may exceed half a megabyte.
    FullDisk,
    /// An event arrived an hour from now, by the clock of another gateway.
    Ahead,
    /// Another program listens on the gateway's address.
    Taken,
}

use Broken::{Ahead, Certificate, Elsewhere, FullDisk, Key, Settings, Stored, Taken};

/// The same statement for both databases.
fn both(sql: &'static str) -> Broken {
    Stored(sql, sql)
}

/// Faults, each with the check that reports it, its outcome, and a part of its text.
fn table() -> Vec<(Broken, &'static str, &'static str, &'static str)> {
    let unreachable = "[roles.lead]\n[auth.jwt]\nissuer = \"i\"\naudience = \"a\"\njwks_url = \"http://127.0.0.1:1/keys\"\n";
    vec![
        (Settings("[webhooks]\nqeue = 7\n".into()), "settings", "problem", "qeue"),
        (Settings("[graphql.documents]\ntrusted = \"nowhere\"\n".into()), "settings", "problem", "nowhere"),
        (Elsewhere, "database", "problem", "can't be opened"),
        (both("INSERT INTO seaql_migrations VALUES ('m9999_future', 1)"), "schema", "problem", "m9999_future"),
        (both("DELETE FROM seaql_migrations WHERE version = 'm0005_keys'"), "schema", "problem", "m0005_keys"),
        (both("UPDATE meta SET value = '1' WHERE key = 'projection_version'"), "projections", "problem", "version 1"),
        (both("UPDATE message SET text = 'forged'"), "sample", "problem", "message"),
        (both("DELETE FROM conversation"), "sample", "problem", "conversation"),
        (both("UPDATE ticket SET name = 'forged'"), "sample", "problem", "ticket"),
        (both("UPDATE event SET payload = '{' WHERE seq = 1"), "sample", "problem", "event `1` is damaged"),
        (Ahead, "clock", "problem", "from now"),
        (Stored("DROP TABLE message_words", "DROP INDEX message_words"), "search", "problem", "message_words"),
        (Key("ghost", false), "keys", "problem", "`ghost`"),
        (Key("lead", true), "keys", "warning", "expires"),
        (Settings("[roles.lead]\n".into()), "keys", "problem", "no client can connect"),
        (Settings(unreachable.into()), "tokens", "problem", "auth.jwt.jwks_url"),
        (Certificate(-2), "certificates", "problem", "has expired"),
        (Certificate(3), "certificates", "warning", "in 2 days"),
        (Taken, "gateway", "problem", "another program"),
    ]
}

/// Faults that only a SQLite file can have.
fn table_of_sqlite() -> Vec<(Broken, &'static str, &'static str, &'static str)> {
    vec![
        (FullDisk, "disk", "problem", "nothing more can be written"),
        (both("PRAGMA journal_mode = DELETE"), "durability", "warning", "`delete`"),
        (
            both(
                "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n LIMIT 20000)
                 INSERT INTO search_tail SELECT 2, i, 'words' FROM n",
            ),
            "search",
            "warning",
            "20005 texts",
        ),
    ]
}

fn certificate(folder: &Path, days: i64) -> String {
    let today = Clock::system().now().as_millis();
    let day = Timestamp::clamped(today + days * 86_400_000).to_utc().date();
    let mut certificate = CertificateParams::new(vec!["localhost".into()]).unwrap();
    certificate.not_before = date_time_ymd(2020, 1, 1);
    certificate.not_after = date_time_ymd(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs());
    let key = KeyPair::generate().unwrap();
    std::fs::write(folder.join("own.pem"), certificate.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(folder.join("own.key"), key.serialize_pem()).unwrap();
    "[server.tls]\ncertificate = \"own.pem\"\nkey = \"own.key\"\n".to_owned()
}

/// Applies a fault to a copy of a database, and runs the doctor.
async fn broken(broken: &Broken, whole: &Database) -> (Option<i32>, Value) {
    let database = Database::copy_of(whole);
    let settings = |text: &str| std::fs::write(database.folder().join("deskgraph.toml"), text).unwrap();
    match broken {
        Stored(sqlite, postgres) => {
            let db = Connected::connect(database.url()).await.unwrap();
            db.execute_unprepared(if on_postgres() { postgres } else { sqlite }).await.unwrap();
            db.close().await.unwrap();
        }
        Settings(text) => settings(text),
        Key(role, expires) => {
            key_with(database.url(), |key| {
                (*role).clone_into(&mut key.role);
                key.expires_at = expires.then(|| Timestamp::clamped(key.created_at.as_millis() + 80_000_000));
            })
            .await;
            settings("[roles.lead]\n");
        }
        Certificate(days) => settings(&certificate(database.folder(), *days)),
        Elsewhere => {
            let nowhere = if on_postgres() { "postgres://127.0.0.1:1/none" } else { "sqlite://none.db?mode=rwc" };
            let found = report(doctor(&database).args(["--database-url", nowhere])).await;
            assert!(!database.folder().join("none.db").exists(), "no database is made");
            return found;
        }
        FullDisk => {
            let mut limited = Command::new("sh");
            let script = "trap '' XFSZ; ulimit -f 1024; exec \"$0\" doctor --json --listen 127.0.0.1:0";
            limited.args(["-c", script, env!("CARGO_BIN_EXE_deskgraph")]).current_dir(database.folder());
            for setting in ["DATABASE_URL", "DESKGRAPH_LISTEN", "DESKGRAPH_CONFIG"] {
                limited.env_remove(setting);
            }
            return report(&mut limited).await;
        }
        Ahead => {
            let (kind, payload) = (EventKind::MessageSent, sample("message-sent-facebook-image"));
            let mut later = payload.clone();
            later["message_id"] = "later".into();
            let in_an_hour = Timestamp::clamped(Clock::system().now().as_millis() + 3_700_000);
            let later = Entry::Delivery(delivery(kind, &later, in_an_hour, None));
            support::store(database.url(), &[later]).await;
        }
        Taken => {
            let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = other.local_addr().unwrap().to_string();
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = other.accept().await {
                    let _ = stream.write_all(b"220 mail.example.com ESMTP\r\n").await;
                }
            });
            return report(deskgraph(&database).args(["doctor", "--json", "--listen", &address])).await;
        }
    }
    report(&mut doctor(&database)).await
}

async fn assert_all_are_named(table: Vec<(Broken, &str, &str, &str)>) {
    let whole = database().await;
    for (what, check, outcome, detail) in table {
        let (code, found) = broken(&what, &whole).await;
        let findings = found["findings"].as_array().unwrap();
        let finding = findings.iter().find(|finding| finding["check"] == check && finding["outcome"] == outcome);
        let finding = finding.unwrap_or_else(|| panic!("{check} does not say that something is a {outcome}: {found:#}"));
        assert!(finding["detail"].as_str().unwrap().contains(detail), "{detail}: {finding:#}");
        assert!(finding["remedy"].as_str().is_some_and(|remedy| remedy.len() > 10), "{finding:#}");
        let is_problem = outcome == "problem" || on_postgres();
        assert_eq!(code, Some(i32::from(is_problem)), "{found:#}");
        let others: Vec<_> =
            checks(&found, "problem").into_iter().filter(|problem| *problem != check && !always().contains(problem)).collect();
        assert_eq!(others, [""; 0], "only {check} is broken: {found:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_reported_with_its_remedy() {
    let table = table();
    assert!(table.len() >= 10);
    assert_all_are_named(table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_with_an_old_certificate_is_reported() {
    let database = database().await;
    std::fs::write(database.folder().join("deskgraph.toml"), certificate(database.folder(), 90)).unwrap();
    let gateway = Process::start(&database, &[]).await;
    let address = gateway.base.trim_start_matches("http://").to_owned();
    let run = async || report(deskgraph(&database).args(["doctor", "--json", "--listen", &address])).await.1;
    let found = run().await;
    assert!(checks(&found, "ok").contains(&"gateway"), "{found:#}");
    certificate(database.folder(), 90);
    let found = run().await;
    assert_eq!(checks(&found, "warning"), ["gateway"], "{found:#}");
    assert!(found.to_string().contains("SIGHUP"), "{found:#}");
    gateway.terminate().await;
}

mod sqlite {
    use super::{assert_all_are_named, table_of_sqlite};

    #[tokio::test(flavor = "multi_thread")]
    async fn every_fault_of_a_sqlite_file_is_reported_with_its_remedy() {
        assert_all_are_named(table_of_sqlite()).await;
    }
}

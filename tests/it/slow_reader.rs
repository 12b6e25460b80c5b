//! A subscriber that does not read affects no other: what it misses stays in the log and not in memory, and it receives all of
//! it when it reads again. If it never does, it is disconnected.

use std::{fs, time::Duration};

use deskgraph::{domain::kind::EventKind, store::Entry};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::support::{
    app::TestApp,
    database::Database,
    entry,
    fixed::Fixed,
    live::Live,
    message,
    requests::{ask, head},
    scraped::Scraped,
    store,
    streamed::Events,
};

const EVENTS: usize = 50_000;

/// How much the memory of a gateway (in a debug build) may grow while two subscribers read nothing of 50,000 events, which
/// amount to 55 MB each. This includes the retained payloads, SQLite's page cache, one result for each of the two, and what the
/// allocator holds back.
const BOUND_KB: u64 = 64 * 1024;

/// How long a connection may stay open whose client may read nothing for a second: less than the default timeout.
const CLOSED_WITHIN: Duration = Duration::from_secs(50);

/// Selects a payload several times, to fill the connection rather than the store.
fn document(times: usize) -> String {
    let again: Vec<_> = (1..times).map(|n| format!("again{n}: payload")).collect();
    let again = again.join(" ");
    format!("subscription($after: String) {{ eventStored(after: $after) {{ cursor event {{ payload {again} }} }} }}")
}

fn entries(count: usize) -> Vec<Entry> {
    let mut payload = message("", "", "hi", 1_758_791_400_000);
    let numbered = |n: usize| {
        payload["message_id"] = format!("m-{n}").into();
        payload["conversation_id"] = format!("c-{}", n % 100).into();
        entry(EventKind::MessageSent, &payload)
    };
    (0..count).map(numbered).collect()
}

/// The number of the entry that an event belongs to.
fn number(result: &Value) -> usize {
    let id = result["eventStored"]["event"]["payload"]["message_id"].as_str().unwrap_or_else(|| panic!("{result}"));
    id["m-".len()..].parse().unwrap()
}

/// The private memory of a process, in KB; mapped files belong to the system, which reclaims them as needed.
fn memory_kb(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Records the peak memory of a process, until aborted.
fn watch_memory(process: u32) -> (JoinHandle<()>, watch::Receiver<u64>) {
    let (most, watched) = watch::channel(0);
    let watching = tokio::spawn(async move {
        loop {
            let now = memory_kb(process);
            most.send_modify(|most| *most = now.max(*most));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    (watching, watched)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_pauses_for_50_000_events_gets_each_once_and_takes_little_memory() {
    let database = Database::new();
    // The subscribers read nothing for longer than the default timeout.
    fs::write(database.folder().join("deskgraph.toml"), "server.write_timeout_seconds = 3600").unwrap();
    let gateway = Fixed::start(database).await;
    let variables = json!({ "after": head(&gateway.base).await });
    let mut live = Live::start(&gateway.base, &document(1), variables.clone()).await;
    let mut events = Events::start(&gateway.base, None, &document(1), variables).await;
    let before = memory_kb(gateway.id());
    let (watching, most) = watch_memory(gateway.id());
    store(gateway.database.url(), &entries(EVENTS)).await;
    // One more event, which reaches a subscriber that reads: so the feed has passed all others.
    let mut reader = Events::start(&gateway.base, None, &document(1), json!({})).await;
    reader.first_id().await;
    let one_more = message(&format!("m-{EVENTS}"), "c-1", "hi", 1_758_791_400_000);
    Fixed::deliver(&reqwest::Client::new(), &gateway.base, "one-more", &one_more).await;
    assert_eq!(number(&reader.event().await.result()["data"]), EVENTS);

    let by_websocket = async {
        for n in 0..=EVENTS {
            assert_eq!(number(&live.next().await), n, "WebSocket");
        }
    };
    let by_events = async {
        for n in 0..=EVENTS {
            assert_eq!(number(&events.event().await.result()["data"]), n, "server-sent events");
        }
    };
    tokio::join!(by_websocket, by_events);
    watching.abort();
    let scraped = Scraped::at(&gateway.base).await;
    let alone = scraped.count("deskgraph_demotions_total") + scraped.count("deskgraph_resumptions_total");
    assert!(alone >= 2, "both had to read the store by themselves: {alone}");
    let most = *most.borrow();
    assert!(most < before + BOUND_KB, "the gateway grew from {before} KB to {most} KB");
}

#[tokio::test]
async fn a_client_that_never_reads_is_disconnected_after_the_timeout() {
    let app = TestApp::with(|config| {
        config.server.write_timeout_seconds = 1;
        config.graphql.max_connections = 2;
    })
    .await;
    let variables = json!({ "after": head(&app.base).await });
    let mut live = Live::start(&app.base, &document(40), variables.clone()).await;
    let mut events = Events::start(&app.base, None, &document(40), variables).await;
    assert_eq!(
        ask(&app.base, "text/event-stream", None, "{ head }", json!({})).await.status(),
        503,
        "both connections are in use"
    );
    let entries = entries(400);
    store(app.database_url(), &entries).await;
    let both_closed = async {
        loop {
            let opened = [
                ask(&app.base, "text/event-stream", None, &document(40), json!({})).await,
                ask(&app.base, "text/event-stream", None, &document(40), json!({})).await,
            ];
            if opened.iter().all(|response| response.status() == 200) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(CLOSED_WITHIN, both_closed).await.expect("both are closed in time");
    let mut got = 0;
    while live.try_next().await.is_some() {
        got += 1;
    }
    assert!(got < entries.len(), "WebSocket");
    let mut got = 0;
    while let Ok(Some(event)) = events.block().await {
        got += usize::from(event.data.is_some());
    }
    assert!(got < entries.len(), "server-sent events");
    app.stop().await;
}

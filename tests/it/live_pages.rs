//! Live pages and live statistics over a real socket: changes by time, slow clients, and the rate of statistics.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use deskgraph::{
    clock::Clock,
    config::Config,
    domain::{change::LiveCursor, kind::EventKind, time::Timestamp},
    store::Entry,
};
use serde_json::{Value, json};

use crate::support::{
    app::{NOW, TestApp},
    database::Database,
    entry,
    live::Live,
    live_page::{Kind, Shown},
    message, sample, store,
};

/// A ticket that is due a number of milliseconds after the beginning of 2025-10-01.
fn ticket(id: &str, due: i64) -> Value {
    let mut ticket = sample("ticket-created");
    ticket["ticket_id"] = id.into();
    ticket["date_expire_timestamp"] = ((start() + due) / 1000).into();
    ticket
}

fn start() -> i64 {
    Timestamp::parse_rfc3339(NOW).unwrap().as_millis()
}

/// A gateway whose clock is controlled by the test, in milliseconds after its start.
async fn app_at(now: &Arc<AtomicI64>) -> TestApp {
    let now = Arc::clone(now);
    let time = move || Timestamp::clamped(start() + now.load(Ordering::Relaxed));
    TestApp::with_clock(Clock::from_fn(time), Database::new(), |_| {}).await
}

async fn tickets(app: &TestApp, is_overdue: bool) -> Live {
    let query = "subscription ($filter: TicketFilter) {
        ticketsLive(filter: $filter, orderBy: { field: DUE_AT, direction: ASC }, first: 2) {
            cursor totalCount page { id isOverdue } steps { kind id afterId node { id isOverdue } } } }";
    Live::start(&app.base, query, json!({ "filter": { "isOverdue": { "eq": is_overdue } } })).await
}

/// Applies the next payload. Returns the ids on the page.
async fn take(live: &mut Live, shown: &mut Shown) -> (Kind, Vec<String>) {
    let kind = shown.take(&live.next().await["ticketsLive"]);
    (kind, shown.rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn tickets_enter_and_leave_when_they_become_overdue_without_any_event() {
    let now = Arc::new(AtomicI64::new(0));
    let app = app_at(&now).await;
    for (id, due) in [("a", 10_000), ("b", 20_000), ("c", 20_000), ("d", 40_000)] {
        app.deliver("ticket-created", &ticket(id, due)).await;
    }
    let (mut overdue, mut others) = (tickets(&app, true).await, tickets(&app, false).await);
    let mut shown = [Shown::default(), Shown::default()];
    assert_eq!(take(&mut overdue, &mut shown[0]).await, (Kind::Page, vec![]));
    assert_eq!(take(&mut others, &mut shown[1]).await, (Kind::Page, vec!["tkt_a".into(), "tkt_b".into()]));
    // Only the clock advances: once, and once more.
    let ids = |ids: &[&str]| ids.iter().map(|id| format!("tkt_{id}")).collect::<Vec<_>>();
    for (at, in_time, late, total) in [
        (10_001, ids(&["b", "c"]), ids(&["a"]), [3, 1]),
        (20_500, ids(&["d"]), ids(&["a", "b"]), [1, 3]),
        (40_001, ids(&[]), ids(&["a", "b"]), [0, 4]),
    ] {
        now.store(at, Ordering::Relaxed);
        assert_eq!(take(&mut others, &mut shown[1]).await.1, in_time, "{at}");
        assert_eq!(take(&mut overdue, &mut shown[0]).await.1, late, "{at}");
        assert_eq!([&shown[1].total, &shown[0].total], [total[0], total[1]], "{at}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_ticket_is_overdue_to_the_second() {
    let app = TestApp::with_clock(Clock::system(), Database::new(), |_| {}).await;
    let mut live = tickets(&app, true).await;
    assert_eq!(take(&mut live, &mut Shown::default()).await, (Kind::Page, vec![]));
    // A due time is a whole second.
    let due = (Clock::system().now().as_millis() / 1000 + 3) * 1000;
    app.deliver("ticket-created", &ticket("a", due - start())).await;
    assert_eq!(take(&mut live, &mut Shown::default()).await, (Kind::Steps, vec!["tkt_a".to_owned()]));
    // The lower bound is exact: not before the due time. The upper one allows for a slow machine.
    let late = Clock::system().now().as_millis() - due;
    assert!((1..10_000).contains(&late), "{late} ms after it was due");
    app.stop().await;
}

#[tokio::test]
async fn statistics_follow_the_clock() {
    let now = Arc::new(AtomicI64::new(0));
    let app = app_at(&now).await;
    for (id, due) in [("a", 10_000), ("b", 20_000)] {
        app.deliver("ticket-created", &ticket(id, due)).await;
    }
    let query = "subscription { ticketStatsLive(filter: { isOverdue: { eq: true } }) { cursor rows { count } } }";
    let mut live = Live::start(&app.base, query, json!({})).await;
    for (at, rows) in [(0, 0), (10_001, 1), (20_001, 2)] {
        now.store(at, Ordering::Relaxed);
        let shown = live.next().await["ticketStatsLive"]["rows"].take();
        assert_eq!(shown[0]["count"].as_i64().unwrap_or(0), rows, "{shown} at {at}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_statistic_is_sent_at_most_once_per_second_and_only_after_a_change() {
    let app = TestApp::new().await;
    let [fields, live_fields] = ["", "Live"]
        .map(|live| format!("messageStats{live}(filter: {{ text: {{ contains: \"counted\" }} }}, groupBy: [PLATFORM])"));
    let query = format!("subscription {{ {live_fields} {{ cursor rows {{ platform count }} }} }}");
    let started = Instant::now();
    let mut live = Live::start(&app.base, &query, json!({})).await;
    let first = live.next().await["messageStatsLive"].take();
    assert_eq!(first["rows"], json!([]));
    let (mut payloads, mut before) = (1, first["rows"].clone());
    let mut sent = 0;
    for round in 0..3 {
        for n in 0..20 {
            let text = if n % 2 == 0 { "counted" } else { "not this one" };
            app.deliver("message-sent", &message(&format!("m-{round}-{n}"), "k", text, 1_758_791_400_000)).await;
            sent += 1 - n % 2;
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        while before[0]["count"] != sent {
            let mut payload = live.next().await["messageStatsLive"].take();
            let rows = payload["rows"].take();
            // Delays on the way to the client can't violate this, unlike a bound on the time between two payloads.
            payloads += 1;
            assert!(payloads <= started.elapsed().as_secs() + 1, "{payloads} payloads in {:?}", started.elapsed());
            assert_ne!(rows, before, "nothing has changed");
            assert!(rows[0]["count"].as_i64().unwrap() <= sent, "{rows} of {sent}");
            before = rows;
        }
        let head = app.query(&format!("{{ head {fields} {{ platform count }} }}")).await;
        assert_eq!(head["messageStats"], before);
    }
    // An uncounted event changes nothing; a later change shows that nothing was sent for it.
    let mut quiet = Live::start(&app.base, "subscription { conversationStatsLive { rows { count } } }", json!({})).await;
    assert_eq!(quiet.next().await["conversationStatsLive"]["rows"][0]["count"], 1);
    app.deliver("message-sent", &message("m-other", "k", "not this one", 1_758_791_400_000)).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    app.deliver("message-sent", &message("m-new", "k2", "counted", 1_758_791_400_000)).await;
    assert_eq!(quiet.next().await["conversationStatsLive"]["rows"][0]["count"], 2);
    assert_eq!(live.next().await["messageStatsLive"]["rows"][0]["count"], sent + 1);
    app.stop().await;
}

#[tokio::test]
async fn a_statistic_of_customers_follows_their_deletion() {
    let app = TestApp::new().await;
    app.deliver("customer-created", &sample("customer-created")).await;
    app.deliver("message-sent", &sample("message-sent")).await;
    let mut live = Live::start(&app.base, "subscription { messageStatsLive { rows { count customers } } }", json!({})).await;
    assert_eq!(live.next().await["messageStatsLive"]["rows"], json!([{ "count": 1, "customers": 1 }]));
    app.deliver("customer-deleted", &json!({ "deletedContactIds": [sample("customer-created")["id"]], "deletedCount": 1 })).await;
    assert_eq!(live.next().await["messageStatsLive"]["rows"], json!([{ "count": 1, "customers": 0 }]));
    app.stop().await;
}

/// Conversations, each with one message of long text.
fn conversations(round: usize) -> Vec<Entry> {
    let text = format!("{round} ").repeat(500);
    let sent = (0..40)
        .map(|n| message(&format!("m-{n}-{round}"), &format!("k-{n}"), &text, 1_758_791_400_000 + i64::try_from(round).unwrap()));
    sent.map(|message| entry(EventKind::MessageSent, &message)).collect()
}

/// Raises the limits for large requests.
fn large(config: &mut Config) {
    config.limits.complexity = 1_000_000;
    config.server.write_timeout_seconds = 600;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_paused_gets_the_whole_page_and_continues_with_steps() {
    /// More than is retained for slow followers, several megabytes each.
    const ROUNDS: usize = 40;
    let app = TestApp::with(large).await;
    let copies: Vec<_> = (0..40).map(|n| format!("copy{n}: text")).collect();
    let row = format!("id lastMessage {{ {} }}", copies.join(" "));
    let query = format!("{{ list: conversations(first: 40) {{ totalCount nodes {{ {row} }} }} }}");
    let live = format!(
        "subscription {{ conversationsLive(first: 40) {{ cursor totalCount page {{ {row} }} steps {{ kind id afterId node {{ {row} }} }} }} }}"
    );
    store(app.database_url(), &conversations(0)).await;
    let (mut slow, mut shown) = (Live::start(&app.base, &live, json!({})).await, Shown::default());
    assert_eq!(shown.take(&slow.next().await["conversationsLive"]), Kind::Page);
    // Another client reads, so each round produces a payload.
    let (mut reader, mut read) = (Live::start(&app.base, &live, json!({})).await, Shown::default());
    assert_eq!(read.take(&reader.next().await["conversationsLive"]), Kind::Page);
    for round in 1..=ROUNDS {
        let before = read.clone();
        store(app.database_url(), &conversations(round)).await;
        while read.rows == before.rows {
            assert_eq!(read.take(&reader.next().await["conversationsLive"]), Kind::Steps, "{round}");
        }
    }
    let head = app.query("{ head }").await["head"].as_str().and_then(LiveCursor::decode).unwrap().position;
    let (mut payloads, mut pages) = (0, 0);
    loop {
        let payload = slow.next().await["conversationsLive"].take();
        payloads += 1;
        pages += usize::from(shown.take(&payload) == Kind::Page);
        if payload["cursor"].as_str().and_then(LiveCursor::decode).unwrap().position >= head {
            break;
        }
    }
    assert_eq!(pages, 1, "it receives the whole page once, of {payloads} payloads");
    assert!(payloads < ROUNDS, "and not every intermediate state: {payloads}");
    let expected = app.query(&query).await;
    assert!(shown == Shown::of_list(&expected["list"]), "its rows are those of the list");
    assert!(read == shown);
    store(app.database_url(), &conversations(ROUNDS + 1)).await;
    assert_eq!(shown.take(&slow.next().await["conversationsLive"]), Kind::Steps);
    app.stop().await;
}

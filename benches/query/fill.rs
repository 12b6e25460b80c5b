//! Fills a store: the shop of `deskgraph demo` in any size, parsed like deliveries and stored in batches by the fold that
//! stores live ones.
//!
//! For every thousand messages there are a hundred conversations, forty customers and thirty tickets, in any size, all within
//! the same six weeks. About one conversation in eight has no known customer. The shop uses four platforms; some of its
//! Facebook conversations are assigned to Instagram here, and some of its web chats to Telegram, which makes six.

use std::time::{Duration, Instant};

use demo::{Plan, past};
use deskgraph::{
    domain::{kind::EventKind, time::Timestamp},
    ingest::{self, Source},
    store::{Entry, Store},
};
use tokio::sync::mpsc;

/// Deliveries in one transaction.
const BATCH: usize = 2000;

/// Messages of the demo's shop at scale 1.
const MESSAGES: f64 = 50_000.0;

/// The interval between two lines of progress.
const REPORT: Duration = Duration::from_secs(10);

/// A parsed batch, and when the last of it was sent.
type Batch = (Vec<Entry>, Timestamp);

/// The end of the history in every store.
pub(crate) fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2025-10-01T10:00:00+07:00").unwrap()
}

/// Fills an empty store with this number of messages, and closes it.
pub(crate) async fn fill(store: Store, messages: u32) {
    let plan = Plan { scale: f64::from(messages) / MESSAGES, ..Plan::new(now().as_millis()) };
    let end = now().as_millis();
    let length = i64::from(plan.weeks) * Duration::from_hours(7 * 24).as_secs().cast_signed() * 1000;
    let (batches, mut waiting) = mpsc::channel::<Batch>(4);
    let zone = store.zone().clone();
    let reading = tokio::task::spawn_blocking(move || {
        let mut entries = Vec::with_capacity(BATCH);
        let mut last = now();
        for delivery in past(&plan) {
            let kind = EventKind::from_segment(delivery.event).unwrap();
            let source = Source { kind: Some(kind), delivery_id: Some(delivery.id), ..Source::default() };
            let payload = if kind == EventKind::MessageSent { moved(delivery.payload) } else { delivery.payload };
            entries.push(ingest::read(&payload, &source, &zone).unwrap());
            last = Timestamp::clamped(delivery.at_ms);
            if entries.len() == BATCH {
                batches.blocking_send((std::mem::take(&mut entries), last)).unwrap();
            }
        }
        batches.blocking_send((entries, last)).unwrap();
    });
    let started = Instant::now();
    let (mut stored, mut reported) = (0, Instant::now());
    while let Some((entries, at)) = waiting.recv().await {
        store.append(&entries, at).await.unwrap();
        stored += entries.len();
        if reported.elapsed() > REPORT {
            reported = Instant::now();
            let percent = 100 - (end - at.as_millis()) * 100 / length;
            eprintln!("{messages}: filling, {percent} % of the time, {stored} events, {:.0} s", started.elapsed().as_secs_f64());
        }
    }
    reading.await.unwrap();
    store.close().await.unwrap();
    eprintln!("{messages}: filled with {stored} events in {:.0} s", started.elapsed().as_secs_f64());
}

/// The message on another platform, if its conversation is one of those that are reassigned, by the last digit of its id.
fn moved(payload: String) -> String {
    const ID: &str = r#""conversation_id":""#;
    let start = payload.find(ID).unwrap() + ID.len();
    let digit = payload[start..].split('"').next().unwrap().bytes().last().unwrap();
    match digit {
        b'0'..=b'2' => payload.replacen(r#""platform":"facebook""#, r#""platform":"instagram""#, 1),
        b'3'..=b'5' => payload.replacen(r#""platform":"web""#, r#""platform":"telegram""#, 1),
        _ => payload,
    }
}

//! Live pages: for random events and clients, the page of a client that applies the steps always equals the list.
//!
//! After every round of random events, the lists of all pages are requested; then every client reads until its page equals
//! them. Each payload is checked against the protocol (`support::live_page`).

mod page;
mod watcher;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use deskgraph::{
    clock::Clock,
    config::Config,
    domain::{kind::EventKind, time::Timestamp},
    graphql::role::Rules,
    store::Entry,
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use self::{
    page::Page,
    watcher::{Behaviour, QUIET, Watcher},
};
use super::{
    data::{self, Dice},
    draw::Draw,
    world::{Shop, World},
};
use crate::support::{app::TestApp, database::Database, desk, entry, keys, message, store};

/// The smallest number of payloads: `LIVE_PAYLOADS`, or this. 10,000 take some minutes in a debug build.
const PAYLOADS: usize = 2_500;

/// The number of pages for each role.
const PAGES: usize = 11;

/// When the tickets of the shop become overdue, one after the other.
const DUE: i64 = 1_759_690_000_000;

/// A role without rules, roles with rules, and one with masks.
fn with_roles(config: &mut Config) {
    let some = |filter: &str| Some(filter.to_owned());
    let mine = "assignees: { some: { id: { in: [$staff, \"s3\"] } } }";
    let agent = Rules {
        conversations: Some(format!("{{ {mine} }}")),
        customers: Some(format!("{{ conversations: {{ some: {{ {mine} }} }} }}")),
        tickets: some("{ or: [{ assigneeId: { eq: $staff } }, { customer: { managerId: { eq: $staff } } }] }"),
        ..Rules::default()
    };
    let limited = Rules {
        conversations: some("{ messages: { some: { isRead: { eq: false } } }, customer: { name: { contains: \"n\" } } }"),
        customers: some("{ not: { tickets: { some: { status: { eq: CANCEL } } } } }"),
        ..Rules::default()
    };
    let masks = ["Customer.phone", "Customer.note", "Message.text", "Ticket.dueAt", "Conversation.startedAt", "Ticket.assignee"];
    let masked = Rules { masks: masks.map(str::to_owned).to_vec(), ..Rules::default() };
    for (name, rules) in [("all", Rules::default()), ("agent", agent), ("limited", limited), ("masked", masked)] {
        config.roles.insert(name.to_owned(), rules);
    }
    let limits = &mut config.limits;
    for limit in [
        &mut limits.query_bytes,
        &mut limits.tokens,
        &mut limits.selections,
        &mut limits.aliases,
        &mut limits.root_fields,
        &mut limits.input,
        &mut limits.comparisons,
        &mut limits.complexity,
    ] {
        *limit = u64::MAX >> 8;
    }
    config.graphql.heartbeat_seconds = 1;
}

/// The events: those of the shop, repeated with other values, and new messages.
struct RandomEvents {
    dice: Dice,
    pool: Vec<(EventKind, Value)>,
    new: usize,
}

impl RandomEvents {
    fn next(&mut self) -> (EventKind, Value) {
        if self.pool.is_empty() || self.dice.percent(35) {
            self.new += 1;
            let time = 1_758_790_000_000 + 60_000 * i64::try_from(self.dice.below(2_000)).unwrap();
            let [k, staff] = [8, 5].map(|most| self.dice.below(most));
            let text = *self.dice.one(&["Gấp!", "50%", "Đà Nẵng"]);
            let mut sent = message(&format!("x{}", self.new), &format!("k{k}"), text, time);
            sent["platform"] = "zalo".into();
            sent["from_id"] = format!("p{k}").into();
            sent["is_read"] = json!(self.dice.below(2));
            sent["assign_by"] = json!([format!("s{staff}")]);
            return (EventKind::MessageSent, sent);
        }
        self.pool.swap_remove(self.dice.below(self.pool.len()))
    }

    /// Some of them, many about the same objects.
    fn some(&mut self, most: usize) -> Vec<(EventKind, Value)> {
        (0..=self.dice.below(most)).map(|_| self.next()).collect()
    }
}

/// The pages of all roles, each with the initial result of its list.
async fn pages(app: &TestApp, world: &World, seed: u64) -> Vec<Page> {
    let mut draw = Draw::new(seed, world, false);
    let mut pages = Vec::new();
    for role in ["all", "agent", "limited", "masked"] {
        let key = keys::key_with(app.database_url(), |key| {
            role.clone_into(&mut key.role);
            key.staff = (role == "agent").then(|| "s1".into());
        });
        let key = key.await;
        let mut of_role = Vec::new();
        while of_role.len() < PAGES {
            let mut page = Page::drawn(&mut draw, &key);
            // A role may not use arguments that reveal masked values. Empty pages are of little use, but one may stay empty.
            let is_allowed = Page::ask(app, &mut [&mut page]).await.is_some();
            if is_allowed && (!page.expected.rows.is_empty() || draw.dice.percent(10)) {
                of_role.push(page);
            }
        }
        pages.extend(of_role);
    }
    pages
}

/// Requests all lists. Returns the position.
async fn ask_all(app: &TestApp, pages: &mut [Page]) -> i64 {
    let mut head = 0;
    for of_role in pages.chunks_mut(PAGES) {
        head = Page::ask(app, &mut of_role.iter_mut().collect::<Vec<_>>()).await.expect("an answer");
    }
    head
}

async fn watch(seed: u64, payloads: usize) {
    let shop = Shop::open().await;
    let now = Arc::new(AtomicI64::new(DUE));
    let time = {
        let now = Arc::clone(&now);
        move || Timestamp::clamped(now.load(Ordering::Relaxed))
    };
    let app = TestApp::with_clock(Clock::from_fn(time), Database::new(), with_roles).await;
    let entries = |events: Vec<(EventKind, Value)>| -> Vec<Entry> {
        events.into_iter().map(|(kind, payload)| entry(kind, &payload)).collect()
    };
    store(app.database_url(), &entries(data::deliveries(seed))).await;
    let mut pages = pages(&app, &shop.world, seed).await;
    let mut watchers: Vec<Watcher> = (0..pages.len())
        .flat_map(|page| {
            [Behaviour::Continuous, Behaviour::Reconnecting, Behaviour::Slow].map(|behaviour| Watcher::new(page, behaviour))
        })
        .collect();

    let beside = desk::open(app.database_url()).await;
    let mut events = RandomEvents { dice: Dice::of(seed + 1), pool: Vec::new(), new: 0 };
    let (mut dice, mut rounds, mut taken) = (Dice::of(seed + 2), 0, 0);
    while taken < payloads {
        if events.pool.len() < 50 {
            events.pool.extend(data::deliveries(seed + 3 + rounds));
        }
        match dice.below(20) {
            // In one transaction, outside the gateway; another event at the gateway makes it read the log immediately.
            0..13 => {
                let (now, (kind, payload)) = (Timestamp::clamped(now.load(Ordering::Relaxed)), events.next());
                beside.append(&entries(events.some(8)), now).await.unwrap();
                app.deliver(kind.segment(), &payload).await;
            }
            13..18 => {
                let all = events.some(5);
                stream::iter(&all)
                    .for_each_concurrent(None, async |(kind, payload)| drop(app.deliver(kind.segment(), payload).await))
                    .await;
            }
            18 => drop(now.fetch_add(900_000 * i64::try_from(dice.below(12)).unwrap(), Ordering::Relaxed)),
            _ => {}
        }
        let head = ask_all(&app, &mut pages).await;
        for watcher in &mut watchers {
            watcher.follow(&app.base, &pages[watcher.page], head, &mut dice).await;
        }
        taken = watchers.iter().map(|watcher| watcher.payloads).sum();
        rounds += 1;
    }
    tokio::time::sleep(QUIET).await;
    let (mut by_behaviour, mut resumed) = (BTreeMap::new(), [0, 0]);
    for watcher in &mut watchers {
        watcher.settle(&pages[watcher.page]).await;
        *by_behaviour.entry(format!("{:?}", watcher.behaviour)).or_insert(0) += watcher.payloads;
        (resumed[0], resumed[1]) = (resumed[0] + watcher.resumed[0], resumed[1] + watcher.resumed[1]);
    }
    println!("{rounds} rounds: {by_behaviour:?}, resumed {resumed:?}");
    assert!(by_behaviour.values().all(|taken| *taken > payloads / 10), "{by_behaviour:?}");
    assert!(resumed.iter().all(|times| *times > payloads / 500), "{resumed:?}");
    beside.close().await.unwrap();
    drop(watchers);
    app.stop().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_pages_always_equal_the_lists() {
    let payloads = std::env::var("LIVE_PAYLOADS").ok().map_or(PAYLOADS, |payloads| payloads.parse().expect("a number"));
    let seed = std::env::var("LIVE_SEED").ok().map_or(1, |seed| seed.parse().expect("a number"));
    Box::pin(watch(seed, payloads)).await;
}

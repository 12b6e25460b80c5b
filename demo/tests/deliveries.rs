//! The deliveries as a whole: the guarantees of a plan to the gateway and to people who look at the data.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet, HashSet};

use demo::{Delivery, Live, Plan, past};
use serde_json::Value;

/// 2025-11-23T08:00:00Z
const NOW_MS: i64 = 1_763_884_800_000;
const HOUR_MS: i64 = 3_600_000;

fn plan(scale: f64) -> Plan {
    Plan { scale, ..Plan::new(NOW_MS) }
}

fn live(plan: &Plan, count: usize) -> Vec<Delivery> {
    let mut live = Live::new(plan);
    (0..).take(count).map(|index| live.next(plan.now_ms + index * 100)).collect()
}

/// The ids in the payloads of some deliveries.
#[derive(Default)]
struct Seen {
    customers: BTreeSet<String>,
    conversations: BTreeMap<String, BTreeSet<String>>,
    tickets: BTreeSet<String>,
}

impl Seen {
    fn of(deliveries: impl Iterator<Item = Delivery>) -> Self {
        let mut seen = Self::default();
        for delivery in deliveries {
            let payload: Value = serde_json::from_str(&delivery.payload).unwrap();
            let id = |key: &str| payload[key].as_str().unwrap().to_owned();
            match delivery.event {
                "message-sent" => {
                    seen.conversations.entry(id("conversation_id")).or_default().insert(id("message_id"));
                }
                "customer-created" | "customer-updated" => {
                    seen.customers.insert(id("_id"));
                }
                "ticket-created" | "ticket-updated" => {
                    seen.tickets.insert(id("ticket_id"));
                }
                _ => {}
            }
        }
        seen
    }

    fn messages(&self) -> usize {
        self.conversations.values().map(BTreeSet::len).sum()
    }
}

fn assert_about(count: usize, expected: usize, percent: usize) {
    assert!(count.abs_diff(expected) * 100 <= expected * percent, "{count} is not about {expected}");
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    assert!(past(&plan(0.05)).eq(past(&plan(0.05))));
    assert_eq!(live(&plan(0.02), 500), live(&plan(0.02), 500));
    assert!(!past(&plan(0.02)).eq(past(&Plan { seed: 2, ..plan(0.02) })));
}

#[test]
fn the_past_is_as_large_as_planned() {
    let seen = Seen::of(past(&plan(1.0)));
    assert_about(seen.customers.len(), 2000, 3);
    assert_about(seen.conversations.len(), 5000, 3);
    assert_about(seen.messages(), 50_000, 6);
    assert_about(seen.tickets.len(), 1500, 6);
    assert!(seen.conversations.values().all(|messages| messages.len() <= 40));
}

#[test]
fn a_small_past_is_as_large_as_planned_and_an_empty_one_is_empty() {
    let seen = Seen::of(past(&plan(0.01)));
    assert_about(seen.customers.len(), 20, 20);
    assert_about(seen.conversations.len(), 50, 10);
    assert_about(seen.messages(), 500, 30);
    assert_about(seen.tickets.len(), 15, 40);
    assert_eq!(past(&plan(0.0)).count(), 0);
    assert_eq!(past(&Plan { weeks: 0, ..plan(0.01) }).count(), 0);
    assert_eq!(live(&plan(0.0), 200).len(), 200);
}

#[test]
fn times_never_run_backwards_and_none_is_after_now() {
    let mut before = NOW_MS - 43 * 24 * HOUR_MS;
    for delivery in past(&plan(0.2)) {
        assert!(before <= delivery.at_ms && delivery.at_ms <= NOW_MS);
        before = delivery.at_ms;
    }
}

#[test]
fn a_second_run_is_recognised_whenever_it_is_made() {
    let first: Vec<String> = past(&plan(0.05)).map(|delivery| delivery.id).collect();
    let known: HashSet<&str> = first.iter().map(String::as_str).collect();
    for hours in [5, 41, 24 * 365] {
        let later = Plan { now_ms: NOW_MS + hours * HOUR_MS, ..plan(0.05) };
        let again: Vec<Delivery> = past(&later).collect();
        assert_eq!(again.len(), first.len());
        assert!(again.iter().all(|delivery| known.contains(delivery.id.as_str())));
    }
}

#[test]
fn two_live_runs_share_people_but_no_new_ids() {
    let first = plan(0.05);
    let second = Plan { now_ms: NOW_MS + HOUR_MS, ..plan(0.05) };
    let ids = |deliveries: &[Delivery]| -> HashSet<String> { deliveries.iter().map(|delivery| delivery.id.clone()).collect() };
    let (first_live, second_live) = (live(&first, 2000), live(&second, 2000));
    assert!(ids(&first_live).is_disjoint(&ids(&second_live)));
    assert!(ids(&first_live).is_disjoint(&past(&first).map(|delivery| delivery.id).collect()));

    let of_past = Seen::of(past(&first));
    let (first_seen, second_seen) = (Seen::of(first_live.into_iter()), Seen::of(second_live.into_iter()));
    let new_messages = |seen: &Seen| -> BTreeSet<String> {
        let old: BTreeSet<&String> = of_past.conversations.values().flatten().collect();
        seen.conversations.values().flatten().filter(|id| !old.contains(id)).cloned().collect()
    };
    assert!(new_messages(&first_seen).len() > 500);
    assert!(new_messages(&first_seen).is_disjoint(&new_messages(&second_seen)));
    let known_people = |seen: &Seen| -> BTreeSet<String> { seen.customers.intersection(&of_past.customers).cloned().collect() };
    assert!(!known_people(&first_seen).is_empty() && !known_people(&second_seen).is_empty());
    let newcomers = |seen: &Seen| -> BTreeSet<String> { seen.customers.difference(&of_past.customers).cloned().collect() };
    assert!(newcomers(&first_seen).is_disjoint(&newcomers(&second_seen)));
}

#[test]
fn all_eight_events_occur_in_the_past_and_live() {
    let events = |deliveries: Vec<Delivery>| -> BTreeSet<&str> { deliveries.iter().map(|delivery| delivery.event).collect() };
    assert_eq!(events(past(&plan(0.2)).collect()).len(), 8);
    assert_eq!(events(live(&plan(0.2), 6000)).len(), 8);
}

#[test]
fn a_repetition_differs_only_in_its_time() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut repeated = 0;
    for delivery in past(&plan(0.2)).chain(live(&plan(0.2), 4000)) {
        if let Some(payload) = seen.get(&delivery.id) {
            assert_eq!(*payload, delivery.payload);
            repeated += 1;
        }
        seen.insert(delivery.id, delivery.payload);
    }
    assert_about(repeated, seen.len() / 100, 40);
}

//! The demo as a whole: what it promises to the gateway that receives it and to those who look at it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono_tz::Asia::Ho_Chi_Minh;
use serde_json::Value;

use super::{Delivery, Live, Plan, past};
use crate::domain::{event::Event, event::Field, kind::EventKind, reading, time::Timestamp};

const NOW: &str = "2025-11-23T08:00:00Z";

fn plan(scale: f64) -> Plan {
    Plan { scale, ..Plan::new(Timestamp::parse_rfc3339(NOW).unwrap()) }
}

fn live(plan: &Plan, count: usize) -> Vec<Delivery> {
    let mut live = Live::new(plan);
    (0..).take(count).map(|index| live.next(Timestamp::clamped(plan.now.as_millis() + index * 100))).collect()
}

fn read(delivery: &Delivery) -> Event {
    let payload: Value = serde_json::from_str(&delivery.payload).unwrap();
    reading::read(delivery.kind, &payload, Ho_Chi_Minh).unwrap_or_else(|error| panic!("{error:?} in {}", delivery.payload))
}

/// What the deliveries leave behind, by the ids in them.
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
            match read(&delivery) {
                Event::Message(sent) => {
                    seen.conversations.entry(sent.conversation_id).or_default().insert(sent.message_id);
                }
                Event::Customer(customer) => {
                    seen.customers.insert(customer.id);
                }
                Event::Ticket(ticket) => {
                    seen.tickets.extend(ticket.ticket_id);
                }
                Event::Status(_) | Event::CustomerDeleted(_) | Event::TicketDeleted { .. } => {}
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
    let plan = plan(0.2);
    let mut before = Timestamp::clamped(plan.now.as_millis() - 43 * 86_400_000);
    for delivery in past(&plan) {
        assert!(before <= delivery.at && delivery.at <= plan.now);
        before = delivery.at;
        let told = match read(&delivery) {
            Event::Message(sent) => [sent.time, sent.created_at, sent.assigned_at].into_iter().filter_map(Field::set).max(),
            Event::Customer(customer) => customer.updated_at.set(),
            Event::Ticket(ticket) => ticket.created_at.set().max(ticket.updated_at.set()),
            Event::Status(_) | Event::CustomerDeleted(_) | Event::TicketDeleted { .. } => None,
        };
        assert!(told <= Some(plan.now), "{}", delivery.payload);
    }
}

#[test]
fn a_second_run_is_recognised_whenever_it_is_made() {
    let first: Vec<String> = past(&plan(0.05)).map(|delivery| delivery.id).collect();
    let known: HashSet<&str> = first.iter().map(String::as_str).collect();
    for hours in [5, 41, 24 * 365] {
        let later = Plan { now: Timestamp::clamped(plan(0.05).now.as_millis() + hours * 3_600_000), ..plan(0.05) };
        let again: Vec<Delivery> = past(&later).collect();
        assert_eq!(again.len(), first.len());
        assert!(again.iter().all(|delivery| known.contains(delivery.id.as_str())));
    }
}

#[test]
fn two_live_parts_share_people_but_no_new_ids() {
    let first = plan(0.05);
    let second = Plan { now: Timestamp::clamped(first.now.as_millis() + 3_600_000), ..plan(0.05) };
    let ids = |deliveries: &[Delivery]| -> HashSet<String> { deliveries.iter().map(|delivery| delivery.id.clone()).collect() };
    let (first_live, second_live) = (live(&first, 2000), live(&second, 2000));
    assert!(ids(&first_live).is_disjoint(&ids(&second_live)));
    assert!(ids(&first_live).is_disjoint(&past(&first).map(|delivery| delivery.id).collect()));

    let of_past = Seen::of(past(&first));
    let (first_seen, second_seen) = (Seen::of(first_live.into_iter()), Seen::of(second_live.into_iter()));
    let fresh = |seen: &Seen| -> BTreeSet<String> {
        let old: BTreeSet<&String> = of_past.conversations.values().flatten().collect();
        seen.conversations.values().flatten().filter(|id| !old.contains(id)).cloned().collect()
    };
    assert!(fresh(&first_seen).len() > 500);
    assert!(fresh(&first_seen).is_disjoint(&fresh(&second_seen)));
    let people = |seen: &Seen| -> BTreeSet<String> { seen.customers.intersection(&of_past.customers).cloned().collect() };
    assert!(!people(&first_seen).is_empty() && !people(&second_seen).is_empty());
    let newcomers = |seen: &Seen| -> BTreeSet<String> { seen.customers.difference(&of_past.customers).cloned().collect() };
    assert!(newcomers(&first_seen).is_disjoint(&newcomers(&second_seen)));
}

#[test]
fn all_eight_kinds_occur_in_the_past_and_live() {
    let kinds = |deliveries: Vec<Delivery>| -> BTreeSet<EventKind> { deliveries.iter().map(|delivery| delivery.kind).collect() };
    assert_eq!(kinds(past(&plan(0.2)).collect()).len(), 8);
    assert_eq!(kinds(live(&plan(0.2), 6000)).len(), 8);
}

#[test]
fn a_repetition_repeats_everything_but_its_time() {
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

#[test]
fn messages_read_as_clean_text_from_a_contact() {
    let mut messages = 0;
    for delivery in past(&plan(0.1)).chain(live(&plan(0.1), 3000)) {
        let Event::Message(sent) = read(&delivery) else { continue };
        messages += 1;
        let text = [&sent.text, &sent.preview].into_iter().filter_map(Field::as_set).cloned().collect::<Vec<_>>().join(" ");
        assert!(!text.is_empty() || sent.attachments.as_set().is_some(), "{}", delivery.payload);
        assert!(!text.contains(['%', '{', '}', '|', '\u{fffd}']) || text.contains("5%") || text.contains("10%"), "{text}");
        assert!(sent.channel.as_set().is_some() && sent.contact().id.as_set().is_some());
        assert!(sent.time.as_set() >= sent.started_at.as_ref());
        assert_ne!(sent.platform_key(), "unknown");
    }
    assert!(messages > 1000, "{messages}");
}

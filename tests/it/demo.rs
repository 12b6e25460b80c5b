//! The demo's deliveries as read by the gateway.

use demo::{Delivery, Live, Plan, past};
use deskgraph::domain::{
    event::{Event, Field},
    kind::EventKind,
    reading,
    time::Timestamp,
    zone::Zone,
};
use serde_json::Value;

use crate::support::app::NOW;

fn plan(scale: f64) -> Plan {
    Plan { scale, ..Plan::new(Timestamp::parse_rfc3339(NOW).unwrap().as_millis()) }
}

fn live(plan: &Plan, count: usize) -> Vec<Delivery> {
    let mut live = Live::new(plan);
    (0..).take(count).map(|index| live.next(plan.now_ms + index * 100)).collect()
}

fn read(delivery: &Delivery) -> Event {
    let kind = EventKind::from_segment(delivery.event).unwrap_or_else(|| panic!("no webhook is called {}", delivery.event));
    let payload: Value = serde_json::from_str(&delivery.payload).unwrap();
    reading::read(kind, &payload, &Zone::named("Asia/Ho_Chi_Minh").unwrap())
        .unwrap_or_else(|error| panic!("{error:?} in {}", delivery.payload))
}

#[test]
fn no_time_in_the_past_is_after_its_end() {
    let plan = plan(0.2);
    let end = Timestamp::from_millis(plan.now_ms);
    for delivery in past(&plan) {
        let latest = match read(&delivery) {
            Event::Message(sent) => [sent.time, sent.created_at, sent.assigned_at].into_iter().filter_map(Field::set).max(),
            Event::Customer(customer) => customer.updated_at.set(),
            Event::Ticket(ticket) => ticket.created_at.set().max(ticket.updated_at.set()),
            Event::Status(_) | Event::CustomerDeleted(_) | Event::TicketDeleted { .. } => None,
        };
        assert!(latest <= end, "{}", delivery.payload);
    }
}

#[test]
fn messages_read_as_clean_text_from_a_contact() {
    for delivery in past(&plan(0.1)).chain(live(&plan(0.1), 3000)) {
        let Event::Message(sent) = read(&delivery) else { continue };
        let text = [&sent.text, &sent.preview].into_iter().filter_map(Field::as_set).cloned().collect::<Vec<_>>().join(" ");
        assert!(!text.is_empty() || sent.attachments.as_set().is_some(), "{}", delivery.payload);
        assert!(!text.contains(['%', '{', '}', '|', '\u{fffd}']) || text.contains("5%") || text.contains("10%"), "{text}");
        assert!(sent.channel.as_set().is_some() && sent.contact().id.as_set().is_some());
        assert!(sent.time.as_set() >= sent.started_at.as_ref());
        assert_ne!(sent.platform_key(), "unknown");
    }
}

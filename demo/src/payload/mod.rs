//! Webhook bodies: JSON in the shape of the CRM's field list.
//!
//! A small part is as irregular as real traffic: numbers as text, other time units, other shapes of undocumented items. A
//! receiver can undo each irregularity by the reading rules, so that the displayed data is clean.

mod customer;
mod json;
mod message;
mod ticket;

use serde_json::json;

use crate::{
    data::Status,
    person::Person,
    rng::Rng,
    shop::{Shop, ShopEvent},
};

/// The last path segment of the webhook's URL and the body for an event, from the current state of the shop. `rng` only decides
/// on irregularities.
pub(crate) fn write(shop: &Shop, event: &ShopEvent, rng: &mut Rng) -> (&'static str, String) {
    match event {
        ShopEvent::Message(conversation, message) => {
            ("message-sent", message::write(&shop.conversations[*conversation], message, rng))
        }
        ShopEvent::Status { conversation, is_closed } => {
            let body = json!({"conversation_id": shop.conversations[*conversation].id, "is_closed": is_closed});
            ("conversation-status-changed", body.to_string())
        }
        ShopEvent::Customer { person, is_new } => {
            let segment = if *is_new { "customer-created" } else { "customer-updated" };
            (segment, customer::write(&shop.people[*person], rng))
        }
        ShopEvent::CustomersDeleted(people) => ("customer-deleted", customers_deleted(shop, people)),
        ShopEvent::Ticket { ticket, is_new } => {
            let ticket = &shop.tickets[*ticket];
            let segment = if *is_new { "ticket-created" } else { "ticket-updated" };
            (segment, ticket::write(ticket, &shop.people[ticket.person], *is_new, rng))
        }
        ShopEvent::TicketDeleted(ticket) => {
            let ticket = &shop.tickets[*ticket];
            // The CRM sends either id.
            let id = if ticket.number.is_multiple_of(2) { ticket.id.clone() } else { ticket.code() };
            ("ticket-deleted", json!({"id": id}).to_string())
        }
    }
}

fn customers_deleted(shop: &Shop, people: &[usize]) -> String {
    let people = people.iter().map(|person| &shop.people[*person]);
    let (potential, contacts): (Vec<_>, Vec<_>) =
        people.partition(|person| matches!(person.status, Status::Lead | Status::Advised));
    let ids = |people: &[&Person]| -> Vec<String> { people.iter().map(|person| person.id.clone()).collect() };
    json!({
        "deletedContactIds": ids(&contacts),
        "deletedCount": contacts.len() + potential.len(),
        "deletedPotentialIds": ids(&potential),
    })
    .to_string()
}

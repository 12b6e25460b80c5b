//! Happenings as the CRM's webhooks tell them: JSON in the shape of its field list.
//!
//! A small part is messy as real traffic is: numbers as text, other time units, other shapes of undocumented items. Each such
//! oddity is one that the gateway's reading rules undo, so that what is shown stays clean.

mod customer;
mod message;
mod ticket;

use serde::Serialize;
use serde_json::json;

use super::{
    dice::Dice,
    words::STAFF,
    world::{Happening, World},
};
use crate::domain::{kind::EventKind, time::Timestamp};

/// The kind and the body of what happened, as the world stands now. `dice` decides on oddities only.
pub(super) fn write(world: &World, happening: &Happening, dice: &mut Dice) -> (EventKind, String) {
    match happening {
        Happening::Message(conversation, said) => {
            (EventKind::MessageSent, message::write(&world.conversations[*conversation], said, dice))
        }
        Happening::Status { conversation, is_closed } => {
            let body = json!({"conversation_id": world.conversations[*conversation].id, "is_closed": is_closed});
            (EventKind::ConversationStatusChanged, body.to_string())
        }
        Happening::Customer { person, is_new } => {
            let kind = if *is_new { EventKind::CustomerCreated } else { EventKind::CustomerUpdated };
            (kind, customer::write(&world.people[*person], dice))
        }
        Happening::CustomersDeleted(people) => {
            let ids = |is_lead: bool| -> Vec<&str> {
                let of_sort = people.iter().map(|person| &world.people[*person]).filter(|person| (person.status < 2) == is_lead);
                of_sort.map(|person| person.id.as_str()).collect()
            };
            let body = json!({"deletedContactIds": ids(false), "deletedCount": people.len(), "deletedPotentialIds": ids(true)});
            (EventKind::CustomerDeleted, body.to_string())
        }
        Happening::Ticket { ticket, is_new } => {
            let ticket = &world.tickets[*ticket];
            let kind = if *is_new { EventKind::TicketCreated } else { EventKind::TicketUpdated };
            (kind, ticket::write(ticket, &world.people[ticket.person], *is_new, dice))
        }
        Happening::TicketDeleted(ticket) => {
            let ticket = &world.tickets[*ticket];
            // The CRM names either id.
            let id = if ticket.number.is_multiple_of(2) { ticket.id.clone() } else { ticket.code() };
            (EventKind::TicketDeleted, json!({"id": id}).to_string())
        }
    }
}

/// A number or flag in one of the types it really comes in.
#[derive(Serialize)]
#[serde(untagged)]
enum Loose {
    Number(i64),
    Text(String),
    Flag(bool),
}

impl Loose {
    /// The number, or with the oddity its digits.
    fn number(value: i64, is_text: bool) -> Self {
        if is_text { Self::Text(value.to_string()) } else { Self::Number(value) }
    }
}

/// ISO text with milliseconds.
fn iso(ms: i64) -> String {
    Timestamp::clamped(ms).to_string()
}

fn staff_face(staff: usize) -> String {
    format!("https://avatars.example/{}.jpg", STAFF[staff].face)
}

fn body(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("text, numbers and lists always make JSON")
}

//! The tolerant reader: from a webhook's JSON to an [`Event`], by the rules of docs/events.md.
//!
//! Real payloads are loosely typed: numbers come as strings, booleans as words, times in the wrong unit, lists as single items.
//! The reader takes what it can: an unreadable field counts as absent, and unknown fields are ignored. Only an unreadable
//! required id (or the flag of a status event) makes the event [`Unreadable`]. The payload is stored separately, as received,
//! so a wrong reading loses nothing. Pure: the CRM's time zone is a parameter.

mod attachment;
mod customer;
mod fields;
mod item;
mod loose;
mod message;
mod moment;
mod shape;
mod status;
mod ticket;

#[cfg(test)]
mod tests;

use serde_json::Value;

use self::fields::Fields;
pub use self::{
    attachment::{Attachment, attachment},
    shape::kind_of_shape,
};
use super::{event::Event, kind::EventKind, zone::Zone};

/// Why a payload is unreadable as an event of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct Unreadable {
    /// The JSON path at fault, such as `$.conversation_id`.
    pub path: String,
    /// What was expected there, and what was found.
    pub reason: String,
}

impl Unreadable {
    /// An error at `path`: `expected` says what should be there, `found` is the value there, if any.
    fn at(path: impl Into<String>, expected: &str, found: Option<&Value>) -> Self {
        let found = match found {
            None => "nothing".to_owned(),
            Some(Value::Null) => "null".to_owned(),
            Some(Value::Bool(_)) => "a boolean".to_owned(),
            Some(Value::Number(_)) => "a number".to_owned(),
            Some(Value::String(text)) => format!("a string of {} bytes", text.trim().len()),
            Some(Value::Array(_)) => "an array".to_owned(),
            Some(Value::Object(_)) => "an object".to_owned(),
        };
        Self { path: path.into(), reason: format!("expected {expected}, found {found}") }
    }
}

/// Reads a payload as an event of the given kind. Times without an offset are local to `zone`.
pub fn read(kind: EventKind, payload: &Value, zone: &Zone) -> Result<Event, Unreadable> {
    let fields = Fields::of(payload).ok_or_else(|| Unreadable::at("$", "an object", Some(payload)))?;
    match kind {
        EventKind::MessageSent => message::sent(fields, zone).map(|sent| Event::Message(Box::new(sent))),
        EventKind::ConversationStatusChanged => status::changed(fields).map(Event::Status),
        EventKind::CustomerCreated => customer::snapshot(fields, true, zone).map(|read| Event::Customer(Box::new(read))),
        EventKind::CustomerUpdated => customer::snapshot(fields, false, zone).map(|read| Event::Customer(Box::new(read))),
        EventKind::CustomerDeleted => customer::deleted(fields).map(Event::CustomerDeleted),
        EventKind::TicketCreated => ticket::snapshot(fields, true, zone).map(|read| Event::Ticket(Box::new(read))),
        EventKind::TicketUpdated => ticket::snapshot(fields, false, zone).map(|read| Event::Ticket(Box::new(read))),
        EventKind::TicketDeleted => ticket::deleted(fields).map(|id| Event::TicketDeleted { id }),
    }
}

//! Tests of whole payloads: the samples field by field, and the untidy variants that the reading rules cover.

mod any_json;
mod customer;
mod message;
mod moment;
mod required;
mod samples;
mod ticket;

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::domain::{
    event::{CustomerSnapshot, CustomersDeleted, Event, Field, MessageSent, StaffRef, TicketSnapshot},
    kind::EventKind,
    reading::{Unreadable, read},
    time::Timestamp,
    zone::Zone,
};

static ZONE: LazyLock<Zone> = LazyLock::new(|| Zone::named("Asia/Ho_Chi_Minh").unwrap());

/// `payload` with the fields of `more` added.
fn with(mut payload: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("not an object: {more}") };
    payload.as_object_mut().unwrap().extend(more);
    payload
}

/// A message that has only the given fields and its required ids.
fn message(fields: Value) -> MessageSent {
    match read(EventKind::MessageSent, &with(json!({"conversation_id": "c", "message_id": "m"}), fields), &ZONE) {
        Ok(Event::Message(message)) => *message,
        other => panic!("{other:?}"),
    }
}

/// An updated customer that has only the given fields and its id.
fn customer(fields: Value) -> CustomerSnapshot {
    match read(EventKind::CustomerUpdated, &with(json!({"id": "k"}), fields), &ZONE) {
        Ok(Event::Customer(customer)) => *customer,
        other => panic!("{other:?}"),
    }
}

fn customers_deleted(payload: &Value) -> Result<CustomersDeleted, Unreadable> {
    read(EventKind::CustomerDeleted, payload, &ZONE).map(|event| match event {
        Event::CustomerDeleted(deleted) => deleted,
        other => panic!("{other:?}"),
    })
}

/// An updated ticket that has only the given fields and its id.
fn ticket(fields: Value) -> TicketSnapshot {
    match read(EventKind::TicketUpdated, &with(json!({"ticket_id": "t"}), fields), &ZONE) {
        Ok(Event::Ticket(ticket)) => *ticket,
        other => panic!("{other:?}"),
    }
}

fn set(text: &str) -> Field<String> {
    Field::Set(text.to_owned())
}

fn at(rfc3339: &str) -> Timestamp {
    Timestamp::parse_rfc3339(rfc3339).unwrap()
}

fn person(id: &str, name: Option<&str>) -> StaffRef {
    StaffRef { id: id.to_owned(), name: name.map(str::to_owned) }
}

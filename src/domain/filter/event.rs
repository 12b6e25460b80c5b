//! The filter fields and relations of stored events.

use super::{Collection, Kind, Value, WordList, fields, relations};
use crate::domain::{id::SubjectIds, kind::EventKind, time::Timestamp};

/// Stored events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Events;

/// The fields of an event that can be tested in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventHeader {
    /// Its kind.
    pub kind: EventKind,
    /// When it arrived.
    pub received_at: Timestamp,
}

fields! {
    /// The fields of an event.
    EventField {
        Kind: Kind::Word(WordList::EventKind),
        ReceivedAt: Kind::Time,
    }
}

relations! {
    /// The relations of an event.
    EventRelation, named EventRelationName {
        /// The object that the event is about, by any of its ids.
        Subject(SubjectIds),
    }
}

impl Collection for Events {
    type Object = EventHeader;
    type Field = EventField;
    type Relation = EventRelation;

    fn value(event: &EventHeader, field: EventField, _: Timestamp) -> Value<'_> {
        match field {
            EventField::Kind => Value::Word(event.kind.name()),
            EventField::ReceivedAt => event.received_at.into(),
        }
    }
}

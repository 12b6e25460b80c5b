//! The subjects of events: the only place that determines what an event is about.
//!
//! `event_subject` stores the subjects, and a batch loads their stored state before it folds. Only a message's first event is not
//! in `event_subject`, but in `message.event_seq`. Both matches are exhaustive, so a new kind of event or subject does not compile
//! until it is handled here.

use std::collections::BTreeSet;

use crate::domain::{change::SubjectType, event::Event};

/// The subjects of an event, each with its source id; for a message, its key.
pub(in crate::store) fn subjects(event: &Event) -> Vec<(SubjectType, String)> {
    match event {
        Event::Message(message) => {
            vec![(SubjectType::Message, message.key()), (SubjectType::Conversation, message.conversation_id.clone())]
        }
        Event::Status(status) => vec![(SubjectType::Conversation, status.conversation_id.clone())],
        Event::Customer(snapshot) => vec![(SubjectType::Customer, snapshot.id.clone())],
        Event::CustomerDeleted(deleted) => deleted.ids.iter().map(|id| (SubjectType::Customer, id.clone())).collect(),
        Event::Ticket(snapshot) => snapshot.aliases().into_iter().map(|alias| (SubjectType::Ticket, alias.id)).collect(),
        Event::TicketDeleted { id } => vec![(SubjectType::Ticket, id.clone())],
    }
}

/// The subjects of a batch by type, without duplicates.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    pub(super) customers: BTreeSet<String>,
    pub(super) conversations: BTreeSet<String>,
    /// By key.
    pub(super) messages: BTreeSet<String>,
    /// By any of a ticket's ids.
    pub(super) tickets: BTreeSet<String>,
}

impl Subjects {
    pub(super) fn of(events: &[&Event]) -> Self {
        let mut all = Self::default();
        for (subject, id) in events.iter().flat_map(|event| subjects(event)) {
            match subject {
                SubjectType::Customer => all.customers.insert(id),
                SubjectType::Conversation => all.conversations.insert(id),
                SubjectType::Message => all.messages.insert(id),
                SubjectType::Ticket => all.tickets.insert(id),
                SubjectType::Event => unreachable!("events are in the log, which is no projection"),
            };
        }
        all
    }
}

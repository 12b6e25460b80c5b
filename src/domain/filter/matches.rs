//! Whether a thing fulfils a filter, as far as the thing alone tells.

use std::ops::{BitAnd, Not};

use super::{
    ConversationFilter, CustomerFilter, EventFilter, Logic, MessageFilter, StaffFilter, TicketFilter, comparator::holds,
};
use crate::domain::{
    conversation::Conversation,
    customer::Customer,
    kind::EventKind,
    message::Message,
    staff::Staff,
    ticket::Ticket,
    time::Timestamp,
    words::{ChatMode, Platform, TicketLevel, TicketStatus, UNKNOWN_PLATFORM},
};

/// What the thing alone tells: Kleene's logic, in which a decided part can decide the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It fulfils the filter.
    Yes,
    /// It does not.
    No,
    /// The store must be asked.
    Unknown,
}

impl From<bool> for Verdict {
    fn from(truth: bool) -> Self {
        if truth { Self::Yes } else { Self::No }
    }
}

impl BitAnd for Verdict {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
        }
    }
}

impl Not for Verdict {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl<F> Logic<F> {
    fn matches(&self, matches: impl Fn(&F) -> Verdict) -> Verdict {
        let all = self.and.iter().fold(Verdict::Yes, |all, part| all & matches(part));
        // Any of several is not none of them.
        let any =
            self.or.as_ref().map_or(Verdict::Yes, |parts| !parts.iter().fold(Verdict::Yes, |none, part| none & !matches(part)));
        let not = self.not.as_ref().map_or(Verdict::Yes, |part| !matches(part));
        all & any & not
    }
}

/// A part of a filter that only the store can decide.
fn asks_store<T>(part: Option<&T>) -> Verdict {
    if part.is_some() { Verdict::Unknown } else { Verdict::Yes }
}

impl CustomerFilter {
    /// Whether a customer fulfils it.
    pub fn matches(&self, customer: &Customer) -> Verdict {
        let profile = &customer.profile;
        let own = holds(self.id.as_ref(), |is| is.matches(Some(&profile.id)))
            && holds(self.name.as_ref(), |is| is.matches(profile.name.as_deref()))
            && holds(self.phone.as_ref(), |is| is.matches(profile.phone.as_deref()))
            && holds(self.email.as_ref(), |is| is.matches(profile.email.as_deref()))
            && holds(self.note.as_ref(), |is| is.matches(profile.note.as_deref()))
            && holds(self.telco.as_ref(), |is| is.matches(profile.telco.as_deref()))
            && holds(self.manager_id.as_ref(), |is| is.matches(profile.manager_id.as_deref()))
            && holds(self.created_at.as_ref(), |is| is.matches(profile.created_at))
            && holds(self.updated_at.as_ref(), |is| is.matches(profile.updated_at))
            && holds(self.deleted_at.as_ref(), |is| is.matches(customer.deleted_at));
        self.logic.matches(|part| part.matches(customer))
            & own.into()
            & asks_store(self.status.as_ref())
            & asks_store(self.custom_field.first())
            & asks_store(self.search.as_ref())
            & asks_store(self.conversations.as_ref())
            & asks_store(self.tickets.as_ref())
    }
}

impl ConversationFilter {
    /// Whether a conversation fulfils it.
    pub fn matches(&self, conversation: &Conversation) -> Verdict {
        let platform_name = conversation.platform_name.as_deref().unwrap_or(UNKNOWN_PLATFORM);
        let contact = &conversation.contact;
        let own = holds(self.id.as_ref(), |is| is.matches(Some(&conversation.id)))
            && holds(self.customer_id.as_ref(), |is| is.matches(conversation.customer_id.as_deref()))
            && holds(self.platform.as_ref(), |is| is.matches(Some(Platform::of(platform_name))))
            && holds(self.platform_name.as_ref(), |is| is.matches(Some(platform_name)))
            && holds(self.channel_id.as_ref(), |is| is.matches(conversation.channel.as_ref().map(|channel| channel.id.as_str())))
            && holds(self.is_closed.as_ref(), |is| is.matches(Some(conversation.is_closed)))
            && holds(self.chat_mode.as_ref(), |is| is.matches(conversation.chat_mode.as_deref().map(ChatMode::of)))
            && holds(self.contact_id.as_ref(), |is| is.matches(contact.source_id.as_deref()))
            && holds(self.contact_name.as_ref(), |is| is.matches(contact.name.as_deref()))
            && holds(self.started_at.as_ref(), |is| is.matches(conversation.started_at))
            && holds(self.last_message_at.as_ref(), |is| is.matches(conversation.last_message_at))
            && holds(self.unread_count.as_ref(), |is| is.matches(Some(conversation.unread_count)))
            && holds(self.has_customer.as_ref(), |is| is.matches(Some(conversation.customer_id.is_some())));
        self.logic.matches(|part| part.matches(conversation))
            & own.into()
            & asks_store(self.assignees.as_ref())
            & asks_store(self.customer.as_ref())
            & asks_store(self.messages.as_ref())
    }
}

impl MessageFilter {
    /// Whether a message fulfils it.
    pub fn matches(&self, message: &Message) -> Verdict {
        let own = holds(self.id.as_ref(), |is| is.matches(Some(&message.key)))
            && holds(self.conversation_id.as_ref(), |is| is.matches(Some(&message.conversation_id)))
            && holds(self.customer_id.as_ref(), |is| is.matches(message.customer_id.as_deref()))
            && holds(self.platform.as_ref(), |is| is.matches(Some(Platform::of(&message.platform))))
            && holds(self.platform_name.as_ref(), |is| is.matches(Some(&message.platform_name)))
            && holds(self.outbound.as_ref(), |is| is.matches(Some(message.outbound)))
            && holds(self.kind.as_ref(), |is| is.matches(Some(message.kind())))
            && holds(self.type_name.as_ref(), |is| is.matches(message.type_name.as_deref()))
            && holds(self.text.as_ref(), |is| is.matches(message.text.as_deref()))
            && holds(self.is_read.as_ref(), |is| is.matches(Some(message.is_read)))
            && holds(self.sent_at.as_ref(), |is| is.matches(Some(message.sent_at)))
            && holds(self.sender_id.as_ref(), |is| is.matches(message.sender.source_id.as_deref()))
            && holds(self.sender_name.as_ref(), |is| is.matches(message.sender.name.as_deref()))
            && holds(self.channel_id.as_ref(), |is| is.matches(message.channel.as_ref().map(|channel| channel.id.as_str())))
            && holds(self.has_attachments.as_ref(), |is| is.matches(Some(!message.attachments.is_empty())));
        self.logic.matches(|part| part.matches(message))
            & own.into()
            & asks_store(self.read_by.as_ref())
            & asks_store(self.search.as_ref())
            & asks_store(self.conversation.as_ref())
            & asks_store(self.customer.as_ref())
    }
}

impl TicketFilter {
    /// Whether a ticket fulfils it. Its ids are asked of the store, which knows all of them.
    pub fn matches(&self, ticket: &Ticket) -> Verdict {
        let details = &ticket.details;
        let own = holds(self.name.as_ref(), |is| is.matches(details.name.as_deref()))
            && holds(self.type_id.as_ref(), |is| is.matches(details.type_id.as_deref()))
            && holds(self.level.as_ref(), |is| is.matches(details.level.as_deref().map(TicketLevel::of)))
            && holds(self.level_name.as_ref(), |is| is.matches(details.level.as_deref()))
            && holds(self.status.as_ref(), |is| is.matches(details.status.as_deref().map(TicketStatus::of)))
            && holds(self.status_name.as_ref(), |is| is.matches(details.status.as_deref()))
            && holds(self.customer_id.as_ref(), |is| is.matches(details.customer_id.as_deref()))
            && holds(self.store_id.as_ref(), |is| is.matches(details.store_id.as_deref()))
            && holds(self.assignee_id.as_ref(), |is| is.matches(details.assignee_id.as_deref()))
            && holds(self.created_by_id.as_ref(), |is| is.matches(details.created_by_id.as_deref()))
            && holds(self.created_at.as_ref(), |is| is.matches(details.created_at))
            && holds(self.due_at.as_ref(), |is| is.matches(details.due_at))
            && holds(self.updated_at.as_ref(), |is| is.matches(details.updated_at))
            && holds(self.is_overdue.as_ref(), |(is, now)| is.matches(Some(ticket.is_overdue(*now))))
            && holds(self.is_reminded.as_ref(), |is| is.matches(Some(details.is_reminded)));
        self.logic.matches(|part| part.matches(ticket))
            & own.into()
            & asks_store(self.id.as_ref())
            & asks_store(self.search.as_ref())
            & asks_store(self.customer.as_ref())
    }
}

impl StaffFilter {
    /// Whether a staff member fulfils it.
    pub fn matches(&self, staff: &Staff) -> bool {
        holds(self.id.as_ref(), |is| is.matches(Some(&staff.id)))
            && holds(self.name.as_ref(), |is| is.matches(staff.name.as_deref()))
    }
}

impl EventFilter {
    /// Whether an event fulfils it. What it is about is asked of the store.
    pub fn matches(&self, kind: EventKind, received_at: Timestamp) -> Verdict {
        let own = holds(self.kind.as_ref(), |is| is.matches(Some(kind)))
            && holds(self.received_at.as_ref(), |is| is.matches(Some(received_at)));
        Verdict::from(own) & asks_store(self.subject.as_ref())
    }
}

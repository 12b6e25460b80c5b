//! The eight kinds of event and the three spellings of each: stored name, URL segment, the CRM's name (docs/events.md).

/// The kind of an event: which of the CRM's eight webhooks delivered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A message was sent, in either direction.
    MessageSent,
    /// A conversation was closed or reopened.
    ConversationStatusChanged,
    /// A customer was added.
    CustomerCreated,
    /// A customer was changed.
    CustomerUpdated,
    /// Customers were deleted.
    CustomerDeleted,
    /// A ticket was added.
    TicketCreated,
    /// A ticket was changed.
    TicketUpdated,
    /// A ticket was deleted.
    TicketDeleted,
}

impl EventKind {
    /// All kinds, in the order of docs/events.md.
    pub const ALL: [Self; 8] = [
        Self::MessageSent,
        Self::ConversationStatusChanged,
        Self::CustomerCreated,
        Self::CustomerUpdated,
        Self::CustomerDeleted,
        Self::TicketCreated,
        Self::TicketUpdated,
        Self::TicketDeleted,
    ];

    /// The stored name, such as `message.sent`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MessageSent => "message.sent",
            Self::ConversationStatusChanged => "conversation.status_changed",
            Self::CustomerCreated => "customer.created",
            Self::CustomerUpdated => "customer.updated",
            Self::CustomerDeleted => "customer.deleted",
            Self::TicketCreated => "ticket.created",
            Self::TicketUpdated => "ticket.updated",
            Self::TicketDeleted => "ticket.deleted",
        }
    }

    /// The last path segment of the webhook's URL, such as `message-sent`.
    pub const fn segment(self) -> &'static str {
        match self {
            Self::MessageSent => "message-sent",
            Self::ConversationStatusChanged => "conversation-status-changed",
            Self::CustomerCreated => "customer-created",
            Self::CustomerUpdated => "customer-updated",
            Self::CustomerDeleted => "customer-deleted",
            Self::TicketCreated => "ticket-created",
            Self::TicketUpdated => "ticket-updated",
            Self::TicketDeleted => "ticket-deleted",
        }
    }

    /// The kind with exactly this path segment.
    pub fn from_segment(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.segment() == segment)
    }

    /// The kind named in an envelope, a header or the store: a name or path segment, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.trim();
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(word) || kind.segment().eq_ignore_ascii_case(word))
    }
}

impl std::fmt::Display for EventKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::EventKind;

    #[test]
    fn every_spelling_parses_to_its_kind() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.name()), Some(kind));
            assert_eq!(EventKind::parse(&kind.segment().to_uppercase()), Some(kind));
            assert_eq!(EventKind::from_segment(kind.segment()), Some(kind));
        }
        assert_eq!(EventKind::parse("message.deleted"), None);
    }
}

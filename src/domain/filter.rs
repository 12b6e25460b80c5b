//! What a list is narrowed to. Fields within one filter are combined by AND; an empty filter matches everything.

/// Which customers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CustomerFilter {
    /// Whether deleted ones are listed too.
    pub include_deleted: bool,
}

/// Which tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TicketFilter {
    /// Whether deleted ones are listed too.
    pub include_deleted: bool,
}

/// Which conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConversationFilter {}

/// Which messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MessageFilter {}

/// Which staff members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StaffFilter {}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventFilter {}

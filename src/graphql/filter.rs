//! Where the arguments that narrow a list become a filter of `domain`.

use crate::domain::filter::{ConversationFilter, CustomerFilter, EventFilter, MessageFilter, StaffFilter, TicketFilter};

/// What the arguments of a list say of which rows are in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Narrowing {
    /// Whether deleted customers or tickets are listed too.
    pub(crate) include_deleted: bool,
}

impl From<Narrowing> for CustomerFilter {
    fn from(Narrowing { include_deleted }: Narrowing) -> Self {
        Self { include_deleted, ..Self::default() }
    }
}

impl From<Narrowing> for TicketFilter {
    fn from(Narrowing { include_deleted }: Narrowing) -> Self {
        Self { include_deleted, ..Self::default() }
    }
}

impl From<Narrowing> for ConversationFilter {
    fn from(_: Narrowing) -> Self {
        Self::default()
    }
}

impl From<Narrowing> for MessageFilter {
    fn from(_: Narrowing) -> Self {
        Self::default()
    }
}

impl From<Narrowing> for StaffFilter {
    fn from(_: Narrowing) -> Self {
        Self::default()
    }
}

impl From<Narrowing> for EventFilter {
    fn from(_: Narrowing) -> Self {
        Self::default()
    }
}

//! Filters as SQL: the one place where a filter becomes a condition. Its in-memory counterpart is in `domain::filter`.

use entity::{customer, ticket};
use sea_orm::{ColumnTrait, Condition};

use crate::domain::filter::{ConversationFilter, CustomerFilter, EventFilter, MessageFilter, StaffFilter, TicketFilter};

/// Customers that are seen and, unless asked for otherwise, alive.
pub(super) fn customers(filter: &CustomerFilter) -> Condition {
    let seen = Condition::all().add(customer::Column::VersionAt.is_not_null());
    if filter.include_deleted { seen } else { seen.add(customer::Column::DeletedAt.is_null()) }
}

/// Tickets that are seen and, unless asked for otherwise, alive.
pub(super) fn tickets(filter: &TicketFilter) -> Condition {
    let seen = Condition::all().add(ticket::Column::VersionAt.is_not_null());
    if filter.include_deleted { seen } else { seen.add(ticket::Column::DeletedAt.is_null()) }
}

/// Conversations.
pub(super) fn conversations(_filter: &ConversationFilter) -> Condition {
    Condition::all()
}

/// Messages.
pub(super) fn messages(_filter: &MessageFilter) -> Condition {
    Condition::all()
}

/// Staff members.
pub(super) fn staff(_filter: &StaffFilter) -> Condition {
    Condition::all()
}

/// Events.
pub(super) fn events(_filter: &EventFilter) -> Condition {
    Condition::all()
}

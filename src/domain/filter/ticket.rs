//! The filter fields and relations of tickets.

use super::{Collection, Customers, IdOf, Kind, Predicate, Test, Value, WordList, fields, relations};
use crate::domain::{
    ticket::Ticket,
    time::Timestamp,
    words::{TicketLevel, TicketStatus},
};

/// Tickets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tickets;

fields! {
    /// The fields of a ticket.
    TicketField {
        Name: Kind::Text,
        /// Id of the ticket type.
        TypeId: Kind::Text,
        Level: Kind::Word(WordList::TicketLevel),
        /// Level as the CRM names it.
        LevelName: Kind::Text,
        Status: Kind::Word(WordList::TicketStatus),
        /// Status as the CRM names it.
        StatusName: Kind::Text,
        /// Id of the customer, whether the store has that customer or not.
        CustomerId: Kind::Id(IdOf::Customer),
        StoreId: Kind::Text,
        /// Id of the staff member in charge.
        AssigneeId: Kind::Id(IdOf::Staff),
        /// Id of the staff member who created it.
        CreatedById: Kind::Id(IdOf::Staff),
        CreatedAt: Kind::Time,
        DueAt: Kind::Time,
        /// Time of the last update.
        UpdatedAt: Kind::Time,
        DeletedAt: Kind::Time,
        /// Whether it is in process and past its due time.
        IsOverdue: Kind::Boolean,
        /// Whether the reminder was sent.
        IsReminded: Kind::Boolean,
    }
}

relations! {
    /// The relations of a ticket.
    TicketRelation, named TicketRelationName {
        /// Any of its ids, which only the store knows.
        Id(Vec<Test>),
        /// Words of its title and description.
        Search(String),
        /// Its customer, deleted or not, if the store has it.
        Customer(Box<Predicate<Customers>>),
    }
}

impl Collection for Tickets {
    type Object = Ticket;
    type Field = TicketField;
    type Relation = TicketRelation;

    fn value(ticket: &Ticket, field: TicketField, now: Timestamp) -> Value<'_> {
        let details = &ticket.details;
        match field {
            TicketField::Name => details.name.as_deref().into(),
            TicketField::TypeId => details.type_id.as_deref().into(),
            TicketField::Level => {
                details.level.as_deref().map_or(Value::Absent, |level| Value::Word(TicketLevel::of(level).word()))
            }
            TicketField::LevelName => details.level.as_deref().into(),
            TicketField::Status => {
                details.status.as_deref().map_or(Value::Absent, |status| Value::Word(TicketStatus::of(status).word()))
            }
            TicketField::StatusName => details.status.as_deref().into(),
            TicketField::CustomerId => details.customer_id.as_deref().into(),
            TicketField::StoreId => details.store_id.as_deref().into(),
            TicketField::AssigneeId => details.assignee_id.as_deref().into(),
            TicketField::CreatedById => details.created_by_id.as_deref().into(),
            TicketField::CreatedAt => details.created_at.into(),
            TicketField::DueAt => details.due_at.into(),
            TicketField::UpdatedAt => details.updated_at.into(),
            TicketField::DeletedAt => ticket.deleted_at.into(),
            TicketField::IsOverdue => ticket.is_overdue(now).into(),
            TicketField::IsReminded => details.is_reminded.into(),
        }
    }
}

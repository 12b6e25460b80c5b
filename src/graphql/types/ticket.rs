//! Tickets.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use super::{
    Customer, Staff,
    parts::Attachment,
    words::{ReminderUnit, TicketLevel, TicketStatus},
};
use crate::{
    domain::{event, id::NodeId, ticket, words},
    graphql::{
        error::Result,
        lists::OfTicket,
        loader::{CustomerById, StaffById, load_linked},
        request::RequestContext,
        scalars::DateTime,
    },
    store::Parent,
};

/// A ticket.
#[derive(Clone)]
pub(crate) struct Ticket(Arc<ticket::Ticket>);

impl Ticket {
    /// The `domain` value that this type presents.
    pub(crate) fn as_domain(&self) -> &ticket::Ticket {
        &self.0
    }
}

impl From<ticket::Ticket> for Ticket {
    fn from(ticket: ticket::Ticket) -> Self {
        Self(Arc::new(ticket))
    }
}

impl Ticket {
    pub(crate) fn node_id(&self) -> NodeId {
        NodeId::Ticket(self.0.details.id.clone())
    }
}

/// A ticket: a task that the team handles for a customer. A deleted ticket has a `deletedAt`: lists and counts leave it out
/// unless `includeDeleted` is set, while `node` and `ticket` still return it.
#[Object]
impl Ticket {
    /// The global id: `tkt_` followed by the CRM's id, such as `tkt_TK-1029`.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The CRM's id, such as `TK-1029`. The CRM may give a ticket several ids; the by-id fields accept any of them.
    async fn source_id(&self) -> &str {
        &self.0.details.id
    }

    /// The title of the ticket.
    async fn name(&self) -> Option<&str> {
        self.0.details.name.as_deref()
    }

    /// The description of the ticket.
    async fn description(&self) -> Option<&str> {
        self.0.details.description.as_deref()
    }

    /// The CRM's id of the ticket type.
    async fn type_id(&self) -> Option<&str> {
        self.0.details.type_id.as_deref()
    }

    /// The urgency. `OTHER` stands for a level outside this list: `levelName` has its name. Null if not set.
    async fn level(&self) -> Option<TicketLevel> {
        self.0.details.level.as_deref().map(|word| words::TicketLevel::of(word).into())
    }

    /// The level's name as the CRM sent it, such as `high`. Null if not set.
    async fn level_name(&self) -> Option<&str> {
        self.0.details.level.as_deref()
    }

    /// The status. `OTHER` stands for a status outside this list: `statusName` has its name. Null if not set.
    async fn status(&self) -> Option<TicketStatus> {
        self.0.details.status.as_deref().map(|word| words::TicketStatus::of(word).into())
    }

    /// The status's name as the CRM sent it, such as `process`. Null if not set.
    async fn status_name(&self) -> Option<&str> {
        self.0.details.status.as_deref()
    }

    /// The ticket's customer. Null until that customer is known. May be a deleted customer, which has a `deletedAt`.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        load_linked(ctx, self.0.details.customer_id.clone().map(CustomerById)).await
    }

    /// The CRM's id of the ticket's customer, set even while `customer` is null because that customer is not known yet.
    async fn customer_source_id(&self) -> Option<&str> {
        self.0.details.customer_id.as_deref()
    }

    /// The staff member responsible for the ticket. Null if unassigned.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.0.details.assignee_id.clone().map(StaffById)).await
    }

    /// The staff member who created the ticket. Null if unknown.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.0.details.created_by_id.clone().map(StaffById)).await
    }

    /// The CRM's id of the store that the ticket belongs to.
    async fn store_id(&self) -> Option<&str> {
        self.0.details.store_id.as_deref()
    }

    /// How long before `dueAt` the team is reminded. Null without a reminder.
    async fn reminder(&self) -> Option<Reminder> {
        self.0.details.reminder.map(Into::into)
    }

    /// When the team is reminded: `dueAt` minus `reminder`. Null if either is null.
    async fn remind_at(&self) -> Option<DateTime> {
        self.0.remind_at().map(Into::into)
    }

    /// Whether the reminder has been sent.
    async fn is_reminded(&self) -> bool {
        self.0.details.is_reminded
    }

    /// The attached files. Empty if there are none.
    async fn attachments(&self) -> Vec<Attachment> {
        Attachment::all(&self.0.details.attachments)
    }

    /// When the ticket was created in the CRM. Null if unknown.
    async fn created_at(&self) -> Option<DateTime> {
        self.0.details.created_at.map(Into::into)
    }

    /// When the ticket is due. Null if it has no due date.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.details.due_at.map(Into::into)
    }

    /// When the ticket was last updated in the CRM. Null if unknown.
    async fn updated_at(&self) -> Option<DateTime> {
        self.0.details.updated_at.map(Into::into)
    }

    /// When the ticket was deleted. Null unless it is deleted.
    async fn deleted_at(&self) -> Option<DateTime> {
        self.0.deleted_at.map(Into::into)
    }

    /// Whether the ticket is overdue at the time of the request: its status is `PROCESS` and `dueAt` is in the past.
    async fn is_overdue(&self, ctx: &Context<'_>) -> bool {
        self.0.is_overdue(RequestContext::of(ctx).now())
    }

    #[graphql(flatten)]
    async fn lists(&self) -> OfTicket {
        OfTicket(Parent::Ticket(self.0.details.id.clone()))
    }
}

/// A lead time before a ticket's due date, as amount and unit: 30 and `MINUTE` mean 30 minutes before.
#[derive(SimpleObject)]
struct Reminder {
    /// The number of units.
    amount: i32,
    /// The unit of `amount`.
    unit: ReminderUnit,
}

impl From<event::Reminder> for Reminder {
    fn from(event::Reminder { amount, unit }: event::Reminder) -> Self {
        Self { amount, unit: unit.into() }
    }
}

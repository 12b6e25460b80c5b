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
    /// The value of `domain` behind it.
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

/// A piece of work for a customer. A deleted ticket has a `deletedAt`; it is left out of lists and counts unless asked for, but
/// by-id fields still find it.
#[Object]
impl Ticket {
    /// The global id: `tkt_` and the CRM's own id.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The CRM's own id. The CRM gives a ticket several; each of them finds it.
    async fn source_id(&self) -> &str {
        &self.0.details.id
    }

    /// The title.
    async fn name(&self) -> Option<&str> {
        self.0.details.name.as_deref()
    }

    /// What it is about.
    async fn description(&self) -> Option<&str> {
        self.0.details.description.as_deref()
    }

    /// The CRM's id of the ticket's type.
    async fn type_id(&self) -> Option<&str> {
        self.0.details.type_id.as_deref()
    }

    /// How urgent it is.
    async fn level(&self) -> Option<TicketLevel> {
        self.0.details.level.as_deref().map(|word| words::TicketLevel::of(word).into())
    }

    /// The level's name as the CRM sent it.
    async fn level_name(&self) -> Option<&str> {
        self.0.details.level.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> Option<TicketStatus> {
        self.0.details.status.as_deref().map(|word| words::TicketStatus::of(word).into())
    }

    /// The status's name as the CRM sent it.
    async fn status_name(&self) -> Option<&str> {
        self.0.details.status.as_deref()
    }

    /// The customer it is for; null until that customer is known. A deleted one has a `deletedAt`.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        load_linked(ctx, self.0.details.customer_id.clone().map(CustomerById)).await
    }

    /// The CRM's own id of the customer it is for, whether that customer is known or not.
    async fn customer_source_id(&self) -> Option<&str> {
        self.0.details.customer_id.as_deref()
    }

    /// Who is in charge.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.0.details.assignee_id.clone().map(StaffById)).await
    }

    /// Who created it.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.0.details.created_by_id.clone().map(StaffById)).await
    }

    /// The CRM's id of the store it belongs to.
    async fn store_id(&self) -> Option<&str> {
        self.0.details.store_id.as_deref()
    }

    /// How long before it is due the team is reminded.
    async fn reminder(&self) -> Option<Reminder> {
        self.0.details.reminder.map(Into::into)
    }

    /// When the team is reminded: `dueAt` less the reminder; null without either.
    async fn remind_at(&self) -> Option<DateTime> {
        self.0.remind_at().map(Into::into)
    }

    /// Whether the team has been reminded.
    async fn is_reminded(&self) -> bool {
        self.0.details.is_reminded
    }

    /// The attached files.
    async fn attachments(&self) -> Vec<Attachment> {
        Attachment::all(&self.0.details.attachments)
    }

    /// When it was created.
    async fn created_at(&self) -> Option<DateTime> {
        self.0.details.created_at.map(Into::into)
    }

    /// When it is due.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.details.due_at.map(Into::into)
    }

    /// When it was changed last.
    async fn updated_at(&self) -> Option<DateTime> {
        self.0.details.updated_at.map(Into::into)
    }

    /// When it was deleted; null while it is not.
    async fn deleted_at(&self) -> Option<DateTime> {
        self.0.deleted_at.map(Into::into)
    }

    /// Whether it is in process and past its due time, at the moment of the request.
    async fn is_overdue(&self, ctx: &Context<'_>) -> bool {
        self.0.is_overdue(RequestContext::of(ctx).now())
    }

    #[graphql(flatten)]
    async fn lists(&self) -> OfTicket {
        OfTicket(Parent::Ticket(self.0.details.id.clone()))
    }
}

/// How long before a ticket is due the team is reminded: `30 MINUTE` is half an hour.
#[derive(SimpleObject)]
struct Reminder {
    /// How many units.
    amount: i32,
    /// The unit.
    unit: ReminderUnit,
}

impl From<event::Reminder> for Reminder {
    fn from(event::Reminder { amount, unit }: event::Reminder) -> Self {
        Self { amount, unit: unit.into() }
    }
}

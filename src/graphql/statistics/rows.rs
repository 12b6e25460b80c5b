//! The rows of statistics.

use async_graphql::{ComplexObject, Context, SimpleObject};

use crate::{
    domain::statistics as counted,
    graphql::{
        error::Result,
        loader::{StaffById, load_linked},
        scalars::{DateTime, int},
        types::{Direction, MessageType, Platform, Staff, TicketLevel, TicketStatus},
    },
};

/// A group of messages. What they were not grouped by is null.
#[derive(SimpleObject)]
pub(crate) struct MessageStats {
    /// When the hour, day, week or month starts in which they were sent.
    time: Option<DateTime>,
    /// Their platform.
    platform: Option<Platform>,
    /// The id of the channel they went through; null also for those without one.
    channel_id: Option<String>,
    /// Their type.
    #[graphql(name = "type")]
    kind: Option<MessageType>,
    /// Who sent them.
    direction: Option<Direction>,
    /// How many messages.
    count: i32,
    /// In how many conversations.
    conversations: i32,
    /// With how many customers; deleted ones are left out.
    customers: i32,
}

impl From<counted::MessageStats> for MessageStats {
    fn from(row: counted::MessageStats) -> Self {
        Self {
            time: row.time.into_option().map(Into::into),
            platform: row.platform.into_option().map(Into::into),
            channel_id: row.channel_id.into_option(),
            kind: row.kind.into_option().map(Into::into),
            direction: row.outbound.into_option().map(|outbound| if outbound { Direction::Outbound } else { Direction::Inbound }),
            count: int(row.count),
            conversations: int(row.conversations),
            customers: int(row.customers),
        }
    }
}

/// A group of conversations. What they were not grouped by is null.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ConversationStats {
    /// When the hour, day, week or month starts in which they started; null also for those of which no start is known.
    time: Option<DateTime>,
    /// Their platform.
    platform: Option<Platform>,
    /// The id of the channel they go through; null also for those without one.
    channel_id: Option<String>,
    /// Whether they are closed.
    is_closed: Option<bool>,
    /// How many conversations.
    count: i32,
    /// How many unread messages they have together: inbound ones that nobody has read.
    unread: i32,
    /// The seconds from the first inbound message to the next outbound one, as the mean over those that have both; null where
    /// none has.
    first_response_seconds: Option<f64>,
    #[graphql(skip)]
    assignee_id: Option<String>,
}

#[ComplexObject]
impl ConversationStats {
    /// Who they are assigned to; null also for those assigned to nobody. A conversation counts under each of its assignees.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.assignee_id.clone().map(StaffById)).await
    }
}

impl From<counted::ConversationStats> for ConversationStats {
    fn from(row: counted::ConversationStats) -> Self {
        Self {
            time: row.time.into_option().map(Into::into),
            platform: row.platform.into_option().map(Into::into),
            channel_id: row.channel_id.into_option(),
            is_closed: row.is_closed.into_option(),
            count: int(row.count),
            unread: int(row.unread),
            first_response_seconds: row.first_response_seconds,
            assignee_id: row.assignee_id.into_option(),
        }
    }
}

/// A group of tickets. What they were not grouped by is null.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct TicketStats {
    /// When the hour, day, week or month starts in which they were created; null also for those of which that is not known.
    time: Option<DateTime>,
    /// Their level; null also for those without one.
    level: Option<TicketLevel>,
    /// Their status; null also for those without one.
    status: Option<TicketStatus>,
    /// The CRM's id of the store they belong to; null also for those without one.
    store_id: Option<String>,
    /// The CRM's id of their type; null also for those without one.
    type_id: Option<String>,
    /// How many tickets.
    count: i32,
    /// How many of them are in process and past their due time, at the moment of the request.
    overdue: i32,
    #[graphql(skip)]
    assignee_id: Option<String>,
}

#[ComplexObject]
impl TicketStats {
    /// Who is in charge of them; null also for those of which nobody is.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.assignee_id.clone().map(StaffById)).await
    }
}

impl From<counted::TicketStats> for TicketStats {
    fn from(row: counted::TicketStats) -> Self {
        Self {
            time: row.time.into_option().map(Into::into),
            level: row.level.into_option().map(Into::into),
            status: row.status.into_option().map(Into::into),
            store_id: row.store_id.into_option(),
            type_id: row.type_id.into_option(),
            count: int(row.count),
            overdue: int(row.overdue),
            assignee_id: row.assignee_id.into_option(),
        }
    }
}

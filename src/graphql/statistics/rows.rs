//! The result rows of statistics.

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

/// A group of messages. Dimensions that are not in `groupBy` are null.
#[derive(SimpleObject)]
pub(crate) struct MessageStats {
    /// The start of the time bucket in which the messages were sent.
    time: Option<DateTime>,
    /// The platform.
    platform: Option<Platform>,
    /// The id of the channel. Also null for the group of messages without a channel.
    channel_id: Option<String>,
    /// The type of content.
    #[graphql(name = "type")]
    kind: Option<MessageType>,
    /// The direction.
    direction: Option<Direction>,
    /// The number of messages.
    count: i32,
    /// The number of distinct conversations that the messages belong to.
    conversations: i32,
    /// The number of distinct customers that the messages belong to, without deleted ones.
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

/// A group of conversations. Dimensions that are not in `groupBy` are null.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ConversationStats {
    /// The start of the time bucket in which the conversations started. Also null for the group without a known start.
    time: Option<DateTime>,
    /// The platform.
    platform: Option<Platform>,
    /// The id of the channel. Also null for the group of conversations without a channel.
    channel_id: Option<String>,
    /// Whether the conversations are closed.
    is_closed: Option<bool>,
    /// The number of conversations.
    count: i32,
    /// The number of unread messages in these conversations: inbound messages that nobody in the team has read.
    unread: i32,
    /// The mean time in seconds from a conversation's first inbound message to the next outbound message, over the conversations
    /// that have both. Null if none has.
    first_response_seconds: Option<f64>,
    #[graphql(skip)]
    assignee_id: Option<String>,
}

#[ComplexObject]
impl ConversationStats {
    /// The assigned staff member. Also null for the group of unassigned conversations.
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

/// A group of tickets. Dimensions that are not in `groupBy` are null.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct TicketStats {
    /// The start of the time bucket in which the tickets were created. Also null for the group without a known creation time.
    time: Option<DateTime>,
    /// The urgency. Also null for the group of tickets without a level.
    level: Option<TicketLevel>,
    /// The status. Also null for the group of tickets without a status.
    status: Option<TicketStatus>,
    /// The CRM's id of the store. Also null for the group of tickets without a store.
    store_id: Option<String>,
    /// The CRM's id of the ticket type. Also null for the group of tickets without a type.
    type_id: Option<String>,
    /// The number of tickets.
    count: i32,
    /// The number of these tickets that are overdue at the time of the request: in process and past `dueAt`.
    overdue: i32,
    #[graphql(skip)]
    assignee_id: Option<String>,
}

#[ComplexObject]
impl TicketStats {
    /// The responsible staff member. Also null for the group of unassigned tickets.
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

/// A group of customers. Dimensions that are not in `groupBy` are null.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct CustomerStats {
    /// The start of the time bucket in which the customers were created. Also null for the group without a known creation time.
    time: Option<DateTime>,
    /// The name of the status. Also null for the group of customers without a status.
    status: Option<String>,
    /// The mobile carrier. Also null for the group of customers without one.
    telco: Option<String>,
    /// The number of customers.
    count: i32,
    #[graphql(skip)]
    manager_id: Option<String>,
}

#[ComplexObject]
impl CustomerStats {
    /// The staff member who manages the customers. Also null for the group of customers without a manager.
    async fn manager(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.manager_id.clone().map(StaffById)).await
    }
}

impl From<counted::CustomerStats> for CustomerStats {
    fn from(row: counted::CustomerStats) -> Self {
        Self {
            time: row.time.into_option().map(Into::into),
            status: row.status.into_option(),
            telco: row.telco.into_option(),
            count: int(row.count),
            manager_id: row.manager_id.into_option(),
        }
    }
}

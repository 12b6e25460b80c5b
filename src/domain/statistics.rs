//! Statistics: what can be counted, by what it can be grouped, and the rows that come of it. Where nothing was asked to be
//! told apart, there is one row over everything.

use super::{
    calendar::Interval,
    time::Timestamp,
    words::{MessageType, Platform, TicketLevel, TicketStatus},
    zone::Zone,
};

/// Rows of one statistic at most.
pub const MAX_ROWS: usize = 10_000;

/// What rows are told apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping<D> {
    /// The dimensions.
    pub dimensions: Vec<D>,
    /// The length of a bucket, where time is one of them.
    pub interval: Interval,
    /// The zone of hours, days, weeks and months.
    pub zone: Zone,
}

impl<D: PartialEq> Grouping<D> {
    /// Whether rows are told apart by this.
    pub fn is_by(&self, dimension: &D) -> bool {
        self.dimensions.contains(dimension)
    }
}

/// By what messages are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageDimension {
    /// When they were sent.
    Time,
    /// Platform.
    Platform,
    /// Id of the channel.
    Channel,
    /// Type.
    Type,
    /// Whether the business side sent them.
    Direction,
}

/// What is counted of messages only where it is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageCounts {
    /// Their conversations.
    pub conversations: bool,
    /// Their customers.
    pub customers: bool,
}

/// A group of messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageStats {
    /// The start of the bucket.
    pub time: Group<Timestamp>,
    /// Platform.
    pub platform: Group<Platform>,
    /// Channel.
    pub channel_id: Group<String>,
    /// Type.
    pub kind: Group<MessageType>,
    /// Direction.
    pub outbound: Group<bool>,
    /// How many messages.
    pub count: i64,
    /// In how many conversations; 0 unless wanted.
    pub conversations: i64,
    /// With how many customers, deleted ones aside; 0 unless wanted.
    pub customers: i64,
}

/// By what conversations are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConversationDimension {
    /// When they started.
    Time,
    /// Platform.
    Platform,
    /// Id of the channel.
    Channel,
    /// To whom they are assigned: a conversation counts under each.
    Assignee,
    /// Whether they are closed.
    IsClosed,
}

/// A group of conversations.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub struct ConversationStats {
    /// The start of the bucket.
    pub time: Group<Timestamp>,
    /// Platform.
    pub platform: Group<Platform>,
    /// Channel.
    pub channel_id: Group<String>,
    /// Staff id.
    pub assignee_id: Group<String>,
    /// Whether they are closed.
    pub is_closed: Group<bool>,
    /// How many conversations.
    pub count: i64,
    /// How many unread messages they have together.
    pub unread: i64,
    /// The mean time to the first response; `None` without one, or unless wanted.
    pub first_response_seconds: Option<f64>,
}

/// By what tickets are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TicketDimension {
    /// When they were created.
    Time,
    /// Level.
    Level,
    /// Status.
    Status,
    /// Staff in charge.
    Assignee,
    /// Store.
    Store,
    /// Id of the type.
    Type,
}

/// A group of tickets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TicketStats {
    /// The start of the bucket.
    pub time: Group<Timestamp>,
    /// Level.
    pub level: Group<TicketLevel>,
    /// Status.
    pub status: Group<TicketStatus>,
    /// Staff id.
    pub assignee_id: Group<String>,
    /// Store.
    pub store_id: Group<String>,
    /// Id of the type.
    pub type_id: Group<String>,
    /// How many tickets.
    pub count: i64,
    /// How many of them are in process and past their due time.
    pub overdue: i64,
}

/// By what customers are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CustomerDimension {
    /// When they were created.
    Time,
    /// Name of their status: a customer counts once under each name that its statuses have.
    Status,
    /// Who manages them.
    Manager,
    /// Phone carrier.
    Telco,
}

/// A group of customers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomerStats {
    /// The start of the bucket.
    pub time: Group<Timestamp>,
    /// Name of the status.
    pub status: Group<String>,
    /// Staff id.
    pub manager_id: Group<String>,
    /// Phone carrier.
    pub telco: Group<String>,
    /// How many customers.
    pub count: i64,
}

/// A key that customers have custom fields under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomFieldKey {
    /// The key as the CRM sends it: `cf_points`.
    pub key: String,
    /// How many customers have the field, deleted ones aside.
    pub customers: i64,
    /// Whether each of their values is one that a filter compares as a number.
    pub is_numeric: bool,
}

/// What a group has in common in one dimension, if rows are told apart by it and its rows have it. Groups without it come
/// last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group<T> {
    /// This.
    Of(T),
    /// Nothing.
    None,
}

impl<T> Group<T> {
    /// As an option.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Of(value) => Some(value),
            Self::None => None,
        }
    }
}

impl<T> From<Option<T>> for Group<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Self::Of)
    }
}

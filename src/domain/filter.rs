//! What a list or a subscription is narrowed to, and whether something fulfils it.
//!
//! Fields within one filter are combined by AND; an empty filter matches everything; `ne`, `notIn` and `not` are the exact
//! complement of their positive form, so a missing value counts as "not equal". Each filter has one SQL form
//! (`store::filter`) and one in-memory form, `matches`, here; a property test holds them equal. `matches` answers
//! [`Verdict::Unknown`] where the thing alone does not tell (relations, search): then the store is asked.

mod comparator;
mod matches;

pub use comparator::{BooleanFilter, DateTimeFilter, FloatFilter, IdFilter, IntFilter, Number, StringFilter, WordFilter};
pub use matches::Verdict;

use super::{
    id::SubjectIds,
    kind::EventKind,
    time::Timestamp,
    words::{ChatMode, MessageType, Platform, TicketLevel, TicketStatus},
};

/// A filter with its nesting: all of `and`, any of `or`, not `not`, and what the filter itself says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Logic<F> {
    /// All of these.
    pub and: Vec<F>,
    /// Any of these, when it is given; an empty list matches nothing.
    pub or: Option<Vec<F>>,
    /// Not this.
    pub not: Option<Box<F>>,
}

impl<F> Default for Logic<F> {
    fn default() -> Self {
        Self { and: Vec::new(), or: None, not: None }
    }
}

/// A list relation: at least one, none, or all of its members match.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListFilter<F> {
    /// At least one member matches.
    pub some: Option<Box<F>>,
    /// No member matches.
    pub none: Option<Box<F>>,
    /// Every member matches.
    pub every: Option<Box<F>>,
}

impl<F> Default for ListFilter<F> {
    fn default() -> Self {
        Self { some: None, none: None, every: None }
    }
}

/// Which customers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CustomerFilter {
    /// Nesting.
    pub logic: Logic<Self>,
    /// Whether a list shows deleted ones too; counts at the top of a list only.
    pub include_deleted: bool,
    /// Id.
    pub id: Option<IdFilter>,
    /// Name.
    pub name: Option<StringFilter>,
    /// Phone number as the CRM keeps it.
    pub phone: Option<StringFilter>,
    /// E-mail address.
    pub email: Option<StringFilter>,
    /// Note.
    pub note: Option<StringFilter>,
    /// Phone carrier.
    pub telco: Option<StringFilter>,
    /// Names of the statuses: any of them matches; the complements: none of them does.
    pub status: Option<StringFilter>,
    /// Manager.
    pub manager_id: Option<IdFilter>,
    /// Created.
    pub created_at: Option<DateTimeFilter>,
    /// Updated.
    pub updated_at: Option<DateTimeFilter>,
    /// Deleted.
    pub deleted_at: Option<DateTimeFilter>,
    /// Custom fields, all of these.
    pub custom_field: Vec<CustomFieldFilter>,
    /// Words to be found.
    pub search: Option<String>,
    /// Conversations.
    pub conversations: Option<ListFilter<ConversationFilter>>,
    /// Tickets, deleted ones aside.
    pub tickets: Option<ListFilter<TicketFilter>>,
}

/// A custom field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CustomFieldFilter {
    /// The key as sent, with its `cf_`.
    pub key: String,
    /// The value, where it is a text.
    pub value: Option<StringFilter>,
    /// The value, where it is a number.
    pub number: Option<FloatFilter>,
    /// Whether the customer has the field.
    pub exists: Option<bool>,
}

/// Which conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConversationFilter {
    /// Nesting.
    pub logic: Logic<Self>,
    /// Id.
    pub id: Option<IdFilter>,
    /// Customer.
    pub customer_id: Option<IdFilter>,
    /// Platform.
    pub platform: Option<WordFilter<Platform>>,
    /// Platform as sent.
    pub platform_name: Option<StringFilter>,
    /// Id of the channel.
    pub channel_id: Option<StringFilter>,
    /// Closed.
    pub is_closed: Option<BooleanFilter>,
    /// Chat mode.
    pub chat_mode: Option<WordFilter<ChatMode>>,
    /// Id of the person outside.
    pub contact_id: Option<StringFilter>,
    /// Name of the person outside.
    pub contact_name: Option<StringFilter>,
    /// Started.
    pub started_at: Option<DateTimeFilter>,
    /// Last message.
    pub last_message_at: Option<DateTimeFilter>,
    /// Unread messages.
    pub unread_count: Option<IntFilter>,
    /// Whether a customer was found.
    pub has_customer: Option<BooleanFilter>,
    /// To whom it is assigned.
    pub assignees: Option<ListFilter<StaffFilter>>,
    /// The customer, deleted or not.
    pub customer: Option<Box<CustomerFilter>>,
    /// Messages.
    pub messages: Option<ListFilter<MessageFilter>>,
}

/// Which messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MessageFilter {
    /// Nesting.
    pub logic: Logic<Self>,
    /// Id: the message's key.
    pub id: Option<IdFilter>,
    /// Conversation.
    pub conversation_id: Option<IdFilter>,
    /// Customer.
    pub customer_id: Option<IdFilter>,
    /// Platform.
    pub platform: Option<WordFilter<Platform>>,
    /// Platform as sent.
    pub platform_name: Option<StringFilter>,
    /// Whether the business side sent it.
    pub outbound: Option<OutboundFilter>,
    /// Type.
    pub kind: Option<WordFilter<MessageType>>,
    /// Type as sent.
    pub type_name: Option<StringFilter>,
    /// Content.
    pub text: Option<StringFilter>,
    /// Read.
    pub is_read: Option<BooleanFilter>,
    /// Sent.
    pub sent_at: Option<DateTimeFilter>,
    /// Id of the sender on the platform.
    pub sender_id: Option<StringFilter>,
    /// Name of the sender.
    pub sender_name: Option<StringFilter>,
    /// Id of the channel.
    pub channel_id: Option<StringFilter>,
    /// Whether it has attachments.
    pub has_attachments: Option<BooleanFilter>,
    /// Who has read it.
    pub read_by: Option<ListFilter<StaffFilter>>,
    /// Words to be found.
    pub search: Option<String>,
    /// The conversation.
    pub conversation: Option<Box<ConversationFilter>>,
    /// The customer, deleted or not.
    pub customer: Option<Box<CustomerFilter>>,
}

/// The direction of a message, as whether it is outbound.
pub type OutboundFilter = WordFilter<bool>;

/// Which tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TicketFilter {
    /// Nesting.
    pub logic: Logic<Self>,
    /// Whether a list shows deleted ones too; counts at the top of a list only.
    pub include_deleted: bool,
    /// Any id of the ticket.
    pub id: Option<IdFilter>,
    /// Title.
    pub name: Option<StringFilter>,
    /// Id of the type.
    pub type_id: Option<StringFilter>,
    /// Level.
    pub level: Option<WordFilter<TicketLevel>>,
    /// Level as sent.
    pub level_name: Option<StringFilter>,
    /// Status.
    pub status: Option<WordFilter<TicketStatus>>,
    /// Status as sent.
    pub status_name: Option<StringFilter>,
    /// Customer, seen or not.
    pub customer_id: Option<IdFilter>,
    /// Store.
    pub store_id: Option<StringFilter>,
    /// Staff in charge.
    pub assignee_id: Option<IdFilter>,
    /// Creator.
    pub created_by_id: Option<IdFilter>,
    /// Created.
    pub created_at: Option<DateTimeFilter>,
    /// Due.
    pub due_at: Option<DateTimeFilter>,
    /// Updated.
    pub updated_at: Option<DateTimeFilter>,
    /// In process and past its due time, at the given instant.
    pub is_overdue: Option<(BooleanFilter, Timestamp)>,
    /// Whether it has reminded.
    pub is_reminded: Option<BooleanFilter>,
    /// Words to be found.
    pub search: Option<String>,
    /// The customer, deleted or not, where it is seen.
    pub customer: Option<Box<CustomerFilter>>,
}

/// Which staff members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StaffFilter {
    /// Id.
    pub id: Option<IdFilter>,
    /// Name.
    pub name: Option<StringFilter>,
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventFilter {
    /// Kind.
    pub kind: Option<WordFilter<EventKind>>,
    /// Arrival.
    pub received_at: Option<DateTimeFilter>,
    /// What it is about: any id of it.
    pub subject: Option<SubjectIds>,
}

//! The eight kinds of event as values: the fields of each payload, after `reading` has applied the rules of docs/events.md.
//!
//! A field that a payload may omit, clear or set is a [`Field`]. JSON's loose types are already resolved here. Folding events
//! into stored state is done in `customer`, `conversation`, `message` and `ticket`.

use serde_json::Value;

use super::{kind::EventKind, time::Timestamp};

/// One field of a payload. A missing or unreadable field is [`Absent`](Self::Absent); `null`, `""` and `[]` clear
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// Missing or unreadable: the stored value stays.
    #[default]
    Absent,
    /// Clears the stored value.
    Clear,
    /// The new value.
    Set(T),
}

impl<T> Field<T> {
    /// The value, if one is set.
    pub fn set(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Clear => None,
        }
    }

    /// A reference to the value, if one is set.
    pub fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Clear => None,
        }
    }

    /// Whether the field is set or cleared.
    pub fn is_carried(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Applies the field to a stored value.
    pub fn write(&self, stored: &mut Option<T>)
    where
        T: Clone,
    {
        match self {
            Self::Absent => {}
            Self::Clear => *stored = None,
            Self::Set(value) => *stored = Some(value.clone()),
        }
    }

    /// `self` if it is set, else `second` if that is set. If neither is, the result is cleared when either one is.
    #[must_use]
    pub fn or(self, second: Self) -> Self {
        match (self, second) {
            (Self::Set(value), _) | (_, Self::Set(value)) => Self::Set(value),
            (Self::Clear, _) | (_, Self::Clear) => Self::Clear,
            (Self::Absent, Self::Absent) => Self::Absent,
        }
    }

    /// Maps the value; absent and cleared fields stay as they are.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Clear => Field::Clear,
            Self::Set(value) => Field::Set(f(value)),
        }
    }
}

/// The content of one webhook.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// docs/events.md §1
    Message(Box<MessageSent>),
    /// docs/events.md §2
    Status(StatusChanged),
    /// docs/events.md §3 and §4; which of the two is in [`CustomerSnapshot::created`]
    Customer(Box<CustomerSnapshot>),
    /// docs/events.md §5
    CustomerDeleted(CustomersDeleted),
    /// docs/events.md §6 and §7; which of the two is in [`TicketSnapshot::created`]
    Ticket(Box<TicketSnapshot>),
    /// docs/events.md §8: one of the ids of the ticket
    TicketDeleted {
        /// A `ticket_id`, `id` or `_id` of the ticket.
        id: String,
    },
}

impl Event {
    /// The kind of the event.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Message(_) => EventKind::MessageSent,
            Self::Status(_) => EventKind::ConversationStatusChanged,
            Self::Customer(snapshot) if snapshot.created => EventKind::CustomerCreated,
            Self::Customer(_) => EventKind::CustomerUpdated,
            Self::CustomerDeleted(_) => EventKind::CustomerDeleted,
            Self::Ticket(snapshot) if snapshot.created => EventKind::TicketCreated,
            Self::Ticket(_) => EventKind::TicketUpdated,
            Self::TicketDeleted { .. } => EventKind::TicketDeleted,
        }
    }
}

/// A staff member as mentioned in a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRef {
    /// The CRM's staff id.
    pub id: String,
    /// The name given with it, if any.
    pub name: Option<String>,
}

/// The sender or the recipient of a message.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Party {
    /// `from_id` / `to_id`
    pub id: Field<String>,
    /// `from_display_name` / `to_display_name`
    pub name: Field<String>,
    /// `from_avatar` / `to_avatar`
    pub avatar: Field<String>,
}

/// The channel of a message, from one of the four channel id fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRef {
    /// The field that holds the id.
    pub kind: super::words::ChannelKind,
    /// The id.
    pub id: String,
}

/// `message.sent` (docs/events.md §1).
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MessageSent {
    /// `message_id`; without one, a deterministic id made from conversation, time, sender and content.
    pub message_id: String,
    /// `conversation_id`
    pub conversation_id: String,
    /// `platform` as sent, else the platform of the channel (`zalo`, `facebook`, `web`, `email`), else `None`.
    pub platform: Option<String>,
    /// The channel id that is present.
    pub channel: Field<ChannelRef>,
    /// `app_id`
    pub app_id: Field<String>,
    /// `message`, decoded
    pub text: Field<String>,
    /// `message_short`, decoded
    pub preview: Field<String>,
    /// `type` as sent
    pub type_name: Field<String>,
    /// `attachments`: the raw items
    pub attachments: Field<Vec<Value>>,
    /// `payload`: any JSON except null
    pub payload: Field<Value>,
    /// `time`
    pub time: Field<Timestamp>,
    /// `time_create_at`
    pub created_at: Field<Timestamp>,
    /// `from_*`
    pub sender: Party,
    /// `to_*`
    pub recipient: Party,
    /// `name_response`
    pub responder_name: Field<String>,
    /// `avatar_response`
    pub responder_avatar: Field<String>,
    /// `is_platform_sender`: `true` when the business side sent it
    pub outbound: Field<bool>,
    /// `src`; only values of 32 bits, which GraphQL's Int can carry
    pub source: Field<i32>,
    /// `is_read`
    pub is_read: Field<bool>,
    /// `is_read_by_staff`: each staff member once, in the order sent
    pub read_by: Vec<StaffRef>,
    /// `is_create_contact`
    pub creates_contact: Field<bool>,
    /// `assign_by`: each staff member once, in the order sent
    pub assignees: Field<Vec<StaffRef>>,
    /// `assign_time`
    pub assigned_at: Field<Timestamp>,
    /// `start_time`, else `start_date`
    pub started_at: Option<Timestamp>,
    /// `is_closed`
    pub is_closed: Field<bool>,
    /// `chat_mode` as sent
    pub chat_mode: Field<String>,
}

impl MessageSent {
    /// The platform in lower case, as used in comparisons and ids; `unknown` if the payload does not identify it.
    pub fn platform_key(&self) -> String {
        self.platform.as_deref().map_or_else(|| super::words::UNKNOWN_PLATFORM.to_owned(), super::words::key)
    }

    /// The contact: the sender of an inbound message, the recipient of an outbound one.
    pub fn contact(&self) -> &Party {
        if matches!(self.outbound, Field::Set(true)) { &self.recipient } else { &self.sender }
    }

    /// When the message was sent: `time`, else `time_create_at`, else `received_at`.
    pub fn sent_at(&self, received_at: Timestamp) -> Timestamp {
        self.time.as_set().or(self.created_at.as_set()).copied().unwrap_or(received_at)
    }
}

/// `conversation.status_changed` (docs/events.md §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChanged {
    /// `conversation_id`
    pub conversation_id: String,
    /// `is_closed`, which this event requires
    pub is_closed: bool,
}

/// A social account of a customer: an item of `social` and the values read from it.
#[derive(Clone, Debug, PartialEq)]
pub struct SocialAccount {
    /// The platform as sent, if readable.
    pub platform: Option<String>,
    /// The account's id on that platform, if readable.
    pub source_id: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The address of the profile.
    pub url: Option<String>,
    /// The item as received.
    pub raw: Value,
}

/// A status of a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerStatus {
    /// `id`
    pub source_id: Option<String>,
    /// `value`
    pub name: Option<String>,
    /// `color`, when r, g and b could be read
    pub color: Option<Color>,
}

/// A colour: components from 0 to 255, opacity from 0 to 1 (1 if missing).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Color {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
    /// Opacity.
    pub a: f64,
}

/// `customer.created` and `customer.updated` (docs/events.md §3, §4).
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CustomerSnapshot {
    /// Whether it came as `customer.created`.
    pub created: bool,
    /// `id`, else `_id`
    pub id: String,
    /// `system_name`
    pub name: Field<String>,
    /// `system_phone`
    pub phone: Field<String>,
    /// `system_email`
    pub email: Field<String>,
    /// `note`
    pub note: Field<String>,
    /// `system_telco`
    pub telco: Field<String>,
    /// `social`
    pub social: Field<Vec<SocialAccount>>,
    /// `status`
    pub statuses: Field<Vec<CustomerStatus>>,
    /// `manager`, else `system_manager` with its name
    pub manager: Field<StaffRef>,
    /// `system_create_by` with its name
    pub created_by: Field<StaffRef>,
    /// `system_update_by` with its name
    pub updated_by: Field<StaffRef>,
    /// `createdAt`, else `system_date_create`
    pub created_at: Field<Timestamp>,
    /// `updatedAt`, else `system_date_update`
    pub updated_at: Field<Timestamp>,
    /// Each `cf_*` with its key as sent, in key order.
    pub custom_fields: Vec<(String, Field<Value>)>,
}

/// `customer.deleted` (docs/events.md §5).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CustomersDeleted {
    /// `deletedContactIds` then `deletedPotentialIds`, each id once.
    pub ids: Vec<String>,
    /// `deletedCount`, informative
    pub count: Option<i64>,
}

/// How long before the due time a reminder for a ticket is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// `time_notify`, at least 0
    pub amount: i32,
    /// `time_notify_unit`
    pub unit: super::words::ReminderUnit,
}

/// `ticket.created` and `ticket.updated` (docs/events.md §6, §7).
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TicketSnapshot {
    /// Whether it came as `ticket.created`.
    pub created: bool,
    /// `ticket_id`
    pub ticket_id: Option<String>,
    /// `id` and `_id`, each once; with `ticket_id` at least one id is there.
    pub object_ids: Vec<String>,
    /// `name`
    pub name: Field<String>,
    /// `description`
    pub description: Field<String>,
    /// `type_ticket`
    pub type_id: Field<String>,
    /// `level` as sent
    pub level: Field<String>,
    /// `status` as sent
    pub status: Field<String>,
    /// `customer`
    pub customer_id: Field<String>,
    /// `employee` with `nameStaff`
    pub assignee: Field<StaffRef>,
    /// `created_by`
    pub created_by: Field<StaffRef>,
    /// `store_id`
    pub store_id: Field<String>,
    /// `date_created_timestamp`, else `date_created`, else `createdAt`
    pub created_at: Field<Timestamp>,
    /// `date_expire_timestamp`, else `date_expire`
    pub due_at: Field<Timestamp>,
    /// `updatedAt`
    pub updated_at: Field<Timestamp>,
    /// `time_notify` with `time_notify_unit`; cleared when either is empty or unreadable
    pub reminder: Field<Reminder>,
    /// `is_remind`
    pub is_reminded: Field<bool>,
    /// `file_path`: the raw items
    pub attachments: Field<Vec<Value>>,
}

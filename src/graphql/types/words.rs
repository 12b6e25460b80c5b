//! The enums, which classify strings that the CRM sends. Where the CRM may add values at any time, `OTHER` stands for a value
//! that is not listed here, and a neighboring field (`platformName`, `typeName`, …) has the string as it was sent.

use async_graphql::Enum;

use crate::domain::{kind, words};

/// The platform of a conversation or message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::Platform")]
pub(crate) enum Platform {
    /// Zalo.
    Zalo,
    /// Facebook.
    Facebook,
    /// Live chat on a website.
    Web,
    /// Email.
    Email,
    /// A platform that is not in this list, or unknown. `platformName` has its name.
    Other,
}

/// The direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum Direction {
    /// From the contact to the business.
    Inbound,
    /// From the business to the contact.
    Outbound,
}

/// Whether it is outbound.
impl From<Direction> for bool {
    fn from(direction: Direction) -> Self {
        direction == Direction::Outbound
    }
}

/// The type of a message's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::MessageType")]
pub(crate) enum MessageType {
    /// Text.
    Text,
    /// An image.
    Image,
    /// An audio recording.
    Audio,
    /// A video.
    Video,
    /// A file.
    File,
    /// A sticker.
    Sticker,
    /// A geographic location.
    Location,
    /// A link.
    Link,
    /// A type that is not in this list. `typeName` has its name.
    Other,
}

/// Who in the team may see a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::ChatMode")]
pub(crate) enum ChatMode {
    /// Everyone in the team.
    Public,
    /// Only the staff members that the conversation is assigned to.
    Private,
    /// A mode that is not in this list.
    Other,
}

/// The kind of a channel: what its `sourceId` identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::ChannelKind")]
pub(crate) enum ChannelKind {
    /// A Zalo Official Account.
    ZaloOa,
    /// A Facebook page.
    FacebookPage,
    /// A website with live chat.
    Website,
    /// An email sender.
    EmailSender,
    /// An unknown kind of channel.
    Other,
}

/// The urgency of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::TicketLevel")]
pub(crate) enum TicketLevel {
    /// Low urgency.
    Low,
    /// Medium urgency.
    Medium,
    /// High urgency.
    High,
    /// A level that is not in this list. `levelName` has its name.
    Other,
}

/// The status of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::TicketStatus")]
pub(crate) enum TicketStatus {
    /// The ticket is open and being worked on.
    Process,
    /// The ticket is done.
    Done,
    /// The ticket was canceled.
    Cancel,
    /// A status that is not in this list. `statusName` has its name.
    Other,
}

/// The unit of time of a reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::ReminderUnit")]
pub(crate) enum ReminderUnit {
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days.
    Day,
}

/// The kind of an event: the CRM's webhook that delivered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "kind::EventKind")]
pub(crate) enum EventKind {
    /// A message was sent in either direction, or a known message was sent again with changes.
    MessageSent,
    /// A conversation was closed or reopened.
    ConversationStatusChanged,
    /// A customer was created.
    CustomerCreated,
    /// A customer was updated.
    CustomerUpdated,
    /// One or more customers were deleted.
    CustomerDeleted,
    /// A ticket was created.
    TicketCreated,
    /// A ticket was updated.
    TicketUpdated,
    /// A ticket was deleted.
    TicketDeleted,
}

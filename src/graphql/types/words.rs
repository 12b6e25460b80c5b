//! The enums: readings of the CRM's words. Where the CRM's list is open, OTHER stands for what is not in it, and the field
//! beside it gives the word as it was sent.

use async_graphql::Enum;

use crate::domain::{kind, words};

/// Where a conversation takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::Platform")]
pub(crate) enum Platform {
    /// Zalo.
    Zalo,
    /// Facebook.
    Facebook,
    /// The live chat of a web site.
    Web,
    /// E-mail.
    Email,
    /// A platform that is not in this list, or is not known: `platformName` tells its name.
    Other,
}

/// Who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum Direction {
    /// The person outside, to the business.
    Inbound,
    /// The business, to the person outside.
    Outbound,
}

/// Whether it is outbound.
impl From<Direction> for bool {
    fn from(direction: Direction) -> Self {
        direction == Direction::Outbound
    }
}

/// What a message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::MessageType")]
pub(crate) enum MessageType {
    /// Text.
    Text,
    /// An image.
    Image,
    /// A sound.
    Audio,
    /// A film.
    Video,
    /// A file.
    File,
    /// A sticker.
    Sticker,
    /// A place on a map.
    Location,
    /// A link.
    Link,
    /// A type that is not in this list: `typeName` tells its name.
    Other,
}

/// Who of the team may see a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::ChatMode")]
pub(crate) enum ChatMode {
    /// Everyone.
    Public,
    /// Those it is assigned to.
    Private,
    /// A mode that is not in this list.
    Other,
}

/// Which kind of channel a message came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::ChannelKind")]
pub(crate) enum ChannelKind {
    /// A Zalo Official Account: `sourceId` is its id.
    ZaloOa,
    /// A Facebook page: `sourceId` is its id.
    FacebookPage,
    /// A web site with live chat: `sourceId` is its id.
    Website,
    /// An e-mail sender: `sourceId` is its id.
    EmailSender,
    /// Not known.
    Other,
}

/// How urgent a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::TicketLevel")]
pub(crate) enum TicketLevel {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// A level that is not in this list: `levelName` tells its name.
    Other,
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "words::TicketStatus")]
pub(crate) enum TicketStatus {
    /// It is being worked on.
    Process,
    /// It is done.
    Done,
    /// It was called off.
    Cancel,
    /// A status that is not in this list: `statusName` tells its name.
    Other,
}

/// The unit of a reminder.
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

/// Which of the CRM's webhooks an event came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "kind::EventKind")]
pub(crate) enum EventKind {
    /// A message was sent, in either direction; also when a known message is reported again with a change.
    MessageSent,
    /// A conversation was closed or opened.
    ConversationStatusChanged,
    /// A customer was added.
    CustomerCreated,
    /// A customer was changed.
    CustomerUpdated,
    /// One or more customers were deleted.
    CustomerDeleted,
    /// A ticket was added.
    TicketCreated,
    /// A ticket was changed.
    TicketUpdated,
    /// A ticket was deleted.
    TicketDeleted,
}

//! The filter fields and relations of conversations.

use super::{Collection, Customers, IdOf, Kind, Members, Messages, Predicate, StaffMembers, Value, WordList, fields, relations};
use crate::domain::{
    conversation::Conversation,
    time::Timestamp,
    words::{ChatMode, Platform, UNKNOWN_PLATFORM},
};

/// Conversations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Conversations;

fields! {
    /// The fields of a conversation.
    ConversationField {
        Id: Kind::Id(IdOf::Conversation),
        CustomerId: Kind::Id(IdOf::Customer),
        Platform: Kind::Word(WordList::Platform),
        /// Platform as the CRM names it.
        PlatformName: Kind::Text,
        ChannelId: Kind::Text,
        IsClosed: Kind::Boolean,
        ChatMode: Kind::Word(WordList::ChatMode),
        /// Id of the contact on the platform.
        ContactId: Kind::Text,
        ContactName: Kind::Text,
        AssignedAt: Kind::Time,
        StartedAt: Kind::Time,
        /// Time of its last message.
        LastMessageAt: Kind::Time,
        MessageCount: Kind::Int,
        /// Number of unread inbound messages.
        UnreadCount: Kind::Int,
        /// Whether it is linked to a customer.
        HasCustomer: Kind::Boolean,
    }
}

relations! {
    /// The relations of a conversation.
    ConversationRelation, named ConversationRelationName {
        /// Its assigned staff members.
        Assignees(Members<StaffMembers>),
        /// Its customer, deleted or not.
        Customer(Box<Predicate<Customers>>),
        /// Its messages.
        Messages(Members<Messages>),
    }
}

impl Collection for Conversations {
    type Object = Conversation;
    type Field = ConversationField;
    type Relation = ConversationRelation;

    fn value(conversation: &Conversation, field: ConversationField, _: Timestamp) -> Value<'_> {
        let platform_name = conversation.platform_name.as_deref().unwrap_or(UNKNOWN_PLATFORM);
        match field {
            ConversationField::Id => conversation.id.as_str().into(),
            ConversationField::CustomerId => conversation.customer_id.as_deref().into(),
            ConversationField::Platform => Value::Word(Platform::of(platform_name).word()),
            ConversationField::PlatformName => platform_name.into(),
            ConversationField::ChannelId => conversation.channel.as_ref().map(|channel| channel.id.as_str()).into(),
            ConversationField::IsClosed => conversation.is_closed.into(),
            ConversationField::ChatMode => {
                conversation.chat_mode.as_deref().map_or(Value::Absent, |mode| Value::Word(ChatMode::of(mode).word()))
            }
            ConversationField::ContactId => conversation.contact.source_id.as_deref().into(),
            ConversationField::ContactName => conversation.contact.name.as_deref().into(),
            ConversationField::AssignedAt => conversation.assigned_at.into(),
            ConversationField::StartedAt => conversation.started_at.into(),
            ConversationField::LastMessageAt => conversation.last_message_at.into(),
            ConversationField::MessageCount => conversation.message_count.into(),
            ConversationField::UnreadCount => conversation.unread_count.into(),
            ConversationField::HasCustomer => conversation.customer_id.is_some().into(),
        }
    }
}

//! The filter fields and relations of messages.

use super::{
    Collection, Conversations, Customers, IdOf, Kind, Members, Predicate, StaffMembers, Value, WordList, fields, relations,
};
use crate::domain::{message::Message, time::Timestamp, words::Platform};

/// Messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Messages;

fields! {
    /// The fields of a message.
    MessageField {
        /// Id: the message's key.
        Id: Kind::Id(IdOf::Message),
        ConversationId: Kind::Id(IdOf::Conversation),
        /// Id of the conversation's customer.
        CustomerId: Kind::Id(IdOf::Customer),
        Platform: Kind::Word(WordList::Platform),
        /// Platform as the CRM names it.
        PlatformName: Kind::Text,
        /// Whether the business or the contact sent it.
        Direction: Kind::Word(WordList::Direction),
        Type: Kind::Word(WordList::MessageType),
        /// Type as the CRM names it.
        TypeName: Kind::Text,
        Text: Kind::Text,
        IsRead: Kind::Boolean,
        SentAt: Kind::Time,
        CreatedAt: Kind::Time,
        /// Id of the sender on the platform.
        SenderId: Kind::Text,
        SenderName: Kind::Text,
        ChannelId: Kind::Text,
        HasAttachments: Kind::Boolean,
    }
}

relations! {
    /// The relations of a message.
    MessageRelation, named MessageRelationName {
        /// The staff members who have read it.
        ReadBy(Members<StaffMembers>),
        /// Words of its text.
        Search(String),
        /// Its conversation.
        Conversation(Box<Predicate<Conversations>>),
        /// Its customer, deleted or not.
        Customer(Box<Predicate<Customers>>),
    }
}

impl Collection for Messages {
    type Object = Message;
    type Field = MessageField;
    type Relation = MessageRelation;

    fn value(message: &Message, field: MessageField, _: Timestamp) -> Value<'_> {
        match field {
            MessageField::Id => message.key.as_str().into(),
            MessageField::ConversationId => message.conversation_id.as_str().into(),
            MessageField::CustomerId => message.customer_id.as_deref().into(),
            MessageField::Platform => Value::Word(Platform::of(&message.platform).word()),
            MessageField::PlatformName => message.platform_name.as_str().into(),
            MessageField::Direction => message.outbound.into(),
            MessageField::Type => Value::Word(message.kind().word()),
            MessageField::TypeName => message.type_name.as_deref().into(),
            MessageField::Text => message.text.as_deref().into(),
            MessageField::IsRead => message.is_read.into(),
            MessageField::SentAt => message.sent_at.into(),
            MessageField::CreatedAt => message.created_at.into(),
            MessageField::SenderId => message.sender.source_id.as_deref().into(),
            MessageField::SenderName => message.sender.name.as_deref().into(),
            MessageField::ChannelId => message.channel.as_ref().map(|channel| channel.id.as_str()).into(),
            MessageField::HasAttachments => (!message.attachments.is_empty()).into(),
        }
    }
}

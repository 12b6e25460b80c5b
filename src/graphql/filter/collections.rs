//! The names and descriptions of the API's filter fields.

use super::{Described, RelationInput};
use crate::domain::filter::{
    ConversationField, ConversationRelation, ConversationRelationName, Conversations, CustomerField, CustomerRelation,
    CustomerRelationName, Customers, EventField, EventRelation, EventRelationName, Events, IdOf, Kind, MessageField,
    MessageRelation, MessageRelationName, Messages, StaffField, StaffMembers, StaffRelationName, TicketField, TicketRelation,
    TicketRelationName, Tickets,
};

const STAFF_LIST: (&str, &str) = ("StaffListFilter", "Conditions on a list of staff members, combined by AND.");
const CONVERSATION_LIST: (&str, &str) =
    ("ConversationListFilter", "Conditions on the conversations of an object, combined by AND.");
const MESSAGE_LIST: (&str, &str) = ("MessageListFilter", "Conditions on the messages of an object, combined by AND.");
const TICKET_LIST: (&str, &str) =
    ("TicketListFilter", "Conditions on the tickets of an object, combined by AND. Deleted tickets are not members.");

impl Described for Messages {
    const NAME: &'static str = "MessageFilter";
    const DESCRIPTION: &'static str = "Selects messages. Fields are combined by AND; `{}` matches every message.";
    const NESTS: bool = true;

    fn field(field: MessageField) -> (&'static str, &'static str) {
        match field {
            MessageField::Id => ("id", "The message's id."),
            MessageField::ConversationId => ("conversationId", "The conversation's id."),
            MessageField::CustomerId => ("customerId", "The id of the conversation's customer."),
            MessageField::Platform => ("platform", "The platform."),
            MessageField::PlatformName => ("platformName", "The platform as the CRM names it, for platforms that are `OTHER`."),
            MessageField::Direction => ("direction", "Inbound or outbound."),
            MessageField::Type => ("type", "The type of the content."),
            MessageField::TypeName => ("typeName", "The type as the CRM names it, for types that are `OTHER`."),
            MessageField::Text => ("text", "The text of the message."),
            MessageField::IsRead => ("isRead", "Whether the message was read."),
            MessageField::SentAt => ("sentAt", "The time when the message was sent."),
            MessageField::CreatedAt => ("createdAt", "The time when the message was created on its platform."),
            MessageField::SenderId => ("senderId", "The sender's id on the platform."),
            MessageField::SenderName => ("senderName", "The sender's name."),
            MessageField::ChannelId => ("channelId", "The id of the channel: Zalo OA, Facebook page, web site or e-mail sender."),
            MessageField::HasAttachments => ("hasAttachments", "Whether the message has attachments."),
        }
    }

    fn relation(name: MessageRelationName) -> RelationInput<Self> {
        match name {
            MessageRelationName::ReadBy => {
                RelationInput::many("readBy", "The staff members who have read the message.", STAFF_LIST, MessageRelation::ReadBy)
            }
            MessageRelationName::Search => RelationInput::search(
                "search",
                "Words that occur in the text, whole or as the start of a word, with or without diacritics: what the field \
                 `search` finds.",
                MessageRelation::Search,
            ),
            MessageRelationName::Conversation => {
                RelationInput::one("conversation", "The conversation that the message belongs to.", MessageRelation::Conversation)
            }
            MessageRelationName::Customer => RelationInput::one(
                "customer",
                "The customer of the conversation, deleted or not. A message without a customer does not match.",
                MessageRelation::Customer,
            ),
        }
    }
}

impl Described for Conversations {
    const NAME: &'static str = "ConversationFilter";
    const DESCRIPTION: &'static str = "Selects conversations. Fields are combined by AND; `{}` matches every conversation.";
    const NESTS: bool = true;

    fn field(field: ConversationField) -> (&'static str, &'static str) {
        match field {
            ConversationField::Id => ("id", "The conversation's id."),
            ConversationField::CustomerId => ("customerId", "The customer's id."),
            ConversationField::Platform => ("platform", "The platform."),
            ConversationField::PlatformName => {
                ("platformName", "The platform as the CRM names it, for platforms that are `OTHER`.")
            }
            ConversationField::ChannelId => {
                ("channelId", "The id of the channel: Zalo OA, Facebook page, web site or e-mail sender.")
            }
            ConversationField::IsClosed => ("isClosed", "Whether the conversation is closed."),
            ConversationField::ChatMode => ("chatMode", "Which members of the team may see the conversation."),
            ConversationField::ContactId => ("contactId", "The contact's id on the platform."),
            ConversationField::ContactName => ("contactName", "The contact's name."),
            ConversationField::AssignedAt => ("assignedAt", "The time when the conversation was last assigned."),
            ConversationField::StartedAt => ("startedAt", "The time when the conversation started."),
            ConversationField::LastMessageAt => ("lastMessageAt", "The time when the last message was sent."),
            ConversationField::MessageCount => ("messageCount", "The number of messages."),
            ConversationField::UnreadCount => ("unreadCount", "The number of inbound messages that nobody has read."),
            ConversationField::HasCustomer => ("hasCustomer", "Whether the conversation is linked to a customer."),
        }
    }

    fn relation(name: ConversationRelationName) -> RelationInput<Self> {
        match name {
            ConversationRelationName::Assignees => RelationInput::many(
                "assignees",
                "The staff members to whom the conversation is assigned.",
                STAFF_LIST,
                ConversationRelation::Assignees,
            ),
            ConversationRelationName::Customer => RelationInput::one(
                "customer",
                "The customer, deleted or not. A conversation without a customer does not match.",
                ConversationRelation::Customer,
            ),
            ConversationRelationName::Messages => {
                RelationInput::many("messages", "The messages of the conversation.", MESSAGE_LIST, ConversationRelation::Messages)
            }
        }
    }
}

impl Described for Customers {
    const NAME: &'static str = "CustomerFilter";
    const DESCRIPTION: &'static str = "Selects customers. Fields are combined by AND; `{}` matches every customer.";
    const NESTS: bool = true;

    fn field(field: CustomerField) -> (&'static str, &'static str) {
        match field {
            CustomerField::Id => ("id", "The customer's id."),
            CustomerField::Name => ("name", "The name."),
            CustomerField::Phone => ("phone", "The phone number as the CRM writes it; `search` finds it in any notation."),
            CustomerField::Email => ("email", "The e-mail address."),
            CustomerField::Note => ("note", "The note."),
            CustomerField::Telco => ("telco", "The phone carrier."),
            CustomerField::ManagerId => ("managerId", "The manager's id."),
            CustomerField::CreatedById => ("createdById", "The id of the staff member who created the customer."),
            CustomerField::CreatedAt => ("createdAt", "The time when the CRM created the customer."),
            CustomerField::UpdatedAt => ("updatedAt", "The time when the CRM last updated the customer."),
            CustomerField::DeletedAt => {
                ("deletedAt", "The time when the customer was deleted; use it together with `includeDeleted`.")
            }
        }
    }

    fn relation(name: CustomerRelationName) -> RelationInput<Self> {
        match name {
            CustomerRelationName::Status => RelationInput::compared(
                "status",
                "The names of the statuses. One status has to match; with `ne` and `notIn`, no status may be the named one. \
                 Example: `{status: {eq: \"Tiềm năng\"}}`.",
                Kind::Text,
                CustomerRelation::Status,
            ),
            CustomerRelationName::CustomField => RelationInput::custom_fields(
                "customField",
                "Custom fields; all conditions have to match. Example: `{customField: [{key: \"cf_points\", number: {gte: 100}}]}`.",
                CustomerRelation::CustomField,
            ),
            CustomerRelationName::Search => RelationInput::search(
                "search",
                "Words that occur in the name, e-mail address or note, or a phone number in any notation: what the field `search` \
                 finds.",
                CustomerRelation::Search,
            ),
            CustomerRelationName::Conversations => RelationInput::many(
                "conversations",
                "The conversations with the customer.",
                CONVERSATION_LIST,
                CustomerRelation::Conversations,
            ),
            CustomerRelationName::Tickets => RelationInput::many(
                "tickets",
                "The tickets of the customer. Deleted tickets are not members.",
                TICKET_LIST,
                CustomerRelation::Tickets,
            ),
        }
    }
}

impl Described for Tickets {
    const NAME: &'static str = "TicketFilter";
    const DESCRIPTION: &'static str = "Selects tickets. Fields are combined by AND; `{}` matches every ticket.";
    const NESTS: bool = true;

    fn field(field: TicketField) -> (&'static str, &'static str) {
        match field {
            TicketField::Name => ("name", "The title."),
            TicketField::TypeId => ("typeId", "The id of the ticket type."),
            TicketField::Level => ("level", "The level."),
            TicketField::LevelName => ("levelName", "The level as the CRM names it, for levels that are `OTHER`."),
            TicketField::Status => ("status", "The status."),
            TicketField::StatusName => ("statusName", "The status as the CRM names it, for statuses that are `OTHER`."),
            TicketField::CustomerId => ("customerId", "The customer's id, whether or not that customer is known here."),
            TicketField::StoreId => ("storeId", "The id of the store."),
            TicketField::AssigneeId => ("assigneeId", "The id of the staff member in charge."),
            TicketField::CreatedById => ("createdById", "The id of the staff member who created the ticket."),
            TicketField::CreatedAt => ("createdAt", "The time when the ticket was created."),
            TicketField::DueAt => ("dueAt", "The time when the ticket is due."),
            TicketField::UpdatedAt => ("updatedAt", "The time when the ticket was last updated."),
            TicketField::DeletedAt => {
                ("deletedAt", "The time when the ticket was deleted; use it together with `includeDeleted`.")
            }
            TicketField::IsOverdue => ("isOverdue", "Whether the ticket is in process and past its due time now."),
            TicketField::IsReminded => ("isReminded", "Whether the reminder was sent."),
        }
    }

    fn relation(name: TicketRelationName) -> RelationInput<Self> {
        match name {
            TicketRelationName::Id => {
                RelationInput::compared("id", "Any id that the ticket has or had.", Kind::Id(IdOf::Ticket), TicketRelation::Id)
            }
            TicketRelationName::Search => RelationInput::search(
                "search",
                "Words that occur in the title or the description, whole or as the start of a word: what the field `search` finds.",
                TicketRelation::Search,
            ),
            TicketRelationName::Customer => RelationInput::one(
                "customer",
                "The customer, deleted or not. A ticket whose customer is not known does not match.",
                TicketRelation::Customer,
            ),
        }
    }
}

impl Described for Events {
    const NAME: &'static str = "EventFilter";
    const DESCRIPTION: &'static str = "Selects stored events. Fields are combined by AND; `{}` matches every event.";
    const NESTS: bool = false;

    fn field(field: EventField) -> (&'static str, &'static str) {
        match field {
            EventField::Kind => ("kind", "The kind."),
            EventField::ReceivedAt => ("receivedAt", "The time when the event arrived."),
        }
    }

    fn relation(name: EventRelationName) -> RelationInput<Self> {
        match name {
            EventRelationName::Subject => RelationInput::subject(
                "subjectId",
                "The id of the customer, conversation, message or ticket that the event is about, global or the CRM's own.",
                EventRelation::Subject,
            ),
        }
    }
}

impl Described for StaffMembers {
    const NAME: &'static str = "StaffFilter";
    const DESCRIPTION: &'static str = "Selects staff members. Fields are combined by AND; `{}` matches every staff member.";
    const NESTS: bool = false;

    fn field(field: StaffField) -> (&'static str, &'static str) {
        match field {
            StaffField::Id => ("id", "The staff member's id."),
            StaffField::Name => ("name", "The name."),
        }
    }

    fn relation(name: StaffRelationName) -> RelationInput<Self> {
        match name {}
    }
}

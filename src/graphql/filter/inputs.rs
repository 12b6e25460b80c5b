//! The filters of the six types, field by field: what each is called, what it means, and what it becomes in `domain`.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::{
    at::At,
    comparators::{
        BooleanFilter, ChatModeFilter, DateTimeFilter, DirectionFilter, EventKindFilter, FloatFilter, IdFilter, IntFilter,
        MessageTypeFilter, PlatformFilter, StringFilter, TicketLevelFilter, TicketStatusFilter, subject,
    },
};
use crate::{
    domain::{filter, text, time::Timestamp},
    graphql::error::Result,
};

/// A filter: `field: Input => domain_field by reader`, where the reader turns the input into the domain's value.
macro_rules! filter {
    (
        $(#[$doc:meta])* $name:ident $(nests $nested:ident)? {
            $($(#[$field_doc:meta])* $graphql:literal $field:ident: $input:ty => $target:ident by $read:expr,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Default, InputObject)]
        pub(crate) struct $name {
            $(
                /// All of these filters match; an empty list matches everything.
                and: MaybeUndefined<Vec<$nested>>,
                /// At least one of these filters matches; an empty list matches nothing.
                or: MaybeUndefined<Vec<$nested>>,
                /// This filter does not match: the exact complement, so what has no value is in it.
                not: MaybeUndefined<Box<$nested>>,
            )?
            $($(#[$field_doc])* #[graphql(name = $graphql)] $field: MaybeUndefined<$input>,)+
        }

        impl $name {
            /// What it means.
            pub(crate) fn read(self, at: &At<'_>) -> Result<filter::$name> {
                let at = &at.nested()?;
                let mut read = filter::$name::default();
                $(
                    let many = |name, filters| -> Result<Option<Vec<filter::$nested>>> {
                        let at = at.field(name);
                        let Some(filters): Option<Vec<$nested>> = at.given(filters)? else { return Ok(None) };
                        at.count(filters.len())?;
                        filters.into_iter().map(|part| part.read(&at)).collect::<Result<_>>().map(Some)
                    };
                    read.logic.and = many("and", self.and)?.unwrap_or_default();
                    read.logic.or = many("or", self.or)?;
                    let negated = at.field("not");
                    read.logic.not = negated.given(self.not)?.map(|part| part.read(&negated).map(Box::new)).transpose()?;
                )?
                $(
                    let place = at.field($graphql);
                    if let Some(given) = place.given(self.$field)? {
                        let reader: fn($input, &At<'_>) -> Result<_> = $read;
                        read.$target = reader(given, &place)?.into();
                    }
                )+
                Ok(read)
            }
        }
    };
}

/// A list relation: at least one, none, or all of the members match.
macro_rules! list_filter {
    ($(#[$doc:meta])* $name:ident of $member:ident) => {
        $(#[$doc])*
        #[derive(Clone, Default, InputObject)]
        pub(crate) struct $name {
            /// At least one member matches; `{}` asks that there is one.
            some: MaybeUndefined<Box<$member>>,
            /// No member matches; `{}` asks that there is none.
            none: MaybeUndefined<Box<$member>>,
            /// Every member matches; also true where there is none.
            every: MaybeUndefined<Box<$member>>,
        }

        impl $name {
            fn read(self, at: &At<'_>) -> Result<filter::ListFilter<filter::$member>> {
                let one = |name, part| -> Result<Option<Box<filter::$member>>> {
                    let at = at.field(name);
                    at.given(part)?.map(|part: Box<$member>| part.read(&at).map(Box::new)).transpose()
                };
                Ok(filter::ListFilter { some: one("some", self.some)?, none: one("none", self.none)?, every: one("every", self.every)? })
            }
        }
    };
}

/// Words to search for.
#[expect(clippy::unnecessary_wraps, reason = "read like every other part of a filter")]
fn words(mut words: String, _: &At<'_>) -> Result<String> {
    if words.contains('\0') {
        words = text::without_nul(&words);
    }
    Ok(words)
}

fn conversation(part: Box<ConversationFilter>, at: &At<'_>) -> Result<Box<filter::ConversationFilter>> {
    part.read(at).map(Box::new)
}

fn customer(part: Box<CustomerFilter>, at: &At<'_>) -> Result<Box<filter::CustomerFilter>> {
    part.read(at).map(Box::new)
}

fn overdue(is: BooleanFilter, at: &At<'_>) -> Result<(filter::BooleanFilter, Timestamp)> {
    Ok((is.read(at)?, at.now()))
}

fn custom_fields(fields: Vec<CustomFieldFilter>, at: &At<'_>) -> Result<Vec<filter::CustomFieldFilter>> {
    at.count(fields.len())?;
    fields.into_iter().map(|field| field.read(at)).collect()
}

filter! {
    /// Which messages. Fields beside each other are combined by AND; `{}` matches all.
    MessageFilter nests MessageFilter {
        /// The message's id.
        "id" id: IdFilter => id by IdFilter::messages,
        /// The conversation's id.
        "conversationId" conversation_id: IdFilter => conversation_id by IdFilter::conversations,
        /// The id of the conversation's customer.
        "customerId" customer_id: IdFilter => customer_id by IdFilter::customers,
        /// The platform.
        "platform" platform: PlatformFilter => platform by PlatformFilter::read,
        /// The platform as the CRM names it, for those that are `OTHER`.
        "platformName" platform_name: StringFilter => platform_name by StringFilter::read,
        /// Inbound or outbound.
        "direction" direction: DirectionFilter => outbound by DirectionFilter::read,
        /// The type.
        "type" kind: MessageTypeFilter => kind by MessageTypeFilter::read,
        /// The type as the CRM names it, for those that are `OTHER`.
        "typeName" type_name: StringFilter => type_name by StringFilter::read,
        /// The content.
        "text" text: StringFilter => text by StringFilter::read,
        /// Whether it was read.
        "isRead" is_read: BooleanFilter => is_read by BooleanFilter::read,
        /// When it was sent.
        "sentAt" sent_at: DateTimeFilter => sent_at by DateTimeFilter::read,
        /// The sender's id on the platform.
        "senderId" sender_id: StringFilter => sender_id by StringFilter::read,
        /// The sender's name.
        "senderName" sender_name: StringFilter => sender_name by StringFilter::read,
        /// The id of the channel: Zalo OA, Facebook page, web site or e-mail sender.
        "channelId" channel_id: StringFilter => channel_id by StringFilter::read,
        /// Whether it has attachments.
        "hasAttachments" has_attachments: BooleanFilter => has_attachments by BooleanFilter::read,
        /// The staff members who have read it.
        "readBy" read_by: StaffListFilter => read_by by StaffListFilter::read,
        /// Words that occur in it, whole or as beginnings, with or without diacritics: what `search` finds.
        "search" search: String => search by words,
        /// The conversation it belongs to.
        "conversation" conversation: Box<ConversationFilter> => conversation by conversation,
        /// The customer it belongs to, deleted or not; a message without a customer does not match.
        "customer" customer: Box<CustomerFilter> => customer by customer,
    }
}

filter! {
    /// Which conversations. Fields beside each other are combined by AND; `{}` matches all.
    ConversationFilter nests ConversationFilter {
        /// The conversation's id.
        "id" id: IdFilter => id by IdFilter::conversations,
        /// The customer's id.
        "customerId" customer_id: IdFilter => customer_id by IdFilter::customers,
        /// The platform.
        "platform" platform: PlatformFilter => platform by PlatformFilter::read,
        /// The platform as the CRM names it, for those that are `OTHER`.
        "platformName" platform_name: StringFilter => platform_name by StringFilter::read,
        /// The id of the channel: Zalo OA, Facebook page, web site or e-mail sender.
        "channelId" channel_id: StringFilter => channel_id by StringFilter::read,
        /// Whether it is closed.
        "isClosed" is_closed: BooleanFilter => is_closed by BooleanFilter::read,
        /// Who of the team may see it.
        "chatMode" chat_mode: ChatModeFilter => chat_mode by ChatModeFilter::read,
        /// The id of the person outside, on the platform.
        "contactId" contact_id: StringFilter => contact_id by StringFilter::read,
        /// The name of the person outside.
        "contactName" contact_name: StringFilter => contact_name by StringFilter::read,
        /// When it started.
        "startedAt" started_at: DateTimeFilter => started_at by DateTimeFilter::read,
        /// When its last message was sent.
        "lastMessageAt" last_message_at: DateTimeFilter => last_message_at by DateTimeFilter::read,
        /// How many of its messages are inbound and not read.
        "unreadCount" unread_count: IntFilter => unread_count by IntFilter::read,
        /// Whether a customer was found for it.
        "hasCustomer" has_customer: BooleanFilter => has_customer by BooleanFilter::read,
        /// The staff members to whom it is assigned.
        "assignees" assignees: StaffListFilter => assignees by StaffListFilter::read,
        /// Its customer, deleted or not; a conversation without a customer does not match.
        "customer" customer: Box<CustomerFilter> => customer by customer,
        /// Its messages.
        "messages" messages: MessageListFilter => messages by MessageListFilter::read,
    }
}

filter! {
    /// Which customers. Fields beside each other are combined by AND; `{}` matches all.
    CustomerFilter nests CustomerFilter {
        /// The customer's id.
        "id" id: IdFilter => id by IdFilter::customers,
        /// The name.
        "name" name: StringFilter => name by StringFilter::read,
        /// The phone number as the CRM keeps it; `search` finds it in any notation.
        "phone" phone: StringFilter => phone by StringFilter::read,
        /// The e-mail address.
        "email" email: StringFilter => email by StringFilter::read,
        /// The note.
        "note" note: StringFilter => note by StringFilter::read,
        /// The phone carrier.
        "telco" telco: StringFilter => telco by StringFilter::read,
        /// The names of the statuses: one of them is as asked; for `ne` and `notIn`, none of them is. Example:
        /// `{status: {eq: "Tiềm năng"}}`.
        "status" status: StringFilter => status by StringFilter::read,
        /// The manager's id.
        "managerId" manager_id: IdFilter => manager_id by IdFilter::staff,
        /// When the CRM created it.
        "createdAt" created_at: DateTimeFilter => created_at by DateTimeFilter::read,
        /// When the CRM changed it last.
        "updatedAt" updated_at: DateTimeFilter => updated_at by DateTimeFilter::read,
        /// When it was deleted; use it together with `includeDeleted`.
        "deletedAt" deleted_at: DateTimeFilter => deleted_at by DateTimeFilter::read,
        /// Custom fields, all of these. Example: `{customField: [{key: "cf_points", number: {gte: 100}}]}`.
        "customField" custom_field: Vec<CustomFieldFilter> => custom_field by custom_fields,
        /// Words that occur in name, e-mail address or note, or a phone number in any notation: what `search` finds.
        "search" search: String => search by words,
        /// The conversations held with this customer.
        "conversations" conversations: ConversationListFilter => conversations by ConversationListFilter::read,
        /// The tickets of this customer; deleted ones do not count.
        "tickets" tickets: TicketListFilter => tickets by TicketListFilter::read,
    }
}

filter! {
    /// Which tickets. Fields beside each other are combined by AND; `{}` matches all.
    TicketFilter nests TicketFilter {
        /// Any id of the ticket.
        "id" id: IdFilter => id by IdFilter::tickets,
        /// The title.
        "name" name: StringFilter => name by StringFilter::read,
        /// The id of the ticket type.
        "typeId" type_id: StringFilter => type_id by StringFilter::read,
        /// The level.
        "level" level: TicketLevelFilter => level by TicketLevelFilter::read,
        /// The level as the CRM names it, for those that are `OTHER`.
        "levelName" level_name: StringFilter => level_name by StringFilter::read,
        /// The status.
        "status" status: TicketStatusFilter => status by TicketStatusFilter::read,
        /// The status as the CRM names it, for those that are `OTHER`.
        "statusName" status_name: StringFilter => status_name by StringFilter::read,
        /// The customer's id, whether that customer is known here or not.
        "customerId" customer_id: IdFilter => customer_id by IdFilter::customers,
        /// The id of the store.
        "storeId" store_id: StringFilter => store_id by StringFilter::read,
        /// The id of the staff member in charge.
        "assigneeId" assignee_id: IdFilter => assignee_id by IdFilter::staff,
        /// The id of the staff member who made it.
        "createdById" created_by_id: IdFilter => created_by_id by IdFilter::staff,
        /// When it was created.
        "createdAt" created_at: DateTimeFilter => created_at by DateTimeFilter::read,
        /// When it is due.
        "dueAt" due_at: DateTimeFilter => due_at by DateTimeFilter::read,
        /// When it was changed last.
        "updatedAt" updated_at: DateTimeFilter => updated_at by DateTimeFilter::read,
        /// Whether it is in process and past its due time, now.
        "isOverdue" is_overdue: BooleanFilter => is_overdue by overdue,
        /// Whether it has reminded.
        "isReminded" is_reminded: BooleanFilter => is_reminded by BooleanFilter::read,
        /// Words that occur in title or description, whole or as beginnings: what `search` finds.
        "search" search: String => search by words,
        /// Its customer, deleted or not; a ticket whose customer is not known does not match.
        "customer" customer: Box<CustomerFilter> => customer by customer,
    }
}

filter! {
    /// Which events. Fields beside each other are combined by AND; `{}` matches all.
    EventFilter {
        /// The kind.
        "kind" kind: EventKindFilter => kind by EventKindFilter::read,
        /// When it arrived.
        "receivedAt" received_at: DateTimeFilter => received_at by DateTimeFilter::read,
        /// What it is about: the id of a customer, conversation, message or ticket, global or the CRM's own.
        "subjectId" subject_id: ID => subject by subject,
    }
}

filter! {
    /// Which staff members. Fields beside each other are combined by AND; `{}` matches all.
    StaffFilter {
        /// The staff member's id.
        "id" id: IdFilter => id by IdFilter::staff,
        /// The name.
        "name" name: StringFilter => name by StringFilter::read,
    }
}

list_filter! {
    /// What is asked of the messages of something.
    MessageListFilter of MessageFilter
}
list_filter! {
    /// What is asked of the conversations of something.
    ConversationListFilter of ConversationFilter
}
list_filter! {
    /// What is asked of the tickets of something; deleted ones do not count.
    TicketListFilter of TicketFilter
}
list_filter! {
    /// What is asked of a list of staff members.
    StaffListFilter of StaffFilter
}

/// What is asked of one custom field; what is said is combined by AND. A customer without the field has no value in it.
#[derive(Clone, Default, InputObject)]
pub(crate) struct CustomFieldFilter {
    /// The field's key as the CRM sends it, with its `cf_`: `cf_points`.
    key: String,
    /// The value, where it is a text.
    value: MaybeUndefined<StringFilter>,
    /// The value, where it is a number, or a text that reads as one.
    number: MaybeUndefined<FloatFilter>,
    /// Whether the customer has the field at all.
    exists: MaybeUndefined<bool>,
}

impl CustomFieldFilter {
    fn read(self, at: &At<'_>) -> Result<filter::CustomFieldFilter> {
        let (value, number) = (at.field("value"), at.field("number"));
        Ok(filter::CustomFieldFilter {
            key: text::without_nul(&self.key),
            value: value.given(self.value)?.map(|is| is.read(&value)).transpose()?,
            number: number.given(self.number)?.map(|is| is.read(&number)).transpose()?,
            exists: at.field("exists").given(self.exists)?,
        })
    }
}

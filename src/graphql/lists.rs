//! The list fields of the query root and of each object type. The macro `list_fields` declares the arguments they share.

#![expect(clippy::too_many_arguments, reason = "the contract defines the arguments of lists")]

use async_graphql::{Context, Object};

use super::{
    connection::{Connection, List, ListRequest},
    error::Result,
    filter,
    order::{Choice, ConversationOrder, CustomerOrder, MessageOrder, TicketOrder},
    request::RequestContext,
    types::{Conversation, Customer, Event, Message, Staff, Ticket},
};
use crate::{
    domain::{
        filter::{ConversationFilter, CustomerFilter, EventFilter, MessageFilter, StaffFilter, TicketFilter},
        page::{self, Direction, Page, PageArgs, PageRequest},
    },
    store::{Counts, Error, Pages, Parent, Reader},
};

/// Declares a kind of list: its node type, its default order and the store functions that read it.
macro_rules! list {
    ($filter:ty: $node:ty, by $order:ty = $choice:expr, $pages:ident, $counts:ident) => {
        impl List for $filter {
            type Node = $node;
            type Order = $order;
            const ORDER: Choice<$order> = $choice;

            async fn pages(
                &self,
                reader: &Reader,
                parents: &[Parent],
                request: &PageRequest<$order>,
            ) -> std::result::Result<Pages<$node>, Error> {
                let pages = reader.$pages(parents, self, request).await?;
                Ok(pages.into_iter().map(|(parent, page)| (parent, nodes(page))).collect())
            }

            async fn counts(&self, reader: &Reader, parents: &[Parent]) -> std::result::Result<Counts, Error> {
                reader.$counts(parents, self).await
            }
        }
    };
}

list!(CustomerFilter: Customer, by page::CustomerOrder = (page::CustomerOrder::CreatedAt, Direction::Desc), customers, customer_counts);
list!(
    ConversationFilter: Conversation,
    by page::ConversationOrder = (page::ConversationOrder::LastMessageAt, Direction::Desc),
    conversations,
    conversation_counts
);
list!(MessageFilter: Message, by page::MessageOrder = (page::MessageOrder::SentAt, Direction::Desc), messages, message_counts);
list!(TicketFilter: Ticket, by page::TicketOrder = (page::TicketOrder::CreatedAt, Direction::Desc), tickets, ticket_counts);
list!(EventFilter: Event, by page::EventOrder = (page::EventOrder::Seq, Direction::Desc), events, event_counts);

/// Staff members have no parent: the only list contains all of them.
impl List for StaffFilter {
    type Node = Staff;
    type Order = page::StaffOrder;
    const ORDER: Choice<page::StaffOrder> = (page::StaffOrder::Name, Direction::Asc);

    async fn pages(
        &self,
        reader: &Reader,
        _: &[Parent],
        request: &PageRequest<page::StaffOrder>,
    ) -> std::result::Result<Pages<Staff>, Error> {
        Ok(Pages::from([(Parent::All.id().to_owned(), nodes(reader.staff(self, request).await?))]))
    }

    async fn counts(&self, reader: &Reader, _: &[Parent]) -> std::result::Result<Counts, Error> {
        Ok(Counts::from([(Parent::All.id().to_owned(), reader.staff_count(self).await?)]))
    }
}

fn nodes<R, T: From<R>>(page: Page<R>) -> Page<T> {
    let rows = page.rows.into_iter().map(|(cursor, row)| (cursor, row.into())).collect();
    Page { rows, has_next: page.has_next, has_previous: page.has_previous }
}

/// Declares list fields as an object to be flattened into another.
macro_rules! list_fields {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident($(by $order:ident)? where $input:ident $(with $include_deleted:ident)?): $filter:ty;)+
    }) => {
        $(#[$doc])*
        pub(crate) struct $name(pub(crate) Parent);

        #[Object]
        impl $name {$(
            $(#[$field_doc])*
            async fn $field(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "Returns the first n items: at most 200; 20 if neither `first` nor `last` is given.")]
                first: Option<i32>,
                #[graphql(desc = "Returns items after this cursor, such as `pageInfo.endCursor` of the previous page.")]
                after: Option<String>,
                #[graphql(desc = "Returns the last n items: at most 200. Cannot be combined with `first`.")]
                last: Option<i32>,
                #[graphql(desc = "Returns items before this cursor, such as `pageInfo.startCursor` of the next page.")]
                before: Option<String>,
                #[graphql(desc = "Lists and counts only the items that match. Default: all.")]
                filter: Option<filter::$input>,
                $(
                    #[graphql(desc = "The order of the list. A cursor is valid only in the order that it came from.")]
                    order_by: Option<$order>,
                )?
                $(
                    #[graphql(desc = "Whether to list and count deleted objects too: those with a `deletedAt`.", default)]
                    $include_deleted: bool,
                )?
            ) -> Result<Connection<$filter>> {
                let filter = filter::$input::of(filter, RequestContext::of(ctx).now())?;
                ListRequest::of(self.0.clone(), filter)
                    $(.with(|filter| filter.$include_deleted = $include_deleted))?
                    $(.sorted(order_by.map(Choice::<page::$order>::from)))?
                    .page(&PageArgs { first, after, last, before })
            }
        )+}
    };
}

list_fields! {
    /// The lists of the query root.
    Everything {
        /// All customers, by default newest first (`CREATED_AT`) and without deleted ones.
        customers(by CustomerOrder where CustomerFilter with include_deleted): CustomerFilter;
        /// All conversations, by default the one with the latest message first (`LAST_MESSAGE_AT`).
        conversations(by ConversationOrder where ConversationFilter): ConversationFilter;
        /// All messages of all conversations, by default latest first (`SENT_AT`).
        messages(by MessageOrder where MessageFilter): MessageFilter;
        /// All tickets, by default newest first (`CREATED_AT`) and without deleted ones.
        tickets(by TicketOrder where TicketFilter with include_deleted): TicketFilter;
        /// All staff members that an event has mentioned, by name from A to Z.
        staff_members(where StaffFilter): StaffFilter;
        /// All stored events, newest first. Each is one webhook delivery from the CRM, unchanged.
        events(where EventFilter): EventFilter;
    }
}

list_fields! {
    /// The lists of a customer.
    OfCustomer {
        /// The conversations with this customer, by default the one with the latest message first (`LAST_MESSAGE_AT`).
        conversations(by ConversationOrder where ConversationFilter): ConversationFilter;
        /// The messages of all conversations with this customer, by default latest first (`SENT_AT`).
        messages(by MessageOrder where MessageFilter): MessageFilter;
        /// The tickets of this customer, by default newest first (`CREATED_AT`) and without deleted ones.
        tickets(by TicketOrder where TicketFilter with include_deleted): TicketFilter;
        /// The stored events of this customer, newest first: creation, updates, deletion.
        events(where EventFilter): EventFilter;
    }
}

list_fields! {
    /// The lists of a conversation.
    OfConversation {
        /// The messages of this conversation, by default latest first (`SENT_AT`).
        messages(by MessageOrder where MessageFilter): MessageFilter;
        /// The stored events of this conversation, newest first: messages, closing and reopening.
        events(where EventFilter): EventFilter;
    }
}

list_fields! {
    /// The lists of a ticket.
    OfTicket {
        /// The stored events of this ticket, newest first: creation, updates, deletion.
        events(where EventFilter): EventFilter;
    }
}

list_fields! {
    /// The lists of a staff member.
    OfStaff {
        /// The conversations assigned to this staff member, by default the one with the latest message first (`LAST_MESSAGE_AT`).
        assigned_conversations(by ConversationOrder where ConversationFilter): ConversationFilter;
        /// The tickets assigned to this staff member, by default newest first (`CREATED_AT`) and without deleted ones.
        assigned_tickets(by TicketOrder where TicketFilter with include_deleted): TicketFilter;
        /// The customers that this staff member manages, by default newest first (`CREATED_AT`) and without deleted ones.
        managed_customers(by CustomerOrder where CustomerFilter with include_deleted): CustomerFilter;
    }
}

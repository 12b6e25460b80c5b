//! The list fields: which lists the query root and each object have. All of them are asked for with the same arguments,
//! which are written once, in the macro here.

#![expect(clippy::too_many_arguments, reason = "a list has as many as the contract gives it")]

use async_graphql::{Context, Object};

use super::{
    connection::{Asked, Connection, List},
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

/// A kind of list and how the store reads it.
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

/// Staff members belong to nobody: there is only the list of all.
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

/// Fields that are lists, to be flattened into an object.
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
                #[graphql(desc = "So many from the start of the list, 200 at most. Without `first` and `last`, 20.")]
                first: Option<i32>,
                #[graphql(desc = "Only what comes after this cursor: `pageInfo.endCursor` of the page before.")]
                after: Option<String>,
                #[graphql(desc = "So many from the end of the list, 200 at most; not together with `first`.")]
                last: Option<i32>,
                #[graphql(desc = "Only what comes before this cursor: `pageInfo.startCursor` of the page after.")]
                before: Option<String>,
                #[graphql(desc = "Which of them are listed and counted.")]
                filter: Option<filter::$input>,
                $(
                    #[graphql(desc = "The order of the list. A cursor is good only for the order in which it was given.")]
                    order_by: Option<$order>,
                )?
                $(
                    #[graphql(desc = "Whether deleted ones are listed and counted too: those with a `deletedAt`.", default)]
                    $include_deleted: bool,
                )?
            ) -> Result<Connection<$filter>> {
                let filter = filter::$input::of(filter, RequestContext::of(ctx).now())?;
                Asked::of(self.0.clone(), filter)
                    $(.with(|filter| filter.$include_deleted = $include_deleted))?
                    $(.sorted(order_by.map(Choice::<page::$order>::from)))?
                    .page(&PageArgs { first, after, last, before })
            }
        )+}
    };
}

list_fields! {
    /// The lists of all there is.
    Everything {
        /// All customers, the newest first unless ordered otherwise. Deleted ones are left out unless asked for.
        customers(by CustomerOrder where CustomerFilter with include_deleted): CustomerFilter;
        /// All conversations, the one with the latest message first unless ordered otherwise.
        conversations(by ConversationOrder where ConversationFilter): ConversationFilter;
        /// All messages of all conversations, the latest first unless ordered otherwise.
        messages(by MessageOrder where MessageFilter): MessageFilter;
        /// All tickets, the newest first unless ordered otherwise. Deleted ones are left out unless asked for.
        tickets(by TicketOrder where TicketFilter with include_deleted): TicketFilter;
        /// Everyone of the team whom some event ever mentioned, by name from A to Z.
        staff_members(where StaffFilter): StaffFilter;
        /// The stored events, the newest first: each is one webhook of the CRM, exactly as it was received.
        events(where EventFilter): EventFilter;
    }
}

list_fields! {
    /// The lists of a customer.
    OfCustomer {
        /// The conversations held with this customer, the one with the latest message first unless ordered otherwise.
        conversations(by ConversationOrder where ConversationFilter): ConversationFilter;
        /// The messages of all conversations held with this customer, the latest first unless ordered otherwise.
        messages(by MessageOrder where MessageFilter): MessageFilter;
        /// The tickets of this customer, the newest first unless ordered otherwise. Deleted ones are left out unless asked for.
        tickets(by TicketOrder where TicketFilter with include_deleted): TicketFilter;
        /// The stored events about this customer, the newest first: when it was created, changed, deleted.
        events(where EventFilter): EventFilter;
    }
}

list_fields! {
    /// The lists of a conversation.
    OfConversation {
        /// The messages of this conversation, the latest first unless ordered otherwise.
        messages(by MessageOrder where MessageFilter): MessageFilter;
        /// The stored events about this conversation, the newest first: its messages, and when it was closed or opened.
        events(where EventFilter): EventFilter;
    }
}

list_fields! {
    /// The lists of a ticket.
    OfTicket {
        /// The stored events about this ticket, the newest first: when it was created, changed, deleted.
        events(where EventFilter): EventFilter;
    }
}

list_fields! {
    /// The lists of a staff member.
    OfStaff {
        /// The conversations assigned to this staff member, the one with the latest message first unless ordered otherwise.
        assigned_conversations(by ConversationOrder where ConversationFilter): ConversationFilter;
        /// The tickets this staff member is in charge of, the newest first unless ordered otherwise. Deleted ones are left
        /// out unless asked for.
        assigned_tickets(by TicketOrder where TicketFilter with include_deleted): TicketFilter;
        /// The customers this staff member manages, the newest first unless ordered otherwise. Deleted ones are left out
        /// unless asked for.
        managed_customers(by CustomerOrder where CustomerFilter with include_deleted): CustomerFilter;
    }
}

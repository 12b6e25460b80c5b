//! The subscription root: the subscription fields, and the types of their payloads.
//!
//! `live` determines the payloads, and writes most of them with plans. A payload that plans don't support is executed here
//! separately, with its content in the request's data ([`Given`]). Without that content, a field only checks its arguments.

mod given;
pub(super) mod pages;
pub(super) mod statistics;

use async_graphql::{Context, Enum, MergedSubscription, SimpleObject};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};

pub(in crate::graphql) use self::{given::Given, statistics::CountedAt};
use self::{given::given, pages::LivePages, statistics::LiveStatistics};
use super::{
    error::Result,
    filter,
    types::{Conversation, Customer, Event, Message, Ticket},
};
use crate::domain::change;

/// Live changes, live pages and live statistics.
///
/// Each change is delivered exactly once, in the order of the event log, across reconnects and gateways, as long as the client
/// resumes with its last cursor. Objects are read at the time of delivery: a replayed change shows the current state of its
/// object, and the filter applies to that state. Live pages and live statistics keep a result up to date instead: they deliver
/// its current state, not each change that led to it.
#[derive(Clone, Copy, Debug, Default, MergedSubscription)]
pub struct Subscription(Changes, LivePages, LiveStatistics);

/// The subscriptions to changes, to be merged into the subscription root.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Changes;

/// Declares subscription fields, each with its type of change and its payload.
macro_rules! subscriptions {
    ($($(#[$doc:meta])* $field:ident: $subject:ident where $input:ident => $payload:ident($announced:ident) $body:expr;)+) => {
        #[async_graphql::Subscription]
        impl Changes {$(
            $(#[$doc])*
            async fn $field(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "Delivers only changes whose object matches. Filters mean the same as in lists.")]
                filter: Option<filter::$input>,
                #[graphql(
                    desc = "Resumes after this cursor, which is from `head` or an earlier payload: delivers all changes stored \
                            since, then new ones, without gap or duplicate. Default: new changes only."
                )]
                after: Option<String>,
            ) -> Result<BoxStream<'static, Result<$payload>>> {
                filter.map(|filter| filter.predicate()).transpose()?;
                // `live` handles it.
                drop(after);
                let announced: Option<Announcement<$subject>> = given(ctx);
                Ok(answered(announced.map(|$announced| $body)))
            }
        )+}
    };
}

subscriptions! {
    /// Delivers new messages, inbound and outbound. A later change of a message, such as being read, is not delivered.
    message_added: Message where MessageFilter => MessageAdded(new)
        MessageAdded { cursor: new.cursor, message: new.subject };
    /// Delivers conversations that are new or changed: by a message, closing, assignment, reading, or a matched customer.
    conversation_changed: Conversation where ConversationFilter => ConversationChanged(new)
        ConversationChanged { cursor: new.cursor, change: new.kind, conversation: new.subject };
    /// Delivers customers that were created, updated or deleted. A deleted customer has a `deletedAt`.
    customer_changed: Customer where CustomerFilter => CustomerChanged(new)
        CustomerChanged { cursor: new.cursor, change: new.kind, customer: new.subject };
    /// Delivers tickets that were created, updated or deleted. A deleted ticket has a `deletedAt`.
    ticket_changed: Ticket where TicketFilter => TicketChanged(new)
        TicketChanged { cursor: new.cursor, change: new.kind, ticket: new.subject };
    /// Delivers every event when it is stored, even if it changes no object.
    event_stored: Event where EventFilter => EventStored(new)
        EventStored { cursor: new.cursor, event: new.subject };
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "change::ChangeKind")]
pub(in crate::graphql) enum ChangeKind {
    /// The object was created.
    Created,
    /// The object was updated, or restored after deletion.
    Updated,
    /// The object was deleted.
    Deleted,
}

/// Payload of `messageAdded`.
#[derive(SimpleObject)]
struct MessageAdded {
    /// The cursor of this change. To resume after it, subscribe with `after` set to it.
    cursor: String,
    /// The new message.
    message: Message,
}

/// Payload of `conversationChanged`.
#[derive(SimpleObject)]
struct ConversationChanged {
    /// The cursor of this change. To resume after it, subscribe with `after` set to it.
    cursor: String,
    /// The kind of change.
    change: ChangeKind,
    /// The conversation in its current state.
    conversation: Conversation,
}

/// Payload of `customerChanged`.
#[derive(SimpleObject)]
struct CustomerChanged {
    /// The cursor of this change. To resume after it, subscribe with `after` set to it.
    cursor: String,
    /// The kind of change.
    change: ChangeKind,
    /// The customer in its current state. A deleted customer has a `deletedAt`.
    customer: Customer,
}

/// Payload of `ticketChanged`.
#[derive(SimpleObject)]
struct TicketChanged {
    /// The cursor of this change. To resume after it, subscribe with `after` set to it.
    cursor: String,
    /// The kind of change.
    change: ChangeKind,
    /// The ticket in its current state. A deleted ticket has a `deletedAt`.
    ticket: Ticket,
}

/// Payload of `eventStored`.
#[derive(SimpleObject)]
struct EventStored {
    /// The cursor of this event. To resume after it, subscribe with `after` set to it.
    cursor: String,
    /// The stored event.
    event: Event,
}

/// The stream of a field: the given payload, if there is one.
fn answered<T: Send + 'static>(payload: Option<T>) -> BoxStream<'static, Result<T>> {
    stream::iter(payload.map(Ok)).boxed()
}

/// A change to deliver: its object, its kind and its cursor.
pub(in crate::graphql) struct Announcement<T> {
    pub(in crate::graphql) cursor: String,
    pub(in crate::graphql) kind: ChangeKind,
    pub(in crate::graphql) subject: T,
}

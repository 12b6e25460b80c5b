//! The subscription root: the feed's changes, as objects.
//!
//! A subscription receives batches of changes from the feed, drops changes whose object does not match its filter, and sends
//! the rest one by one in log order, each with the cursor to resume after. Subscriptions that are at the same batch share its
//! reads of the store: see `findings`. While the store is unavailable, a subscription waits; it loses no change and sends no
//! error. An error that does not pass ends it, with `INTERNAL`, or with `LIMIT_EXCEEDED` where its filter is too slow for the
//! time limit of a statement. Resuming after its last cursor loses nothing either.
//!
//! ```text
//!   feed ─ batch ─┬─▶ subscription: own filter ─▶ payloads, each with its nested reads
//!                 ├─▶ subscription …
//!                 └── findings: objects and filter results, read once for all subscriptions
//! ```

mod findings;
mod subject;

use std::sync::Arc;

use async_graphql::{Context, Enum, SimpleObject};
use futures_util::{Stream, StreamExt, stream::BoxStream};

use self::{
    findings::{Findings, Found},
    subject::Subject,
};
use super::{
    bookmark::Bookmark,
    error::{Error, Result},
    filter,
    loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, TicketById},
    request::RequestContext,
    types::{Conversation, Customer, Event, Message, Ticket},
};
use crate::{
    domain::{change, filter::Predicate},
    feed::Feed,
};

/// The subscription root.
#[derive(Clone, Copy, Debug)]
pub struct Subscription;

/// Declares subscription fields: for each a kind of change and its payload.
macro_rules! subscriptions {
    ($($(#[$doc:meta])* $field:ident: $question:ident where $input:ident => $payload:ident($announced:ident) $body:expr;)+) => {
        /// Live changes. Each change is delivered exactly once, in the order of the event log, across reconnects and gateways, as
        /// long as the client resumes with its last cursor. Objects are read at the time of delivery: a replayed change shows the
        /// current state of its object, and the filter applies to that state.
        #[async_graphql::Subscription]
        impl Subscription {$(
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
            ) -> Result<impl Stream<Item = Result<$payload>> + use<>> {
                let filter = filter.map(|filter| filter.predicate()).transpose()?.map(Arc::new);
                // Boxed to keep the running stream small: this future is done once the subscription has started.
                let announced = Box::pin(announcements::<$question>(ctx, after.as_deref(), filter)).await?;
                Ok(announced.map(|announced| announced.map(|$announced| $body)))
            }
        )+}
    };
}

subscriptions! {
    /// Delivers new messages, inbound and outbound. A later change of a message, such as being read, is not delivered.
    message_added: MessageByKey where MessageFilter => MessageAdded(new)
        MessageAdded { cursor: new.cursor, message: new.subject };
    /// Delivers conversations that are new or changed: by a message, closing, assignment, reading, or a matched customer.
    conversation_changed: ConversationById where ConversationFilter => ConversationChanged(new)
        ConversationChanged { cursor: new.cursor, change: new.kind, conversation: new.subject };
    /// Delivers customers that were created, updated or deleted. A deleted customer has a `deletedAt`.
    customer_changed: CustomerById where CustomerFilter => CustomerChanged(new)
        CustomerChanged { cursor: new.cursor, change: new.kind, customer: new.subject };
    /// Delivers tickets that were created, updated or deleted. A deleted ticket has a `deletedAt`.
    ticket_changed: TicketById where TicketFilter => TicketChanged(new)
        TicketChanged { cursor: new.cursor, change: new.kind, ticket: new.subject };
    /// Delivers every event when it is stored, even if it changes no object.
    event_stored: EventBySeq where EventFilter => EventStored(new)
        EventStored { cursor: new.cursor, event: new.subject };
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "change::ChangeKind")]
enum ChangeKind {
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

/// A change to deliver: its subject, its kind and its cursor.
struct Announcement<T> {
    cursor: String,
    kind: ChangeKind,
    subject: T,
}

/// The changes after a cursor whose subject is of type `Q` and matches the filter. A subject that no longer exists is left out.
async fn announcements<Q: Subject>(
    ctx: &Context<'_>,
    after: Option<&str>,
    filter: Option<Arc<Predicate<Q::Collection>>>,
) -> Result<BoxStream<'static, Result<Announcement<Q::Answer>>>> {
    let context = Arc::clone(RequestContext::of(ctx));
    let bookmark = ctx.data_opt::<Bookmark>().cloned();
    let feed = ctx.data_unchecked::<Feed>();
    let after = match bookmark.as_ref().and_then(Bookmark::left).or(after) {
        Some(after) => Some(after.to_owned()),
        // A client that disconnects before its first result must resume from where it started, so the start is kept, too.
        None if bookmark.is_some() => Some(feed.head().await?.to_string()),
        None => None,
    };
    let mut batches = feed.subscribe(after.as_deref()).await?.boxed();
    if let (Some(bookmark), Some(after)) = (&bookmark, after) {
        bookmark.begin(after);
    }
    let announced = async_stream::try_stream! {
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            let matching = Findings::<Q>::of(&batch, &context).matching(&context.reader, filter.as_ref()).await;
            let matching = matching.map_err(|error| Error::from(&*error))?;
            // The batch is released before the client consumes the matches.
            let end = batch.end();
            drop(batch);
            for Found { position, kind, subject } in matching {
                context.renew();
                let cursor = context.reader.live_cursor(position).to_string();
                if let Some(bookmark) = &bookmark {
                    bookmark.reach(&cursor);
                }
                yield Announcement { cursor, kind: kind.into(), subject };
            }
            if let Some(bookmark) = &bookmark {
                bookmark.pass(context.reader.live_cursor(end).to_string());
            }
        }
    };
    Ok(announced.boxed())
}

//! The subscription root: the changes of the feed, as objects.
//!
//! A subscription takes the feed's batches of changes, leaves out those whose object its filter does not match, and sends the
//! rest one by one in log order, each with the cursor to resume after. Reads are shared by all subscriptions that are at the
//! same batch: see `findings`. While the database is out of reach a subscription waits: it loses nothing and sends no error.
//! An error that does not pass ends it, with `INTERNAL`, or with `LIMIT_EXCEEDED` where its filter is too slow for the time
//! limit of a statement. Resuming after its last cursor loses nothing either.
//!
//! ```text
//!   feed ─ batch ─┬─▶ subscription: own filter ─▶ payloads, each with its nested reads
//!                 ├─▶ subscription …
//!                 └── findings: the objects, read once; what equal filters ask of the store, asked once
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
    filter::{self, FilterInput},
    loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, TicketById},
    request::RequestContext,
    types::{Conversation, Customer, Event, Message, Ticket},
};
use crate::{
    domain::{change, time::Timestamp},
    feed::Feed,
};

/// The subscription root.
#[derive(Clone, Copy, Debug)]
pub struct Subscription;

/// Subscriptions: each a kind of change, with the payload that carries it.
macro_rules! subscriptions {
    ($($(#[$doc:meta])* $field:ident: $question:ident where $input:ident => $payload:ident($announced:ident) $body:expr;)+) => {
        /// What happens, as it happens. Each change comes once and in the order of the log, whichever connection or gateway it
        /// is followed on. Objects are read when they are sent, so a change that is replayed shows the present state of its
        /// object; a change is sent when its object matches the filter as it is then.
        #[async_graphql::Subscription]
        impl Subscription {$(
            $(#[$doc])*
            async fn $field(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "Only changes whose object matches. It means exactly what it means in a list.")]
                filter: Option<Box<filter::$input>>,
                #[graphql(
                    desc = "A cursor from `head` or from an earlier payload: first everything stored since comes, then what is \
                            new, with no gap and no repetition in between. Without it, only what is new."
                )]
                after: Option<String>,
            ) -> Result<impl Stream<Item = Result<$payload>> + use<>> {
                let filter = filter.map(|filter| move |now| filter.clone().meaning(now));
                // Boxed, since a subscription that has begun does not need it any more.
                let announced = Box::pin(announcements::<$question>(ctx, after.as_deref(), filter)).await?;
                Ok(announced.map(|announced| announced.map(|$announced| $body)))
            }
        )+}
    };
}

subscriptions! {
    /// New messages, in either direction. A message that changes later, for instance because it was read, is not new.
    message_added: MessageByKey where MessageFilter => MessageAdded(new)
        MessageAdded { cursor: new.cursor, message: new.subject };
    /// Conversations that are new or different: a message came, it was closed, assigned, read, or found its customer.
    conversation_changed: ConversationById where ConversationFilter => ConversationChanged(new)
        ConversationChanged { cursor: new.cursor, change: new.kind, conversation: new.subject };
    /// Customers that are new, different or deleted. Deleted ones come with their `deletedAt`.
    customer_changed: CustomerById where CustomerFilter => CustomerChanged(new)
        CustomerChanged { cursor: new.cursor, change: new.kind, customer: new.subject };
    /// Tickets that are new, different or deleted. Deleted ones come with their `deletedAt`.
    ticket_changed: TicketById where TicketFilter => TicketChanged(new)
        TicketChanged { cursor: new.cursor, change: new.kind, ticket: new.subject };
    /// Every event as it is stored, whatever it changes.
    event_stored: EventBySeq where EventFilter => EventStored(new)
        EventStored { cursor: new.cursor, event: new.subject };
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "change::ChangeKind")]
enum ChangeKind {
    /// It is new.
    Created,
    /// It is different from before, or was brought back after it had been deleted.
    Updated,
    /// It was deleted.
    Deleted,
}

/// A new message.
#[derive(SimpleObject)]
struct MessageAdded {
    /// The cursor of this change: subscribe with `after` set to it to go on from here.
    cursor: String,
    /// The message.
    message: Message,
}

/// A change of a conversation.
#[derive(SimpleObject)]
struct ConversationChanged {
    /// The cursor of this change: subscribe with `after` set to it to go on from here.
    cursor: String,
    /// What happened to it.
    change: ChangeKind,
    /// The conversation as it is now.
    conversation: Conversation,
}

/// A change of a customer.
#[derive(SimpleObject)]
struct CustomerChanged {
    /// The cursor of this change: subscribe with `after` set to it to go on from here.
    cursor: String,
    /// What happened to it.
    change: ChangeKind,
    /// The customer as it is now; a deleted one has its `deletedAt`.
    customer: Customer,
}

/// A change of a ticket.
#[derive(SimpleObject)]
struct TicketChanged {
    /// The cursor of this change: subscribe with `after` set to it to go on from here.
    cursor: String,
    /// What happened to it.
    change: ChangeKind,
    /// The ticket as it is now; a deleted one has its `deletedAt`.
    ticket: Ticket,
}

/// A stored event.
#[derive(SimpleObject)]
struct EventStored {
    /// The cursor of this event: subscribe with `after` set to it to go on from here.
    cursor: String,
    /// The event.
    event: Event,
}

/// What a change is about, what happened to it, and the cursor of that change.
struct Announcement<T> {
    cursor: String,
    kind: ChangeKind,
    subject: T,
}

/// What a filter means at a time, since what is overdue changes with it.
type Meaning<F> = dyn Fn(Timestamp) -> Arc<F> + Send + Sync;

/// The meaning of a filter that `read` reads. One that means the same at any time is read once.
fn meaning<F: Eq + Send + Sync + 'static>(
    read: impl Fn(Timestamp) -> Result<F> + Send + Sync + 'static,
    now: Timestamp,
) -> Result<Box<Meaning<F>>> {
    let (present, later) = (read(now)?, read(Timestamp::clamped(now.as_millis() + 1))?);
    if present == later {
        let always = Arc::new(present);
        return Ok(Box::new(move |_| Arc::clone(&always)));
    }
    Ok(Box::new(move |now| Arc::new(read(now).expect("what was a filter before stays one"))))
}

/// What the changes after a cursor are about, of those that concern `Q` and match the filter. What no longer exists is left
/// out.
async fn announcements<Q: Subject>(
    ctx: &Context<'_>,
    after: Option<&str>,
    filter: Option<impl Fn(Timestamp) -> Result<Q::Filter> + Send + Sync + 'static>,
) -> Result<BoxStream<'static, Result<Announcement<Q::Answer>>>> {
    let context = Arc::clone(RequestContext::of(ctx));
    let filter = filter.map(|filter| meaning(filter, context.now())).transpose()?;
    let bookmark = ctx.data_opt::<Bookmark>().cloned();
    let feed = ctx.data_unchecked::<Feed>();
    let after = match bookmark.as_ref().and_then(Bookmark::left).or(after) {
        Some(after) => Some(after.to_owned()),
        // Who keeps a place keeps the first one too, else what comes before the first result could be missed.
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
            let matching = Findings::<Q>::of(&batch, &context).matching(&context.reader, filter.as_deref()).await;
            let matching = matching.map_err(|error| Error::from(&*error))?;
            // Not held while the client takes what matches.
            drop(batch);
            for Found { position, kind, subject } in matching {
                context.renew();
                let cursor = context.reader.live_cursor(position).to_string();
                if let Some(bookmark) = &bookmark {
                    bookmark.reach(&cursor);
                }
                yield Announcement { cursor, kind: kind.into(), subject };
            }
        }
    };
    Ok(announced.boxed())
}

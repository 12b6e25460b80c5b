//! The subscription root: what the feed announces, as objects.
//!
//! A subscription takes the feed's batches of changes, reads the objects of those that concern it in one call of the store
//! per batch, leaves out what its filter does not match, and sends the rest one by one in log order, each with the cursor to
//! resume after. What the filter can't decide from the object alone is asked of the store, once per batch. While the store
//! can't be read, a subscription waits and tries again: it loses nothing and sends no error for it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use async_graphql::{Context, Enum, SimpleObject};
use futures_util::{Stream, StreamExt};

use super::{
    bookmark::Bookmark,
    error::Result,
    filter::{self, FilterInput},
    loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, Question, TicketById},
    request::RequestContext,
    types::{Conversation, Customer, Event, Message, Ticket},
};
use crate::{
    domain::{
        change::{self, Change, SubjectType},
        filter::{ConversationFilter, CustomerFilter, EventFilter, MessageFilter, TicketFilter, Verdict},
        time::Timestamp,
    },
    feed::Feed,
    store::{self, Reader},
};

/// How long a failed read waits before it is tried again.
const RETRY: Duration = Duration::from_millis(500);

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
                filter: Option<filter::$input>,
                #[graphql(
                    desc = "A cursor from `head` or from an earlier payload: first everything stored since comes, then what is \
                            new, with no gap and no repetition in between. Without it, only what is new."
                )]
                after: Option<String>,
            ) -> Result<impl Stream<Item = Result<$payload>> + use<>> {
                let filter = move |now| filter::$input::of(filter.clone(), now);
                let announced = announcements::<$question, _>(ctx, after.as_deref(), filter).await?;
                Ok(announced.map(|$announced| Ok($body)))
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

/// Something that changes can be about.
trait Subject: Question {
    /// What narrows it.
    type Filter: Send + Sync + 'static;

    /// The question for what a change is about, if it is about such a thing and concerns its subscribers.
    fn of(change: &Change) -> Option<Self>;

    /// Whether the filter matches, as far as the thing alone tells.
    fn verdict(filter: &Self::Filter, subject: &Self::Answer) -> Verdict;

    /// Which of these the filter matches, by the store's word.
    fn decided(
        reader: &Reader,
        filter: &Self::Filter,
        undecided: &[Self],
    ) -> impl Future<Output = std::result::Result<HashSet<Self>, store::Error>> + Send;
}

macro_rules! subject {
    ($question:ident, $type:ident $(only $kind:ident)?, $filter:ident, $matching:ident, |$is:ident, $subject:ident| $verdict:expr) => {
        impl Subject for $question {
            type Filter = $filter;

            fn of(change: &Change) -> Option<Self> {
                let concerns = change.subject_type == SubjectType::$type $(&& change.kind == change::ChangeKind::$kind)?;
                concerns.then(|| change.subject_id.parse().ok().map(Self)).flatten()
            }

            fn verdict($is: &$filter, $subject: &Self::Answer) -> Verdict {
                $verdict
            }

            async fn decided(
                reader: &Reader,
                filter: &$filter,
                undecided: &[Self],
            ) -> std::result::Result<HashSet<Self>, store::Error> {
                let ids: Vec<_> = undecided.iter().map(|question| question.0.clone()).collect();
                Ok(reader.$matching(&ids, filter).await?.into_iter().map(Self).collect())
            }
        }
    };
}

subject!(MessageByKey, Message only Created, MessageFilter, messages_matching, |is, message| is.matches(message.as_domain()));
subject!(ConversationById, Conversation, ConversationFilter, conversations_matching, |is, conversation| {
    is.matches(conversation.as_domain())
});
subject!(CustomerById, Customer, CustomerFilter, customers_matching, |is, customer| is.matches(customer.as_domain()));
subject!(TicketById, Ticket, TicketFilter, tickets_matching, |is, ticket| is.matches(ticket.as_domain()));
subject!(EventBySeq, Event, EventFilter, events_matching, |is, event| {
    let event = event.as_domain();
    is.matches(event.kind, event.received_at)
});

/// What the changes after a cursor are about, of those that concern `Q` and match the filter. What no longer exists is left
/// out. A filter is made for the time it is asked at, since what is overdue changes with it.
async fn announcements<Q: Subject, F: Fn(Timestamp) -> Result<Q::Filter> + Send + 'static>(
    ctx: &Context<'_>,
    after: Option<&str>,
    filter: F,
) -> Result<impl Stream<Item = Announcement<Q::Answer>> + Send + use<Q, F>> {
    let context = Arc::clone(RequestContext::of(ctx));
    filter(context.now())?;
    let bookmark = ctx.data_opt::<Bookmark>().cloned();
    let after = match bookmark.as_ref().and_then(Bookmark::left).or(after) {
        Some(after) => Some(after.to_owned()),
        // Who keeps a place keeps the first one too, else what comes before the first result could be missed.
        None if bookmark.is_some() => Some(context.reader.live_cursor(context.reader.head().await?).to_string()),
        None => None,
    };
    let mut batches = ctx.data_unchecked::<Feed>().subscribe(after.as_deref()).await?.boxed();
    if let (Some(bookmark), Some(after)) = (&bookmark, after) {
        bookmark.begin(after);
    }
    Ok(async_stream::stream! {
        while let Some(changes) = batches.next().await {
            let concerning: Vec<(&Change, Q)> = changes.iter().filter_map(|change| Some((change, Q::of(change)?))).collect();
            if concerning.is_empty() {
                continue;
            }
            let distinct: HashSet<Q> = concerning.iter().map(|(_, question)| question.clone()).collect();
            let questions: Vec<Q> = distinct.into_iter().collect();
            context.renew();
            let filter = filter(context.now()).expect("what was a filter before stays one");
            let subjects = loop {
                match matching(&context.reader, &filter, &questions).await {
                    Ok(subjects) => break subjects,
                    Err(error) => {
                        tracing::warn!(%error, "what changed can't be read, trying again");
                        tokio::time::sleep(RETRY).await;
                    }
                }
            };
            for (change, question) in concerning {
                if let Some(subject) = subjects.get(&question) {
                    context.renew();
                    let cursor = context.reader.live_cursor(change.position).to_string();
                    if let Some(bookmark) = &bookmark {
                        bookmark.reach(&cursor);
                    }
                    yield Announcement { cursor, kind: change.kind.into(), subject: subject.clone() };
                }
            }
        }
    })
}

/// What is asked for, of what matches the filter.
async fn matching<Q: Subject>(
    reader: &Reader,
    filter: &Q::Filter,
    questions: &[Q],
) -> std::result::Result<HashMap<Q, Q::Answer>, store::Error> {
    let mut subjects = Q::answer(reader, questions).await?;
    let mut undecided = Vec::new();
    subjects.retain(|question, subject| match Q::verdict(filter, subject) {
        Verdict::Yes => true,
        Verdict::No => false,
        Verdict::Unknown => {
            undecided.push(question.clone());
            true
        }
    });
    if !undecided.is_empty() {
        let decided = Q::decided(reader, filter, &undecided).await?;
        let undecided: HashSet<Q> = undecided.into_iter().collect();
        subjects.retain(|question, _| !undecided.contains(question) || decided.contains(question));
    }
    Ok(subjects)
}

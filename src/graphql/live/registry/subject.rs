//! The things that changes are about: which changes concern them, and which of them a filter matches.

use std::collections::HashSet;

use super::{ByScope, Registry};
use crate::{
    domain::{
        change::{Change, ChangeKind, SubjectType},
        filter::{
            Collection, Conversations, Customers, EventHeader, Events, Filter, Messages, Predicate, Tickets, Value, Verdict,
        },
        time::Timestamp,
    },
    graphql::loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, Question, TicketById},
    store::{self, Reader},
};

/// Something that changes can be about.
pub(in crate::graphql::live) trait Subject: Question {
    /// How it is filtered.
    type Collection: Collection;

    /// The topics about such things.
    fn routes(registry: &mut Registry) -> &mut ByScope<Self>;

    /// The question for what a change is about, if it is about such a thing and concerns its subscribers.
    fn of(change: &Change) -> Option<Self>;

    /// Whether it matches, as far as the object alone tells.
    fn verdict(predicate: &Predicate<Self::Collection>, subject: &Self::Answer, now: Timestamp) -> Verdict;

    /// The text that a field of it has, if it is one.
    fn text(subject: &Self::Answer, field: <Self::Collection as Collection>::Field, now: Timestamp) -> Option<String>;

    /// The key by which plans read it.
    fn key(&self) -> String;

    /// Which of these match, as the store decides.
    fn decided(
        reader: &Reader,
        filter: &Filter<Self::Collection>,
        undecided: &[Self],
    ) -> impl Future<Output = std::result::Result<HashSet<Self>, store::Error>> + Send;
}

macro_rules! subject {
    ($question:ident, $type:ident $(only $kind:ident)?, $collection:ident in $routes:ident, $matching:ident, |$subject:ident| $object:expr) => {
        impl Subject for $question {
            type Collection = $collection;

            fn routes(registry: &mut Registry) -> &mut ByScope<Self> {
                &mut registry.$routes
            }

            fn of(change: &Change) -> Option<Self> {
                let concerns = change.subject_type == SubjectType::$type $(&& change.kind == ChangeKind::$kind)?;
                concerns.then(|| change.subject_id.parse().ok().map(Self)).flatten()
            }

            fn verdict(predicate: &Predicate<$collection>, $subject: &Self::Answer, now: Timestamp) -> Verdict {
                predicate.verdict($object, now)
            }

            fn text($subject: &Self::Answer, field: <$collection as Collection>::Field, now: Timestamp) -> Option<String> {
                match $collection::value($object, field, now) {
                    Value::Text(text) => Some(text.into_owned()),
                    _ => None,
                }
            }

            fn key(&self) -> String {
                self.0.to_string()
            }

            async fn decided(
                reader: &Reader,
                filter: &Filter<$collection>,
                undecided: &[Self],
            ) -> std::result::Result<HashSet<Self>, store::Error> {
                let ids: Vec<_> = undecided.iter().map(|question| question.0.clone()).collect();
                Ok(reader.$matching(&ids, filter).await?.into_iter().map(Self).collect())
            }
        }
    };
}

subject!(MessageByKey, Message only Created, Messages in messages, messages_matching, |message| message.as_domain());
subject!(ConversationById, Conversation, Conversations in conversations, conversations_matching, |conversation| conversation.as_domain());
subject!(CustomerById, Customer, Customers in customers, customers_matching, |customer| customer.as_domain());
subject!(TicketById, Ticket, Tickets in tickets, tickets_matching, |ticket| ticket.as_domain());
subject!(EventBySeq, Event, Events in events, events_matching, |event| &EventHeader {
    kind: event.as_domain().kind,
    received_at: event.as_domain().received_at
});

//! The types of objects that changes are about: which changes concern them, and which of them match a filter.

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

/// A type of object that changes are about.
pub(in crate::graphql::live) trait Subject: Question {
    /// Its filter.
    type Collection: Collection;

    /// The topics for objects of this type.
    fn routes(registry: &mut Registry) -> &mut ByScope<Self>;

    /// The key of the changed object, if it has this type and subscribers are to see the change.
    fn of(change: &Change) -> Option<Self>;

    /// Whether an object matches, as far as its own row tells.
    fn verdict(predicate: &Predicate<Self::Collection>, subject: &Self::Answer, now: Timestamp) -> Verdict;

    /// The value of a field, if it is a text.
    fn text(subject: &Self::Answer, field: <Self::Collection as Collection>::Field, now: Timestamp) -> Option<String>;

    /// The key by which plans read the object.
    fn key(&self) -> String;

    /// Which of the given objects match, as evaluated by the store.
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

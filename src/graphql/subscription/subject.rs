//! The things that changes are about: which changes concern them, and which of them a filter matches.

use std::{collections::HashSet, hash::Hash};

use crate::{
    domain::{
        change::{Change, ChangeKind, SubjectType},
        filter::{ConversationFilter, CustomerFilter, EventFilter, MessageFilter, TicketFilter, Verdict},
    },
    graphql::loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, Question, TicketById},
    store::{self, Reader},
};

/// Something that changes can be about.
pub(super) trait Subject: Question {
    /// What narrows it.
    type Filter: Eq + Hash + Send + Sync + 'static;

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
                let concerns = change.subject_type == SubjectType::$type $(&& change.kind == ChangeKind::$kind)?;
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

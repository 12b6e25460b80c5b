//! The questions that resolvers of this schema ask, and the functions to ask them through the request's loaders.

use std::collections::HashMap;

use async_graphql::Context;
use futures_util::future::try_join_all;

pub(crate) use super::loaders::Question;
use super::{
    error::Result,
    request::RequestContext,
    types::{Conversation, Customer, Event, Message, Staff, Ticket},
};
use crate::{
    domain::{
        change::SubjectType,
        event::{CustomerStatus, SocialAccount},
    },
    store::{self, Reader},
};

/// Asks one question.
pub(crate) async fn load<Q: Question>(ctx: &Context<'_>, question: Q) -> Result<Option<Q::Answer>> {
    RequestContext::of(ctx).loaders().load(question).await
}

/// Asks a question if there is one, for a link that may be empty.
pub(crate) async fn load_linked<Q: Question>(ctx: &Context<'_>, question: Option<Q>) -> Result<Option<Q::Answer>> {
    match question {
        Some(question) => load(ctx, question).await,
        None => Ok(None),
    }
}

/// Asks several questions at once; drops those without an answer.
pub(crate) async fn load_all<Q: Question>(ctx: &Context<'_>, questions: impl IntoIterator<Item = Q>) -> Result<Vec<Q::Answer>> {
    let answers = try_join_all(questions.into_iter().map(|question| load(ctx, question))).await?;
    Ok(answers.into_iter().flatten().collect())
}

/// Declares questions by key, each with the store method that answers it.
macro_rules! keyed_questions {
    ($($(#[$doc:meta])* $question:ident($key:ty) -> $answer:ty = $read:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $question(pub(crate) $key);

        impl Question for $question {
            type Answer = $answer;

            async fn answer(reader: &Reader, questions: &[Self]) -> std::result::Result<HashMap<Self, $answer>, store::Error> {
                let keys: Vec<$key> = questions.iter().map(|question| question.0.clone()).collect();
                Ok(reader.$read(&keys).await?.into_iter().map(|(key, answer)| (Self(key), answer.into())).collect())
            }
        }
    )+};
}

keyed_questions! {
    /// The customer with this id.
    CustomerById(String) -> Customer = customers_by_id;
    /// The conversation with this id.
    ConversationById(String) -> Conversation = conversations_by_id;
    /// The message with this key.
    MessageByKey(String) -> Message = messages_by_key;
    /// The ticket with this id, which may be any of its ids.
    TicketById(String) -> Ticket = tickets_by_id;
    /// The staff member with this id.
    StaffById(String) -> Staff = staff_by_id;
    /// The event with this sequence number.
    EventBySeq(i64) -> Event = events_by_seq;
    /// The social accounts of this customer.
    SocialAccountsOf(String) -> Vec<SocialAccount> = social_accounts_of;
    /// The statuses of this customer.
    StatusesOf(String) -> Vec<CustomerStatus> = statuses_of;
    /// The custom fields of this customer.
    CustomFieldsOf(String) -> Vec<(String, serde_json::Value)> = custom_fields_of;
    /// The ids of the staff members to whom this conversation is assigned.
    AssigneesOf(String) -> Vec<String> = assignees_of;
    /// The objects that this event is about, as type and source id.
    SubjectsOf(i64) -> Vec<(SubjectType, String)> = subjects_of;
    /// The position of the change that announces this event.
    PositionOf(i64) -> i64 = event_positions;
}

//! Questions that many resolvers of a request ask at once, and the loaders that put them to the store together.
//!
//! A question is a small value (`CustomerById`); its loader gathers the equal kind from all resolvers that run at the same
//! time and asks the store once. Loaders keep nothing: an answer is as fresh as its statement. They live for one
//! request, or one payload of a subscription: see `request`.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt::Debug,
    hash::Hash,
    marker::PhantomData,
    sync::{Mutex, PoisonError},
};

use async_graphql::Context;
use dataloader::{BatchFn, non_cached::Loader};
use futures_util::future::try_join_all;

use super::{
    error::{Error, Result},
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

/// Resolvers that wait for one batch, at most. The store cuts long lists of keys itself.
const MAX_BATCH: usize = 10_000;

/// Something that is asked of the store for many at once.
pub(crate) trait Question: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// What the store knows.
    type Answer: Clone + Send + Sync + 'static;

    /// Answers all of them, but for those that have no answer.
    fn answer(
        reader: &Reader,
        questions: &[Self],
    ) -> impl Future<Output = std::result::Result<HashMap<Self, Self::Answer>, store::Error>> + Send;
}

type Answered<Q> = Result<Option<<Q as Question>::Answer>>;

/// Puts a batch of questions to the store. Every question is answered, with `None` or an error if need be: the loader
/// takes a missing answer as a fault.
struct Batch<Q> {
    reader: Reader,
    question: PhantomData<Q>,
}

impl<Q: Question> BatchFn<Q, Answered<Q>> for Batch<Q> {
    async fn load(&mut self, questions: &[Q]) -> HashMap<Q, Answered<Q>> {
        let mut answers = match Q::answer(&self.reader, questions).await {
            Ok(answers) => Ok(answers),
            Err(error) => Err(Error::from(error)),
        };
        let mut answer = |question: &Q| match &mut answers {
            Ok(answers) => Ok(answers.remove(question)),
            Err(error) => Err(error.clone()),
        };
        questions.iter().map(|question| (question.clone(), answer(question))).collect()
    }
}

type LoaderOf<Q> = Loader<Q, Answered<Q>, Batch<Q>>;

/// The loaders of a request, each made when its kind of question is first asked.
pub(crate) struct Loaders {
    reader: Reader,
    by_question: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
}

impl Loaders {
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader, by_question: Mutex::default() }
    }

    /// Asks together with all who ask now.
    pub(crate) async fn load<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>> {
        let loader = self.loader::<Q>();
        let answered = loader.try_load(question).await;
        answered.unwrap_or_else(|error| Err(Error::internal(&error, "a loader left a question out")))
    }

    fn loader<Q: Question>(&self) -> LoaderOf<Q> {
        let mut loaders = self.by_question.lock().unwrap_or_else(PoisonError::into_inner);
        let loader = loaders.entry(TypeId::of::<Q>()).or_insert_with(|| {
            let batch = Batch { reader: self.reader.clone(), question: PhantomData::<Q> };
            Box::new(LoaderOf::<Q>::new(batch).with_max_batch_size(MAX_BATCH))
        });
        loader.downcast_ref::<LoaderOf<Q>>().expect("a loader is kept under the type of its question").clone()
    }
}

/// Asks one question.
pub(crate) async fn load<Q: Question>(ctx: &Context<'_>, question: Q) -> Result<Option<Q::Answer>> {
    RequestContext::of(ctx).loaders().load(question).await
}

/// Asks a question where there is one: the link of a row that may have none.
pub(crate) async fn load_linked<Q: Question>(ctx: &Context<'_>, question: Option<Q>) -> Result<Option<Q::Answer>> {
    match question {
        Some(question) => load(ctx, question).await,
        None => Ok(None),
    }
}

/// Asks several questions at once; those without an answer are left out.
pub(crate) async fn load_all<Q: Question>(ctx: &Context<'_>, questions: impl IntoIterator<Item = Q>) -> Result<Vec<Q::Answer>> {
    let answers = try_join_all(questions.into_iter().map(|question| load(ctx, question))).await?;
    Ok(answers.into_iter().flatten().collect())
}

/// Questions about something with a key, each with the read of the store that answers it.
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
    /// The ticket with this id, whichever of its ids it is.
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
    /// The ids of the staff members who have read this message.
    ReadersOf(String) -> Vec<String> = readers_of;
    /// What this event is about, as type and source id.
    SubjectsOf(i64) -> Vec<(SubjectType, String)> = subjects_of;
    /// The position of the change that announces this event.
    PositionOf(i64) -> i64 = event_positions;
}

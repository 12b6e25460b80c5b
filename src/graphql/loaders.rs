//! Loaders: batch the questions that resolvers of a request ask at the same time.
//!
//! A question is a small value (`CustomerById`). Its loader collects the questions of that type from all resolvers that run at
//! the same time, and asks the store once. Loaders do not cache: an answer is as fresh as its statement. They live for one
//! request, or for one payload of a subscription (see `request`).

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt::Debug,
    hash::Hash,
    marker::PhantomData,
    sync::{Mutex, PoisonError},
};

use dataloader::{BatchFn, non_cached::Loader};

use super::error::{Error, Result};
use crate::store::{self, Reader};

/// The largest number of questions in a batch. The store splits long lists of keys itself.
const MAX_BATCH: usize = 10_000;

/// How often a loader yields to other resolvers before it asks. All resolvers of a request run in one task, so after one turn
/// each has asked what it can. The second turn is for resolvers that waited for another loader first.
const YIELDS: usize = 2;

/// A question that the store answers in batches.
pub(crate) trait Question: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// The answer.
    type Answer: Clone + Send + Sync + 'static;

    /// Answers all given questions. Those without an answer are left out.
    fn answer(
        reader: &Reader,
        questions: &[Self],
    ) -> impl Future<Output = std::result::Result<HashMap<Self, Self::Answer>, store::Error>> + Send;
}

type Answered<Q> = Result<Option<<Q as Question>::Answer>>;

/// Asks the store in batches. Every question gets a result, `None` or an error if necessary, since the loader fails if one is
/// missing.
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

/// The loaders of a request, each created when a question of its type is first asked.
pub(crate) struct Loaders {
    reader: Reader,
    by_question: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
}

impl Loaders {
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader, by_question: Mutex::default() }
    }

    /// Asks a question in the current batch.
    pub(crate) async fn load<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>> {
        let loader = self.loader::<Q>();
        let answered = loader.try_load(question).await;
        answered.unwrap_or_else(|error| Err(Error::internal(&error, "a loader returned no result for a question")))
    }

    fn loader<Q: Question>(&self) -> LoaderOf<Q> {
        let mut loaders = self.by_question.lock().unwrap_or_else(PoisonError::into_inner);
        let loader = loaders.entry(TypeId::of::<Q>()).or_insert_with(|| {
            let batch = Batch { reader: self.reader.clone(), question: PhantomData::<Q> };
            Box::new(LoaderOf::<Q>::new(batch).with_max_batch_size(MAX_BATCH).with_yield_count(YIELDS))
        });
        loader.downcast_ref::<LoaderOf<Q>>().expect("a loader is kept under the type of its question").clone()
    }
}

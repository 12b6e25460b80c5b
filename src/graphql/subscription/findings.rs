//! The objects that a batch of changes is about, read once for all subscriptions that are at this batch.
//!
//! The first subscription reads the objects, and the first one with a filter that needs the store asks the store about it; the
//! others wait for the same answers. All see the objects as the first one did. Each question runs in a task of its own, so
//! that a subscription with a slow client holds up no other one. The task is aborted when nobody has the batch any more.
//!
//! A question is retried while the database is out of reach. A statement that times out gets [`ATTEMPTS`] attempts, since its
//! filter may be too slow every time. On any other error the subscriptions that need the answer end with it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio_util::task::AbortOnDropHandle;

use super::subject::Subject;
use crate::{
    domain::{
        change::ChangeKind,
        filter::{Filter, Predicate, Verdict},
        time::Timestamp,
    },
    feed::Batch,
    graphql::request::RequestContext,
    retry::retry,
    store::{self, Reader},
};

/// Attempts of a statement that exceeds its time limit.
const ATTEMPTS: u32 = 3;

/// Filters whose answers a batch keeps. Subscriptions with further ones ask for themselves.
const MAX_FILTERS: usize = 256;

/// The objects of a batch that `Q` asks for.
pub(super) struct Findings<Q: Subject> {
    /// What every filter takes for now, so that equal filters on "overdue" are equal questions.
    now: Timestamp,
    changes: Vec<About>,
    /// The objects that the changes are about, each once.
    questions: Arc<[Q]>,
    /// Their answers, in that order; `None` for what no longer exists.
    subjects: Answer<Vec<Option<Q::Answer>>>,
    decided: Mutex<Decided<Q::Collection>>,
}

/// Which of the questions a filter matches, as the store says, in their order.
type Decided<C> = HashMap<Arc<Predicate<C>>, Answer<Vec<bool>>>;

/// A change, and the index of its object among the questions.
struct About {
    position: i64,
    kind: ChangeKind,
    question: usize,
}

/// A change and its object.
pub(super) struct Found<T> {
    /// The position of the change.
    pub(super) position: i64,
    /// What happened.
    pub(super) kind: ChangeKind,
    /// The object.
    pub(super) subject: T,
}

impl<Q: Subject> Findings<Q> {
    /// Those of a batch, shared by all requests of the same scope.
    pub(super) fn of(batch: &Batch, context: &RequestContext) -> Arc<Self> {
        batch.kept(context.reader.scope(), || {
            context.renew();
            Self::begin(batch, context.reader.clone(), context.now())
        })
    }

    fn begin(batch: &Batch, reader: Reader, now: Timestamp) -> Self {
        let (mut questions, mut places) = (Vec::new(), HashMap::new());
        let concerning = batch.changes().iter().filter_map(|change| Some((change, Q::of(change)?)));
        let changes = concerning.map(|(change, question)| {
            let place = *places.entry(question).or_insert_with_key(|question| {
                questions.push(question.clone());
                questions.len() - 1
            });
            About { position: change.position, kind: change.kind, question: place }
        });
        let changes = changes.collect();
        let questions: Arc<[Q]> = questions.into();
        let subjects = if questions.is_empty() {
            Answer::known(Vec::new())
        } else {
            let questions = Arc::clone(&questions);
            Answer::to(async move {
                let mut answers = read(|| Q::answer(&reader, &questions)).await?;
                Ok(questions.iter().map(|question| answers.remove(question)).collect())
            })
        };
        Self { now, changes, questions, subjects, decided: Mutex::default() }
    }

    /// The changes whose object matches the filter, in the order of the log; without a filter, all of them.
    pub(super) async fn matching(
        &self,
        reader: &Reader,
        filter: Option<&Arc<Predicate<Q::Collection>>>,
    ) -> Result<Vec<Found<Q::Answer>>, Arc<store::Error>> {
        if self.changes.is_empty() {
            return Ok(Vec::new());
        }
        let subjects = self.subjects.wait().await?;
        let matches = match filter {
            Some(filter) => self.matches(reader, filter, &subjects).await?,
            None => vec![true; subjects.len()],
        };
        let found = self.changes.iter().filter(|change| matches[change.question]).filter_map(|change| {
            let subject = subjects[change.question].clone()?;
            Some(Found { position: change.position, kind: change.kind, subject })
        });
        Ok(found.collect())
    }

    /// Which of the questions a filter matches, in their order.
    async fn matches(
        &self,
        reader: &Reader,
        filter: &Arc<Predicate<Q::Collection>>,
        subjects: &[Option<Q::Answer>],
    ) -> Result<Vec<bool>, Arc<store::Error>> {
        let verdict = |subject: &Option<_>| subject.as_ref().map_or(Verdict::No, |subject| Q::verdict(filter, subject, self.now));
        let verdicts: Vec<Verdict> = subjects.iter().map(verdict).collect();
        if !verdicts.contains(&Verdict::Unknown) {
            return Ok(verdicts.iter().map(|verdict| *verdict == Verdict::Yes).collect());
        }
        let decided = self.decided(reader, filter, &verdicts).wait().await?;
        let matches = |(verdict, decided): (&Verdict, &bool)| match verdict {
            Verdict::Yes => true,
            Verdict::No => false,
            Verdict::Unknown => *decided,
        };
        Ok(verdicts.iter().zip(&*decided).map(matches).collect())
    }

    /// What the store says about a filter. Equal filters have equal verdicts, and so leave the same questions open.
    fn decided(&self, reader: &Reader, filter: &Arc<Predicate<Q::Collection>>, verdicts: &[Verdict]) -> Answer<Vec<bool>> {
        let mut decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = decided.get(filter) {
            return answer.clone();
        }
        let open = |(question, verdict): (&Q, &Verdict)| (*verdict == Verdict::Unknown).then(|| question.clone());
        let open: Vec<Q> = self.questions.iter().zip(verdicts).filter_map(open).collect();
        let (reader, questions) = (reader.clone(), Arc::clone(&self.questions));
        let asked = Filter::new(Predicate::clone(filter), self.now);
        let answer = Answer::to(async move {
            let matching = read(|| Q::decided(&reader, &asked, &open)).await?;
            Ok(questions.iter().map(|question| matching.contains(question)).collect())
        });
        if decided.len() < MAX_FILTERS {
            decided.insert(Arc::clone(filter), answer.clone());
        }
        answer
    }
}

/// The result of a task, for all who wait for it. The task is aborted when the last of them is gone.
#[derive(Clone)]
struct Answer<T>(Shared<BoxFuture<'static, Result<Arc<T>, Arc<store::Error>>>>);

impl<T: Send + Sync + 'static> Answer<T> {
    fn to(question: impl Future<Output = Result<T, store::Error>> + Send + 'static) -> Self {
        let task = AbortOnDropHandle::new(tokio::spawn(question));
        let answer = task.map(|ended| {
            let answer = ended.unwrap_or_else(|error| Err(store::Error::Abandoned(error.to_string())));
            answer.map(Arc::new).map_err(Arc::new)
        });
        Self(answer.boxed().shared())
    }

    fn known(answer: T) -> Self {
        let answer = Arc::new(answer);
        Self(async { Ok(answer) }.boxed().shared())
    }

    async fn wait(&self) -> Result<Arc<T>, Arc<store::Error>> {
        self.0.clone().await
    }
}

/// Reads from the store, and retries what may pass.
async fn read<T, R: Future<Output = Result<T, store::Error>>>(read: impl FnMut() -> R) -> Result<T, store::Error> {
    let mut timeouts = 0;
    let may_pass = |error: &store::Error| {
        timeouts += u32::from(error.is_timeout());
        error.is_unavailable() || (error.is_timeout() && timeouts < ATTEMPTS)
    };
    retry("reading the objects of changes", may_pass, read).await
}

//! What a batch of changes is about, found out once for all subscriptions that are at this batch.
//!
//! The first of them asks for the objects, and the first with a filter that they don't decide asks the store about that
//! filter; the others wait for the same answers. All see the objects as that first one did. Each question runs in a task of
//! its own, so that a subscription whose client is slow holds up no other one, and keeps trying while the store can't be read;
//! it is given up when nobody has the batch any more.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
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
    store::{self, Reader},
};

/// How long a failed read waits before it is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// Filters whose answers a batch keeps; what more there are ask for themselves.
const MAX_FILTERS: usize = 256;

/// The findings about the things that `Q` asks for.
pub(super) struct Findings<Q: Subject> {
    /// When they began: what every filter takes for now, so that equal ones on "overdue" are equal questions.
    now: Timestamp,
    changes: Vec<About>,
    /// What the changes are about, each once.
    questions: Arc<[Q]>,
    /// Their answers, in that order; nothing for what no longer exists.
    subjects: Answer<Vec<Option<Q::Answer>>>,
    decided: Mutex<Decided<Q::Collection>>,
}

/// Which of the questions a filter matches, by the store's word, in their order.
type Decided<C> = HashMap<Arc<Predicate<C>>, Answer<Vec<bool>>>;

/// A change, and the place of what it is about among the questions.
struct About {
    position: i64,
    kind: ChangeKind,
    question: usize,
}

/// A change and what it is about.
pub(super) struct Found<T> {
    /// The position of the change.
    pub(super) position: i64,
    /// What happened.
    pub(super) kind: ChangeKind,
    /// What it happened to.
    pub(super) subject: T,
}

impl<Q: Subject> Findings<Q> {
    /// Those of a batch, for all who may see what this request may.
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
                let mut answers = until_read(|| Q::answer(&reader, &questions)).await;
                questions.iter().map(|question| answers.remove(question)).collect()
            })
        };
        Self { now, changes, questions, subjects, decided: Mutex::default() }
    }

    /// The changes of what a filter matches, in the order of the log; without a filter, all of them.
    pub(super) async fn matching(
        &self,
        reader: &Reader,
        filter: Option<&Arc<Predicate<Q::Collection>>>,
    ) -> Vec<Found<Q::Answer>> {
        if self.changes.is_empty() {
            return Vec::new();
        }
        let subjects = self.subjects.wait().await;
        let matches = match filter {
            Some(filter) => self.matches(reader, filter, &subjects).await,
            None => vec![true; subjects.len()],
        };
        let found = self.changes.iter().filter(|change| matches[change.question]).filter_map(|change| {
            let subject = subjects[change.question].clone()?;
            Some(Found { position: change.position, kind: change.kind, subject })
        });
        found.collect()
    }

    /// Which of the questions a filter matches, in their order.
    async fn matches(
        &self,
        reader: &Reader,
        filter: &Arc<Predicate<Q::Collection>>,
        subjects: &[Option<Q::Answer>],
    ) -> Vec<bool> {
        let verdict = |subject: &Option<_>| subject.as_ref().map_or(Verdict::No, |subject| Q::verdict(filter, subject, self.now));
        let verdicts: Vec<Verdict> = subjects.iter().map(verdict).collect();
        if !verdicts.contains(&Verdict::Unknown) {
            return verdicts.iter().map(|verdict| *verdict == Verdict::Yes).collect();
        }
        let decided = self.decided(reader, filter, &verdicts).wait().await;
        let matches = |(verdict, decided): (&Verdict, &bool)| match verdict {
            Verdict::Yes => true,
            Verdict::No => false,
            Verdict::Unknown => *decided,
        };
        verdicts.iter().zip(&*decided).map(matches).collect()
    }

    /// What the store says of a filter. The verdicts are the same for equal filters, and so is what they leave open.
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
            let matching = until_read(|| Q::decided(&reader, &asked, &open)).await;
            questions.iter().map(|question| matching.contains(question)).collect()
        });
        if decided.len() < MAX_FILTERS {
            decided.insert(Arc::clone(filter), answer.clone());
        }
        answer
    }
}

/// What a task finds out, for all who wait for it; nothing if it panicked. The task ends with the last of them.
#[derive(Clone)]
struct Answer<T>(Shared<BoxFuture<'static, Option<Arc<T>>>>);

impl<T: Send + Sync + 'static> Answer<T> {
    fn to(question: impl Future<Output = T> + Send + 'static) -> Self {
        let task = AbortOnDropHandle::new(tokio::spawn(question));
        Self(task.map(|found| found.ok().map(Arc::new)).boxed().shared())
    }

    fn known(answer: T) -> Self {
        let answer = Arc::new(answer);
        Self(async { Some(answer) }.boxed().shared())
    }

    async fn wait(&self) -> Arc<T> {
        self.0.clone().await.expect("what is asked of the store does not panic")
    }
}

/// Reads for as long as the store can't be read.
async fn until_read<T, R: Future<Output = Result<T, store::Error>>>(read: impl Fn() -> R) -> T {
    loop {
        match read().await {
            Ok(answer) => return answer,
            Err(error) => {
                tracing::warn!(%error, "what changed can't be read, trying again");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

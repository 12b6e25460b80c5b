//! A subscription to changes of one type of object: which changes match, and their payloads.

use std::sync::Arc;

use async_graphql::Variables;
use futures_util::future::BoxFuture;

use super::{
    super::{
        executed::Executed,
        topic::{Payload, Place, Topic},
    },
    Fingerprint, Registry,
    changes::{Changes, Concerning, Recorded},
    source,
    subject::Subject,
};
use crate::{
    clock::Clock,
    domain::{
        filter::{Predicate, Verdict},
        time::Timestamp,
    },
    feed::{Arrived, Batch},
    graphql::{
        plan::{Announced, Answer, Reported, Subscribed, answers},
        subscription::Announcement,
    },
    store::{self, Reader},
};

/// A subscription to changes.
pub(in crate::graphql::live) struct Watching<Q: Subject> {
    /// The condition on changed objects, if any.
    pub(in crate::graphql::live) filter: Option<Arc<Predicate<Q::Collection>>>,
    /// Reads in the scope of the subscription.
    pub(in crate::graphql::live) reader: Reader,
    /// The digest of the document.
    pub(in crate::graphql::live) document: Fingerprint,
    /// How payloads are made.
    pub(in crate::graphql::live) execution: Execution,
    /// The source of the current time.
    pub(in crate::graphql::live) clock: Clock,
}

/// How payloads are made.
pub(in crate::graphql::live) enum Execution {
    /// By a plan, with the variables of the subscription.
    Planned(Arc<Subscribed>, Variables),
    /// By async-graphql.
    Executed(Box<Executed>),
}

/// Equal for subscriptions that get the same payload for each change.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graphql::live) enum ExecutionKey {
    /// All subscriptions with the same document.
    Shared(Fingerprint),
    /// A single subscription.
    Own(usize),
}

impl<Q: Subject> Watching<Q> {
    /// The key that subscriptions with the same payloads share, within a scope.
    pub(in crate::graphql::live) fn execution_key(&self) -> ExecutionKey {
        match &self.execution {
            Execution::Planned(subscribed, _) if !subscribed.has_variables => ExecutionKey::Shared(self.document),
            _ => ExecutionKey::Own(std::ptr::from_ref(self).addr()),
        }
    }

    /// Whether objects can be read together for this and other subscriptions.
    pub(in crate::graphql::live) fn is_joinable(&self) -> bool {
        matches!(&self.execution, Execution::Planned(subscribed, _) if subscribed.is_joinable())
    }

    /// The payloads of changes for several [joinable](Self::is_joinable) subscriptions in one scope, or for a single
    /// subscription, in order; `None` if the object no longer exists.
    pub(in crate::graphql::live) async fn answers(
        requests: &[(&Self, &[Concerning])],
        subjects: &[Q],
        now: Timestamp,
    ) -> Result<Vec<Vec<Option<Payload>>>, store::Error> {
        let Some((Self { reader, .. }, _)) = requests.first() else { return Ok(Vec::new()) };
        let (mut reported, without) = (Vec::with_capacity(requests.len()), Variables::default());
        let mut variables = &without;
        for (watching, changes) in requests {
            match &watching.execution {
                Execution::Planned(subscribed, given) => {
                    variables = given;
                    let announced = changes.iter().map(|change| Announced {
                        position: change.position,
                        kind: change.kind,
                        key: subjects[change.subject].key(),
                    });
                    reported.push(Reported { subscribed: subscribed.clone(), changes: announced.collect() });
                }
                Execution::Executed(executed) => return Ok(vec![watching.executed(executed, subjects, changes).await?]),
            }
        }
        let answers = answers(reader, variables, reported, now).await?;
        let payload = |(answer, change): (Option<Answer>, &Concerning)| {
            answer.map(|answer| Payload {
                place: Place::at(change.position),
                fingerprint: None,
                arrived: change.arrived,
                data: answer.data.into(),
                errors: answer.errors.into(),
            })
        };
        let of_each =
            |(answers, (_, changes)): (Vec<_>, &(_, &[Concerning]))| answers.into_iter().zip(*changes).map(payload).collect();
        Ok(answers.into_iter().zip(requests).map(of_each).collect())
    }

    /// The payloads of changes, made by async-graphql.
    async fn executed(
        &self,
        executed: &Executed,
        subjects: &[Q],
        changes: &[Concerning],
    ) -> Result<Vec<Option<Payload>>, store::Error> {
        let mut distinct: Vec<Q> = changes.iter().map(|change| subjects[change.subject].clone()).collect();
        distinct.dedup();
        let found = Q::answer(&self.reader, &distinct).await?;
        let mut payloads = Vec::with_capacity(changes.len());
        for change in changes {
            let Some(subject) = found.get(&subjects[change.subject]).cloned() else {
                payloads.push(None);
                continue;
            };
            let cursor = self.reader.live_cursor(change.position).to_string();
            let announcement = Announcement { cursor, kind: change.kind.into(), subject };
            let payload = executed.payload(executed.reader.clone(), change.position, announcement).await;
            payloads.push(payload.map(|payload| Payload { arrived: change.arrived, ..payload }));
        }
        Ok(payloads)
    }

    /// The changes that match.
    async fn matching(&self, changes: &Changes<Q>, now: Timestamp) -> Result<Vec<Concerning>, store::Error> {
        let Some(filter) = &self.filter else { return Ok(changes.changes.clone()) };
        let subjects = changes.read(&self.reader).await?;
        let verdict = |subject: &Option<_>| subject.as_ref().map_or(Verdict::No, |subject| Q::verdict(filter, subject, now));
        let verdicts: Vec<Verdict> = subjects.iter().map(verdict).collect();
        let undecided: Vec<usize> =
            (0..).zip(&verdicts).filter_map(|(place, verdict)| (*verdict == Verdict::Unknown).then_some(place)).collect();
        let decided =
            if undecided.is_empty() { Vec::new() } else { changes.decided(&self.reader, filter, &undecided, now).await? };
        let matches = |change: &&Concerning| verdicts[change.subject] == Verdict::Yes || decided.contains(&change.subject);
        Ok(changes.changes.iter().filter(matches).copied().collect())
    }
}

impl<Q: Subject> source::Changes for Watching<Q> {
    fn payloads(&self, batch: Batch) -> BoxFuture<'_, Result<Vec<Payload>, store::Error>> {
        Box::pin(async move {
            let (recorded, now) = (Recorded::<Q>::of(&batch, &Arrived::default()), self.clock.now());
            if recorded.is_empty() {
                return Ok(Vec::new());
            }
            let changes = recorded.seen_by(&self.reader).await?;
            if changes.changes.is_empty() {
                return Ok(Vec::new());
            }
            let matching = self.matching(&changes, now).await?;
            if matching.is_empty() {
                return Ok(Vec::new());
            }
            let payloads = Self::answers(&[(self, &matching)], &changes.subjects, now).await?;
            Ok(payloads.into_iter().flatten().flatten().collect())
        })
    }

    fn enter(self: Arc<Self>, topic: &Arc<Topic>, registry: &mut Registry) {
        Q::routes(registry).entry(self.reader.scope().clone()).or_default().add(topic, &self);
    }

    fn leave(&self, topic: &Arc<Topic>, registry: &mut Registry) {
        let routes = Q::routes(registry);
        if routes.get_mut(self.reader.scope()).is_some_and(|of_scope| of_scope.remove(topic, self)) {
            routes.remove(self.reader.scope());
        }
    }
}

//! All topics, and a look-up of those that a change may concern.
//!
//! Topics for one type of object in one scope are tested together. If a topic's filter requires a field to equal one of certain
//! texts, such as a conversation's id, the topic is found by that text. The filters of the others are tried one by one.

pub(super) mod changes;
pub(super) mod source;
pub(super) mod subject;
pub(super) mod watching;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicI64},
};

use self::{source::Source, subject::Subject, watching::Watching};
use super::{
    live_result::LiveResult,
    topic::{Ended, Topic},
};
use crate::{
    domain::{
        filter::{Collection, Predicate, Verdict},
        scope::Scope,
        time::Timestamp,
    },
    graphql::loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, TicketById},
    metrics::{GaugeGuard, Metrics},
};

/// A result that is kept up to date, with its topic.
pub(super) type LiveTopic = (Arc<Topic>, Arc<dyn LiveResult>);

/// The key that equal subscriptions share: a digest of document, operation and variables, and the scope.
pub(super) type Key = (Fingerprint, Scope);

/// A SHA-256 digest.
pub(super) type Fingerprint = [u8; 32];

/// All topics.
#[derive(Default)]
pub(super) struct Registry {
    /// The position from which new topics are served.
    pub(super) position: i64,
    topics: HashMap<Key, Followed>,
    pub(super) messages: ByScope<MessageByKey>,
    pub(super) conversations: ByScope<ConversationById>,
    pub(super) customers: ByScope<CustomerById>,
    pub(super) tickets: ByScope<TicketById>,
    pub(super) events: ByScope<EventBySeq>,
    live_results: Vec<LiveTopic>,
}

/// The topics for one type of object, by scope.
pub(super) type ByScope<Q> = HashMap<Scope, Routes<Q>>;

struct Followed {
    topic: Arc<Topic>,
    source: Source,
    followers: usize,
    /// Counts as a topic.
    _counted: GaugeGuard,
}

impl Registry {
    /// Returns the topic for a subscription and its source, with one more follower.
    pub(super) fn enter(
        &mut self,
        key: Key,
        through: &Arc<AtomicI64>,
        source: Source,
        metrics: &Metrics,
    ) -> (Arc<Topic>, Source) {
        if let Some(followed) = self.topics.get_mut(&key).filter(|followed| !followed.topic.has_ended()) {
            followed.followers += 1;
            return (followed.topic.clone(), followed.source.clone());
        }
        if let Some(ended) = self.topics.remove(&key) {
            self.remove(&ended);
        }
        let through = match &source {
            Source::Changes(_) => through.clone(),
            Source::Result(result) => result.through().clone(),
        };
        let topic = Arc::new(Topic::new(self.position, through));
        match &source {
            Source::Changes(changes) => changes.clone().enter(&topic, self),
            Source::Result(result) => self.live_results.push((topic.clone(), result.clone())),
        }
        self.topics.insert(
            key,
            Followed {
                topic: topic.clone(),
                source: source.clone(),
                followers: 1,
                _counted: metrics.topics.increment_until_drop(),
            },
        );
        (topic, source)
    }

    /// Removes a follower, and with the last follower the topic.
    pub(super) fn leave(&mut self, key: &Key, topic: &Arc<Topic>) {
        let Some(followed) = self.topics.get_mut(key).filter(|followed| Arc::ptr_eq(&followed.topic, topic)) else { return };
        followed.followers -= 1;
        if followed.followers == 0
            && let Some(left) = self.topics.remove(key)
        {
            self.remove(&left);
        }
    }

    fn remove(&mut self, Followed { topic, source, .. }: &Followed) {
        match source {
            Source::Changes(changes) => changes.leave(topic, self),
            Source::Result(_) => self.live_results.retain(|(other, _)| !Arc::ptr_eq(other, topic)),
        }
    }

    /// All results that are kept up to date.
    pub(super) fn live_results(&self) -> Vec<LiveTopic> {
        self.live_results.iter().filter(|(topic, _)| !topic.has_ended()).cloned().collect()
    }

    /// Ends and removes all topics.
    pub(super) fn end(&mut self, ended: &Ended) {
        for (_, followed) in self.topics.drain() {
            followed.topic.end(ended.clone());
        }
        *self = Self { position: self.position, ..Self::default() };
    }
}

/// A topic and its subscription.
pub(super) struct Route<Q: Subject> {
    pub(super) topic: Arc<Topic>,
    pub(super) watching: Arc<Watching<Q>>,
}

impl<Q: Subject> Clone for Route<Q> {
    fn clone(&self) -> Self {
        Self { topic: self.topic.clone(), watching: self.watching.clone() }
    }
}

type Filter<Q> = Arc<Predicate<<Q as Subject>::Collection>>;
type Field<Q> = <<Q as Subject>::Collection as Collection>::Field;

/// The topics for one type of object in one scope.
pub(super) struct Routes<Q: Subject> {
    /// Topics without a filter.
    all: Vec<Route<Q>>,
    /// The other topics, by filter.
    filtered: HashMap<Filter<Q>, Vec<Route<Q>>>,
    /// Filters by the texts of which a field must equal one.
    pinned: HashMap<Field<Q>, HashMap<String, Vec<Filter<Q>>>>,
    /// Filters without such a field.
    loose: Vec<Filter<Q>>,
}

impl<Q: Subject> Default for Routes<Q> {
    fn default() -> Self {
        Self { all: Vec::new(), filtered: HashMap::new(), pinned: HashMap::new(), loose: Vec::new() }
    }
}

/// The topics that changes concern, as far as the objects alone tell.
pub(super) struct Concerned<Q: Subject> {
    /// Topics, each with the indexes of the objects that match.
    pub(super) matched: Vec<(Route<Q>, Vec<usize>)>,
    /// Filters that the store has to evaluate.
    pub(super) open: Vec<Open<Q>>,
}

/// A filter that the store has to evaluate for some objects.
pub(super) struct Open<Q: Subject> {
    pub(super) filter: Filter<Q>,
    /// The topics with the filter.
    pub(super) routes: Vec<Route<Q>>,
    /// The indexes of objects that match.
    pub(super) matched: Vec<usize>,
    /// The indexes of objects that may match.
    pub(super) undecided: Vec<usize>,
}

impl<Q: Subject> Routes<Q> {
    /// Whether any topic has a filter that tests objects.
    pub(super) fn look_at_subjects(&self) -> bool {
        !self.filtered.is_empty()
    }

    /// Any one of the topics; all read through the same reader.
    pub(super) fn any(&self) -> Option<&Route<Q>> {
        self.all.first().or_else(|| self.filtered.values().flatten().next())
    }

    pub(super) fn add(&mut self, topic: &Arc<Topic>, watching: &Arc<Watching<Q>>) {
        let route = Route { topic: topic.clone(), watching: watching.clone() };
        let Some(filter) = &watching.filter else { return self.all.push(route) };
        if let Some(routes) = self.filtered.get_mut(filter) {
            return routes.push(route);
        }
        match filter.pinned() {
            Some((field, pinned)) => {
                let texts = self.pinned.entry(field).or_default();
                for text in pinned {
                    texts.entry(text.to_owned()).or_insert_with(|| Vec::with_capacity(1)).push(filter.clone());
                }
            }
            None => self.loose.push(filter.clone()),
        }
        self.filtered.insert(filter.clone(), vec![route]);
    }

    /// Removes a topic. Returns whether it was the last one.
    pub(super) fn remove(&mut self, topic: &Arc<Topic>, watching: &Watching<Q>) -> bool {
        let is_other = |route: &Route<Q>| !Arc::ptr_eq(&route.topic, topic);
        if let Some(filter) = &watching.filter {
            if let Some(routes) = self.filtered.get_mut(filter) {
                routes.retain(is_other);
                if routes.is_empty() {
                    self.filtered.remove(filter);
                    self.forget(filter);
                }
            }
        } else {
            self.all.retain(is_other);
        }
        self.all.is_empty() && self.filtered.is_empty()
    }

    /// Leaves the changes up to a position to the followers.
    pub(super) fn skip(&self, position: i64) {
        self.all.iter().chain(self.filtered.values().flatten()).for_each(|route| route.topic.skip(position));
    }

    fn forget(&mut self, filter: &Filter<Q>) {
        let Some((field, pinned)) = filter.pinned() else { return self.loose.retain(|other| other != filter) };
        if let Some(texts) = self.pinned.get_mut(&field) {
            for text in pinned {
                if let Some(filters) = texts.get_mut(text) {
                    filters.retain(|other| other != filter);
                    if filters.is_empty() {
                        texts.remove(text);
                    }
                }
            }
            if texts.is_empty() {
                self.pinned.remove(&field);
            }
        }
    }

    /// The topics that the given objects concern. Topics without a filter match all `count` objects. For the others, `subjects`
    /// has the objects as read; `None` for one that no longer exists.
    pub(super) fn concerned(&self, count: usize, subjects: &[Option<Q::Answer>], now: Timestamp) -> Concerned<Q> {
        let everything = || (0..count).collect::<Vec<_>>();
        let mut matched: Vec<_> = self.all.iter().map(|route| (route.clone(), everything())).collect();
        let mut open = Vec::new();
        for (filter, places) in self.candidates(subjects, now) {
            let (mut yes, mut undecided) = (Vec::new(), Vec::new());
            for place in places {
                let verdict = subjects[place].as_ref().map_or(Verdict::No, |subject| Q::verdict(filter, subject, now));
                match verdict {
                    Verdict::Yes => yes.push(place),
                    Verdict::Unknown => undecided.push(place),
                    Verdict::No => {}
                }
            }
            let routes = || self.filtered[filter].iter().cloned();
            if !undecided.is_empty() {
                open.push(Open { filter: filter.clone(), routes: routes().collect(), matched: yes, undecided });
            } else if !yes.is_empty() {
                matched.extend(routes().map(|route| (route, yes.clone())));
            }
        }
        Concerned { matched, open }
    }

    /// The filters that objects may match, each with the indexes of the objects.
    fn candidates<'r>(&'r self, subjects: &[Option<Q::Answer>], now: Timestamp) -> HashMap<&'r Filter<Q>, Vec<usize>> {
        let places: Vec<usize> = (0..subjects.len()).collect();
        let mut candidates: HashMap<&Filter<Q>, Vec<usize>> = self.loose.iter().map(|filter| (filter, places.clone())).collect();
        for (field, texts) in &self.pinned {
            for (place, subject) in subjects.iter().enumerate() {
                let text = subject.as_ref().and_then(|subject| Q::text(subject, *field, now));
                for filter in text.and_then(|text| texts.get(&text)).into_iter().flatten() {
                    candidates.entry(filter).or_default().push(place);
                }
            }
        }
        candidates
    }
}
